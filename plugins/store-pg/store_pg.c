/* SPDX-License-Identifier: Apache-2.0 */
/* The store in a PostgreSQL database, or in an engine that speaks its protocol.
 *
 * A call takes a connection of the pool, and gives it back whatever happens.  What surely was not
 * applied is tried again within the call's time: a read always, a commit when the database said
 * that others write the same, or when the connection was lost before COMMIT was sent. */
#include "store_pg.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "codec/store_check.h"
#include "pg_commit.h"
#include "pg_pool.h"
#include "pg_rows.h"
#include "pg_schema.h"

enum { TRIES_MAX = 8, MIGRATE_TIMEOUT_MS = 60000 };

struct tsec_store {
    struct pg_env env;
    struct pg_pool pool;
};

static int64_t
deadline_of(int timeout_ms)
{
    return tsec_clock_mono_ns(&tsec_clock_system) + timeout_ms * INT64_C(1000000);
}

/* ---- life ---- */

static void
pg_close(struct tsec_store *store)
{
    if (store != NULL) {
        pg_pool_stop(&store->pool);
        pg_env_done(&store->env);
        free(store);
    }
}

/* The first connection is made here, so that a start that cannot work fails with the reason. */
static tsec_rc
open_first(struct tsec_store *store, struct pg_conn *conn, struct tsec_err *err)
{
    struct pg_durability durability;

    conn->deadline_ns = deadline_of(2 * store->env.settings.call_timeout_ms);
    TSEC_TRY(pg_conn_open(conn, err));
    TSEC_TRY(pg_session_begin(conn, &durability, err));
    pg_env_warn(&store->env);
    pg_session_tell(&store->env, &durability);
    TSEC_TRY(pg_schema_ensure(conn, err));
    TSEC_TRY(pg_schema_check(conn, err));
    TSEC_TRY(pg_session_prepare(conn, err));
    TSEC_TRY(pg_doubt_name(conn, err));
    if (durability.standbys) {
        TSEC_TRY(pg_commit_fence(conn, err));
    }
    return pg_pool_start(&store->pool, &store->env, conn, &durability, err);
}

static tsec_rc
pg_open(const struct tsec_host *host, const char *uri, struct tsec_store **out,
        struct tsec_err *err)
{
    struct tsec_store *store = calloc(1, sizeof(*store));
    struct pg_conn conn;
    tsec_rc rc;

    if (store == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a store");
    }
    pg_conn_init(&conn, &store->env);
    rc = pg_env_init(&store->env, host, uri, err);
    if (!tsec_failed(rc)) {
        rc = open_first(store, &conn, err);
    }
    pg_conn_close(&conn);
    if (tsec_failed(rc)) {
        pg_close(store);
        return rc;
    }
    *out = store;
    return TSEC_OK;
}

static tsec_rc
migrate_by(struct pg_conn *conn, struct tsec_err *err)
{
    const struct tsec_host *host = pg_conn_log(conn);
    struct pg_durability durability;
    int64_t have = 0;

    conn->deadline_ns = deadline_of(conn->env->settings.call_timeout_ms);
    TSEC_TRY(pg_conn_open(conn, err));
    TSEC_TRY(pg_session_begin(conn, &durability, err));
    TSEC_TRY(pg_schema_migrate(conn, &have, err));
    if (have == PG_SCHEMA_VERSION) {
        host->log(host->ctx, TSEC_LOG_INFO, "schema %s: format %d, nothing to do",
                  conn->env->place.schema, PG_SCHEMA_VERSION);
    } else {
        host->log(host->ctx, TSEC_LOG_INFO, "schema %s: format %lld became %d",
                  conn->env->place.schema, (long long)have, PG_SCHEMA_VERSION);
    }
    return TSEC_OK;
}

static tsec_rc
pg_migrate(const struct tsec_host *host, const char *uri, struct tsec_err *err)
{
    struct pg_env env;
    struct pg_conn conn;
    tsec_rc rc = pg_env_init(&env, host, uri, err);

    pg_conn_init(&conn, &env);
    if (!tsec_failed(rc)) {
        env.settings.call_timeout_ms = MIGRATE_TIMEOUT_MS;
        rc = migrate_by(&conn, err);
    }
    pg_conn_close(&conn);
    pg_env_done(&env);
    return rc;
}

/* ---- trying again ---- */

/* Longer each time, and never the same for two servers that met once. */
static void
pause_before(int try, int64_t deadline_ns)
{
    const int64_t now = tsec_clock_mono_ns(&tsec_clock_system);
    const int64_t most = (INT64_C(1000000) << (try < 6 ? try : 6));
    const int64_t wait = most / 4 + now % (most - most / 4);
    const struct timespec pause = { 0, (long)(now + wait < deadline_ns ? wait : 0) };

    (void)nanosleep(&pause, NULL);
}

static bool
time_is_left(int try, int64_t deadline_ns)
{
    return try + 1 < TRIES_MAX && tsec_clock_mono_ns(&tsec_clock_system) < deadline_ns;
}

/* ---- reading ---- */

/* What may be asked again as long as nothing was handed out. */
struct question {
    struct tsec_store *store;
    tsec_rc (*ask)(struct question *q, struct pg_conn *conn, struct tsec_err *err);
    struct pg_visitor visitor;
    const struct tsec_span *keys;
    size_t n; /* of the keys; of a page: at most so many records */
    struct tsec_store_bounds bounds;
};

/* `again`: the connection was there, and another may do better. */
static tsec_rc
ask_once(struct question *q, int64_t deadline_ns, bool *again, struct tsec_err *err)
{
    struct pg_conn *conn = NULL;
    tsec_rc rc;

    *again = false;
    TSEC_TRY(pg_pool_take(&q->store->pool, deadline_ns, &conn, err));
    rc = q->ask(q, conn, err);
    pg_pool_put(&q->store->pool, conn);
    *again = rc.code == TSEC_E_UNAVAILABLE && q->visitor.visited == 0;
    return rc;
}

static tsec_rc
put_question(struct question *q, struct tsec_err *err)
{
    const int64_t deadline_ns = deadline_of(q->store->env.settings.call_timeout_ms);
    bool again;
    tsec_rc rc = ask_once(q, deadline_ns, &again, err);

    for (int try = 0; again && time_is_left(try, deadline_ns); try++) {
        pause_before(try, deadline_ns);
        rc = ask_once(q, deadline_ns, &again, err);
    }
    return rc;
}

static tsec_rc
ask_get(struct question *q, struct pg_conn *conn, struct tsec_err *err)
{
    return pg_rows_get(conn, q->keys[0], &q->visitor, err);
}

static tsec_rc
into_sink(void *ctx, struct tsec_span key, struct tsec_span value)
{
    const struct tsec_sink *sink = ctx;

    (void)key;
    return sink->write(sink->ctx, value);
}

static tsec_rc
pg_get(struct tsec_store *store, struct tsec_span key, const struct tsec_sink *out,
       struct tsec_err *err)
{
    struct tsec_sink sink = *out;
    struct question q = { .store = store,
                          .ask = ask_get,
                          .visitor = { .visit = into_sink, .ctx = &sink },
                          .keys = &key };
    tsec_rc rc;

    TSEC_TRY(tsec_store_check_key(key, err));
    rc = put_question(&q, err);
    if (q.visitor.visited > 0 && !q.visitor.failed) {
        return TSEC_OK; /* a connection lost after the record came changes nothing */
    }
    return tsec_failed(rc) ? rc : TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no such key");
}

/* ---- many keys ---- */

/* The database answers each key once; the caller may have asked twice. */
struct repeats {
    const struct tsec_span *sorted[TSEC_STORE_KEYS_MAX];
    size_t n;
    tsec_store_visit_fn visit;
    void *ctx;
};

static int
compare_spans(const void *a, const void *b)
{
    return tsec_span_compare(**(const struct tsec_span *const *)a,
                             **(const struct tsec_span *const *)b);
}

static tsec_rc
visit_repeats(void *ctx, struct tsec_span key, struct tsec_span value)
{
    const struct repeats *r = ctx;
    size_t low = 0;
    size_t high = r->n;

    while (low < high) {
        const size_t mid = low + (high - low) / 2;

        if (tsec_span_compare(*r->sorted[mid], key) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    for (; low < r->n && tsec_span_equal(*r->sorted[low], key); low++) {
        TSEC_TRY(r->visit(r->ctx, key, value));
    }
    return TSEC_OK;
}

static tsec_rc
ask_many(struct question *q, struct pg_conn *conn, struct tsec_err *err)
{
    return pg_rows_get_many(conn, q->keys, q->n, &q->visitor, err);
}

static tsec_rc
pg_get_many(struct tsec_store *store, const struct tsec_span *keys, size_t n,
            tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    struct repeats r = { .n = n, .visit = visit, .ctx = ctx };
    struct question q = { .store = store,
                          .ask = ask_many,
                          .visitor = { .visit = visit_repeats, .ctx = &r },
                          .keys = keys,
                          .n = n };

    TSEC_TRY(tsec_store_check_keys(keys, n, err));
    if (n == 0) {
        return TSEC_OK;
    }
    for (size_t i = 0; i < n; i++) {
        r.sorted[i] = &keys[i];
    }
    qsort(r.sorted, n, sizeof(r.sorted[0]), compare_spans);
    return put_question(&q, err);
}

/* ---- scan ---- */

/* Page by page, each from behind the last record that was visited: so a page that breaks off goes
 * on where it stopped, by another connection. */
struct walk {
    tsec_store_visit_fn visit;
    void *ctx;
    uint8_t last[TSEC_STORE_KEY_MAX];
    size_t last_len;
};

static tsec_rc
visit_and_note(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct walk *walk = ctx;

    memcpy(walk->last, key.ptr, key.len);
    walk->last_len = key.len;
    return walk->visit(walk->ctx, key, value);
}

static tsec_rc
ask_page(struct question *q, struct pg_conn *conn, struct tsec_err *err)
{
    return pg_rows_scan(conn, &q->bounds, q->n, &q->visitor, err);
}

static tsec_rc
pg_scan(struct tsec_store *store, struct tsec_span prefix, struct tsec_span after, size_t limit,
        tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    struct walk walk = { .visit = visit, .ctx = ctx };
    struct question q = { .store = store, .ask = ask_page };
    bool more = limit > 0;

    TSEC_TRY(tsec_store_check_range(prefix, after, err));
    tsec_store_bounds(prefix, after, &q.bounds);
    while (more) {
        tsec_rc rc;

        q.n = limit < PG_PAGE_ROWS ? limit : PG_PAGE_ROWS;
        q.visitor = (struct pg_visitor){ .visit = visit_and_note, .ctx = &walk };
        rc = put_question(&q, err);
        if (tsec_failed(rc)
            && (rc.code != TSEC_E_UNAVAILABLE || q.visitor.failed || q.visitor.visited == 0)) {
            return rc;
        }
        limit -= q.visitor.visited;
        more = limit > 0 && (tsec_failed(rc) || q.visitor.visited == q.n);
        tsec_store_bounds(prefix, tsec_span(walk.last, walk.last_len), &q.bounds);
    }
    return TSEC_OK;
}

/* ---- writing ---- */

static tsec_rc
commit_once(struct tsec_store *store, const struct tsec_store_op *ops, size_t n,
            int64_t deadline_ns, bool *again, struct tsec_err *err)
{
    struct pg_conn *conn = NULL;
    tsec_rc rc;

    *again = false;
    TSEC_TRY(pg_pool_take(&store->pool, deadline_ns, &conn, err));
    rc = pg_commit(conn, ops, n, again, err);
    pg_pool_put(&store->pool, conn);
    return rc;
}

static tsec_rc
pg_commit_ops(struct tsec_store *store, const struct tsec_store_op *ops, size_t n,
              struct tsec_err *err)
{
    const int64_t deadline_ns = deadline_of(store->env.settings.call_timeout_ms);
    bool again;
    tsec_rc rc;

    TSEC_TRY(tsec_store_check_ops(ops, n, err));
    if (n == 0) {
        return TSEC_OK;
    }
    rc = commit_once(store, ops, n, deadline_ns, &again, err);
    for (int try = 0; tsec_failed(rc) && again && time_is_left(try, deadline_ns); try++) {
        pause_before(try, deadline_ns);
        rc = commit_once(store, ops, n, deadline_ns, &again, err);
    }
    return rc;
}

static tsec_rc
pg_health(struct tsec_store *store, struct tsec_err *err)
{
    return pg_pool_health(&store->pool, err);
}

/* ---- descriptor ---- */

static const struct tsec_store_ops ops_table = {
    .struct_size = (uint32_t)sizeof(struct tsec_store_ops),
    .open = pg_open,
    .close = pg_close,
    .get = pg_get,
    .scan = pg_scan,
    .commit = pg_commit_ops,
    .health = pg_health,
    .get_many = pg_get_many,
    .migrate = pg_migrate,
};

const struct tsec_plugin store_pg_plugin = {
    TSEC_PLUGIN_HEADER(TSEC_PLUGIN_STORE),
    .name = "store-pg",
    .version = PACKAGE_VERSION,
    .store = &ops_table,
};

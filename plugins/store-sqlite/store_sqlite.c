/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded store: one file, one process.
 *
 * Locks: `writer.lock`, then the readers' in order.  Commits take turns on the writer; get() and
 * scan() share the readers and see the last commit without waiting for the next.
 *
 * Doubt.  When the flush of a commit fails, nobody knows whether the disk has it.  The next call
 * closes every connection, opens them again, and has SQLite empty its log into the database: from
 * then on get() gives one answer, before and after a crash. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <tsec/store.h>

#include "codec/store_check.h"
#include "conn.h"
#include "place.h"
#include "rows.h"
#include "schema.h"

enum { READERS = 2 };

struct tsec_store {
    struct place place;
    struct conn writer;
    struct conn reader[READERS];
    atomic_uint turn;  /* which reader is tried first */
    atomic_bool doubt; /* the connections must be opened anew first */
};

/* ---- life ---- */

static void
disconnect(struct tsec_store *store)
{
    for (size_t i = 0; i < READERS; i++) {
        conn_close(&store->reader[i]);
    }
    conn_close(&store->writer);
}

static tsec_rc
connect_all(struct tsec_store *store, struct tsec_err *err)
{
    TSEC_TRY(conn_open(&store->writer, err));
    TSEC_TRY(schema_ensure(&store->writer, err));
    TSEC_TRY(conn_prepare(&store->writer, err));
    for (size_t i = 0; i < READERS; i++) {
        TSEC_TRY(conn_open(&store->reader[i], err));
        TSEC_TRY(conn_prepare(&store->reader[i], err));
    }
    return TSEC_OK;
}

static void
sqlite_close(struct tsec_store *store)
{
    if (store == NULL) {
        return;
    }
    for (size_t i = 0; i < READERS; i++) {
        conn_done(&store->reader[i]);
    }
    conn_done(&store->writer);
    place_release(&store->place);
    free(store);
}

static void
warn_of_mode(const struct tsec_host *host, const struct place *place)
{
    if ((place->mode & (S_IRWXG | S_IRWXO)) != 0) {
        host->log(host->ctx, TSEC_LOG_WARN,
                  "other users may open the database, its mode should be 0600: %s", place->path);
    }
}

static tsec_rc
sqlite_open(const struct tsec_host *host, const char *uri, struct tsec_store **out,
            struct tsec_err *err)
{
    struct tsec_store *store = calloc(1, sizeof(*store));
    tsec_rc rc;

    if (store == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a store");
    }
    conn_init(&store->writer, CONN_WRITER, store->place.path);
    for (size_t i = 0; i < READERS; i++) {
        conn_init(&store->reader[i], CONN_READER, store->place.path);
    }
    rc = place_parse(uri, &store->place, err);
    if (!tsec_failed(rc)) {
        rc = place_take(&store->place, err);
    }
    if (!tsec_failed(rc)) {
        warn_of_mode(host, &store->place);
        rc = connect_all(store, err);
    }
    if (tsec_failed(rc)) {
        sqlite_close(store);
        return rc;
    }
    *out = store;
    return TSEC_OK;
}

/* What was found in the log goes into the database and is flushed there: the log's own pages may
 * count as flushed to the kernel though the disk never had them. */
static tsec_rc
write_back(struct conn *writer, struct tsec_err *err)
{
    const int rc =
        sqlite3_wal_checkpoint_v2(writer->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);

    return rc == SQLITE_OK ? TSEC_OK : sql_fail(conn_site(writer), rc, "settle", err);
}

/* The caller holds the writer. */
static tsec_rc
settle_locked(struct tsec_store *store, struct tsec_err *err)
{
    tsec_rc rc;

    if (!atomic_load(&store->doubt)) {
        return TSEC_OK;
    }
    for (size_t i = 0; i < READERS; i++) {
        (void)pthread_mutex_lock(&store->reader[i].lock);
    }
    disconnect(store);
    rc = connect_all(store, err);
    if (!tsec_failed(rc)) {
        rc = write_back(&store->writer, err);
    }
    if (tsec_failed(rc)) {
        disconnect(store);
    } else {
        atomic_store(&store->doubt, false);
    }
    for (size_t i = 0; i < READERS; i++) {
        (void)pthread_mutex_unlock(&store->reader[i].lock);
    }
    return rc;
}

static tsec_rc
settle(struct tsec_store *store, struct tsec_err *err)
{
    tsec_rc rc;

    if (!atomic_load(&store->doubt)) {
        return TSEC_OK;
    }
    (void)pthread_mutex_lock(&store->writer.lock);
    rc = settle_locked(store, err);
    (void)pthread_mutex_unlock(&store->writer.lock);
    return rc;
}

/* ---- reading ---- */

static tsec_rc
take_reader(struct tsec_store *store, struct conn **out, struct tsec_err *err)
{
    const unsigned first = atomic_fetch_add(&store->turn, 1) % READERS;
    struct conn *reader = &store->reader[first];

    TSEC_TRY(settle(store, err));
    if (pthread_mutex_trylock(&reader->lock) != 0) {
        reader = &store->reader[(first + 1) % READERS];
        (void)pthread_mutex_lock(&reader->lock);
    }
    if (reader->db == NULL) {
        (void)pthread_mutex_unlock(&reader->lock);
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "the database is being opened anew: %s",
                         store->place.path);
    }
    *out = reader;
    return TSEC_OK;
}

static tsec_rc
sqlite_get(struct tsec_store *store, struct tsec_span key, const struct tsec_sink *out,
           struct tsec_err *err)
{
    struct conn *reader = NULL;
    tsec_rc rc;

    TSEC_TRY(tsec_store_check_key(key, err));
    TSEC_TRY(take_reader(store, &reader, err));
    rc = rows_get(reader, key, out, err);
    (void)pthread_mutex_unlock(&reader->lock);
    return rc;
}

static tsec_rc
sqlite_get_many(struct tsec_store *store, const struct tsec_span *keys, size_t n,
                tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    const struct rows_visitor visitor = { visit, ctx };
    struct conn *reader = NULL;
    tsec_rc rc = TSEC_OK;

    TSEC_TRY(tsec_store_check_keys(keys, n, err));
    TSEC_TRY(take_reader(store, &reader, err));
    for (size_t i = 0; i < n && !tsec_failed(rc); i++) {
        rc = rows_visit(reader, keys[i], &visitor, err);
    }
    (void)pthread_mutex_unlock(&reader->lock);
    return rc;
}

static tsec_rc
sqlite_scan(struct tsec_store *store, struct tsec_span prefix, struct tsec_span after, size_t limit,
            tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    const struct rows_visitor visitor = { visit, ctx };
    struct tsec_store_bounds bounds;
    struct conn *reader = NULL;
    tsec_rc rc;

    TSEC_TRY(tsec_store_check_range(prefix, after, err));
    TSEC_TRY(take_reader(store, &reader, err));
    tsec_store_bounds(prefix, after, &bounds);
    rc = rows_scan(reader, &bounds, limit, &visitor, err);
    (void)pthread_mutex_unlock(&reader->lock);
    return rc;
}

/* ---- writing ---- */

/* After every failure, or the next BEGIN fails: the store has to work again when the cause, a full
 * disk say, is gone.  SQLite may have rolled back by itself. */
static void
roll_back(struct tsec_store *store)
{
    struct conn *writer = &store->writer;

    if (sqlite3_get_autocommit(writer->db) == 0) {
        (void)conn_step(conn_stmt(writer, SQL_ROLLBACK));
    }
    if (sqlite3_get_autocommit(writer->db) == 0) {
        atomic_store(&store->doubt, true);
    }
}

static tsec_rc
make_durable(struct tsec_store *store, struct tsec_err *err)
{
    struct sql_site site = conn_site(&store->writer);
    int rc;

    errno = 0;
    rc = conn_step(conn_stmt(&store->writer, SQL_COMMIT));
    site.why = errno;
    if (rc == SQLITE_DONE) {
        return TSEC_OK;
    }
    if (!sql_commit_in_doubt(site, rc)) {
        return sql_fail(site, rc, "commit", err);
    }
    atomic_store(&store->doubt, true);
    return TSEC_FAIL(err, TSEC_E_OUTCOME_UNKNOWN,
                     "the disk failed during a commit (SQLite %d, errno %d), look at the kernel's "
                     "log: %s",
                     rc, site.why, site.path);
}

static tsec_rc
commit_locked(struct tsec_store *store, const struct tsec_store_op *ops, size_t n,
              struct tsec_err *err)
{
    struct conn *writer = &store->writer;
    int begun;

    TSEC_TRY(settle_locked(store, err));
    begun = conn_step(conn_stmt(writer, SQL_BEGIN));
    if (begun != SQLITE_DONE) {
        return sql_fail(conn_site(writer), begun, "begin", err);
    }
    for (size_t i = 0; i < n; i++) {
        TSEC_TRY(rows_apply(writer, &ops[i], err));
    }
    return make_durable(store, err);
}

static tsec_rc
sqlite_commit(struct tsec_store *store, const struct tsec_store_op *ops, size_t n,
              struct tsec_err *err)
{
    tsec_rc rc;

    TSEC_TRY(tsec_store_check_ops(ops, n, err));
    if (n == 0) {
        return TSEC_OK;
    }
    (void)pthread_mutex_lock(&store->writer.lock);
    rc = commit_locked(store, ops, n, err);
    if (tsec_failed(rc) && store->writer.db != NULL) {
        roll_back(store);
    }
    (void)pthread_mutex_unlock(&store->writer.lock);
    return rc;
}

static tsec_rc
sqlite_health(struct tsec_store *store, struct tsec_err *err)
{
    TSEC_TRY(settle(store, err));
    return place_check(&store->place, err);
}

/* The lock file is taken for as long as the store is open. */
static bool
sqlite_exclusive(struct tsec_store *store)
{
    (void)store;
    return true;
}

/* ---- descriptor ---- */

static const struct tsec_store_ops ops_table = {
    .struct_size = (uint32_t)sizeof(struct tsec_store_ops),
    .open = sqlite_open,
    .close = sqlite_close,
    .get = sqlite_get,
    .scan = sqlite_scan,
    .commit = sqlite_commit,
    .health = sqlite_health,
    .get_many = sqlite_get_many,
    .exclusive = sqlite_exclusive,
};

static const struct tsec_plugin plugin = {
    TSEC_PLUGIN_HEADER(TSEC_PLUGIN_STORE),
    .name = "store-sqlite",
    .version = PACKAGE_VERSION,
    .store = &ops_table,
};

const struct tsec_plugin *
TSEC_PLUGIN_ENTRY(void)
{
    return &plugin;
}

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

static void
give_back(struct conn *reader, sqlite3_stmt *stmt)
{
    /* The reset ends the read transaction, which would hold up the write-back of the log. */
    (void)sqlite3_reset(stmt);
    (void)pthread_mutex_unlock(&reader->lock);
}

/* A value that no commit of ours can have stored is not handed on. */
static tsec_rc
column(struct conn *reader, sqlite3_stmt *stmt, int index, size_t max, struct tsec_span *out,
       struct tsec_err *err)
{
    const void *bytes = sqlite3_column_blob(stmt, index);
    const int len = sqlite3_column_bytes(stmt, index);

    if (sqlite3_column_type(stmt, index) != SQLITE_BLOB || (size_t)len > max) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a record of a form that was never stored: %s",
                         reader->path);
    }
    if (bytes == NULL && len > 0) {
        return sql_fail(conn_site(reader), SQLITE_NOMEM, "read", err);
    }
    *out = tsec_span(bytes == NULL ? "" : bytes, (size_t)len);
    return TSEC_OK;
}

static tsec_rc
get_with(struct conn *reader, sqlite3_stmt *stmt, const struct tsec_sink *out, struct tsec_err *err)
{
    struct tsec_span value;
    const int rc = sqlite3_step(stmt);

    if (rc == SQLITE_DONE) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no such key");
    }
    if (rc != SQLITE_ROW) {
        return sql_fail(conn_site(reader), rc, "get", err);
    }
    TSEC_TRY(column(reader, stmt, 0, TSEC_STORE_VALUE_MAX, &value, err));
    return out->write(out->ctx, value);
}

static tsec_rc
sqlite_get(struct tsec_store *store, struct tsec_span key, const struct tsec_sink *out,
           struct tsec_err *err)
{
    struct conn *reader = NULL;
    sqlite3_stmt *stmt;
    tsec_rc rc;

    TSEC_TRY(tsec_store_check_key(key, err));
    TSEC_TRY(take_reader(store, &reader, err));
    stmt = conn_stmt(reader, SQL_GET);
    conn_bind(stmt, 1, key);
    rc = get_with(reader, stmt, out, err);
    give_back(reader, stmt);
    return rc;
}

static tsec_rc
visit_row(struct conn *reader, sqlite3_stmt *stmt, tsec_store_visit_fn visit, void *ctx,
          struct tsec_err *err)
{
    struct tsec_span key;
    struct tsec_span value;

    TSEC_TRY(column(reader, stmt, 0, TSEC_STORE_KEY_MAX, &key, err));
    TSEC_TRY(column(reader, stmt, 1, TSEC_STORE_VALUE_MAX, &value, err));
    return visit(ctx, key, value);
}

static tsec_rc
sqlite_scan(struct tsec_store *store, struct tsec_span prefix, struct tsec_span after, size_t limit,
            tsec_store_visit_fn visit, void *ctx, struct tsec_err *err)
{
    struct tsec_store_bounds bounds;
    struct conn *reader = NULL;
    sqlite3_stmt *stmt;
    int step;
    tsec_rc rc = TSEC_OK;

    TSEC_TRY(tsec_store_check_range(prefix, after, err));
    TSEC_TRY(take_reader(store, &reader, err));
    tsec_store_bounds(prefix, after, &bounds);
    stmt = conn_stmt(reader, SQL_SCAN);
    conn_bind(stmt, 1, tsec_span(bounds.from, bounds.from_len));
    conn_bind(stmt, 2, tsec_span(bounds.to, bounds.to_len));
    (void)sqlite3_bind_int64(stmt, 3, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
    while ((step = sqlite3_step(stmt)) == SQLITE_ROW && !tsec_failed(rc)) {
        rc = visit_row(reader, stmt, visit, ctx, err);
        if (tsec_failed(rc)) {
            break;
        }
    }
    if (!tsec_failed(rc) && step != SQLITE_DONE) {
        rc = sql_fail(conn_site(reader), step, "scan", err);
    }
    give_back(reader, stmt);
    return rc;
}

/* ---- writing ---- */

static tsec_rc
conflict(struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_CONFLICT, "a key that was to be absent is there");
}

static tsec_rc
refuse_if_present(struct conn *writer, struct tsec_span key, struct tsec_err *err)
{
    sqlite3_stmt *stmt = conn_stmt(writer, SQL_HAS);
    int rc;

    conn_bind(stmt, 1, key);
    rc = conn_step(stmt);
    if (rc == SQLITE_ROW) {
        return conflict(err);
    }
    return rc == SQLITE_DONE ? TSEC_OK : sql_fail(conn_site(writer), rc, "look up", err);
}

static tsec_rc
apply(struct conn *writer, const struct tsec_store_op *op, struct tsec_err *err)
{
    const bool put = op->verb == TSEC_STORE_PUT;
    const bool absent = op->expect == TSEC_STORE_ABSENT;
    sqlite3_stmt *stmt;
    int rc;

    if (!put && absent) {
        return refuse_if_present(writer, op->key, err); /* and then there is nothing to delete */
    }
    stmt = conn_stmt(writer, !put ? SQL_DELETE : absent ? SQL_PUT_NEW : SQL_PUT);
    conn_bind(stmt, 1, op->key);
    if (put) {
        conn_bind(stmt, 2, op->value);
    }
    rc = conn_step(stmt);
    if ((rc & 0xff) == SQLITE_CONSTRAINT && put && absent) {
        return conflict(err);
    }
    return rc == SQLITE_DONE ? TSEC_OK : sql_fail(conn_site(writer), rc, "write", err);
}

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
        TSEC_TRY(apply(writer, &ops[i], err));
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

/* ---- descriptor ---- */

static const struct tsec_store_ops ops_table = {
    .struct_size = (uint32_t)sizeof(struct tsec_store_ops),
    .open = sqlite_open,
    .close = sqlite_close,
    .get = sqlite_get,
    .scan = sqlite_scan,
    .commit = sqlite_commit,
    .health = sqlite_health,
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

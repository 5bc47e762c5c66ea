/* SPDX-License-Identifier: Apache-2.0 */
#include "store-pg/pg_rows.h"

#include <stdio.h>
#include <unistd.h>

#include "tests/plugins/pg_trial.h"
#include "tests/plugins/relay.h"

struct seen {
    size_t n;
    size_t fail_at; /* 0: never */
    bool ordered;
    uint8_t last[TSEC_STORE_KEY_MAX];
    size_t last_len;
    struct relay *cut; /* cut once, after so many */
    size_t cut_after;
};

static tsec_rc
note(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct seen *s = ctx;

    (void)value;
    s->ordered = (s->n == 0 || s->ordered)
                 && (s->n == 0 || tsec_span_compare(tsec_span(s->last, s->last_len), key) < 0);
    memcpy(s->last, key.ptr, key.len);
    s->last_len = key.len;
    s->n++;
    if (s->cut != NULL && s->n == s->cut_after) {
        relay_cut(s->cut);
    }
    return s->n == s->fail_at ? tsec_rc_of(TSEC_E_DENIED) : TSEC_OK;
}

static void
fill(const struct pg_trial *t, unsigned n, unsigned len)
{
    char sql[256];

    (void)snprintf(
        sql, sizeof(sql),
        "INSERT INTO {schema}.kv SELECT convert_to('k' || lpad(i::text, 8, '0'), 'UTF8'),"
        " convert_to(repeat('v', %u), 'UTF8') FROM generate_series(1, %u) AS i",
        len, n);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pg_trial_sql(t, sql));
}

static void
get_finds_it_or_visits_nothing(void)
{
    struct pg_trial t;
    struct seen seen = { 0 };
    struct pg_visitor visitor = { .visit = note, .ctx = &seen };

    pg_trial_init(&t, NULL, 0);
    pg_trial_open(&t);
    fill(&t, 3, 10);
    pg_trial_wait(&t, 1000);
    CU_ASSERT_EQUAL(pg_rows_get(&t.conn, tsec_span_str("k00000002"), &visitor, NULL).code, 0);
    CU_ASSERT_EQUAL(visitor.visited, 1);
    CU_ASSERT_EQUAL(pg_rows_get(&t.conn, tsec_span_str("none"), &visitor, NULL).code, 0);
    CU_ASSERT_EQUAL(visitor.visited, 1);
    CU_ASSERT_TRUE(pg_conn_settle(&t.conn));
    pg_trial_done(&t);
}

static void
a_visitor_that_fails_leaves_a_connection_that_works(void)
{
    const struct tsec_store_bounds all = { .from_len = 0, .to = { 0xff }, .to_len = 1 };
    struct pg_trial t;

    pg_trial_init(&t, NULL, 0);
    pg_trial_open(&t);
    fill(&t, 500, 100);
    for (size_t at = 1; at <= 500; at += 83) {
        struct seen seen = { .fail_at = at };
        struct pg_visitor visitor = { .visit = note, .ctx = &seen };

        pg_trial_wait(&t, 1000);
        CU_ASSERT_EQUAL(pg_rows_scan(&t.conn, &all, 1000, &visitor, NULL).code, TSEC_E_DENIED);
        CU_ASSERT_TRUE(visitor.failed);
        CU_ASSERT_EQUAL(seen.n, at);
        CU_ASSERT_FALSE(t.conn.broken);
        CU_ASSERT_TRUE(pg_conn_settle(&t.conn));
    }
    pg_trial_done(&t);
}

static void
what_was_never_stored_so_is_not_handed_on(void)
{
    struct pg_trial t;
    struct seen seen = { 0 };
    struct pg_visitor visitor = { .visit = note, .ctx = &seen };

    pg_trial_init(&t, NULL, 0);
    pg_trial_open(&t);
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "INSERT INTO {schema}.kv VALUES ('big', "
                                            "convert_to(repeat('v', 1052673), 'UTF8'))"));
    pg_trial_wait(&t, 1000);
    CU_ASSERT_EQUAL(pg_rows_get(&t.conn, tsec_span_str("big"), &visitor, NULL).code,
                    TSEC_E_TAMPERED);
    CU_ASSERT_EQUAL(seen.n, 0);
    pg_trial_done(&t);
}

/* ---- through the store: pages ---- */

static tsec_rc
scan_all(struct tsec_store *store, size_t limit, struct seen *seen)
{
    return store_pg_plugin.store->scan(store, tsec_span_str("k"), tsec_span("", 0), limit, note,
                                       seen, NULL);
}

static void
a_scan_goes_over_pages_in_order_and_keeps_its_limit(void)
{
    static const size_t limits[] = {
        1, PG_PAGE_ROWS - 1, PG_PAGE_ROWS, PG_PAGE_ROWS + 1, 2 * PG_PAGE_ROWS, SIZE_MAX
    };
    const size_t n = 2 * PG_PAGE_ROWS + 100;
    struct pg_trial t;
    struct tsec_store *store;

    pg_trial_init(&t, NULL, 0);
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    fill(&t, (unsigned)n, 20);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(limits); i++) {
        struct seen seen = { 0 };

        CU_ASSERT_EQUAL(scan_all(store, limits[i], &seen).code, 0);
        CU_ASSERT_EQUAL(seen.n, limits[i] < n ? limits[i] : n);
        CU_ASSERT_TRUE(seen.ordered);
    }
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
}

/* The store opens all its connections by itself.  One that is cut while it is being opened makes it
 * say for a moment that the database is away, which is another story. */
static void
wait_until_all_are_open(struct tsec_store *store, struct relay *relay)
{
    size_t before;

    do {
        before = atomic_load(&relay->accepted);
        (void)usleep(100000);
    } while (tsec_failed(store_pg_plugin.store->health(store, NULL))
             || atomic_load(&relay->accepted) != before);
}

/* Each record once and in order, though the connection broke in the middle of a page. */
static void
a_scan_that_is_cut_goes_on_where_it_stopped(void)
{
    const size_t n = PG_PAGE_ROWS + 500;
    struct relay relay;
    struct pg_trial t;
    struct tsec_store *store;

    CU_ASSERT_TRUE_FATAL(relay_open(&relay, pg_trial_rig.port));
    pg_trial_init(&t, NULL, relay.port);
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    fill(&t, (unsigned)n, 2000);
    for (size_t at = 1; at < n; at += 499) {
        struct seen seen = { .cut = &relay, .cut_after = at };

        wait_until_all_are_open(store, &relay);
        CU_ASSERT_EQUAL(scan_all(store, SIZE_MAX, &seen).code, 0);
        CU_ASSERT_EQUAL(seen.n, n);
        CU_ASSERT_TRUE(seen.ordered);
    }
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
    relay_close(&relay);
}

static long
resident_kib(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");

    if (f != NULL && fscanf(f, "%*d %ld", &pages) != 1) {
        pages = 0;
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return pages * 4;
}

/* 96 MiB pass; what is kept is one record and what libpq reads ahead. */
static void
memory_is_bounded_by_a_record_and_not_by_a_page(void)
{
    struct pg_trial t;
    struct tsec_store *store;
    struct seen seen = { 0 };
    long before;

    pg_trial_init(&t, NULL, 0);
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    fill(&t, 96, 1048576);
    before = resident_kib();
    CU_ASSERT_EQUAL(scan_all(store, SIZE_MAX, &seen).code, 0);
    CU_ASSERT_EQUAL(seen.n, 96);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed */
    CU_ASSERT_TRUE(resident_kib() - before < 16 * 1024);
#else
    (void)before;
#endif
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
}

/* Plans by index, whatever the statistics say. */
static void
no_statement_reads_the_whole_table(void)
{
    static const enum pg_sql reads[] = { PG_GET, PG_GET_MANY, PG_SCAN };
    struct pg_trial t;

    pg_trial_init(&t, NULL, 0);
    pg_trial_open(&t);
    fill(&t, 3, 10);
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "ANALYZE {schema}.kv")); /* three rows: a page */
    for (size_t i = 0; i < TSEC_ARRAY_LEN(reads); i++) {
        static const char *const args[] = { "('a')", "('{a,b}')", "('a', 'b', 10)" };
        TSEC_AUTO(pg_result_free) PGresult *result = NULL;
        char sql[128];

        (void)snprintf(sql, sizeof(sql), "EXPLAIN EXECUTE \"%s\" %s", pg_statement(reads[i])->name,
                       args[i]);
        pg_trial_wait(&t, 1000);
        CU_ASSERT_EQUAL(pg_conn_exec(&t.conn, sql, &result, NULL).code, 0);
        CU_ASSERT_EQUAL_FATAL(PQresultStatus(result), PGRES_TUPLES_OK);
        for (int row = 0; row < PQntuples(result); row++) {
            CU_ASSERT_PTR_NULL(strstr(PQgetvalue(result, row, 0), "Seq Scan"));
        }
    }
    pg_trial_done(&t);
}

static const struct test_case cases[] = {
    { "get finds it, or visits nothing", get_finds_it_or_visits_nothing },
    { "a visitor that fails leaves a connection that works",
      a_visitor_that_fails_leaves_a_connection_that_works },
    { "what was never stored so is not handed on", what_was_never_stored_so_is_not_handed_on },
    { "a scan goes over pages in order, and keeps its limit",
      a_scan_goes_over_pages_in_order_and_keeps_its_limit },
    { "a scan that is cut goes on where it stopped", a_scan_that_is_cut_goes_on_where_it_stopped },
    { "memory is bounded by a record and not by a page",
      memory_is_bounded_by_a_record_and_not_by_a_page },
    { "no statement reads the whole table", no_statement_reads_the_whole_table },
};

PG_TRIAL_MAIN("store-pg/pg_rows", cases, NULL)

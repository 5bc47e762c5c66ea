/* SPDX-License-Identifier: Apache-2.0 */
/* The pool, through the store that uses it: who waits, for how long, and what is known. */
#include "store-pg/pg_pool.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/plugins/pg_trial.h"
#include "tests/plugins/relay.h"

static const char *const quick[] = { "call_timeout_ms", "400", "connections", "2", NULL };

static tsec_rc
health(struct tsec_store *store, struct tsec_err *err)
{
    return store_pg_plugin.store->health(store, err);
}

static bool
health_becomes(struct tsec_store *store, int32_t code, int within_ms)
{
    const int64_t until = pg_trial_ms() + within_ms;

    while (pg_trial_ms() < until) {
        if (health(store, NULL).code == code) {
            return true;
        }
        (void)usleep(2000);
    }
    return false;
}

static unsigned
sessions(const struct pg_trial *t)
{
    const char *n = pg_trial_sql(t, "SELECT count(*) FROM pg_stat_activity"
                                    " WHERE application_name = 'tee-secrets'");

    return n == NULL ? 0 : (unsigned)strtoul(n, NULL, 10);
}

static void
the_pool_fills_in_the_background_and_empties_at_the_end(void)
{
    struct pg_trial t;
    struct tsec_store *store;
    unsigned n = 0;

    pg_trial_init(&t, NULL, 0);
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    for (int i = 0; i < 200 && n < 4; i++) {
        n = sessions(&t);
        (void)usleep(5000);
    }
    CU_ASSERT_EQUAL(n, 4);
    store_pg_plugin.store->close(store);
    for (int i = 0; i < 200 && n > 0; i++) {
        n = sessions(&t);
        (void)usleep(5000);
    }
    CU_ASSERT_EQUAL(n, 0);
    pg_trial_done(&t);
}

/* ---- all busy ---- */

struct hog {
    struct tsec_store *store;
    atomic_uint held;
    atomic_bool release;
};

static tsec_rc
hold(void *ctx, struct tsec_span value)
{
    struct hog *hog = ctx;

    (void)value;
    atomic_fetch_add(&hog->held, 1);
    while (!atomic_load(&hog->release)) {
        (void)usleep(1000);
    }
    return TSEC_OK;
}

static void *
occupy(void *ctx)
{
    struct hog *hog = ctx;
    const struct tsec_sink sink = { hog, hold };

    return store_pg_plugin.store->get(hog->store, tsec_span_str("a"), &sink, NULL).code == 0 ? NULL
                                                                                             : ctx;
}

static void
when_all_are_busy_a_call_waits_its_time_and_no_longer(void)
{
    struct pg_trial t;
    struct hog hog = { .store = NULL };
    pthread_t threads[2];
    struct tsec_err err = { 0 };
    struct tsec_store_op op = pg_trial_op(TSEC_STORE_PUT, TSEC_STORE_ANY, "b", "1");
    int64_t began;
    int64_t took;

    pg_trial_init(&t, quick, 0);
    hog.store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(hog.store);
    CU_ASSERT_EQUAL(pg_trial_put(hog.store, TSEC_STORE_ANY, "a", "1"), 0);
    for (size_t i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, occupy, &hog), 0);
    }
    while (atomic_load(&hog.held) < 2) {
        (void)usleep(1000);
    }
    began = pg_trial_ms();
    CU_ASSERT_EQUAL(store_pg_plugin.store->commit(hog.store, &op, 1, &err).code,
                    TSEC_E_UNAVAILABLE);
    took = pg_trial_ms() - began;
    CU_ASSERT_TRUE(took >= 390 && took < 1500);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "became free"));
    CU_ASSERT_EQUAL(health(hog.store, NULL).code, 0); /* busy is not away */
    atomic_store(&hog.release, true);
    for (size_t i = 0; i < 2; i++) {
        void *failed = &hog;

        (void)pthread_join(threads[i], &failed);
        CU_ASSERT_PTR_NULL(failed);
    }
    CU_ASSERT_EQUAL(pg_trial_put(hog.store, TSEC_STORE_ANY, "b", "1"), 0);
    store_pg_plugin.store->close(hog.store);
    pg_trial_done(&t);
}

/* ---- away ---- */

static void
while_it_is_away_calls_fail_at_once_and_it_is_back_within_a_second(void)
{
    struct pg_trial t;
    struct tsec_store *store;
    struct tsec_err err = { 0 };
    int64_t began;

    pg_trial_init(&t, quick, 0);
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ANY, "a", "1"), 0);
    pg_rig_stop(&pg_trial_rig, SIGQUIT);
    CU_ASSERT_TRUE(health_becomes(store, TSEC_E_UNAVAILABLE, 1500)); /* without any call */
    CU_ASSERT_EQUAL(health(store, &err).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "away"));
    began = pg_trial_ms();
    for (int i = 0; i < 50; i++) {
        CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ANY, "a", "2"), TSEC_E_UNAVAILABLE);
        CU_ASSERT_FALSE(pg_trial_holds(store, "a", "1"));
    }
    CU_ASSERT_TRUE(pg_trial_ms() - began < 1000);
    CU_ASSERT_TRUE_FATAL(pg_rig_start(&pg_trial_rig));
    CU_ASSERT_TRUE(health_becomes(store, 0, 1000));
    CU_ASSERT_TRUE(pg_trial_holds(store, "a", "1"));
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ANY, "a", "2"), 0);
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
}

static void
a_restart_between_two_calls_is_not_noticed(void)
{
    struct pg_trial t;
    struct tsec_store *store;

    pg_trial_init(&t, NULL, 0);
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ANY, "a", "1"), 0);
        /* Nobody looks meanwhile: the sessions of before are closed, and a new one serves. */
        CU_ASSERT_PTR_NOT_NULL(
            pg_trial_sql(&t, "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity"
                             " WHERE application_name = 'tee-secrets'"));
        if (i % 2 == 0) {
            CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ANY, "a", "2"), 0);
        } else {
            CU_ASSERT_TRUE(pg_trial_holds(store, "a", "1"));
        }
    }
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
}

static void
a_silent_network_is_known_to_be_away_and_health_says_so(void)
{
    struct relay relay;
    struct pg_trial t;
    struct tsec_store *store;
    int64_t began;

    CU_ASSERT_TRUE_FATAL(relay_open(&relay, pg_trial_rig.port));
    pg_trial_init(&t, quick, relay.port);
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ANY, "a", "1"), 0);
    atomic_store(&relay.mode, RELAY_HOLD);
    began = pg_trial_ms();
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ANY, "a", "2"), TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_TRUE(pg_trial_ms() - began < 1200);
    CU_ASSERT_TRUE(health_becomes(store, TSEC_E_UNAVAILABLE, 1500));
    began = pg_trial_ms();
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ANY, "a", "3"), TSEC_E_UNAVAILABLE);
    CU_ASSERT_TRUE(pg_trial_ms() - began < 300);
    atomic_store(&relay.mode, RELAY_PASS);
    CU_ASSERT_TRUE(health_becomes(store, 0, 1000));
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ANY, "a", "4"), 0);
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
    relay_close(&relay);
}

/* Slow, but in time: nothing is lost by it. */
static void
a_slow_network_is_slow_and_nothing_else(void)
{
    struct relay relay;
    struct pg_trial t;
    struct tsec_store *store;

    CU_ASSERT_TRUE_FATAL(relay_open(&relay, pg_trial_rig.port));
    pg_trial_init(&t, NULL, relay.port);
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    atomic_store(&relay.delay_ms, 40);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ANY, "a", "1"), 0);
        CU_ASSERT_TRUE(pg_trial_holds(store, "a", "1"));
    }
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
    relay_close(&relay);
}

static void
a_database_without_a_connection_left_is_not_away(void)
{
    static const char *const many[] = { "connections", "3", NULL };
    struct pg_trial t;
    struct tsec_store *store;

    pg_trial_init(&t, many, 0);
    CU_ASSERT_PTR_NOT_NULL(pg_trial_sql(&t, "CREATE ROLE one LOGIN CONNECTION LIMIT 1;"
                                            "GRANT CREATE ON DATABASE postgres TO one"));
    (void)snprintf(t.uri, sizeof(t.uri), "postgresql://one@/postgres?host=%s&port=%d&schema=%s",
                   pg_trial_rig.folder, pg_trial_rig.port, t.schema);
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    for (int i = 0; i < 20; i++) {
        CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ANY, "a", "1"), 0);
        CU_ASSERT_EQUAL(health(store, NULL).code, 0);
        (void)usleep(5000);
    }
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
}

static const struct test_case cases[] = {
    { "the pool fills in the background, and empties at the end",
      the_pool_fills_in_the_background_and_empties_at_the_end },
    { "when all are busy a call waits its time and no longer",
      when_all_are_busy_a_call_waits_its_time_and_no_longer },
    { "while it is away calls fail at once, and it is back within a second",
      while_it_is_away_calls_fail_at_once_and_it_is_back_within_a_second },
    { "a restart between two calls is not noticed", a_restart_between_two_calls_is_not_noticed },
    { "a silent network is known to be away, and health says so",
      a_silent_network_is_known_to_be_away_and_health_says_so },
    { "a slow network is slow and nothing else", a_slow_network_is_slow_and_nothing_else },
    { "a database without a connection left is not away",
      a_database_without_a_connection_left_is_not_away },
};

PG_TRIAL_MAIN("store-pg/pg_pool", cases, NULL)

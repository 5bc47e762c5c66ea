/* SPDX-License-Identifier: Apache-2.0 */
/* The database crashes, is killed, paused, or ends sessions while writers commit.  Afterwards
 * each commit is there that was acknowledged, none that was refused, and those of unknown outcome
 * whole or not at all. */
#include <signal.h>

#include "tests/plugins/pg_writers.h"

/* ---- what happens ---- */

static void
crash_by(int signal)
{
    for (int i = 0; i < 2; i++) {
        struct pg_round r;

        pg_round_begin(&r, NULL);
        pg_round_run(&r, 20 + 10 * (unsigned)i);
        pg_rig_stop(&pg_trial_rig, signal);
        pg_round_run(&r, 3);
        CU_ASSERT_TRUE_FATAL(pg_rig_start(&pg_trial_rig));
        pg_round_run(&r, 20);
        pg_round_end(&r);
    }
}

static void
an_immediate_stop_loses_nothing(void)
{
    crash_by(SIGQUIT);
}

static void
a_kill_loses_nothing(void)
{
    crash_by(SIGKILL);
}

static void
a_fast_stop_loses_nothing(void)
{
    crash_by(SIGINT);
}

static void
ended_sessions_lose_nothing(void)
{
    struct pg_round r;

    pg_round_begin(&r, NULL);
    for (int i = 0; i < 10; i++) {
        pg_round_run(&r, 10);
        CU_ASSERT_PTR_NOT_NULL(
            pg_trial_sql(&r.trial, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                                   " WHERE application_name = 'tee-secrets'"));
    }
    pg_round_run(&r, 10);
    pg_round_end(&r);
}

static void
a_pause_loses_nothing(void)
{
    struct pg_round r;

    pg_round_begin(&r, NULL);
    pg_round_run(&r, 10);
    pg_rig_signal_all(&pg_trial_rig, SIGSTOP);
    pg_round_run(&r, 2);
    pg_rig_signal_all(&pg_trial_rig, SIGCONT);
    pg_round_run(&r, 10);
    pg_round_end(&r);
}

/* Several at once change the same two keys in opposite order of their steps: whoever is told that
 * others write the same tries again, a bounded number of times; nothing worse comes of it. */
struct crosser {
    struct tsec_store *store;
    unsigned number;
    unsigned done;
    unsigned wrong;
};

static void *
cross(void *ctx)
{
    struct crosser *w = ctx;

    for (unsigned i = 0; i < 15; i++) {
        const bool even = w->number % 2 == 0;
        const struct tsec_store_op ops[] = {
            pg_trial_op(TSEC_STORE_PUT, TSEC_STORE_PRESENT, even ? "a" : "b", "1"),
            pg_trial_op(TSEC_STORE_PUT, TSEC_STORE_ANY, even ? "b" : "a", "1"),
        };

        const int32_t code = store_pg_plugin.store->commit(w->store, ops, 2, NULL).code;

        w->done += code == 0 ? 1 : 0;
        w->wrong += code == 0 || code == TSEC_E_UNAVAILABLE ? 0 : 1; /* tried often enough */
    }
    return NULL;
}

static void
a_deadlock_is_tried_again(void)
{
    struct crosser crossers[PG_WRITERS];
    struct pg_trial t;
    struct tsec_store *store;
    pthread_t threads[PG_WRITERS];

    pg_trial_init(&t, NULL, 0);
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ANY, "a", "0"), 0);
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ANY, "b", "0"), 0);
    for (unsigned i = 0; i < PG_WRITERS; i++) {
        crossers[i] = (struct crosser){ .store = store, .number = i };
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, cross, &crossers[i]), 0);
    }
    for (size_t i = 0; i < PG_WRITERS; i++) {
        (void)pthread_join(threads[i], NULL);
        CU_ASSERT_EQUAL(crossers[i].wrong, 0);
        CU_ASSERT_TRUE(crossers[i].done > 0);
    }
    store_pg_plugin.store->close(store);
    pg_trial_done(&t);
}

static const struct test_case cases[] = {
    { "an immediate stop loses nothing", an_immediate_stop_loses_nothing },
    { "a kill loses nothing", a_kill_loses_nothing },
    { "a fast stop loses nothing", a_fast_stop_loses_nothing },
    { "ended sessions lose nothing", ended_sessions_lose_nothing },
    { "a pause loses nothing", a_pause_loses_nothing },
    { "a deadlock is tried again", a_deadlock_is_tried_again },
};

PG_TRIAL_MAIN("store-pg, crashes", cases, "deadlock_timeout = 20ms\n")

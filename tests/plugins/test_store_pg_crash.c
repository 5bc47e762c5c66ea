/* SPDX-License-Identifier: Apache-2.0 */
/* The database crashes, is killed, paused, or ends sessions while writers commit.  Afterwards
 * each commit is there that was acknowledged, none that was refused, and those of unknown outcome
 * whole or not at all. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/plugins/pg_trial.h"

enum { WRITERS = 4, COMMITS_MAX = 4000 };

enum fate { NOT_TRIED = 0, DONE, REFUSED, UNKNOWN };

struct writer {
    struct tsec_store *store;
    const atomic_bool *stop;
    atomic_uint tried;
    unsigned number;
    unsigned wrong;
    enum fate fate[COMMITS_MAX];
};

static void
name_pair(const struct writer *w, unsigned i, char keys[2][24])
{
    (void)snprintf(keys[0], 24, "w%u-%06u-x", w->number, i);
    (void)snprintf(keys[1], 24, "w%u-%06u-y", w->number, i);
}

static enum fate
fate_of(struct writer *w, int32_t code)
{
    switch (code) {
    case 0:
        return DONE;
    case TSEC_E_UNAVAILABLE:
        return REFUSED;
    case TSEC_E_OUTCOME_UNKNOWN:
        return UNKNOWN;
    default:
        (void)fprintf(stderr, "a commit: code %d\n", code);
        w->wrong++;
        return UNKNOWN;
    }
}

static void *
write_on(void *ctx)
{
    struct writer *w = ctx;

    for (unsigned i = 0; i < COMMITS_MAX && !atomic_load(w->stop); i++) {
        char keys[2][24];
        struct tsec_store_op ops[2];

        name_pair(w, i, keys);
        ops[0] = pg_trial_op(TSEC_STORE_PUT, TSEC_STORE_ABSENT, keys[0], keys[0]);
        ops[1] = pg_trial_op(TSEC_STORE_PUT, TSEC_STORE_ANY, keys[1], keys[1]);
        w->fate[i] = fate_of(w, store_pg_plugin.store->commit(w->store, ops, 2, NULL).code);
        atomic_store(&w->tried, i + 1);
        if (w->fate[i] == REFUSED) {
            (void)usleep(1000);
        }
    }
    return NULL;
}

/* ---- a round ---- */

struct round {
    struct pg_trial trial;
    struct tsec_store *store;
    struct writer *writers;
    pthread_t threads[WRITERS];
    atomic_bool stop;
    unsigned counts[4];
};

static void
begin(struct round *r)
{
    static const char *const quick[] = { "call_timeout_ms", "1000", NULL };

    *r = (struct round){ .stop = false };
    pg_trial_init(&r->trial, quick, 0);
    r->store = pg_trial_store(&r->trial);
    r->writers = calloc(WRITERS, sizeof(*r->writers));
    CU_ASSERT_FATAL(r->store != NULL && r->writers != NULL);
    for (unsigned i = 0; i < WRITERS; i++) {
        r->writers[i].store = r->store;
        r->writers[i].stop = &r->stop;
        r->writers[i].number = i;
        CU_ASSERT_EQUAL_FATAL(pthread_create(&r->threads[i], NULL, write_on, &r->writers[i]), 0);
    }
}

/* Until each writer has had so many further answers. */
static void
let_run(struct round *r, unsigned commits)
{
    for (size_t i = 0; i < WRITERS; i++) {
        const unsigned until = atomic_load(&r->writers[i].tried) + commits;

        for (int k = 0; k < 10000 && atomic_load(&r->writers[i].tried) < until; k++) {
            (void)usleep(1000);
        }
    }
}

static void
check_writer(struct round *r, const struct writer *w)
{
    for (unsigned i = 0; i < COMMITS_MAX && w->fate[i] != NOT_TRIED; i++) {
        char keys[2][24];
        bool x;
        bool y;

        name_pair(w, i, keys);
        x = pg_trial_holds(r->store, keys[0], keys[0]);
        y = pg_trial_holds(r->store, keys[1], keys[1]);
        r->counts[w->fate[i]]++;
        CU_ASSERT_EQUAL(x, y);
        CU_ASSERT_FALSE(w->fate[i] == DONE && !x);
        CU_ASSERT_FALSE(w->fate[i] == REFUSED && x);
        CU_ASSERT_FALSE(!x && !pg_trial_holds(r->store, keys[0], NULL)); /* reading works */
    }
    CU_ASSERT_EQUAL(w->wrong, 0);
}

static void
end(struct round *r)
{
    atomic_store(&r->stop, true);
    for (size_t i = 0; i < WRITERS; i++) {
        (void)pthread_join(r->threads[i], NULL);
    }
    for (int i = 0; i < 1000 && pg_trial_put(r->store, TSEC_STORE_ANY, "again", "1") != 0; i++) {
        (void)usleep(5000);
    }
    for (size_t i = 0; i < WRITERS; i++) {
        check_writer(r, &r->writers[i]);
    }
    CU_ASSERT_TRUE(r->counts[DONE] > 0);
    (void)printf("(%u done, %u refused, %u unknown) ", r->counts[DONE], r->counts[REFUSED],
                 r->counts[UNKNOWN]);
    free(r->writers);
    store_pg_plugin.store->close(r->store);
    pg_trial_done(&r->trial);
}

/* ---- what happens ---- */

static void
crash_by(int signal)
{
    for (int i = 0; i < 3; i++) {
        struct round r;

        begin(&r);
        let_run(&r, 20 + 10 * (unsigned)i);
        pg_rig_stop(&pg_trial_rig, signal);
        let_run(&r, 3);
        CU_ASSERT_TRUE_FATAL(pg_rig_start(&pg_trial_rig));
        let_run(&r, 20);
        end(&r);
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
    struct round r;

    begin(&r);
    for (int i = 0; i < 10; i++) {
        let_run(&r, 10);
        CU_ASSERT_PTR_NOT_NULL(
            pg_trial_sql(&r.trial, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                                   " WHERE application_name = 'tee-secrets'"));
    }
    let_run(&r, 10);
    end(&r);
}

static void
a_pause_loses_nothing(void)
{
    struct round r;

    begin(&r);
    let_run(&r, 10);
    pg_rig_signal_all(&pg_trial_rig, SIGSTOP);
    let_run(&r, 2);
    pg_rig_signal_all(&pg_trial_rig, SIGCONT);
    let_run(&r, 10);
    end(&r);
}

/* Several at once change the same two keys in opposite order of their steps: whoever is told that
 * others write the same tries again, and all end well. */
static void *
cross(void *ctx)
{
    struct writer *w = ctx;

    for (unsigned i = 0; i < 15; i++) {
        const bool even = w->number % 2 == 0;
        const struct tsec_store_op ops[] = {
            pg_trial_op(TSEC_STORE_PUT, TSEC_STORE_PRESENT, even ? "a" : "b", "1"),
            pg_trial_op(TSEC_STORE_PUT, TSEC_STORE_ANY, even ? "b" : "a", "1"),
        };

        w->wrong += store_pg_plugin.store->commit(w->store, ops, 2, NULL).code == 0 ? 0 : 1;
    }
    return NULL;
}

static void
a_deadlock_is_tried_again(void)
{
    static struct writer writers[WRITERS];
    struct pg_trial t;
    struct tsec_store *store;
    pthread_t threads[WRITERS];

    pg_trial_init(&t, NULL, 0);
    store = pg_trial_store(&t);
    CU_ASSERT_PTR_NOT_NULL_FATAL(store);
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ANY, "a", "0"), 0);
    CU_ASSERT_EQUAL(pg_trial_put(store, TSEC_STORE_ANY, "b", "0"), 0);
    for (unsigned i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){ .store = store, .number = i };
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, cross, &writers[i]), 0);
    }
    for (size_t i = 0; i < WRITERS; i++) {
        (void)pthread_join(threads[i], NULL);
        CU_ASSERT_EQUAL(writers[i].wrong, 0);
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/pg_writers.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { COMMITS_MAX = 4000 };

enum fate { NOT_TRIED = 0, DONE, REFUSED, UNKNOWN };

struct pg_writer {
    struct tsec_store *store;
    const atomic_bool *stop;
    atomic_uint tried;
    unsigned number;
    unsigned wrong;
    enum fate fate[COMMITS_MAX];
};

static void
name_pair(const struct pg_writer *w, unsigned i, char keys[2][24])
{
    (void)snprintf(keys[0], 24, "w%u-%06u-x", w->number, i);
    (void)snprintf(keys[1], 24, "w%u-%06u-y", w->number, i);
}

static enum fate
fate_of(struct pg_writer *w, int32_t code)
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
    struct pg_writer *w = ctx;

    for (unsigned i = 0; i < COMMITS_MAX && !atomic_load(w->stop); i++) {
        char keys[2][24];
        struct tsec_store_op ops[2];

        name_pair(w, i, keys);
        ops[0] = pg_trial_op(TSEC_STORE_PUT, TSEC_STORE_ABSENT, keys[0], keys[0]);
        ops[1] = pg_trial_op(TSEC_STORE_PUT, TSEC_STORE_ANY, keys[1], keys[1]);
        w->fate[i] = fate_of(w, store_pg_plugin.store->commit(w->store, ops, 2, NULL).code);
        atomic_store(&w->tried, i + 1);
        if (w->fate[i] == REFUSED) {
            (void)usleep(5000);
        }
    }
    return NULL;
}

/* ---- a round ---- */

void
pg_round_begin(struct pg_round *r, const char *hosts)
{
    static const char *const quick[] = { "call_timeout_ms", "1000", NULL };

    *r = (struct pg_round){ .stop = false };
    pg_trial_init(&r->trial, quick, 0);
    if (hosts != NULL) {
        (void)snprintf(r->trial.uri, sizeof(r->trial.uri),
                       "postgresql://tsec@%s/postgres?sslmode=disable&schema=%s", hosts,
                       r->trial.schema);
    }
    r->store = pg_trial_store(&r->trial);
    r->writers = calloc(PG_WRITERS, sizeof(*r->writers));
    CU_ASSERT_FATAL(r->store != NULL && r->writers != NULL);
    for (unsigned i = 0; i < PG_WRITERS; i++) {
        r->writers[i].store = r->store;
        r->writers[i].stop = &r->stop;
        r->writers[i].number = i;
        CU_ASSERT_EQUAL_FATAL(pthread_create(&r->threads[i], NULL, write_on, &r->writers[i]), 0);
    }
}

void
pg_round_run(struct pg_round *r, unsigned commits)
{
    for (size_t i = 0; i < PG_WRITERS; i++) {
        const unsigned tried = atomic_load(&r->writers[i].tried);
        const unsigned until =
            tried + commits < COMMITS_MAX ? tried + commits : (unsigned)COMMITS_MAX;

        for (int k = 0; k < 10000 && atomic_load(&r->writers[i].tried) < until; k++) {
            (void)usleep(1000);
        }
    }
}

static void
check_writer(struct pg_round *r, const struct pg_writer *w)
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

void
pg_round_end(struct pg_round *r)
{
    atomic_store(&r->stop, true);
    for (size_t i = 0; i < PG_WRITERS; i++) {
        (void)pthread_join(r->threads[i], NULL);
    }
    for (int i = 0; i < 1000 && pg_trial_put(r->store, TSEC_STORE_ANY, "again", "1") != 0; i++) {
        (void)usleep(5000);
    }
    for (size_t i = 0; i < PG_WRITERS; i++) {
        check_writer(r, &r->writers[i]);
    }
    CU_ASSERT_TRUE(r->counts[DONE] > 0);
    (void)printf("(%u done, %u refused, %u unknown) ", r->counts[DONE], r->counts[REFUSED],
                 r->counts[UNKNOWN]);
    free(r->writers);
    store_pg_plugin.store->close(r->store);
    pg_trial_done(&r->trial);
}

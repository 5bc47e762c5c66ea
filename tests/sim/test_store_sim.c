/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/store_sim.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "tests/contract/store_contract.h"

/* ---- a host with one kind of fault ---- */

struct bench {
    struct sim_random random;
    struct tsec_clock_fake clock;
    struct sim_trace trace;
    struct store_sim sim;
    struct store_sim_database *db;
    struct tsec_store *store;
};

static void
bench_open(struct bench *b, struct store_sim_rates rates)
{
    memset(b, 0, sizeof(*b));
    b->random.at = 1;
    tsec_clock_fake_init(&b->clock, 0);
    sim_trace_init(&b->trace, false);
    b->sim.random = &b->random;
    b->sim.clock = &b->clock;
    b->sim.trace = &b->trace;
    b->sim.rates = rates;
    b->db = store_sim_database(&b->sim, database_new());
    b->store = store_sim_attach(&b->sim, b->db, 1);
}

static void
bench_close(struct bench *b)
{
    store_sim_ops.close(b->store);
    store_sim_done(&b->sim);
}

static tsec_rc
put(struct bench *b, enum tsec_store_expect expect, const char *key, const char *value)
{
    const struct tsec_store_op op = { TSEC_STORE_PUT, expect, tsec_span_str(key),
                                      tsec_span_str(value) };

    return store_sim_ops.commit(b->store, &op, 1, NULL);
}

/* Looks past every fault. */
static bool
has(struct bench *b, const char *key, const char *value)
{
    struct database_record found;

    return database_find(store_sim_image(b->db), tsec_span_str(key), &found)
           && tsec_span_is(found.value, value);
}

static tsec_rc
get_span(struct bench *b, struct tsec_span key)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(100);
    const struct tsec_sink sink = tsec_buf_sink(&out);

    return store_sim_ops.get(b->store, key, &sink, NULL);
}

static tsec_rc
get(struct bench *b, const char *key)
{
    return get_span(b, tsec_span_str(key));
}

static void
what_is_refused_is_not_done(void)
{
    struct bench b;

    bench_open(&b, (struct store_sim_rates){ .refuse = 1000 });
    for (unsigned i = 0; i < 20; i++) {
        CU_ASSERT_TRUE(tsec_failed(put(&b, TSEC_STORE_ANY, "a", "1")));
    }
    CU_ASSERT_EQUAL(get(&b, "a").code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(database_len(store_sim_image(b.db)), 0);
    b.sim.rates = (struct store_sim_rates){ .read_only = 1000 };
    CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ANY, "a", "1").code, TSEC_E_READ_ONLY);
    CU_ASSERT_EQUAL(get(&b, "a").code, TSEC_E_NOT_FOUND);
    bench_close(&b);
}

static void
an_unknown_outcome_is_either(void)
{
    struct bench b;

    bench_open(&b, (struct store_sim_rates){ .unknown_never = 1000 });
    CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ANY, "a", "1").code, TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_EQUAL(get(&b, "a").code, TSEC_E_NOT_FOUND);
    b.sim.rates = (struct store_sim_rates){ .unknown_applied = 1000 };
    CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ANY, "a", "1").code, TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_EQUAL(get(&b, "a").code, 0);
    /* It may be refused, and nobody told. */
    CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ABSENT, "a", "2").code, TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_TRUE(has(&b, "a", "1"));
    bench_close(&b);
}

static void
wait_for_zombies(struct bench *b)
{
    for (unsigned i = 0; i < 50; i++) {
        tsec_clock_fake_advance(&b->clock, TSEC_NS_PER_S);
        (void)get(b, "none").code;
    }
}

static void
a_late_commit_comes_through_if_it_still_can(void)
{
    struct bench b;

    bench_open(&b, (struct store_sim_rates){ .unknown_later = 1000 });
    CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ABSENT, "a", "late").code, TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ABSENT, "b", "late").code, TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_EQUAL(put(&b, TSEC_STORE_PRESENT, "c", "late").code, TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_EQUAL(database_len(store_sim_image(b.db)), 0);
    b.sim.rates.unknown_later = 0;
    CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ANY, "b", "sooner").code, 0);
    wait_for_zombies(&b);
    CU_ASSERT_TRUE(has(&b, "a", "late"));
    CU_ASSERT_TRUE(has(&b, "b", "sooner"));
    CU_ASSERT_EQUAL(database_len(store_sim_image(b.db)), 2);
    CU_ASSERT_EQUAL(b.sim.zombies, 1);
    bench_close(&b);
}

static void
a_restart_ends_what_is_under_way(void)
{
    unsigned done = 0;

    for (unsigned i = 0; i < 32; i++) {
        struct bench b;

        bench_open(&b, (struct store_sim_rates){ .unknown_later = 1000 });
        b.random.at = i;
        CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ANY, "a", "1").code, TSEC_E_OUTCOME_UNKNOWN);
        store_sim_restart(&b.sim, b.db);
        done += has(&b, "a", "1") ? 1 : 0;
        CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ANY, "a", "2").code, TSEC_E_OUTCOME_UNKNOWN);
        store_sim_calm(&b.sim);
        CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ANY, "a", "3").code, 0);
        wait_for_zombies(&b);
        CU_ASSERT_TRUE(has(&b, "a", "3"));
        bench_close(&b);
    }
    CU_ASSERT_TRUE(done > 4 && done < 28);
}

static void
a_handle_that_is_cut_off_fails_until_it_is_not(void)
{
    struct bench b;

    bench_open(&b, (struct store_sim_rates){ 0 });
    store_sim_cut(b.store, 3 * TSEC_NS_PER_S);
    for (unsigned i = 0; i < 16; i++) {
        const tsec_rc rc = put(&b, TSEC_STORE_ANY, "a", "1");

        CU_ASSERT_TRUE(rc.code == TSEC_E_UNAVAILABLE || rc.code == TSEC_E_OUTCOME_UNKNOWN);
    }
    CU_ASSERT_EQUAL(get(&b, "a").code, TSEC_E_UNAVAILABLE);
    tsec_clock_fake_advance(&b.clock, 3 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(get(&b, "a").code, TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ANY, "a", "1").code, 0);
    bench_close(&b);
}

static void
an_image_is_what_was_there_then(void)
{
    struct bench b;

    bench_open(&b, (struct store_sim_rates){ 0 });
    CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ANY, "a", "1").code, 0);

    struct store_sim_database *old =
        store_sim_database(&b.sim, database_copy(store_sim_image(b.db)));

    CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ANY, "a", "2").code, 0);
    CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ANY, "b", "2").code, 0);
    store_sim_point(b.store, old);
    CU_ASSERT_PTR_EQUAL(store_sim_pointed(b.store), old);
    CU_ASSERT_EQUAL(get(&b, "b").code, TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ANY, "c", "3").code, 0);
    store_sim_point(b.store, b.db);
    CU_ASSERT_EQUAL(get(&b, "b").code, 0);
    CU_ASSERT_EQUAL(get(&b, "c").code, TSEC_E_NOT_FOUND);
    CU_ASSERT_TRUE(has(&b, "a", "2"));
    bench_close(&b);
}

static void
one_seed_is_one_run(void)
{
    uint64_t digest[3];

    for (unsigned i = 0; i < 3; i++) {
        struct bench b;

        bench_open(&b, (struct store_sim_rates){ 200, 100, 100, 100, 200, 300, 0 });
        b.random.at = i < 2 ? 7 : 8;
        for (unsigned n = 0; n < 200; n++) {
            (void)put(&b, n % 3, n % 2 == 0 ? "a" : "b", "1").code;
            (void)get(&b, "a").code;
        }
        digest[i] = b.trace.digest;
        bench_close(&b);
    }
    CU_ASSERT_EQUAL(digest[0], digest[1]);
    CU_ASSERT_NOT_EQUAL(digest[0], digest[2]);
}

/* ---- what it notices ---- */

static void
plaintext_is_noticed(void)
{
    struct bench b;

    bench_open(&b, (struct store_sim_rates){ 0 });
    b.sim.canary = "canary";
    CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ANY, "a", "canar").code, 0);
    CU_ASSERT_PTR_NULL(b.sim.wrong);
    CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ANY, "a", "my canary sings").code, 0);
    CU_ASSERT_PTR_NOT_NULL(b.sim.wrong);
    bench_close(&b);
    bench_open(&b, (struct store_sim_rates){ 0 });
    b.sim.canary = "canary";
    CU_ASSERT_EQUAL(put(&b, TSEC_STORE_ANY, "a canary", "1").code, 0);
    CU_ASSERT_PTR_NOT_NULL(b.sim.wrong);
    bench_close(&b);
}

static void
other_leaves_after_a_doubt_are_noticed(void)
{
    static const uint8_t key[] = { 'e', 0, 0, 0, 0, 0, 0, 0, 5 };
    struct tsec_store_op op = { TSEC_STORE_PUT, TSEC_STORE_ABSENT, tsec_span(key, sizeof(key)),
                                tsec_span_str("these leaves") };
    struct bench b;

    bench_open(&b, (struct store_sim_rates){ .unknown_never = 1000 });
    CU_ASSERT_EQUAL(store_sim_ops.commit(b.store, &op, 1, NULL).code, TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_EQUAL(store_sim_ops.commit(b.store, &op, 1, NULL).code, TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_PTR_NULL(b.sim.wrong);
    op.value = tsec_span_str("those leaves");
    CU_ASSERT_EQUAL(store_sim_ops.commit(b.store, &op, 1, NULL).code, TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_PTR_NOT_NULL(b.sim.wrong);
    bench_close(&b);
    /* It may, once it saw that somebody else's stand there. */
    bench_open(&b, (struct store_sim_rates){ .unknown_never = 1000 });
    CU_ASSERT_EQUAL(store_sim_ops.commit(b.store, &op, 1, NULL).code, TSEC_E_OUTCOME_UNKNOWN);
    database_put(store_sim_image(b.db), op.key, tsec_span_str("somebody's"));
    CU_ASSERT_EQUAL(get_span(&b, op.key).code, 0);
    op.value = tsec_span_str("these leaves");
    CU_ASSERT_EQUAL(store_sim_ops.commit(b.store, &op, 1, NULL).code, TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_PTR_NULL(b.sim.wrong);
    bench_close(&b);
}

/* ---- the contract, without faults ---- */

static void
fresh(char *uri, size_t size)
{
    static unsigned n;

    (void)snprintf(uri, size, "sim:contract%u", n++);
}

static const struct test_case cases[] = {
    { "what is refused is not done", what_is_refused_is_not_done },
    { "an unknown outcome is either", an_unknown_outcome_is_either },
    { "a late commit comes through if it still can", a_late_commit_comes_through_if_it_still_can },
    { "a restart ends what is under way", a_restart_ends_what_is_under_way },
    { "a handle that is cut off fails until it is not",
      a_handle_that_is_cut_off_fails_until_it_is_not },
    { "an image is what was there then", an_image_is_what_was_there_then },
    { "one seed is one run", one_seed_is_one_run },
    { "plaintext is noticed", plaintext_is_noticed },
    { "other leaves after a doubt are noticed", other_leaves_after_a_doubt_are_noticed },
};

int
main(void)
{
    static const struct store_subject subject = { .ops = &store_sim_ops,
                                                  .fresh = fresh,
                                                  .shared = true };
    int status = test_main("sim/store_sim", cases, TSEC_ARRAY_LEN(cases));

    store_contract_use(&subject);
    if (status == TEST_PASS) {
        status = test_main("contract of store-sim", store_contract_cases, store_contract_len);
    }
    store_sim_forget();
    return status;
}

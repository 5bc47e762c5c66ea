/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "tests/core/snapshot_bench.h"

static void
a_lost_answer_about_a_snapshot_is_asked_for(void)
{
    struct node_bench b = { .node = NULL };

    snapshot_bench_copy(&b, "mem:snap");
    OK(node_bench_open(&b, "mem:snap", false, NULL));

    const uint64_t from = ledger_from(b.node->active.ledger);

    snapshot_bench_lengthen(&b);
    store_fault_at(b.store, STORE_CALL_COMMIT, 1, STORE_FAULT_LOSE_APPLIED, TSEC_E_OUTCOME_UNKNOWN);
    node_bench_close(&b);
    OK(node_bench_open(&b, "mem:snap", false, NULL));
    CU_ASSERT_TRUE(ledger_from(b.node->active.ledger) > from);
    node_bench_close(&b);
}

static void
a_snapshot_that_cannot_be_stored_costs_nothing(void)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };
    char got[16];

    OK(node_bench_open(&b, "mem:down", true, NULL));
    snapshot_bench_lengthen(&b);
    OK(node_bench_put(&b, "sys/last", "word"));
    store_fault_down(b.store, TSEC_E_UNAVAILABLE);
    node_bench_close(&b);
    OK(node_bench_open(&b, "mem:down", false, &err));
    OK(node_bench_get(&b, "sys/last", got, sizeof(got), &err));
    node_bench_close(&b);
    store_mem_forget();
}

/* ---- small ones ---- */

enum { EVERY = 12, WAIT_MS = 5000 };

static void
begin(struct node_bench *b, const char *uri, bool init, bool stepped)
{
    b->stepped = stepped;
    b->snapshot_every = EVERY;
    OK(node_bench_open(b, uri, init, NULL));
}

static void
put(struct node_bench *b, int times)
{
    for (int i = 0; i < times; i++) {
        OK(node_bench_put(b, "sys/n", "x"));
    }
}

/* Where a start would begin; 0: at the first leaf.  All else must be in order. */
static uint64_t
begins_at(const char *name)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };
    char got[16];
    uint64_t from;

    CU_ASSERT_TRUE_FATAL(store_mem_copy(name, "look"));
    b.stepped = true;
    if (tsec_failed(node_bench_open(&b, "mem:look", false, &err))) {
        CU_FAIL_FATAL(err.detail);
    }
    OK(node_bench_get(&b, "sys/n", got, sizeof(got), NULL));
    from = ledger_from(b.node->active.ledger);
    node_bench_close(&b);
    return from;
}

static void
a_node_with_threads_takes_one_while_it_serves(void)
{
    struct node_bench b = { .node = NULL };
    uint64_t from = 0;

    begin(&b, "mem:threads", true, false);
    put(&b, 2 * EVERY);
    for (int ms = 0; ms < WAIT_MS && from == 0; ms++) {
        tsec_clock_fake_advance(&b.clock, 2 * TSEC_NS_PER_S);
        put(&b, 1);
        from = begins_at("threads");
        (void)usleep(1000);
    }
    CU_ASSERT_TRUE(from > 0);
    put(&b, 1);
    node_bench_close(&b);
    CU_ASSERT_TRUE(begins_at("threads") >= from);
    store_mem_forget();
}

static void
end_with(enum store_call call, enum store_fault fault, enum tsec_code code, unsigned nth)
{
    struct node_bench b = { .node = NULL };

    begin(&b, "mem:end", true, true);
    put(&b, 2 * EVERY);
    CU_ASSERT_EQUAL(begins_at("end"), 0);
    store_fault_at(b.store, call, nth, fault, code);
    node_bench_close(&b);
    CU_ASSERT_TRUE(begins_at("end") > 0); /* one failure is not the last word */
    store_mem_forget();
}

static void
interrupted_at_any_call_of_its_end_it_is_there_all_the_same(void)
{
    for (unsigned n = 1; n <= 4; n++) {
        end_with(STORE_CALL_COMMIT, STORE_FAULT_REFUSE, TSEC_E_UNAVAILABLE, n);
        end_with(STORE_CALL_COMMIT, STORE_FAULT_REFUSE, TSEC_E_OUTCOME_UNKNOWN, n);
        end_with(STORE_CALL_COMMIT, STORE_FAULT_LOSE_APPLIED, TSEC_E_OUTCOME_UNKNOWN, n);
        end_with(STORE_CALL_SCAN, STORE_FAULT_REFUSE, TSEC_E_UNAVAILABLE, n);
        end_with(STORE_CALL_GET, STORE_FAULT_REFUSE, TSEC_E_UNAVAILABLE, n);
    }
}

static void
at_an_end_in_company_the_others_are_read_first(void)
{
    struct node_bench a = { .node = NULL };
    struct node_bench b = { .node = NULL };
    uint64_t from;

    begin(&a, "mem:both", true, true);
    begin(&b, "mem:both", false, true);
    put(&b, EVERY + 2);
    put(&a, EVERY + 2); /* which b has not read when it ends */
    node_bench_close(&b);
    from = begins_at("both");
    CU_ASSERT_TRUE(from > 0);
    put(&a, 1);
    node_bench_close(&a); /* another's is as new as its own would be */
    CU_ASSERT_EQUAL(begins_at("both"), from);
    store_mem_forget();
}

static const struct test_case cases[] = {
    { "a lost answer about a snapshot is asked for", a_lost_answer_about_a_snapshot_is_asked_for },
    { "a snapshot that cannot be stored costs nothing",
      a_snapshot_that_cannot_be_stored_costs_nothing },
    { "a node with threads takes one while it serves",
      a_node_with_threads_takes_one_while_it_serves },
    { "interrupted at any call of its end it is there all the same",
      interrupted_at_any_call_of_its_end_it_is_there_all_the_same },
    { "at an end in company the others are read first",
      at_an_end_in_company_the_others_are_read_first },
};

TEST_MAIN("core/node_snapshot", cases)

/* SPDX-License-Identifier: Apache-2.0 */
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

static const struct test_case cases[] = {
    { "a lost answer about a snapshot is asked for", a_lost_answer_about_a_snapshot_is_asked_for },
    { "a snapshot that cannot be stored costs nothing",
      a_snapshot_that_cannot_be_stored_costs_nothing },
};

TEST_MAIN("core/node_snapshot", cases)

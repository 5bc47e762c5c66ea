/* SPDX-License-Identifier: Apache-2.0 */
#include "core/node.h"
#include "tests/double/node_bench.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

/* Leaves that sealing and unsealing add when so many strangers came before. */
static uint64_t
leaves_of_a_seal(struct node_bench *b, int strangers)
{
    struct node_health before;
    struct node_health after;

    node_health(b->node, &before);
    for (int i = 0; i < strangers; i++) {
        node_stranger(b->node, i % 2 == 0 ? "10.0.0.1" : "10.0.0.2", "token");
    }
    OK(node_seal(b->node, NULL));
    OK(node_unseal(b->node, NULL));
    node_health(b->node, &after);
    return after.ledger_size - before.ledger_size;
}

static void
strangers_are_one_entry_each_before_the_seal(void)
{
    struct node_bench b = { .node = NULL };
    uint64_t none;

    OK(node_bench_open(&b, "mem:strangers", true, NULL));
    OK(node_bench_put(&b, "sys/a", "1"));
    none = leaves_of_a_seal(&b, 0);
    OK(node_bench_put(&b, "sys/a", "2"));
    CU_ASSERT_EQUAL(leaves_of_a_seal(&b, 9), none + 2);
    node_bench_close(&b);
    store_mem_forget();
}

static tsec_rc
rotate(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)ctx;
    return txn_dek(txn, TXN_DEK_ROTATE, "*", err);
}

static tsec_rc
read_status(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)err;
    node_key_status(txn, ctx);
    return TSEC_OK;
}

static void
rows_move_to_the_new_key_and_the_old_one_goes(void)
{
    struct node_bench b = { .node = NULL };
    struct node_key_status status;
    char got[16];

    OK(node_bench_open(&b, "mem:reseal", true, NULL));
    OK(node_bench_put(&b, "sys/a", "1"));
    OK(node_bench_put(&b, "sys/b", "2"));
    OK(node_bench_put(&b, "sys/c", "3"));
    OK(node_bench_do(&b, rotate, NULL, NULL, NULL, NULL));
    for (int i = 0; i < 3; i++) { /* two rows, one row, the key */
        OK(node_bench_do(&b, read_status, &status, NULL, NULL, NULL));
        CU_ASSERT_EQUAL(status.old_deks, 1);
        node_reseal(b.node, 2);
        OK(node_bench_do(&b, read_status, &status, NULL, NULL, NULL)); /* after it */
    }
    OK(node_bench_do(&b, read_status, &status, NULL, NULL, NULL));
    CU_ASSERT_EQUAL(status.old_deks, 0);
    OK(node_bench_get(&b, "sys/c", got, sizeof(got), NULL));
    CU_ASSERT_STRING_EQUAL(got, "3");
    node_bench_close(&b);
    OK(node_bench_open(&b, "mem:reseal", false, NULL));
    node_bench_close(&b);
    store_mem_forget();
}

static const struct test_case cases[] = {
    { "strangers are one entry each before the seal",
      strangers_are_one_entry_each_before_the_seal },
    { "rows move to the new key and the old one goes",
      rows_move_to_the_new_key_and_the_old_one_goes },
};

TEST_MAIN("core/node_jobs", cases)

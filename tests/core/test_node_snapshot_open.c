/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/core/snapshot_bench.h"

static void
a_start_begins_at_the_snapshot_and_knows_everything(void)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };
    char got[16];

    snapshot_bench_copy(&b, "mem:snap");
    OK(node_bench_open(&b, "mem:snap", false, &err));
    CU_ASSERT_TRUE(ledger_from(b.node->active.ledger) >= NODE_SNAPSHOT_MIN);
    OK(node_bench_get(&b, "sys/last", got, sizeof(got), &err));
    CU_ASSERT_STRING_EQUAL(got, "word");
    OK(node_bench_get(&b, "sys/row/13999", got, sizeof(got), &err));
    OK(node_bench_put(&b, "sys/last", "more"));
    node_bench_close(&b);
    OK(node_bench_open(&b, "mem:snap", false, &err));
    OK(node_bench_get(&b, "sys/last", got, sizeof(got), &err));
    CU_ASSERT_STRING_EQUAL(got, "more");
    CU_ASSERT_EQUAL(node_status(b.node), NODE_ACTIVE);
    node_bench_close(&b);
}

static void
an_altered_snapshot_stops_the_start(void)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };

    snapshot_bench_copy(&b, "mem:snap");
    snapshot_bench_spoil("mem:snap", "S", 1, false);
    CU_ASSERT_EQUAL(node_bench_open(&b, "mem:snap", false, &err).code, TSEC_E_TAMPERED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "snapshot"));
    node_bench_close(&b);
}

static void
a_snapshot_without_a_part_stops_the_start(void)
{
    snapshot_bench_copy(&(struct node_bench){ .node = NULL }, "mem:first");
    snapshot_bench_spoil("mem:first", "S", 2, true);
    snapshot_bench_refused("mem:first", "snapshot");
    snapshot_bench_copy(&(struct node_bench){ .node = NULL }, "mem:second");
    snapshot_bench_spoil("mem:second", "S", 3, true);
    snapshot_bench_refused("mem:second", "snapshot");
}

static void
an_altered_part_stops_the_start(void)
{
    snapshot_bench_copy(&(struct node_bench){ .node = NULL }, "mem:first");
    snapshot_bench_spoil("mem:first", "S", 2, false);
    snapshot_bench_refused("mem:first", "snapshot");
    snapshot_bench_copy(&(struct node_bench){ .node = NULL }, "mem:second");
    snapshot_bench_spoil("mem:second", "S", 3, false);
    snapshot_bench_refused("mem:second", "snapshot");
}

static void
without_its_snapshot_the_whole_log_is_read(void)
{
    struct node_bench b = { .node = NULL };
    char got[16];

    snapshot_bench_copy(&b, "mem:snap");
    snapshot_bench_spoil("mem:snap", "S", 1, true); /* the parts stay, and are nobody's */
    OK(node_bench_open(&b, "mem:snap", false, NULL));
    CU_ASSERT_EQUAL(ledger_from(b.node->active.ledger), 0);
    OK(node_bench_get(&b, "sys/last", got, sizeof(got), NULL));
    CU_ASSERT_STRING_EQUAL(got, "word");
    node_bench_close(&b);
}

static tsec_rc
rotate(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)ctx;
    return txn_dek(txn, TXN_DEK_ROTATE, "*", err);
}

/* "mem:old" ends with one snapshot, "mem:new" goes on to another, with a new key between. */
static void
grow_twice(uint64_t *from)
{
    struct node_bench b = { .node = NULL };

    snapshot_bench_copy(&b, "mem:old");
    snapshot_bench_copy(&b, "mem:new");
    OK(node_bench_open(&b, "mem:new", false, NULL));
    *from = ledger_from(b.node->active.ledger);
    OK(node_bench_do(&b, rotate, NULL, NULL, NULL, NULL));
    OK(node_bench_put(&b, "sys/last", "newer"));
    snapshot_bench_lengthen(&b);
    node_bench_close(&b);
}

static void
an_older_snapshot_under_the_newer_log_is_only_slower(uint64_t from)
{
    struct node_bench b = { .node = NULL };
    char got[16];

    CU_ASSERT_TRUE_FATAL(store_mem_copy("new", "snap"));
    OK(node_bench_open(&b, "mem:snap", false, NULL));
    CU_ASSERT_TRUE(ledger_from(b.node->active.ledger) > from);
    node_bench_close(&b);
    snapshot_bench_transplant("mem:old", "mem:snap", "S", false);
    OK(node_bench_open(&b, "mem:snap", false, NULL));
    CU_ASSERT_EQUAL(ledger_from(b.node->active.ledger), from);
    OK(node_bench_get(&b, "sys/last", got, sizeof(got), NULL));
    CU_ASSERT_STRING_EQUAL(got, "newer");
    node_bench_close(&b);
}

/* The parts of both are there.  The pointer says which it is; what it says nobody proves, but the
 * parts and the log do. */
static void
parts_of_both_are_as_good_as_the_pointer(uint64_t from)
{
    struct node_bench b = { .node = NULL };
    char got[16];

    CU_ASSERT_TRUE_FATAL(store_mem_copy("new", "both"));
    snapshot_bench_transplant("mem:old", "mem:both", "S", true);
    OK(node_bench_open(&b, "mem:both", false, NULL));
    CU_ASSERT_EQUAL(ledger_from(b.node->active.ledger), from);
    OK(node_bench_get(&b, "sys/last", got, sizeof(got), NULL));
    CU_ASSERT_STRING_EQUAL(got, "newer");
    node_bench_close(&b);

    CU_ASSERT_TRUE_FATAL(store_mem_copy("new", "none"));
    snapshot_bench_transplant("mem:old", "mem:none", "S", true);
    snapshot_bench_spoil("mem:none", "S", 2, true); /* of the older one, which the pointer names */
    snapshot_bench_refused("mem:none", "snapshot");
}

static void
what_is_mixed_from_different_times_is_refused(void)
{
    enum { BETWEEN = 5000 }; /* a segment after the first snapshot and before the second */
    uint64_t from = 0;

    grow_twice(&from);
    an_older_snapshot_under_the_newer_log_is_only_slower(from);

    parts_of_both_are_as_good_as_the_pointer(from);

    CU_ASSERT_TRUE_FATAL(store_mem_copy("new", "gap"));
    snapshot_bench_transplant("mem:old", "mem:gap", "S", false);
    snapshot_bench_spoil("mem:gap", "e", BETWEEN, true);
    snapshot_bench_refused("mem:gap", "gap");

    CU_ASSERT_TRUE_FATAL(store_mem_copy("old", "beyond"));
    snapshot_bench_transplant("mem:new", "mem:beyond", "S", false);
    snapshot_bench_refused("mem:beyond", "snapshot");

    CU_ASSERT_TRUE_FATAL(store_mem_copy("new", "rows"));
    snapshot_bench_transplant("mem:old", "mem:rows", "r", false);
    snapshot_bench_refused("mem:rows", "row");
}

static const struct test_case cases[] = {
    { "a start begins at the snapshot and knows everything",
      a_start_begins_at_the_snapshot_and_knows_everything },
    { "an altered snapshot stops the start", an_altered_snapshot_stops_the_start },
    { "a snapshot without a part stops the start", a_snapshot_without_a_part_stops_the_start },
    { "an altered part stops the start", an_altered_part_stops_the_start },
    { "without its snapshot the whole log is read", without_its_snapshot_the_whole_log_is_read },
    { "what is mixed from different times is refused",
      what_is_mixed_from_different_times_is_refused },
};

TEST_MAIN("core/node_snapshot_open", cases)

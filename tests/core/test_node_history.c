/* SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "tests/core/snapshot_bench.h"

enum { WAIT_MS = 5000 };

static void
what_was_altered_before_the_snapshot_stops_the_service(void)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };

    snapshot_bench_copy(&b, "mem:snap");
    snapshot_bench_spoil("mem:snap", "e", 1, false);
    OK(node_bench_open(&b, "mem:snap", false, NULL));
    for (int ms = 0; ms < WAIT_MS && !node_failure(b.node, &err); ms++) {
        (void)usleep(1000);
    }
    CU_ASSERT_TRUE(node_failure(b.node, &err));
    CU_ASSERT_EQUAL(err.code, TSEC_E_TAMPERED);
    CU_ASSERT_EQUAL(node_bench_put(&b, "sys/a", "b").code, TSEC_E_UNAVAILABLE);
    node_bench_close(&b);
}

/* Scans of the store until nobody scans any more. */
static unsigned
scans_in_all(struct node_bench *b)
{
    unsigned n = 0;

    for (int still = 0; still < 20; still++) {
        const unsigned now = store_fault_calls(b->store, STORE_CALL_SCAN);

        still = now == n ? still : 0;
        n = now;
        (void)usleep(10000);
    }
    return n;
}

static void
a_store_that_refuses_the_history_is_asked_again(void)
{
    enum { LATE = 3900 }; /* a segment that is read after the refusal */
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };
    unsigned scans;

    snapshot_bench_copy(&b, "mem:snap");
    OK(node_bench_open(&b, "mem:snap", false, NULL));
    scans = scans_in_all(&b);
    OK(node_seal(b.node, NULL));
    snapshot_bench_spoil("mem:snap", "e", LATE, false);
    store_fault_at(b.store, STORE_CALL_SCAN, scans - 20, STORE_FAULT_REFUSE, TSEC_E_UNAVAILABLE);
    OK(node_unseal(b.node, NULL));
    for (int ms = 0; ms < WAIT_MS && !node_failure(b.node, &err); ms++) {
        (void)usleep(1000);
    }
    CU_ASSERT_TRUE(node_failure(b.node, &err));
    CU_ASSERT_EQUAL(err.code, TSEC_E_TAMPERED);
    node_bench_close(&b);
}

static const struct test_case cases[] = {
    { "what was altered before the snapshot stops the service",
      what_was_altered_before_the_snapshot_stops_the_service },
    { "a store that refuses the history is asked again",
      a_store_that_refuses_the_history_is_asked_again },
};

TEST_MAIN("core/node_history", cases)

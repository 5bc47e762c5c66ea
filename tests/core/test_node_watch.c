/* SPDX-License-Identifier: Apache-2.0 */
/* Servers that start over one empty store. */
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "tests/double/node_bench.h"
#include "tests/double/store_fault.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

static bool
becomes_active(struct node *node)
{
    for (int i = 0; i < 100 && node_status(node) != NODE_ACTIVE; i++) {
        (void)usleep(50000);
    }
    return node_status(node) == NODE_ACTIVE;
}

static void
a_waiting_server_opens_what_another_made(void)
{
    struct node_bench waiting = { .node = NULL };
    struct node_bench maker = { .node = NULL };
    char out[16];

    OK(node_bench_open(&waiting, "mem:empty", false, NULL));
    CU_ASSERT_EQUAL(node_status(waiting.node), NODE_UNINITIALIZED);
    OK(node_bench_open(&maker, "mem:empty", true, NULL));
    CU_ASSERT_TRUE(becomes_active(waiting.node));
    OK(node_bench_put(&maker, "sys/a", "1"));
    OK(node_bench_get(&waiting, "sys/a", out, sizeof(out), NULL));
    CU_ASSERT_STRING_EQUAL(out, "1");
    node_bench_close(&waiting);
    node_bench_close(&maker);
    store_mem_forget();
}

static void
a_waiting_server_closes_without_waiting(void)
{
    struct node_bench b = { .node = NULL };

    OK(node_bench_open(&b, "mem:empty", false, NULL));
    store_fault_down(b.store, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(node_status(b.node), NODE_UNINITIALIZED);
    node_bench_close(&b);
    store_mem_forget();
}

/* ---- two at once ---- */

struct racer {
    struct node_bench bench;
    pthread_barrier_t *start;
    tsec_rc rc;
};

static tsec_rc
first_run(struct node_op *op, struct txn *txn, struct tsec_buf *audit, struct tsec_err *err)
{
    const struct audit_entry entry = { .ts_ns = op->now_ns, .operation = "sysInit", .allow = true };

    audit_entry_json(&entry, node_keys(op->node)->pseudonym, audit);
    return txn_put(txn, tsec_span_str("sys/first"), tsec_span_str("made"), err);
}

static void *
race(void *arg)
{
    struct racer *r = arg;
    struct node_op genesis = { .run = first_run, .now_ns = r->bench.clock.real };

    CU_ASSERT_FALSE(tsec_failed(tsec_arena_new(1 << 22, &genesis.arena, NULL)));
    (void)pthread_barrier_wait(r->start);
    r->rc = node_init(r->bench.node, &genesis, NULL);
    tsec_arena_free(genesis.arena);
    return NULL;
}

static void
of_two_who_initialise_one_does_and_both_serve(void)
{
    struct racer r[2];
    pthread_barrier_t start;
    pthread_t threads[2];
    char out[16];

    memset(r, 0, sizeof(r));
    (void)pthread_barrier_init(&start, NULL, 2);
    for (size_t i = 0; i < 2; i++) {
        OK(node_bench_open(&r[i].bench, "mem:race", false, NULL));
        r[i].start = &start;
    }
    for (size_t i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, race, &r[i]), 0);
    }
    for (size_t i = 0; i < 2; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    CU_ASSERT_TRUE(tsec_failed(r[0].rc) != tsec_failed(r[1].rc));
    CU_ASSERT_TRUE(r[0].rc.code == TSEC_E_CONFLICT || r[1].rc.code == TSEC_E_CONFLICT);
    for (size_t i = 0; i < 2; i++) {
        CU_ASSERT_TRUE(becomes_active(r[i].bench.node));
        OK(node_bench_get(&r[i].bench, "sys/first", out, sizeof(out), NULL));
        CU_ASSERT_STRING_EQUAL(out, "made");
    }
    for (size_t i = 0; i < 2; i++) {
        node_bench_close(&r[i].bench);
    }
    (void)pthread_barrier_destroy(&start);
    store_mem_forget();
}

static const struct test_case cases[] = {
    { "a waiting server opens what another made", a_waiting_server_opens_what_another_made },
    { "a waiting server closes without waiting", a_waiting_server_closes_without_waiting },
    { "of two who initialise one does, and both serve",
      of_two_who_initialise_one_does_and_both_serve },
};

TEST_MAIN("core/node_watch", cases)

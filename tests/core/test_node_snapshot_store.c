/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "core/node_internal.h"
#include "tests/double/node_bench.h"
#include "tests/double/store_fault.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

enum { EVERY = 12, STEPS_MAX = 400 };

/* ---- what is in the store ---- */

struct rows {
    bool pointed;
    struct snapshot_name pointer;
    size_t of_pointer; /* parts that are its */
    size_t others;
    uint8_t other_key[TSEC_STORE_KEY_MAX];
};

static tsec_rc
count_row(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct rows *r = ctx;
    struct snapshot_name name;

    if (key.len == 1) {
        r->pointed = snapshot_pointer_read(value, &r->pointer);
    } else if (snapshot_key_read(key, &name)
               && memcmp(name.id, r->pointer.id, SNAPSHOT_ID_LEN) == 0) {
        r->of_pointer++;
    } else {
        r->others++;
    }
    return TSEC_OK;
}

static struct rows
rows_of(const char *uri)
{
    struct rows r = { .pointed = false };
    struct tsec_store *store = NULL;

    OK(store_mem_ops.open(NULL, uri, &store, NULL));
    OK(store_mem_ops.scan(store, tsec_span("S", 1), tsec_span(NULL, 0), SIZE_MAX, count_row, &r,
                          NULL));
    store_mem_ops.close(store);
    return r;
}

static void
put_row(const char *uri, struct tsec_span key)
{
    const struct tsec_store_op op = { .verb = TSEC_STORE_PUT, .key = key, .value = key };
    struct tsec_store *store = NULL;

    OK(store_mem_ops.open(NULL, uri, &store, NULL));
    OK(store_mem_ops.commit(store, &op, 1, NULL));
    store_mem_ops.close(store);
}

static void
expect_one_whole_snapshot(const char *uri)
{
    const struct rows r = rows_of(uri);

    CU_ASSERT_TRUE(r.pointed);
    CU_ASSERT_EQUAL(r.of_pointer, r.pointer.parts);
    CU_ASSERT_EQUAL(r.others, 0);
}

/* ---- nodes ---- */

static void
begin_small(struct node_bench *b, const char *uri, bool init)
{
    b->stepped = true;
    b->snapshot_every = EVERY;
    OK(node_bench_open(b, uri, init, NULL));
}

static void
step(struct node_bench *b)
{
    tsec_clock_fake_advance(&b->clock, TSEC_NS_PER_S);
    (void)node_step(b->node);
}

static bool
taking(const struct node_bench *b)
{
    const struct snapshot *s = b->node->active.snapshot;

    return s != NULL && atomic_load(&s->at) != SNAPSHOT_ENDED;
}

/* Writes until a snapshot begins; *n counts what was acknowledged. */
static void
write_until_one_begins(struct node_bench *b, int *n)
{
    for (int i = 0; i < STEPS_MAX && !taking(b); i++) {
        char value[16];

        (void)snprintf(value, sizeof(value), "%d", *n + 1);
        if (!tsec_failed(node_bench_put(b, "sys/n", value))) {
            ++*n;
        }
        step(b);
    }
    CU_ASSERT_TRUE_FATAL(taking(b));
}

static void
step_until_it_ends(struct node_bench *b)
{
    for (int i = 0; i < STEPS_MAX && taking(b); i++) {
        step(b);
    }
    CU_ASSERT_FALSE_FATAL(taking(b));
}

/* As if the machine had died: a copy of the database as it is, and a start over it. */
static void
expect_all_after_a_crash(const char *name, int n)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };
    char got[16];
    char want[16];
    int more = n;

    (void)snprintf(want, sizeof(want), "%d", n);
    CU_ASSERT_TRUE_FATAL(store_mem_copy(name, "crashed"));
    b.stepped = true;
    b.snapshot_every = EVERY;
    if (tsec_failed(node_bench_open(&b, "mem:crashed", false, &err))) {
        CU_FAIL_FATAL(err.detail);
    }
    OK(node_bench_get(&b, "sys/n", got, sizeof(got), NULL));
    CU_ASSERT_STRING_EQUAL(got, want);
    write_until_one_begins(&b, &more);
    step_until_it_ends(&b);
    expect_one_whole_snapshot("mem:crashed");
    node_bench_close(&b);
}

/* ---- tests ---- */

static void
one_is_taken_in_service_and_the_old_one_goes(void)
{
    struct node_bench b = { .node = NULL };
    uint64_t first;
    int n = 0;

    begin_small(&b, "mem:turns", true);
    write_until_one_begins(&b, &n);
    step_until_it_ends(&b);
    expect_one_whole_snapshot("mem:turns");
    first = rows_of("mem:turns").pointer.size;
    expect_all_after_a_crash("turns", n);
    write_until_one_begins(&b, &n);
    step_until_it_ends(&b);
    expect_one_whole_snapshot("mem:turns");
    CU_ASSERT_TRUE(rows_of("mem:turns").pointer.size >= first + EVERY);
    node_bench_close(&b);
    begin_small(&b, "mem:turns", false);
    CU_ASSERT_TRUE(ledger_from(b.node->active.ledger) >= first + EVERY);
    node_bench_close(&b);
}

static void
interrupt(const char *name, enum store_call call, enum store_fault fault, enum tsec_code code,
          unsigned nth, bool for_good)
{
    struct node_bench b = { .node = NULL };
    char uri[32];
    int n = 0;

    (void)snprintf(uri, sizeof(uri), "mem:%s", name);
    begin_small(&b, uri, true);
    write_until_one_begins(&b, &n);
    step_until_it_ends(&b);
    write_until_one_begins(&b, &n);
    store_fault_at(b.store, call, nth, fault, code);
    for (unsigned i = 0; i < 30 && taking(&b); i++) {
        const unsigned before = store_fault_calls(b.store, call);

        step(&b);
        if (for_good && before < nth && store_fault_calls(b.store, call) >= nth) {
            store_fault_down(b.store, TSEC_E_UNAVAILABLE);
        }
    }
    expect_all_after_a_crash(name, n);
    store_fault_clear(b.store);
    OK(node_bench_put(&b, "sys/n", "0"));
    CU_ASSERT_EQUAL(node_status(b.node), NODE_ACTIVE);
    step_until_it_ends(&b);
    node_bench_close(&b);
    store_mem_forget();
}

static void
interrupted_at_any_call_it_loses_nothing(void)
{
    enum { CALLS = 8 };

    for (unsigned n = 1; n <= CALLS; n++) {
        interrupt("cut", STORE_CALL_COMMIT, STORE_FAULT_REFUSE, TSEC_E_UNAVAILABLE, n, false);
        interrupt("cut", STORE_CALL_COMMIT, STORE_FAULT_REFUSE, TSEC_E_OUTCOME_UNKNOWN, n, false);
        interrupt("cut", STORE_CALL_COMMIT, STORE_FAULT_LOSE_APPLIED, TSEC_E_OUTCOME_UNKNOWN, n,
                  false);
        interrupt("cut", STORE_CALL_SCAN, STORE_FAULT_REFUSE, TSEC_E_UNAVAILABLE, n, false);
        interrupt("cut", STORE_CALL_GET, STORE_FAULT_REFUSE, TSEC_E_UNAVAILABLE, n, false);
    }
}

static void
a_machine_that_dies_at_any_commit_loses_nothing(void)
{
    for (unsigned n = 1; n <= 6; n++) {
        interrupt("dead", STORE_CALL_COMMIT, STORE_FAULT_REFUSE, TSEC_E_OUTCOME_UNKNOWN, n, true);
        interrupt("dead", STORE_CALL_COMMIT, STORE_FAULT_LOSE_APPLIED, TSEC_E_OUTCOME_UNKNOWN, n,
                  true);
    }
}

/* Both begin, then one gets `ahead` steps, then both go on by turns. */
static void
two_at_once(unsigned ahead)
{
    struct node_bench a = { .node = NULL };
    struct node_bench b = { .node = NULL };
    int n = 0;

    begin_small(&a, "mem:two", true);
    memcpy(b.identity, a.identity, sizeof(b.identity));
    memcpy(b.recipient, a.recipient, sizeof(b.recipient));
    b.clock = a.clock;
    b.clock.clock.ctx = &b.clock;
    begin_small(&b, "mem:two", false);
    write_until_one_begins(&a, &n);
    for (int i = 0; i < STEPS_MAX && !taking(&b); i++) {
        step(&b);
    }
    CU_ASSERT_TRUE_FATAL(taking(&a) && taking(&b));
    for (unsigned i = 0; i < ahead; i++) {
        step(&a);
    }
    for (int i = 0; i < STEPS_MAX && (taking(&a) || taking(&b)); i++) {
        step(&b);
        step(&a);
    }
    CU_ASSERT_FALSE(taking(&a) || taking(&b));
    expect_one_whole_snapshot("mem:two");
    expect_all_after_a_crash("two", n);
    /* And in turns: the other one's is the next. */
    write_until_one_begins(&b, &n);
    step_until_it_ends(&b);
    expect_one_whole_snapshot("mem:two");
    expect_all_after_a_crash("two", n);
    CU_ASSERT_EQUAL(node_status(a.node), NODE_ACTIVE);
    CU_ASSERT_EQUAL(node_status(b.node), NODE_ACTIVE);
    node_bench_close(&a);
    node_bench_close(&b);
    store_mem_forget();
}

static void
of_two_at_once_one_is_kept_whole(void)
{
    for (unsigned ahead = 0; ahead < 10; ahead++) {
        two_at_once(ahead);
    }
}

static void
what_nobody_points_to_is_removed(void)
{
    const struct snapshot_name lost = { .size = 77, .id = { 1, 2, 3 }, .parts = 40 };
    struct node_bench b = { .node = NULL };
    uint8_t key[SNAPSHOT_KEY_LEN];
    int n = 0;

    begin_small(&b, "mem:orphans", true);
    for (uint32_t i = 3; i < lost.parts; i += 2) { /* some were stored */
        snapshot_key(&lost, i, key);
        put_row("mem:orphans", tsec_span(key, sizeof(key)));
    }
    put_row("mem:orphans", tsec_span_str("S a key that is none of ours"));
    CU_ASSERT_EQUAL(rows_of("mem:orphans").others, 20);
    write_until_one_begins(&b, &n);
    step_until_it_ends(&b);
    expect_one_whole_snapshot("mem:orphans");
    node_bench_close(&b);
}

static void
a_snapshot_that_gives_up_takes_its_parts_back(void)
{
    struct node_bench b = { .node = NULL };
    int n = 0;

    begin_small(&b, "mem:back", true);
    write_until_one_begins(&b, &n);
    step(&b);
    CU_ASSERT_EQUAL(rows_of("mem:back").others, 1);
    (void)atomic_fetch_add(&b.node->active.snapshots_met, 1);
    step_until_it_ends(&b);
    CU_ASSERT_EQUAL(rows_of("mem:back").others, 0);
    CU_ASSERT_FALSE(rows_of("mem:back").pointed);
    node_bench_close(&b);
    store_mem_forget();
}

/* ---- a start that is overtaken ---- */

static int parts_read;
static int replace_after; /* so many parts; 0: never */
static int replaced;

static tsec_rc
racing_get(struct tsec_store *store, struct tsec_span key, const struct tsec_sink *out,
           struct tsec_err *err)
{
    if (key.len == SNAPSHOT_KEY_LEN && key.ptr[0] == 'S' && ++parts_read == replace_after) {
        CU_ASSERT_TRUE_FATAL(store_mem_copy("after", "race"));
        replaced++;
    }
    return store_mem_ops.get(store, key, out, err);
}

static struct tsec_store_ops racing_ops;

static void
a_start_that_is_overtaken_begins_again(void)
{
    struct node_bench b = { .node = NULL };
    uint64_t newer;
    int n = 0;

    begin_small(&b, "mem:after", true);
    write_until_one_begins(&b, &n);
    step_until_it_ends(&b);
    CU_ASSERT_TRUE_FATAL(store_mem_copy("after", "race"));
    write_until_one_begins(&b, &n);
    step_until_it_ends(&b);
    newer = rows_of("mem:after").pointer.size;
    node_bench_close(&b);

    racing_ops = store_mem_ops;
    racing_ops.get = racing_get;
    store_fault_behind(&racing_ops);
    parts_read = 0;
    replace_after = 1;
    begin_small(&b, "mem:race", false);
    store_fault_behind(&store_mem_ops);
    CU_ASSERT_EQUAL(replaced, 1);
    CU_ASSERT_EQUAL(ledger_from(b.node->active.ledger), newer);
    node_bench_close(&b);
    store_mem_forget();
}

/* ---- beside the service ---- */

enum { ROWS = 14000, ROWS_EACH = 250 };

static tsec_rc
put_some(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const int n = *(const int *)ctx;

    for (int i = 0; i < ROWS_EACH; i++) {
        char key[32];

        (void)snprintf(key, sizeof(key), "sys/row/%d", n * ROWS_EACH + i);
        TSEC_TRY(
            txn_put(txn, txn_key2(txn, key, tsec_span(NULL, 0)), tsec_span(&n, sizeof(n)), err));
    }
    return TSEC_OK;
}

static void
an_operation_is_done_between_two_parts(void)
{
    struct node_bench b = { .node = NULL };
    const struct snapshot *s;
    int n = 0;

    b.stepped = true;
    b.snapshot_every = 40;
    OK(node_bench_open(&b, "mem:large", true, NULL));
    for (int i = 0; i < ROWS / ROWS_EACH; i++) {
        OK(node_bench_do(&b, put_some, &i, NULL, NULL, NULL));
    }
    write_until_one_begins(&b, &n);
    s = b.node->active.snapshot;
    CU_ASSERT_TRUE_FATAL(s->name.parts > 1);
    CU_ASSERT_EQUAL(s->stored, 0);
    OK(node_bench_put(&b, "sys/n", "between"));
    CU_ASSERT_EQUAL(atomic_load(&s->at), SNAPSHOT_STORING);
    step_until_it_ends(&b);
    expect_one_whole_snapshot("mem:large");
    CU_ASSERT_TRUE(rows_of("mem:large").pointer.size < ledger_size(b.node->active.ledger) - 1);
    node_bench_close(&b);
    OK(node_bench_open(&b, "mem:large", false, NULL));

    char got[16];

    OK(node_bench_get(&b, "sys/n", got, sizeof(got), NULL));
    CU_ASSERT_STRING_EQUAL(got, "between");
    node_bench_close(&b);
    store_mem_forget();
}

static const struct test_case cases[] = {
    { "one is taken in service and the old one goes",
      one_is_taken_in_service_and_the_old_one_goes },
    { "interrupted at any call it loses nothing", interrupted_at_any_call_it_loses_nothing },
    { "a machine that dies at any commit loses nothing",
      a_machine_that_dies_at_any_commit_loses_nothing },
    { "of two at once one is kept whole", of_two_at_once_one_is_kept_whole },
    { "what nobody points to is removed", what_nobody_points_to_is_removed },
    { "a snapshot that gives up takes its parts back",
      a_snapshot_that_gives_up_takes_its_parts_back },
    { "a start that is overtaken begins again", a_start_that_is_overtaken_begins_again },
    { "an operation is done between two parts", an_operation_is_done_between_two_parts },
};

TEST_MAIN("core/node_snapshot_store", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <unistd.h>

#include "core/node_internal.h"
#include "tests/double/node_bench.h"
#include "tests/double/store_fault.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

/* More rows than the replay has room for at first, and than one part of a snapshot holds. */
enum { ROWS_EACH = 100, ROWS = 14000, WAIT_MS = 5000 };

static tsec_rc
put_some(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const int n = *(const int *)ctx;

    for (int i = 0; i < ROWS_EACH; i++) {
        char key[32];

        (void)snprintf(key, sizeof(key), "sys/row/%d", (n * ROWS_EACH + i) % ROWS);
        TSEC_TRY(
            txn_put(txn, txn_key2(txn, key, tsec_span(NULL, 0)), tsec_span(&n, sizeof(n)), err));
    }
    return TSEC_OK;
}

static tsec_rc
nothing(void *ctx, struct txn *txn, struct tsec_err *err)
{
    (void)ctx, (void)txn, (void)err;
    return TSEC_OK;
}

static void
lengthen(struct node_bench *b)
{
    const uint64_t until = ledger_size(b->node->active.ledger) + NODE_SNAPSHOT_MIN + 16;

    while (ledger_size(b->node->active.ledger) < until) {
        OK(node_bench_do(b, nothing, NULL, NULL, NULL, NULL));
    }
}

/* A log long enough for a snapshot at its close; made once, and copied. */
static void
grow_and_close(struct node_bench *b, const char *uri)
{
    static bool grown;

    if (!grown) {
        OK(node_bench_open(b, "mem:grown", true, NULL));
        for (int n = 0; n < ROWS / ROWS_EACH; n++) {
            OK(node_bench_do(b, put_some, &n, NULL, NULL, NULL));
        }
        lengthen(b);
        OK(node_bench_put(b, "sys/last", "word"));
        node_bench_close(b);
        grown = true;
    }
    CU_ASSERT_TRUE_FATAL(store_mem_copy("grown", uri + strlen("mem:")));
}

static void
a_start_begins_at_the_snapshot_and_knows_everything(void)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };
    char got[16];

    grow_and_close(&b, "mem:snap");
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

/* What a visitor saw last, or all of it as operations on another store. */
struct records {
    struct tsec_store *to; /* NULL: keep the last */
    enum tsec_store_verb verb;
    uint8_t key[TSEC_STORE_KEY_MAX];
    size_t key_len;
    struct tsec_buf value;
};

static tsec_rc
take_record(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct records *r = ctx;

    memcpy(r->key, key.ptr, key.len);
    r->key_len = key.len;
    tsec_buf_reset(&r->value);
    tsec_buf_put_span(&r->value, value);
    return TSEC_OK;
}

/* The nth record under the prefix, altered in its middle or taken away. */
static void
spoil(const char *uri, const char *prefix, size_t nth, bool gone)
{
    struct records r = { .value = TSEC_BUF_INIT(TSEC_STORE_VALUE_MAX) };
    struct tsec_store *store = NULL;
    struct tsec_store_op op = { .verb = gone ? TSEC_STORE_DELETE : TSEC_STORE_PUT };

    OK(store_mem_ops.open(NULL, uri, &store, NULL));
    OK(store_mem_ops.scan(store, tsec_span_str(prefix), tsec_span(NULL, 0), nth, take_record, &r,
                          NULL));
    CU_ASSERT_TRUE_FATAL(r.value.len > 0);
    r.value.ptr[r.value.len / 2] ^= 1;
    op.key = tsec_span(r.key, r.key_len);
    op.value = gone ? tsec_span(NULL, 0) : tsec_buf_span(&r.value);
    OK(store_mem_ops.commit(store, &op, 1, NULL));
    store_mem_ops.close(store);
    tsec_buf_done(&r.value);
}

static tsec_rc
pass_record(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct records *r = ctx;
    const struct tsec_store_op op = { .verb = r->verb, .key = key, .value = value };

    return store_mem_ops.commit(r->to, &op, 1, NULL);
}

/* Takes what is under the prefix away from one store, and, from another, puts its own there. */
static void
transplant(const char *from, const char *to, const char *prefix, bool beside)
{
    char spare[] = "mem:spare";
    struct records r = { .verb = TSEC_STORE_DELETE };
    struct tsec_store *source = NULL;
    struct tsec_store *spare_store = NULL;

    /* Scanned in a copy: a scan and a commit do not share a store. */
    CU_ASSERT_TRUE_FATAL(store_mem_copy(to + strlen("mem:"), spare + strlen("mem:")));
    OK(store_mem_ops.open(NULL, to, &r.to, NULL));
    OK(store_mem_ops.open(NULL, from, &source, NULL));
    OK(store_mem_ops.open(NULL, spare, &spare_store, NULL));
    if (!beside) {
        OK(store_mem_ops.scan(spare_store, tsec_span_str(prefix), tsec_span(NULL, 0), SIZE_MAX,
                              pass_record, &r, NULL));
    }
    r.verb = TSEC_STORE_PUT;
    OK(store_mem_ops.scan(source, tsec_span_str(prefix), tsec_span(NULL, 0), SIZE_MAX, pass_record,
                          &r, NULL));
    store_mem_ops.close(spare_store);
    store_mem_ops.close(source);
    store_mem_ops.close(r.to);
}

static void
expect_refusal(const char *uri, const char *words)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };

    CU_ASSERT_EQUAL(node_bench_open(&b, uri, false, &err).code, TSEC_E_TAMPERED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, words));
    node_bench_close(&b);
}

static void
an_altered_snapshot_stops_the_start(void)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };

    grow_and_close(&b, "mem:snap");
    spoil("mem:snap", "S", 1, false);
    CU_ASSERT_EQUAL(node_bench_open(&b, "mem:snap", false, &err).code, TSEC_E_TAMPERED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "snapshot"));
    node_bench_close(&b);
}

/* The first record is the pointer; the parts follow it. */
static void
a_snapshot_without_a_part_stops_the_start(void)
{
    grow_and_close(&(struct node_bench){ .node = NULL }, "mem:first");
    spoil("mem:first", "S", 2, true);
    expect_refusal("mem:first", "snapshot");
    grow_and_close(&(struct node_bench){ .node = NULL }, "mem:second");
    spoil("mem:second", "S", 3, true);
    expect_refusal("mem:second", "snapshot");
}

static void
an_altered_part_stops_the_start(void)
{
    grow_and_close(&(struct node_bench){ .node = NULL }, "mem:first");
    spoil("mem:first", "S", 2, false);
    expect_refusal("mem:first", "snapshot");
    grow_and_close(&(struct node_bench){ .node = NULL }, "mem:second");
    spoil("mem:second", "S", 3, false);
    expect_refusal("mem:second", "snapshot");
}

static void
without_its_snapshot_the_whole_log_is_read(void)
{
    struct node_bench b = { .node = NULL };
    char got[16];

    grow_and_close(&b, "mem:snap");
    spoil("mem:snap", "S", 1, true); /* the parts stay, and are nobody's */
    OK(node_bench_open(&b, "mem:snap", false, NULL));
    CU_ASSERT_EQUAL(ledger_from(b.node->active.ledger), 0);
    OK(node_bench_get(&b, "sys/last", got, sizeof(got), NULL));
    CU_ASSERT_STRING_EQUAL(got, "word");
    node_bench_close(&b);
}

static void
what_was_altered_before_the_snapshot_stops_the_service(void)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };

    grow_and_close(&b, "mem:snap");
    spoil("mem:snap", "e", 1, false);
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

    grow_and_close(&b, "mem:snap");
    OK(node_bench_open(&b, "mem:snap", false, NULL));
    scans = scans_in_all(&b);
    OK(node_seal(b.node, NULL));
    spoil("mem:snap", "e", LATE, false);
    store_fault_at(b.store, STORE_CALL_SCAN, scans - 20, STORE_FAULT_REFUSE, TSEC_E_UNAVAILABLE);
    OK(node_unseal(b.node, NULL));
    for (int ms = 0; ms < WAIT_MS && !node_failure(b.node, &err); ms++) {
        (void)usleep(1000);
    }
    CU_ASSERT_TRUE(node_failure(b.node, &err));
    CU_ASSERT_EQUAL(err.code, TSEC_E_TAMPERED);
    node_bench_close(&b);
}

static void
a_lost_answer_about_a_snapshot_is_asked_for(void)
{
    struct node_bench b = { .node = NULL };

    grow_and_close(&b, "mem:snap");
    OK(node_bench_open(&b, "mem:snap", false, NULL));

    const uint64_t from = ledger_from(b.node->active.ledger);

    lengthen(&b);
    store_fault_at(b.store, STORE_CALL_COMMIT, 1, STORE_FAULT_LOSE_APPLIED, TSEC_E_OUTCOME_UNKNOWN);
    node_bench_close(&b);
    OK(node_bench_open(&b, "mem:snap", false, NULL));
    CU_ASSERT_TRUE(ledger_from(b.node->active.ledger) > from);
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

    grow_and_close(&b, "mem:old");
    grow_and_close(&b, "mem:new");
    OK(node_bench_open(&b, "mem:new", false, NULL));
    *from = ledger_from(b.node->active.ledger);
    OK(node_bench_do(&b, rotate, NULL, NULL, NULL, NULL));
    OK(node_bench_put(&b, "sys/last", "newer"));
    lengthen(&b);
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
    transplant("mem:old", "mem:snap", "S", false);
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
    transplant("mem:old", "mem:both", "S", true);
    OK(node_bench_open(&b, "mem:both", false, NULL));
    CU_ASSERT_EQUAL(ledger_from(b.node->active.ledger), from);
    OK(node_bench_get(&b, "sys/last", got, sizeof(got), NULL));
    CU_ASSERT_STRING_EQUAL(got, "newer");
    node_bench_close(&b);

    CU_ASSERT_TRUE_FATAL(store_mem_copy("new", "none"));
    transplant("mem:old", "mem:none", "S", true);
    spoil("mem:none", "S", 2, true); /* of the older one, which the pointer names */
    expect_refusal("mem:none", "snapshot");
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
    transplant("mem:old", "mem:gap", "S", false);
    spoil("mem:gap", "e", BETWEEN, true);
    expect_refusal("mem:gap", "gap");

    CU_ASSERT_TRUE_FATAL(store_mem_copy("old", "beyond"));
    transplant("mem:new", "mem:beyond", "S", false);
    expect_refusal("mem:beyond", "snapshot");

    CU_ASSERT_TRUE_FATAL(store_mem_copy("new", "rows"));
    transplant("mem:old", "mem:rows", "r", false);
    expect_refusal("mem:rows", "row");
}

static void
a_snapshot_that_cannot_be_stored_costs_nothing(void)
{
    struct node_bench b = { .node = NULL };
    struct tsec_err err = { 0 };
    char got[16];

    OK(node_bench_open(&b, "mem:down", true, NULL));
    lengthen(&b);
    OK(node_bench_put(&b, "sys/last", "word"));
    store_fault_down(b.store, TSEC_E_UNAVAILABLE);
    node_bench_close(&b);
    OK(node_bench_open(&b, "mem:down", false, &err));
    OK(node_bench_get(&b, "sys/last", got, sizeof(got), &err));
    node_bench_close(&b);
    store_mem_forget();
}

static const struct test_case cases[] = {
    { "a start begins at the snapshot and knows everything",
      a_start_begins_at_the_snapshot_and_knows_everything },
    { "an altered snapshot stops the start", an_altered_snapshot_stops_the_start },
    { "an altered part stops the start", an_altered_part_stops_the_start },
    { "a snapshot without a part stops the start", a_snapshot_without_a_part_stops_the_start },
    { "without its snapshot the whole log is read", without_its_snapshot_the_whole_log_is_read },
    { "what was altered before the snapshot stops the service",
      what_was_altered_before_the_snapshot_stops_the_service },
    { "a store that refuses the history is asked again",
      a_store_that_refuses_the_history_is_asked_again },
    { "a lost answer about a snapshot is asked for", a_lost_answer_about_a_snapshot_is_asked_for },
    { "what is mixed from different times is refused",
      what_is_mixed_from_different_times_is_refused },
    { "a snapshot that cannot be stored costs nothing",
      a_snapshot_that_cannot_be_stored_costs_nothing },
};

TEST_MAIN("core/node_snapshot", cases)

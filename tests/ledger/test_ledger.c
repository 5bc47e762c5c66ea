/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ledger.h"

#include "ledger/ledger_internal.h"
#include "tests/ledger/bench.h"

static void
what_was_committed_is_replayed(void)
{
    static const size_t sizes[] = { 1, 255, 256, 257, 1500 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(sizes); i++) {
        for (size_t step = 1; step <= 1000; step = step * 7 + 3) {
            struct ledger_bench b;

            bench_init(&b);
            OK(bench_open(&b, "mem:replay", NULL));
            CU_ASSERT_EQUAL(ledger_size(b.ledger), 0);
            bench_append(&b, sizes[i], step);
            CU_ASSERT_EQUAL(ledger_size(b.ledger), sizes[i]);
            bench_close(&b);
            OK(bench_open(&b, "mem:replay", NULL));
            CU_ASSERT_EQUAL(b.seen, sizes[i]);
            CU_ASSERT_EQUAL(ledger_size(b.ledger), sizes[i]);
            bench_append(&b, 1, 1);
            bench_done(&b);
        }
    }
}

static void
an_empty_batch_does_nothing(void)
{
    const struct tsec_store_op op = { .verb = TSEC_STORE_PUT, .key = tsec_span_str("x") };
    struct ledger_bench b;
    struct ledger_batch batch;

    bench_init(&b);
    OK(bench_open(&b, "mem:nothing", NULL));
    ledger_batch_begin(b.ledger, &batch);
    OK(ledger_commit(b.ledger, &batch, NULL, 0, NULL));
    CU_ASSERT_EQUAL(store_fault_calls(b.store, STORE_CALL_COMMIT), 0);
    FAILS(ledger_commit(b.ledger, &batch, &op, 1, NULL), TSEC_E_INTERNAL);
    CU_ASSERT_EQUAL(store_fault_calls(b.store, STORE_CALL_COMMIT), 0);
    ledger_batch_done(&batch);
    bench_done(&b);
}

static void
rows_come_and_go_with_their_leaf(void)
{
    const struct tsec_store_op ops[] = {
        { .verb = TSEC_STORE_PUT, .key = tsec_span_str("row"), .value = tsec_span_str("value") },
        { .verb = TSEC_STORE_PUT,
          .expect = TSEC_STORE_ABSENT,
          .key = tsec_span_str("once"),
          .value = tsec_span_str("value") },
    };
    TSEC_AUTO_BUF struct tsec_buf value = TSEC_BUF_INIT(64);
    struct ledger_bench b;
    struct ledger_batch batch;

    bench_init(&b);
    OK(bench_open(&b, "mem:rows", NULL));
    ledger_batch_begin(b.ledger, &batch);
    bench_add(&batch, 1);
    OK(ledger_commit(b.ledger, &batch, ops, 2, NULL));
    ledger_batch_done(&batch);
    bench_get(&b, tsec_span_str("row"), &value);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&value), "value"));
    /* one operation that conflicts: nothing of the batch happens */
    ledger_batch_begin(b.ledger, &batch);
    bench_add(&batch, 1);
    FAILS(ledger_commit(b.ledger, &batch, ops, 2, NULL), TSEC_E_CONFLICT);
    ledger_batch_done(&batch);
    CU_ASSERT_EQUAL(ledger_size(b.ledger), 1);
    bench_append(&b, 1, 1);
    bench_close(&b);
    OK(bench_open(&b, "mem:rows", NULL));
    CU_ASSERT_EQUAL(b.seen, 2);
    bench_done(&b);
}

/* ---- tampering ---- */

/* Three segments of three leaves in "mem:good". */
static void
fill(struct ledger_bench *b)
{
    bench_init(b);
    OK(bench_open(b, "mem:good", NULL));
    bench_append(b, 9, 3);
    bench_close(b);
    b->any_leaves = true;
}

/* Opens a copy in which one record is other, or gone (value without bytes). */
static tsec_rc
open_altered(struct ledger_bench *b, struct tsec_span key, struct tsec_span value,
             struct tsec_err *err)
{
    CU_ASSERT_TRUE_FATAL(store_mem_copy("good", "bad"));
    OK(store_fault_ops.open(NULL, "fault:mem:bad", &b->store, NULL));
    if (value.len > 0) {
        bench_set(b, key, value);
    } else {
        bench_remove(b, key);
    }
    bench_close(b);

    const tsec_rc rc = bench_open(b, "mem:bad", err);

    if (!tsec_failed(rc)) {
        bench_close(b);
    }
    return rc;
}

static void
read_segment(struct ledger_bench *b, uint64_t first, uint8_t key[SEGMENT_KEY_LEN],
             struct tsec_buf *value)
{
    segment_key(first, key);
    OK(store_fault_ops.open(NULL, "fault:mem:good", &b->store, NULL));
    bench_get(b, tsec_span(key, SEGMENT_KEY_LEN), value);
    bench_close(b);
}

static void
every_altered_byte_of_a_segment_stops_the_start(void)
{
    TSEC_AUTO_BUF struct tsec_buf value = TSEC_BUF_INIT(1 << 20);
    struct ledger_bench b;
    struct tsec_err err = { 0 };
    uint8_t key[SEGMENT_KEY_LEN];

    fill(&b);
    for (uint64_t first = 0; first < 9; first += 3) {
        read_segment(&b, first, key, &value);
        for (size_t i = 0; i < value.len; i++) {
            value.ptr[i] ^= 1;
            FAILS(open_altered(&b, tsec_span(key, sizeof(key)), tsec_buf_span(&value), &err),
                  TSEC_E_TAMPERED);
            CU_ASSERT_TRUE(err.detail[0] != '\0');
            value.ptr[i] ^= 1;
        }
        for (size_t len = 1; len < value.len; len++) {
            FAILS(open_altered(&b, tsec_span(key, sizeof(key)), tsec_span(value.ptr, len), &err),
                  TSEC_E_TAMPERED);
        }
    }
    bench_done(&b);
}

static void
a_gap_stops_the_start(void)
{
    struct ledger_bench b;
    struct tsec_err err = { 0 };
    uint8_t key[SEGMENT_KEY_LEN];

    fill(&b);
    for (uint64_t first = 0; first < 6; first += 3) {
        segment_key(first, key);
        FAILS(open_altered(&b, tsec_span(key, sizeof(key)), tsec_span(NULL, 0), &err),
              TSEC_E_TAMPERED);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "gap"));
    }
    bench_done(&b);
}

static void
a_segment_in_anothers_place_stops_the_start(void)
{
    TSEC_AUTO_BUF struct tsec_buf value = TSEC_BUF_INIT(1 << 20);
    struct ledger_bench b;
    uint8_t from[SEGMENT_KEY_LEN];
    uint8_t to[SEGMENT_KEY_LEN];

    fill(&b);
    read_segment(&b, 3, from, &value);
    segment_key(6, to);
    FAILS(open_altered(&b, tsec_span(to, sizeof(to)), tsec_buf_span(&value), NULL),
          TSEC_E_TAMPERED);
    segment_key(4, to);
    FAILS(open_altered(&b, tsec_span(to, sizeof(to)), tsec_buf_span(&value), NULL),
          TSEC_E_TAMPERED);
    FAILS(open_altered(&b, tsec_span_str("e"), tsec_buf_span(&value), NULL), TSEC_E_TAMPERED);
    FAILS(open_altered(&b, tsec_span_str("e too long for it"), tsec_buf_span(&value), NULL),
          TSEC_E_TAMPERED);
    bench_done(&b);
}

/* The log alone cannot know how long it was: the rows, and witnesses, tell. */
static void
a_log_without_its_tail_is_a_shorter_log(void)
{
    struct ledger_bench b;
    uint8_t key[SEGMENT_KEY_LEN];

    fill(&b);
    segment_key(6, key);
    OK(open_altered(&b, tsec_span(key, sizeof(key)), tsec_span(NULL, 0), NULL));
    CU_ASSERT_EQUAL(b.seen, 6);
    bench_done(&b);
}

static void
another_key_does_not_read_it(void)
{
    struct ledger_bench b;
    struct tsec_hmac_key *own;

    fill(&b);
    own = b.segment_key;
    OK(tsec_hmac_key_new(tsec_span_str("another thirty-two bytes of key!"), &b.segment_key, NULL));
    FAILS(bench_open(&b, "mem:good", NULL), TSEC_E_TAMPERED);
    tsec_hmac_key_free(b.segment_key);
    b.segment_key = own;
    OK(bench_open(&b, "mem:good", NULL));
    bench_done(&b);
}

static void
a_store_that_fails_is_said_so(void)
{
    struct ledger_bench b;

    fill(&b);
    OK(bench_open(&b, "mem:good", NULL));
    store_fault_down(b.store, TSEC_E_UNAVAILABLE);

    struct ledger_batch batch;

    ledger_batch_begin(b.ledger, &batch);
    bench_add(&batch, 1);
    FAILS(ledger_commit(b.ledger, &batch, NULL, 0, NULL), TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(ledger_size(b.ledger), 9);
    store_fault_clear(b.store);
    OK(ledger_commit(b.ledger, &batch, NULL, 0, NULL));
    CU_ASSERT_EQUAL(ledger_size(b.ledger), 10);
    ledger_batch_done(&batch);
    bench_done(&b);
}

/* ---- outcomes that are not known ---- */

struct lost {
    struct ledger_bench b;
    struct ledger_batch batch;
    struct tsec_store_op op;
};

/* A batch of 257 leaves (so that tiles are in it) whose commit's answer is lost. */
static void
lose_batch(struct lost *l, enum store_fault fault)
{
    l->op = (struct tsec_store_op){ .verb = TSEC_STORE_PUT,
                                    .expect = TSEC_STORE_ABSENT,
                                    .key = tsec_span_str("k1"),
                                    .value = tsec_span_str("keyring") };
    ledger_batch_begin(l->b.ledger, &l->batch);
    bench_add(&l->batch, 257);
    store_fault_at(l->b.store, STORE_CALL_COMMIT, 1, fault, TSEC_E_OUTCOME_UNKNOWN);
    FAILS(ledger_commit(l->b.ledger, &l->batch, &l->op, 1, NULL), TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_EQUAL(ledger_size(l->b.ledger), 3);
}

static void
lose(struct lost *l, enum store_fault fault)
{
    bench_init(&l->b);
    OK(bench_open(&l->b, "mem:lost", NULL));
    bench_append(&l->b, 3, 3);
    lose_batch(l, fault);
}

static tsec_rc
resolve(struct lost *l)
{
    return ledger_resolve(l->b.ledger, &l->batch, &l->op, 1, NULL);
}

static void
lost_done(struct lost *l, uint64_t size)
{
    ledger_batch_done(&l->batch);
    CU_ASSERT_EQUAL(ledger_size(l->b.ledger), size);
    if (size > 3) {
        bench_append(&l->b, 2, 1);
        size += 2;
    }
    bench_close(&l->b);
    OK(bench_open(&l->b, "mem:lost", NULL));
    CU_ASSERT_EQUAL(l->b.seen, size);
    bench_done(&l->b);
}

static void
a_lost_answer_is_found_whether_it_happened_or_not(void)
{
    static const enum store_fault faults[] = { STORE_FAULT_REFUSE, STORE_FAULT_LOSE_APPLIED };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(faults); i++) {
        struct lost l;

        lose(&l, faults[i]);
        OK(resolve(&l));
        lost_done(&l, 260);
    }
}

static void
it_is_asked_again_until_the_store_answers(void)
{
    static const enum tsec_code codes[] = { TSEC_E_UNAVAILABLE, TSEC_E_READ_ONLY, TSEC_E_INTERNAL,
                                            TSEC_E_NO_MEMORY };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(codes); i++) {
        struct lost l;

        lose(&l, STORE_FAULT_REFUSE);
        store_fault_down(l.b.store, codes[i]);
        FAILS(resolve(&l), TSEC_E_OUTCOME_UNKNOWN);
        store_fault_clear(l.b.store);
        /* It answers that nothing is there, but refuses the second attempt: the first may come yet.
         */
        store_fault_at(l.b.store, STORE_CALL_COMMIT, 1, STORE_FAULT_REFUSE, codes[i]);
        FAILS(resolve(&l), TSEC_E_OUTCOME_UNKNOWN);
        store_fault_at(l.b.store, STORE_CALL_COMMIT, 1, STORE_FAULT_LOSE_APPLIED,
                       TSEC_E_OUTCOME_UNKNOWN);
        FAILS(resolve(&l), TSEC_E_OUTCOME_UNKNOWN);
        OK(resolve(&l));
        lost_done(&l, 260);
    }
}

/* The first attempt comes through between the look and the second attempt. */
static void
an_attempt_that_comes_through_late_is_our_own(void)
{
    struct lost l;

    lose(&l, STORE_FAULT_LOSE_APPLIED);
    store_fault_at(l.b.store, STORE_CALL_GET, 1, STORE_FAULT_REFUSE, TSEC_E_NOT_FOUND);
    OK(resolve(&l));
    lost_done(&l, 260);
}

static void
another_servers_segment_is_a_conflict(void)
{
    struct lost l;
    struct ledger_bench other;

    lose(&l, STORE_FAULT_REFUSE);
    other = l.b;
    other.ledger = NULL;
    OK(bench_open(&other, "mem:lost", NULL));
    bench_append(&other, 1, 1);
    bench_close(&other);
    FAILS(resolve(&l), TSEC_E_CONFLICT);
    ledger_batch_done(&l.batch);
    CU_ASSERT_EQUAL(ledger_size(l.b.ledger), 3);
    bench_done(&l.b);
}

static void
a_row_of_another_server_is_a_conflict_too(void)
{
    struct lost l;

    lose(&l, STORE_FAULT_REFUSE);
    bench_set(&l.b, l.op.key, tsec_span_str("theirs"));
    FAILS(resolve(&l), TSEC_E_CONFLICT);
    lost_done(&l, 3);
}

/* "mem:old" is how the store was two leaves before. */
static void
lose_with_backup(struct lost *l, enum store_fault fault)
{
    bench_init(&l->b);
    OK(bench_open(&l->b, "mem:lost", NULL));
    bench_append(&l->b, 1, 1);
    CU_ASSERT_TRUE_FATAL(store_mem_copy("lost", "old"));
    bench_append(&l->b, 2, 1);
    lose_batch(l, fault);
    CU_ASSERT_TRUE_FATAL(store_mem_copy("lost", "true"));
}

/* The host puts an older database back before the outcome is known.  That has not the leaves, and
 * takes no more either; the true one may have them. */
static void
an_older_database_is_not_the_last_word(void)
{
    static const enum store_fault faults[] = { STORE_FAULT_REFUSE, STORE_FAULT_LOSE_APPLIED };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(faults); i++) {
        struct lost l;

        lose_with_backup(&l, faults[i]);
        CU_ASSERT_TRUE_FATAL(store_mem_copy("old", "lost"));
        FAILS(resolve(&l), TSEC_E_OUTCOME_UNKNOWN);
        FAILS(resolve(&l), TSEC_E_OUTCOME_UNKNOWN);
        CU_ASSERT_TRUE_FATAL(store_mem_copy("true", "lost"));
        OK(resolve(&l));
        lost_done(&l, 260);
    }
}

/* Another leaf than bench_leaf() makes. */
static void
append_other(struct ledger_bench *b)
{
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(64);
    struct ledger_batch batch;

    ledger_batch_begin(b->ledger, &batch);
    tsec_leaf_header(&leaf, TSEC_LEAF_DUMMY, ledger_batch_next(&batch));
    tsec_buf_put_str(&leaf, "other");
    OK(ledger_batch_add(&batch, tsec_buf_span(&leaf), NULL));
    OK(ledger_commit(b->ledger, &batch, NULL, 0, NULL));
    ledger_batch_done(&batch);
}

/* Nor is one that somebody went on with from there, up to the same leaf and past it. */
static void
leaves_of_another_log_are_not_the_last_word(void)
{
    struct lost l;
    struct ledger_bench other;

    lose_with_backup(&l, STORE_FAULT_LOSE_APPLIED);
    other = l.b;
    other.ledger = NULL;
    OK(bench_open(&other, "mem:old", NULL));
    append_other(&other);
    append_other(&other);
    append_other(&other);
    bench_close(&other);
    CU_ASSERT_TRUE_FATAL(store_mem_copy("old", "lost"));
    FAILS(resolve(&l), TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_TRUE_FATAL(store_mem_copy("true", "lost"));
    OK(resolve(&l));
    lost_done(&l, 260);
}

static const struct test_case cases[] = {
    { "what was committed is replayed", what_was_committed_is_replayed },
    { "an empty batch does nothing", an_empty_batch_does_nothing },
    { "rows come and go with their leaf", rows_come_and_go_with_their_leaf },
    { "every altered byte of a segment stops the start",
      every_altered_byte_of_a_segment_stops_the_start },
    { "a gap stops the start", a_gap_stops_the_start },
    { "a segment in another's place stops the start", a_segment_in_anothers_place_stops_the_start },
    { "a log without its tail is a shorter log", a_log_without_its_tail_is_a_shorter_log },
    { "another key does not read it", another_key_does_not_read_it },
    { "a store that fails is said so", a_store_that_fails_is_said_so },
    { "a lost answer is found whether it happened or not",
      a_lost_answer_is_found_whether_it_happened_or_not },
    { "it is asked again until the store answers", it_is_asked_again_until_the_store_answers },
    { "an attempt that comes through late is our own",
      an_attempt_that_comes_through_late_is_our_own },
    { "another server's segment is a conflict", another_servers_segment_is_a_conflict },
    { "a row of another server is a conflict too", a_row_of_another_server_is_a_conflict_too },
    { "an older database is not the last word", an_older_database_is_not_the_last_word },
    { "leaves of another log are not the last word", leaves_of_another_log_are_not_the_last_word },
};

TEST_MAIN("ledger/ledger", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ledger_internal.h"
#include "tests/ledger/bench.h"

static struct ledger_options
options_of(const struct ledger_bench *b)
{
    return (struct ledger_options){ .ops = &store_fault_ops,
                                    .store = b->store,
                                    .origin = BENCH_ORIGIN,
                                    .segment_key = b->segment_key,
                                    .signing_key = b->signing_key };
}

static struct ledger_seen
seen_now(struct ledger_bench *b)
{
    const struct ledger_options options = options_of(b);
    struct ledger_seen seen = { .where = "FILE" };
    uint8_t record[LEDGER_SEEN_LEN];

    ledger_seen(b->ledger, record);
    CU_ASSERT_TRUE(ledger_seen_read(&options, tsec_span(record, sizeof(record)), &seen));
    CU_ASSERT_EQUAL(seen.size, ledger_size(b->ledger));
    return seen;
}

/* Opens the log once more, from the tree if there is one. */
static tsec_rc
demand(struct ledger_bench *b, const struct ledger_seen *seen, size_t n, struct tsec_span tree,
       bool history, struct tsec_err *err)
{
    TSEC_AUTO(ledger_free) struct ledger *ledger = NULL;
    struct ledger_options options = options_of(b);

    options.seen = seen;
    options.seen_len = n;
    options.tree = tree;
    TSEC_TRY(ledger_open(&options, NULL, NULL, &ledger, err));
    return history ? ledger_check_history(ledger, NULL, err) : TSEC_OK;
}

static void
a_record_proves_itself(void)
{
    struct ledger_bench b;
    struct ledger_options options;
    struct ledger_seen seen;
    uint8_t record[LEDGER_SEEN_LEN];

    bench_init(&b);
    OK(bench_open(&b, "mem:seen", NULL));
    bench_append(&b, 300, 7);
    options = options_of(&b);
    ledger_seen(b.ledger, record);
    for (size_t i = 0; i < sizeof(record); i++) {
        record[i] ^= 1;
        CU_ASSERT_FALSE(ledger_seen_read(&options, tsec_span(record, sizeof(record)), &seen));
        record[i] ^= 1;
    }
    for (size_t len = 0; len < sizeof(record); len++) {
        CU_ASSERT_FALSE(ledger_seen_read(&options, tsec_span(record, len), &seen));
    }
    options.origin = "test.example/ledger/2";
    CU_ASSERT_FALSE(ledger_seen_read(&options, tsec_span(record, sizeof(record)), &seen));
    options.origin = BENCH_ORIGIN;
    CU_ASSERT_TRUE(ledger_seen_read(&options, tsec_span(record, sizeof(record)), &seen));
    CU_ASSERT_EQUAL(seen.size, 300);
    bench_done(&b);
}

static void
a_log_continues_every_log_it_was(void)
{
    struct ledger_bench b;
    struct ledger_seen seen[40];
    size_t n = 0;

    bench_init(&b);
    OK(bench_open(&b, "mem:seen", NULL));
    for (; n < TSEC_ARRAY_LEN(seen); n++) {
        bench_append(&b, 1 + n * 3, 1000);
        seen[n] = seen_now(&b);
    }
    OK(demand(&b, seen, n, tsec_span(NULL, 0), true, NULL));
    OK(demand(&b, seen, 0, tsec_span(NULL, 0), true, NULL));
    bench_done(&b);
}

static void
a_shorter_log_is_refused(void)
{
    struct ledger_bench b;
    struct tsec_err err = { 0 };
    struct ledger_seen seen;

    bench_init(&b);
    OK(bench_open(&b, "mem:seen", NULL));
    bench_append(&b, 10, 2);
    CU_ASSERT_TRUE_FATAL(store_mem_copy("seen", "older"));
    bench_append(&b, 2, 2);
    seen = seen_now(&b);
    bench_close(&b);
    OK(bench_open(&b, "mem:older", NULL));
    FAILS(demand(&b, &seen, 1, tsec_span(NULL, 0), false, &err), TSEC_E_ROLLBACK);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "have 10 leaves, saw 12;"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "delete FILE"));
    bench_done(&b);
}

static void
another_log_is_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf before = TSEC_BUF_INIT((size_t)1 << 18);
    TSEC_AUTO_BUF struct tsec_buf at = TSEC_BUF_INIT((size_t)1 << 18);
    TSEC_AUTO_BUF struct tsec_buf after = TSEC_BUF_INIT((size_t)1 << 18);
    struct ledger_bench b;
    struct ledger_seen seen;

    bench_init(&b);
    OK(bench_open(&b, "mem:seen", NULL));
    bench_append(&b, 10, 2);
    ledger_pack(b.ledger, &before);
    bench_append(&b, 4, 2);
    ledger_pack(b.ledger, &at);
    seen = seen_now(&b);
    bench_append(&b, 4, 2);
    ledger_pack(b.ledger, &after);

    for (int same = 1; same >= 0; same--) {
        const enum tsec_code expected = same ? TSEC_OK_CODE : TSEC_E_ROLLBACK;

        FAILS(demand(&b, &seen, 1, tsec_span(NULL, 0), false, NULL), expected);
        FAILS(demand(&b, &seen, 1, tsec_buf_span(&before), false, NULL), expected);
        FAILS(demand(&b, &seen, 1, tsec_buf_span(&at), false, NULL), expected);
        OK(demand(&b, &seen, 1, tsec_buf_span(&after), false, NULL));
        FAILS(demand(&b, &seen, 1, tsec_buf_span(&after), true, NULL), expected);
        seen.tag[3] ^= 1; /* the tag of another log of that size */
    }
    bench_done(&b);
}

/* The log ended there once; no segment ever reaches over where one ended. */
static void
a_log_with_no_segment_that_ends_there_is_refused(void)
{
    struct ledger_bench b;
    struct ledger_seen seen;

    bench_init(&b);
    OK(bench_open(&b, "mem:seen", NULL));
    bench_append(&b, 20, 4);
    seen = seen_now(&b);
    seen.size = 10;
    FAILS(demand(&b, &seen, 1, tsec_span(NULL, 0), false, NULL), TSEC_E_ROLLBACK);
    bench_done(&b);
}

static const struct test_case cases[] = {
    { "a record proves itself", a_record_proves_itself },
    { "a log continues every log it was", a_log_continues_every_log_it_was },
    { "a shorter log is refused", a_shorter_log_is_refused },
    { "another log is refused", another_log_is_refused },
    { "a log with no segment that ends there is refused",
      a_log_with_no_segment_that_ends_there_is_refused },
};

TEST_MAIN("ledger/seen", cases)

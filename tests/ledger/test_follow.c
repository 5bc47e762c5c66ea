/* SPDX-License-Identifier: Apache-2.0 */
/* Two ledgers over one store. */
#include "ledger/ledger_internal.h"
#include "tests/ledger/bench.h"

struct pair {
    struct ledger_bench one;
    struct ledger_bench two; /* its keys are those of one */
    uint64_t met;            /* leaves that two followed */
};

static void
pair_open(struct pair *p, const char *uri, size_t leaves)
{
    memset(p, 0, sizeof(*p));
    bench_init(&p->one);
    p->two.segment_key = p->one.segment_key;
    p->two.signing_key = p->one.signing_key;
    OK(bench_open(&p->one, uri, NULL));
    bench_append(&p->one, leaves, 3);
    OK(bench_open(&p->two, uri, NULL));
    CU_ASSERT_EQUAL(p->two.seen, leaves);
    p->met = leaves;
}

static void
pair_done(struct pair *p)
{
    bench_close(&p->two);
    bench_done(&p->one);
}

static tsec_rc
meet(void *ctx, uint64_t index, struct tsec_span leaf, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf expect = TSEC_BUF_INIT(256);
    struct pair *p = ctx;

    (void)err;
    bench_leaf(index, &expect);
    CU_ASSERT_EQUAL(index, p->met);
    CU_ASSERT_TRUE(tsec_span_equal(leaf, tsec_buf_span(&expect)));
    p->met++;
    return TSEC_OK;
}

/* To the end, and made visible. */
static tsec_rc
catch_up(struct pair *p, struct tsec_err *err)
{
    enum ledger_follow read = LEDGER_MORE;

    while (read != LEDGER_END) {
        TSEC_TRY(ledger_follow(p->two.ledger, meet, p, &read, err));
    }
    ledger_follow_publish(p->two.ledger);
    return TSEC_OK;
}

static void
what_another_appended_is_read_in_order(void)
{
    struct pair p;

    pair_open(&p, "mem:follow", 5);
    OK(ledger_at_tail(p.two.ledger, NULL));
    bench_append(&p.one, 200, 3); /* more segments than one step reads */
    FAILS(ledger_at_tail(p.two.ledger, NULL), TSEC_E_CONFLICT);
    OK(catch_up(&p, NULL));
    CU_ASSERT_EQUAL(p.met, 205);
    CU_ASSERT_EQUAL(ledger_size(p.two.ledger), 205);
    OK(ledger_at_tail(p.two.ledger, NULL));
    OK(catch_up(&p, NULL)); /* nothing more */
    CU_ASSERT_EQUAL(p.met, 205);
    pair_done(&p);
}

static void
nothing_is_visible_before_it_is_published(void)
{
    enum ledger_follow read = LEDGER_END;
    struct pair p;

    pair_open(&p, "mem:follow", 5);
    bench_append(&p.one, 4, 4);
    OK(ledger_follow(p.two.ledger, meet, &p, &read, NULL));
    CU_ASSERT_EQUAL(read, LEDGER_READ);
    CU_ASSERT_EQUAL(p.met, 9);
    CU_ASSERT_EQUAL(ledger_size(p.two.ledger), 5);
    ledger_follow_drop(p.two.ledger);
    p.met = 5;
    OK(catch_up(&p, NULL)); /* and is read again */
    CU_ASSERT_EQUAL(ledger_size(p.two.ledger), 9);
    pair_done(&p);
}

static tsec_rc
append_one(struct ledger_bench *bench)
{
    struct ledger_batch batch;

    ledger_batch_begin(bench->ledger, &batch);
    bench_add(&batch, 1);

    const tsec_rc rc = ledger_commit(bench->ledger, &batch, NULL, 0, NULL);

    ledger_batch_done(&batch);
    return rc;
}

static void
whoever_is_behind_cannot_commit_until_it_followed(void)
{
    struct pair p;

    pair_open(&p, "mem:follow", 5);
    for (int i = 0; i < 20; i++) {
        OK(append_one(&p.one));
        FAILS(append_one(&p.two), TSEC_E_CONFLICT);
        OK(catch_up(&p, NULL));
        OK(append_one(&p.two));
        p.met++;
        FAILS(append_one(&p.one), TSEC_E_CONFLICT);
        bench_close(&p.one);
        OK(bench_open(&p.one, "mem:follow", NULL));
    }
    bench_close(&p.one);
    OK(bench_open(&p.one, "mem:follow", NULL));
    CU_ASSERT_EQUAL(p.one.seen, 45);
    pair_done(&p);
}

/* ---- another copy ---- */

static void
an_older_copy_takes_no_commit_and_is_named(void)
{
    struct tsec_err err = { 0 };
    struct pair p;

    pair_open(&p, "mem:live", 5);
    CU_ASSERT_TRUE(store_mem_copy("live", "old"));
    bench_append(&p.one, 3, 1);
    OK(catch_up(&p, NULL));
    CU_ASSERT_TRUE(store_mem_copy("live", "newest"));
    CU_ASSERT_TRUE(store_mem_copy("old", "live"));
    FAILS(append_one(&p.two), TSEC_E_CONFLICT);
    FAILS(catch_up(&p, &err), TSEC_E_ROLLBACK);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "a ledger of 5 leaves"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "the 8 this server saw"));
    CU_ASSERT_TRUE(store_mem_copy("newest", "live"));
    OK(catch_up(&p, NULL));
    OK(append_one(&p.two));
    pair_done(&p);
}

static void
a_copy_that_went_on_otherwise_is_refused_at_any_length(void)
{
    for (size_t more = 0; more < 6; more++) {
        struct pair p;

        pair_open(&p, "mem:live", 5);
        CU_ASSERT_TRUE(store_mem_copy("live", "fork"));
        bench_append(&p.one, 3, 1);
        OK(catch_up(&p, NULL));
        bench_close(&p.one);
        OK(bench_open(&p.one, "mem:fork", NULL));
        /* Other leaves: as many as it takes, in segments of its own. */
        struct ledger_batch batch;
        TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(64);

        ledger_batch_begin(p.one.ledger, &batch);
        for (size_t i = 0; i <= more; i++) {
            tsec_buf_reset(&leaf);
            tsec_leaf_header(&leaf, TSEC_LEAF_DUMMY, ledger_batch_next(&batch));
            tsec_buf_put_str(&leaf, "otherwise");
            OK(ledger_batch_add(&batch, tsec_buf_span(&leaf), NULL));
        }
        OK(ledger_commit(p.one.ledger, &batch, NULL, 0, NULL));
        ledger_batch_done(&batch);
        CU_ASSERT_TRUE(store_mem_copy("fork", "live"));
        FAILS(append_one(&p.two), TSEC_E_CONFLICT);
        FAILS(catch_up(&p, NULL), TSEC_E_ROLLBACK);
        pair_done(&p);
    }
}

/* ---- bytes altered on the way ---- */

static void
an_altered_segment_is_not_followed(void)
{
    TSEC_AUTO_BUF struct tsec_buf value = TSEC_BUF_INIT(4096);
    uint8_t key[SEGMENT_KEY_LEN];
    struct pair p;

    pair_open(&p, "mem:follow", 5);
    bench_append(&p.one, 2, 2);
    segment_key(5, key);
    bench_get(&p.one, tsec_span(key, sizeof(key)), &value);
    for (size_t i = 0; i < value.len; i++) {
        value.ptr[i] ^= 0x10;
        bench_set(&p.one, tsec_span(key, sizeof(key)), tsec_buf_span(&value));
        p.met = 5;
        p.two.any_leaves = true;

        enum ledger_follow read = LEDGER_END;

        CU_ASSERT_TRUE(tsec_failed(ledger_follow(p.two.ledger, NULL, NULL, &read, NULL)));
        value.ptr[i] ^= 0x10;
    }
    bench_set(&p.one, tsec_span(key, sizeof(key)), tsec_buf_span(&value));
    p.met = 5;
    OK(catch_up(&p, NULL));
    CU_ASSERT_EQUAL(ledger_size(p.two.ledger), 7);
    pair_done(&p);
}

static void
a_head_that_was_altered_is_noticed(void)
{
    uint8_t key[HEAD_KEY_LEN];
    uint8_t value[HEAD_VALUE_LEN];
    struct pair p;

    pair_open(&p, "mem:follow", 5);
    head_key(p.two.ledger->tag, key);
    head_value(6, value);
    bench_set(&p.one, tsec_span(key, sizeof(key)), tsec_span(value, sizeof(value)));
    FAILS(ledger_at_tail(p.two.ledger, NULL), TSEC_E_TAMPERED);
    FAILS(catch_up(&p, NULL), TSEC_E_TAMPERED);
    bench_set(&p.one, tsec_span(key, sizeof(key)), tsec_span("long, very long", 15));
    FAILS(catch_up(&p, NULL), TSEC_E_TAMPERED);
    bench_remove(&p.one, tsec_span(key, sizeof(key)));
    FAILS(catch_up(&p, NULL), TSEC_E_ROLLBACK);
    pair_done(&p);
}

static void
a_store_that_fails_meanwhile_is_asked_again(void)
{
    static const enum store_call calls[] = { STORE_CALL_GET, STORE_CALL_SCAN };

    for (size_t c = 0; c < TSEC_ARRAY_LEN(calls); c++) {
        for (unsigned nth = 1; nth <= 3; nth++) {
            struct pair p;

            pair_open(&p, "mem:follow", 5);
            bench_append(&p.one, 60, 1);
            store_fault_at(p.two.store, calls[c], nth, STORE_FAULT_LOSE_APPLIED,
                           TSEC_E_UNAVAILABLE);
            FAILS(catch_up(&p, NULL), TSEC_E_UNAVAILABLE);
            CU_ASSERT_EQUAL(ledger_size(p.two.ledger), 5);
            p.met = 5;
            OK(catch_up(&p, NULL));
            CU_ASSERT_EQUAL(ledger_size(p.two.ledger), 65);
            pair_done(&p);
        }
    }
}

static const struct test_case cases[] = {
    { "what another appended is read in order", what_another_appended_is_read_in_order },
    { "nothing is visible before it is published", nothing_is_visible_before_it_is_published },
    { "whoever is behind cannot commit until it followed",
      whoever_is_behind_cannot_commit_until_it_followed },
    { "an older copy takes no commit, and is named", an_older_copy_takes_no_commit_and_is_named },
    { "a copy that went on otherwise is refused at any length",
      a_copy_that_went_on_otherwise_is_refused_at_any_length },
    { "an altered segment is not followed", an_altered_segment_is_not_followed },
    { "a head that was altered is noticed", a_head_that_was_altered_is_noticed },
    { "a store that fails meanwhile is asked again", a_store_that_fails_meanwhile_is_asked_again },
};

TEST_MAIN("ledger/follow", cases)

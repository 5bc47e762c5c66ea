/* SPDX-License-Identifier: Apache-2.0 */
#include "state/staging_internal.h"
#include "tests/state/bench.h"

/* Two transactions that ran at the same time; staged one after the other. */
static bool
second_is_current(struct state_bench *b, char *first, char *second)
{
    struct bench_txn one;
    struct bench_txn two;

    bench_run(b, &one, bench_script, first);
    bench_run(b, &two, bench_script, second);
    CU_ASSERT_TRUE(staging_current(b->staging, one.txn));
    OK(staging_add(b->staging, one.txn, NULL));

    const bool current = staging_current(b->staging, two.txn);

    staging_drop(b->staging);
    bench_txn_done(&one);
    bench_txn_done(&two);
    return current;
}

static void
what_was_read_and_changed_since_is_noticed(void)
{
    static const struct {
        const char *first;
        const char *second;
        bool current;
    } table[] = {
        { "put sys/a 1", "get sys/a", false },
        { "put sys/a 1", "get sys/b", true },
        { "put sys/a 1", "put sys/a 2", false },
        { "put sys/a 1", "put sys/c 2", true },
        { "put sys/n 1", "put sys/n 2", false }, /* an absence was read */
        { "del sys/a", "get sys/a", false },
        { "del sys/a", "put sys/c 1;get sys/a", false },
        { "put sys/n 1", "list sys/;put sys/c 1", false },
        { "del sys/a", "list sys/;put sys/c 1", false },
        { "put sys/a 1", "list sys/;put sys/c 1", true }, /* no name came or went */
        { "put sys/n 1", "list sys/", true },             /* a listing alone writes nothing */
        { "head sys/g 2 x", "get sys/g", false },
        { "head sys/g 2 x", "head sys/g 3 y", false },
        { "rotate sys", "put sys/c 1", false }, /* its key was replaced */
        { "rotate sys", "get sys/a", true },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        struct state_bench b;
        char first[64];
        char second[64];

        bench_new(&b, "current");
        OK(bench_text(&b, "put sys/a 0;put sys/b 0;put sys/c 0;head sys/g 1 zero"));
        memcpy(first, table[i].first, strlen(table[i].first) + 1);
        memcpy(second, table[i].second, strlen(table[i].second) + 1);
        if (second_is_current(&b, first, second) != table[i].current) {
            CU_FAIL("a line of the table");
            (void)fprintf(stderr, "%s / %s\n", first, second);
        }
        bench_end(&b, "current");
    }
}

static void
what_was_committed_since_is_noticed_too(void)
{
    struct state_bench b;
    struct bench_txn t;
    char script[] = "put sys/c 1;get sys/a";

    bench_new(&b, "since");
    OK(bench_text(&b, "put sys/a 0"));
    bench_run(&b, &t, bench_script, script);
    OK(bench_text(&b, "put sys/b 1"));
    CU_ASSERT_TRUE(staging_current(b.staging, t.txn));
    OK(bench_text(&b, "put sys/a 1"));
    CU_ASSERT_FALSE(staging_current(b.staging, t.txn));
    bench_txn_done(&t);
    bench_end(&b, "since");
}

/* It saw rows of a batch that never was. */
static void
what_ran_over_a_dropped_batch_is_run_again(void)
{
    struct state_bench b;
    struct bench_txn one;
    struct bench_txn two;
    char first[] = "put sys/a 1";
    char second[] = "list sys/;put sys/b 1";

    bench_new(&b, "dropped");
    OK(bench_text(&b, "put sys/z 0"));
    bench_run(&b, &one, bench_script, first);
    bench_run(&b, &two, bench_script, second);
    OK(staging_add(b.staging, one.txn, NULL));
    OK(staging_rerun(b.staging, two.txn, two.run, two.ctx, NULL));
    staging_drop(b.staging);
    CU_ASSERT_FALSE(staging_current(b.staging, two.txn));
    OK(staging_rerun(b.staging, two.txn, two.run, two.ctx, NULL));
    OK(staging_add(b.staging, two.txn, NULL));
    bench_txn_done(&one);
    bench_txn_done(&two);
    OK(bench_commit(&b));
    bench_expect(&b, "sys/a", "-");
    bench_expect(&b, "sys/b", "1");
    bench_end(&b, "dropped");
}

static void
stage(struct state_bench *b, const char *script)
{
    struct bench_txn t;
    char text[256];

    memcpy(text, script, strlen(script) + 1);
    bench_run(b, &t, bench_script, text);
    if (!staging_current(b->staging, t.txn)) {
        OK(staging_rerun(b->staging, t.txn, t.run, t.ctx, NULL));
    }
    OK(staging_add(b->staging, t.txn, NULL));
    bench_txn_done(&t);
}

static size_t
ops_of(struct state_bench *b)
{
    const struct tsec_store_op *ops = NULL;
    size_t n = 0;

    OK(staging_seal(b->staging, &b->batch, &ops, &n, NULL));
    return n;
}

static void
writes_of_one_row_become_one_operation(void)
{
    struct state_bench b;

    bench_new(&b, "coalesce");
    OK(bench_text(&b, "put sys/a 0"));
    stage(&b, "put sys/a 1");
    stage(&b, "put sys/a 2;put sys/a 3");
    stage(&b, "put sys/new 1");
    stage(&b, "del sys/new");
    stage(&b, "put sys/back 1");
    stage(&b, "del sys/back");
    stage(&b, "put sys/back 2");
    CU_ASSERT_EQUAL(ops_of(&b), 2); /* a and back; new came and went */
    ledger_batch_done(&b.batch);
    ledger_batch_begin(b.ledger, &b.batch);
    OK(bench_commit(&b));
    bench_expect(&b, "sys/a", "3");
    bench_expect(&b, "sys/new", "-");
    bench_expect(&b, "sys/back", "2");
    bench_end(&b, "coalesce");
}

/* A replaced row is no change of the names, until it is deleted. */
static void
a_name_that_goes_after_it_was_staged_changes_listings(void)
{
    struct state_bench b;
    struct bench_txn t;
    char script[] = "list sys/;put sys/z 1";

    bench_new(&b, "shape");
    OK(bench_text(&b, "put sys/a 0;put sys/z 0"));
    bench_run(&b, &t, bench_script, script);
    stage(&b, "put sys/a 1");
    CU_ASSERT_TRUE(staging_current(b.staging, t.txn));
    stage(&b, "del sys/a");
    CU_ASSERT_FALSE(staging_current(b.staging, t.txn));
    bench_txn_done(&t);
    OK(bench_commit(&b));
    bench_end(&b, "shape");
}

static void
what_fails_half_way_leaves_nothing(void)
{
    static const char *const bad[] = {
        "put sys/a 1;put sys/new 1;head sys/g 2 y;destroy sys",
        "put sys/a 1;create kv1;create sys",
        "put sys/a 1;rotate *;rotate nobody",
        "mek;del sys/a;create a/b",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        struct state_bench b;
        struct bench_txn t;
        char script[128];

        bench_new(&b, "half");
        OK(bench_text(&b, "put sys/a 0;head sys/g 1 x"));
        stage(&b, "put sys/b staged;create kv0");
        memcpy(script, bad[i], strlen(bad[i]) + 1);
        bench_run(&b, &t, bench_script, script);
        OK(t.rc);
        CU_ASSERT_TRUE(tsec_failed(staging_add(b.staging, t.txn, NULL)));
        bench_txn_done(&t);
        CU_ASSERT_EQUAL(b.staging->rows_len, 1);
        CU_ASSERT_EQUAL(keyring_dek_count(b.staging->keyring), 2);
        CU_ASSERT_EQUAL(keyring_version(b.staging->keyring), 2);
        CU_ASSERT_EQUAL(keyring_mek_version(b.staging->keyring), 1);
        OK(bench_commit(&b));
        bench_expect(&b, "sys/a", "0");
        bench_expect(&b, "sys/b", "staged");
        bench_expect(&b, "sys/new", "-");
        bench_expect(&b, "sys/g", "x");
        bench_end(&b, "half");
    }
}

static void
what_was_added_last_is_taken_back(void)
{
    struct state_bench b;
    struct bench_txn t;
    char script[] = "put sys/a 3;put sys/a 4;del sys/b;put sys/new 1;head sys/g 2 y;group sys/h;"
                    "put sys/s 2;rotate sys;mek";

    bench_new(&b, "undo");
    OK(bench_text(&b, "put sys/a 0;put sys/b 0;head sys/g 1 x;head sys/h 1 h;head sys/h 2 i"));
    stage(&b, "put sys/s 1;put sys/a 1");
    bench_run(&b, &t, bench_script, script);
    OK(staging_rerun(b.staging, t.txn, t.run, t.ctx, NULL));
    OK(staging_add(b.staging, t.txn, NULL));
    CU_ASSERT_PTR_NOT_NULL(b.staging->keyring);
    staging_undo(b.staging);
    CU_ASSERT_PTR_NULL(b.staging->keyring);
    CU_ASSERT_EQUAL(b.staging->rows_len, 2);
    CU_ASSERT_EQUAL(table_len(b.staging->overlay), 2);
    bench_txn_done(&t);
    OK(bench_commit(&b));
    bench_expect(&b, "sys/a", "1");
    bench_expect(&b, "sys/b", "0");
    bench_expect(&b, "sys/s", "1");
    bench_expect(&b, "sys/new", "-");
    bench_expect(&b, "sys/g", "x");
    bench_expect(&b, "sys/h", "i");
    bench_end(&b, "undo");
}

static tsec_rc
put_many(void *ctx, struct txn *txn, struct tsec_err *err)
{
    for (unsigned i = 0; i < 1000; i++) {
        char key[32];

        (void)snprintf(key, sizeof(key), "%s%u", (const char *)ctx, i);
        TSEC_TRY(txn_put(txn, txn_key2(txn, "sys/", tsec_span_str(key)), tsec_span("v", 1), err));
    }
    return TSEC_OK;
}

static void
a_large_batch_is_several_leaves_and_ends_somewhere(void)
{
    struct state_bench b;
    struct bench_txn t;
    char prefix[] = "x";

    bench_new(&b, "many");
    for (prefix[0] = 'a'; prefix[0] < 'c'; prefix[0]++) {
        bench_run(&b, &t, put_many, prefix);
        OK(t.rc);
        OK(staging_add(b.staging, t.txn, NULL));
        bench_txn_done(&t);
    }
    bench_run(&b, &t, put_many, prefix);
    OK(t.rc);
    FAILS(staging_add(b.staging, t.txn, NULL), TSEC_E_TOO_LARGE);
    bench_txn_done(&t);
    CU_ASSERT_EQUAL(ops_of(&b), 2000);
    CU_ASSERT_EQUAL(b.batch.count, 3);
    ledger_batch_done(&b.batch);
    ledger_batch_begin(b.ledger, &b.batch);
    OK(bench_commit(&b));
    bench_expect(&b, "sys/a999", "v");
    bench_expect(&b, "sys/b0", "v");
    bench_expect(&b, "sys/c0", "-");
    bench_end(&b, "many");
}

static const struct test_case cases[] = {
    { "what was read and changed since is noticed", what_was_read_and_changed_since_is_noticed },
    { "what was committed since is noticed too", what_was_committed_since_is_noticed_too },
    { "what ran over a dropped batch is run again", what_ran_over_a_dropped_batch_is_run_again },
    { "writes of one row become one operation", writes_of_one_row_become_one_operation },
    { "a name that goes after it was staged changes listings",
      a_name_that_goes_after_it_was_staged_changes_listings },
    { "what fails half-way leaves nothing", what_fails_half_way_leaves_nothing },
    { "what was added last is taken back", what_was_added_last_is_taken_back },
    { "a large batch is several leaves and ends somewhere",
      a_large_batch_is_several_leaves_and_ends_somewhere },
};

TEST_MAIN("state/staging", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wrapping.h"

#include <stdio.h>

#include "tests/core/nouns.h"

static char text[TOKEN_TEXT_MAX + 1];

static tsec_rc
wrap(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct wrapping wrapping = {
        .body = tsec_span_str("sealed words"),
        .creation_path = "p",
        .wrapped_accessor = "",
        .created_ns = txn_now(txn),
        .ttl_s = 60,
        .status = 200,
    };
    struct token_made made;

    (void)ctx;
    TSEC_TRY(wrapping_make(txn, node_keys(nouns.node), &wrapping, &made, err));
    CU_ASSERT_TRUE(token_is_wrapping(made.token));
    (void)snprintf(text, sizeof(text), "%s", made.text);
    return TSEC_OK;
}

static tsec_rc
look(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct token *holder = NULL;
    const struct wrapping *wrapping = NULL;

    (void)ctx;
    TSEC_TRY(
        wrapping_find(txn, node_keys(nouns.node), tsec_span_str(text), &holder, &wrapping, err));
    CU_ASSERT_TRUE(tsec_span_is(wrapping->body, "sealed words"));
    return TSEC_OK;
}

static tsec_rc
open_it(void *ctx, struct txn *txn, struct tsec_err *err)
{
    const struct token *holder = NULL;
    const struct wrapping *wrapping = NULL;

    (void)ctx;
    TSEC_TRY(
        wrapping_find(txn, node_keys(nouns.node), tsec_span_str(text), &holder, &wrapping, err));
    return wrapping_drop(txn, holder, err);
}

static tsec_rc
count(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct tsec_strings names;

    TSEC_TRY(
        record_names(txn, tsec_span_str("sys/wrap/"), tsec_span(NULL, 0), 0, true, &names, err));
    *(size_t *)ctx = names.len;
    return TSEC_OK;
}

static tsec_rc
sweep(void *ctx, struct txn *txn, struct tsec_err *err)
{
    return core_sweep_expired(txn, 10, ctx, err);
}

static void
what_was_wrapped_is_there_once(void)
{
    size_t rows = 0;

    nouns_open("mem:wrapping");
    CU_ASSERT_EQUAL(nouns_do(wrap, NULL), 0);
    CU_ASSERT_EQUAL(nouns_do(look, NULL), 0);
    CU_ASSERT_EQUAL(nouns_do(open_it, NULL), 0);
    CU_ASSERT_EQUAL(nouns_do(open_it, NULL), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(nouns_do(count, &rows), 0);
    CU_ASSERT_EQUAL(rows, 0);
    nouns_close();
}

static void
what_nobody_opened_goes_with_its_time(void)
{
    size_t rows = 0;
    size_t done = 0;

    nouns_open("mem:wrapping");
    CU_ASSERT_EQUAL(nouns_do(wrap, NULL), 0);
    nouns_pass(60);
    CU_ASSERT_EQUAL(nouns_do(look, NULL), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(nouns_do(sweep, &done), 0);
    CU_ASSERT_EQUAL(done, 1);
    CU_ASSERT_EQUAL(nouns_do(count, &rows), 0);
    CU_ASSERT_EQUAL(rows, 0);
    nouns_close();
}

static const struct test_case cases[] = {
    { "what was wrapped is there once", what_was_wrapped_is_there_once },
    { "what nobody opened goes with its time", what_nobody_opened_goes_with_its_time },
};

TEST_MAIN("core/wrapping", cases)

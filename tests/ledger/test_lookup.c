/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/lookup.h"

#include "base/buf.h"
#include "tests/double/store_fault.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

static tsec_rc
note(void *ctx, struct tsec_span key, struct tsec_span value)
{
    tsec_buf_put_span(ctx, key);
    tsec_buf_put_str(ctx, "=");
    tsec_buf_put_span(ctx, value);
    tsec_buf_put_str(ctx, " ");
    return TSEC_OK;
}

static tsec_rc
refuse(void *ctx, struct tsec_span key, struct tsec_span value)
{
    (void)note(ctx, key, value);
    return (tsec_rc){ TSEC_E_TAMPERED };
}

static struct tsec_store *
filled(void)
{
    struct tsec_store *store = NULL;
    const struct tsec_store_op ops[] = {
        { .verb = TSEC_STORE_PUT, .key = tsec_span("a", 1), .value = tsec_span("1", 1) },
        { .verb = TSEC_STORE_PUT, .key = tsec_span("b", 1), .value = tsec_span("", 0) },
        { .verb = TSEC_STORE_PUT, .key = tsec_span("c", 1), .value = tsec_span("333", 3) },
    };

    OK(store_fault_ops.open(NULL, "fault:mem:", &store, NULL));
    OK(store_fault_ops.commit(store, ops, TSEC_ARRAY_LEN(ops), NULL));
    return store;
}

/* As the double has it, and without that question. */
static struct tsec_store_ops
ops_of(int which)
{
    struct tsec_store_ops ops = store_fault_ops;

    ops.get_many = which == 0 ? ops.get_many : NULL;
    return ops;
}

static tsec_rc
ask(int which, struct tsec_store *store, const char *keys, tsec_store_visit_fn visit,
    struct tsec_buf *out)
{
    const struct tsec_store_ops ops = ops_of(which);
    struct tsec_span spans[8];
    size_t n = 0;

    for (; keys[n] != '\0'; n++) {
        spans[n] = tsec_span(keys + n, 1);
    }
    tsec_buf_reset(out);
    return store_get_many(&ops, store, spans, n, visit, out, NULL);
}

static void
those_that_are_there_are_visited(void)
{
    static const struct {
        const char *keys;
        const char *wanted;
    } table[] = {
        { "", "" },
        { "a", "a=1 " },
        { "x", "" },
        { "b", "b= " },
        { "abc", "a=1 b= c=333 " },
        { "xayc", "a=1 c=333 " },
        { "aa", "a=1 a=1 " },
        { "zyx", "" },
    };

    for (int which = 0; which < 2; which++) {
        TSEC_AUTO_BUF struct tsec_buf got = TSEC_BUF_INIT(256);
        struct tsec_store *store = filled();

        for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
            const tsec_rc rc = ask(which, store, table[i].keys, note, &got);

            if (table[i].keys[0] == '\0') {
                continue; /* a store may refuse a question about nothing */
            }
            OK(rc);
            CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&got), table[i].wanted));
        }
        store_fault_ops.close(store);
    }
}

static void
one_question_is_one_call_where_there_is_such(void)
{
    for (int which = 0; which < 2; which++) {
        TSEC_AUTO_BUF struct tsec_buf got = TSEC_BUF_INIT(256);
        struct tsec_store *store = filled();

        OK(ask(which, store, "abcx", note, &got));
        CU_ASSERT_EQUAL(store_fault_calls(store, STORE_CALL_GET), which == 0 ? 1 : 4);
        store_fault_ops.close(store);
    }
}

static void
a_failure_ends_it(void)
{
    for (int which = 0; which < 2; which++) {
        TSEC_AUTO_BUF struct tsec_buf got = TSEC_BUF_INIT(256);
        struct tsec_store *store = filled();

        CU_ASSERT_EQUAL(ask(which, store, "abc", refuse, &got).code, TSEC_E_TAMPERED);
        CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&got), "a=1 "));
        store_fault_at(store, STORE_CALL_GET, which == 0 ? 1 : 2, STORE_FAULT_REFUSE,
                       TSEC_E_UNAVAILABLE);
        CU_ASSERT_EQUAL(ask(which, store, "abc", note, &got).code, TSEC_E_UNAVAILABLE);
        CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&got), which == 0 ? "" : "a=1 "));
        store_fault_ops.close(store);
    }
}

static void
too_many_keys_are_refused(void)
{
    static struct tsec_span keys[TSEC_STORE_KEYS_MAX + 1];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(keys); i++) {
        keys[i] = tsec_span("a", 1);
    }
    for (int which = 0; which < 2; which++) {
        TSEC_AUTO_BUF struct tsec_buf got = TSEC_BUF_INIT(4096);
        const struct tsec_store_ops ops = ops_of(which);
        struct tsec_store *store = filled();

        OK(store_get_many(&ops, store, keys, TSEC_STORE_KEYS_MAX, note, &got, NULL));
        CU_ASSERT_EQUAL(got.len, 4 * TSEC_STORE_KEYS_MAX);
        CU_ASSERT_EQUAL(
            store_get_many(&ops, store, keys, TSEC_ARRAY_LEN(keys), note, &got, NULL).code,
            TSEC_E_INVALID);
        store_fault_ops.close(store);
    }
}

static const struct test_case cases[] = {
    { "those that are there are visited", those_that_are_there_are_visited },
    { "one question is one call where there is such",
      one_question_is_one_call_where_there_is_such },
    { "a failure ends it", a_failure_ends_it },
    { "too many keys are refused", too_many_keys_are_refused },
};

TEST_MAIN("ledger/lookup", cases)

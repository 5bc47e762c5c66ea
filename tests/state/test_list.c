/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/state/bench.h"

static void
folders_and_keys_of_one_name_both_come(void)
{
    struct state_bench b;

    bench_new(&b, "list");
    OK(bench_text(&b, "put sys/a 1;put sys/a/x 1;put sys/a/y/z 1;put sys/a-b 1;put sys/b/c 1;"
                      "head sys/g 1 g;head sys/g 2 g;head sys/g/h 1 g"));
    bench_expect_list(&b, "sys/", false, "a a-b a/ b/ g g/ ");
    bench_expect_list(&b, "sys/", true, "a a-b a/x a/y/z b/c g g/h ");
    bench_expect_list(&b, "sys/a/", false, "x y/ ");
    bench_expect_list(&b, "sys/none/", false, "");
    bench_end(&b, "list");
}

struct page {
    const char *after;
    size_t limit;
    bool deep;
    char got[128];
};

static tsec_rc
put_name(void *ctx, struct tsec_span name)
{
    char *got = ctx;
    const size_t len = strlen(got);

    (void)snprintf(got + len, 128 - len, "%.*s ", (int)name.len, (const char *)name.ptr);
    return TSEC_OK;
}

static tsec_rc
read_page(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct page *p = ctx;

    return txn_list(txn, tsec_span_str("sys/"), tsec_span_str(p->after), p->limit, p->deep,
                    put_name, p->got, err);
}

static void
pages_follow_each_other(void)
{
    static const struct {
        struct page page;
        const char *wanted;
    } table[] = {
        { { "", 2, false, "" }, "a a-b " },
        { { "a-b", 2, false, "" }, "a/ b/ " },
        { { "a/", 0, false, "" }, "b/ g " },
        { { "a", 1, false, "" }, "a-b " },
        { { "g", 0, false, "" }, "" },
        { { "f", 9, false, "" }, "g " },
        { { "a/x", 2, true, "" }, "a/y/z b/c " },
        { { "zz", 0, true, "" }, "" },
    };
    struct state_bench b;

    bench_new(&b, "page");
    OK(bench_text(&b, "put sys/a 1;put sys/a/x 1;put sys/a/y/z 1;put sys/a-b 1;put sys/b/c 1;"
                      "head sys/g 1 g;head sys/g 2 g"));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        struct page page = table[i].page;

        OK(bench_do(&b, read_page, &page));
        CU_ASSERT_STRING_EQUAL(page.got, table[i].wanted);
    }
    bench_end(&b, "page");
}

static tsec_rc
refuse(void *ctx, struct tsec_span name)
{
    (void)name;
    ++*(int *)ctx;
    return (tsec_rc){ TSEC_E_TOO_LARGE };
}

static tsec_rc
list_refused(void *ctx, struct txn *txn, struct tsec_err *err)
{
    return txn_list(txn, tsec_span_str("sys/"), tsec_span(NULL, 0), 0, true, refuse, ctx, err);
}

static void
a_visitor_that_fails_ends_it(void)
{
    struct state_bench b;
    int calls = 0;

    bench_new(&b, "visitor");
    OK(bench_text(&b, "put sys/a 1;put sys/b 1"));
    FAILS(bench_do(&b, list_refused, &calls), TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(calls, 1);
    bench_end(&b, "visitor");
}

static void
an_overlay_and_its_base_are_read_as_one(void)
{
    struct state_bench b;
    struct bench_txn one;
    struct bench_txn two;
    char write[] = "del sys/b;put sys/d 1;put sys/c 2;group sys/g;del sys/z";
    struct page page = { "", 0, true, "" };

    bench_new(&b, "overlay");
    OK(bench_text(&b, "put sys/a 1;put sys/b 1;put sys/c 1;head sys/g 1 g;put sys/z 1"));
    bench_run(&b, &one, bench_script, write);
    bench_run(&b, &two, read_page, &page);
    CU_ASSERT_STRING_EQUAL(page.got, "a b c g z ");
    OK(staging_add(b.staging, one.txn, NULL));
    page.got[0] = '\0';
    OK(staging_rerun(b.staging, two.txn, two.run, two.ctx, NULL));
    CU_ASSERT_STRING_EQUAL(page.got, "a c d ");
    bench_txn_done(&one);
    bench_txn_done(&two);
    OK(bench_commit(&b));
    bench_expect_list(&b, "sys/", true, "a c d ");
    bench_end(&b, "overlay");
}

static const struct test_case cases[] = {
    { "folders and keys of one name both come", folders_and_keys_of_one_name_both_come },
    { "pages follow each other", pages_follow_each_other },
    { "a visitor that fails ends it", a_visitor_that_fails_ends_it },
    { "an overlay and its base are read as one", an_overlay_and_its_base_are_read_as_one },
};

TEST_MAIN("state/list", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/diag.h"

#include "tests/test.h"

static void
a_long_file_name_is_cut_at_the_front(void)
{
    static const char name[] = "/a/very/long/folder/name/that/goes/on/and/on/and/on/until/it/does/"
                               "not/fit/any/more/tee-secrets.yaml";
    struct tsec_err err = { 0 };

    CU_ASSERT_EQUAL(conf_wrong(&err, name, (struct conf_mark){ 3, 4 }, "a.b",
                               "a sentence of its own that is rather long, and goes on for some "
                               "more, so that the two of "
                               "them do not fit into one: %d",
                               1)
                        .code,
                    TSEC_E_CONFIG);
    CU_ASSERT_EQUAL(strncmp(err.detail, "...", 3), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "tee-secrets.yaml:3:4: a.b: a sentence of its own"));
}

static void
a_sentence_that_fits_keeps_the_whole_name(void)
{
    static const char name[] = "/a/rather/long/folder/for/a/file/of/settings/tee-secrets.yaml";
    struct tsec_err err = { 0 };

    CU_ASSERT_TRUE(tsec_failed(conf_wrong(&err, name, (struct conf_mark){ 3, 4 }, "a.b", "wrong")));
    CU_ASSERT_STRING_EQUAL(
        err.detail,
        "/a/rather/long/folder/for/a/file/of/settings/tee-secrets.yaml:3:4: a.b: wrong");
}

static void
what_is_not_in_the_file_has_no_place(void)
{
    struct tsec_err err = { 0 };

    CU_ASSERT_TRUE(
        tsec_failed(conf_wrong(&err, "f", (struct conf_mark){ 0, 0 }, NULL, "too %s", "long")));
    CU_ASSERT_STRING_EQUAL(err.detail, "f: too long");
}

static const struct test_case cases[] = {
    { "a long file name is cut at the front", a_long_file_name_is_cut_at_the_front },
    { "a sentence that fits keeps the whole name", a_sentence_that_fits_keeps_the_whole_name },
    { "what is not in the file has no place", what_is_not_in_the_file_has_no_place },
};

TEST_MAIN("conf/diag", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/merkle.h"
#include "tests/test.h"

/* C2SP tlog-tiles, "Merkle Tree": the first is its example. */
static const struct {
    uint64_t n;
    const char *path;
} known[] = {
    { 1234067, "x001/x234/067" },
    { 0, "000" },
    { 7, "007" },
    { 999, "999" },
    { 1000, "x001/000" },
    { 1000000, "x001/x000/000" },
    { UINT64_MAX, "x018/x446/x744/x073/x709/x551/615" },
};

static void
a_number_becomes_its_path(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(64);

        tsec_tile_path(&out, known[i].n);
        CU_ASSERT_FALSE(tsec_failed(tsec_buf_check(&out, NULL)));
        CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&out), known[i].path));
    }
}

static void
a_path_becomes_its_number(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        uint64_t n = 1;

        CU_ASSERT_TRUE(tsec_tile_path_parse(tsec_span_str(known[i].path), &n));
        CU_ASSERT_EQUAL(n, known[i].n);
    }
}

static void
other_forms_are_refused(void)
{
    static const char *const bad[] = {
        "",
        "0",
        "67",
        "0067",
        "x067",
        "x001",
        "x001/",
        "001/000",
        "x000/001",
        "x000/x001/067",
        "x001//067",
        "/067",
        "x001/67",
        "x001/0670",
        "x001/x067",
        "067/",
        "X001/067",
        "-01",
        " 67",
        "06a",
        "x00a/067",
        "x0010/67",
        "x018/x446/x744/x073/x709/x551/616",
        "x018/x446/x744/x073/x709/x552/000",
        "x001/x000/x000/x000/x000/x000/x000/000",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        uint64_t n = 0;

        CU_ASSERT_FALSE(tsec_tile_path_parse(tsec_span_str(bad[i]), &n));
    }
}

static const struct test_case cases[] = {
    { "a number becomes its path", a_number_becomes_its_path },
    { "a path becomes its number", a_path_becomes_its_number },
    { "other forms are refused", other_forms_are_refused },
};

TEST_MAIN("crypto/tile", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/pem.h"

#include "tests/test.h"

#define ONE "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n"
#define TWO "-----BEGIN X509 CRL-----\r\nBAUG\r\nBw==\r\n-----END X509 CRL-----\r\n"

struct taken {
    size_t blocks;
    size_t bytes;
    struct tsec_span label; /* the last */
    bool failed;
};

static struct taken
take_all(struct tsec_span text)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(4096);
    struct taken t = { 0 };
    bool found = true;

    while (found) {
        const struct tsec_span before = text;

        if (tsec_failed(tsec_pem_next(&text, &t.label, &der, &found, NULL))) {
            CU_ASSERT_PTR_EQUAL(text.ptr, before.ptr);
            CU_ASSERT_FALSE(found);
            CU_ASSERT_EQUAL(der.len, 0);
            t.failed = true;
            return t;
        }
        t.blocks += found ? 1 : 0;
        t.bytes += der.len;
        CU_ASSERT_TRUE(found || der.len == 0);
    }
    return t;
}

static size_t
blocks_in(const char *text)
{
    const struct taken t = take_all(tsec_span_str(text));

    return t.failed ? SIZE_MAX : t.blocks;
}

static void
blocks_come_one_after_the_other(void)
{
    const struct taken t = take_all(tsec_span_str(ONE TWO ONE TWO));

    CU_ASSERT_FALSE(t.failed);
    CU_ASSERT_EQUAL(t.blocks, 4);
    CU_ASSERT_EQUAL(t.bytes, 14);
    CU_ASSERT_TRUE(tsec_span_is(t.label, "X509 CRL"));
}

static void
the_next_block_may_begin_in_the_line_of_an_end(void)
{
    CU_ASSERT_EQUAL(blocks_in("-----BEGIN A-----\nAQID\n-----END A-----" TWO), 2);
    CU_ASSERT_EQUAL(blocks_in("-----BEGIN A-----\nAQID\n-----END A----------END A-----\n"),
                    SIZE_MAX);
}

static void
the_bytes_are_those_of_the_block(void)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(4096);
    struct tsec_span text = tsec_span_str(TWO ONE);
    struct tsec_span label;
    bool found = false;

    tsec_buf_put_str(&der, "what stood there");
    CU_ASSERT_FALSE(tsec_failed(tsec_pem_next(&text, &label, &der, &found, NULL)));
    CU_ASSERT_TRUE(found);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&der), "\x04\x05\x06\x07"));
    CU_ASSERT_FALSE(tsec_failed(tsec_pem_next(&text, &label, &der, &found, NULL)));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&der), "\x01\x02\x03"));
    CU_ASSERT_TRUE(tsec_span_is(label, "CERTIFICATE"));
}

static void
text_around_the_blocks_is_passed_over(void)
{
    CU_ASSERT_EQUAL(blocks_in(""), 0);
    CU_ASSERT_EQUAL(blocks_in("nothing here\n"), 0);
    CU_ASSERT_EQUAL(blocks_in("subject=CN = x\n" ONE "issuer -----\n\n" TWO "the end"), 2);
    CU_ASSERT_EQUAL(blocks_in("not at the start: " ONE), 0);
    CU_ASSERT_EQUAL(take_all(tsec_span(NULL, 0)).blocks, 0);
    /* a C string with its NUL, as quotes carry their chain */
    CU_ASSERT_EQUAL(take_all(tsec_span(ONE TWO, sizeof(ONE TWO))).blocks, 2);
}

static void
lines_may_be_of_any_length_and_end(void)
{
    CU_ASSERT_EQUAL(blocks_in("-----BEGIN A-----\nA\nQ\nI\n\nD\n-----END A-----"), 1);
    CU_ASSERT_EQUAL(blocks_in("-----BEGIN A-----  \r\n \tAQ  ID\t\r\n-----END A-----\r\n"), 1);
    CU_ASSERT_EQUAL(blocks_in("-----BEGIN A-----\nAQID-----END A-----"), 1);
}

static void
a_block_that_is_none_is_refused(void)
{
    static const char *const bad[] = {
        "-----BEGIN ",
        "-----BEGIN A",
        "-----BEGIN A-----",
        "-----BEGIN A----- AQID\n-----END A-----\n",
        "-----BEGIN A\n-----\nAQID\n-----END A-----\n",
        "-----BEGIN A\x7f-----\nAQID\n-----END A-----\n",
        "-----BEGIN A-----\n",
        "-----BEGIN A-----\nAQID\n",
        "-----BEGIN A-----\nAQID\n-----",
        "-----BEGIN A-----\nAQID\n-----END ",
        "-----BEGIN A-----\nAQID\n-----END B-----\n",
        "-----BEGIN A-----\nAQID\n-----END AB-----\n",
        "-----BEGIN AB-----\nAQID\n-----END A-----\n",
        "-----BEGIN A-----\nAQID\n-----END A----\n",
        "-----BEGIN A-----\nAQID\n-----END A-----B\n",
        "-----BEGIN A-----\nAQID\n-----BEGIN A-----\nAQID\n-----END A-----\n",
        "-----BEGIN A-----\n-----END A-----\n",           /* empty */
        "-----BEGIN A-----\nAQI\n-----END A-----\n",      /* not whole groups */
        "-----BEGIN A-----\nAQ==ID==\n-----END A-----\n", /* padding inside */
        "-----BEGIN A-----\nAQ=\n=\nAQID\n-----END A-----\n",
        "-----BEGIN A-----\nAR==\n-----END A-----\n", /* stray bits */
        "-----BEGIN A-----\nAQ_D\n-----END A-----\n", /* base64url */
        "-----BEGIN A-----\nAQ.D\n-----END A-----\n",
        "-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\n\nAQID\n-----END A-----\n",
        ONE "-----BEGIN A-----\nAQID\n", /* also after a good one */
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        if (blocks_in(bad[i]) != SIZE_MAX) {
            CU_FAIL("taken");
            (void)printf("taken: %s\n", bad[i]);
        }
    }
}

static void
a_block_cut_off_anywhere_is_refused(void)
{
    static const char whole[] = TWO;
    const size_t end = strlen(whole) - 2;

    for (size_t len = strlen("-----BEGIN "); len < end; len++) {
        CU_ASSERT_TRUE(take_all(tsec_span(whole, len)).failed);
    }
    CU_ASSERT_EQUAL(take_all(tsec_span(whole, end)).blocks, 1);
}

static void
a_label_without_bound_is_refused(void)
{
    char text[400];

    memset(text, 'A', sizeof(text));
    memcpy(text, "-----BEGIN ", 11);
    CU_ASSERT_TRUE(take_all(tsec_span(text, sizeof(text))).failed);
}

static void
a_block_past_the_ceiling_is_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(3);
    struct tsec_span text = tsec_span_str(TWO);
    struct tsec_span label;
    bool found = false;

    CU_ASSERT_EQUAL(tsec_pem_next(&text, &label, &der, &found, NULL).code, TSEC_E_TOO_LARGE);
    CU_ASSERT_FALSE(found);
}

static void
a_block_that_is_written_reads_as_it_was(void)
{
    uint8_t der[200];

    for (size_t i = 0; i < sizeof(der); i++) {
        der[i] = (uint8_t)(i * 7);
    }
    for (size_t len = 1; len <= sizeof(der); len++) {
        TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(1024);
        TSEC_AUTO_BUF struct tsec_buf back = TSEC_BUF_INIT(1024);
        struct tsec_span rest;
        struct tsec_span label;
        bool found = false;

        tsec_pem_append(&text, "PUBLIC KEY", tsec_span(der, len));
        rest = tsec_buf_span(&text);
        CU_ASSERT_EQUAL(tsec_pem_next(&rest, &label, &back, &found, NULL).code, 0);
        CU_ASSERT_TRUE_FATAL(found);
        CU_ASSERT_TRUE(tsec_span_is(label, "PUBLIC KEY"));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&back), tsec_span(der, len)));
    }
}

static void
lines_have_64_digits(void)
{
    static const uint8_t zero[49];
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(1024);

    tsec_pem_append(&text, "X", tsec_span(zero, sizeof(zero)));
    CU_ASSERT_TRUE(
        tsec_span_is(tsec_buf_span(&text),
                     "-----BEGIN X-----\n"
                     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\nAA==\n"
                     "-----END X-----\n"));
}

static const struct test_case cases[] = {
    { "a block that is written reads as it was", a_block_that_is_written_reads_as_it_was },
    { "lines have 64 digits", lines_have_64_digits },
    { "blocks come one after the other", blocks_come_one_after_the_other },
    { "the next block may begin in the line of an end",
      the_next_block_may_begin_in_the_line_of_an_end },
    { "the bytes are those of the block", the_bytes_are_those_of_the_block },
    { "text around the blocks is passed over", text_around_the_blocks_is_passed_over },
    { "lines may be of any length and end", lines_may_be_of_any_length_and_end },
    { "a block that is none is refused", a_block_that_is_none_is_refused },
    { "a block cut off anywhere is refused", a_block_cut_off_anywhere_is_refused },
    { "a label without bound is refused", a_label_without_bound_is_refused },
    { "a block past the ceiling is refused", a_block_past_the_ceiling_is_refused },
};

TEST_MAIN("codec/pem", cases)

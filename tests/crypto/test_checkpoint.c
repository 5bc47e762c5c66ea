/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/note.h"
#include "tests/crypto/vector.h"

#define ROOT "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

/* C2SP tlog-checkpoint, its example. */
static void
the_published_checkpoint_goes_in_and_out(void)
{
    static const char text[] = "example.com/behind-the-sofa\n20852163\n" ROOT "\n";
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(512);
    struct tsec_checkpoint checkpoint;

    CU_ASSERT_FALSE(tsec_failed(tsec_checkpoint_parse(tsec_span_str(text), &checkpoint, NULL)));
    CU_ASSERT_STRING_EQUAL(checkpoint.origin, "example.com/behind-the-sofa");
    CU_ASSERT_EQUAL(checkpoint.size, 20852163);
    CU_ASSERT_TRUE(vector_is(tsec_span(checkpoint.root, sizeof(checkpoint.root)),
                             "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"));
    tsec_checkpoint_text(&checkpoint, &out);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&out), text));
}

static void
the_largest_size_and_extension_lines_are_read(void)
{
    struct tsec_checkpoint checkpoint;

    CU_ASSERT_FALSE(tsec_failed(tsec_checkpoint_parse(
        tsec_span_str("o\n18446744073709551615\n" ROOT "\next 1\next 2\n"), &checkpoint, NULL)));
    CU_ASSERT_EQUAL(checkpoint.size, UINT64_MAX);
    CU_ASSERT_FALSE(
        tsec_failed(tsec_checkpoint_parse(tsec_span_str("o\n0\n" ROOT "\n"), &checkpoint, NULL)));
    CU_ASSERT_EQUAL(checkpoint.size, 0);
}

static void
other_texts_are_refused(void)
{
    static const char *const bad[] = {
        "",
        "\n",
        "o",
        "o\n1\n",
        "o\n1\n" ROOT,
        "\n1\n" ROOT "\n",
        "o\n\n" ROOT "\n",
        "o\n01\n" ROOT "\n",
        "o\n+1\n" ROOT "\n",
        "o\n-1\n" ROOT "\n",
        "o\n1 \n" ROOT "\n",
        "o\n0x1\n" ROOT "\n",
        "o\n18446744073709551616\n" ROOT "\n",
        "o\n99999999999999999999\n" ROOT "\n",
        "o\n1\nAAAA\n",
        "o\n1\n" ROOT "AAAA\n",
        "o\n1\n\n" ROOT "\n",
        "o\n1\n" ROOT "\n\n",
        "o\n1\n" ROOT "\next\n\n",
        "o\n1\n" ROOT "\next",
        "\xff\n1\n" ROOT "\n",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        struct tsec_checkpoint out;

        CU_ASSERT_EQUAL(tsec_checkpoint_parse(tsec_span_str(bad[i]), &out, NULL).code,
                        TSEC_E_INVALID);
    }
}

static void
an_origin_with_a_nul_or_too_long_is_refused(void)
{
    static const char nul[] = "o\0p\n1\n" ROOT "\n";
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(512);
    struct tsec_checkpoint out;

    CU_ASSERT_EQUAL(tsec_checkpoint_parse(tsec_span(nul, sizeof(nul) - 1), &out, NULL).code,
                    TSEC_E_INVALID);
    for (int i = 0; i <= TSEC_NOTE_NAME_MAX; i++) {
        tsec_buf_put_byte(&text, 'o');
    }
    tsec_buf_put_str(&text, "\n1\n" ROOT "\n");
    CU_ASSERT_EQUAL(tsec_checkpoint_parse(tsec_buf_span(&text), &out, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_FALSE(
        tsec_failed(tsec_checkpoint_parse(tsec_span(text.ptr + 1, text.len - 1), &out, NULL)));
}

static const struct test_case cases[] = {
    { "the published checkpoint goes in and out", the_published_checkpoint_goes_in_and_out },
    { "the largest size and extension lines are read",
      the_largest_size_and_extension_lines_are_read },
    { "other texts are refused", other_texts_are_refused },
    { "an origin with a NUL or too long is refused", an_origin_with_a_nul_or_too_long_is_refused },
};

TEST_MAIN("crypto/checkpoint", cases)

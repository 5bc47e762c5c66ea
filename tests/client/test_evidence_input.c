/* SPDX-License-Identifier: Apache-2.0 */
#include "client/evidence_input.h"

#include <stdlib.h>

#include <tsec/attest.h>

#include "tests/test.h"

struct decode_case {
    enum evidence_encoding encoding;
    const char *text;
    const char *want; /* NULL: refused */
};

static const struct decode_case decodes[] = {
    { EVIDENCE_BIN, "as it is\n", "as it is\n" },
    { EVIDENCE_BIN, "", NULL },
    { EVIDENCE_HEX, "6162\n", "ab" },
    { EVIDENCE_HEX, " 61 6\t2\r\n63", "abc" },
    { EVIDENCE_HEX, "4A4a", "JJ" },
    { EVIDENCE_HEX, "616", NULL },
    { EVIDENCE_HEX, "61zz", NULL },
    { EVIDENCE_HEX, "0x61", NULL },
    { EVIDENCE_HEX, " \n", NULL },
    { EVIDENCE_BASE64, "YWJj", "abc" },
    { EVIDENCE_BASE64, "YWI=\n", "ab" },
    { EVIDENCE_BASE64, "YWI", "ab" },
    { EVIDENCE_BASE64, "YQ==", "a" },
    { EVIDENCE_BASE64, "YW\nJj\n", "abc" },
    { EVIDENCE_BASE64, "Pz8_", "???" },
    { EVIDENCE_BASE64, "fn5-", "~~~" },
    { EVIDENCE_BASE64, "fn5+", "~~~" },
    { EVIDENCE_BASE64, "fn5-Pz8/", NULL },
    { EVIDENCE_BASE64, "Y", NULL },
    { EVIDENCE_BASE64, "YW=I", NULL },
    { EVIDENCE_BASE64, "YWJj====", NULL },
    { EVIDENCE_BASE64, "====", NULL },
    { EVIDENCE_BASE64, "", NULL },
};

static void
text_is_decoded_as_the_table_says(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(decodes); i++) {
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(EVIDENCE_FILE_MAX);
        struct tsec_err err = { 0 };
        const struct decode_case *c = &decodes[i];
        const tsec_rc rc = evidence_decode(c->encoding, tsec_span_str(c->text), &out, &err);

        if (c->want == NULL) {
            CU_ASSERT_EQUAL(rc.code, TSEC_E_INVALID);
            CU_ASSERT_NOT_EQUAL(err.detail[0], '\0');
        } else {
            CU_ASSERT_EQUAL(rc.code, 0);
            CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&out), c->want));
        }
    }
}

static void
evidence_ends_at_its_limit(void)
{
    uint8_t *zeros = calloc(1, TSEC_EVIDENCE_MAX + 1);
    struct tsec_err err = { 0 };

    CU_ASSERT_PTR_NOT_NULL_FATAL(zeros);
    for (size_t over = 0; over < 2; over++) {
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(EVIDENCE_FILE_MAX);

        CU_ASSERT_EQUAL(
            evidence_decode(EVIDENCE_BIN, tsec_span(zeros, TSEC_EVIDENCE_MAX + over), &out, &err)
                .code,
            over == 0 ? 0 : TSEC_E_INVALID);
    }
    free(zeros);
}

static void
an_encoding_is_guessed_for_a_hint_only_where_all_is_text(void)
{
    CU_ASSERT_EQUAL(evidence_encoding_guess(tsec_span_str("84 44\n")), EVIDENCE_HEX);
    CU_ASSERT_EQUAL(evidence_encoding_guess(tsec_span_str("hEShATgi")), EVIDENCE_BASE64);
    CU_ASSERT_EQUAL(evidence_encoding_guess(tsec_span_str("a.b.c")), EVIDENCE_BIN);
    CU_ASSERT_EQUAL(evidence_encoding_guess(tsec_span_str("")), EVIDENCE_BIN);
    CU_ASSERT_EQUAL(evidence_encoding_guess(tsec_span("\x84\x44", 2)), EVIDENCE_BIN);
}

static void
an_encoding_has_one_of_three_names(void)
{
    enum evidence_encoding got;

    CU_ASSERT_TRUE(evidence_encoding_parse("base64", &got) && got == EVIDENCE_BASE64);
    CU_ASSERT_TRUE(evidence_encoding_parse("hex", &got) && got == EVIDENCE_HEX);
    CU_ASSERT_TRUE(evidence_encoding_parse("bin", &got) && got == EVIDENCE_BIN);
    CU_ASSERT_FALSE(evidence_encoding_parse("", &got));
    CU_ASSERT_FALSE(evidence_encoding_parse("HEX", &got));
    CU_ASSERT_FALSE(evidence_encoding_parse("pem", &got));
}

struct guess_case {
    const char *start;
    size_t start_len;
    size_t len; /* padded with zeros to this */
    const char *want;
};

static const struct guess_case guesses[] = {
    { "\x84\x44\xa1\x01\x38\x22", 6, 4000, "nitro" },
    { "\xd2\x84\x44", 3, 4000, "nitro" },
    { "\x84\x43", 2, 4000, NULL },
    { "\x02\0\0\0", 4, 1184, "snp" },
    { "\x02\0\0\0", 4, 1183, NULL },
    { "HCLA", 4, 2600, "az-snp-vtpm" },
    { "{\"", 2, 2600, "az-snp-vtpm" },
    { "\x03\0\x02\0\0\0\0\0", 8, 4000, "sgx" },
    { "\x03\0\x02\0\0\0\0\0", 8, 49, NULL },
    { "\x04\0\x02\0\0\0\0\0", 8, 4000, "sgx" },
    { "\x04\0\x02\0\x81\0\0\0", 8, 4000, "tdx" },
    { "\x04\0\x02\0\x82\0\0\0", 8, 4000, NULL },
    { "\x05\0\x02\0\x81\0\0\0", 8, 4000, "tdx" },
    { "\x06\0\x02\0\0\0\0\0", 8, 4000, NULL },
    { "\x01\0\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\x03\0", 18, 4000, "sgx" },
    { "eyJhbGciOiJSUzI1NiJ9.e30.c2ln", 29, 29, "maa" },
    { "eyJhbGciOiJSUzI1NiJ9.e30.c2ln\r\n", 31, 31, "maa" },
    { "eyJhbGciOiJSUzI1NiJ9.e30", 24, 24, NULL },
    { "ey .e30.c2ln", 12, 12, NULL },
    { "", 0, 0, NULL },
};

static void
a_format_is_recognised_by_content(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(guesses); i++) {
        const struct guess_case *c = &guesses[i];
        uint8_t *bytes = calloc(1, c->len + 1);
        const char *got;

        CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
        memcpy(bytes, c->start, c->start_len);
        got = evidence_format_guess(tsec_span(bytes, c->len));
        if (c->want == NULL) {
            CU_ASSERT_PTR_NULL(got);
        } else {
            CU_ASSERT_PTR_NOT_NULL_FATAL(got);
            CU_ASSERT_STRING_EQUAL(got, c->want);
        }
        free(bytes);
    }
}

static const struct test_case cases[] = {
    { "text is decoded as the table says", text_is_decoded_as_the_table_says },
    { "evidence ends at its limit", evidence_ends_at_its_limit },
    { "an encoding is guessed for a hint only where all is text",
      an_encoding_is_guessed_for_a_hint_only_where_all_is_text },
    { "an encoding has one of three names", an_encoding_has_one_of_three_names },
    { "a format is recognised by content", a_format_is_recognised_by_content },
};

TEST_MAIN("client/evidence_input", cases)

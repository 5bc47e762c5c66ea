/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include "tests/test.h"

/* RFC 4648 section 10, and bytes that reach the last two digits. */
static const struct {
    const char *bytes;
    const char *std;
    const char *url;
} vectors[] = {
    { "", "", "" },
    { "f", "Zg==", "Zg" },
    { "fo", "Zm8=", "Zm8" },
    { "foo", "Zm9v", "Zm9v" },
    { "foob", "Zm9vYg==", "Zm9vYg" },
    { "fooba", "Zm9vYmE=", "Zm9vYmE" },
    { "foobar", "Zm9vYmFy", "Zm9vYmFy" },
    { "\xfb\xff\xfe", "+//+", "-__-" },
    { "\xff\xff", "//8=", "__8" },
};

static void
the_vectors_of_rfc_4648_hold_both_ways(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(vectors); i++) {
        TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(100);
        const struct tsec_span bytes = tsec_span_str(vectors[i].bytes);
        char out[16];

        tsec_base64_encode(TSEC_BASE64_STD, bytes, out);
        CU_ASSERT_STRING_EQUAL(out, vectors[i].std);
        tsec_base64_encode(TSEC_BASE64_URL, bytes, out);
        CU_ASSERT_STRING_EQUAL(out, vectors[i].url);
        CU_ASSERT_FALSE(tsec_failed(
            tsec_base64_decode(&b, TSEC_BASE64_STD, tsec_span_str(vectors[i].std), NULL)));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&b), bytes));
        tsec_buf_reset(&b);
        CU_ASSERT_FALSE(tsec_failed(
            tsec_base64_decode(&b, TSEC_BASE64_URL, tsec_span_str(vectors[i].url), NULL)));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&b), bytes));
        tsec_buf_reset(&b);
        tsec_base64_append(&b, TSEC_BASE64_STD, bytes);
        CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), vectors[i].std));
    }
}

static void
all_bytes_in_all_places_come_back(void)
{
    uint8_t bytes[257];

    for (unsigned i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(i * 151);
    }
    for (size_t len = 0; len <= sizeof(bytes); len++) {
        TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(1000);
        TSEC_AUTO_BUF struct tsec_buf back = TSEC_BUF_INIT(1000);
        const enum tsec_base64_kind kind = len % 2 == 0 ? TSEC_BASE64_STD : TSEC_BASE64_URL;

        tsec_base64_append(&text, kind, tsec_span(bytes, len));
        CU_ASSERT_FALSE(tsec_failed(tsec_base64_decode(&back, kind, tsec_buf_span(&text), NULL)));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&back), tsec_span(bytes, len)));
    }
}

static void
what_is_not_exact_is_refused_and_nothing_appended(void)
{
    static const struct {
        enum tsec_base64_kind kind;
        const char *text;
    } bad[] = {
        { TSEC_BASE64_STD, "Zg" },       { TSEC_BASE64_STD, "Zg=" },   { TSEC_BASE64_STD, "Zg===" },
        { TSEC_BASE64_STD, "Z===" },     { TSEC_BASE64_STD, "====" },  { TSEC_BASE64_STD, "=" },
        { TSEC_BASE64_STD, "Zg==Zg==" }, { TSEC_BASE64_STD, "Zh==" },  { TSEC_BASE64_STD, "Zm9=" },
        { TSEC_BASE64_STD, "Zm9v\n" },   { TSEC_BASE64_STD, "Zm 9v" }, { TSEC_BASE64_STD, "-__-" },
        { TSEC_BASE64_STD, "Zm9\x80" },  { TSEC_BASE64_STD, "Z=9v" },  { TSEC_BASE64_URL, "Zg==" },
        { TSEC_BASE64_URL, "Z" },        { TSEC_BASE64_URL, "Zm9vY" }, { TSEC_BASE64_URL, "Zh" },
        { TSEC_BASE64_URL, "Zm9" },      { TSEC_BASE64_URL, "+//+" },  { TSEC_BASE64_URL, "Zm9v=" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(100);

        tsec_buf_put_str(&b, "before");
        CU_ASSERT_EQUAL(tsec_base64_decode(&b, bad[i].kind, tsec_span_str(bad[i].text), NULL).code,
                        TSEC_E_INVALID);
        CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), "before"));
    }
}

static void
only_the_alphabet_is_read(void)
{
    static const char std[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (unsigned c = 1; c < 256; c++) {
        TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(100);
        const uint8_t text[4] = { 'A', (uint8_t)c, 'A', 'A' };
        const bool fails =
            tsec_failed(tsec_base64_decode(&b, TSEC_BASE64_STD, tsec_span(text, 4), NULL));

        CU_ASSERT_EQUAL(fails, memchr(std, (int)c, sizeof(std) - 1) == NULL);
    }
}

/* Sixteen digits are read at once, four where there are fewer: both must see the same. */
static void
a_digit_is_read_alike_in_every_place(void)
{
    enum { DIGITS = 52 };

    for (unsigned c = 0; c < 256; c++) {
        for (unsigned at = 0; at < 2 * DIGITS; at++) {
            TSEC_AUTO_BUF struct tsec_buf whole = TSEC_BUF_INIT(100);
            TSEC_AUTO_BUF struct tsec_buf fours = TSEC_BUF_INIT(100);
            const enum tsec_base64_kind kind = (enum tsec_base64_kind)(at / DIGITS);
            char text[DIGITS];
            bool fails = false;

            memset(text, 'x', sizeof(text));
            text[at % DIGITS] = (char)c;
            for (unsigned i = 0; i < DIGITS; i += 4) {
                fails |=
                    tsec_failed(tsec_base64_decode(&fours, kind, tsec_span(text + i, 4), NULL));
            }
            CU_ASSERT_EQUAL(
                tsec_failed(tsec_base64_decode(&whole, kind, tsec_span(text, DIGITS), NULL)),
                fails);
            CU_ASSERT_TRUE(fails || tsec_span_equal(tsec_buf_span(&whole), tsec_buf_span(&fours)));
        }
    }
}

static void
a_byte_is_written_alike_in_every_place(void)
{
    enum { BYTES = 39 };

    for (unsigned c = 0; c < 256; c++) {
        for (unsigned at = 0; at < 2 * BYTES; at++) {
            TSEC_AUTO_BUF struct tsec_buf whole = TSEC_BUF_INIT(100);
            TSEC_AUTO_BUF struct tsec_buf threes = TSEC_BUF_INIT(100);
            const enum tsec_base64_kind kind = (enum tsec_base64_kind)(at / BYTES);
            uint8_t bytes[BYTES];

            memset(bytes, 0xa5, sizeof(bytes));
            bytes[at % BYTES] = (uint8_t)c;
            tsec_base64_append(&whole, kind, tsec_span(bytes, BYTES));
            for (unsigned i = 0; i < BYTES; i += 3) {
                tsec_base64_append(&threes, kind, tsec_span(bytes + i, 3));
            }
            CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&whole), tsec_buf_span(&threes)));
        }
    }
}

static void
a_full_buffer_is_told_apart_from_bad_text(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(2);

    CU_ASSERT_EQUAL(tsec_base64_decode(&b, TSEC_BASE64_STD, tsec_span_str("Zm9v"), NULL).code,
                    TSEC_E_TOO_LARGE);
}

static const struct test_case cases[] = {
    { "the vectors of RFC 4648 hold both ways", the_vectors_of_rfc_4648_hold_both_ways },
    { "all bytes in all places come back", all_bytes_in_all_places_come_back },
    { "what is not exact is refused and nothing appended",
      what_is_not_exact_is_refused_and_nothing_appended },
    { "only the alphabet is read", only_the_alphabet_is_read },
    { "a digit is read alike in every place", a_digit_is_read_alike_in_every_place },
    { "a byte is written alike in every place", a_byte_is_written_alike_in_every_place },
    { "a full buffer is told apart from bad text", a_full_buffer_is_told_apart_from_bad_text },
};

TEST_MAIN("base/base64", cases)

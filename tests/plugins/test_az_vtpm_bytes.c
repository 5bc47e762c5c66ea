/* SPDX-License-Identifier: Apache-2.0 */
#include "az_vtpm_bytes.h"

#include "base/hex.h"
#include "tests/test.h"

static const struct {
    const char *json;
    const char *hex; /* NULL: refused */
} forms[] = {
    { "[]", "" },
    { "[0,255,16]", "00ff10" },
    { "[ 1 , 2 ]", "0102" },
    { "[256]", NULL },
    { "[-1]", NULL },
    { "[1.5]", NULL },
    { "[1e1]", NULL },
    { "[\"1\"]", NULL },
    { "[[1]]", NULL },
    { "\"\"", "" },
    { "\"00ff10\"", "00ff10" },
    { "\"00FF10\"", "00ff10" },
    { "\"00ff1\"", NULL }, /* neither hex nor base64 */
    { "\"00 ff\"", NULL },
    { "\"-_-_\"", "fbffbf" },
    { "\"+/+/\"", "fbffbf" },
    { "\"-/-/\"", NULL }, /* mixed alphabets */
    { "\"SEM=\"", "4843" },
    { "\"SEM\"", "4843" },
    { "\"SA==\"", "48" },
    { "\"SA=\"", NULL },
    { "\"SB==\"", NULL }, /* stray bits */
    { "\"-_8=\"", "fbff" },
    { "\"-w==\"", "fb" },
    { "\"====\"", NULL },
    { "\"-===\"", NULL },
    { "\"SEM=\\n\"", NULL },
    { "7", NULL },
    { "null", NULL },
    { "{}", NULL },
    { "true", NULL },
};

static void
each_form_says_its_bytes_or_is_refused(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(forms); i++) {
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(64);
        TSEC_AUTO_BUF struct tsec_buf hex = TSEC_BUF_INIT(256);
        const tsec_rc rc = az_vtpm_bytes(tsec_span_str(forms[i].json), &out, NULL);

        tsec_hex_append(&hex, tsec_buf_span(&out));
        const bool right = forms[i].hex == NULL
                               ? rc.code == TSEC_E_INVALID
                               : rc.code == 0 && tsec_span_is(tsec_buf_span(&hex), forms[i].hex);

        CU_ASSERT_TRUE(right);
        if (!right) {
            (void)printf("\n    %s: %d, %.*s\n", forms[i].json, rc.code, (int)hex.len,
                         hex.len == 0 ? "" : (const char *)hex.ptr);
        }
    }
}

static void
more_than_is_taken_is_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf list = TSEC_BUF_INIT(2);
    TSEC_AUTO_BUF struct tsec_buf hex = TSEC_BUF_INIT(2);
    TSEC_AUTO_BUF struct tsec_buf base64 = TSEC_BUF_INIT(2);

    CU_ASSERT_EQUAL(az_vtpm_bytes(tsec_span_str("[1,2,3]"), &list, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(az_vtpm_bytes(tsec_span_str("\"010203\""), &hex, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_NOT_EQUAL(az_vtpm_bytes(tsec_span_str("\"-_-_\""), &base64, NULL).code, 0);
}

static void
more_bytes_than_are_taken_are_malformed(void)
{
    static const char *const texts[] = { "[1,2,3]", "\"010203\"", "\"AQID\"", "\"-_-_\"" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(texts); i++) {
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(2);

        CU_ASSERT_EQUAL(az_vtpm_bytes(tsec_span_str(texts[i]), &out, NULL).code, TSEC_E_INVALID);
    }
}

static const struct test_case cases[] = {
    { "each form says its bytes or is refused", each_form_says_its_bytes_or_is_refused },
    { "more than is taken is refused", more_than_is_taken_is_refused },
    { "more bytes than are taken are malformed", more_bytes_than_are_taken_are_malformed },
};

TEST_MAIN("az_vtpm_bytes", cases)

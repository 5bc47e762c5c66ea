/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/jose.h"

#include "base/base64.h"
#include "tests/test.h"

enum { TOKEN_MAX = 64 * 1024 };

/* RFC 7515 appendix A.1. */
#define RFC_HEADER "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
#define RFC_PAYLOAD                                                            \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNv" \
    "bS9pc19yb290Ijp0cnVlfQ"
#define RFC_SIGNATURE "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define RFC_TOKEN     RFC_HEADER "." RFC_PAYLOAD "." RFC_SIGNATURE

static int32_t
parses(struct tsec_span token)
{
    struct tsec_jws jws;
    const tsec_rc rc = tsec_jws_parse(token, TOKEN_MAX, &jws, NULL);

    tsec_jws_done(&jws);
    return rc.code;
}

/* The token with this header and payload, which are not encoded yet. */
static void
token_of(struct tsec_buf *out, struct tsec_span header, struct tsec_span payload)
{
    tsec_jws_signed_part(header, payload, out);
    tsec_jws_add_signature(tsec_span_str("signature"), out);
    CU_ASSERT_FALSE(tsec_failed(tsec_buf_check(out, NULL)));
}

static int32_t
parses_with(const char *header, const char *payload)
{
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(TOKEN_MAX);

    token_of(&token, tsec_span_str(header), tsec_span_str(payload));
    return parses(tsec_buf_span(&token));
}

static void
the_example_of_the_rfc_comes_apart(void)
{
    struct tsec_jws jws;

    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_jws_parse(tsec_span_str(RFC_TOKEN), TOKEN_MAX, &jws, NULL)));
    CU_ASSERT_TRUE(tsec_span_is(jws.signed_part, RFC_HEADER "." RFC_PAYLOAD));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&jws.header), "{\"typ\":\"JWT\",\r\n"
                                                            " \"alg\":\"HS256\"}"));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&jws.payload),
                                "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n"
                                " \"http://example.com/is_root\":true}"));
    CU_ASSERT_EQUAL(jws.signature.len, 32);
    CU_ASSERT_EQUAL(jws.signature.ptr[0], 116);
    CU_ASSERT_EQUAL(jws.signature.ptr[31], 121);
    tsec_jws_done(&jws);
    CU_ASSERT_PTR_NULL(jws.payload.ptr);
}

static void
it_is_put_together_again(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(TOKEN_MAX);
    struct tsec_jws jws;

    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_jws_parse(tsec_span_str(RFC_TOKEN), TOKEN_MAX, &jws, NULL)));
    tsec_jws_signed_part(tsec_buf_span(&jws.header), tsec_buf_span(&jws.payload), &out);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&out), jws.signed_part));
    tsec_jws_add_signature(tsec_buf_span(&jws.signature), &out);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&out), RFC_TOKEN));
    tsec_jws_done(&jws);
}

static void
white_space_around_the_token_is_passed_over(void)
{
    struct tsec_jws jws;

    CU_ASSERT_FALSE(tsec_failed(
        tsec_jws_parse(tsec_span_str(" \t\r\n" RFC_TOKEN "\r\n\n "), TOKEN_MAX, &jws, NULL)));
    CU_ASSERT_TRUE(tsec_span_is(jws.signed_part, RFC_HEADER "." RFC_PAYLOAD));
    tsec_jws_done(&jws);
}

static void
anything_but_three_parts_is_refused(void)
{
    static const char *const bad[] = {
        "",
        ".",
        "..",
        "...",
        RFC_HEADER,
        RFC_HEADER "." RFC_PAYLOAD,
        RFC_HEADER "." RFC_PAYLOAD ".", /* unsecured: RFC 7519 section 6 */
        "." RFC_PAYLOAD "." RFC_SIGNATURE,
        RFC_HEADER ".." RFC_SIGNATURE, /* detached: RFC 7515 appendix F */
        RFC_TOKEN ".",
        RFC_TOKEN "." RFC_SIGNATURE,
        RFC_TOKEN "." RFC_SIGNATURE "." RFC_SIGNATURE, /* five, as a JWE has */
        RFC_HEADER " ." RFC_PAYLOAD "." RFC_SIGNATURE,
        RFC_HEADER "." RFC_PAYLOAD "\n." RFC_SIGNATURE,
        RFC_TOKEN " x",
        "{\"protected\":\"\",\"payload\":\"\",\"signature\":\"\"}",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(parses(tsec_span_str(bad[i])), TSEC_E_INVALID);
    }
    CU_ASSERT_EQUAL(parses(tsec_span(NULL, 0)), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(parses(tsec_span(RFC_TOKEN, sizeof(RFC_TOKEN))), TSEC_E_INVALID); /* a NUL */
}

static void
padding_stray_bits_and_the_other_alphabet_are_refused(void)
{
    static const char *const bad[] = {
        RFC_HEADER "." RFC_PAYLOAD "." RFC_SIGNATURE "=",
        RFC_HEADER "." RFC_PAYLOAD "==." RFC_SIGNATURE,
        RFC_HEADER "." RFC_PAYLOAD ".dBjftJeZ4CVP+mB92K27uhbUJU1p1r/wW1gFWFOEjXk",
        RFC_HEADER "." RFC_PAYLOAD ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl",
        RFC_HEADER "." RFC_PAYLOAD ".A",
        RFC_HEADER "." RFC_PAYLOAD ".AB", /* stray bits */
        RFC_HEADER "." RFC_PAYLOAD ".AAB",
        RFC_HEADER "." RFC_PAYLOAD ".AAAAA",
        RFC_HEADER "." RFC_PAYLOAD ".AA%41",
        RFC_HEADER ".e30x." RFC_SIGNATURE, /* "{}1" */
        RFC_HEADER ".e31." RFC_SIGNATURE,  /* "{}" with a bit too many */
        "e31." RFC_PAYLOAD "." RFC_SIGNATURE,
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(parses(tsec_span_str(bad[i])), TSEC_E_INVALID);
    }
    CU_ASSERT_EQUAL(parses(tsec_span_str(RFC_HEADER ".e30." RFC_SIGNATURE)), 0);
    CU_ASSERT_EQUAL(parses(tsec_span_str(RFC_HEADER "." RFC_PAYLOAD ".AA")), 0);
}

static void
parts_that_are_no_json_object_are_refused(void)
{
    static const char *const bad[] = {
        "",
        " ",
        "[]",
        "\"\"",
        "1",
        "null",
        "true",
        "{",
        "}",
        "{}{}",
        "{},",
        "{\"a\"}",
        "{\"a\":1,}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":NaN}",
        "{\"a\":\"\x01\"}",
        "{\"a\":\"\xff\"}",
        "{\"a\":\"\\u0000\"}",
        "{\"a\":\"\\ud800\"}",
        "/**/{}",
        "\xef\xbb\xbf{}",
        /* members twice, plainly and in disguise, at every level */
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"\\u0061\":1}",
        "{\"b\":{\"a\":1,\"a\":1}}",
        "{\"b\":[{\"a\":1,\"a\":1}]}",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(parses_with("{}", bad[i]), TSEC_E_INVALID);
        CU_ASSERT_EQUAL(parses_with(bad[i], "{}"), TSEC_E_INVALID);
    }
    CU_ASSERT_EQUAL(parses_with("{}", "{}"), 0);
    CU_ASSERT_EQUAL(parses_with(" {\"a\":1} ", "\n{\"a\":{\"a\":1},\"b\":\"\\u20ac\"}"), 0);
}

static void
a_token_past_its_bound_is_refused(void)
{
    struct tsec_jws jws;
    const struct tsec_span token = tsec_span_str(RFC_TOKEN);

    CU_ASSERT_FALSE(tsec_failed(tsec_jws_parse(token, token.len, &jws, NULL)));
    tsec_jws_done(&jws);
    CU_ASSERT_EQUAL(tsec_jws_parse(token, token.len - 1, &jws, NULL).code, TSEC_E_INVALID);
    tsec_jws_done(&jws);
    CU_ASSERT_EQUAL(tsec_jws_parse(token, 0, &jws, NULL).code, TSEC_E_INVALID);
    tsec_jws_done(&jws);
}

/* "{...}" of `len` bytes. */
static const char *
object_of(size_t len)
{
    static char text[TSEC_JWS_HEADER_MAX + 2];

    memset(text, ' ', len);
    text[0] = '{';
    text[len - 1] = '}';
    text[len] = '\0';
    return text;
}

static void
a_header_or_signature_past_its_bound_is_refused(void)
{
    static const uint8_t signature[2049];
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(TOKEN_MAX);

    CU_ASSERT_EQUAL(parses_with(object_of(TSEC_JWS_HEADER_MAX), "{}"), 0);
    CU_ASSERT_EQUAL(parses_with(object_of(TSEC_JWS_HEADER_MAX + 1), "{}"), TSEC_E_INVALID);
    for (size_t len = 2048; len <= 2049; len++) {
        tsec_buf_reset(&token);
        tsec_jws_signed_part(tsec_span_str("{}"), tsec_span_str("{}"), &token);
        tsec_jws_add_signature(tsec_span(signature, len), &token);
        CU_ASSERT_EQUAL(parses(tsec_buf_span(&token)), len == 2048 ? 0 : TSEC_E_INVALID);
    }
}

static void
a_token_cut_off_before_its_signature_is_refused(void)
{
    for (size_t len = 0; len <= strlen(RFC_HEADER "." RFC_PAYLOAD "."); len++) {
        CU_ASSERT_EQUAL(parses(tsec_span(RFC_TOKEN, len)), TSEC_E_INVALID);
    }
}

static const struct test_case cases[] = {
    { "the example of the RFC comes apart", the_example_of_the_rfc_comes_apart },
    { "it is put together again", it_is_put_together_again },
    { "white space around the token is passed over", white_space_around_the_token_is_passed_over },
    { "anything but three parts is refused", anything_but_three_parts_is_refused },
    { "padding, stray bits and the other alphabet are refused",
      padding_stray_bits_and_the_other_alphabet_are_refused },
    { "parts that are no JSON object are refused", parts_that_are_no_json_object_are_refused },
    { "a token past its bound is refused", a_token_past_its_bound_is_refused },
    { "a header or signature past its bound is refused",
      a_header_or_signature_past_its_bound_is_refused },
    { "a token cut off before its signature is refused",
      a_token_cut_off_before_its_signature_is_refused },
};

TEST_MAIN("codec/jose", cases)

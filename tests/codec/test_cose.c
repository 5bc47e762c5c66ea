/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/cose.h"

#include <stdlib.h>

#include "base/hex.h"
#include "tests/test.h"

enum { BYTES_MAX = 256 };

static tsec_rc
parse(const char *digits, struct tsec_cose_sign1 *out)
{
    static uint8_t bytes[BYTES_MAX];
    const size_t len = strlen(digits) / 2;

    CU_ASSERT_TRUE_FATAL(len <= BYTES_MAX && tsec_hex_decode(tsec_span_str(digits), bytes, len));
    return tsec_cose_sign1_parse(tsec_span(bytes, len), out, NULL);
}

static void
the_four_parts_come_out_with_and_without_the_tag(void)
{
    static const char *const forms[] = { "8444a1013822a043010203420a0b",
                                         "d28444a1013822a043010203420a0b" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(forms); i++) {
        struct tsec_cose_sign1 s;

        CU_ASSERT_FALSE_FATAL(tsec_failed(parse(forms[i], &s)));
        CU_ASSERT_EQUAL(s.alg, TSEC_COSE_ES384);
        CU_ASSERT_TRUE(tsec_span_is(s.protected, "\xa1\x01\x38\x22"));
        CU_ASSERT_TRUE(tsec_span_is(s.payload, "\x01\x02\x03"));
        CU_ASSERT_TRUE(tsec_span_is(s.signature, "\x0a\x0b"));
    }
}

static void
every_algorithm_is_told_apart(void)
{
    struct tsec_cose_sign1 s;

    CU_ASSERT_FALSE(tsec_failed(parse("8443a10126a04040", &s)));
    CU_ASSERT_EQUAL(s.alg, TSEC_COSE_ES256);
    CU_ASSERT_FALSE(tsec_failed(parse("8444a1013823a04040", &s)));
    CU_ASSERT_EQUAL(s.alg, TSEC_COSE_ES512);
    CU_ASSERT_FALSE(tsec_failed(parse("8443a10105a04040", &s)));
    CU_ASSERT_EQUAL(s.alg, 5);
}

static void
anything_but_that_form_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "80",
        "8344a1013822a040",                   /* three parts */
        "8544a1013822a0404040",               /* five */
        "d2d28444a1013822a04040",             /* the tag twice */
        "d18444a1013822a04040",               /* tag 17: COSE_Mac0 */
        "d8628444a1013822a04040",             /* tag 98: COSE_Sign */
        "d9d9f78444a1013822a04040",           /* self-described CBOR */
        "9f44a1013822a04040ff",               /* an indefinite array */
        "84a1013822a04040",                   /* protected as a map */
        "8440a04040",                         /* nothing protected: no alg */
        "8441a0a04040",                       /* an empty protected map */
        "8443a10201a04040",                   /* crit, and no alg */
        "8447a201382202810aa04040",           /* alg and crit */
        "8447a201382204420000a04040",         /* alg and kid */
        "8447a2013822013822a04040",           /* alg twice */
        "8443a10426a04040",                   /* kid alone */
        "8447a1016545533338a04040",           /* alg as text */
        "8445a101382200a04040",               /* bytes after the map */
        "8445bf013822ffa04040",               /* an indefinite map */
        "8443a10138a04040",                   /* cut off inside */
        "844aa1013b8000000000000000a04040",   /* alg past int64 */
        "8445a101390022a04040",               /* alg not in its shortest form */
        "8444a1013822a10441014040",           /* something unprotected */
        "8444a1013822bfff4040",               /* an indefinite unprotected map */
        "8444a1013822404040",                 /* unprotected as bytes */
        "8444a1013822a0f640",                 /* a detached payload */
        "8444a1013822a06040",                 /* payload as text */
        "8444a1013822a05f4101ff40",           /* payload in chunks */
        "8444a1013822a04060",                 /* signature as text */
        "8444a1013822a0408140",               /* signatures */
        "8444a1013822a0404000",               /* something after it */
        "8444a1013822a0405bffffffffffffffff", /* a length that lies */
    };
    struct tsec_cose_sign1 s;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        if (!tsec_failed(parse(bad[i], &s))) {
            CU_FAIL("taken");
            (void)printf("taken: %s\n", bad[i]);
        }
    }
}

static void
a_message_cut_off_anywhere_is_refused(void)
{
    static const char whole[] = "d28444a1013822a043010203420a0b";
    struct tsec_cose_sign1 s;

    for (size_t len = 0; len < strlen(whole); len += 2) {
        char *digits = strndup(whole, len);

        CU_ASSERT_EQUAL(parse(digits, &s).code, TSEC_E_INVALID);
        free(digits);
    }
    CU_ASSERT_FALSE(tsec_failed(parse(whole, &s)));
}

/* Sig_structure with a payload of `len` bytes has this after the protected header. */
static void
check_signed_bytes(size_t len, const char *head_digits)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(1 << 20);
    TSEC_AUTO_BUF struct tsec_buf wanted = TSEC_BUF_INIT(1 << 20);
    uint8_t head[64];
    uint8_t *payload = calloc(1, len + 1);
    struct tsec_cose_sign1 s = { .protected = tsec_span_str("\xa1\x01\x26") };

    CU_ASSERT_TRUE_FATAL(
        tsec_hex_decode(tsec_span_str(head_digits), head, strlen(head_digits) / 2));
    s.payload = tsec_span(payload, len);
    tsec_cose_signed_bytes(&s, &out);
    tsec_buf_put(&wanted, head, strlen(head_digits) / 2);
    tsec_buf_put_span(&wanted, s.payload);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&out), tsec_buf_span(&wanted)));
    free(payload);
}

#define START "846a5369676e61747572653143a1012640"

static void
the_signed_bytes_are_those_of_the_rfc(void)
{
    check_signed_bytes(0, START "40");
    check_signed_bytes(23, START "57");
    check_signed_bytes(24, START "5818");
    check_signed_bytes(255, START "58ff");
    check_signed_bytes(256, START "590100");
    check_signed_bytes(65535, START "59ffff");
    check_signed_bytes(65536, START "5a00010000");
}

static const struct test_case cases[] = {
    { "the four parts come out, with and without the tag",
      the_four_parts_come_out_with_and_without_the_tag },
    { "every algorithm is told apart", every_algorithm_is_told_apart },
    { "anything but that form is refused", anything_but_that_form_is_refused },
    { "a message cut off anywhere is refused", a_message_cut_off_anywhere_is_refused },
    { "the signed bytes are those of the RFC", the_signed_bytes_are_those_of_the_rfc },
};

TEST_MAIN("codec/cose", cases)

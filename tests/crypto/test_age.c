/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/age.h"

#include "tests/crypto/vector.h"

enum { FILE_MAX = 128 * 1024, PLAIN_MAX = 64 * 1024 };

struct person {
    uint8_t identity[32];
    uint8_t recipient[32];
};

static struct person
person(void)
{
    char identity[TSEC_AGE_IDENTITY_LEN + 1];
    char recipient[TSEC_AGE_RECIPIENT_LEN + 1];
    struct person p;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_age_identity_new(identity, recipient, NULL)));
    CU_ASSERT_EQUAL(strlen(identity), TSEC_AGE_IDENTITY_LEN);
    CU_ASSERT_EQUAL(strlen(recipient), TSEC_AGE_RECIPIENT_LEN);
    CU_ASSERT_FALSE(
        tsec_failed(tsec_age_identity_parse(tsec_span_str(identity), p.identity, NULL)));
    CU_ASSERT_FALSE(
        tsec_failed(tsec_age_recipient_parse(tsec_span_str(recipient), p.recipient, NULL)));
    return p;
}

static void
keys_as_text(void)
{
    /* from the tests of age */
    static const char identity[] =
        "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
    static const char recipient[] =
        "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    uint8_t secret[32];
    uint8_t expected[32];
    uint8_t out[32];

    CU_ASSERT_FALSE(tsec_failed(tsec_age_identity_parse(tsec_span_str(identity), secret, NULL)));
    CU_ASSERT_FALSE(
        tsec_failed(tsec_age_recipient_parse(tsec_span_str(recipient), expected, NULL)));
    CU_ASSERT_FALSE(tsec_failed(tsec_age_identity_recipient(secret, out, NULL)));
    CU_ASSERT_EQUAL(memcmp(out, expected, sizeof(out)), 0);
    CU_ASSERT_EQUAL(tsec_age_identity_parse(tsec_span_str(recipient), out, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_age_recipient_parse(tsec_span_str(identity), out, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_age_recipient_parse(tsec_span(NULL, 0), out, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(
        tsec_age_recipient_parse(
            tsec_span_str("AGE1ZVKYG2LQZRAA2LNJVQEJ32NKUU0UES2S82HZRYE869XEEXVN73EQUNUJWJ"), out,
            NULL)
            .code,
        TSEC_E_INVALID);
}

static void
each_recipient_opens_it_and_nobody_else(void)
{
    const struct person people[] = { person(), person(), person() };
    uint8_t recipients[2][32];
    TSEC_AUTO_BUF struct tsec_buf file = TSEC_BUF_INIT(FILE_MAX);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(PLAIN_MAX);

    memcpy(recipients[0], people[0].recipient, 32);
    memcpy(recipients[1], people[1].recipient, 32);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_age_encrypt((const uint8_t(*)[32])recipients, 2,
                                                       tsec_span_str("epoch"), &file, NULL)));
    for (size_t i = 0; i < 2; i++) {
        tsec_buf_reset(&plain);
        CU_ASSERT_FALSE(
            tsec_failed(tsec_age_decrypt(people[i].identity, tsec_buf_span(&file), &plain, NULL)));
        CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&plain), "epoch"));
    }
    CU_ASSERT_EQUAL(tsec_age_decrypt(people[2].identity, tsec_buf_span(&file), &plain, NULL).code,
                    TSEC_E_DENIED);
    CU_ASSERT_EQUAL(plain.len, 5);
}

static void
sealed_for(const struct person *p, struct tsec_span plain, struct tsec_buf *file)
{
    uint8_t recipients[1][32];

    memcpy(recipients[0], p->recipient, 32);
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_age_encrypt((const uint8_t(*)[32])recipients, 1, plain, file, NULL)));
}

static void
nothing_and_a_full_chunk_come_back(void)
{
    static uint8_t big[PLAIN_MAX + 1];
    static const size_t lens[] = { 0, 1, PLAIN_MAX };
    const struct person p = person();
    uint8_t recipients[1][32];

    memset(big, 0xa5, sizeof(big));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(lens); i++) {
        TSEC_AUTO_BUF struct tsec_buf file = TSEC_BUF_INIT(FILE_MAX);
        TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(PLAIN_MAX);

        sealed_for(&p, tsec_span(big, lens[i]), &file);
        CU_ASSERT_FALSE(
            tsec_failed(tsec_age_decrypt(p.identity, tsec_buf_span(&file), &plain, NULL)));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&plain), tsec_span(big, lens[i])));
    }

    TSEC_AUTO_BUF struct tsec_buf none = TSEC_BUF_INIT(FILE_MAX);

    memcpy(recipients[0], p.recipient, 32);
    CU_ASSERT_EQUAL(tsec_age_encrypt((const uint8_t(*)[32])recipients, 1,
                                     tsec_span(big, sizeof(big)), &none, NULL)
                        .code,
                    TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(
        tsec_age_encrypt((const uint8_t(*)[32])recipients, 0, tsec_span(big, 1), &none, NULL).code,
        TSEC_E_INVALID);
}

static void
an_altered_file_is_refused(void)
{
    const struct person p = person();
    TSEC_AUTO_BUF struct tsec_buf file = TSEC_BUF_INIT(FILE_MAX);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(PLAIN_MAX);

    sealed_for(&p, tsec_span_str("epoch"), &file);
    for (size_t i = 0; i < file.len; i++) {
        file.ptr[i] ^= 1;
        CU_ASSERT_TRUE(
            tsec_failed(tsec_age_decrypt(p.identity, tsec_buf_span(&file), &plain, NULL)));
        file.ptr[i] ^= 1;
        CU_ASSERT_TRUE(
            tsec_failed(tsec_age_decrypt(p.identity, tsec_span(file.ptr, i), &plain, NULL)));
    }
    tsec_buf_put_byte(&file, 0);
    CU_ASSERT_EQUAL(tsec_age_decrypt(p.identity, tsec_buf_span(&file), &plain, NULL).code,
                    TSEC_E_TAMPERED);
    CU_ASSERT_EQUAL(plain.len, 0);
}

#define SHARE   "TEiF0ypqr+bpvcqXNyCVJpL7OuwPdVwPL7KQEbFDOCc"
#define BODY    "EmECAEcKN+n/Vs9SbWiV+Hu0r+E8R77DdWYyd83nw7U"
#define MAC     "--- Vn+54jqiiUCE+WZcEVY3f1sqHjlu/z1LCQ/T7Xm7qI0\n"
#define PAYLOAD "0123456789abcdef0123456789abcdef"
#define V1      "age-encryption.org/v1\n"

static void
other_forms_are_refused(void)
{
    static const char *const bad[] = {
        "",
        V1,
        "age-encryption.org/v2\n-> X25519 " SHARE "\n" BODY "\n" MAC PAYLOAD,
        V1 "-> X25519 " SHARE "\n" BODY "\n" MAC, /* no payload */
        V1 "-> X25519 " SHARE "\n" BODY "\n" PAYLOAD PAYLOAD,
        V1 "-> X25519\n" BODY "\n" MAC PAYLOAD,
        V1 "-> X25519  " SHARE "\n" BODY "\n" MAC PAYLOAD,
        V1 "-> X25519 " SHARE " \n" BODY "\n" MAC PAYLOAD,
        V1 "-> X25519 " SHARE " x\n" BODY "\n" MAC PAYLOAD,
        V1 "-> X25519 " SHARE "=\n" BODY "\n" MAC PAYLOAD,
        V1 "-> X25519 " SHARE "\n" BODY "=\n" MAC PAYLOAD,
        V1 "-> X25519 " SHARE "\n" BODY "A\n" MAC PAYLOAD,
        V1 "-> X25519 " SHARE "\n" BODY "\n" BODY "\n" MAC PAYLOAD,
        V1 "-> X25519 " SHARE "\r\n" BODY "\r\n" MAC PAYLOAD,
        V1 "-> \n\n" MAC PAYLOAD,
        V1 "-> other\n" BODY "!\n" MAC PAYLOAD,
        V1 "-> other\n" BODY BODY "\n" MAC PAYLOAD, /* body line too long */
        V1 "-> other x\x7f\n\n" MAC PAYLOAD,
        V1 "-> X25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" BODY "\n" MAC PAYLOAD,
    };
    const struct person p = person();

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(PLAIN_MAX);

        CU_ASSERT_EQUAL(tsec_age_decrypt(p.identity, tsec_span_str(bad[i]), &plain, NULL).code,
                        TSEC_E_INVALID);
    }
}

static void
stanzas_of_other_types_are_passed_over(void)
{
    static const char *const others[] = {
        V1 "-> X25519 " SHARE "\n" BODY "\n" MAC PAYLOAD,
        V1 "-> grease-stanza a b c\n\n-> X25519 " SHARE "\n" BODY "\n" MAC PAYLOAD,
        V1 "-> ssh-ed25519 BjH7FA " SHARE "\n" BODY "\n" MAC PAYLOAD,
        V1 "-> x\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\n" MAC PAYLOAD,
    };
    const struct person p = person();

    for (size_t i = 0; i < TSEC_ARRAY_LEN(others); i++) {
        TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(PLAIN_MAX);

        CU_ASSERT_EQUAL(tsec_age_decrypt(p.identity, tsec_span_str(others[i]), &plain, NULL).code,
                        TSEC_E_DENIED);
    }
}

static const struct test_case cases[] = {
    { "keys as text", keys_as_text },
    { "each recipient opens it and nobody else", each_recipient_opens_it_and_nobody_else },
    { "nothing and a full chunk come back", nothing_and_a_full_chunk_come_back },
    { "an altered file is refused", an_altered_file_is_refused },
    { "other forms are refused", other_forms_are_refused },
    { "stanzas of other types are passed over", stanzas_of_other_types_are_passed_over },
};

TEST_MAIN("crypto/age", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jwe.h"
#include "tests/crypto/jwe_samples.h"
#include "tests/crypto/vector.h"

static void
each_kind_is_made_and_can_be_written_to(void)
{
    static const struct {
        enum tsec_recipient_kind kind;
        size_t spki_len;
    } kinds[] = { { TSEC_RECIPIENT_P384, 120 },
                  { TSEC_RECIPIENT_P256, 91 },
                  { TSEC_RECIPIENT_RSA, 294 } };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *r = NULL;
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_recipient_generate(kinds[i].kind, &r, NULL)));
        CU_ASSERT_FALSE(tsec_failed(tsec_recipient_spki(r, &spki, NULL)));
        CU_ASSERT_EQUAL(spki.len, kinds[i].spki_len);
        CU_ASSERT_FALSE(tsec_failed(tsec_jwe_recipient_check(tsec_buf_span(&spki), NULL)));
    }
}

static void
a_key_from_elsewhere_is_the_key_it_was(void)
{
    static const struct {
        const char *pem;
        const char *spki;
    } keys[] = { { p256_pem, p256_spki }, { p384_pem, p384_spki }, { rsa_pem, rsa_spki } };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(keys); i++) {
        TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *r = NULL;
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(1024);

        CU_ASSERT_FALSE_FATAL(
            tsec_failed(tsec_recipient_from_pem(tsec_span_str(keys[i].pem), &r, NULL)));
        CU_ASSERT_FALSE(tsec_failed(tsec_recipient_spki(r, &spki, NULL)));
        CU_ASSERT_TRUE(vector_is(tsec_buf_span(&spki), keys[i].spki));
    }
}

static void
what_is_no_such_key_is_refused(void)
{
    static const char *const wrong[] = {
        "",
        "no PEM",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        /* Ed25519, RFC 8410 section 10.3 */
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
        "-----END PRIVATE KEY-----\n",
    };
    struct tsec_recipient *r = NULL;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(wrong); i++) {
        CU_ASSERT_EQUAL(tsec_recipient_from_pem(tsec_span_str(wrong[i]), &r, NULL).code,
                        TSEC_E_INVALID);
        CU_ASSERT_PTR_NULL(r);
    }
    CU_ASSERT_EQUAL(tsec_recipient_generate((enum tsec_recipient_kind)0, &r, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_recipient_generate((enum tsec_recipient_kind)9, &r, NULL).code,
                    TSEC_E_INVALID);
}

static const struct test_case cases[] = {
    { "each kind is made and can be written to", each_kind_is_made_and_can_be_written_to },
    { "a key from elsewhere is the key it was", a_key_from_elsewhere_is_the_key_it_was },
    { "what is no such key is refused", what_is_no_such_key_is_refused },
};

TEST_MAIN("crypto/recipient", cases)

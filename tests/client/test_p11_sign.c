/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_mechanism.h"
#include "tests/client/p11_double.h"
#include "tests/test.h"

/* Signatures come from a mount with real keys; they are verified by C_Verify, which computes. */

static const unsigned char text[] = "what is to be signed, long enough to come in pieces";
static struct ck_rsa_pkcs_pss_params pss_256 = { CKM_SHA256, CKG_MGF1_SHA256, 32 };
static struct ck_rsa_pkcs_pss_params pss_512 = { CKM_SHA512, CKG_MGF1_SHA512, 20 };

static const struct {
    const char *key;
    ck_mechanism_type_t type;
    void *parameter;
    unsigned long parameter_len;
    unsigned long input_len; /* 0: the whole text */
    bool multi;
} ways[] = {
    { "p256", CKM_ECDSA, NULL, 0, 32, true },
    { "p256", CKM_ECDSA, NULL, 0, 20, false },
    { "p256", CKM_ECDSA, NULL, 0, 48, false },
    { "p256", CKM_ECDSA_SHA256, NULL, 0, 0, true },
    { "p256", CKM_ECDSA_SHA512, NULL, 0, 0, true },
    { "ed", CKM_EDDSA, NULL, 0, 0, true },
    { "rsa", CKM_RSA_PKCS, NULL, 0, 36, false },
    { "rsa", CKM_SHA256_RSA_PKCS, NULL, 0, 0, true },
    { "rsa", CKM_SHA512_RSA_PKCS, NULL, 0, 0, true },
    { "rsa", CKM_RSA_PKCS_PSS, &pss_256, sizeof(pss_256), 32, true },
    { "rsa", CKM_SHA256_RSA_PKCS_PSS, &pss_256, sizeof(pss_256), 0, true },
    { "rsa", CKM_SHA512_RSA_PKCS_PSS, &pss_512, sizeof(pss_512), 0, false },
};

static void
start(struct p11_double *d)
{
    p11_double_start(d);
    p11_double_key(d, "p256", TSEC_PAIR_P256);
    p11_double_key(d, "ed", TSEC_PAIR_ED25519);
    p11_double_key(d, "rsa", TSEC_PAIR_RSA2048);
}

static unsigned long
sign_in_pieces(ck_session_handle_t session, unsigned char *data, unsigned long len,
               unsigned char *sig)
{
    const struct ck_function_list *calls = p11_calls();
    unsigned long sig_len = TSEC_PAIR_SIG_MAX;

    CU_ASSERT_EQUAL(calls->C_SignUpdate(session, data, 7), CKR_OK);
    CU_ASSERT_EQUAL(calls->C_SignUpdate(session, data + 7, len - 7), CKR_OK);
    CU_ASSERT_EQUAL(calls->C_SignFinal(session, sig, &sig_len), CKR_OK);
    return sig_len;
}

static void
check_way(ck_session_handle_t session, size_t i, bool pieces)
{
    const struct ck_function_list *calls = p11_calls();
    const ck_object_handle_t secret = p11_find(session, CKO_PRIVATE_KEY, ways[i].key);
    const ck_object_handle_t public = p11_find(session, CKO_PUBLIC_KEY, ways[i].key);
    struct ck_mechanism how = { ways[i].type, ways[i].parameter, ways[i].parameter_len };
    unsigned char data[sizeof(text)];
    unsigned char sig[TSEC_PAIR_SIG_MAX];
    const unsigned long len = ways[i].input_len == 0 ? sizeof(data) : ways[i].input_len;
    unsigned long sig_len = sizeof(sig);

    memcpy(data, text, sizeof(data));
    CU_ASSERT_EQUAL_FATAL(calls->C_SignInit(session, &how, secret), CKR_OK);
    if (pieces) {
        sig_len = sign_in_pieces(session, data, len, sig);
    } else {
        CU_ASSERT_EQUAL_FATAL(calls->C_Sign(session, data, len, sig, &sig_len), CKR_OK);
    }
    CU_ASSERT_EQUAL_FATAL(calls->C_VerifyInit(session, &how, public), CKR_OK);
    if (pieces) {
        CU_ASSERT_EQUAL(calls->C_VerifyUpdate(session, data, 1), CKR_OK);
        CU_ASSERT_EQUAL(calls->C_VerifyUpdate(session, data + 1, len - 1), CKR_OK);
        CU_ASSERT_EQUAL(calls->C_VerifyFinal(session, sig, sig_len), CKR_OK);
    } else {
        CU_ASSERT_EQUAL(calls->C_Verify(session, data, len, sig, sig_len), CKR_OK);
    }
    data[3] ^= 1;
    CU_ASSERT_EQUAL_FATAL(calls->C_VerifyInit(session, &how, public), CKR_OK);
    CU_ASSERT_EQUAL(calls->C_Verify(session, data, len, sig, sig_len), CKR_SIGNATURE_INVALID);
    CU_ASSERT_EQUAL_FATAL(calls->C_VerifyInit(session, &how, public), CKR_OK);
    CU_ASSERT_EQUAL(calls->C_Verify(session, data, len, sig, sig_len - 1), CKR_SIGNATURE_LEN_RANGE);
}

static void
every_mechanism_signs_what_it_verifies_and_nothing_else(void)
{
    struct p11_double d;

    start(&d);
    const ck_session_handle_t session = p11_start();

    for (size_t i = 0; i < TSEC_ARRAY_LEN(ways); i++) {
        check_way(session, i, false);
        if (ways[i].multi) {
            check_way(session, i, true);
        }
    }
    p11_stop();
    p11_double_stop(&d);
}

static void
a_program_may_ask_for_the_length_and_come_again(void)
{
    const struct ck_function_list *calls = p11_calls();
    struct ck_mechanism how = { CKM_ECDSA_SHA256, NULL, 0 };
    unsigned char data[sizeof(text)];
    unsigned char sig[64];
    unsigned long len = 0;
    struct p11_double d;

    memcpy(data, text, sizeof(data));
    start(&d);
    const ck_session_handle_t session = p11_start();

    CU_ASSERT_EQUAL(calls->C_SignInit(session, &how, p11_find(session, CKO_PRIVATE_KEY, "p256")),
                    CKR_OK);
    const size_t asked = d.asked;

    CU_ASSERT_EQUAL(calls->C_Sign(session, data, sizeof(data), NULL, &len), CKR_OK);
    CU_ASSERT_EQUAL(len, 64);
    len = 63;
    CU_ASSERT_EQUAL(calls->C_Sign(session, data, sizeof(data), sig, &len), CKR_BUFFER_TOO_SMALL);
    CU_ASSERT_EQUAL(len, 64);
    CU_ASSERT_EQUAL(d.asked, asked);
    CU_ASSERT_EQUAL(calls->C_Sign(session, data, sizeof(data), sig, &len), CKR_OK);
    CU_ASSERT_EQUAL(d.asked, asked + 1);
    CU_ASSERT_EQUAL(calls->C_Sign(session, data, sizeof(data), sig, &len),
                    CKR_OPERATION_NOT_INITIALIZED);
    p11_stop();
    p11_double_stop(&d);
}

static void
what_does_not_fit_the_key_or_the_mechanism_is_refused(void)
{
    const struct ck_function_list *calls = p11_calls();
    struct ck_mechanism ecdsa = { CKM_ECDSA, NULL, 0 };
    struct ck_mechanism pkcs = { CKM_RSA_PKCS, NULL, 0 };
    struct ck_mechanism none = { CKM_RSA_X_509, NULL, 0 };
    unsigned char data[300] = { 0 };
    unsigned char sig[TSEC_PAIR_SIG_MAX];
    unsigned long len = sizeof(sig);
    struct p11_double d;

    start(&d);
    const ck_session_handle_t session = p11_start();
    const ck_object_handle_t p256 = p11_find(session, CKO_PRIVATE_KEY, "p256");
    const ck_object_handle_t rsa = p11_find(session, CKO_PRIVATE_KEY, "rsa");

    CU_ASSERT_EQUAL(calls->C_SignInit(session, &pkcs, p256), CKR_KEY_TYPE_INCONSISTENT);
    CU_ASSERT_EQUAL(calls->C_SignInit(session, &none, rsa), CKR_MECHANISM_INVALID);
    CU_ASSERT_EQUAL(calls->C_SignInit(session, &ecdsa, 999), CKR_KEY_HANDLE_INVALID);
    CU_ASSERT_EQUAL(calls->C_SignInit(session, NULL, p256), CKR_ARGUMENTS_BAD);
    CU_ASSERT_EQUAL(calls->C_SignInit(session, &ecdsa, p11_find(session, CKO_PUBLIC_KEY, "p256")),
                    CKR_KEY_FUNCTION_NOT_PERMITTED);
    CU_ASSERT_EQUAL(calls->C_VerifyInit(session, &ecdsa, p256), CKR_KEY_FUNCTION_NOT_PERMITTED);
    CU_ASSERT_EQUAL(calls->C_SignUpdate(session, data, 1), CKR_OPERATION_NOT_INITIALIZED);
    CU_ASSERT_EQUAL(calls->C_SignInit(session, &ecdsa, p256), CKR_OK);
    CU_ASSERT_EQUAL(calls->C_SignInit(session, &ecdsa, p256), CKR_OPERATION_ACTIVE);
    CU_ASSERT_EQUAL(calls->C_Sign(session, data, 31, sig, &len), CKR_DATA_LEN_RANGE);
    CU_ASSERT_EQUAL(calls->C_SignInit(session, &pkcs, rsa), CKR_OK);
    len = sizeof(sig);
    CU_ASSERT_EQUAL(calls->C_Sign(session, data, 256 - 10, sig, &len), CKR_DATA_LEN_RANGE);
    p11_stop();
    p11_double_stop(&d);
}

static void
a_refusal_of_the_server_becomes_a_code(void)
{
    static const struct {
        int status;
        ck_rv_t rv;
    } known[] = { { 400, CKR_FUNCTION_FAILED },    { 403, CKR_USER_NOT_LOGGED_IN },
                  { 404, CKR_KEY_HANDLE_INVALID }, { 413, CKR_DATA_LEN_RANGE },
                  { 429, CKR_DEVICE_ERROR },       { 503, CKR_DEVICE_ERROR } };
    const struct ck_function_list *calls = p11_calls();
    struct ck_mechanism how = { CKM_ECDSA_SHA256, NULL, 0 };
    unsigned char data[4] = { 0 };
    unsigned char sig[64];
    struct p11_double d;

    start(&d);
    const ck_session_handle_t session = p11_start();
    const ck_object_handle_t key = p11_find(session, CKO_PRIVATE_KEY, "p256");

    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        unsigned long len = sizeof(sig);

        d.fail_with = known[i].status;
        CU_ASSERT_EQUAL(calls->C_SignInit(session, &how, key), CKR_OK);
        CU_ASSERT_EQUAL(calls->C_Sign(session, data, sizeof(data), sig, &len), known[i].rv);
    }
    p11_stop();
    p11_double_stop(&d);
}

static const struct test_case cases[] = {
    { "every mechanism signs what it verifies, and nothing else",
      every_mechanism_signs_what_it_verifies_and_nothing_else },
    { "a program may ask for the length and come again",
      a_program_may_ask_for_the_length_and_come_again },
    { "what does not fit the key or the mechanism is refused",
      what_does_not_fit_the_key_or_the_mechanism_is_refused },
    { "a refusal of the server becomes a code", a_refusal_of_the_server_becomes_a_code },
};
TEST_MAIN("PKCS #11: signing", cases)

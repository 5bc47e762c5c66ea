/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/client/p11_double.h"
#include "tests/test.h"

static struct ck_rsa_pkcs_oaep_params oaep = { CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED,
                                               NULL, 0 };
static struct ck_mechanism how = { CKM_RSA_PKCS_OAEP, &oaep, sizeof(oaep) };

static void
what_is_encrypted_here_is_decrypted_there(void)
{
    const struct ck_function_list *calls = p11_calls();
    unsigned char text[] = "a session key";
    unsigned char sealed[256];
    unsigned char plain[256];
    unsigned long sealed_len = sizeof(sealed);
    unsigned long len = 0;
    struct p11_double d;

    p11_double_start(&d);
    p11_double_key(&d, "rsa", TSEC_PAIR_RSA2048);
    const ck_session_handle_t session = p11_start();
    const ck_object_handle_t secret = p11_find(session, CKO_PRIVATE_KEY, "rsa");

    CU_ASSERT_EQUAL_FATAL(
        calls->C_EncryptInit(session, &how, p11_find(session, CKO_PUBLIC_KEY, "rsa")), CKR_OK);
    const size_t asked = d.asked;

    CU_ASSERT_EQUAL(calls->C_Encrypt(session, text, sizeof(text), sealed, &sealed_len), CKR_OK);
    CU_ASSERT_EQUAL(d.asked, asked);
    CU_ASSERT_EQUAL(sealed_len, 256);
    CU_ASSERT_EQUAL_FATAL(calls->C_DecryptInit(session, &how, secret), CKR_OK);
    CU_ASSERT_EQUAL(calls->C_Decrypt(session, sealed, sealed_len, NULL, &len), CKR_OK);
    CU_ASSERT_EQUAL(len, 256 - 66);
    len = 3;
    CU_ASSERT_EQUAL(calls->C_Decrypt(session, sealed, sealed_len, plain, &len),
                    CKR_BUFFER_TOO_SMALL);
    CU_ASSERT_EQUAL(len, sizeof(text));
    CU_ASSERT_EQUAL(calls->C_Decrypt(session, sealed, sealed_len, plain, &len), CKR_OK);
    CU_ASSERT_EQUAL(d.asked, asked + 1); /* the server was not asked again */
    CU_ASSERT_TRUE(len == sizeof(text) && memcmp(plain, text, len) == 0);
    CU_ASSERT_EQUAL(calls->C_Decrypt(session, sealed, sealed_len, plain, &len),
                    CKR_OPERATION_NOT_INITIALIZED);
    p11_stop();
    p11_double_stop(&d);
}

static void
what_does_not_decrypt_is_refused(void)
{
    const struct ck_function_list *calls = p11_calls();
    unsigned char sealed[256] = { 1 };
    unsigned char plain[256];
    unsigned long len = sizeof(plain);
    struct p11_double d;

    p11_double_start(&d);
    p11_double_key(&d, "rsa", TSEC_PAIR_RSA2048);
    p11_double_key(&d, "ec", TSEC_PAIR_P256);
    const ck_session_handle_t session = p11_start();
    const ck_object_handle_t secret = p11_find(session, CKO_PRIVATE_KEY, "rsa");
    const ck_object_handle_t public = p11_find(session, CKO_PUBLIC_KEY, "rsa");

    CU_ASSERT_EQUAL(calls->C_DecryptInit(session, &how, public), CKR_KEY_FUNCTION_NOT_PERMITTED);
    CU_ASSERT_EQUAL(calls->C_EncryptInit(session, &how, secret), CKR_KEY_FUNCTION_NOT_PERMITTED);
    CU_ASSERT_EQUAL(calls->C_DecryptInit(session, &how, p11_find(session, CKO_PRIVATE_KEY, "ec")),
                    CKR_KEY_TYPE_INCONSISTENT);
    CU_ASSERT_EQUAL(calls->C_Decrypt(session, sealed, sizeof(sealed), plain, &len),
                    CKR_OPERATION_NOT_INITIALIZED);
    CU_ASSERT_EQUAL(calls->C_DecryptInit(session, &how, secret), CKR_OK);
    CU_ASSERT_EQUAL(calls->C_Decrypt(session, sealed, sizeof(sealed), plain, &len),
                    CKR_ENCRYPTED_DATA_INVALID);
    CU_ASSERT_EQUAL(calls->C_DecryptInit(session, &how, secret), CKR_OK);
    CU_ASSERT_EQUAL(calls->C_Decrypt(session, sealed, 255, plain, &len),
                    CKR_ENCRYPTED_DATA_LEN_RANGE);
    CU_ASSERT_EQUAL(calls->C_EncryptInit(session, &how, public), CKR_OK);
    CU_ASSERT_EQUAL(calls->C_Encrypt(session, plain, 191, sealed, &len), CKR_DATA_LEN_RANGE);
    p11_stop();
    p11_double_stop(&d);
}

static const struct test_case cases[] = {
    { "what is encrypted here is decrypted there", what_is_encrypted_here_is_decrypted_there },
    { "what does not decrypt is refused", what_does_not_decrypt_is_refused },
};
TEST_MAIN("PKCS #11: encryption", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_mechanism.h"

#include "tests/test.h"

static const uint8_t modulus[256] = { 0x80 };
static const struct p11_public rsa = { .type = CKK_RSA, .modulus = { modulus, sizeof(modulus) } };
static const struct p11_public ec = { .type = CKK_EC };

static ck_rv_t
ask(ck_mechanism_type_t type, void *parameter, unsigned long len, ck_flags_t use,
    const struct p11_public *key)
{
    const struct ck_mechanism wish = { type, parameter, len };
    struct p11_scheme scheme;

    return p11_scheme_of(&wish, use, key, &scheme);
}

static void
pss_takes_one_hash_for_all_and_a_salt_that_fits(void)
{
    static const struct {
        ck_mechanism_type_t type;
        struct ck_rsa_pkcs_pss_params params;
        ck_rv_t rv;
    } table[] = {
        { CKM_RSA_PKCS_PSS, { CKM_SHA256, CKG_MGF1_SHA256, 32 }, CKR_OK },
        { CKM_RSA_PKCS_PSS, { CKM_SHA256, CKG_MGF1_SHA256, 0 }, CKR_OK },
        { CKM_RSA_PKCS_PSS, { CKM_SHA256, CKG_MGF1_SHA256, 222 }, CKR_OK },
        { CKM_SHA384_RSA_PKCS_PSS, { CKM_SHA384, CKG_MGF1_SHA384, 48 }, CKR_OK },
        { CKM_RSA_PKCS_PSS, { CKM_SHA256, CKG_MGF1_SHA256, 223 }, CKR_MECHANISM_PARAM_INVALID },
        { CKM_RSA_PKCS_PSS, { CKM_SHA256, CKG_MGF1_SHA1, 32 }, CKR_MECHANISM_PARAM_INVALID },
        { CKM_RSA_PKCS_PSS, { CKM_MD5, CKG_MGF1_SHA256, 32 }, CKR_MECHANISM_PARAM_INVALID },
        { CKM_SHA384_RSA_PKCS_PSS,
          { CKM_SHA256, CKG_MGF1_SHA256, 32 },
          CKR_MECHANISM_PARAM_INVALID },
        { CKM_RSA_PKCS_PSS,
          { CKM_SHA256, CKG_MGF1_SHA256, (unsigned long)-1 },
          CKR_MECHANISM_PARAM_INVALID },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        struct ck_rsa_pkcs_pss_params params = table[i].params;

        CU_ASSERT_EQUAL(ask(table[i].type, &params, sizeof(params), CKF_SIGN, &rsa), table[i].rv);
    }
    CU_ASSERT_EQUAL(ask(CKM_RSA_PKCS_PSS, NULL, 0, CKF_SIGN, &rsa), CKR_MECHANISM_PARAM_INVALID);
}

static void
oaep_is_with_sha256_and_no_label(void)
{
    char label[] = "label";
    const struct {
        struct ck_rsa_pkcs_oaep_params params;
        ck_rv_t rv;
    } table[] = {
        { { CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, NULL, 0 }, CKR_OK },
        { { CKM_SHA256, CKG_MGF1_SHA256, 0, NULL, 0 }, CKR_OK },
        { { CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, NULL, 0 }, CKR_MECHANISM_PARAM_INVALID },
        { { CKM_SHA256, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, NULL, 0 }, CKR_MECHANISM_PARAM_INVALID },
        { { CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, label, 5 },
          CKR_MECHANISM_PARAM_INVALID },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        struct ck_rsa_pkcs_oaep_params params = table[i].params;

        CU_ASSERT_EQUAL(ask(CKM_RSA_PKCS_OAEP, &params, sizeof(params), CKF_DECRYPT, &rsa),
                        table[i].rv);
    }
}

static void
a_mechanism_is_for_its_keys_and_its_uses(void)
{
    char parameter = 0;

    CU_ASSERT_EQUAL(ask(CKM_ECDSA, NULL, 0, CKF_SIGN, &ec), CKR_OK);
    CU_ASSERT_EQUAL(ask(CKM_ECDSA, NULL, 0, CKF_SIGN, &rsa), CKR_KEY_TYPE_INCONSISTENT);
    CU_ASSERT_EQUAL(ask(CKM_ECDSA, NULL, 0, CKF_DECRYPT, &ec), CKR_MECHANISM_INVALID);
    CU_ASSERT_EQUAL(ask(CKM_ECDSA, &parameter, 1, CKF_SIGN, &ec), CKR_MECHANISM_PARAM_INVALID);
    CU_ASSERT_EQUAL(ask(CKM_RSA_PKCS, NULL, 0, CKF_DECRYPT, &rsa), CKR_MECHANISM_INVALID);
    CU_ASSERT_EQUAL(ask(CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0, CKF_SIGN, &rsa), CKR_MECHANISM_INVALID);
    CU_ASSERT_EQUAL(ask(CKM_AES_GCM, NULL, 0, CKF_SIGN, &rsa), CKR_MECHANISM_INVALID);
}

static void
a_digest_is_known_by_its_length(void)
{
    CU_ASSERT_STRING_EQUAL(p11_hash_name(p11_hash_of_len(20)), "sha1");
    CU_ASSERT_STRING_EQUAL(p11_hash_name(p11_hash_of_len(28)), "sha2-224");
    CU_ASSERT_STRING_EQUAL(p11_hash_name(p11_hash_of_len(32)), "sha2-256");
    CU_ASSERT_STRING_EQUAL(p11_hash_name(p11_hash_of_len(48)), "sha2-384");
    CU_ASSERT_STRING_EQUAL(p11_hash_name(p11_hash_of_len(64)), "sha2-512");
    CU_ASSERT_STRING_EQUAL(p11_hash_name(p11_hash_of_len(31)), "none");
    CU_ASSERT_STRING_EQUAL(p11_hash_name(p11_hash_of_len(0)), "none");
}

static const struct test_case cases[] = {
    { "PSS takes one hash for all, and a salt that fits",
      pss_takes_one_hash_for_all_and_a_salt_that_fits },
    { "OAEP is with SHA-256 and no label", oaep_is_with_sha256_and_no_label },
    { "a mechanism is for its keys and its uses", a_mechanism_is_for_its_keys_and_its_uses },
    { "a digest is known by its length", a_digest_is_known_by_its_length },
};
TEST_MAIN("PKCS #11: mechanisms", cases)

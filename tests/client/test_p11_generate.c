/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "tests/client/p11_double.h"
#include "tests/test.h"

static unsigned char p384[] = { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 };
static unsigned char p192[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x01 };
static unsigned char yes = 1;
static unsigned char no = 0;
static unsigned long bits_small = 1024;
static char name[] = "made";

static ck_rv_t
make(ck_session_handle_t session, ck_mechanism_type_t type, struct ck_attribute *public,
     unsigned long n, struct ck_attribute *secret, unsigned long m)
{
    struct ck_mechanism how = { type, NULL, 0 };
    ck_object_handle_t keys[2] = { 0 };
    const ck_rv_t rv =
        p11_calls()->C_GenerateKeyPair(session, &how, public, n, secret, m, &keys[0], &keys[1]);

    CU_ASSERT_EQUAL(rv == CKR_OK, keys[0] != 0 && keys[1] != 0);
    return rv;
}

static void
a_pair_is_made_under_its_label(void)
{
    struct ck_attribute public[] = { { CKA_LABEL, name, 4 },
                                     { CKA_EC_PARAMS, p384, sizeof(p384) } };
    struct ck_attribute secret[] = { { CKA_TOKEN, &yes, 1 }, { CKA_SENSITIVE, &yes, 1 } };
    struct p11_double d;

    p11_double_start(&d);
    const ck_session_handle_t session = p11_start();

    CU_ASSERT_EQUAL(make(session, CKM_EC_KEY_PAIR_GEN, public, 2, secret, 2), CKR_OK);
    CU_ASSERT_NOT_EQUAL(p11_find(session, CKO_PRIVATE_KEY, "made"), 0);
    CU_ASSERT_EQUAL(make(session, CKM_EC_KEY_PAIR_GEN, public, 2, secret, 2),
                    CKR_TEMPLATE_INCONSISTENT);
    p11_stop();
    free((void *)(uintptr_t)d.keys[0].name);
    p11_double_stop(&d);
}

static void
what_cannot_be_made_is_refused(void)
{
    struct ck_attribute none[] = { { CKA_LABEL, name, 4 } };
    struct ck_attribute nameless[] = { { CKA_EC_PARAMS, p384, sizeof(p384) } };
    struct ck_attribute odd[] = { { CKA_LABEL, name, 4 }, { CKA_EC_PARAMS, p192, sizeof(p192) } };
    struct ck_attribute good[] = { { CKA_LABEL, name, 4 }, { CKA_EC_PARAMS, p384, sizeof(p384) } };
    struct ck_attribute small[] = { { CKA_LABEL, name, 4 },
                                    { CKA_MODULUS_BITS, &bits_small, sizeof(bits_small) } };
    struct ck_attribute getting_out[] = { { CKA_EXTRACTABLE, &yes, 1 } };
    struct ck_attribute passing[] = { { CKA_TOKEN, &no, 1 } };
    ck_session_handle_t reader = 0;
    struct p11_double d;

    p11_double_start(&d);
    const ck_session_handle_t session = p11_start();

    CU_ASSERT_EQUAL(make(session, CKM_EC_KEY_PAIR_GEN, none, 1, NULL, 0), CKR_TEMPLATE_INCOMPLETE);
    CU_ASSERT_EQUAL(make(session, CKM_EC_KEY_PAIR_GEN, nameless, 1, NULL, 0),
                    CKR_TEMPLATE_INCOMPLETE);
    CU_ASSERT_EQUAL(make(session, CKM_EC_KEY_PAIR_GEN, odd, 2, NULL, 0), CKR_CURVE_NOT_SUPPORTED);
    CU_ASSERT_EQUAL(make(session, CKM_RSA_PKCS_KEY_PAIR_GEN, small, 2, NULL, 0),
                    CKR_KEY_SIZE_RANGE);
    CU_ASSERT_EQUAL(make(session, CKM_EC_KEY_PAIR_GEN, good, 2, getting_out, 1),
                    CKR_TEMPLATE_INCONSISTENT);
    CU_ASSERT_EQUAL(make(session, CKM_EC_KEY_PAIR_GEN, good, 2, passing, 1),
                    CKR_TEMPLATE_INCONSISTENT);
    CU_ASSERT_EQUAL(make(session, CKM_ECDSA, good, 2, NULL, 0), CKR_MECHANISM_INVALID);
    CU_ASSERT_EQUAL(p11_calls()->C_OpenSession(0, CKF_SERIAL_SESSION, NULL, NULL, &reader), CKR_OK);
    CU_ASSERT_EQUAL(make(reader, CKM_EC_KEY_PAIR_GEN, good, 2, NULL, 0), CKR_SESSION_READ_ONLY);
    CU_ASSERT_EQUAL(d.asked, 0);
    p11_stop();
    p11_double_stop(&d);
}

static void
what_would_not_be_shown_is_not_made(void)
{
    static unsigned char ed25519[] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };
    struct ck_attribute usual[] = { { CKA_LABEL, name, 4 }, { CKA_EC_PARAMS, p384, sizeof(p384) } };
    struct ck_attribute unusual[] = { { CKA_LABEL, name, 4 },
                                      { CKA_EC_PARAMS, ed25519, sizeof(ed25519) } };
    struct p11_double d;

    p11_double_start(&d);
    (void)setenv("TEE_SECRETS_PKCS11_KEYS", "other", 1);
    ck_session_handle_t session = p11_start();

    CU_ASSERT_EQUAL(make(session, CKM_EC_KEY_PAIR_GEN, usual, 2, NULL, 0),
                    CKR_TEMPLATE_INCONSISTENT);
    p11_stop();
    (void)unsetenv("TEE_SECRETS_PKCS11_KEYS");
    session = p11_start();
    CU_ASSERT_EQUAL(make(session, CKM_EC_EDWARDS_KEY_PAIR_GEN, unusual, 2, NULL, 0),
                    CKR_TEMPLATE_INCONSISTENT);
    CU_ASSERT_EQUAL(d.asked, 0);
    p11_stop();
    p11_double_stop(&d);
}

static void
randomness_is_the_servers(void)
{
    static unsigned char out[40000];
    struct p11_double d;

    p11_double_start(&d);
    const ck_session_handle_t session = p11_start();

    CU_ASSERT_EQUAL(p11_calls()->C_GenerateRandom(session, out, sizeof(out)), CKR_OK);
    CU_ASSERT_EQUAL(d.asked, 2); /* in steps */
    CU_ASSERT_TRUE(out[0] == 0x5a && out[sizeof(out) - 1] == 0x5a);
    CU_ASSERT_EQUAL(p11_calls()->C_GenerateRandom(session, NULL, 1), CKR_ARGUMENTS_BAD);
    CU_ASSERT_EQUAL(p11_calls()->C_GenerateRandom(session, NULL, 0), CKR_OK);
    p11_stop();
    p11_double_stop(&d);
}

static const struct test_case cases[] = {
    { "a pair is made under its label", a_pair_is_made_under_its_label },
    { "what cannot be made is refused", what_cannot_be_made_is_refused },
    { "what would not be shown is not made", what_would_not_be_shown_is_not_made },
    { "randomness is the server's", randomness_is_the_servers },
};
TEST_MAIN("PKCS #11: new keys and randomness", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/transit_type.h"

#include "tests/test.h"

static void
every_type_is_found_by_its_name(void)
{
    for (int type = 1; type < TRANSIT_TYPES; type++) {
        const struct transit_traits *traits = transit_traits((enum transit_type)type);

        CU_ASSERT_PTR_NOT_NULL_FATAL(traits);
        CU_ASSERT_PTR_NOT_NULL_FATAL(traits->name);
        CU_ASSERT_PTR_NOT_NULL(traits->public_name);
        CU_ASSERT_EQUAL((int)transit_type_named(traits->name), type);
    }
    CU_ASSERT_EQUAL(transit_type_named("ecdsa-secp256k1"), TRANSIT_ECDSA_SECP256K1);
}

static void
what_is_no_type_is_not_found(void)
{
    CU_ASSERT_EQUAL((int)transit_type_named(""), 0);
    CU_ASSERT_EQUAL((int)transit_type_named(NULL), 0);
    CU_ASSERT_EQUAL((int)transit_type_named("aes256-gcm9"), 0);
    CU_ASSERT_EQUAL((int)transit_type_named("aes256-gcm966"), 0);
    CU_ASSERT_EQUAL((int)transit_type_named("AES256-GCM96"), 0);
    CU_ASSERT_PTR_NULL(transit_traits((enum transit_type)0));
    CU_ASSERT_PTR_NULL(transit_traits(TRANSIT_TYPES));
}

/* A type is a pair, or an AEAD, or neither; and can do only what such keys can. */
static void
abilities_agree_with_what_a_key_is(void)
{
    for (int type = 1; type < TRANSIT_TYPES; type++) {
        const struct transit_traits *t = transit_traits((enum transit_type)type);
        const bool rsa = t->pair >= TSEC_PAIR_RSA2048;

        CU_ASSERT_FALSE(t->aead != 0 && t->pair != 0);
        CU_ASSERT_EQUAL(t->signs, t->pair != 0);
        CU_ASSERT_EQUAL(t->associates, t->aead != 0);
        CU_ASSERT_EQUAL(t->encrypts, t->aead != 0 || rsa);
        CU_ASSERT_EQUAL(t->derives, t->aead != 0 || t->pair == TSEC_PAIR_ED25519);
        CU_ASSERT_EQUAL(t->agrees, t->pair >= TSEC_PAIR_P256 && t->pair <= TSEC_PAIR_SECP256K1);
        CU_ASSERT_EQUAL(t->public_name[0] == '\0', t->pair == 0);
    }
}

static const struct test_case cases[] = {
    { "every type is found by its name", every_type_is_found_by_its_name },
    { "what is no type is not found", what_is_no_type_is_not_found },
    { "abilities agree with what a key is", abilities_agree_with_what_a_key_is },
};

TEST_MAIN("core/transit_type", cases)

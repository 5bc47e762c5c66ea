/* SPDX-License-Identifier: Apache-2.0 */
#include "sealed/keyring.h"

#include "tests/sealed/bench.h"

static void
a_new_keyring_has_every_key_and_one_for_the_system(void)
{
    TSEC_AUTO(keyring_free) struct keyring *k = bench_keyring();
    struct keyring_dek dek;

    CU_ASSERT_EQUAL(keyring_version(k), 1);
    CU_ASSERT_EQUAL(keyring_generation(k), 1);
    CU_ASSERT_EQUAL(keyring_mek_version(k), 1);
    CU_ASSERT_EQUAL(keyring_mek_created(k), BENCH_NOW);
    CU_ASSERT_STRING_EQUAL(keyring_origin(k), BENCH_ORIGIN);
    CU_ASSERT_EQUAL(keyring_dek_count(k), 1);
    CU_ASSERT_TRUE(keyring_dek_primary(k, tsec_span_str("sys"), &dek));
    CU_ASSERT_EQUAL(dek.state, KEYRING_PRIMARY);
    CU_ASSERT_PTR_NOT_NULL(keyring_row_key(k));
    CU_ASSERT_PTR_NOT_NULL(keyring_token_key(k));
    CU_ASSERT_PTR_NOT_NULL(keyring_pseudonym_key(k));
    CU_ASSERT_PTR_NOT_NULL(keyring_segment_key(k));
    CU_ASSERT_PTR_NOT_NULL(keyring_ledger_key(k));
    CU_ASSERT_PTR_NOT_NULL(keyring_signing_key(k));
    CU_ASSERT_PTR_NOT_NULL(keyring_identity_key(k));
}

static void
mac_of(const struct tsec_hmac_key *key, uint8_t out[TSEC_SHA256_LEN])
{
    const struct tsec_span part = tsec_span_str("text");

    tsec_hmac_parts(key, &part, 1, out);
}

static bool
same_key(const struct tsec_hmac_key *a, const struct tsec_hmac_key *b)
{
    uint8_t mac_a[TSEC_SHA256_LEN];
    uint8_t mac_b[TSEC_SHA256_LEN];

    mac_of(a, mac_a);
    mac_of(b, mac_b);
    return tsec_span_equal(tsec_span(mac_a, sizeof(mac_a)), tsec_span(mac_b, sizeof(mac_b)));
}

static void
no_two_keys_are_alike(void)
{
    TSEC_AUTO(keyring_free) struct keyring *k = bench_keyring();
    TSEC_AUTO(keyring_free) struct keyring *other = bench_keyring();

    CU_ASSERT_FALSE(same_key(keyring_row_key(k), keyring_token_key(k)));
    CU_ASSERT_FALSE(same_key(keyring_row_key(k), keyring_pseudonym_key(k)));
    CU_ASSERT_FALSE(same_key(keyring_row_key(k), keyring_segment_key(k)));
    CU_ASSERT_FALSE(same_key(keyring_token_key(k), keyring_segment_key(k)));
    CU_ASSERT_FALSE(same_key(keyring_row_key(k), keyring_row_key(other)));
}

static void
a_copy_has_the_same_keys_and_the_next_version(void)
{
    TSEC_AUTO(keyring_free) struct keyring *k = bench_keyring();
    TSEC_AUTO(keyring_free) struct keyring *copy = NULL;
    TSEC_AUTO(keyring_free) struct keyring *as = NULL;
    struct keyring_dek a;
    struct keyring_dek b;

    OK(keyring_copy(k, &copy, NULL));
    OK(keyring_copy_as(copy, 9, &as, NULL));
    CU_ASSERT_EQUAL(keyring_version(copy), 2);
    CU_ASSERT_EQUAL(keyring_version(as), 9);
    CU_ASSERT_TRUE(same_key(keyring_row_key(k), keyring_row_key(copy)));
    CU_ASSERT_TRUE(same_key(keyring_segment_key(k), keyring_segment_key(as)));
    CU_ASSERT_TRUE(keyring_dek_primary(k, tsec_span_str("sys"), &a));
    CU_ASSERT_TRUE(keyring_dek_primary(copy, tsec_span_str("sys"), &b));
    CU_ASSERT_EQUAL(a.kid, b.kid);
    CU_ASSERT_PTR_EQUAL(a.key, b.key);
}

static void
a_change_of_a_copy_leaves_the_original_alone(void)
{
    TSEC_AUTO(keyring_free) struct keyring *k = bench_keyring();
    struct keyring *copy = NULL;
    struct keyring_dek before;
    struct keyring_dek after;
    uint8_t sealed[4 + TSEC_AEAD_TAG_LEN];
    static const uint8_t nonce[TSEC_XAES_NONCE_LEN] = { 1 };

    OK(keyring_copy(k, &copy, NULL));
    CU_ASSERT_TRUE(keyring_dek_primary(k, tsec_span_str("sys"), &before));
    OK(keyring_dek_create(copy, "kv1", BENCH_NOW, NULL));
    keyring_dek_destroy(copy, "sys");
    OK(keyring_mek_rotate(copy, BENCH_NOW, NULL));
    keyring_free(copy);
    CU_ASSERT_EQUAL(keyring_dek_count(k), 1);
    CU_ASSERT_EQUAL(keyring_mek_version(k), 1);
    CU_ASSERT_TRUE(keyring_dek_primary(k, tsec_span_str("sys"), &after));
    CU_ASSERT_EQUAL(before.kid, after.kid);
    /* the prepared key outlived the copy that let go of it */
    OK(tsec_aead_seal(after.key, nonce, tsec_span(NULL, 0), tsec_span_str("text"), sealed, NULL));
}

static void
an_origin_without_bound_is_refused(void)
{
    struct keyring *k = NULL;
    char origin[400];

    memset(origin, 'a', sizeof(origin) - 1);
    origin[sizeof(origin) - 1] = '\0';
    FAILS(keyring_new(origin, BENCH_NOW, &k, NULL), TSEC_E_INVALID);
    CU_ASSERT_PTR_NULL(k);
}

static const struct test_case cases[] = {
    { "a new keyring has every key, and one for the system",
      a_new_keyring_has_every_key_and_one_for_the_system },
    { "no two keys are alike", no_two_keys_are_alike },
    { "a copy has the same keys and the next version",
      a_copy_has_the_same_keys_and_the_next_version },
    { "a change of a copy leaves the original alone",
      a_change_of_a_copy_leaves_the_original_alone },
    { "an origin without bound is refused", an_origin_without_bound_is_refused },
};

TEST_MAIN("sealed/keyring", cases)

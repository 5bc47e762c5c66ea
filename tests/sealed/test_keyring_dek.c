/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sealed/bench.h"

static uint32_t
primary_kid(const struct keyring *k, const char *mount)
{
    struct keyring_dek dek;

    return keyring_dek_primary(k, tsec_span_str(mount), &dek) ? dek.kid : 0;
}

static void
a_mount_gets_one_primary_key(void)
{
    TSEC_AUTO(keyring_free) struct keyring *k = bench_keyring();
    struct keyring_dek dek;

    OK(keyring_dek_create(k, "kv1", 7, NULL));
    CU_ASSERT_TRUE(keyring_dek_primary(k, tsec_span_str("kv1"), &dek));
    CU_ASSERT_STRING_EQUAL(dek.mount, "kv1");
    CU_ASSERT_EQUAL(dek.created_ns, 7);
    CU_ASSERT_NOT_EQUAL(dek.kid, 0);
    CU_ASSERT_NOT_EQUAL(dek.kid, primary_kid(k, "sys"));
    FAILS(keyring_dek_create(k, "kv1", 8, NULL), TSEC_E_CONFLICT);
    CU_ASSERT_EQUAL(keyring_dek_count(k), 2);
    /* a span into a longer key names the mount, not more and not less of it */
    CU_ASSERT_TRUE(keyring_dek_primary(k, tsec_span("kv1/x", 3), &dek));
    CU_ASSERT_FALSE(keyring_dek_primary(k, tsec_span("kv1/x", 4), &dek));
    CU_ASSERT_FALSE(keyring_dek_primary(k, tsec_span("kv1/x", 2), &dek));
    CU_ASSERT_FALSE(keyring_dek_primary(k, tsec_span("", 0), &dek));
}

static void
what_is_no_name_of_a_mount_gets_no_key(void)
{
    TSEC_AUTO(keyring_free) struct keyring *k = bench_keyring();

    FAILS(keyring_dek_create(k, "", 1, NULL), TSEC_E_INVALID);
    FAILS(keyring_dek_create(k, "a/b", 1, NULL), TSEC_E_INVALID);
    FAILS(keyring_dek_create(k, "123456789012345678901234", 1, NULL), TSEC_E_TOO_LARGE);
    OK(keyring_dek_create(k, "12345678901234567890123", 1, NULL));
    FAILS(keyring_dek_rotate(k, "nobody", 1, NULL), TSEC_E_NOT_FOUND);
    CU_ASSERT_EQUAL(keyring_dek_count(k), 2);
}

static void
a_rotated_key_only_decrypts(void)
{
    TSEC_AUTO(keyring_free) struct keyring *k = bench_keyring();
    const uint32_t old = primary_kid(k, "sys");
    struct keyring_dek dek;

    OK(keyring_dek_rotate(k, "sys", 9, NULL));
    CU_ASSERT_NOT_EQUAL(primary_kid(k, "sys"), old);
    CU_ASSERT_TRUE(keyring_dek_by_kid(k, old, &dek));
    CU_ASSERT_EQUAL(dek.state, KEYRING_DECRYPT_ONLY);
    CU_ASSERT_EQUAL(keyring_dek_count(k), 2);
}

static void
only_a_key_that_is_not_primary_retires(void)
{
    TSEC_AUTO(keyring_free) struct keyring *k = bench_keyring();
    const uint32_t old = primary_kid(k, "sys");
    struct keyring_dek dek;

    keyring_dek_retire(k, old);
    CU_ASSERT_EQUAL(primary_kid(k, "sys"), old);
    OK(keyring_dek_rotate(k, "sys", 9, NULL));
    keyring_dek_retire(k, old + 1 == primary_kid(k, "sys") ? old + 2 : old + 1);
    CU_ASSERT_EQUAL(keyring_dek_count(k), 2);
    keyring_dek_retire(k, old);
    CU_ASSERT_FALSE(keyring_dek_by_kid(k, old, &dek));
    CU_ASSERT_EQUAL(keyring_dek_count(k), 1);
}

static void
destroying_takes_every_key_of_one_mount(void)
{
    TSEC_AUTO(keyring_free) struct keyring *k = bench_keyring();
    const uint32_t sys = primary_kid(k, "sys");

    OK(keyring_dek_create(k, "kv1", 1, NULL));
    OK(keyring_dek_create(k, "kv2", 1, NULL));
    OK(keyring_dek_rotate(k, "kv1", 2, NULL));
    OK(keyring_dek_rotate(k, "kv1", 3, NULL));
    CU_ASSERT_EQUAL(keyring_dek_count(k), 5);
    keyring_dek_destroy(k, "kv1");
    CU_ASSERT_EQUAL(keyring_dek_count(k), 2);
    CU_ASSERT_EQUAL(primary_kid(k, "kv1"), 0);
    CU_ASSERT_EQUAL(primary_kid(k, "sys"), sys);
    CU_ASSERT_NOT_EQUAL(primary_kid(k, "kv2"), 0);
    keyring_dek_destroy(k, "kv1");
    CU_ASSERT_EQUAL(keyring_dek_count(k), 2);
}

static void
uses_are_counted_across_copies(void)
{
    TSEC_AUTO(keyring_free) struct keyring *k = bench_keyring();
    TSEC_AUTO(keyring_free) struct keyring *copy = NULL;
    struct keyring_dek dek;

    OK(keyring_copy(k, &copy, NULL));
    keyring_dek_used(k, primary_kid(k, "sys"));
    keyring_dek_used(copy, primary_kid(k, "sys"));
    keyring_dek_used(k, 0);
    keyring_dek_at(k, 0, &dek);
    CU_ASSERT_EQUAL(dek.uses, 2);
}

static uint64_t
uses_of(const struct keyring *k, const char *mount)
{
    struct keyring_dek dek;

    CU_ASSERT_TRUE_FATAL(keyring_dek_primary(k, tsec_span_str(mount), &dek));
    return dek.uses;
}

static void
use(const struct keyring *k, const char *mount, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        keyring_dek_used(k, primary_kid(k, mount));
    }
}

static void
uses_are_carried_to_a_keyring_that_was_opened(void)
{
    TSEC_AUTO(keyring_free) struct keyring *k = bench_keyring();
    TSEC_AUTO(keyring_free) struct keyring *next = NULL;
    TSEC_AUTO(keyring_free) struct keyring *opened = NULL;
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(1 << 20);
    static const uint8_t root[32] = { 2 };

    OK(keyring_dek_create(k, "kv1", 1, NULL));
    OK(keyring_dek_create(k, "kv2", 1, NULL));
    OK(keyring_dek_create(k, "kv3", 1, NULL));
    use(k, "sys", 5);
    use(k, "kv1", 3);
    use(k, "kv2", 2);
    use(k, "kv3", 4);
    OK(keyring_copy(k, &next, NULL));
    keyring_dek_destroy(next, "kv1"); /* another comes to its place */
    OK(keyring_dek_rotate(next, "kv2", 2, NULL));
    OK(keyring_dek_create(next, "kv4", 2, NULL));
    OK(keyring_seal(next, root, &blob, NULL));
    OK(keyring_open(tsec_buf_span(&blob), root, BENCH_ORIGIN, &opened, NULL));
    CU_ASSERT_EQUAL(uses_of(opened, "sys"), 0);
    keyring_dek_carry(opened, k);
    CU_ASSERT_EQUAL(uses_of(opened, "sys"), 5);
    CU_ASSERT_EQUAL(uses_of(opened, "kv3"), 4);
    CU_ASSERT_EQUAL(uses_of(opened, "kv2"), 0); /* a new key */
    CU_ASSERT_EQUAL(uses_of(opened, "kv4"), 0);
    /* Copies share the count: there is nothing to carry. */
    keyring_dek_carry(next, k);
    CU_ASSERT_EQUAL(uses_of(next, "sys"), 5);
}

static void
a_new_mek_wraps_the_same_keys(void)
{
    TSEC_AUTO(keyring_free) struct keyring *k = bench_keyring();
    TSEC_AUTO(keyring_free) struct keyring *opened = NULL;
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(1 << 20);
    static const uint8_t nonce[TSEC_XAES_NONCE_LEN] = { 1 };
    static const uint8_t root[32] = { 2 };
    uint8_t sealed[4 + TSEC_AEAD_TAG_LEN];
    uint8_t plain[4];
    struct keyring_dek dek;

    OK(keyring_dek_create(k, "kv1", 1, NULL));
    CU_ASSERT_TRUE_FATAL(keyring_dek_primary(k, tsec_span_str("kv1"), &dek));
    OK(tsec_aead_seal(dek.key, nonce, tsec_span(NULL, 0), tsec_span_str("text"), sealed, NULL));
    OK(keyring_mek_rotate(k, 5, NULL));
    CU_ASSERT_EQUAL(keyring_mek_version(k), 2);
    CU_ASSERT_EQUAL(keyring_mek_created(k), 5);
    OK(keyring_seal(k, root, &blob, NULL));
    OK(keyring_open(tsec_buf_span(&blob), root, BENCH_ORIGIN, &opened, NULL));
    CU_ASSERT_TRUE_FATAL(keyring_dek_by_kid(opened, dek.kid, &dek));
    OK(tsec_aead_open(dek.key, nonce, tsec_span(NULL, 0), tsec_span(sealed, sizeof(sealed)), plain,
                      NULL));
    CU_ASSERT_NSTRING_EQUAL(plain, "text", 4);
}

static const struct test_case cases[] = {
    { "a mount gets one primary key", a_mount_gets_one_primary_key },
    { "what is no name of a mount gets no key", what_is_no_name_of_a_mount_gets_no_key },
    { "a rotated key only decrypts", a_rotated_key_only_decrypts },
    { "only a key that is not primary retires", only_a_key_that_is_not_primary_retires },
    { "destroying takes every key of one mount", destroying_takes_every_key_of_one_mount },
    { "uses are counted across copies", uses_are_counted_across_copies },
    { "uses are carried to a keyring that was opened",
      uses_are_carried_to_a_keyring_that_was_opened },
    { "a new MEK wraps the same keys", a_new_mek_wraps_the_same_keys },
};

TEST_MAIN("sealed/keyring_dek", cases)

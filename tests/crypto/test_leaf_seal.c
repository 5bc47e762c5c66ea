/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/leaf_seal.h"

#include "tests/crypto/vector.h"

static const char origin[] = "example.com/ledger/1";

static struct tsec_aead_key *
epoch_key(uint8_t byte)
{
    const struct vector raw = vector_of(byte, 32);
    struct tsec_aead_key *key = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_aead_key_new(TSEC_AES_256_GCM, raw.bytes, &key, NULL)));
    return key;
}

static void
entries_of_every_size_come_back_and_show_only_a_step(void)
{
    static const struct {
        size_t len;
        size_t padded;
    } sizes[] = { { 0, 256 },     { 255, 256 },   { 256, 512 },   { 511, 512 },  { 512, 1024 },
                  { 1023, 1024 }, { 1024, 2048 }, { 2048, 4096 }, { 4095, 4096 } };
    static uint8_t entry[TSEC_AUDIT_ENTRY_MAX + 1];
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *key = epoch_key(1);

    memset(entry, 0x80, sizeof(entry)); /* ends like its padding */
    for (size_t i = 0; i < TSEC_ARRAY_LEN(sizes); i++) {
        TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(TSEC_LEAF_MAX);
        TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(TSEC_AUDIT_ENTRY_MAX);
        uint32_t epoch = 0;

        CU_ASSERT_FALSE_FATAL(tsec_failed(
            tsec_leaf_audit_seal(key, 77, origin, 9, tsec_span(entry, sizes[i].len), &leaf, NULL)));
        CU_ASSERT_EQUAL(leaf.len, 16 + 4 + 12 + sizes[i].padded + 16);
        CU_ASSERT_FALSE(tsec_failed(tsec_leaf_audit_epoch(tsec_buf_span(&leaf), &epoch, NULL)));
        CU_ASSERT_EQUAL(epoch, 77);
        CU_ASSERT_FALSE(
            tsec_failed(tsec_leaf_audit_open(key, origin, tsec_buf_span(&leaf), &json, NULL)));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&json), tsec_span(entry, sizes[i].len)));
    }
}

static void
an_entry_too_long_leaves_nothing_behind(void)
{
    static uint8_t entry[TSEC_AUDIT_ENTRY_MAX + 1];
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *key = epoch_key(1);
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(TSEC_LEAF_MAX);

    CU_ASSERT_EQUAL(
        tsec_leaf_audit_seal(key, 1, origin, 9, tsec_span(entry, sizeof(entry)), &leaf, NULL).code,
        TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(tsec_leaf_audit_seal(key, 1, "", 9, tsec_span(entry, 9), &leaf, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(leaf.len, 0);
}

static void
a_leaf_opens_only_unaltered(void)
{
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *key = epoch_key(1);
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(TSEC_LEAF_MAX);
    TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(TSEC_AUDIT_ENTRY_MAX);

    CU_ASSERT_FALSE_FATAL(tsec_failed(
        tsec_leaf_audit_seal(key, 1, origin, 9, tsec_span_str("{\"v\":1}"), &leaf, NULL)));
    for (size_t i = 0; i < leaf.len; i++) {
        leaf.ptr[i] ^= 1; /* index, epoch, nonce and text alike */
        CU_ASSERT_TRUE(
            tsec_failed(tsec_leaf_audit_open(key, origin, tsec_buf_span(&leaf), &json, NULL)));
        CU_ASSERT_TRUE(
            tsec_failed(tsec_leaf_audit_open(key, origin, tsec_span(leaf.ptr, i), &json, NULL)));
        leaf.ptr[i] ^= 1;
    }
    CU_ASSERT_EQUAL(json.len, 0);
    CU_ASSERT_FALSE(
        tsec_failed(tsec_leaf_audit_open(key, origin, tsec_buf_span(&leaf), &json, NULL)));
}

static void
another_key_origin_or_kind_does_not_open_it(void)
{
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *key = epoch_key(1);
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *other = epoch_key(2);
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(TSEC_LEAF_MAX);
    TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(TSEC_AUDIT_ENTRY_MAX);
    uint32_t epoch = 0;

    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_leaf_audit_seal(key, 1, origin, 9, tsec_span_str("{}"), &leaf, NULL)));
    CU_ASSERT_EQUAL(tsec_leaf_audit_open(other, origin, tsec_buf_span(&leaf), &json, NULL).code,
                    TSEC_E_TAMPERED);
    CU_ASSERT_EQUAL(
        tsec_leaf_audit_open(key, "example.com/ledger/2", tsec_buf_span(&leaf), &json, NULL).code,
        TSEC_E_TAMPERED);
    leaf.ptr[4] = TSEC_LEAF_DUMMY;
    CU_ASSERT_EQUAL(tsec_leaf_audit_open(key, origin, tsec_buf_span(&leaf), &json, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_leaf_audit_epoch(tsec_buf_span(&leaf), &epoch, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(json.len, 0);
}

/* The form of LEDGER.md "Leaves", written out here by hand. */
static void
the_bytes_are_as_documented(void)
{
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *key = epoch_key(1);
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(TSEC_LEAF_MAX);
    TSEC_AUTO_BUF struct tsec_buf aad = TSEC_BUF_INIT(256);
    uint8_t text[256];

    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_leaf_audit_seal(key, 1, origin, 9, tsec_span_str("{}"), &leaf, NULL)));
    tsec_buf_put(&aad, origin, sizeof(origin)); /* with its NUL */
    tsec_buf_put(&aad, "TSL1\3\0\0\0\0\0\0\0\0\0\0\11\0\0\0\1", 20);
    CU_ASSERT_FALSE(tsec_failed(tsec_aead_open(key, leaf.ptr + 20, tsec_buf_span(&aad),
                                               tsec_span(leaf.ptr + 32, 256 + 16), text, NULL)));
    CU_ASSERT_EQUAL(memcmp(text, "{}\x80\0\0\0\0", 7), 0);
    CU_ASSERT_EQUAL(text[255], 0);
}

static const struct test_case cases[] = {
    { "entries of every size come back and show only a step",
      entries_of_every_size_come_back_and_show_only_a_step },
    { "an entry too long leaves nothing behind", an_entry_too_long_leaves_nothing_behind },
    { "a leaf opens only unaltered", a_leaf_opens_only_unaltered },
    { "another key, origin or kind does not open it", another_key_origin_or_kind_does_not_open_it },
    { "the bytes are as documented", the_bytes_are_as_documented },
};

TEST_MAIN("crypto/leaf_seal", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/leaf.h"
#include "core/node_snapshot.h"
#include "crypto/crypto.h"
#include "tests/test.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

static const struct snapshot_name name = { .size = 0x0102030405060708,
                                           .id = { 9, 8, 7, 6, 5, 4, 3, 2, 1 },
                                           .parts = 300 };

static void
a_key_names_its_snapshot(void)
{
    struct snapshot_name read;
    uint8_t key[SNAPSHOT_KEY_LEN];
    uint8_t next[SNAPSHOT_KEY_LEN];

    snapshot_key(&name, 255, key);
    snapshot_key(&name, 256, next);
    CU_ASSERT_TRUE(tsec_span_compare(tsec_span(key, sizeof(key)), tsec_span(next, sizeof(next)))
                   < 0);
    CU_ASSERT_TRUE_FATAL(snapshot_key_read(tsec_span(key, sizeof(key)), &read));
    CU_ASSERT_EQUAL(read.size, name.size);
    CU_ASSERT_EQUAL(read.parts, name.parts);
    CU_ASSERT_EQUAL(memcmp(read.id, name.id, SNAPSHOT_ID_LEN), 0);
    for (size_t len = 0; len < sizeof(key); len++) {
        CU_ASSERT_FALSE(snapshot_key_read(tsec_span(key, len), &read));
    }
    key[0] = 'T';
    CU_ASSERT_FALSE(snapshot_key_read(tsec_span(key, sizeof(key)), &read));
}

static void
a_pointer_is_what_it_says_or_none(void)
{
    struct snapshot_name read = name;
    uint8_t value[SNAPSHOT_POINTER_LEN + 1] = { 0 };

    snapshot_pointer(&name, value);
    CU_ASSERT_TRUE(snapshot_pointer_read(tsec_span(value, SNAPSHOT_POINTER_LEN), &read));
    CU_ASSERT_FALSE(snapshot_pointer_read(tsec_span(value, SNAPSHOT_POINTER_LEN - 1), &read));
    CU_ASSERT_FALSE(snapshot_pointer_read(tsec_span(value, SNAPSHOT_POINTER_LEN + 1), &read));
    read.parts = 0;
    snapshot_pointer(&read, value);
    CU_ASSERT_FALSE(snapshot_pointer_read(tsec_span(value, SNAPSHOT_POINTER_LEN), &read));
    read.parts = SNAPSHOT_PARTS_MAX + 1;
    snapshot_pointer(&read, value);
    CU_ASSERT_FALSE(snapshot_pointer_read(tsec_span(value, SNAPSHOT_POINTER_LEN), &read));
}

/* Whether the part opens as that one. */
static tsec_rc
opens(const struct snapshot_seal *seal, const struct snapshot_name *as, uint32_t i,
      struct tsec_span sealed)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(SNAPSHOT_PART_BYTES);
    const tsec_rc rc = snapshot_part_open(seal, as, i, sealed, &plain, NULL);

    CU_ASSERT_TRUE(tsec_failed(rc)
                   || tsec_span_equal(tsec_buf_span(&plain), tsec_span_str("the rows")));
    return rc;
}

static void
a_part_opens_only_as_itself(void)
{
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *key = NULL;
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(SNAPSHOT_PART_BYTES);
    const uint8_t bytes[TSEC_AEAD_KEY_LEN] = { 1 };
    struct snapshot_seal seal = { .origin = "test.example/1" };
    struct snapshot_name other;

    OK(tsec_aead_key_new(TSEC_XAES_256_GCM, bytes, &key, NULL));
    seal.key = key;
    OK(snapshot_part_seal(&seal, &name, 4, tsec_span_str("the rows"), &sealed, NULL));
    OK(opens(&seal, &name, 4, tsec_buf_span(&sealed)));
    CU_ASSERT_EQUAL(opens(&seal, &name, 5, tsec_buf_span(&sealed)).code, TSEC_E_TAMPERED);
    other = name;
    other.size++;
    CU_ASSERT_EQUAL(opens(&seal, &other, 4, tsec_buf_span(&sealed)).code, TSEC_E_TAMPERED);
    other = name;
    other.parts++;
    CU_ASSERT_EQUAL(opens(&seal, &other, 4, tsec_buf_span(&sealed)).code, TSEC_E_TAMPERED);
    other = name;
    other.id[0] ^= 1;
    CU_ASSERT_EQUAL(opens(&seal, &other, 4, tsec_buf_span(&sealed)).code, TSEC_E_TAMPERED);
    for (size_t i = 0; i < sealed.len; i++) {
        sealed.ptr[i] ^= 1;
        CU_ASSERT_EQUAL(opens(&seal, &name, 4, tsec_buf_span(&sealed)).code, TSEC_E_TAMPERED);
        sealed.ptr[i] ^= 1;
        CU_ASSERT_EQUAL(opens(&seal, &name, 4, tsec_span(sealed.ptr, i)).code, TSEC_E_TAMPERED);
    }
    seal.origin = "test.example/2";
    CU_ASSERT_EQUAL(opens(&seal, &name, 4, tsec_buf_span(&sealed)).code, TSEC_E_TAMPERED);
}

static void
a_leaf_tells_what_was_claimed(void)
{
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(256);
    struct snapshot_claim claim = { .size = 77 };
    struct snapshot_claim read;
    struct snapshot_sum sum;

    snapshot_sum_init(&sum);
    snapshot_sum_add(&sum, tsec_span_str("one"));
    snapshot_sum_hash(&sum, claim.hash);
    snapshot_sum_add(&sum, tsec_span_str("other"));
    snapshot_sum_hash(&sum, read.hash);
    CU_ASSERT_NOT_EQUAL(memcmp(claim.hash, read.hash, sizeof(claim.hash)), 0);
    claim.length = sum.length;
    CU_ASSERT_EQUAL(sum.length, 8);
    snapshot_sum_done(&sum);

    snapshot_leaf(&claim, 90, &leaf);
    CU_ASSERT_TRUE_FATAL(snapshot_leaf_read(tsec_buf_span(&leaf), &read));
    CU_ASSERT_EQUAL(read.size, 77);
    CU_ASSERT_EQUAL(read.length, 8);
    CU_ASSERT_EQUAL(memcmp(claim.hash, read.hash, sizeof(claim.hash)), 0);
    CU_ASSERT_FALSE(snapshot_leaf_read(tsec_span(leaf.ptr, leaf.len - 1), &read));
    tsec_buf_reset(&leaf);
    tsec_leaf_header(&leaf, TSEC_LEAF_AUDIT, 90);
    CU_ASSERT_FALSE(snapshot_leaf_read(tsec_buf_span(&leaf), &read));
}

static const struct test_case cases[] = {
    { "a key names its snapshot", a_key_names_its_snapshot },
    { "a pointer is what it says or none", a_pointer_is_what_it_says_or_none },
    { "a part opens only as itself", a_part_opens_only_as_itself },
    { "a leaf tells what was claimed", a_leaf_tells_what_was_claimed },
};

TEST_MAIN("core/node_snapshot_parts", cases)

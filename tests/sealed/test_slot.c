/* SPDX-License-Identifier: Apache-2.0 */
#include "sealed/slot.h"

#include "tests/sealed/bench.h"

static const uint8_t root[32] = { 5 };

static void
bound_slot(struct slot *slot, struct tsec_buf *blob)
{
    *slot = (struct slot){ .id = 7,
                           .kind = "sim",
                           .generation = 2,
                           .created_ns = BENCH_NOW,
                           .wrapping = tsec_span_str("the wrapping") };
    OK(slot_bind(slot, root, NULL));
    slot_pack(slot, blob);
    OK(tsec_buf_check(blob, NULL));
}

static void
a_slot_reads_back_and_knows_its_root_key(void)
{
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(4096);
    struct slot slot;
    struct slot again;
    uint8_t key[SLOT_KEY_LEN];

    bound_slot(&slot, &blob);
    OK(slot_parse(tsec_buf_span(&blob), &again, NULL));
    CU_ASSERT_EQUAL(again.id, 7);
    CU_ASSERT_STRING_EQUAL(again.kind, "sim");
    CU_ASSERT_EQUAL(again.generation, 2);
    CU_ASSERT_EQUAL(again.created_ns, BENCH_NOW);
    CU_ASSERT_TRUE(tsec_span_is(again.wrapping, "the wrapping"));
    OK(slot_check(&again, root, NULL));
    slot_key(0x01020304, key);
    CU_ASSERT_NSTRING_EQUAL(key, "s\1\2\3\4", SLOT_KEY_LEN);
}

static void
another_root_key_fails_the_check_value(void)
{
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(4096);
    struct slot slot;
    uint8_t other[32];

    bound_slot(&slot, &blob);
    memcpy(other, root, sizeof(other));
    other[31] ^= 1;
    FAILS(slot_check(&slot, other, NULL), TSEC_E_TAMPERED);
}

static void
whatever_is_altered_fails_the_form_or_the_check_value(void)
{
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(4096);
    struct slot slot;

    bound_slot(&slot, &blob);
    for (size_t i = 0; i < blob.len; i++) {
        blob.ptr[i] ^= 0x20;
        CU_ASSERT_TRUE(tsec_failed(slot_parse(tsec_buf_span(&blob), &slot, NULL))
                       || slot_check(&slot, root, NULL).code == TSEC_E_TAMPERED);
        blob.ptr[i] ^= 0x20;
    }
    for (size_t len = 0; len < blob.len; len++) {
        FAILS(slot_parse(tsec_span(blob.ptr, len), &slot, NULL), TSEC_E_TAMPERED);
    }
    tsec_buf_put_byte(&blob, 0);
    FAILS(slot_parse(tsec_buf_span(&blob), &slot, NULL), TSEC_E_TAMPERED);
}

static void
a_kind_is_a_word(void)
{
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf nameless = TSEC_BUF_INIT(4096);
    struct slot slot; /* borrows from blob */

    bound_slot(&slot, &blob);
    blob.ptr[4 + 4 + 4 + 2] = '\0'; /* "si\0": as text it would be "si" */
    FAILS(slot_parse(tsec_buf_span(&blob), &slot, NULL), TSEC_E_TAMPERED);
    slot.kind[0] = '\0';
    slot_pack(&slot, &nameless);
    FAILS(slot_parse(tsec_buf_span(&nameless), &slot, NULL), TSEC_E_TAMPERED);
}

static const struct test_case cases[] = {
    { "a slot reads back and knows its root key", a_slot_reads_back_and_knows_its_root_key },
    { "another root key fails the check value", another_root_key_fails_the_check_value },
    { "whatever is altered fails the form or the check value",
      whatever_is_altered_fails_the_form_or_the_check_value },
    { "a kind is a word", a_kind_is_a_word },
};

TEST_MAIN("sealed/slot", cases)

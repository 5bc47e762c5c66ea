/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/core/transit_bench.h"

static struct tsec_arena *
new_arena(void)
{
    struct tsec_arena *arena = NULL;

    OK(tsec_arena_new(1 << 20, &arena, NULL));
    return arena;
}

/* Both halves belong together. */
static void
expect_pair(enum tsec_pair_kind kind, const struct transit_fresh *fresh)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);

    OK(tsec_pair_import(kind, fresh->material, &pair, NULL));
    OK(tsec_pair_spki(pair, &spki, NULL));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&spki), fresh->spki));
}

static void
every_type_is_made_and_taken(void)
{
    keys_begin();
    for (int type = 1; type < TRANSIT_TYPES; type++) {
        TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = new_arena();
        const struct transit_traits *traits = transit_traits((enum transit_type)type);
        const struct transit_key settings = { .name = traits->name, .type_name = traits->name };
        struct transit_fresh fresh;

        if (type == TRANSIT_RSA_3072 || type == TRANSIT_RSA_4096) {
            continue; /* takes seconds, and is as RSA-2048 */
        }
        OK(transit_make((enum transit_type)type, 0, arena, &fresh, NULL));
        CU_ASSERT_EQUAL((int)fresh.type, type);
        CU_ASSERT_EQUAL(fresh.hmac_key.len, TRANSIT_HMAC_KEY_LEN);
        CU_ASSERT_FALSE(fresh.imported);
        CU_ASSERT_EQUAL(fresh.spki.len > 0, traits->pair != 0);
        if (traits->pair != 0) {
            expect_pair(traits->pair, &fresh);
        }
        OK(keys_create(&settings, &fresh));
        CU_ASSERT_TRUE(tsec_span_equal(keys_version(traits->name, 1)->material, fresh.material));
        CU_ASSERT_TRUE(tsec_span_equal(keys_version(traits->name, 1)->spki, fresh.spki));
    }
    keys_end();
}

static void
an_hmac_key_has_the_size_asked_for(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = new_arena();
    struct transit_fresh fresh;

    OK(transit_make(TRANSIT_HMAC, 0, arena, &fresh, NULL));
    CU_ASSERT_EQUAL(fresh.material.len, TRANSIT_KEY_SIZE_MIN);
    OK(transit_make(TRANSIT_HMAC, 512, arena, &fresh, NULL));
    CU_ASSERT_EQUAL(fresh.material.len, 512);
    CU_ASSERT_FALSE(tsec_span_zero(fresh.material));
}

static void
no_two_are_the_same(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = new_arena();
    struct transit_fresh one;
    struct transit_fresh two;

    OK(transit_make(TRANSIT_AES256_GCM96, 0, arena, &one, NULL));
    OK(transit_make(TRANSIT_AES256_GCM96, 0, arena, &two, NULL));
    CU_ASSERT_FALSE(tsec_span_equal(one.material, two.material));
    CU_ASSERT_FALSE(tsec_span_equal(one.hmac_key, two.hmac_key));
    CU_ASSERT_FALSE(tsec_span_equal(one.hmac_key, one.material));
}

static void
sizes_and_types_that_are_none_are_refused(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *arena = new_arena();
    struct transit_fresh fresh;
    struct tsec_err err = { 0 };

    EXPECT_CODE(transit_make(TRANSIT_HMAC, 31, arena, &fresh, &err), TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "invalid key_size 31");
    EXPECT_CODE(transit_make(TRANSIT_HMAC, 513, arena, &fresh, &err), TSEC_E_INVALID);
    EXPECT_CODE(transit_make(TRANSIT_HMAC, -1, arena, &fresh, &err), TSEC_E_INVALID);
    EXPECT_CODE(transit_make(TRANSIT_AES256_GCM96, 32, arena, &fresh, &err), TSEC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "key_size is not valid for algorithm aes256-gcm96");
    EXPECT_CODE(transit_make((enum transit_type)0, 0, arena, &fresh, &err), TSEC_E_INVALID);
    EXPECT_CODE(transit_make(TRANSIT_TYPES, 0, arena, &fresh, &err), TSEC_E_INVALID);
}

static const struct test_case cases[] = {
    { "every type is made and taken", every_type_is_made_and_taken },
    { "an HMAC key has the size asked for", an_hmac_key_has_the_size_asked_for },
    { "no two are the same", no_two_are_the_same },
    { "sizes and types that are none are refused", sizes_and_types_that_are_none_are_refused },
};

TEST_MAIN("core/transit_key_make", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hasher.h"

#include "tests/test.h"

static void
pieces_hash_like_their_concatenation(void)
{
    static const char text[] = "the quick brown fox jumps over the lazy dog, again and again";
    const struct tsec_span whole = tsec_span_str(text);

    for (int hash = TSEC_SHA224; hash < TSEC_HASHES; hash++) {
        for (size_t step = 1; step <= whole.len; step += 7) {
            TSEC_AUTO(tsec_hasher_free) struct tsec_hasher *hasher = NULL;
            uint8_t want[TSEC_SHA512_LEN] = { 0 };
            uint8_t got[TSEC_SHA512_LEN] = { 0 };

            CU_ASSERT_FALSE_FATAL(
                tsec_failed(tsec_hasher_new((enum tsec_hash)hash, &hasher, NULL)));
            tsec_hasher_add(hasher, tsec_span(NULL, 0));
            for (size_t at = 0; at < whole.len; at += step) {
                const size_t left = whole.len - at;

                tsec_hasher_add(hasher, tsec_span(whole.ptr + at, left < step ? left : step));
            }
            tsec_hasher_end(hasher, got);
            tsec_hash_parts((enum tsec_hash)hash, &whole, 1, want);
            CU_ASSERT_TRUE(
                tsec_span_equal(tsec_span(got, sizeof(got)), tsec_span(want, sizeof(want))));
        }
    }
}

static void
nothing_at_all_has_a_digest_and_no_hash_is_refused(void)
{
    const struct tsec_span nothing = tsec_span(NULL, 0);
    TSEC_AUTO(tsec_hasher_free) struct tsec_hasher *hasher = NULL;
    TSEC_AUTO(tsec_hasher_free) struct tsec_hasher *none = NULL;
    uint8_t want[TSEC_SHA256_LEN];
    uint8_t got[TSEC_SHA256_LEN];

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_hasher_new(TSEC_SHA256, &hasher, NULL)));
    tsec_hasher_end(hasher, got);
    tsec_hash_parts(TSEC_SHA256, &nothing, 1, want);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_span(got, sizeof(got)), tsec_span(want, sizeof(want))));
    CU_ASSERT_EQUAL(tsec_hasher_new((enum tsec_hash)0, &none, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_hasher_new((enum tsec_hash)TSEC_HASHES, &none, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_PTR_NULL(none);
}

static const struct test_case cases[] = {
    { "pieces hash like their concatenation", pieces_hash_like_their_concatenation },
    { "nothing at all has a digest, and no hash is refused",
      nothing_at_all_has_a_digest_and_no_hash_is_refused },
};
TEST_MAIN("hasher", cases)

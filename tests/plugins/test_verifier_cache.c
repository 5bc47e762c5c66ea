/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/test.h"
#include "verifier.h"

static void
each_format_has_its_memory(void)
{
    struct verifier_cache cache;

    CU_ASSERT_EQUAL(verifier_cache_init(&cache, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_PTR_NOT_NULL(cache.snp);
    CU_ASSERT_PTR_NOT_NULL(cache.quote);
    CU_ASSERT_PTR_NOT_NULL(cache.token_keys);
    CU_ASSERT_EQUAL(tsec_memo_len(cache.token_keys), 0);
    verifier_cache_done(&cache);
    CU_ASSERT_PTR_NULL(cache.snp);
    verifier_cache_done(&cache); /* harmless */
}

static const struct test_case cases[] = {
    { "each format has its memory", each_format_has_its_memory },
};

TEST_MAIN("verifier-cache", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "quote_memo.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test.h"
#include "verifier.h"

static int freed;

static void
count_free(struct quote_fact *fact)
{
    freed++;
    free(fact);
}

static struct quote_fact *
new_fact(void)
{
    struct quote_fact *fact = calloc(1, sizeof(*fact));

    CU_ASSERT_PTR_NOT_NULL_FATAL(fact);
    fact->free = count_free;
    return fact;
}

static void
key_of(const char *what, const char *a, const char *b, uint8_t key[TSEC_MEMO_KEY_LEN])
{
    const struct tsec_span parts[] = { tsec_span_str(a), tsec_span_str(b) };

    quote_memo_key(what, parts, 2, key);
}

static void
keys_tell_kinds_and_parts_apart(void)
{
    uint8_t keys[4][TSEC_MEMO_KEY_LEN];
    uint8_t again[TSEC_MEMO_KEY_LEN];

    key_of("a", "bc", "d", keys[0]);
    key_of("a", "b", "cd", keys[1]);
    key_of("ab", "c", "d", keys[2]);
    key_of("a", "bcd", "", keys[3]);
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < i; k++) {
            CU_ASSERT_NOT_EQUAL(memcmp(keys[i], keys[k], sizeof(keys[i])), 0);
        }
    }
    key_of("a", "bc", "d", again);
    CU_ASSERT_EQUAL(memcmp(keys[0], again, sizeof(again)), 0);
}

static void
a_fact_is_found_again_and_freed_once(void)
{
    struct tsec_memo *memo = NULL;
    const struct quote_fact *put;
    const struct quote_fact *got;
    uint8_t key[TSEC_MEMO_KEY_LEN];

    freed = 0;
    key_of("a", "b", "c", key);
    CU_ASSERT_FALSE_FATAL(tsec_failed(quote_memo_new(&memo, NULL)));
    CU_ASSERT_PTR_NULL(quote_memo_get(memo, key));
    put = quote_memo_put(memo, key, new_fact());
    got = quote_memo_get(memo, key);
    CU_ASSERT_PTR_EQUAL(put, got);
    quote_memo_release(memo, put);
    quote_memo_release(memo, got);
    CU_ASSERT_EQUAL(freed, 0);
    tsec_memo_free(memo);
    CU_ASSERT_EQUAL(freed, 1);
}

static void
of_two_that_were_checked_at_once_one_stays(void)
{
    struct tsec_memo *memo = NULL;
    const struct quote_fact *first;
    const struct quote_fact *second;
    uint8_t key[TSEC_MEMO_KEY_LEN];

    freed = 0;
    key_of("a", "b", "c", key);
    CU_ASSERT_FALSE_FATAL(tsec_failed(quote_memo_new(&memo, NULL)));
    first = quote_memo_put(memo, key, new_fact());
    second = quote_memo_put(memo, key, new_fact());
    CU_ASSERT_PTR_EQUAL(first, second);
    CU_ASSERT_EQUAL(freed, 1);
    quote_memo_release(memo, first);
    quote_memo_release(memo, second);
    tsec_memo_free(memo);
    CU_ASSERT_EQUAL(freed, 2);
}

static void
without_a_memo_a_fact_lives_until_it_is_released(void)
{
    struct quote_fact *fact = new_fact();
    uint8_t key[TSEC_MEMO_KEY_LEN] = { 0 };

    freed = 0;
    CU_ASSERT_PTR_NULL(quote_memo_get(NULL, key));
    CU_ASSERT_PTR_EQUAL(quote_memo_put(NULL, key, fact), fact);
    CU_ASSERT_EQUAL(freed, 0);
    quote_memo_release(NULL, fact);
    CU_ASSERT_EQUAL(freed, 1);
    quote_memo_release(NULL, NULL);
    quote_fact_free(NULL);
}

static const struct test_case cases[] = {
    { "keys tell kinds and parts apart", keys_tell_kinds_and_parts_apart },
    { "a fact is found again and freed once", a_fact_is_found_again_and_freed_once },
    { "of two that were checked at once one stays", of_two_that_were_checked_at_once_one_stays },
    { "without a memo a fact lives until it is released",
      without_a_memo_a_fact_lives_until_it_is_released },
};

TEST_MAIN("plugins/quote_memo", cases)

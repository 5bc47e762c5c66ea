/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "tests/freed.h"
#include "tests/test.h"

static void
what_is_allocated_is_aligned_and_zero(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *a = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_arena_new(1 << 20, &a, NULL)));
    for (size_t len = 0; len < 300; len++) {
        uint8_t *p = tsec_arena_alloc(a, len);

        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        CU_ASSERT_EQUAL((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < len; i++) {
            if (p[i] != 0) {
                CU_FAIL_FATAL("not zero");
            }
        }
        memset(p, 0xa5, len);
    }
}

static void
the_ceiling_holds(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *a = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_arena_new(100, &a, NULL)));
    CU_ASSERT_PTR_NULL(tsec_arena_alloc(a, 101));
    CU_ASSERT_PTR_NULL(tsec_arena_alloc(a, SIZE_MAX));
    CU_ASSERT_PTR_NOT_NULL(tsec_arena_alloc(a, 100));
    CU_ASSERT_PTR_NULL(tsec_arena_alloc(a, 1));
    CU_ASSERT_PTR_NULL(tsec_arena_dup(a, tsec_span_str("x")));
    CU_ASSERT_PTR_NULL(tsec_arena_printf(a, "x"));
}

static void
reset_zeroes_and_starts_over(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *a = NULL;
    uint8_t *first;
    const uint8_t *again;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_arena_new(40000, &a, NULL)));
    first = tsec_arena_alloc(a, 64);
    CU_ASSERT_PTR_NOT_NULL_FATAL(first);
    memset(first, 0x5a, 64);
    CU_ASSERT_PTR_NOT_NULL(tsec_arena_alloc(a, 30000));
    tsec_arena_reset(a);
    CU_ASSERT_EQUAL(first[0], 0); /* the first block stays, so this may be looked at */
    CU_ASSERT_EQUAL(first[63], 0);
    again = tsec_arena_alloc(a, 64);
    CU_ASSERT_PTR_EQUAL(again, first);
    CU_ASSERT_PTR_NOT_NULL(tsec_arena_alloc(a, 39000));
}

static void
nothing_is_given_back_before_it_is_zeroed(void)
{
    struct tsec_arena *a = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_arena_new(1 << 20, &a, NULL)));
    (void)freed_leaks();
    for (int round = 0; round < 2; round++) {
        for (size_t len = 100; len < 20000; len += 977) {
            uint8_t *p = tsec_arena_alloc(a, len);

            CU_ASSERT_PTR_NOT_NULL_FATAL(p);
            memset(p, FREED_MARK, len);
        }
        if (round == 0) {
            tsec_arena_reset(a);
        }
    }
    (void)freed_blocks();
    tsec_arena_free(a);
    CU_ASSERT_TRUE(freed_blocks() >= 10);
    CU_ASSERT_EQUAL(freed_leaks(), 0);
}

static void
a_large_piece_gets_a_block_of_its_own(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *a = NULL;
    uint8_t *big;
    char *small;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_arena_new(1 << 20, &a, NULL)));
    small = tsec_arena_dup(a, tsec_span_str("stays"));
    big = tsec_arena_alloc(a, 500000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(big);
    memset(big, 1, 500000);
    CU_ASSERT_STRING_EQUAL(small, "stays");
}

static void
copies_end_in_nul(void)
{
    TSEC_AUTO(tsec_arena_free) struct tsec_arena *a = NULL;
    const char *text;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_arena_new(1000, &a, NULL)));
    text = tsec_arena_dup(a, tsec_span("abcdef", 3));
    CU_ASSERT_STRING_EQUAL(text, "abc");
    text = tsec_arena_dup(a, tsec_span(NULL, 0));
    CU_ASSERT_STRING_EQUAL(text, "");
    text = tsec_arena_printf(a, "%s/%d", "x", 5);
    CU_ASSERT_STRING_EQUAL(text, "x/5");
    tsec_arena_free(NULL);
}

static const struct test_case cases[] = {
    { "what is allocated is aligned and zero", what_is_allocated_is_aligned_and_zero },
    { "the ceiling holds", the_ceiling_holds },
    { "reset zeroes and starts over", reset_zeroes_and_starts_over },
    { "nothing is given back before it is zeroed", nothing_is_given_back_before_it_is_zeroed },
    { "a large piece gets a block of its own", a_large_piece_gets_a_block_of_its_own },
    { "copies end in NUL", copies_end_in_nul },
};

TEST_MAIN("base/arena", cases)

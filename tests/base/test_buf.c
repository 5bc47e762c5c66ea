/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "tests/freed.h"
#include "tests/test.h"

static void
appends_stand_in_order(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(1000);

    CU_ASSERT_PTR_NULL(b.ptr);
    tsec_buf_put_str(&b, "a");
    tsec_buf_put(&b, "bc", 2);
    tsec_buf_put_byte(&b, 'd');
    tsec_buf_put_span(&b, tsec_span("ef", 2));
    tsec_buf_put_str(&b, NULL);
    tsec_buf_printf(&b, "%d-%s", 12, "x");
    tsec_buf_put_u64(&b, 0);
    tsec_buf_put_byte(&b, ' ');
    tsec_buf_put_u64(&b, UINT64_MAX);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), "abcdef12-x0 18446744073709551615"));
    CU_ASSERT_FALSE(tsec_failed(tsec_buf_check(&b, NULL)));
}

static void
growth_keeps_what_is_there(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(100000);

    for (unsigned i = 0; i < 100000; i++) {
        tsec_buf_put_byte(&b, (uint8_t)(i * 7));
    }
    CU_ASSERT_EQUAL_FATAL(b.len, 100000);
    for (unsigned i = 0; i < 100000; i++) {
        if (b.ptr[i] != (uint8_t)(i * 7)) {
            CU_FAIL_FATAL("a byte changed");
        }
    }
}

static void
the_ceiling_can_be_reached_but_not_passed(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(5);
    struct tsec_err err = { 0 };

    tsec_buf_put_str(&b, "12345");
    CU_ASSERT_FALSE(tsec_failed(tsec_buf_check(&b, NULL)));
    tsec_buf_put_byte(&b, '6');
    CU_ASSERT_EQUAL(tsec_buf_check(&b, &err).code, TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(b.len, 5);
}

static void
an_append_never_partly_happens_and_failure_stays(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(5);

    tsec_buf_put_str(&b, "123");
    tsec_buf_put_str(&b, "456");
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), "123"));
    tsec_buf_put_byte(&b, '4'); /* would fit */
    tsec_buf_printf(&b, "4");
    CU_ASSERT_PTR_NULL(tsec_buf_extend(&b, 1));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), "123"));
    CU_ASSERT_EQUAL(tsec_buf_check(&b, NULL).code, TSEC_E_TOO_LARGE);
    tsec_buf_reset(&b);
    tsec_buf_put_str(&b, "fresh");
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), "fresh"));
    CU_ASSERT_FALSE(tsec_failed(tsec_buf_check(&b, NULL)));
}

static void
printf_up_to_the_ceiling_loses_no_byte(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(5);

    tsec_buf_printf(&b, "%s", "12345");
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), "12345"));
    tsec_buf_printf(&b, "%s", "");
    CU_ASSERT_FALSE(tsec_failed(tsec_buf_check(&b, NULL)));
    tsec_buf_printf(&b, "%s", "6");
    CU_ASSERT_EQUAL(tsec_buf_check(&b, NULL).code, TSEC_E_TOO_LARGE);
}

static void
memory_that_is_not_there_is_no_memory(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(SIZE_MAX);

    tsec_buf_put_byte(&b, 'a');
    tsec_buf_reserve(&b, SIZE_MAX - 1);
    CU_ASSERT_EQUAL(tsec_buf_check(&b, NULL).code, TSEC_E_NO_MEMORY);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), "a"));
}

static void
extended_bytes_are_zero_even_where_something_was(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(100);
    uint8_t *at;

    tsec_buf_put_str(&b, "secret");
    tsec_buf_truncate(&b, 2);
    CU_ASSERT_EQUAL(b.len, 2);
    CU_ASSERT_EQUAL(b.ptr[2], 0); /* cut bytes are zeroed */
    CU_ASSERT_EQUAL(b.ptr[5], 0);
    at = tsec_buf_extend(&b, 3);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    CU_ASSERT_TRUE(at[0] == 0 && at[1] == 0 && at[2] == 0);
    CU_ASSERT_EQUAL(b.len, 5);
    tsec_buf_truncate(&b, 50);
    CU_ASSERT_EQUAL(b.len, 5);
}

static void
reset_zeroes_what_was_used(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(100);
    const uint8_t *was;

    tsec_buf_put_str(&b, "secret");
    was = b.ptr;
    tsec_buf_reset(&b);
    CU_ASSERT_PTR_EQUAL(b.ptr, was);
    for (size_t i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(was[i], 0);
    }
}

static void
nothing_is_given_back_before_it_is_zeroed(void)
{
    struct tsec_buf b = TSEC_BUF_INIT(100000);
    uint8_t secret[100];

    memset(secret, FREED_MARK, sizeof(secret));
    (void)freed_leaks();
    (void)freed_blocks();
    for (int i = 0; i < 1000; i++) {
        tsec_buf_put(&b, secret, sizeof(secret));
    }
    CU_ASSERT_EQUAL(b.len, 100000);
    tsec_buf_truncate(&b, 50);
    tsec_buf_done(&b);
    CU_ASSERT_TRUE(freed_blocks() >= 2); /* it did grow */
    CU_ASSERT_EQUAL(freed_leaks(), 0);
}

static void
an_empty_extension_of_nothing_succeeds(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(10);

    CU_ASSERT_PTR_NOT_NULL(tsec_buf_extend(&b, 0));
    CU_ASSERT_EQUAL(b.len, 0);
    tsec_buf_done(&b);
    CU_ASSERT_PTR_NULL(b.ptr);
    tsec_buf_done(&b);
}

static void
a_sink_appends_and_tells_when_it_cannot(void)
{
    TSEC_AUTO_BUF struct tsec_buf b = TSEC_BUF_INIT(4);
    const struct tsec_sink sink = tsec_buf_sink(&b);

    CU_ASSERT_FALSE(tsec_failed(sink.write(sink.ctx, tsec_span("ab", 2))));
    CU_ASSERT_FALSE(tsec_failed(sink.write(sink.ctx, tsec_span("cd", 2))));
    CU_ASSERT_EQUAL(sink.write(sink.ctx, tsec_span("e", 1)).code, TSEC_E_TOO_LARGE);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&b), "abcd"));
}

static const struct test_case cases[] = {
    { "appends stand in order", appends_stand_in_order },
    { "growth keeps what is there", growth_keeps_what_is_there },
    { "the ceiling can be reached but not passed", the_ceiling_can_be_reached_but_not_passed },
    { "an append never partly happens and failure stays",
      an_append_never_partly_happens_and_failure_stays },
    { "printf up to the ceiling loses no byte", printf_up_to_the_ceiling_loses_no_byte },
    { "memory that is not there is no memory", memory_that_is_not_there_is_no_memory },
    { "extended bytes are zero even where something was",
      extended_bytes_are_zero_even_where_something_was },
    { "reset zeroes what was used", reset_zeroes_what_was_used },
    { "nothing is given back before it is zeroed", nothing_is_given_back_before_it_is_zeroed },
    { "an empty extension of nothing succeeds", an_empty_extension_of_nothing_succeeds },
    { "a sink appends and tells when it cannot", a_sink_appends_and_tells_when_it_cannot },
};

TEST_MAIN("base/buf", cases)

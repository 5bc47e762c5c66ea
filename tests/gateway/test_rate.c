/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/rate.h"

#include <stdio.h>

#include "base/clock.h"
#include "tests/test.h"

static struct rate *
new_rate(unsigned per_s, unsigned burst)
{
    struct rate *rate = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(rate_new(per_s, burst, &rate, NULL)));
    return rate;
}

static void
a_burst_is_granted_and_then_a_request_at_a_time(void)
{
    TSEC_AUTO(rate_free) struct rate *rate = new_rate(10, 3);
    const struct tsec_span source = tsec_span_str("192.0.2.1");
    int64_t now_ns = 1000 * TSEC_NS_PER_S;
    unsigned retry_s = 0;

    for (int i = 0; i < 3; i++) {
        CU_ASSERT_TRUE(rate_take(rate, source, now_ns, &retry_s));
    }
    CU_ASSERT_FALSE(rate_take(rate, source, now_ns, &retry_s));
    CU_ASSERT_EQUAL(retry_s, 1);
    now_ns += TSEC_NS_PER_S / 10;
    CU_ASSERT_TRUE(rate_take(rate, source, now_ns, &retry_s));
    CU_ASSERT_FALSE(rate_take(rate, source, now_ns, &retry_s));
}

static void
refusals_cost_nothing(void)
{
    TSEC_AUTO(rate_free) struct rate *rate = new_rate(1, 1);
    const struct tsec_span source = tsec_span_str("192.0.2.1");
    const int64_t now_ns = 5 * TSEC_NS_PER_S;
    unsigned retry_s = 0;

    CU_ASSERT_TRUE(rate_take(rate, source, now_ns, &retry_s));
    for (int i = 0; i < 100; i++) {
        CU_ASSERT_FALSE(rate_take(rate, source, now_ns, &retry_s));
    }
    CU_ASSERT_TRUE(rate_take(rate, source, now_ns + TSEC_NS_PER_S, &retry_s));
}

static void
sources_do_not_pay_for_each_other(void)
{
    TSEC_AUTO(rate_free) struct rate *rate = new_rate(1, 1);
    unsigned retry_s = 0;

    CU_ASSERT_TRUE(rate_take(rate, tsec_span_str("192.0.2.1"), TSEC_NS_PER_S, &retry_s));
    CU_ASSERT_TRUE(rate_take(rate, tsec_span_str("192.0.2.2"), TSEC_NS_PER_S, &retry_s));
    CU_ASSERT_FALSE(rate_take(rate, tsec_span_str("192.0.2.1"), TSEC_NS_PER_S, &retry_s));
    CU_ASSERT_FALSE(rate_take(rate, tsec_span_str("192.0.2.2"), TSEC_NS_PER_S, &retry_s));
}

static void
more_sources_than_the_table_holds_are_served(void)
{
    TSEC_AUTO(rate_free) struct rate *rate = new_rate(1, 1);
    unsigned retry_s = 0;
    char source[32];

    for (int i = 0; i < 20000; i++) {
        (void)snprintf(source, sizeof(source), "10.%d.%d.1", i / 256, i % 256);
        CU_ASSERT_TRUE(rate_take(rate, tsec_span_str(source), TSEC_NS_PER_S, &retry_s));
    }
}

static void
one_who_owes_is_not_pushed_out_by_one_who_owes_less(void)
{
    TSEC_AUTO(rate_free) struct rate *rate = new_rate(1, 100);
    const struct tsec_span greedy = tsec_span_str("192.0.2.1");
    unsigned retry_s = 0;
    char source[32];

    while (rate_take(rate, greedy, TSEC_NS_PER_S, &retry_s)) {
    }
    for (int i = 0; i < 20000; i++) {
        (void)snprintf(source, sizeof(source), "10.%d.%d.1", i / 256, i % 256);
        (void)rate_take(rate, tsec_span_str(source), TSEC_NS_PER_S, &retry_s);
    }
    CU_ASSERT_FALSE(rate_take(rate, greedy, TSEC_NS_PER_S, &retry_s));
}

static void
a_rate_of_none_is_refused(void)
{
    struct rate *rate = NULL;

    CU_ASSERT_EQUAL(rate_new(0, 1, &rate, NULL).code, TSEC_E_CONFIG);
    CU_ASSERT_PTR_NULL(rate);
}

static const struct test_case cases[] = {
    { "a burst is granted and then a request at a time",
      a_burst_is_granted_and_then_a_request_at_a_time },
    { "refusals cost nothing", refusals_cost_nothing },
    { "sources do not pay for each other", sources_do_not_pay_for_each_other },
    { "more sources than the table holds are served",
      more_sources_than_the_table_holds_are_served },
    { "one who owes is not pushed out by one who owes less",
      one_who_owes_is_not_pushed_out_by_one_who_owes_less },
    { "a rate of none is refused", a_rate_of_none_is_refused },
};

TEST_MAIN("gateway/rate", cases)

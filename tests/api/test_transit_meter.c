/* SPDX-License-Identifier: Apache-2.0 */
#include "api/transit_meter.h"

#include <stdio.h>

#include "base/clock.h"
#include "tests/test.h"

static const char A[] = "0123456789abcdef0123456789abcdef";
static const char B[] = "fedcba9876543210fedcba9876543210";
static struct transit_meter meter;
static int64_t now_ns;
static int64_t wait_ns;

static void
begin(void)
{
    transit_meter_init(&meter);
    now_ns = 1000 * TSEC_NS_PER_S;
    wait_ns = 0;
}

static int
takes(const char *id, int64_t rate, int times)
{
    int taken = 0;

    for (int i = 0; i < times; i++) {
        taken += transit_meter_take(&meter, id, rate, 1, now_ns, &wait_ns) ? 1 : 0;
    }
    return taken;
}

static void
a_second_s_worth_may_come_at_once_and_no_more(void)
{
    begin();
    CU_ASSERT_EQUAL(takes(A, 10, 25), 10);
    CU_ASSERT_EQUAL(wait_ns, TSEC_NS_PER_S / 10);
    now_ns += TSEC_NS_PER_S / 10 - 1;
    CU_ASSERT_EQUAL(takes(A, 10, 1), 0);
    CU_ASSERT_EQUAL(wait_ns, 1);
    now_ns += 1;
    CU_ASSERT_EQUAL(takes(A, 10, 2), 1);
    now_ns += 100 * TSEC_NS_PER_S; /* idling saves up a second, not a hundred */
    CU_ASSERT_EQUAL(takes(A, 10, 25), 10);
    transit_meter_done(&meter);
}

static void
once_a_second_is_once_a_second(void)
{
    begin();
    CU_ASSERT_EQUAL(takes(A, 1, 3), 1);
    CU_ASSERT_EQUAL(wait_ns, TSEC_NS_PER_S);
    now_ns += TSEC_NS_PER_S;
    CU_ASSERT_EQUAL(takes(A, 1, 3), 1);
    transit_meter_done(&meter);
}

static void
a_batch_beyond_the_rate_is_let_through_and_owed(void)
{
    begin();
    CU_ASSERT_TRUE(transit_meter_take(&meter, A, 10, 100, now_ns, &wait_ns));
    CU_ASSERT_FALSE(transit_meter_take(&meter, A, 10, 1, now_ns, &wait_ns));
    CU_ASSERT_EQUAL(wait_ns, 91 * TSEC_NS_PER_S / 10);
    now_ns += wait_ns;
    CU_ASSERT_TRUE(transit_meter_take(&meter, A, 10, 1, now_ns, &wait_ns));
    CU_ASSERT_FALSE(transit_meter_take(&meter, A, 10, 1, now_ns, &wait_ns));
    transit_meter_done(&meter);
}

static void
what_is_refused_costs_nothing(void)
{
    begin();
    CU_ASSERT_EQUAL(takes(A, 5, 1000), 5);
    now_ns += TSEC_NS_PER_S;
    CU_ASSERT_EQUAL(takes(A, 5, 1000), 5);
    transit_meter_done(&meter);
}

static void
keys_do_not_share(void)
{
    begin();
    CU_ASSERT_EQUAL(takes(A, 3, 5), 3);
    CU_ASSERT_EQUAL(takes(B, 7, 9), 7);
    transit_meter_done(&meter);
}

static void
enormous_numbers_do_not_overflow(void)
{
    begin();
    CU_ASSERT_TRUE(transit_meter_take(&meter, A, 1, INT64_MAX, now_ns, &wait_ns));
    CU_ASSERT_FALSE(transit_meter_take(&meter, A, 1, INT64_MAX, now_ns, &wait_ns));
    CU_ASSERT_TRUE(wait_ns > 0);
    CU_ASSERT_EQUAL(takes(B, INT64_MAX, 100), 100);
    transit_meter_done(&meter);
}

/* Of more keys than fit the ones in use are remembered. */
static void
the_table_is_bounded_and_forgets_who_is_idle(void)
{
    char id[TRANSIT_ID_LEN + 1];

    begin();
    for (unsigned i = 0; i < 20000; i++) {
        (void)snprintf(id, sizeof(id), "%032x", i * 2654435761u);
        now_ns += TSEC_NS_PER_S / 1000;
        CU_ASSERT_TRUE(transit_meter_take(&meter, id, 2, 1, now_ns, &wait_ns));
        (void)transit_meter_take(&meter, A, 1000, 1, now_ns, &wait_ns);
    }
    CU_ASSERT_EQUAL(takes(A, 1, 1), 0); /* still known, and just used */
    transit_meter_done(&meter);
}

static const struct test_case cases[] = {
    { "a second's worth may come at once and no more",
      a_second_s_worth_may_come_at_once_and_no_more },
    { "once a second is once a second", once_a_second_is_once_a_second },
    { "a batch beyond the rate is let through and owed",
      a_batch_beyond_the_rate_is_let_through_and_owed },
    { "what is refused costs nothing", what_is_refused_costs_nothing },
    { "keys do not share", keys_do_not_share },
    { "enormous numbers do not overflow", enormous_numbers_do_not_overflow },
    { "the table is bounded and forgets who is idle",
      the_table_is_bounded_and_forgets_who_is_idle },
};

TEST_MAIN("api/transit_meter", cases)

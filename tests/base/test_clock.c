/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include "tests/test.h"

static void
the_system_clock_is_past_2026_and_does_not_go_back(void)
{
    const int64_t before = tsec_clock_mono_ns(&tsec_clock_system);

    CU_ASSERT_TRUE(tsec_clock_real_ns(&tsec_clock_system) > INT64_C(1767225600) * TSEC_NS_PER_S);
    CU_ASSERT_TRUE(tsec_clock_mono_ns(&tsec_clock_system) >= before);
    CU_ASSERT_TRUE(before > 0);
}

static void
a_fake_clock_moves_only_when_told(void)
{
    struct tsec_clock_fake fake;

    tsec_clock_fake_init(&fake, 1000);
    CU_ASSERT_EQUAL(tsec_clock_real_ns(&fake.clock), 1000);
    CU_ASSERT_EQUAL(tsec_clock_real_ns(&fake.clock), 1000);

    const int64_t mono = tsec_clock_mono_ns(&fake.clock);

    tsec_clock_fake_advance(&fake, 5);
    CU_ASSERT_EQUAL(tsec_clock_real_ns(&fake.clock), 1005);
    CU_ASSERT_EQUAL(tsec_clock_mono_ns(&fake.clock), mono + 5);
}

static const struct test_case cases[] = {
    { "the system clock is past 2026 and does not go back",
      the_system_clock_is_past_2026_and_does_not_go_back },
    { "a fake clock moves only when told", a_fake_clock_moves_only_when_told },
};

TEST_MAIN("base/clock", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "api/outage.h"

#include "base/clock.h"
#include "tests/test.h"

static void
the_first_of_a_kind_is_told_and_then_one_a_minute(void)
{
    const int64_t start = 5 * TSEC_NS_PER_S;
    struct outage o;
    uint64_t untold = 9;

    outage_init(&o);
    CU_ASSERT_TRUE(outage_tell(&o, TSEC_E_UNAVAILABLE, start, &untold));
    CU_ASSERT_EQUAL(untold, 0);
    for (int i = 0; i < 7; i++) {
        CU_ASSERT_FALSE(outage_tell(&o, TSEC_E_UNAVAILABLE, start + i, &untold));
    }
    CU_ASSERT_FALSE(outage_tell(&o, TSEC_E_UNAVAILABLE, start + 60 * TSEC_NS_PER_S - 1, &untold));
    CU_ASSERT_TRUE(outage_tell(&o, TSEC_E_UNAVAILABLE, start + 60 * TSEC_NS_PER_S, &untold));
    CU_ASSERT_EQUAL(untold, 8);
    CU_ASSERT_FALSE(outage_tell(&o, TSEC_E_UNAVAILABLE, start + 61 * TSEC_NS_PER_S, &untold));
    outage_done(&o);
}

static void
kinds_are_told_apart(void)
{
    static const int32_t kinds[] = { TSEC_E_BUSY,     TSEC_E_NO_MEMORY, TSEC_E_OUTCOME_UNKNOWN,
                                     TSEC_E_ROLLBACK, TSEC_E_READ_ONLY, TSEC_E_UNAVAILABLE };
    struct outage o;
    uint64_t untold = 0;

    outage_init(&o);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        CU_ASSERT_TRUE(outage_tell(&o, kinds[i], 1, &untold));
        CU_ASSERT_FALSE(outage_tell(&o, kinds[i], 1, &untold));
    }
    outage_done(&o);
}

static void
what_is_no_outage_is_told_every_time(void)
{
    struct outage o;
    uint64_t untold = 0;

    outage_init(&o);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_TRUE(outage_tell(&o, TSEC_E_INTERNAL, 1, &untold));
        CU_ASSERT_TRUE(outage_tell(&o, TSEC_E_TAMPERED, 1, &untold));
        CU_ASSERT_EQUAL(untold, 0);
    }
    outage_done(&o);
}

static const struct test_case cases[] = {
    { "the first of a kind is told, and then one a minute",
      the_first_of_a_kind_is_told_and_then_one_a_minute },
    { "kinds are told apart", kinds_are_told_apart },
    { "what is no outage is told every time", what_is_no_outage_is_told_every_time },
};

TEST_MAIN("api/outage", cases)

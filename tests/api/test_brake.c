/* SPDX-License-Identifier: Apache-2.0 */
#include "api/brake.h"

#include "crypto/crypto.h"
#include "tests/test.h"

static void
only_who_pulled_it_lets_it_go(void)
{
    struct brake brake;
    uint64_t pull = 0;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_crypto_setup(NULL)));
    brake_init(&brake);
    CU_ASSERT_TRUE(brake_yields(&brake, tsec_span_str("anybody"), &pull));
    brake_pull(&brake, tsec_span_str("hvs.one"));
    CU_ASSERT_FALSE(brake_yields(&brake, tsec_span_str("hvs.two"), &pull));
    CU_ASSERT_FALSE(brake_yields(&brake, tsec_span_str("hvs.on"), &pull));
    CU_ASSERT_FALSE(brake_yields(&brake, tsec_span(NULL, 0), &pull));
    CU_ASSERT_TRUE(brake_yields(&brake, tsec_span_str("hvs.one"), &pull));
    brake_release(&brake, pull);
    CU_ASSERT_TRUE(brake_yields(&brake, tsec_span_str("hvs.two"), &pull));
    brake_done(&brake);
}

static void
a_later_pull_is_not_let_go_with_an_earlier_one(void)
{
    struct brake brake;
    uint64_t early = 0;
    uint64_t later = 0;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_crypto_setup(NULL)));
    brake_init(&brake);
    CU_ASSERT_TRUE(brake_yields(&brake, tsec_span_str("anybody"), &early));
    brake_pull(&brake, tsec_span_str("hvs.one"));
    brake_release(&brake, early);
    CU_ASSERT_FALSE(brake_yields(&brake, tsec_span_str("anybody"), &later));
    CU_ASSERT_TRUE(brake_yields(&brake, tsec_span_str("hvs.one"), &early));
    brake_pull(&brake, tsec_span_str("hvs.two"));
    brake_release(&brake, early);
    CU_ASSERT_FALSE(brake_yields(&brake, tsec_span_str("hvs.one"), &later));
    brake_done(&brake);
}

static const struct test_case cases[] = {
    { "only who pulled it lets it go", only_who_pulled_it_lets_it_go },
    { "a later pull is not let go with an earlier one",
      a_later_pull_is_not_let_go_with_an_earlier_one },
};

TEST_MAIN("api/brake", cases)

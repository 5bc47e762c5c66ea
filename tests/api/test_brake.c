/* SPDX-License-Identifier: Apache-2.0 */
#include "api/brake.h"

#include "crypto/crypto.h"
#include "tests/test.h"

static void
only_who_pulled_it_lets_it_go(void)
{
    struct brake brake;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_crypto_setup(NULL)));
    brake_init(&brake);
    CU_ASSERT_TRUE(brake_yields(&brake, tsec_span_str("anybody")));
    brake_pull(&brake, tsec_span_str("hvs.one"));
    CU_ASSERT_FALSE(brake_yields(&brake, tsec_span_str("hvs.two")));
    CU_ASSERT_FALSE(brake_yields(&brake, tsec_span_str("hvs.on")));
    CU_ASSERT_FALSE(brake_yields(&brake, tsec_span(NULL, 0)));
    CU_ASSERT_TRUE(brake_yields(&brake, tsec_span_str("hvs.one")));
    brake_release(&brake);
    CU_ASSERT_TRUE(brake_yields(&brake, tsec_span_str("hvs.two")));
    brake_done(&brake);
}

static const struct test_case cases[] = {
    { "only who pulled it lets it go", only_who_pulled_it_lets_it_go },
};

TEST_MAIN("api/brake", cases)

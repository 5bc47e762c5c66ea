/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/window.h"

#include <stdlib.h>

#include "tests/test.h"

static void
each_number_is_fresh_once(void)
{
    static struct amc_window w;

    for (uint64_t seq = 1; seq < 5000; seq++) {
        CU_ASSERT_TRUE(amc_window_fresh(&w, seq));
        amc_window_mark(&w, seq);
        CU_ASSERT_FALSE(amc_window_fresh(&w, seq));
    }
    CU_ASSERT_FALSE(amc_window_fresh(&w, 0));
}

static void
what_is_older_than_the_window_is_not_fresh(void)
{
    static struct amc_window w;

    amc_window_mark(&w, 5000);
    CU_ASSERT_TRUE(amc_window_fresh(&w, 5000 - AMC_WINDOW + 1));
    CU_ASSERT_FALSE(amc_window_fresh(&w, 5000 - AMC_WINDOW));
    CU_ASSERT_FALSE(amc_window_fresh(&w, 1));
    amc_window_mark(&w, 5000 - AMC_WINDOW + 1);
    CU_ASSERT_FALSE(amc_window_fresh(&w, 5000 - AMC_WINDOW + 1));
    amc_window_mark(&w, UINT64_MAX);
    CU_ASSERT_FALSE(amc_window_fresh(&w, 5000));
    CU_ASSERT_FALSE(amc_window_fresh(&w, UINT64_MAX));
    CU_ASSERT_TRUE(amc_window_fresh(&w, UINT64_MAX - 1));
}

/* Against a list of all that was seen: steps forward of all sizes, and back. */
static void
it_agrees_with_a_list_of_all(void)
{
    static struct amc_window w;
    static bool seen[200000];
    uint64_t highest = 0;
    uint32_t random = 1;

    for (int i = 0; i < 100000; i++) {
        random = random * 1664525 + 1013904223;

        const uint32_t kind = random >> 30;
        const uint32_t step = (random >> 8) % (kind == 0 ? 3 : 1500);
        const uint64_t seq = kind < 2 ? highest + step : highest - (step < highest ? step : 0);

        if (seq >= TSEC_ARRAY_LEN(seen)) {
            break;
        }

        const bool fresh =
            seq != 0 && (seq > highest || (highest - seq < AMC_WINDOW && !seen[seq]));

        CU_ASSERT_EQUAL(amc_window_fresh(&w, seq), fresh);
        if (fresh) {
            amc_window_mark(&w, seq);
            seen[seq] = true;
            highest = seq > highest ? seq : highest;
        }
    }
    CU_ASSERT_TRUE(highest > 100000);
}

static const struct test_case cases[] = {
    { "each number is fresh once", each_number_is_fresh_once },
    { "what is older than the window is not fresh", what_is_older_than_the_window_is_not_fresh },
    { "it agrees with a list of all", it_agrees_with_a_list_of_all },
};

TEST_MAIN("amc/window", cases)

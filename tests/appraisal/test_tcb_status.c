/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal/claims.h"

#include "base/span.h"
#include "tests/test.h"

static void
each_status_is_found_by_the_name_it_prints(void)
{
    for (uint32_t s = TSEC_TCB_UNKNOWN; s <= TSEC_TCB_REVOKED; s++) {
        enum tsec_tcb_status back = TSEC_TCB_NONE;

        CU_ASSERT_TRUE(tsec_tcb_status_parse(tsec_span_str(tsec_tcb_status_name(s)), &back));
        CU_ASSERT_EQUAL(back, s);
    }
    CU_ASSERT_STRING_EQUAL(tsec_tcb_status_name(TSEC_TCB_UP_TO_DATE), "UpToDate");
    CU_ASSERT_STRING_EQUAL(tsec_tcb_status_name(TSEC_TCB_NONE), "");
}

static void
what_is_no_status_is_never_taken_for_a_good_one(void)
{
    static const char *const wrong[] = { "", "uptodate", "UPTODATE", "UpToDate ", "Up", "any" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(wrong); i++) {
        enum tsec_tcb_status out = TSEC_TCB_NONE;

        CU_ASSERT_FALSE(tsec_tcb_status_parse(tsec_span_str(wrong[i]), &out));
        CU_ASSERT_EQUAL(out, TSEC_TCB_NONE);
    }
    CU_ASSERT_STRING_EQUAL(tsec_tcb_status_name(77), "unknown");
    CU_ASSERT_EQUAL(TSEC_TCB_ANY & TSEC_TCB_BIT(TSEC_TCB_REVOKED), 0);
    CU_ASSERT_NOT_EQUAL(TSEC_TCB_ANY & TSEC_TCB_BIT(TSEC_TCB_UNKNOWN), 0);
}

static const struct test_case cases[] = {
    { "each status is found by the name it prints", each_status_is_found_by_the_name_it_prints },
    { "what is no status is never taken for a good one",
      what_is_no_status_is_never_taken_for_a_good_one },
};

TEST_MAIN("appraisal/tcb_status", cases)

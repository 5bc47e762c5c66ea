/* SPDX-License-Identifier: Apache-2.0 */
#include "quote_time.h"

#include <string.h>

#include "tests/test.h"

static struct tsec_checks checks;
static const struct tsec_expectation expect = { .struct_size = (uint32_t)sizeof(expect),
                                                .checks = &checks };

static enum tsec_reason
reason_at(int64_t now)
{
    const struct verifier_input in = { .expect = &expect, .now = now };
    const struct quote_window window = { 100, 200 };
    tsec_rc rc;

    memset(&checks, 0, sizeof(checks));
    rc = quote_window_check(&in, window, "thing", "what", NULL);
    CU_ASSERT_EQUAL(tsec_failed(rc), checks.reason != TSEC_REASON_NONE);
    return (enum tsec_reason)checks.reason;
}

static void
both_ends_of_a_window_belong_to_it(void)
{
    CU_ASSERT_EQUAL(reason_at(99), TSEC_REASON_NOT_YET_VALID);
    CU_ASSERT_EQUAL(reason_at(100), TSEC_REASON_NONE);
    CU_ASSERT_EQUAL(reason_at(200), TSEC_REASON_NONE);
    CU_ASSERT_EQUAL(reason_at(201), TSEC_REASON_EXPIRED);
    CU_ASSERT_STRING_EQUAL(checks.items[0].name, "thing");
    CU_ASSERT_STRING_EQUAL(checks.items[0].detail,
                           "what: valid to 1970-01-01T00:03:20Z, now is 1970-01-01T00:03:21Z");
    CU_ASSERT_EQUAL(reason_at(INT64_MIN), TSEC_REASON_NOT_YET_VALID);
    CU_ASSERT_EQUAL(reason_at(INT64_MAX), TSEC_REASON_EXPIRED);
}

static void
windows_narrow_to_what_all_have(void)
{
    struct quote_window w = quote_window_always();

    CU_ASSERT_TRUE(quote_window_holds(w, INT64_MIN));
    CU_ASSERT_TRUE(quote_window_holds(w, INT64_MAX));
    quote_window_narrow(&w, (struct quote_window){ 10, 50 });
    quote_window_narrow(&w, (struct quote_window){ 5, 40 });
    quote_window_narrow(&w, (struct quote_window){ 20, 60 });
    CU_ASSERT_EQUAL(w.not_before, 20);
    CU_ASSERT_EQUAL(w.not_after, 40);
    CU_ASSERT_FALSE(quote_window_holds(w, 19));
    CU_ASSERT_TRUE(quote_window_holds(w, 40));
}

static void
any_time_has_a_text(void)
{
    char out[TSEC_RFC3339_LEN];

    CU_ASSERT_STRING_EQUAL(quote_time_text(1800000000, out), "2027-01-15T08:00:00Z");
    CU_ASSERT_STRING_EQUAL(quote_time_text(INT64_MIN, out), "1970-01-01T00:00:01Z");
    CU_ASSERT_PTR_NOT_NULL(strstr(quote_time_text(INT64_MAX, out), "2262-"));
}

static const struct test_case cases[] = {
    { "both ends of a window belong to it", both_ends_of_a_window_belong_to_it },
    { "windows narrow to what all have", windows_narrow_to_what_all_have },
    { "any time has a text", any_time_has_a_text },
};

TEST_MAIN("plugins/quote_time", cases)

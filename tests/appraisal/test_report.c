/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal/report.h"

#include <string.h>

#include "base/span.h"
#include "tests/test.h"

static void
an_account_lists_the_checks_in_order_and_ends_with_the_failure(void)
{
    struct tsec_checks checks = { .struct_size = sizeof(checks) };
    struct tsec_err err = { 0 };

    tsec_check_ok(&checks, "root", "the pinned one of %s", "AWS");
    CU_ASSERT_EQUAL(
        tsec_check_failed(&checks, TSEC_REASON_NONCE, "nonce", &err, "expected %d", 7).code,
        TSEC_E_DENIED);
    CU_ASSERT_STRING_EQUAL(err.detail, "nonce: expected 7");
    CU_ASSERT_EQUAL(checks.len, 2);
    CU_ASSERT_TRUE(checks.items[0].ok);
    CU_ASSERT_STRING_EQUAL(checks.items[0].detail, "the pinned one of AWS");
    CU_ASSERT_FALSE(checks.items[1].ok);
    CU_ASSERT_STRING_EQUAL(checks.items[1].name, "nonce");
    CU_ASSERT_EQUAL(checks.reason, TSEC_REASON_NONCE);
}

static void
only_the_first_failure_counts_and_nothing_is_written_after_it(void)
{
    struct tsec_checks checks = { .struct_size = sizeof(checks) };

    CU_ASSERT_TRUE(tsec_failed(tsec_check_failed(&checks, TSEC_REASON_CHAIN, "chain", NULL, "x")));
    CU_ASSERT_TRUE(tsec_failed(tsec_check_failed(&checks, TSEC_REASON_NONCE, "nonce", NULL, "y")));
    tsec_check_ok(&checks, "debug", "off");
    CU_ASSERT_EQUAL(checks.len, 1);
    CU_ASSERT_EQUAL(checks.reason, TSEC_REASON_CHAIN);
}

static void
a_full_account_still_has_room_for_the_failure(void)
{
    struct tsec_checks checks = { .struct_size = sizeof(checks) };

    for (size_t i = 0; i < 2 * TSEC_CHECKS_MAX; i++) {
        tsec_check_ok(&checks, "step", "%zu", i);
    }
    CU_ASSERT_EQUAL(checks.len, TSEC_CHECKS_MAX - 1);
    CU_ASSERT_TRUE(tsec_failed(tsec_check_failed(&checks, TSEC_REASON_TCB, "tcb", NULL, "old")));
    CU_ASSERT_EQUAL(checks.len, TSEC_CHECKS_MAX);
    CU_ASSERT_STRING_EQUAL(checks.items[TSEC_CHECKS_MAX - 1].name, "tcb");
}

static void
the_code_follows_the_reason_and_nobody_needs_an_account(void)
{
    struct tsec_err err = { .detail = "unexpected tag 7" };

    CU_ASSERT_EQUAL(tsec_check_failed(NULL, TSEC_REASON_MALFORMED, "cbor", NULL, "x").code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_check_failed(NULL, TSEC_REASON_INTERNAL, "memory", NULL, "x").code,
                    TSEC_E_INTERNAL);
    CU_ASSERT_EQUAL(tsec_check_passed_on(NULL, TSEC_REASON_SIGNATURE, "signature", &err).code,
                    TSEC_E_DENIED);
    CU_ASSERT_STRING_EQUAL(err.detail, "signature: unexpected tag 7");
    tsec_check_ok(NULL, "root", "fine");
}

static void
every_reason_has_a_slug_of_its_own_a_title_and_advice(void)
{
    for (uint32_t i = 1; i <= TSEC_REASON_INTERNAL; i++) {
        const struct tsec_reason_info *info = tsec_reason_info(i);

        CU_ASSERT_EQUAL(info->reason, i);
        CU_ASSERT_TRUE(info->slug[0] != '\0' && info->title[0] != '\0' && info->advice[0] != '\0');
        for (uint32_t j = 1; j < i; j++) {
            CU_ASSERT_STRING_NOT_EQUAL(info->slug, tsec_reason_info(j)->slug);
        }
    }
    CU_ASSERT_STRING_EQUAL(tsec_reason_info(TSEC_REASON_NO_ENDORSEMENT)->slug, "no-endorsement");
    CU_ASSERT_STRING_EQUAL(tsec_reason_info(TSEC_REASON_NONE)->slug, "");
    CU_ASSERT_STRING_EQUAL(tsec_reason_info(9999)->slug, "");
}

static void
a_failure_where_a_line_was_taken_back_is_a_failure(void)
{
    struct tsec_checks checks = { .struct_size = sizeof(checks) };

    tsec_check_ok(&checks, "report", "version 3");
    tsec_check_ok(&checks, "chain", "of the first certificate");
    checks.len = 1;
    CU_ASSERT_TRUE(
        tsec_failed(tsec_check_failed(&checks, TSEC_REASON_CHAIN, "chain", NULL, "of the second")));
    CU_ASSERT_EQUAL(checks.len, 2);
    CU_ASSERT_FALSE(checks.items[1].ok);
    CU_ASSERT_STRING_EQUAL(checks.items[1].detail, "of the second");
}

static void
what_evidence_says_cannot_break_a_log(void)
{
    static const struct {
        const char *given;
        const char *noted;
    } rows[] = {
        { "plain \xe2\x80\xa6", "plain \xe2\x80\xa6" },
        { "a\nb\tc\x1b[2J\x7f", "a?b?c?[2J?" },
        { "csi \xc2\x9b"
          "31m \xc2\xa0",
          "csi ??31m \xc2\xa0" },
        { "half \xe2\x80", "half ??" },
        { "\xff\xc0\x80", "???" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        struct tsec_checks checks = { .struct_size = sizeof(checks) };
        struct tsec_err err = { 0 };

        tsec_check_ok(&checks, "issuer", "%s", rows[i].given);
        CU_ASSERT_TRUE(tsec_failed(
            tsec_check_failed(&checks, TSEC_REASON_ISSUER, "kid", &err, "%s", rows[i].given)));
        CU_ASSERT_STRING_EQUAL(checks.items[0].detail, rows[i].noted);
        CU_ASSERT_STRING_EQUAL(checks.items[1].detail, rows[i].noted);
        CU_ASSERT_TRUE(strncmp(err.detail, "kid: ", 5) == 0);
        CU_ASSERT_STRING_EQUAL(err.detail + 5, rows[i].noted);
    }
}

static void
a_detail_that_is_cut_ends_with_a_whole_character(void)
{
    for (size_t pad = 0; pad < 3; pad++) {
        struct tsec_checks checks = { .struct_size = sizeof(checks) };
        struct tsec_err err = { 0 };
        char text[400] = "";

        for (size_t at = pad; at + 3 < sizeof(text); at += 3) {
            memset(text, 'x', pad);
            memcpy(text + at, "\xe2\x80\xa6", 4);
        }
        CU_ASSERT_TRUE(
            tsec_failed(tsec_check_failed(&checks, TSEC_REASON_ISSUER, "kid", &err, "%s", text)));
        CU_ASSERT_TRUE(tsec_utf8_valid(tsec_span_str(checks.items[0].detail)));
        CU_ASSERT_TRUE(tsec_utf8_valid(tsec_span_str(err.detail)));
        CU_ASSERT_TRUE(strlen(checks.items[0].detail) > 200);
    }
}

static const struct test_case cases[] = {
    { "an account lists the checks in order and ends with the failure",
      an_account_lists_the_checks_in_order_and_ends_with_the_failure },
    { "only the first failure counts and nothing is written after it",
      only_the_first_failure_counts_and_nothing_is_written_after_it },
    { "a full account still has room for the failure",
      a_full_account_still_has_room_for_the_failure },
    { "the code follows the reason and nobody needs an account",
      the_code_follows_the_reason_and_nobody_needs_an_account },
    { "every reason has a slug of its own a title and advice",
      every_reason_has_a_slug_of_its_own_a_title_and_advice },
    { "a failure where a line was taken back is a failure",
      a_failure_where_a_line_was_taken_back_is_a_failure },
    { "what evidence says cannot break a log", what_evidence_says_cannot_break_a_log },
    { "a detail that is cut ends with a whole character",
      a_detail_that_is_cut_ends_with_a_whole_character },
};

TEST_MAIN("appraisal/report", cases)

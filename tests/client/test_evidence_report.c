/* SPDX-License-Identifier: Apache-2.0 */
#include "client/evidence_report.h"

#include <string.h>

#include "codec/json_scan.h"
#include "tests/client/evidence_double.h"
#include "tests/test.h"

#define P1(x)  x x x x x x x x x x x x
#define P48(x) P1(x) P1(x) P1(x) P1(x)

struct report {
    struct tsec_buf json;
    struct tsec_buf table;
    const char *text; /* of the table */
};

static void
make(const char *evidence, const char *allowed, struct report *out)
{
    TSEC_AUTO(evidence_verifier_free) struct evidence_verifier *verifier = NULL;
    TSEC_AUTO(evidence_verdict_free) struct evidence_verdict *verdict = NULL;
    struct tsec_expr expr;
    struct tsec_err err = { 0 };
    struct evidence_ask ask = { .format = "nitro",
                                .evidence = tsec_span_str(evidence),
                                .at = 1700000000,
                                .allowed = &expr,
                                .allowed_text = &allowed,
                                .allowed_len = allowed == NULL ? 0 : 1 };

    tsec_buf_init(&out->json, 1 << 20);
    tsec_buf_init(&out->table, 1 << 20);
    CU_ASSERT_EQUAL_FATAL(
        evidence_verifier_open(evidence_double_plugins, NULL, "nitro", &verifier, &err).code, 0);
    if (allowed != NULL) {
        CU_ASSERT_EQUAL_FATAL(tsec_expr_parse(tsec_span_str(allowed), &expr, &err).code, 0);
    }
    verdict = evidence_judge(verifier, &ask);
    CU_ASSERT_PTR_NOT_NULL_FATAL(verdict);
    evidence_report_json(&ask, verdict, &out->json);
    evidence_report_table(&ask, verdict, &out->table);
    tsec_buf_put_byte(&out->table, '\0');
    out->text = (const char *)out->table.ptr;
}

static void
done(struct report *report)
{
    tsec_buf_done(&report->json);
    tsec_buf_done(&report->table);
}

static bool
member_is(struct tsec_span object, const char *name, const char *want)
{
    struct tsec_span value;

    return tsec_json_member(object, name, &value) != TSEC_JSON_NONE && tsec_span_is(value, want);
}

static size_t
count(struct tsec_span container)
{
    struct tsec_json_walk walk = tsec_json_walk(container);
    struct tsec_json_member member;
    size_t n = 0;

    while (tsec_json_next(&walk, &member)) {
        n++;
    }
    return n;
}

static void
json_has_five_members_and_each_check_three(void)
{
    static const char *const evidence[] = { "genuine", "refused" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(evidence); i++) {
        const struct tsec_json_limits limits = TSEC_JSON_LIMITS_DEFAULT;
        struct report report;
        struct tsec_span whole;
        struct tsec_span part = { NULL, 0 };
        struct tsec_err err = { 0 };

        make(evidence[i], NULL, &report);
        whole = tsec_json_trim(tsec_buf_span(&report.json));
        CU_ASSERT_EQUAL_FATAL(tsec_json_check(whole, &limits, &err).code, 0);
        CU_ASSERT_EQUAL(count(whole), 5);
        CU_ASSERT_TRUE(member_is(whole, "verdict", i == 0 ? "\"genuine\"" : "\"refused\""));
        CU_ASSERT_TRUE(member_is(whole, "format", "\"nitro\""));
        CU_ASSERT_TRUE(member_is(whole, "reason", i == 0 ? "\"\"" : "\"chain\""));
        CU_ASSERT_EQUAL(tsec_json_member(whole, "checks", &part), TSEC_JSON_ARRAY);
        CU_ASSERT_EQUAL(count(part), 1 + i);
        CU_ASSERT_EQUAL(tsec_json_member(whole, "claims", &part), TSEC_JSON_OBJECT);
        CU_ASSERT_TRUE(member_is(part, "tee", "\"nitro\""));
        done(&report);
    }
}

static void
the_table_begins_with_the_verdict_what_was_found_and_what_to_do(void)
{
    struct report report;

    make("refused", NULL, &report);
    CU_ASSERT_PTR_EQUAL(
        strstr(report.text,
               "REFUSED  chain: its certificates do not lead to the vendor's root\n"
               "Found: chain: not of the vendor\n"
               "What to do: check that the evidence is of this vendor and not of a test machine.\n"
               "Judged: 7 bytes as nitro, at 2023-11-14T22:13:20Z\n"),
        report.text);
    CU_ASSERT_PTR_NOT_NULL(strstr(report.text, "\n  ok      form              7 bytes\n"
                                               "  FAILED  chain             not of the vendor\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(report.text, "of evidence that is refused\n"));
    done(&report);
}

static void
the_table_says_when_no_measurement_was_asked_for(void)
{
    struct report report;

    make("genuine", NULL, &report);
    CU_ASSERT_PTR_EQUAL(strstr(report.text, "GENUINE  but which code"), report.text);
    done(&report);
    make("genuine", P48("11"), &report);
    CU_ASSERT_PTR_EQUAL(strstr(report.text, "GENUINE  and of a measurement"), report.text);
    done(&report);
}

static void
the_table_shows_what_differs_from_the_allowed(void)
{
    struct report report;

    make("genuine", P48("ab"), &report);
    CU_ASSERT_PTR_EQUAL(strstr(report.text, "REFUSED  measurement: "), report.text);
    CU_ASSERT_PTR_NOT_NULL(strstr(report.text, "\nAllowed, and what differs\n  abab"));
    CU_ASSERT_PTR_NOT_NULL(strstr(report.text, "\n      pcr0: allowed abababab"));
    done(&report);
}

static void
nothing_that_evidence_says_steers_a_terminal_or_begins_a_line(void)
{
    struct report report;

    make("genuine", "nitro:module_id=i-2", &report);
    CU_ASSERT_PTR_NULL(strchr(report.text, '\x1b'));
    CU_ASSERT_PTR_NULL(strstr(report.text, "\nGENUINE"));
    CU_ASSERT_PTR_NOT_NULL(strstr(report.text, "i-1\\x1b[2J GENUINE"));
    done(&report);
}

static void
claims_are_aligned_and_long_ones_cut_in_the_table_alone(void)
{
    struct report report;

    make("genuine", NULL, &report);
    CU_ASSERT_PTR_NOT_NULL(strstr(report.text, "\n  tee                 nitro\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(report.text, "\n  debug               no\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(report.text, "\n  advisories          SA-1, SA-2\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(report.text, "\n  (all zero)          1 more\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(report.text, "0404... (272 more; JSON has all)\n"));
    tsec_buf_put_byte(&report.json, '\0');
    CU_ASSERT_PTR_NOT_NULL(
        strstr((const char *)report.json.ptr, P48("04") P48("04") P48("04") P48("04")));
    done(&report);
}

static void
what_is_shown_says_that_nobody_judged_it(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(1 << 20);
    struct tsec_claims claims = { .tee = "snp" };

    evidence_show_json("snp", &claims, &out);
    CU_ASSERT_TRUE(member_is(tsec_json_trim(tsec_buf_span(&out)), "verified", "false"));
    CU_ASSERT_EQUAL(count(tsec_json_trim(tsec_buf_span(&out))), 3);
    tsec_buf_reset(&out);
    evidence_show_table("snp", &claims, &out);
    CU_ASSERT_TRUE(
        tsec_span_starts(tsec_buf_span(&out), tsec_span_str("NOT VERIFIED  read as snp")));
}

static void
claims_that_could_not_be_read_are_none(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(1 << 20);
    const struct tsec_claims claims = { .tee = "" };

    evidence_show_json("snp", &claims, &out);
    CU_ASSERT_TRUE(member_is(tsec_json_trim(tsec_buf_span(&out)), "claims", "{}"));
    tsec_buf_reset(&out);
    evidence_show_table("snp", &claims, &out);
    tsec_buf_put_byte(&out, '\0');
    CU_ASSERT_PTR_NOT_NULL(strstr((const char *)out.ptr, "Claims\n  none\n"));
}

static const struct test_case cases[] = {
    { "JSON has five members and each check three", json_has_five_members_and_each_check_three },
    { "the table begins with the verdict, what was found and what to do",
      the_table_begins_with_the_verdict_what_was_found_and_what_to_do },
    { "the table says when no measurement was asked for",
      the_table_says_when_no_measurement_was_asked_for },
    { "the table shows what differs from the allowed",
      the_table_shows_what_differs_from_the_allowed },
    { "nothing that evidence says steers a terminal or begins a line",
      nothing_that_evidence_says_steers_a_terminal_or_begins_a_line },
    { "claims are aligned, and long ones cut in the table alone",
      claims_are_aligned_and_long_ones_cut_in_the_table_alone },
    { "claims that could not be read are none", claims_that_could_not_be_read_are_none },
    { "what is shown says that nobody judged it", what_is_shown_says_that_nobody_judged_it },
};

TEST_MAIN("client/evidence_report", cases)

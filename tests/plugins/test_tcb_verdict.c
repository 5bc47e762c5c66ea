/* SPDX-License-Identifier: Apache-2.0 */
#include "tcb_verdict.h"

#include "tests/test.h"

static struct tcb_verdict verdict;

static tsec_rc
read_level(const char *text)
{
    tcb_verdict_done(&verdict);
    return tcb_verdict_read(tsec_span_str(text), &verdict, NULL);
}

static void
status_date_and_advisories_are_read(void)
{
    CU_ASSERT_FALSE(tsec_failed(read_level(
        "{\"tcbStatus\":\"OutOfDateConfigurationNeeded\",\"tcbDate\":\"2024-03-13T00:00:00Z\","
        "\"advisoryIDs\":[\"INTEL-SA-00615\" , \"INTEL-SA-00657\"]}")));
    CU_ASSERT_EQUAL(verdict.status, TSEC_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED);
    CU_ASSERT_EQUAL(verdict.date, 1710288000);
    CU_ASSERT_STRING_EQUAL(verdict.advisories, "INTEL-SA-00615,INTEL-SA-00657");
    CU_ASSERT_FALSE(
        tsec_failed(read_level("{\"tcbStatus\":\"UpToDate\",\"tcbDate\":\"2024-03-13T00:00:00Z\","
                               "\"advisoryIDs\":[]}")));
    CU_ASSERT_PTR_NULL(verdict.advisories);
    tcb_verdict_done(&verdict);
}

static void
what_intel_does_not_say_is_refused(void)
{
    static const char *const texts[] = {
        "{}",
        "{\"tcbStatus\":\"UpToDate\"}",
        "{\"tcbDate\":\"2024-03-13T00:00:00Z\"}",
        "{\"tcbStatus\":\"Fine\",\"tcbDate\":\"2024-03-13T00:00:00Z\"}",
        "{\"tcbStatus\":\"uptodate\",\"tcbDate\":\"2024-03-13T00:00:00Z\"}",
        "{\"tcbStatus\":\"unknown\",\"tcbDate\":\"2024-03-13T00:00:00Z\"}",
        "{\"tcbStatus\":\"TDRelaunchAdvised\",\"tcbDate\":\"2024-03-13T00:00:00Z\"}",
        "{\"tcbStatus\":\"\",\"tcbDate\":\"2024-03-13T00:00:00Z\"}",
        "{\"tcbStatus\":\"UpToDate\",\"tcbDate\":\"13 March\"}",
        "{\"tcbStatus\":\"UpToDate\",\"tcbDate\":\"2024-03-13T00:00:00Z\",\"advisoryIDs\":\"x\"}",
        "{\"tcbStatus\":\"UpToDate\",\"tcbDate\":\"2024-03-13T00:00:00Z\",\"advisoryIDs\":[1]}",
        "{\"tcbStatus\":\"UpToDate\",\"tcbDate\":\"2024-03-13T00:00:00Z\",\"advisoryIDs\":[\"\"]}",
        "{\"tcbStatus\":\"UpToDate\",\"tcbDate\":\"2024-03-13T00:00:00Z\","
        "\"advisoryIDs\":[\"A,B\"]}",
        "{\"tcbStatus\":\"UpToDate\",\"tcbDate\":\"2024-03-13T00:00:00Z\","
        "\"advisoryIDs\":[\"A\\nB\"]}",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(texts); i++) {
        CU_ASSERT_EQUAL(read_level(texts[i]).code, TSEC_E_INVALID);
    }
    tcb_verdict_done(&verdict);
}

#define LEVEL(svn, status)                                                                       \
    "{\"tcb\":{\"isvsvn\":" svn "},\"tcbDate\":\"2024-03-13T00:00:00Z\",\"tcbStatus\":\"" status \
    "\"}"

static void
the_first_level_that_is_reached_counts(void)
{
    struct tcb_svn_levels levels = { NULL, 0 };

    CU_ASSERT_FALSE_FATAL(tsec_failed(tcb_svn_levels_read(
        tsec_span_str("{\"tcbLevels\":[" LEVEL("8", "UpToDate") "," LEVEL("6", "OutOfDate") "]}"),
        &levels, NULL)));
    CU_ASSERT_EQUAL(levels.len, 2);
    CU_ASSERT_EQUAL(tcb_svn_levels_find(&levels, 9)->status, TSEC_TCB_UP_TO_DATE);
    CU_ASSERT_EQUAL(tcb_svn_levels_find(&levels, 8)->status, TSEC_TCB_UP_TO_DATE);
    CU_ASSERT_EQUAL(tcb_svn_levels_find(&levels, 7)->status, TSEC_TCB_OUT_OF_DATE);
    CU_ASSERT_PTR_NULL(tcb_svn_levels_find(&levels, 5));
    tcb_svn_levels_done(&levels);
    CU_ASSERT_PTR_NULL(tcb_svn_levels_find(&levels, 9));
}

static void
levels_that_are_none_are_refused(void)
{
    static const char *const texts[] = {
        "{}",
        "{\"tcbLevels\":[]}",
        "{\"tcbLevels\":{}}",
        "{\"tcbLevels\":[1]}",
        "{\"tcbLevels\":[" LEVEL("65536", "UpToDate") "]}",
        "{\"tcbLevels\":[" LEVEL("-1", "UpToDate") "]}",
        "{\"tcbLevels\":[" LEVEL("\\\"8\\\"", "UpToDate") "]}",
        "{\"tcbLevels\":[" LEVEL("8", "UpToDate") "," LEVEL("6", "Good") "]}",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(texts); i++) {
        struct tcb_svn_levels levels = { NULL, 0 };

        CU_ASSERT_EQUAL(tcb_svn_levels_read(tsec_span_str(texts[i]), &levels, NULL).code,
                        TSEC_E_INVALID);
        tcb_svn_levels_done(&levels);
    }
}

static void
lists_are_counted_before_they_are_read(void)
{
    const struct tsec_span object = tsec_span_str("{\"a\":[1,2,3],\"b\":1}");
    struct tsec_span array;
    size_t n;

    CU_ASSERT_FALSE(tsec_failed(tcb_array(object, "a", 1, 3, &array, &n, NULL)));
    CU_ASSERT_EQUAL(n, 3);
    CU_ASSERT_TRUE(tsec_failed(tcb_array(object, "a", 1, 2, &array, &n, NULL)));
    CU_ASSERT_TRUE(tsec_failed(tcb_array(object, "a", 4, 9, &array, &n, NULL)));
    CU_ASSERT_TRUE(tsec_failed(tcb_array(object, "b", 0, 9, &array, &n, NULL)));
    CU_ASSERT_TRUE(tsec_failed(tcb_array(object, "c", 0, 9, &array, &n, NULL)));
}

#define UTD  TSEC_TCB_UP_TO_DATE
#define OOD  TSEC_TCB_OUT_OF_DATE
#define OODC TSEC_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED
#define REV  TSEC_TCB_REVOKED

/* Rows: the platform; columns: a component that is UpToDate, OutOfDate, Revoked. */
static void
statuses_converge_as_intel_s_library_has_it(void)
{
    static const enum tsec_tcb_status rows[][3] = {
        { UTD, OOD, REV },
        { TSEC_TCB_SW_HARDENING_NEEDED, OOD, REV },
        { TSEC_TCB_CONFIGURATION_NEEDED, OODC, REV },
        { TSEC_TCB_CONFIGURATION_AND_SW_HARDENING_NEEDED, OODC, REV },
        { TSEC_TCB_TD_RELAUNCH_ADVISED, TSEC_TCB_TD_RELAUNCH_ADVISED, REV },
        { OOD, OOD, REV },
        { OODC, OODC, REV },
        { REV, REV, REV },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        CU_ASSERT_EQUAL(tcb_converge(rows[i][0], UTD), rows[i][0]);
        CU_ASSERT_EQUAL(tcb_converge(rows[i][0], OOD), rows[i][1]);
        CU_ASSERT_EQUAL(tcb_converge(rows[i][0], REV), rows[i][2]);
        /* what a component cannot be counts as OutOfDate */
        CU_ASSERT_EQUAL(tcb_converge(rows[i][0], TSEC_TCB_CONFIGURATION_NEEDED), rows[i][1]);
    }
}

static const struct test_case cases[] = {
    { "status, date and advisories are read", status_date_and_advisories_are_read },
    { "what Intel does not say is refused", what_intel_does_not_say_is_refused },
    { "the first level that is reached counts", the_first_level_that_is_reached_counts },
    { "levels that are none are refused", levels_that_are_none_are_refused },
    { "lists are counted before they are read", lists_are_counted_before_they_are_read },
    { "statuses converge as Intel's library has it", statuses_converge_as_intel_s_library_has_it },
};

TEST_MAIN("plugins/tcb_verdict", cases)

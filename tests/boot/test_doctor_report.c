/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/doctor_report.h"

#include <string.h>

#include "tests/test.h"

static struct doctor_report report;

static const char *
text(void (*print)(const struct doctor_report *, struct tsec_buf *))
{
    static struct tsec_buf out = TSEC_BUF_INIT(1024 * 1024);

    tsec_buf_reset(&out);
    print(&report, &out);
    tsec_buf_put_byte(&out, 0);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_buf_check(&out, NULL)));
    return (const char *)out.ptr;
}

static void
each_line_says_what_was_found_and_what_to_do(void)
{
    report = (struct doctor_report){ .len = 0 };
    doctor_say(&report, DOCTOR_OK, "store", "never shown", "opens in %d ms", 3);
    doctor_say(&report, DOCTOR_WARN, "clock", "set it", "wrong");
    doctor_say(&report, DOCTOR_FAIL, "device", NULL, "gone");
    CU_ASSERT_STRING_EQUAL(text(doctor_print), "ok    store: opens in 3 ms\n"
                                               "warn  clock: wrong\n"
                                               "      do: set it\n"
                                               "fail  device: gone\n"
                                               "1 ok, 1 to know, 1 wrong\n");
}

static void
the_same_is_json(void)
{
    report = (struct doctor_report){ .len = 0 };
    doctor_say(&report, DOCTOR_FAIL, "store", "look", "\"quoted\"");
    CU_ASSERT_STRING_EQUAL(
        text(doctor_print_json),
        "{\"checks\":[{\"check\":\"store\",\"state\":\"fail\",\"found\":\"\\\"quoted\\\"\","
        "\"advice\":\"look\"}],\"ok\":0,\"warn\":0,\"fail\":1}\n");
}

static void
what_is_too_much_is_cut_and_still_counted(void)
{
    char wide[2 * DOCTOR_TEXT_LEN];

    memset(wide, 'x', sizeof(wide));
    wide[sizeof(wide) - 1] = '\0';
    report = (struct doctor_report){ .len = 0 };
    for (size_t i = 0; i < DOCTOR_LINES_MAX + 2; i++) {
        doctor_say(&report, DOCTOR_FAIL, "x", wide, "%s", wide);
    }
    CU_ASSERT_EQUAL(report.len, DOCTOR_LINES_MAX);
    CU_ASSERT_EQUAL(report.failed, DOCTOR_LINES_MAX + 2);
    CU_ASSERT_EQUAL(strlen(report.lines[0].found), DOCTOR_TEXT_LEN - 1);
}

static const struct test_case cases[] = {
    { "each line says what was found and what to do",
      each_line_says_what_was_found_and_what_to_do },
    { "the same is JSON", the_same_is_json },
    { "what is too much is cut and still counted", what_is_too_much_is_cut_and_still_counted },
};

TEST_MAIN("boot/doctor_report", cases)

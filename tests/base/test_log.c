/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/test.h"

static int pipe_fd[2];
static struct tsec_clock_fake fake;
static char got[16384];

static void
set_up(enum tsec_log_format format)
{
    CU_ASSERT_EQUAL_FATAL(pipe(pipe_fd), 0);
    tsec_clock_fake_init(&fake, INT64_C(951782400) * TSEC_NS_PER_S);
    tsec_log_setup(&(struct tsec_log_options){
        .fd = pipe_fd[1], .format = format, .level = TSEC_LOG_INFO, .clock = &fake.clock });
}

/* Everything that was logged since set_up(). */
static const char *
tear_down(void)
{
    size_t len = 0;
    ssize_t n;

    (void)close(pipe_fd[1]);
    while ((n = read(pipe_fd[0], got + len, sizeof(got) - 1 - len)) > 0) {
        len += (size_t)n;
    }
    got[len] = '\0';
    (void)close(pipe_fd[0]);
    return got;
}

static void
a_line_has_time_level_message_and_fields(void)
{
    set_up(TSEC_LOG_KEY_VALUE);
    tsec_log(TSEC_LOG_INFO, "listening", TSEC_F_STR("address", "::1"), TSEC_F_INT("port", 8200));
    tsec_log(TSEC_LOG_ERR, "no fields at all");
    CU_ASSERT_STRING_EQUAL(tear_down(),
                           "time=2000-02-29T00:00:00Z level=info msg=listening address=::1 "
                           "port=8200\n"
                           "time=2000-02-29T00:00:00Z level=error msg=\"no fields at all\"\n");
}

static void
the_same_in_json(void)
{
    set_up(TSEC_LOG_JSON);
    tsec_log(TSEC_LOG_WARN, "slow", TSEC_F_STR("peer", "a \"b\""), TSEC_F_INT("ms", -5));
    CU_ASSERT_STRING_EQUAL(tear_down(),
                           "{\"time\":\"2000-02-29T00:00:00Z\",\"level\":\"warn\",\"msg\":\"slow\","
                           "\"peer\":\"a \\\"b\\\"\",\"ms\":-5}\n");
}

static void
levels_above_the_wanted_are_dropped(void)
{
    set_up(TSEC_LOG_KEY_VALUE);
    CU_ASSERT_FALSE(tsec_log_wants(TSEC_LOG_DEBUG));
    tsec_log(TSEC_LOG_DEBUG, "dropped");
    tsec_log_set_level(TSEC_LOG_DEBUG);
    CU_ASSERT_TRUE(tsec_log_wants(TSEC_LOG_DEBUG));
    tsec_log(TSEC_LOG_DEBUG, "kept");
    tsec_log_set_level(TSEC_LOG_ERR);
    tsec_log(TSEC_LOG_WARN, "dropped");
    CU_ASSERT_STRING_EQUAL(tear_down(), "time=2000-02-29T00:00:00Z level=debug msg=kept\n");
}

static void
no_value_can_forge_a_line_or_a_field(void)
{
    static const struct {
        const char *value;
        const char *shown;
    } rows[] = {
        { "", "v=\"\"" },
        { "a\nlevel=error msg=x", "v=\"a\\u000alevel=error msg=x\"" },
        { "a b", "v=\"a b\"" },
        { "a=b", "v=\"a=b\"" },
        { "\"", "v=\"\\\"\"" },
        { "\\", "v=\"\\\\\"" },
        { "\x1b[31m", "v=\"\\u001b[31m\"" },
        { "\x7f", "v=\"\\u007f\"" },
        { "\xc2\x9b", "v=\"\\u009b\"" },
        { "\xe2\x80\xa8", "v=\"\\u2028\"" },
        { "\xe2\x80\xa9", "v=\"\\u2029\"" },
        { "\xc3\xa9\xe2\x82\xac", "v=\"\xc3\xa9\xe2\x82\xac\"" },
        { "\xff\xc3", "v=\"\xef\xbf\xbd\xef\xbf\xbd\"" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        const char *line;

        set_up(TSEC_LOG_KEY_VALUE);
        tsec_log(TSEC_LOG_INFO, "m", TSEC_F_STR("v", rows[i].value));
        line = tear_down();
        CU_ASSERT_PTR_NOT_NULL_FATAL(strstr(line, "msg=m v="));
        CU_ASSERT_EQUAL(strncmp(strstr(line, "v="), rows[i].shown, strlen(rows[i].shown)), 0);
        CU_ASSERT_PTR_EQUAL(strchr(line, '\n'), line + strlen(line) - 1);
    }
}

static void
any_bytes_make_json_that_parses(void)
{
    for (unsigned seed = 0; seed < 50; seed++) {
        uint8_t bytes[600];
        json_t *json;

        for (size_t i = 0; i < sizeof(bytes); i++) {
            bytes[i] = (uint8_t)((i + 1) * (seed * 2 + 1) * 37 >> (seed % 4));
        }
        set_up(TSEC_LOG_JSON);
        tsec_log(TSEC_LOG_INFO, "m", TSEC_F_SPAN("v", tsec_span(bytes, sizeof(bytes) - seed)));
        json = json_loads(tear_down(), JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
        CU_ASSERT_PTR_NOT_NULL(json);
        json_decref(json);
    }
}

static void
a_line_that_is_too_long_is_cut_and_says_so(void)
{
    static const enum tsec_log_format formats[] = { TSEC_LOG_KEY_VALUE, TSEC_LOG_JSON };
    char value[3000];

    memset(value, '\n', sizeof(value)); /* six bytes each when escaped */
    for (size_t i = 0; i < TSEC_ARRAY_LEN(formats); i++) {
        const char *line;

        set_up(formats[i]);
        tsec_log(TSEC_LOG_INFO, "m", TSEC_F_SPAN("a", tsec_span(value, sizeof(value))),
                 TSEC_F_SPAN("b", tsec_span(value, sizeof(value))), TSEC_F_INT("c", 3));
        line = tear_down();
        CU_ASSERT_TRUE(strlen(line) <= 4096);
        CU_ASSERT_PTR_NOT_NULL(strstr(line, "..."));
        CU_ASSERT_PTR_NULL(strstr(line, i == 0 ? " b=" : "\"b\""));
        CU_ASSERT_PTR_NOT_NULL(strstr(line, i == 0 ? " c=3 cut=1\n" : ",\"c\":3,\"cut\":1}\n"));
    }
}

static void
a_failure_is_logged_at_the_level_of_whose_fault_it_is(void)
{
    static const struct {
        enum tsec_code code;
        const char *start;
    } rows[] = {
        { TSEC_E_INTERNAL, "level=error msg=failed code=internal " },
        { TSEC_E_TAMPERED, "level=warn msg=failed code=tampered " },
        { TSEC_E_NOT_FOUND, "level=info msg=failed code=not_found " },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        struct tsec_err err = { 0 };
        const tsec_rc rc = TSEC_FAIL(&err, rows[i].code, "why \"it\" failed");
        const char *line;

        set_up(TSEC_LOG_KEY_VALUE);
        tsec_log_err("failed", &err);
        line = tear_down();
        CU_ASSERT_EQUAL((enum tsec_code)rc.code, rows[i].code);
        CU_ASSERT_PTR_NOT_NULL(strstr(line, rows[i].start));
        CU_ASSERT_PTR_NOT_NULL(strstr(line, "file=tests/base/test_log.c line="));
        CU_ASSERT_PTR_NOT_NULL(strstr(line, "detail=\"why \\\"it\\\" failed\"\n"));
    }
}

static const struct test_case cases[] = {
    { "a line has time, level, message and fields", a_line_has_time_level_message_and_fields },
    { "the same in JSON", the_same_in_json },
    { "levels above the wanted are dropped", levels_above_the_wanted_are_dropped },
    { "no value can forge a line or a field", no_value_can_forge_a_line_or_a_field },
    { "any bytes make JSON that parses", any_bytes_make_json_that_parses },
    { "a line that is too long is cut and says so", a_line_that_is_too_long_is_cut_and_says_so },
    { "a failure is logged at the level of whose fault it is",
      a_failure_is_logged_at_the_level_of_whose_fault_it_is },
};

TEST_MAIN("base/log", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <ctype.h>
#include <string.h>

#include "base/span.h"
#include "tests/test.h"

static const struct {
    const char *name;
    int32_t code;
} table[] = {
#define TSEC_ERROR(name, slug, code, http, blame, title) { #name, (code) },
#include <tsec/errors.def>
#undef TSEC_ERROR
};

static void
every_code_is_there_once(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        CU_ASSERT_TRUE(table[i].code > 0);
        CU_ASSERT_EQUAL((int32_t)tsec_error_info(table[i].code)->code, table[i].code);
        for (size_t j = 0; j < i; j++) {
            CU_ASSERT_NOT_EQUAL(table[i].code, table[j].code);
        }
    }
}

static void
a_slug_is_the_name_in_lower_case(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        const char *slug = tsec_error_info(table[i].code)->slug;

        CU_ASSERT_EQUAL_FATAL(strlen(slug), strlen(table[i].name));
        for (size_t at = 0; slug[at] != '\0'; at++) {
            CU_ASSERT_EQUAL(slug[at], tolower((unsigned char)table[i].name[at]));
        }
    }
    CU_ASSERT_STRING_EQUAL(tsec_error_info(TSEC_E_NOT_FOUND)->slug, "not_found");
}

static void
every_status_is_an_http_error_and_a_clients_fault_is_4xx(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        const struct tsec_error_info *info = tsec_error_info(table[i].code);

        CU_ASSERT_TRUE(info->http_status >= 400 && info->http_status <= 599);
        CU_ASSERT_EQUAL(info->blame == TSEC_BLAME_CLIENT, info->http_status < 500);
        CU_ASSERT_TRUE(strlen(info->title) > 0);
    }
}

static void
an_unknown_code_reads_as_internal(void)
{
    CU_ASSERT_EQUAL(tsec_error_info(0)->code, TSEC_E_INTERNAL);
    CU_ASSERT_EQUAL(tsec_error_info(-1)->code, TSEC_E_INTERNAL);
    CU_ASSERT_EQUAL(tsec_error_info(INT32_MAX)->code, TSEC_E_INTERNAL);
}

static void
a_failure_says_where_and_why(void)
{
    struct tsec_err err = { 0 };
    const tsec_rc rc = TSEC_FAIL(&err, TSEC_E_CONFLICT, "version %d", 7);

    CU_ASSERT_EQUAL(rc.code, TSEC_E_CONFLICT);
    CU_ASSERT_TRUE(tsec_failed(rc));
    CU_ASSERT_EQUAL(err.code, TSEC_E_CONFLICT);
    CU_ASSERT_STRING_EQUAL(err.detail, "version 7");
    CU_ASSERT_PTR_NOT_NULL(strstr(err.file, "test_err.c"));
    CU_ASSERT_TRUE(err.line > 0);
}

static void
a_long_detail_is_cut_and_terminated(void)
{
    struct tsec_err err = { 0 };
    char text[1000];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    CU_ASSERT_EQUAL(TSEC_FAIL(&err, TSEC_E_INVALID, "%s", text).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(strlen(err.detail), sizeof(err.detail) - 1);
    CU_ASSERT_EQUAL(TSEC_FAIL(NULL, TSEC_E_INVALID, "%s", text).code, TSEC_E_INVALID);
}

static tsec_rc
first_fails_then(bool *reached)
{
    TSEC_TRY(tsec_rc_of(TSEC_E_BUSY));
    *reached = true;
    return TSEC_OK;
}

static void
try_passes_a_failure_up(void)
{
    bool reached = false;

    CU_ASSERT_EQUAL(first_fails_then(&reached).code, TSEC_E_BUSY);
    CU_ASSERT_FALSE(reached);
}

static const struct test_case cases[] = {
    { "every code is there once", every_code_is_there_once },
    { "a slug is the name in lower case", a_slug_is_the_name_in_lower_case },
    { "every status is an HTTP error and a client's fault is 4xx",
      every_status_is_an_http_error_and_a_clients_fault_is_4xx },
    { "an unknown code reads as internal", an_unknown_code_reads_as_internal },
    { "a failure says where and why", a_failure_says_where_and_why },
    { "a long detail is cut and terminated", a_long_detail_is_cut_and_terminated },
    { "try passes a failure up", try_passes_a_failure_up },
};

TEST_MAIN("base/err", cases)

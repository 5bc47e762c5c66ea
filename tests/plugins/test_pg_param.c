/* SPDX-License-Identifier: Apache-2.0 */
#include "store-pg/pg_param.h"

#include "tests/test.h"

static void
an_empty_value_is_not_null(void)
{
    struct pg_params params = { .n = 0 };

    pg_params_bytes(&params, tsec_span(NULL, 0));
    CU_ASSERT_EQUAL(params.n, 1);
    CU_ASSERT_PTR_NOT_NULL(params.values[0]);
    CU_ASSERT_EQUAL(params.lengths[0], 0);
    CU_ASSERT_EQUAL(params.formats[0], 1);
}

static void
a_number_goes_in_network_order(void)
{
    static const uint8_t expected[][8] = {
        { 1, 2, 3, 4, 5, 6, 7, 8 },
        { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
    };
    struct pg_params params = { .n = 0 };

    pg_params_int64(&params, INT64_C(0x0102030405060708));
    pg_params_int64(&params, -1);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(params.lengths[i], 8);
        CU_ASSERT_TRUE(tsec_span_equal(tsec_span(params.values[i], 8), tsec_span(expected[i], 8)));
    }
}

/* As array_recv() of PostgreSQL reads it. */
static void
an_array_is_what_the_server_reads(void)
{
    static const uint8_t expected[] = {
        0, 0, 0, 1, 0,   0, 0,   0, 0, 0, 0, 17, 0, 0, 0, 2, 0, 0, 0, 1, /* header, two elements */
        0, 0, 0, 3, 'a', 0, 'c', 0, 0, 0, 0,
    };
    struct pg_array array;

    pg_array_begin(&array, 64);
    pg_array_put(&array, tsec_span("a\0c", 3));
    pg_array_put(&array, tsec_span("", 0));
    CU_ASSERT_EQUAL(pg_array_end(&array, NULL).code, 0);
    CU_ASSERT_TRUE(
        tsec_span_equal(tsec_buf_span(&array.bytes), tsec_span(expected, sizeof(expected))));
    pg_array_done(&array);
}

static void
an_array_past_its_ceiling_fails(void)
{
    struct pg_array array;

    pg_array_begin(&array, 32);
    pg_array_put(&array, tsec_span_str("123456789"));
    CU_ASSERT_EQUAL(pg_array_end(&array, NULL).code, TSEC_E_TOO_LARGE);
    pg_array_done(&array);
}

static PGresult *
one_field(Oid type, int format, const char *value, int len)
{
    char name[] = "value";
    PGresAttDesc column = { .name = name, .typid = type, .format = format, .typlen = -1 };
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    char copy[8] = "";

    CU_ASSERT_FATAL(result != NULL && PQsetResultAttrs(result, 1, &column) == 1);
    if (value != NULL) {
        memcpy(copy, value, (size_t)len);
    }
    CU_ASSERT_EQUAL_FATAL(PQsetvalue(result, 0, 0, value == NULL ? NULL : copy, len), 1);
    return result;
}

static void
a_column_of_another_form_is_refused(void)
{
    static const struct {
        Oid type;
        int format;
        const char *value;
        int len;
        int32_t code;
    } t[] = {
        { 17, 1, "a\0b", 3, 0 },
        { 17, 1, "", 0, 0 },
        { 17, 1, "abcd", 4, TSEC_E_TAMPERED }, /* longer than any that was stored */
        { 17, 0, "abc", 3, TSEC_E_TAMPERED },
        { 25, 1, "abc", 3, TSEC_E_TAMPERED },
        { 17, 1, NULL, -1, TSEC_E_TAMPERED },
    };

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        PGresult *result = one_field(t[i].type, t[i].format, t[i].value, t[i].len);
        struct tsec_span out = { NULL, 0 };

        CU_ASSERT_EQUAL(pg_column(result, 0, 0, 3, &out, NULL).code, t[i].code);
        if (t[i].code == 0) {
            CU_ASSERT_TRUE(tsec_span_equal(out, tsec_span(t[i].value, (size_t)t[i].len)));
        }
        PQclear(result);
    }
}

static const struct test_case cases[] = {
    { "an empty value is not NULL", an_empty_value_is_not_null },
    { "a number goes in network order", a_number_goes_in_network_order },
    { "an array is what the server reads", an_array_is_what_the_server_reads },
    { "an array past its ceiling fails", an_array_past_its_ceiling_fails },
    { "a column of another form is refused", a_column_of_another_form_is_refused },
};

TEST_MAIN("store-pg/pg_param", cases)

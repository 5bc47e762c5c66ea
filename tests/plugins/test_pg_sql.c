/* SPDX-License-Identifier: Apache-2.0 */
#include "store-pg/pg_sql.h"

#include "tests/test.h"

static void
every_statement_has_a_name_of_its_own_and_names_the_schema(void)
{
    for (int i = 0; i < PG_SQL_COUNT; i++) {
        const struct pg_statement *s = pg_statement((enum pg_sql)i);
        const bool plain = i == PG_BEGIN || i == PG_COMMIT;

        CU_ASSERT_PTR_NOT_NULL_FATAL(s->text);
        CU_ASSERT_EQUAL(strstr(s->text, "{schema}.kv") == NULL, plain);
        for (int k = 0; k < i; k++) {
            CU_ASSERT_STRING_NOT_EQUAL(s->name, pg_statement((enum pg_sql)k)->name);
        }
    }
}

static void
the_schema_stands_in_all_its_places(void)
{
    static const char *const t[][2] = {
        { "SELECT 1", "SELECT 1" },
        { "{schema}.kv", "\"a_1\".kv" },
        { "x {schema}.a {schema}.b", "x \"a_1\".a \"a_1\".b" },
        { "{schem}", "{schem}" },
        { "", "" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(64);

        CU_ASSERT_EQUAL(pg_sql_expand(t[i][0], "a_1", &out, NULL).code, 0);
        CU_ASSERT_STRING_EQUAL((const char *)out.ptr, t[i][1]);
    }
}

static void
what_does_not_fit_is_an_error(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(8);

    CU_ASSERT_EQUAL(pg_sql_expand("{schema}", "longer", &out, NULL).code, TSEC_E_TOO_LARGE);
}

static const struct test_case cases[] = {
    { "every statement has a name of its own, and names the schema",
      every_statement_has_a_name_of_its_own_and_names_the_schema },
    { "the schema stands in all its places", the_schema_stands_in_all_its_places },
    { "what does not fit is an error", what_does_not_fit_is_an_error },
};

TEST_MAIN("store-pg/pg_sql", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "store-pg/pg_place.h"

#include <stdio.h>

#include "tests/test.h"

static const char *
given(const struct pg_conninfo *info, const char *keyword)
{
    for (size_t i = 0; i < info->n; i++) {
        if (strcmp(info->keywords[i], keyword) == 0) {
            return info->values[i];
        }
    }
    return "";
}

static void
a_uri_is_taken_apart(void)
{
    static const struct {
        const char *uri;
        const char *schema;
        const char *host;
        const char *port;
        const char *label;
    } t[] = {
        { "postgresql://u@db.example/x", "tee_secrets", "db.example", "5432", "db.example:5432/x" },
        { "postgres://db:6000/x?schema=one", "one", "db", "6000", "db:6000/x" },
        { "postgresql:///x?host=/run/pg&schema=a_1&port=7", "a_1", "/run/pg", "7", "/run/pg:7/x" },
        { "postgresql://u:p?w@db/x?schema=s", "s", "db", "5432", "db:5432/x" },
        { "postgresql://", "tee_secrets", "/var/run/postgresql", "5432",
          "/var/run/postgresql:5432/" },
        { "postgresql://a,b:7/x", "tee_secrets", "a", "5432", "a:5432/x (and others)" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        struct pg_place place;
        struct pg_conninfo info;
        struct tsec_err err = { 0 };

        CU_ASSERT_EQUAL(pg_place_parse(t[i].uri, &place, &err).code, 0);
        CU_ASSERT_STRING_EQUAL(place.schema, t[i].schema);
        CU_ASSERT_STRING_EQUAL(place.label, t[i].label);
        pg_place_conninfo(&place, 0, &info);
        CU_ASSERT_STRING_EQUAL(given(&info, "host"), t[i].host);
        CU_ASSERT_STRING_EQUAL(given(&info, "port"), t[i].port);
        CU_ASSERT_STRING_EQUAL(given(&info, "schema"), "");
        CU_ASSERT_STRING_EQUAL(given(&info, "target_session_attrs"), "read-write");
        pg_place_done(&place);
    }
}

static void
a_bad_uri_is_refused_and_its_password_not_told(void)
{
    static const char *const t[] = {
        "postgresql://u:hunter2@[::1/x",
        "postgresql://u:hunter2@db/x?sslmodehunter2",
        "postgresql://u:hunter2@db/x?hunter2=1",
        "postgresql://u:hunter2%zz@db/x",
        "postgresql://u:hunter2@db/x?schema=",
        "postgresql://u:hunter2@db/x?schema=A",
        "postgresql://u:hunter2@db/x?schema=1a",
        "postgresql://u:hunter2@db/x?schema=a\"b",
        "postgresql://u:hunter2@db/x?schema=a&schema=a",
        "postgresql://u:hunter2@db/"
        "x?schema=a12345678901234567890123456789012345678901234567890123456"
        "78901234",
        "postgresql://u:hunter2@a,b,c,d,e,f,g,h,i/x",
        "postgresql://u:hunter2@a,b/x?port=1,2,3",
        "postgresql://u:hunter2@a/x?hostaddr=1.1.1.1,2.2.2.2",
        "postgresql://u:hunter2@a/x?target_session_attrs=any",
        "postgresql://u:hunter2@a/x?target_session_attrs=prefer-standby",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        struct pg_place place;
        struct tsec_err err = { 0 };

        CU_ASSERT_EQUAL(pg_place_parse(t[i], &place, &err).code, TSEC_E_CONFIG);
        CU_ASSERT_PTR_NULL(strstr(err.detail, "hunter2"));
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "storage.database_uri"));
        pg_place_done(&place);
    }
}

static void
each_host_has_its_own_connection_string(void)
{
    static const struct {
        const char *host;
        const char *addr;
        const char *port;
    } t[] = { { "a", "10.0.0.1", "1" }, { "b", "10.0.0.2", "2" }, { "", "10.0.0.3", "3" } };
    struct pg_place place;

    CU_ASSERT_EQUAL_FATAL(
        pg_place_parse("postgresql:///x?host=a,b,&hostaddr=10.0.0.1,10.0.0.2,10.0.0.3&port=1,2,3"
                       "&keepalives_idle=77",
                       &place, NULL)
            .code,
        0);
    CU_ASSERT_EQUAL_FATAL(place.hosts_len, 3);
    for (size_t i = 0; i < 3; i++) {
        struct pg_conninfo info;

        pg_place_conninfo(&place, i, &info);
        CU_ASSERT_STRING_EQUAL(given(&info, "host"), t[i].host);
        CU_ASSERT_STRING_EQUAL(given(&info, "hostaddr"), t[i].addr);
        CU_ASSERT_STRING_EQUAL(given(&info, "port"), t[i].port);
        CU_ASSERT_STRING_EQUAL(given(&info, "keepalives_idle"), "77");
        CU_ASSERT_STRING_EQUAL(given(&info, "gssencmode"), "disable");
        CU_ASSERT_STRING_EQUAL(given(&info, "dbname"), "x");
    }
    pg_place_done(&place);
}

static void
a_detour_keeps_the_name(void)
{
    static const char *const bad[] = { "", "127.0.0.1", ":7", "127.0.0.1:", "1:123456789" };
    struct pg_place place;
    struct pg_conninfo info;

    CU_ASSERT_EQUAL_FATAL(pg_place_parse("postgresql://db/x", &place, NULL).code, 0);
    CU_ASSERT_EQUAL(pg_place_detour(&place, 0, "127.0.0.1:7001", NULL).code, 0);
    pg_place_conninfo(&place, 0, &info);
    CU_ASSERT_STRING_EQUAL(given(&info, "host"), "db");
    CU_ASSERT_STRING_EQUAL(given(&info, "hostaddr"), "127.0.0.1");
    CU_ASSERT_STRING_EQUAL(given(&info, "port"), "7001");
    CU_ASSERT_TRUE(pg_place_exposed(&place, 0)); /* it ends outside all the same */
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(pg_place_detour(&place, 0, bad[i], NULL).code, TSEC_E_CONFIG);
    }
    pg_place_done(&place);
}

static void
what_is_exposed(void)
{
    static const struct {
        const char *uri;
        bool exposed;
    } t[] = {
        { "postgresql://db/x", true },
        { "postgresql://db/x?sslmode=require", true },
        { "postgresql://db/x?sslmode=verify-ca", true },
        { "postgresql://db/x?sslmode=verify-full", false },
        { "postgresql://10.1.2.3/x", true },
        { "postgresql:///x?hostaddr=10.1.2.3", true },
        { "postgresql://localhost/x", false },
        { "postgresql://127.0.0.1/x", false },
        { "postgresql://[::1]/x", false },
        { "postgresql:///x?host=/run/postgresql", false },
        { "postgresql://", false },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        struct pg_place place;

        CU_ASSERT_EQUAL_FATAL(pg_place_parse(t[i].uri, &place, NULL).code, 0);
        CU_ASSERT_EQUAL(pg_place_exposed(&place, 0), t[i].exposed);
        pg_place_done(&place);
    }
}

static void
the_password_is_taken_out_of_words(void)
{
    static const char *const t[][2] = {
        { "all well", "all well" },
        { "user=u password=hunter2 x", "user=u password=*** x" },
        { "hunter2", "***" },
        { "a\n\tb\n", "a  b" },
        { "failed: no\nDETAIL:  more\nHINT:  x", "failed: no" },
        { "hunter", "hunter" },
    };
    struct pg_place place;
    char out[32];
    char tiny[8];

    CU_ASSERT_EQUAL_FATAL(pg_place_parse("postgresql://u:hunter2@db/x", &place, NULL).code, 0);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        pg_place_scrub(&place, t[i][0], out, sizeof(out));
        CU_ASSERT_STRING_EQUAL(out, t[i][1]);
        pg_place_scrub(&place, t[i][0], tiny, sizeof(tiny));
        CU_ASSERT_PTR_NULL(strstr(tiny, "hunter2"));
    }
    pg_place_done(&place);
}

static const struct test_case cases[] = {
    { "a URI is taken apart", a_uri_is_taken_apart },
    { "a bad URI is refused, and its password not told",
      a_bad_uri_is_refused_and_its_password_not_told },
    { "each host has its own connection string", each_host_has_its_own_connection_string },
    { "a detour keeps the name", a_detour_keeps_the_name },
    { "what is exposed", what_is_exposed },
    { "the password is taken out of words", the_password_is_taken_out_of_words },
};

TEST_MAIN("store-pg/pg_place", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "store-pg/pg_settings.h"

#include "tests/double/fake_host.h"
#include "tests/test.h"

static struct fake_host host;

static void
what_is_not_set_has_a_default(void)
{
    struct pg_settings s;

    fake_host_init(&host, NULL);
    CU_ASSERT_EQUAL(pg_settings_read(&host.host, &s, NULL).code, 0);
    CU_ASSERT_EQUAL(s.call_timeout_ms, 2400);
    CU_ASSERT_EQUAL(s.connections, 4);
    CU_ASSERT_FALSE(s.allow_volatile);
    CU_ASSERT_TRUE(s.migrate);
}

static void
what_is_set_counts(void)
{
    static const char *const set[] = { "call_timeout_ms", "500",   "connections", "2",
                                       "allow_volatile",  "true",  "migrate",     "never",
                                       "state_dir",       "/else", NULL };
    struct pg_settings s;

    fake_host_init(&host, set);
    CU_ASSERT_EQUAL(pg_settings_read(&host.host, &s, NULL).code, 0);
    CU_ASSERT_EQUAL(s.call_timeout_ms, 500);
    CU_ASSERT_EQUAL(s.connections, 2);
    CU_ASSERT_TRUE(s.allow_volatile);
    CU_ASSERT_FALSE(s.migrate);
}

static void
nonsense_is_refused_by_name(void)
{
    static const char *const t[][2] = {
        { "call_timeout_ms", "99" }, { "call_timeout_ms", "60001" },
        { "call_timeout_ms", "1s" }, { "call_timeout_ms", "" },
        { "connections", "0" },      { "connections", "33" },
        { "connections", "-1" },     { "allow_volatile", "yes" },
        { "allow_volatile", "" },    { "migrate", "always" },
        { "migrate", "true" },       { "connections", "99999999999999999999" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        const char *const set[] = { t[i][0], t[i][1], NULL };
        struct pg_settings s;
        struct tsec_err err = { 0 };

        fake_host_init(&host, set);
        CU_ASSERT_EQUAL(pg_settings_read(&host.host, &s, &err).code, TSEC_E_CONFIG);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, t[i][0]));
    }
}

static void
what_is_unwise_is_warned_of_once_for_each_host(void)
{
    static const struct {
        const char *uri;
        unsigned warnings;
    } t[] = {
        { "postgresql://u:hunter2@db/x", 1 },
        { "postgresql://u:hunter2@one,two/x", 2 },
        { "postgresql://u:hunter2@db/x?sslmode=verify-full", 0 },
        { "postgresql://u:hunter2@localhost/x", 0 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        struct pg_env env;

        fake_host_init(&host, NULL);
        CU_ASSERT_EQUAL(pg_env_init(&env, &host.host, t[i].uri, NULL).code, 0);
        CU_ASSERT_EQUAL(host.warnings, 0);
        pg_env_warn(&env);
        CU_ASSERT_EQUAL(host.warnings, t[i].warnings);
        CU_ASSERT_PTR_NULL(strstr(host.last, "hunter2"));
        pg_env_done(&env);
    }
}

static void
a_way_out_that_the_server_lends_is_taken(void)
{
    static const char *const set[] = { "egress db:6000", "127.0.0.1:7", "egress other:1",
                                       "127.0.0.1:8", NULL };
    static const char *const bad[] = { "egress db:6000", "nowhere", NULL };
    struct pg_env env;

    fake_host_init(&host, set);
    CU_ASSERT_EQUAL(pg_env_init(&env, &host.host, "postgresql://one,db:6000/x", NULL).code, 0);
    CU_ASSERT_STRING_EQUAL(env.place.hosts[0].addr, "");
    CU_ASSERT_STRING_EQUAL(env.place.hosts[1].addr, "127.0.0.1");
    CU_ASSERT_STRING_EQUAL(env.place.hosts[1].port, "7");
    CU_ASSERT_STRING_EQUAL(env.place.hosts[1].name, "db");
    pg_env_done(&env);
    fake_host_init(&host, bad);
    CU_ASSERT_EQUAL(pg_env_init(&env, &host.host, "postgresql://db:6000/x", NULL).code,
                    TSEC_E_CONFIG);
    pg_env_done(&env);
}

static const struct test_case cases[] = {
    { "what is not set has a default", what_is_not_set_has_a_default },
    { "what is set counts", what_is_set_counts },
    { "nonsense is refused by name", nonsense_is_refused_by_name },
    { "what is unwise is warned of, once for each host",
      what_is_unwise_is_warned_of_once_for_each_host },
    { "a way out that the server lends is taken", a_way_out_that_the_server_lends_is_taken },
};

TEST_MAIN("store-pg/pg_settings", cases)

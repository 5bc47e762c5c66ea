/* SPDX-License-Identifier: Apache-2.0 */
#include "store-redis/redis_access.h"

#include <string.h>

#include "base/span.h"
#include "tests/double/fake_host.h"
#include "tests/test.h"

static int32_t
read_with(const char *const *settings, struct redis_access *out)
{
    static struct fake_host fake;
    struct tsec_err err = { 0 };

    fake_host_init(&fake, settings);
    const tsec_rc rc = redis_access_read(&fake.host, "redis://u:hunter2@db", out, &err);

    CU_ASSERT_PTR_NULL(strstr(err.detail, "hunter2"));
    return rc.code;
}

static void
without_settings_there_are_defaults(void)
{
    struct redis_access access;

    CU_ASSERT_EQUAL(read_with(NULL, &access), 0);
    CU_ASSERT_EQUAL(access.call_ms, 2400);
    CU_ASSERT_EQUAL(access.links, 4);
    CU_ASSERT_FALSE(access.allow_volatile);
    CU_ASSERT_STRING_EQUAL(access.uri.password, "hunter2");
    redis_access_done(&access);
    CU_ASSERT_STRING_EQUAL(access.uri.password, "");
}

static void
settings_are_taken(void)
{
    static const char *const settings[] = {
        "allow_volatile", "true", "call_timeout_ms", "150000", "connections", "16", NULL
    };
    struct redis_access access;

    CU_ASSERT_EQUAL(read_with(settings, &access), 0);
    CU_ASSERT_EQUAL(access.call_ms, 150000);
    CU_ASSERT_EQUAL(access.links, 16);
    CU_ASSERT_TRUE(access.allow_volatile);
}

static void
settings_without_sense_are_refused(void)
{
    static const char *const t[][3] = {
        { "allow_volatile", "yes", NULL },   { "allow_volatile", "", NULL },
        { "call_timeout_ms", "99", NULL },   { "call_timeout_ms", "150001", NULL },
        { "call_timeout_ms", "2s", NULL },   { "call_timeout_ms", "", NULL },
        { "call_timeout_ms", "-500", NULL }, { "call_timeout_ms", "99999999999", NULL },
        { "connections", "0", NULL },        { "connections", "17", NULL },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        struct redis_access access;

        CU_ASSERT_EQUAL(read_with(t[i], &access), TSEC_E_CONFIG);
        CU_ASSERT_STRING_EQUAL(access.uri.password, "");
    }
}

static const struct test_case cases[] = {
    { "without settings there are defaults", without_settings_there_are_defaults },
    { "settings are taken", settings_are_taken },
    { "settings without sense are refused", settings_without_sense_are_refused },
};

TEST_MAIN("redis_access", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/kv_bench.h"

static void
a_fresh_mount_shows_defaults(void)
{
    kv_begin();
    EXPECT(200, kv_get("config"));
    EXPECT_AT("data",
              "{\"cas_required\":false,\"delete_version_after\":\"0s\",\"max_versions\":0}");
    kv_end();
}

static void
what_is_set_is_shown_and_the_rest_stays(void)
{
    kv_begin();
    EXPECT(204, kv_post("config", "{\"max_versions\":7,\"cas_required\":\"true\","
                                  "\"delete_version_after\":\"1h30m\"}"));
    EXPECT(200, kv_get("config"));
    EXPECT_AT("data", "{\"cas_required\":true,\"delete_version_after\":\"1h30m0s\","
                      "\"max_versions\":7}");
    EXPECT(204, kv_call(API_PUT, "config", "{\"max_versions\":\"5\"}"));
    EXPECT(204, kv_post("config", NULL));
    EXPECT(200, kv_get("config"));
    EXPECT_AT("data", "{\"cas_required\":true,\"delete_version_after\":\"1h30m0s\","
                      "\"max_versions\":5}");
    EXPECT(204, kv_post("config", "{\"delete_version_after\":\"-3h\",\"cas_required\":false}"));
    EXPECT(200, kv_get("config"));
    EXPECT_AT("data", "{\"cas_required\":false,\"delete_version_after\":\"-1s\","
                      "\"max_versions\":5}");
    kv_end();
}

static void
settings_that_cannot_be_are_refused(void)
{
    static const char *const bodies[] = {
        "{\"max_versions\":-1}",
        "{\"max_versions\":1001}",
        "{\"max_versions\":\"x\"}",
        "{\"cas_required\":2}",
        "{\"delete_version_after\":\"x\"}",
        "{\"max_versions\":7",
        "[]",
        "{\"max_versions\":7,\"cas_required\":\"no way\"}",
    };

    kv_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bodies); i++) {
        EXPECT(400, kv_post("config", bodies[i]));
        CU_ASSERT_TRUE(api_bench_error(&kv)[0] != '\0');
    }
    EXPECT(200, kv_get("config"));
    EXPECT_AT("data",
              "{\"cas_required\":false,\"delete_version_after\":\"0s\",\"max_versions\":0}");
    kv_end();
}

static void
the_mount_s_limit_holds_for_its_secrets(void)
{
    kv_begin();
    EXPECT(204, kv_post("config", "{\"max_versions\":2}"));
    for (int i = 0; i < 4; i++) {
        EXPECT(200, kv_post("data/s", "{\"data\":{}}"));
    }
    EXPECT(200, kv_get("metadata/s"));
    EXPECT_AT("data.oldest_version", "3");
    EXPECT_AT("data.versions.2", "(absent)");
    CU_ASSERT_TRUE(api_bench_has(&kv, "data.versions.3"));
    EXPECT_NOTHING(kv_get("data/s?version=2"));
    kv_end();
}

static const struct test_case cases[] = {
    { "a fresh mount shows defaults", a_fresh_mount_shows_defaults },
    { "what is set is shown and the rest stays", what_is_set_is_shown_and_the_rest_stays },
    { "settings that cannot be are refused", settings_that_cannot_be_are_refused },
    { "the mount's limit holds for its secrets", the_mount_s_limit_holds_for_its_secrets },
};

TEST_MAIN("api/kv_config", cases)

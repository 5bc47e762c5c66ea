/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/transit_bench.h"

static void
a_fresh_mount_shows_defaults(void)
{
    tb_begin();
    EXPECT(200, tb_get("config/keys"));
    EXPECT_AT("data", "{\"disable_upsert\":false}");
    EXPECT_AT("mount_type", "\"transit\"");
    EXPECT(200, tb_get("cache-config"));
    EXPECT_AT("data", "{\"size\":0}");
    tb_end();
}

static void
what_is_set_is_shown_and_one_leaves_the_other(void)
{
    tb_begin();
    EXPECT(204, tb_post("config/keys", "{\"disable_upsert\":\"true\"}"));
    EXPECT(204, tb_call(API_PUT, "cache-config", "{\"size\":\"500\"}"));
    EXPECT(200, tb_get("config/keys"));
    EXPECT_AT("data", "{\"disable_upsert\":true}");
    EXPECT(200, tb_get("cache-config"));
    EXPECT_AT("data", "{\"size\":500}");
    EXPECT(204, tb_post("config/keys", "{}"));
    EXPECT(200, tb_get("config/keys"));
    EXPECT_AT("data", "{\"disable_upsert\":false}");
    EXPECT(204, tb_post("cache-config", NULL));
    EXPECT(200, tb_get("cache-config"));
    EXPECT_AT("data", "{\"size\":0}");
    tb_end();
}

static void
settings_that_cannot_be_are_refused(void)
{
    static const char *const sizes[] = { "{\"size\":9}", "{\"size\":-1}", "{\"size\":1000001}",
                                         "{\"size\":\"x\"}", "[]" };

    tb_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(sizes); i++) {
        EXPECT(400, tb_post("cache-config", sizes[i]));
        CU_ASSERT_TRUE(api_bench_error(&tb)[0] != '\0');
    }
    EXPECT(400, tb_post("config/keys", "{\"disable_upsert\":\"perhaps\"}"));
    EXPECT(405, tb_delete("config/keys"));
    EXPECT(200, tb_get("cache-config"));
    EXPECT_AT("data", "{\"size\":0}");
    tb_end();
}

static const struct test_case cases[] = {
    { "a fresh mount shows defaults", a_fresh_mount_shows_defaults },
    { "what is set is shown and one leaves the other",
      what_is_set_is_shown_and_one_leaves_the_other },
    { "settings that cannot be are refused", settings_that_cannot_be_are_refused },
};

TEST_MAIN("api/transit_config", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/kv_bench.h"

#include <stdio.h>

#define NOW   "\"2026-09-21T14:13:20Z\""
#define LATER "\"2026-09-21T14:13:21Z\""

static void
metadata_tells_all_versions(void)
{
    kv_begin();
    EXPECT(200, kv_post("data/s", "{\"data\":{}}"));
    tsec_clock_fake_advance(&kv.node.clock, TSEC_NS_PER_S);
    EXPECT(200, kv_post("data/s", "{\"data\":{}}"));
    EXPECT(204, kv_delete("data/s"));
    EXPECT(200, kv_get("metadata/s"));
    EXPECT_AT("data", "{\"cas_required\":false,\"created_time\":" NOW ",\"current_version\":2,"
                      "\"custom_metadata\":null,\"delete_version_after\":\"0s\",\"max_versions\":0,"
                      "\"oldest_version\":0,\"updated_time\":" LATER ",\"versions\":{"
                      "\"1\":{\"created_time\":" NOW ",\"deletion_time\":\"\",\"destroyed\":false},"
                      "\"2\":{\"created_time\":" LATER ",\"deletion_time\":" LATER
                      ",\"destroyed\":false}}}");
    EXPECT_NOTHING(kv_get("metadata/never"));
    kv_end();
}

static void
metadata_may_come_before_data(void)
{
    kv_begin();
    EXPECT(204, kv_post("metadata/s", "{\"max_versions\":\"2\",\"cas_required\":\"true\","
                                      "\"delete_version_after\":\"768h\"}"));
    EXPECT(200, kv_get("metadata/s"));
    EXPECT_AT("data",
              "{\"cas_required\":true,\"created_time\":" NOW ",\"current_version\":0,"
              "\"custom_metadata\":null,\"delete_version_after\":\"768h0m0s\","
              "\"max_versions\":2,\"oldest_version\":0,\"updated_time\":" NOW ",\"versions\":{}}");
    EXPECT_NOTHING(kv_get("data/s"));
    EXPECT(200, kv_list("metadata/"));
    EXPECT_AT("data.keys", "[\"s\"]");
    kv_end();
}

static void
an_empty_body_makes_the_entry(void)
{
    kv_begin();
    EXPECT(204, kv_post("metadata/s", NULL));
    EXPECT(204, kv_post("metadata/t", "null"));
    EXPECT(200, kv_get("metadata/s"));
    EXPECT(200, kv_get("metadata/t"));
    kv_end();
}

static void
settings_out_of_range_are_refused(void)
{
    static const char *const bodies[] = {
        "{\"max_versions\":-1}",
        "{\"max_versions\":1001}",
        "{\"max_versions\":\"many\"}",
        "{\"max_versions\":1.5}",
        "{\"cas_required\":\"maybe\"}",
        "{\"delete_version_after\":\"soon\"}",
        "{\"delete_version_after\":[]}",
        "{\"max_versions\":1",
        "[]",
    };

    kv_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bodies); i++) {
        EXPECT(400, kv_post("metadata/s", bodies[i]));
    }
    EXPECT_NOTHING(kv_get("metadata/s"));
    kv_end();
}

static void
a_negative_time_disables_deletion(void)
{
    kv_begin();
    EXPECT(204, kv_post("config", "{\"delete_version_after\":\"1h\"}"));
    EXPECT(204, kv_post("metadata/s", "{\"delete_version_after\":\"-5m\"}"));
    EXPECT(200, kv_post("data/s", "{\"data\":{}}"));
    EXPECT_AT("data.deletion_time", "\"\"");
    EXPECT(200, kv_get("metadata/s"));
    EXPECT_AT("data.delete_version_after", "\"-1s\"");
    EXPECT(200, kv_post("data/t", "{\"data\":{}}"));
    EXPECT_AT("data.deletion_time", "\"2026-09-21T15:13:20Z\"");
    kv_end();
}

static void
custom_metadata_is_shown_with_every_version(void)
{
    kv_begin();
    EXPECT(204, kv_post("metadata/s", "{\"custom_metadata\":{\"owner\":\"shop\",\"a\":\"\"}}"));
    EXPECT(200, kv_post("data/s", "{\"data\":{}}"));
    EXPECT_AT("data.custom_metadata", "{\"a\":\"\",\"owner\":\"shop\"}");
    EXPECT(200, kv_get("data/s"));
    EXPECT_AT("data.metadata.custom_metadata", "{\"a\":\"\",\"owner\":\"shop\"}");
    EXPECT(200, kv_get("metadata/s"));
    EXPECT_AT("data.custom_metadata", "{\"a\":\"\",\"owner\":\"shop\"}");
    EXPECT(204, kv_post("metadata/s", "{\"max_versions\":3,\"custom_metadata\":null}"));
    EXPECT(200, kv_get("metadata/s"));
    EXPECT_AT("data.custom_metadata", "{\"a\":\"\",\"owner\":\"shop\"}");
    EXPECT(204, kv_post("metadata/s", "{\"custom_metadata\":\"{\\\"b\\\":\\\"2\\\"}\"}"));
    EXPECT(200, kv_get("metadata/s"));
    EXPECT_AT("data.custom_metadata", "{\"b\":\"2\"}");
    EXPECT(204, kv_post("metadata/s", "{\"custom_metadata\":{}}"));
    EXPECT(200, kv_get("metadata/s"));
    EXPECT_AT("data.custom_metadata", "null");
    kv_end();
}

static void
custom_metadata_that_is_no_map_of_text_is_refused(void)
{
    static const char *const values[] = {
        "[1]",
        "1",
        "true",
        "{\"k\":1}",
        "{\"k\":{}}",
        "{\"k\":[]}",
        "{\"k\":true}",
        "{\"\":\"v\"}",
        "\"text\"",
        "{\"k\":\"a\\u0001b\"}",
        "{\"k\\n\":\"v\"}",
    };
    char body[128];

    kv_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(values); i++) {
        (void)snprintf(body, sizeof(body), "{\"custom_metadata\":%s}", values[i]);
        EXPECT(400, kv_post("metadata/s", body));
        CU_ASSERT_TRUE(api_bench_error(&kv)[0] != '\0');
    }
    EXPECT_NOTHING(kv_get("metadata/s"));
    kv_end();
}

/* {"custom_metadata":{"k0":v,…}} */
static const char *
body_of_members(int from, int to, const char *value)
{
    static char body[8192];
    size_t at = (size_t)snprintf(body, sizeof(body), "{\"custom_metadata\":{");

    for (int i = from; i < to; i++) {
        at += (size_t)snprintf(body + at, sizeof(body) - at, "%s\"k%03d\":%s", i == from ? "" : ",",
                               i, value);
    }
    (void)snprintf(body + at, sizeof(body) - at, "}}");
    return body;
}

static void
custom_metadata_has_at_most_64_members(void)
{
    kv_begin();
    EXPECT(400, kv_post("metadata/s", body_of_members(0, 65, "\"v\"")));
    EXPECT(400, kv_post("metadata/s", body_of_members(0, 300, "\"v\"")));
    EXPECT(204, kv_post("metadata/s", body_of_members(0, 64, "\"v\"")));
    EXPECT(400, kv_patch("metadata/s", "{\"custom_metadata\":{\"more\":\"v\"}}"));
    EXPECT(204, kv_patch("metadata/s", "{\"custom_metadata\":{\"k000\":\"new\"}}"));
    EXPECT(204, kv_patch("metadata/s", "{\"custom_metadata\":{\"more\":\"v\",\"k001\":null}}"));
    EXPECT(204, kv_patch("metadata/s", body_of_members(0, 100, "null")));
    EXPECT(200, kv_get("metadata/s"));
    EXPECT_AT("data.custom_metadata", "{\"more\":\"v\"}");
    kv_end();
}

static void
a_patch_merges(void)
{
    kv_begin();
    EXPECT(204, kv_post("metadata/s", "{\"max_versions\":4,\"cas_required\":true,"
                                      "\"delete_version_after\":60,"
                                      "\"custom_metadata\":{\"a\":\"1\",\"b\":\"2\"}}"));
    EXPECT(204, kv_patch("metadata/s", "{\"custom_metadata\":{\"a\":null,\"c\":\"3\","
                                       "\"never\":null}}"));
    EXPECT(200, kv_get("metadata/s"));
    EXPECT_AT("data.custom_metadata", "{\"b\":\"2\",\"c\":\"3\"}");
    EXPECT_AT("data.max_versions", "4");
    EXPECT_AT("data.cas_required", "true");
    EXPECT_AT("data.delete_version_after", "\"1m0s\"");
    EXPECT(204, kv_patch("metadata/s", "{\"max_versions\":null,\"cas_required\":null,"
                                       "\"delete_version_after\":null,"
                                       "\"custom_metadata\":null}"));
    EXPECT(200, kv_get("metadata/s"));
    EXPECT_AT("data.custom_metadata", "null");
    EXPECT_AT("data.max_versions", "0");
    EXPECT_AT("data.cas_required", "false");
    EXPECT_AT("data.delete_version_after", "\"0s\"");
    EXPECT_NOTHING(kv_patch("metadata/never", "{}"));
    EXPECT(415, kv_call(API_PATCH, "metadata/s", "{}"));
    EXPECT(400, kv_patch("metadata/s", "{\"custom_metadata\":{\"a\":1}}"));
    kv_end();
}

static void
removing_takes_everything(void)
{
    kv_begin();
    EXPECT(200, kv_post("data/s", "{\"data\":{}}"));
    EXPECT(200, kv_post("data/s", "{\"data\":{}}"));
    EXPECT(200, kv_post("data/s/t", "{\"data\":{}}"));
    EXPECT(204, kv_delete("metadata/s"));
    EXPECT_NOTHING(kv_get("metadata/s"));
    EXPECT_NOTHING(kv_get("data/s"));
    EXPECT_NOTHING(kv_get("data/s?version=1"));
    EXPECT(200, kv_get("data/s/t"));
    EXPECT(204, kv_delete("metadata/s"));
    EXPECT(200, kv_post("data/s", "{\"data\":{},\"options\":{\"cas\":0}}"));
    EXPECT_AT("data.version", "1");
    kv_end();
}

static const struct test_case cases[] = {
    { "metadata tells all versions", metadata_tells_all_versions },
    { "metadata may come before data", metadata_may_come_before_data },
    { "an empty body makes the entry", an_empty_body_makes_the_entry },
    { "settings out of range are refused", settings_out_of_range_are_refused },
    { "a negative time disables deletion", a_negative_time_disables_deletion },
    { "custom metadata is shown with every version", custom_metadata_is_shown_with_every_version },
    { "custom metadata that is no map of text is refused",
      custom_metadata_that_is_no_map_of_text_is_refused },
    { "custom metadata has at most 64 members", custom_metadata_has_at_most_64_members },
    { "a patch merges", a_patch_merges },
    { "removing takes everything", removing_takes_everything },
};

TEST_MAIN("api/kv_metadata", cases)

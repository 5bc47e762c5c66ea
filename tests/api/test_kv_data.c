/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/kv_bench.h"

#include <stdio.h>

#define N1 "{\"data\":{\"n\":1}}"
#define N2 "{\"data\":{\"n\":2}}"

/* The bench's clock begins here. */
#define NOW "2026-09-21T14:13:20Z"

static void
a_write_answers_with_its_version(void)
{
    kv_begin();
    EXPECT(200, kv_post("data/s", N1));
    EXPECT_AT("data", "{\"created_time\":\"" NOW "\",\"custom_metadata\":null,"
                      "\"deletion_time\":\"\",\"destroyed\":false,\"version\":1}");
    EXPECT(200, kv_call(API_PUT, "data/s", N2));
    EXPECT_AT("data.version", "2");
    kv_end();
}

static void
a_read_answers_with_data_and_metadata(void)
{
    kv_begin();
    EXPECT(200, kv_post("data/a/b", N1));
    EXPECT(200, kv_get("data/a/b"));
    EXPECT_AT("data", "{\"data\":{\"n\":1},\"metadata\":{\"created_time\":\"" NOW
                      "\",\"custom_metadata\":null,\"deletion_time\":\"\",\"destroyed\":false,"
                      "\"version\":1}}");
    kv_end();
}

static void
data_comes_back_byte_for_byte(void)
{
    static const char *const values[] = {
        "{\"n\":12345678901234567890,\"f\":1.0,\"e\":1E+400,\"neg\":-0}",
        "{ \"spaced\" :\t[ 1 , 2 ]\n}",
        "{\"escaped\":\"\\u00e4\\/\\ud83d\\ude00\",\"plain\":\"\xc3\xa4/\"}",
        "{\"z\":1,\"a\":2,\"\":{}}",
        "{\"bytes\":\"\\u0000\\u0001\"}",
        "{}",
    };
    char body[512];
    char want[512];

    kv_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(values); i++) {
        (void)snprintf(body, sizeof(body), " {\"options\":{}, \"data\" : %s } ", values[i]);
        (void)snprintf(want, sizeof(want), "\"data\":{\"data\":%s,\"metadata\":", values[i]);
        EXPECT(200, kv_post("data/s", body));
        EXPECT(200, kv_get("data/s"));
        CU_ASSERT_TRUE(kv_says(want));
    }
    kv_end();
}

static void
what_is_no_object_is_refused(void)
{
    static const struct {
        const char *body;
        const char *error; /* how it begins */
    } table[] = {
        { NULL, "no data provided" },
        { "null", "no data provided" },
        { " ", "no data provided" },
        { "{}", "no data provided" },
        { "{\"options\":{\"cas\":0}}", "no data provided" },
        { "{\"data\":\"x\"}", "error converting input for field \"data\": expected a map" },
        { "{\"data\":[]}", "error converting input for field \"data\": expected a map" },
        { "{\"data\":1}", "error converting input for field \"data\": expected a map" },
        { "{\"data\":true}", "error converting input for field \"data\": expected a map" },
        { "{\"data\":{}", "failed to decode JSON input: " },
        { "{\"data\":{\"a\":1,\"a\":2}}", "failed to decode JSON input: " },
        { "{\"data\":{\"a\\u0000\":1}}", "failed to decode JSON input: " },
        { "{\"data\":{\"a\":01}}", "failed to decode JSON input: " },
        { "{\"data\":{}} x", "failed to decode JSON input: " },
        { "[]", "failed to decode JSON input: " },
        { "\"data\"", "failed to decode JSON input: " },
    };

    kv_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        EXPECT(400, kv_post("data/s", table[i].body));
        CU_ASSERT_EQUAL(strncmp(api_bench_error(&kv), table[i].error, strlen(table[i].error)), 0);
    }
    EXPECT_NOTHING(kv_get("data/s"));
    EXPECT_NOTHING(kv_get("metadata/s"));
    kv_end();
}

static void
no_data_is_an_empty_object(void)
{
    kv_begin();
    EXPECT(200, kv_post("data/s", "{\"data\":null}"));
    EXPECT(200, kv_get("data/s"));
    EXPECT_AT("data.data", "{}");
    kv_end();
}

/* Writes in order. */
static void
cas_decides(void)
{
    static const char mismatch[] = "check-and-set parameter did not match the current version";
    static const struct {
        const char *options;
        int status;
    } table[] = {
        { "{\"cas\":1}", 400 },
        { "{\"cas\":0}", 200 },
        { "{\"cas\":0}", 400 },
        { "{\"cas\":\"1\"}", 200 },
        { "{\"cas\":\"1\"}", 400 },
        { "{}", 200 },
        { "null", 200 },
        { "{\"cas\":4}", 200 },
    };
    char body[128];

    kv_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        (void)snprintf(body, sizeof(body), "{\"data\":{},\"options\":%s}", table[i].options);
        EXPECT(table[i].status, kv_post("data/s", body));
        if (table[i].status == 400) {
            EXPECT_ERROR(mismatch);
        }
    }
    EXPECT_AT("data.version", "5");
    EXPECT(204, kv_delete("data/s"));
    EXPECT(400, kv_post("data/s", "{\"data\":{},\"options\":{\"cas\":0}}"));
    EXPECT(200, kv_post("data/s", "{\"data\":{},\"options\":{\"cas\":5}}"));
    kv_end();
}

static void
a_cas_that_cannot_be_read_prevents_the_write(void)
{
    static const char *const options[] = {
        "{\"cas\":\"x\"}",
        "{\"cas\":-1}",
        "{\"cas\":1.0}",
        "{\"cas\":null}",
        "{\"cas\":true}",
        "{\"cas\":{}}",
        "{\"cas\":\"\"}",
        "[]",
        "\"cas=1\"",
        "1",
        "{\"cas\":99999999999999999999}",
    };
    char body[128];

    kv_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(options); i++) {
        (void)snprintf(body, sizeof(body), "{\"data\":{},\"options\":%s}", options[i]);
        EXPECT(400, kv_post("data/s", body));
    }
    EXPECT_NOTHING(kv_get("metadata/s"));
    kv_end();
}

static void
a_mount_may_require_cas(void)
{
    kv_begin();
    EXPECT(204, kv_post("config", "{\"cas_required\":\"true\"}"));
    EXPECT(400, kv_post("data/s", N1));
    EXPECT_ERROR("check-and-set parameter required for this call");
    EXPECT(200, kv_post("data/s", "{\"data\":{},\"options\":{\"cas\":0}}"));
    EXPECT(400, kv_patch("data/s", N1));
    EXPECT(200, kv_patch("data/s", "{\"data\":{},\"options\":{\"cas\":1}}"));
    kv_end();
}

static void
versions_are_read_by_number(void)
{
    kv_begin();
    EXPECT(200, kv_post("data/s", N1));
    EXPECT(200, kv_post("data/s", N2));
    EXPECT(200, kv_get("data/s?version=1"));
    EXPECT_AT("data.data", "{\"n\":1}");
    EXPECT_AT("data.metadata.version", "1");
    EXPECT(200, kv_get("data/s?version=0"));
    EXPECT_AT("data.data", "{\"n\":2}");
    EXPECT(200, kv_get("data/s?version="));
    EXPECT_NOTHING(kv_get("data/s?version=3"));
    EXPECT_NOTHING(kv_get("data/s?version=99"));
    EXPECT_NOTHING(kv_get("data/never"));
    EXPECT(400, kv_get("data/s?version=abc"));
    EXPECT(400, kv_get("data/s?version=-1"));
    EXPECT(400, kv_get("data/s?version=1.0"));
    EXPECT(400, kv_get("data/s?version=99999999999999999999"));
    kv_end();
}

static void
a_deleted_version_shows_its_metadata(void)
{
    kv_begin();
    EXPECT(200, kv_post("data/s", N1));
    EXPECT(204, kv_delete("data/s"));
    CU_ASSERT_EQUAL(kv.reply.body.len, 0);
    EXPECT(404, kv_get("data/s"));
    EXPECT_AT("data", "{\"data\":null,\"metadata\":{\"created_time\":\"" NOW
                      "\",\"custom_metadata\":null,\"deletion_time\":\"" NOW
                      "\",\"destroyed\":false,\"version\":1}}");
    EXPECT_AT("errors", "(absent)");
    EXPECT(204, kv_delete("data/s"));
    EXPECT(204, kv_delete("data/never"));
    EXPECT_NOTHING(kv_get("metadata/never"));
    EXPECT(200, kv_post("data/s", N2));
    EXPECT_AT("data.version", "2");
    kv_end();
}

static void
a_version_ends_in_time(void)
{
    kv_begin();
    EXPECT(204, kv_post("metadata/s", "{\"delete_version_after\":\"10s\"}"));
    EXPECT(200, kv_post("data/s", N1));
    EXPECT_AT("data.deletion_time", "\"2026-09-21T14:13:30Z\"");
    tsec_clock_fake_advance(&kv.node.clock, 9 * TSEC_NS_PER_S);
    EXPECT(200, kv_get("data/s"));
    tsec_clock_fake_advance(&kv.node.clock, TSEC_NS_PER_S);
    EXPECT(404, kv_get("data/s"));
    EXPECT_AT("data.data", "null");
    kv_end();
}

static void
a_patch_merges_into_the_current_version(void)
{
    kv_begin();
    EXPECT(200, kv_post("data/s", "{\"data\":{\"a\":{\"x\":1,\"y\":2.50},\"b\":[1],\"c\":\"c\"}}"));
    EXPECT(200, kv_patch("data/s", "{\"data\":{\"a\":{\"x\":null,\"z\":3},\"b\":[2],\"c\":null},"
                                   "\"options\":{\"cas\":1}}"));
    EXPECT_AT("data.version", "2");
    EXPECT(200, kv_get("data/s"));
    EXPECT_AT("data.data", "{\"a\":{\"y\":2.5,\"z\":3},\"b\":[2]}");
    CU_ASSERT_TRUE(kv_says("2.50"));
    EXPECT(200, kv_get("data/s?version=1"));
    EXPECT_AT("data.data.c", "\"c\"");
    kv_end();
}

static void
a_patch_is_refused_where_there_is_nothing_to_patch(void)
{
    kv_begin();
    EXPECT_NOTHING(kv_patch("data/s", N1));
    EXPECT(204, kv_post("metadata/s", "{}"));
    EXPECT_NOTHING(kv_patch("data/s", N1));
    EXPECT(200, kv_post("data/s", N1));
    EXPECT(400, kv_patch("data/s", "{}"));
    EXPECT_ERROR("no data provided");
    EXPECT(400, kv_patch("data/s", "{\"data\":{},\"options\":{\"cas\":7}}"));
    EXPECT(415, kv_call(API_PATCH, "data/s", N2));
    EXPECT(204, kv_delete("data/s"));
    EXPECT(404, kv_patch("data/s", N2));
    EXPECT_AT("data.data", "null");
    EXPECT_AT("data.metadata.version", "1");
    EXPECT(200, kv_get("metadata/s"));
    EXPECT_AT("data.current_version", "1");
    kv_end();
}

static char large[1100000];

static const char *
body_of(size_t len)
{
    static const char head[] = "{\"data\":{\"x\":\"";
    static const char tail[] = "\"}}";

    memset(large, 'x', len);
    memcpy(large, head, sizeof(head) - 1);
    memcpy(large + len - (sizeof(tail) - 1), tail, sizeof(tail));
    return large;
}

static void
a_secret_that_is_too_large_is_refused(void)
{
    kv_begin();
    EXPECT(413, kv_post("data/s", body_of(1048576)));
    EXPECT_NOTHING(kv_get("metadata/s"));
    EXPECT(200, kv_post("data/s", body_of(1000000)));
    EXPECT(200, kv_get("data/s"));
    CU_ASSERT_TRUE(kv.reply.body.len > 999000);
    kv_end();
}

static const struct test_case cases[] = {
    { "a write answers with its version", a_write_answers_with_its_version },
    { "a read answers with data and metadata", a_read_answers_with_data_and_metadata },
    { "data comes back byte for byte", data_comes_back_byte_for_byte },
    { "what is no object is refused", what_is_no_object_is_refused },
    { "no data is an empty object", no_data_is_an_empty_object },
    { "cas decides", cas_decides },
    { "a cas that cannot be read prevents the write",
      a_cas_that_cannot_be_read_prevents_the_write },
    { "a mount may require cas", a_mount_may_require_cas },
    { "versions are read by number", versions_are_read_by_number },
    { "a deleted version shows its metadata", a_deleted_version_shows_its_metadata },
    { "a version ends in time", a_version_ends_in_time },
    { "a patch merges into the current version", a_patch_merges_into_the_current_version },
    { "a patch is refused where there is nothing to patch",
      a_patch_is_refused_where_there_is_nothing_to_patch },
    { "a secret that is too large is refused", a_secret_that_is_too_large_is_refused },
};

TEST_MAIN("api/kv_data", cases)

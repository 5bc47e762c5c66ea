/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/kv_bench.h"

#include <stdio.h>

static void
write_three(void)
{
    kv_begin();
    EXPECT(200, kv_post("data/s", "{\"data\":{\"n\":1}}"));
    EXPECT(200, kv_post("data/s", "{\"data\":{\"n\":2}}"));
    EXPECT(200, kv_post("data/s", "{\"data\":{\"n\":3}}"));
}

static void
expect_versions(int one, int two, int three)
{
    EXPECT(one, kv_get("data/s?version=1"));
    EXPECT(two, kv_get("data/s?version=2"));
    EXPECT(three, kv_get("data/s?version=3"));
}

/* Each way to write the same two numbers. */
static void
versions_are_named_in_many_ways(void)
{
    static const char *const ways[] = {
        "{\"versions\":[1,3]}",   "{\"versions\":[\"1\",\"3\"]}", "{\"versions\":[1,\"3\"]}",
        "{\"versions\":\"1,3\"}", "{\"versions\":[3,3,1,99,0]}",
    };

    write_three();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(ways); i++) {
        EXPECT(204, kv_post("delete/s", ways[i]));
        CU_ASSERT_EQUAL(kv.reply.body.len, 0);
        expect_versions(404, 200, 404);
        EXPECT(204, kv_post("undelete/s", ways[i]));
        expect_versions(200, 200, 200);
    }
    EXPECT(204, kv_call(API_PUT, "delete/s", "{\"versions\":2}"));
    expect_versions(200, 404, 200);
    kv_end();
}

static void
a_destroyed_version_says_so_and_stays_so(void)
{
    write_three();
    EXPECT(204, kv_post("destroy/s", "{\"versions\":[3]}"));
    EXPECT(404, kv_get("data/s"));
    EXPECT_AT("data.data", "null");
    EXPECT_AT("data.metadata.destroyed", "true");
    EXPECT_AT("data.metadata.deletion_time", "\"\"");
    EXPECT(204, kv_post("undelete/s", "{\"versions\":[3]}"));
    expect_versions(200, 200, 404);
    EXPECT(200, kv_get("metadata/s"));
    EXPECT_AT("data.versions.3.destroyed", "true");
    EXPECT_AT("data.versions.2.destroyed", "false");
    kv_end();
}

static void
no_versions_are_refused(void)
{
    static const char *const bodies[] = {
        NULL, "null", "{}", "{\"versions\":[]}", "{\"versions\":\"\"}", "{\"versions\":null}"
    };

    write_three();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bodies); i++) {
        EXPECT(400, kv_post("delete/s", bodies[i]));
        EXPECT_ERROR("No version number provided");
        EXPECT(400, kv_post("undelete/s", bodies[i]));
        EXPECT_ERROR("No version number provided");
        EXPECT(400, kv_post("destroy/s", bodies[i]));
        EXPECT_ERROR("no version number provided");
    }
    expect_versions(200, 200, 200);
    kv_end();
}

static void
what_is_no_version_changes_none(void)
{
    static const char *const bodies[] = {
        "{\"versions\":[1,\"x\"]}", "{\"versions\":[1,-1]}",  "{\"versions\":[1,1.5]}",
        "{\"versions\":{\"1\":1}}", "{\"versions\":[1,[2]]}", "{\"versions\":\"1;2\"}",
        "{\"versions\":true}",      "{\"versions\":[1",       "[1]",
    };

    write_three();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bodies); i++) {
        EXPECT(400, kv_post("delete/s", bodies[i]));
        EXPECT(400, kv_post("destroy/s", bodies[i]));
    }
    expect_versions(200, 200, 200);
    kv_end();
}

static void
what_is_not_there_is_no_error(void)
{
    write_three();
    EXPECT(204, kv_post("delete/never", "{\"versions\":[1]}"));
    EXPECT(204, kv_post("undelete/never", "{\"versions\":[1]}"));
    EXPECT(204, kv_post("destroy/never", "{\"versions\":[1]}"));
    EXPECT(204, kv_post("destroy/s", "{\"versions\":[7]}"));
    EXPECT_NOTHING(kv_get("metadata/never"));
    expect_versions(200, 200, 200);
    kv_end();
}

static const struct test_case cases[] = {
    { "versions are named in many ways", versions_are_named_in_many_ways },
    { "a destroyed version says so and stays so", a_destroyed_version_says_so_and_stays_so },
    { "no versions are refused", no_versions_are_refused },
    { "what is no version changes none", what_is_no_version_changes_none },
    { "what is not there is no error", what_is_not_there_is_no_error },
};

TEST_MAIN("api/kv_versions", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/kv_bench.h"

#include <stdio.h>

static void
write_some(void)
{
    static const char *const paths[] = { "data/z", "data/a/c/d", "data/a", "data/a-b", "data/a/b" };

    kv_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(paths); i++) {
        EXPECT(200, kv_post(paths[i], "{\"data\":{}}"));
    }
}

static void
a_listing_shows_names_and_folders(void)
{
    static const struct {
        enum api_method method;
        const char *path;
        const char *keys;
    } table[] = {
        { API_LIST, "metadata/", "[\"a\",\"a-b\",\"a/\",\"z\"]" },
        { API_LIST, "metadata", "[\"a\",\"a-b\",\"a/\",\"z\"]" },
        { API_GET, "metadata?list=true", "[\"a\",\"a-b\",\"a/\",\"z\"]" },
        { API_GET, "metadata/?list=1", "[\"a\",\"a-b\",\"a/\",\"z\"]" },
        { API_LIST, "metadata/a", "[\"b\",\"c/\"]" },
        { API_LIST, "metadata/a/", "[\"b\",\"c/\"]" },
        { API_GET, "metadata/a/c?list=True", "[\"d\"]" },
        { API_LIST, "metadata/?limit=2", "[\"a\",\"a-b\"]" },
        { API_LIST, "metadata/?limit=-1&after=a", "[\"a-b\",\"a/\",\"z\"]" },
        { API_LIST, "metadata/?limit=0&after=a-b", "[\"a/\",\"z\"]" },
        { API_LIST, "metadata/?after=a/&limit=1", "[\"z\"]" },
        { API_LIST, "metadata/a/?after=b", "[\"c/\"]" },
        { API_SCAN, "metadata/", "[\"a\",\"a-b\",\"a/b\",\"a/c/d\",\"z\"]" },
        { API_GET, "metadata?scan=true", "[\"a\",\"a-b\",\"a/b\",\"a/c/d\",\"z\"]" },
        { API_SCAN, "metadata/a", "[\"b\",\"c/d\"]" },
        { API_SCAN, "metadata/?after=a/b&limit=1", "[\"a/c/d\"]" },
    };

    write_some();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        EXPECT(200, kv_call(table[i].method, table[i].path, NULL));
        EXPECT_AT("data.keys", table[i].keys);
    }
    kv_end();
}

static void
nothing_to_list_is_not_found(void)
{
    kv_begin();
    EXPECT_NOTHING(kv_list("metadata/"));
    kv_end();
    write_some();
    EXPECT_NOTHING(kv_list("metadata/never"));
    EXPECT_NOTHING(kv_list("metadata/z/"));
    EXPECT_NOTHING(kv_list("metadata/?after=z"));
    EXPECT_NOTHING(kv_call(API_SCAN, "metadata/z", NULL));
    kv_end();
}

static void
a_limit_that_is_no_number_is_refused(void)
{
    static const char *const bad[] = { "metadata/?limit=x", "metadata/?limit=-2",
                                       "metadata/?limit=1.5", "metadata/?limit=1x" };

    write_some();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        EXPECT(400, kv_list(bad[i]));
    }
    kv_end();
}

static void
names_are_escaped(void)
{
    kv_begin();
    EXPECT(200, kv_post("data/say \"hi\" \\ \xc3\xa4", "{\"data\":{}}"));
    EXPECT(200, kv_list("metadata/"));
    EXPECT_AT("data.keys.0", "\"say \\\"hi\\\" \\\\ \xc3\xa4\"");
    EXPECT(200, kv_get("data/say \"hi\" \\ \xc3\xa4"));
    kv_end();
}

static void
to_list_needs_the_right_to(void)
{
    char reader[TOKEN_TEXT_MAX + 1];
    char lister[TOKEN_TEXT_MAX + 1];

    write_some();
    EXPECT(204, api_bench_root(&kv, API_POST, "/v1/sys/policies/acl/reader",
                               "{\"policy\":\"path \\\"secret/metadata/*\\\" "
                               "{ capabilities = [\\\"read\\\"] }\"}"));
    EXPECT(204, api_bench_root(&kv, API_POST, "/v1/sys/policies/acl/lister",
                               "{\"policy\":\"path \\\"secret/metadata/*\\\" "
                               "{ capabilities = [\\\"list\\\"] }\"}"));
    api_bench_token(&kv, "reader", reader);
    api_bench_token(&kv, "lister", lister);
    EXPECT(403, api_bench_call(&kv, API_LIST, "/v1/secret/metadata/a", reader, NULL));
    EXPECT(200, api_bench_call(&kv, API_LIST, "/v1/secret/metadata/a", lister, NULL));
    EXPECT(403, api_bench_call(&kv, API_SCAN, "/v1/secret/metadata/a", lister, NULL));
    EXPECT(403, api_bench_call(&kv, API_GET, "/v1/secret/metadata/a", lister, NULL));
    kv_end();
}

static const struct test_case cases[] = {
    { "a listing shows names and folders", a_listing_shows_names_and_folders },
    { "nothing to list is not found", nothing_to_list_is_not_found },
    { "a limit that is no number is refused", a_limit_that_is_no_number_is_refused },
    { "names are escaped", names_are_escaped },
    { "to list needs the right to", to_list_needs_the_right_to },
};

TEST_MAIN("api/kv_list", cases)

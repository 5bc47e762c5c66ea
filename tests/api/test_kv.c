/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for every resource of a kv mount. */
#include "tests/api/kv_bench.h"

static const char ROOT_WARNING[] =
    "[\"Non-listing operations on the root of a K/V v2 mount are not supported.\"]";

static void
the_root_of_the_mount_is_no_secret(void)
{
    static const struct {
        enum api_method method;
        const char *path;
        const char *body;
    } table[] = {
        { API_GET, "data", NULL },
        { API_GET, "data/", NULL },
        { API_POST, "data", "{\"data\":{}}" },
        { API_DELETE, "data/", NULL },
        { API_GET, "metadata", NULL },
        { API_GET, "metadata/", NULL },
        { API_POST, "metadata", "{}" },
        { API_DELETE, "metadata/", NULL },
        { API_GET, "subkeys/", NULL },
        { API_POST, "delete", "{\"versions\":[1]}" },
        { API_POST, "undelete", "{\"versions\":[1]}" },
        { API_POST, "destroy", "{\"versions\":[1]}" },
    };

    kv_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        EXPECT(404, kv_call(table[i].method, table[i].path, table[i].body));
        EXPECT_AT("data", "null");
        EXPECT_AT("warnings", ROOT_WARNING);
    }
    kv_end();
}

static void
paths_of_unversioned_kv_are_explained(void)
{
    kv_begin();
    EXPECT(404, kv_get("app/db"));
    CU_ASSERT_PTR_NOT_NULL(strstr(api_bench_str(&kv, "warnings.0"), "versioned K/V"));
    EXPECT(404, kv_post("app/db", "{\"a\":1}"));
    EXPECT(404, kv_get("data/app/db"));
    kv_end();
}

static void
a_path_that_ends_in_a_slash_is_not_written(void)
{
    kv_begin();
    EXPECT(400, kv_post("data/a/", "{\"data\":{}}"));
    EXPECT_ERROR("cannot write to a path ending in '/'");
    EXPECT(400, kv_post("metadata/a/", "{}"));
    EXPECT(400, kv_patch("data/a/", "{\"data\":{}}"));
    EXPECT(400, kv_delete("data/a/"));
    EXPECT(400, kv_delete("metadata/a/"));
    EXPECT_NOTHING(kv_get("data/a/"));
    EXPECT_NOTHING(kv_get("metadata/a/"));
    kv_end();
}

static void
a_path_past_its_limit_is_refused(void)
{
    char path[600] = "data/";

    memset(path + 5, 'x', 257);
    kv_begin();
    EXPECT(400, kv_post(path, "{\"data\":{}}"));
    EXPECT(400, kv_get(path));
    EXPECT(400, kv_delete(path));
    path[5 + 256] = '\0';
    EXPECT(200, kv_post(path, "{\"data\":{}}"));
    kv_end();
}

static void
verbs_that_a_resource_has_not_are_refused(void)
{
    static const struct {
        enum api_method method;
        const char *path;
    } table[] = {
        { API_DELETE, "config" }, { API_GET, "delete/a" },     { API_GET, "destroy/a" },
        { API_LIST, "data/" },    { API_POST, "subkeys/a" },   { API_PATCH, "undelete/a" },
        { API_LIST, "config" },   { API_DELETE, "subkeys/a" },
    };

    kv_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        EXPECT(405, kv_call(table[i].method, table[i].path, NULL));
        EXPECT_ERROR("1 error occurred:\n\t* unsupported operation\n\n");
    }
    kv_end();
}

static void
every_reply_says_that_it_is_of_a_kv_mount(void)
{
    kv_begin();
    EXPECT(200, kv_post("data/s", "{\"data\":{}}"));
    EXPECT_AT("mount_type", "\"kv\"");
    EXPECT_AT("lease_id", "\"\"");
    EXPECT_AT("lease_duration", "0");
    EXPECT_AT("renewable", "false");
    EXPECT_AT("auth", "null");
    EXPECT_AT("wrap_info", "null");
    EXPECT_AT("warnings", "null");
    CU_ASSERT_TRUE(kv.reply.has_audit_index);
    kv_end();
}

static void
as(int status, enum api_method method, const char *path, const char *token, const char *body)
{
    CU_ASSERT_EQUAL(api_bench_call(&kv, method, path, token, body), status);
}

static void
to_create_and_to_update_are_different_rights(void)
{
    static const char data[] = "{\"data\":{\"n\":1}}";
    static const char s[] = "/v1/secret/data/s";
    char creator[TOKEN_TEXT_MAX + 1];
    char updater[TOKEN_TEXT_MAX + 1];

    kv_begin();
    EXPECT(204, api_bench_root(&kv, API_POST, "/v1/sys/policies/acl/creator",
                               "{\"policy\":\"path \\\"secret/*\\\" "
                               "{ capabilities = [\\\"create\\\"] }\"}"));
    EXPECT(204, api_bench_root(&kv, API_POST, "/v1/sys/policies/acl/updater",
                               "{\"policy\":\"path \\\"secret/*\\\" "
                               "{ capabilities = [\\\"update\\\"] }\"}"));
    api_bench_token(&kv, "creator", creator);
    api_bench_token(&kv, "updater", updater);
    as(403, API_POST, s, updater, data);
    as(200, API_POST, s, creator, data);
    as(403, API_POST, s, creator, data);
    as(200, API_POST, s, updater, data);
    as(403, API_GET, s, creator, NULL);
    as(403, API_PATCH, s, updater, data);
    as(403, API_DELETE, s, updater, NULL);
    as(403, API_POST, "/v1/secret/metadata/t", updater, "{}");
    as(204, API_POST, "/v1/secret/metadata/t", creator, "{}");
    as(403, API_POST, "/v1/secret/data/t", creator, data);
    as(204, API_POST, "/v1/secret/metadata/t", updater, "{}");
    kv_end();
}

static void
mounts_are_apart(void)
{
    kv_begin();
    EXPECT(204, api_bench_root(&kv, API_POST, "/v1/sys/mounts/other", "{\"type\":\"kv-v2\"}"));
    EXPECT(200, kv_post("data/s", "{\"data\":{\"n\":1}}"));
    EXPECT(404, api_bench_root(&kv, API_GET, "/v1/other/data/s", NULL));
    EXPECT(200, api_bench_root(&kv, API_POST, "/v1/other/data/s", "{\"data\":{\"n\":2}}"));
    EXPECT(200, kv_get("data/s"));
    EXPECT_AT("data.data", "{\"n\":1}");
    kv_end();
}

static void
a_reply_may_be_wrapped(void)
{
    kv_begin();
    EXPECT(200, kv_post("data/s", "{\"data\":{\"n\":1}}"));
    kv.wrap_ttl = "60";
    EXPECT(200, kv_get("data/s"));
    EXPECT_AT("data", "null");
    CU_ASSERT_TRUE(api_bench_has(&kv, "wrap_info.token"));
    CU_ASSERT_FALSE(kv_says("\"n\":1"));
    kv_end();
}

static const struct test_case cases[] = {
    { "the root of the mount is no secret", the_root_of_the_mount_is_no_secret },
    { "paths of unversioned kv are explained", paths_of_unversioned_kv_are_explained },
    { "a path that ends in a slash is not written", a_path_that_ends_in_a_slash_is_not_written },
    { "a path past its limit is refused", a_path_past_its_limit_is_refused },
    { "verbs that a resource has not are refused", verbs_that_a_resource_has_not_are_refused },
    { "every reply says that it is of a kv mount", every_reply_says_that_it_is_of_a_kv_mount },
    { "to create and to update are different rights",
      to_create_and_to_update_are_different_rights },
    { "mounts are apart", mounts_are_apart },
    { "a reply may be wrapped", a_reply_may_be_wrapped },
};

TEST_MAIN("api/kv", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static void
a_mount_is_enabled_tuned_listed_and_disabled(void)
{
    api_bench_open(&b, "mem:mounts");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/mounts/team/kv",
                                   "{\"type\":\"kv\",\"description\":\"d\",\"options\":{"
                                   "\"version\":\"2\"},\"config\":{\"max_lease_ttl\":\"1h\"}}"),
                    204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts", NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.team/kv/.type"), "kv");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "team/kv/.options.version"), "2");
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.team/kv/.config.max_lease_ttl"), 3600);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.sys/.type"), "system");
    CU_ASSERT_EQUAL(strncmp(api_bench_str(&b, "data.team/kv/.accessor"), "kv_", 3), 0);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/mounts/team/kv/tune",
                                   "{\"description\":\"e\",\"default_lease_ttl\":\"30m\"}"),
                    204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts/team/kv/tune", NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.description"), "e");
    CU_ASSERT_EQUAL(api_bench_int(&b, "default_lease_ttl"), 1800);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.options.version"), "2");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts/team/kv", NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.description"), "e");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, "/v1/sys/mounts/team/kv", NULL), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, "/v1/sys/mounts/team/kv", NULL), 204);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts/team/kv/tune", NULL), 400);
    api_bench_close(&b);
}

static void
mounts_that_cannot_be_are_refused(void)
{
    static const struct {
        const char *path;
        const char *body;
        const char *error;
    } refused[] = {
        { "/v1/sys/mounts/secret", "{\"type\":\"kv\"}", "path is already in use at secret/" },
        { "/v1/sys/mounts/secret/in", "{\"type\":\"kv\"}", "path is already in use at secret/" },
        { "/v1/sys/mounts/x", "{\"type\":\"pki\"}", "plugin not found in the catalog: pki" },
        { "/v1/sys/mounts/x", "{}", "backend type must be specified as a string" },
        { "/v1/sys/mounts/x", "{\"type\":\"kv\",\"options\":{\"version\":\"1\"}}",
          "only version 2 of kv is offered: set options.version to 2" },
        { "/v1/sys/mounts/sys/x", "{\"type\":\"kv\"}", "a mount cannot have that path" },
        { "/v1/sys/mounts/a*", "{\"type\":\"kv\"}", "a mount cannot have that path" },
        { "/v1/sys/mounts/x", "{\"type\":\"kv\",\"config\":7}", "config must be an object" },
        { "/v1/sys/mounts/secret/tune", "{\"options\":{\"version\":\"1\"}}",
          "cannot downgrade mount from version 2" },
    };

    api_bench_open(&b, "mem:mounts");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(refused); i++) {
        CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, refused[i].path, refused[i].body), 400);
        CU_ASSERT_STRING_EQUAL(api_bench_error(&b), refused[i].error);
    }
    api_bench_close(&b);
}

static void
a_mount_moves_with_its_id(void)
{
    char uuid[64];

    api_bench_open(&b, "mem:mounts");
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts/secret", NULL), 200);
    (void)snprintf(uuid, sizeof(uuid), "%s", api_bench_str(&b, "data.uuid"));
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/sys/remount", "{\"from\":\"secret\",\"to\":\"kv/new\"}"),
        200);
    CU_ASSERT_EQUAL(strlen(api_bench_str(&b, "data.migration_id")), 36);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts/kv/new", NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.uuid"), uuid);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts/secret", NULL), 400);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/sys/remount", "{\"from\":\"secret\",\"to\":\"a\"}"), 400);
    CU_ASSERT_EQUAL(
        api_bench_root(&b, API_POST, "/v1/sys/remount", "{\"from\":\"kv/new\",\"to\":\"sys/a\"}"),
        400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET,
                                   "/v1/sys/remount/status/7a3d0c1e-9d0b-4c6f-8f5e-2a51e0c3b6d4",
                                   NULL),
                    200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.migration_info.status"), "success");
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "a mount is enabled, tuned, listed, disabled", a_mount_is_enabled_tuned_listed_and_disabled },
    { "mounts that cannot be are refused", mounts_that_cannot_be_are_refused },
    { "a mount moves with its id", a_mount_moves_with_its_id },
};

TEST_MAIN("api/sys_mounts", cases)

/* SPDX-License-Identifier: Apache-2.0 */
/* Roles on real documents of AWS Nitro, at the time that the manifest of TSEC_VECTORS names.
 * Skipped where that folder is not. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "attest/appraiser.h"
#include "base/hex.h"
#include "core/attest_role.h"
#include "host/services.h"
#include "load/loader.h"
#include "tests/test.h"

enum { FILE_MAX = 65536, PATH_LEN = 4096 };

static char folder[PATH_LEN];
static json_t *manifest;
static struct plugin_services services;
static struct verifier plugin;
static struct verifiers *set;
static struct appraiser *appraiser;
static struct appraisal got;
static struct attest_role role;

static bool
read_file(const char *name, struct tsec_buf *out)
{
    char path[2 * PATH_LEN];
    uint8_t *at = tsec_buf_extend(out, FILE_MAX);
    FILE *in;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    in = fopen(path, "rb");
    if (in == NULL || at == NULL) {
        return false;
    }
    tsec_buf_truncate(out, fread(at, 1, FILE_MAX, in));
    (void)fclose(in);
    return true;
}

/* Of an enclave that is not in debug mode: its PCR0 is allowed, and `got` is the appraisal. */
static bool
appraise(const json_t *item, int64_t *at)
{
    const struct admission_policy policy = { .max_age_s = 0 };
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(FILE_MAX);
    struct appraiser_request request = { .format = "nitro" };
    char hex[2 * 64 + 1];
    char entry[256] = "";

    *at = json_integer_value(json_object_get(json_object_get(item, "expect"), "at"));
    CU_ASSERT_TRUE_FATAL(read_file(json_string_value(json_object_get(item, "path")), &bytes));
    request.evidence = tsec_buf_span(&bytes);
    for (int pass = 0; pass < 2; pass++) {
        const struct tsec_span span = tsec_span_str(entry);
        TSEC_AUTO(allowlist_free) struct allowlist *list = NULL;

        CU_ASSERT_EQUAL_FATAL(allowlist_new(&span, pass == 0 ? 0 : 1, &list, NULL).code, 0);
        appraiser_set_policy(appraiser, &policy, list);
        appraiser_appraise(appraiser, &request, *at, &got);
        if (pass == 0 && got.reason != TSEC_REASON_MEASUREMENT) {
            return false;
        }
        tsec_hex_encode(tsec_span(got.claims.measurement, got.claims.measurement_len), hex);
        (void)snprintf(entry, sizeof(entry), "nitro:pcr0=%s", hex);
    }
    return got.genuine && strcmp(got.claims.tee, "nitro") == 0;
}

static bool
admits(int64_t now, const char *reason)
{
    const char *given = NULL;
    size_t match = 0;
    const bool admitted =
        attest_role_admits(&role, &got.claims, "fresh", now, &match, &given, NULL);

    return reason == NULL ? admitted : !admitted && strcmp(given, reason) == 0;
}

/* Everything that a role can bind, true of this document and then not. */
static void
check_document(int64_t at)
{
    const char *own = got.entry;
    const char *other =
        "nitro:pcr0=5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"
        "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e";
    const char *instance = got.claims.instance;
    const char *format = "nitro";
    const char *digest = "5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e";

    role = (struct attest_role){ .name = "r", .min_tcb = "", .match = { &own, 1 } };
    CU_ASSERT_TRUE(admits(at, NULL));
    role.formats = (struct tsec_strings){ &format, 1 };
    role.bound_instances = (struct tsec_strings){ &instance, 1 };
    CU_ASSERT_TRUE(instance[0] != '\0' && admits(at, NULL));
    role.max_evidence_age_s = 300;
    CU_ASSERT_TRUE(got.claims.has_issued_at && admits(got.claims.issued_at + 300, NULL));
    CU_ASSERT_TRUE(admits(got.claims.issued_at + 301, "role-age"));
    role.max_evidence_age_s = 0;
    role.min_tcb = "UpToDate";
    CU_ASSERT_TRUE(admits(at, "role-tcb"));
    role.min_tcb = "";
    role.bound_config_digest = (struct tsec_strings){ &digest, 1 };
    CU_ASSERT_TRUE(admits(at, "role-config"));
    role.bound_config_digest.len = 0;
    instance = "i-0123456789abcdef0-enc0123456789abcdef";
    CU_ASSERT_TRUE(admits(at, "role-instance"));
    format = "snp";
    CU_ASSERT_TRUE(admits(at, "role-format"));
    role.match.items = &other;
    CU_ASSERT_TRUE(admits(at, "role-measurement"));
}

static void
genuine_documents_are_of_the_roles_that_name_what_they_show(void)
{
    const json_t *item = NULL;
    size_t checked = 0;
    size_t i = 0;

    json_array_foreach(json_object_get(manifest, "items"), i, item)
    {
        const char *kind = json_string_value(json_object_get(item, "kind"));
        const char *verdict =
            json_string_value(json_object_get(json_object_get(item, "expect"), "verdict"));
        int64_t at = 0;

        if (kind != NULL && verdict != NULL && strcmp(kind, "nitro") == 0
            && strcmp(verdict, "valid") == 0 && appraise(item, &at)) {
            check_document(at);
            checked++;
        }
    }
    CU_ASSERT_TRUE(checked > 0);
}

static const struct test_case cases[] = {
    { "genuine documents are of the roles that name what they show",
      genuine_documents_are_of_the_roles_that_name_what_they_show },
};

static bool
open_plugin(void)
{
    const struct tsec_plugin *loaded = NULL;

    if (tsec_failed(
            tsec_plugin_load(PLUGIN_DIR, "attest-nitro", TSEC_PLUGIN_ATTEST, &loaded, NULL))) {
        return false;
    }
    plugin_services_init(&services, "attest-nitro", NULL, &tsec_clock_system);
    plugin = (struct verifier){ "attest-nitro", loaded->attest, NULL };
    return !tsec_failed(plugin.ops->open(&services.host, &plugin.attest, NULL))
           && !tsec_failed(verifiers_new(&plugin, 1, &set, NULL))
           && !tsec_failed(appraiser_new(set, &(const struct admission_policy){ .max_age_s = 0 },
                                         NULL, &appraiser, NULL));
}

int
main(void)
{
    const char *given = getenv("TSEC_VECTORS");
    char path[PATH_LEN + 32];
    int failed;

    (void)snprintf(folder, sizeof(folder), "%s",
                   given == NULL ? SOURCE_DIR "/../shared/vectors" : given);
    (void)snprintf(path, sizeof(path), "%s/manifest.json", folder);
    manifest = json_load_file(path, 0, NULL);
    if (manifest == NULL) {
        (void)printf("no real evidence at %s (TSEC_VECTORS)\n", folder);
        return TEST_SKIP;
    }
    if (!open_plugin()) {
        return TEST_FAIL;
    }
    failed = test_main("core/attest_role_real", cases, sizeof(cases) / sizeof(cases[0]));
    appraiser_free(appraiser);
    verifiers_free(set);
    plugin.ops->close(plugin.attest);
    json_decref(manifest);
    return failed;
}

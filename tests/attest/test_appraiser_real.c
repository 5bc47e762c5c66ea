/* SPDX-License-Identifier: Apache-2.0 */
/* Real evidence under a policy of measurements: the plugins as the server loads them, at the time
 * that the manifest of TSEC_VECTORS names.  Skipped where that folder is not. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "attest/appraiser.h"
#include "base/hex.h"
#include "host/services.h"
#include "load/loader.h"
#include "tests/test.h"

enum { FILE_MAX = 1024 * 1024, PATH_LEN = 4096, COLLATERAL_MAX = 10 };

static char folder[PATH_LEN];
static json_t *manifest;
static struct plugin_services services[2];
static struct verifier plugins[2];
static struct verifiers *set;
static struct appraiser *appraiser;
static struct appraisal got;

struct item {
    const char *format;
    int64_t at;
    struct tsec_buf bytes[1 + COLLATERAL_MAX]; /* the first: evidence */
    struct tsec_span collateral[COLLATERAL_MAX];
    size_t collateral_len;
};

static void
read_file(const char *name, struct tsec_buf *out)
{
    char path[2 * PATH_LEN];
    uint8_t *at;
    FILE *in;
    size_t n;

    tsec_buf_init(out, FILE_MAX);
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    in = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    at = tsec_buf_extend(out, FILE_MAX);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    n = fread(at, 1, FILE_MAX, in);
    (void)fclose(in);
    tsec_buf_truncate(out, n);
}

static void
add_collateral(struct item *item, const char *name)
{
    struct tsec_buf *bytes = &item->bytes[1 + item->collateral_len];

    read_file(name, bytes);
    item->collateral[item->collateral_len++] = tsec_buf_span(bytes);
}

static void
item_open(const json_t *json, const char *format, struct item *item)
{
    static const char *const roots[] = { "milan-ark", "milan-ask", "milan-asvk",
                                         "genoa-ark", "genoa-ask", "genoa-asvk",
                                         "turin-ark", "turin-ask", "turin-asvk" };
    const char *vek = json_string_value(json_object_get(json, "vek"));
    char name[64];

    *item = (struct item){ .format = format };
    item->at = json_integer_value(json_object_get(json_object_get(json, "expect"), "at"));
    read_file(json_string_value(json_object_get(json, "path")), &item->bytes[0]);
    if (vek == NULL) {
        return;
    }
    add_collateral(item, vek);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(roots); i++) {
        (void)snprintf(name, sizeof(name), "sev-snp/amd-roots/%s.der", roots[i]);
        add_collateral(item, name);
    }
}

static void
item_close(struct item *item)
{
    for (size_t i = 0; i <= item->collateral_len; i++) {
        tsec_buf_done(&item->bytes[i]);
    }
}

static void
appraise(const struct item *item, int64_t now)
{
    const struct appraiser_request request = { .format = item->format,
                                               .evidence = tsec_buf_span(&item->bytes[0]),
                                               .collateral = item->collateral,
                                               .collateral_len = item->collateral_len };

    appraiser_appraise(appraiser, &request, now, &got);
}

static void
allow(const char *entry, int64_t max_age_s)
{
    const struct admission_policy policy = { .require_revocation = true, .max_age_s = max_age_s };
    const struct tsec_span span = tsec_span_str(entry);
    TSEC_AUTO(allowlist_free) struct allowlist *list = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(allowlist_new(&span, entry == NULL ? 0 : 1, &list, NULL)));
    appraiser_set_policy(appraiser, &policy, list);
}

/* What the evidence itself shows, as an entry. */
static void
entry_of(const struct tsec_claims *claims, char out[512])
{
    char hex[2 * 64 + 1];

    const char *name = strcmp(claims->tee, "nitro") == 0       ? "pcr0"
                       : strcmp(claims->tee, "nitro-tpm") == 0 ? "pcr4"
                                                               : "measurement";

    tsec_hex_encode(tsec_span(claims->measurement, claims->measurement_len), hex);
    (void)snprintf(out, 512, "%s:%s=%s", claims->tee, name, hex);
}

/* One item of the manifest that is valid at its time: admitted by what it shows, and by nothing
 * else.  False: not without debugging allowed. */
static bool
is_admitted_by_its_own_measurement_only(const struct item *item)
{
    char entry[512];

    allow(NULL, 0);
    appraise(item, item->at);
    CU_ASSERT_FALSE(got.genuine);
    if (got.reason != TSEC_REASON_MEASUREMENT) {
        CU_ASSERT_EQUAL(got.reason, TSEC_REASON_DEBUG);
        return false;
    }
    entry_of(&got.claims, entry);
    allow(entry, 0);
    appraise(item, item->at);
    CU_ASSERT_TRUE(got.genuine);
    CU_ASSERT_EQUAL(got.tier, TRUST_AFFIRMING);
    entry[strlen(entry) - 1] = entry[strlen(entry) - 1] == '0' ? '1' : '0';
    allow(entry, 0);
    appraise(item, item->at);
    CU_ASSERT_EQUAL(got.reason, TSEC_REASON_MEASUREMENT);
    return true;
}

/* How many of that kind were admitted. */
static size_t
each_valid(const char *kind, const char *format, void (*also)(const struct item *item))
{
    size_t admitted = 0;
    const json_t *json = NULL;
    size_t i = 0;

    json_array_foreach(json_object_get(manifest, "items"), i, json)
    {
        const json_t *expect = json_object_get(json, "expect");
        const char *says = json_string_value(json_object_get(expect, "verdict"));
        const char *is = json_string_value(json_object_get(json, "kind"));
        struct item item;

        if (says == NULL || is == NULL || strcmp(says, "valid") != 0 || strcmp(is, kind) != 0) {
            continue;
        }
        item_open(json, format, &item);
        if (is_admitted_by_its_own_measurement_only(&item)) {
            admitted++;
            also(&item);
        }
        item_close(&item);
    }
    return admitted;
}

/* By the setting of five minutes, and past the end of its certificates. */
static void
ages(const struct item *item)
{
    const int64_t made = got.claims.issued_at;
    const int64_t end = got.claims.not_after;
    char entry[512];

    entry_of(&got.claims, entry);
    allow(entry, 300);
    appraise(item, made + 60);
    CU_ASSERT_TRUE(got.genuine);
    appraise(item, made + 2 * 300 + 1);
    CU_ASSERT_EQUAL(got.reason, TSEC_REASON_STALE);
    allow(entry, 0);
    appraise(item, end + 1);
    CU_ASSERT_EQUAL(got.reason, TSEC_REASON_EXPIRED);
}

/* Nothing else vouches for a report. */
static void
needs_its_endorsement(const struct item *item)
{
    struct item bare = *item;

    bare.collateral_len = 0;
    appraise(&bare, item->at);
    CU_ASSERT_EQUAL(got.reason, TSEC_REASON_NO_ENDORSEMENT);
}

static void
genuine_nitro_documents_are_admitted_by_their_pcr0_while_they_are_fresh(void)
{
    CU_ASSERT_TRUE(each_valid("nitro", "nitro", ages) > 0);
}

static void
genuine_snp_reports_are_admitted_by_their_measurement_when_endorsed(void)
{
    CU_ASSERT_TRUE(each_valid("sev-snp", "snp", needs_its_endorsement) > 0);
}

static const struct test_case cases[] = {
    { "genuine Nitro documents are admitted by their PCR0 while they are fresh",
      genuine_nitro_documents_are_admitted_by_their_pcr0_while_they_are_fresh },
    { "genuine SNP reports are admitted by their measurement when endorsed",
      genuine_snp_reports_are_admitted_by_their_measurement_when_endorsed },
};

static bool
open_plugins(void)
{
    static const char *const names[] = { "attest-nitro", "attest-maa" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(names); i++) {
        const struct tsec_plugin *plugin = NULL;

        if (tsec_failed(
                tsec_plugin_load(PLUGIN_DIR, names[i], TSEC_PLUGIN_ATTEST, &plugin, NULL))) {
            return false;
        }
        plugin_services_init(&services[i], names[i], NULL, &tsec_clock_system);
        plugins[i] = (struct verifier){ names[i], plugin->attest, NULL };
        if (tsec_failed(plugin->attest->open(&services[i].host, &plugins[i].attest, NULL))) {
            return false;
        }
    }
    return !tsec_failed(verifiers_new(plugins, 2, &set, NULL))
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
    if (!open_plugins()) {
        return TEST_FAIL;
    }
    failed = test_main("attest/appraiser_real", cases, sizeof(cases) / sizeof(cases[0]));
    appraiser_free(appraiser);
    verifiers_free(set);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(plugins); i++) {
        plugins[i].ops->close(plugins[i].attest);
    }
    json_decref(manifest);
    return failed;
}

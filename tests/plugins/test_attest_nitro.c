/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin as a server sees it: loaded, with the root that is pinned. */
#include "attest-nitro/attest_nitro.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "load/loader.h"
#include "tests/double/fake_host.h"
#include "tests/mint/mint_nitro.h"
#include "tests/test.h"

static const struct tsec_attest_ops *ops;
static struct fake_host host;
static struct tsec_attest *attest;

static void
open_plugin(void)
{
    static const char *const settings[] = { NULL };

    fake_host_init(&host, settings);
    CU_ASSERT_EQUAL_FATAL(ops->open(&host.host, &attest, NULL).code, 0);
}

static void
it_says_what_it_accepts(void)
{
    struct tsec_attest_info info = { .struct_size = (uint32_t)sizeof(info) };

    open_plugin();
    ops->describe(attest, &info);
    CU_ASSERT_STRING_EQUAL(info.tee, "nitro");
    CU_ASSERT_PTR_NULL(info.makes[0]);
    CU_ASSERT_STRING_EQUAL(info.accepts[0], "nitro");
    CU_ASSERT_PTR_NULL(info.accepts[1]);
    CU_ASSERT_FALSE(info.simulated || info.debug);
    CU_ASSERT_EQUAL(info.measurement_len, 0);
    CU_ASSERT_EQUAL(ops->refresh(attest, NULL).code, 0);
    CU_ASSERT_EQUAL(ops->health(attest, NULL).code, 0);
    ops->close(attest);
    ops->close(NULL);
}

static tsec_rc
written(void *ctx, struct tsec_span chunk)
{
    (void)chunk;
    *(bool *)ctx = true;
    return TSEC_OK;
}

static void
it_makes_nothing_and_says_so(void)
{
    const struct tsec_evidence_request request = { .struct_size = (uint32_t)sizeof(request) };
    bool wrote = false;
    const struct tsec_sink sink = { &wrote, written };
    const char *format = NULL;
    struct tsec_err err = { .code = 0 };
    uint8_t key[TSEC_ROOT_KEY_LEN] = { 0 };

    open_plugin();
    CU_ASSERT_EQUAL(ops->evidence(attest, &request, &format, &sink, &err).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "verifies only"));
    CU_ASSERT_EQUAL(ops->root_key_create(attest, key, &sink, NULL).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(ops->root_key_open(attest, tsec_span_str("x"), key, NULL).code,
                    TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(ops->entropy(attest, key, sizeof(key), NULL).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_FALSE(wrote);
    CU_ASSERT_PTR_NULL(format);
    ops->close(attest);
}

static tsec_rc
verify(const char *format, const struct tsec_buf *document, struct tsec_checks *checks)
{
    static struct tsec_claims claims;
    const struct tsec_expectation expect = { .struct_size = (uint32_t)sizeof(expect),
                                             .checks = checks };

    memset(checks, 0, sizeof(*checks));
    checks->struct_size = (uint32_t)sizeof(*checks);
    return ops->verify(attest, format, tsec_buf_span(document), &expect, MINT_NITRO_NOW, &claims,
                       NULL);
}

/* Nothing that can be set makes the plugin trust a root that is not AWS's. */
static void
a_document_of_a_test_pki_is_refused(void)
{
    static struct tsec_checks checks;
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(MINT_NITRO_MAX);
    TSEC_AUTO_BUF struct tsec_buf root = TSEC_BUF_INIT(MINT_NITRO_MAX);
    struct mint_nitro_spec spec;

    open_plugin();
    mint_nitro_genuine(&spec);
    mint_nitro(&spec, &document, NULL);
    CU_ASSERT_EQUAL(verify("nitro", &document, &checks).code, TSEC_E_DENIED);
    CU_ASSERT_EQUAL(checks.reason, TSEC_REASON_CHAIN);
    CU_ASSERT_STRING_EQUAL(checks.items[checks.len - 1].name, "root");
    mint_nitro_cert(&spec, 0, &root);
    CU_ASSERT_EQUAL(ops->collateral_add(attest, tsec_buf_span(&root), NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(verify("nitro", &document, &checks).code, TSEC_E_DENIED);
    ops->close(attest);
}

static void
another_format_is_refused(void)
{
    static struct tsec_checks checks;
    static struct tsec_claims claims;
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(MINT_NITRO_MAX);
    struct mint_nitro_spec spec;

    open_plugin();
    mint_nitro_genuine(&spec);
    mint_nitro(&spec, &document, NULL);
    CU_ASSERT_EQUAL(verify("snp", &document, &checks).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(verify("", &document, &checks).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(ops->decode(attest, "snp", tsec_buf_span(&document), &claims, NULL).code,
                    TSEC_E_INVALID);
    ops->close(attest);
}

static void
it_decodes_without_judging(void)
{
    static struct tsec_claims claims;
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(MINT_NITRO_MAX);
    struct mint_nitro_spec spec;

    open_plugin();
    mint_nitro_genuine_tpm(&spec);
    mint_nitro(&spec, &document, NULL);
    CU_ASSERT_EQUAL(ops->decode(attest, "nitro", tsec_buf_span(&document), &claims, NULL).code, 0);
    CU_ASSERT_STRING_EQUAL(claims.tee, "nitro-tpm");
    CU_ASSERT_EQUAL(ops->decode(attest, "nitro", tsec_span_str("x"), &claims, NULL).code,
                    TSEC_E_INVALID);
    ops->close(attest);
}

static void
its_descriptor_is_the_one_of_the_library(void)
{
    struct tsec_err err = { .code = 0 };

    CU_ASSERT_EQUAL(
        tsec_plugin_check(&attest_nitro_plugin, "attest-nitro", TSEC_PLUGIN_ATTEST, &err).code, 0);
    CU_ASSERT_STRING_EQUAL(attest_nitro_plugin.name, "attest-nitro");
}

/* ---- with the documents of real enclaves, where they are ---- */

static bool
read_real(const char *name, struct tsec_buf *out)
{
    const char *folder = getenv("TSEC_VECTORS");
    char path[4096];
    uint8_t chunk[4096];
    FILE *file;
    size_t n;

    (void)snprintf(path, sizeof(path), "%s/nitro/%s", folder == NULL ? "" : folder, name);
    file = fopen(path, "rb");
    if (file == NULL) {
        (void)printf("skipped: no %s in $TSEC_VECTORS\n", name);
        return false;
    }
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0) {
        tsec_buf_put(out, chunk, n);
    }
    (void)fclose(file);
    return true;
}

static void
it_keeps_the_certificate_of_the_real_root(void)
{
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(MINT_NITRO_MAX);

    if (!read_real("aws-nitro-root-g1.pem", &pem)) {
        return;
    }
    open_plugin();
    CU_ASSERT_EQUAL(ops->collateral_add(attest, tsec_buf_span(&pem), NULL).code, 0);
    CU_ASSERT_EQUAL(ops->collateral_add(attest, tsec_buf_span(&pem), NULL).code, 0);
    tsec_buf_truncate(&pem, pem.len / 2);
    CU_ASSERT_EQUAL(ops->collateral_add(attest, tsec_buf_span(&pem), NULL).code, TSEC_E_INVALID);
    ops->close(attest);
}

static const struct test_case cases[] = {
    { "it says what it accepts", it_says_what_it_accepts },
    { "it makes nothing and says so", it_makes_nothing_and_says_so },
    { "a document of a test PKI is refused", a_document_of_a_test_pki_is_refused },
    { "another format is refused", another_format_is_refused },
    { "it decodes without judging", it_decodes_without_judging },
    { "its descriptor is the one of the library", its_descriptor_is_the_one_of_the_library },
    { "it keeps the certificate of the real root", it_keeps_the_certificate_of_the_real_root },
};

int
main(void)
{
    const struct tsec_plugin *plugin = NULL;
    struct tsec_err err = { .code = 0 };

    if (tsec_failed(
            tsec_plugin_load(PLUGIN_DIR, "attest-nitro", TSEC_PLUGIN_ATTEST, &plugin, &err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
        return TEST_FAIL;
    }
    ops = plugin->attest;
    return test_main("attest-nitro", cases, TSEC_ARRAY_LEN(cases));
}

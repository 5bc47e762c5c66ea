/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin as a server sees it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tsec/attest.h>

#include "base/buf.h"
#include "load/loader.h"
#include "tests/double/fake_host.h"
#include "tests/double/temp_dir.h"
#include "tests/test.h"

static const struct tsec_attest_ops *ops;

/* A simulated TEE with its own folder and settings. */
struct tee {
    struct fake_host host;
    char dir[256];
    const char *settings[12];
    struct tsec_attest *attest;
};

static void
tee_prepare(struct tee *tee, const char *name)
{
    memset(tee, 0, sizeof(*tee));
    temp_path(name, tee->dir, sizeof(tee->dir));
    tee->settings[0] = "state_dir";
    tee->settings[1] = tee->dir;
    fake_host_init(&tee->host, tee->settings);
}

static void
tee_set(struct tee *tee, const char *key, const char *value)
{
    size_t i = 0;

    while (tee->settings[i] != NULL) {
        i += 2;
    }
    tee->settings[i] = key;
    tee->settings[i + 1] = value;
}

static void
tee_open(struct tee *tee)
{
    struct tsec_err err = { 0 };

    if (tsec_failed(ops->open(&tee->host.host, &tee->attest, &err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(tee->attest);
}

static bool
open_refused(struct tee *tee, const char *says)
{
    struct tsec_err err = { 0 };
    const tsec_rc rc = ops->open(&tee->host.host, &tee->attest, &err);

    if (rc.code != TSEC_E_CONFIG || tee->attest != NULL || strstr(err.detail, says) == NULL) {
        (void)fprintf(stderr, "wanted \"%s\", got %d: %s\n", says, rc.code, err.detail);
        return false;
    }
    return true;
}

static tsec_rc
make_evidence(struct tee *tee, struct tsec_buf *out)
{
    struct tsec_evidence_request request = { .struct_size = (uint32_t)sizeof(request) };
    const struct tsec_sink sink = tsec_buf_sink(out);
    const char *format = NULL;
    tsec_rc rc;

    memset(request.binding, 0x42, sizeof(request.binding));
    request.nonce = tsec_span_str("fresh");
    rc = ops->evidence(tee->attest, &request, &format, &sink, NULL);
    CU_ASSERT_TRUE(tsec_failed(rc) || strcmp(format, "sim-v1") == 0);
    return rc;
}

static int32_t
verify(struct tee *tee, const struct tsec_buf *evidence, struct tsec_claims *claims)
{
    uint8_t binding[TSEC_BINDING_LEN];
    struct tsec_expectation expect = { .struct_size = (uint32_t)sizeof(expect) };

    memset(binding, 0x42, sizeof(binding));
    expect.binding = tsec_span(binding, sizeof(binding));
    expect.nonce = tsec_span_str("fresh");
    memset(claims, 0, sizeof(*claims));
    claims->struct_size = (uint32_t)sizeof(*claims);
    return ops
        ->verify(tee->attest, "sim-v1", tsec_buf_span(evidence), &expect, tee->host.now, claims,
                 NULL)
        .code;
}

static void
it_says_that_it_is_simulated(void)
{
    static struct tsec_claims claims;
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX);
    struct tsec_attest_info info = { .struct_size = (uint32_t)sizeof(info) };
    struct tsec_err err = { 0 };
    struct tee tee;

    tee_prepare(&tee, "loud");
    tee_open(&tee);
    CU_ASSERT_EQUAL(tee.host.warnings, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(tee.host.last, "simulated"));
    ops->describe(tee.attest, &info);
    CU_ASSERT_TRUE(info.simulated);
    CU_ASSERT_STRING_EQUAL(info.tee, "sim");
    CU_ASSERT_STRING_EQUAL(info.makes[0], "sim-v1");
    CU_ASSERT_EQUAL(info.measurement_len, 48);
    CU_ASSERT_EQUAL(ops->health(tee.attest, &err).code, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "simulated"));
    CU_ASSERT_EQUAL(make_evidence(&tee, &evidence).code, 0);
    CU_ASSERT_PTR_NOT_NULL(memmem(evidence.ptr, evidence.len, "\"simulated\":true", 16));
    CU_ASSERT_EQUAL(verify(&tee, &evidence, &claims), 0);
    CU_ASSERT_TRUE(claims.simulated);
    CU_ASSERT_TRUE(memcmp(claims.measurement, info.measurement, 48) == 0);
    ops->close(tee.attest);
}

static void
its_settings_are_its_claims(void)
{
    static struct tsec_claims claims;
    static char digits[97];
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX);
    struct tee tee;

    memset(digits, 'a', 96);
    tee_prepare(&tee, "settings");
    tee_set(&tee, "measurement", digits);
    tee_set(&tee, "debug", "true");
    tee_set(&tee, "svn", "42");
    tee_open(&tee);
    CU_ASSERT_EQUAL(make_evidence(&tee, &evidence).code, 0);
    CU_ASSERT_EQUAL(verify(&tee, &evidence, &claims), TSEC_E_DENIED); /* debug */
    ops->close(tee.attest);
    tee_prepare(&tee, "settings");
    tee_set(&tee, "measurement", digits);
    tee_set(&tee, "svn", "42");
    tee_open(&tee);
    tsec_buf_reset(&evidence);
    CU_ASSERT_EQUAL(make_evidence(&tee, &evidence).code, 0);
    CU_ASSERT_EQUAL(verify(&tee, &evidence, &claims), 0);
    CU_ASSERT_EQUAL(claims.svn, 42);
    CU_ASSERT_EQUAL(claims.measurement[0], 0xaa);
    ops->close(tee.attest);
}

static void
another_tee_is_trusted_by_its_root_alone(void)
{
    static struct tsec_claims claims;
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX);
    struct tee one;
    struct tee two;
    char root[300];

    tee_prepare(&one, "one");
    tee_open(&one);
    CU_ASSERT_EQUAL(make_evidence(&one, &evidence).code, 0);
    tee_prepare(&two, "two");
    tee_open(&two);
    CU_ASSERT_EQUAL(verify(&two, &evidence, &claims), TSEC_E_DENIED);
    ops->close(two.attest);
    (void)snprintf(root, sizeof(root), "%s/root.pem", one.dir);
    tee_prepare(&two, "two");
    tee_set(&two, "trusted_roots", root);
    tee_open(&two);
    CU_ASSERT_EQUAL(verify(&two, &evidence, &claims), 0);
    two.host.now += 3 * 3600 + 1;
    CU_ASSERT_EQUAL(verify(&two, &evidence, &claims), TSEC_E_DENIED);
    ops->close(two.attest);
    ops->close(one.attest);
}

static void
without_a_state_dir_it_only_verifies(void)
{
    static struct tsec_claims claims;
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX);
    TSEC_AUTO_BUF struct tsec_buf none = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX);
    const struct tsec_sink sink = tsec_buf_sink(&none);
    struct tsec_attest_info info = { .struct_size = (uint32_t)sizeof(info) };
    uint8_t key[32];
    struct tee one;
    struct tee two;
    char root[300];

    tee_prepare(&one, "one");
    tee_open(&one);
    CU_ASSERT_EQUAL(make_evidence(&one, &evidence).code, 0);
    ops->close(one.attest);
    (void)snprintf(root, sizeof(root), "%s/root.pem", one.dir);
    tee_prepare(&two, "never made");
    two.settings[1] = "";
    tee_set(&two, "trusted_roots", root);
    tee_open(&two);
    ops->describe(two.attest, &info);
    CU_ASSERT_PTR_NULL(info.makes[0]);
    CU_ASSERT_STRING_EQUAL(info.accepts[0], "sim-v1");
    CU_ASSERT_EQUAL(make_evidence(&two, &none).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(ops->root_key_create(two.attest, key, &sink, NULL).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(ops->root_key_open(two.attest, tsec_span(key, 32), key, NULL).code,
                    TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(ops->entropy(two.attest, key, 32, NULL).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(none.len, 0);
    CU_ASSERT_EQUAL(verify(&two, &evidence, &claims), 0);
    ops->close(two.attest);
}

static void
the_root_key_comes_back_to_the_same_tee_only(void)
{
    TSEC_AUTO_BUF struct tsec_buf wrapping = TSEC_BUF_INIT(4096);
    const struct tsec_sink sink = tsec_buf_sink(&wrapping);
    static char digits[97];
    uint8_t key[32] = { 0 };
    uint8_t again[32] = { 0 };
    struct tee tee;

    tee_prepare(&tee, "sealing");
    tee_open(&tee);
    CU_ASSERT_EQUAL(ops->root_key_create(tee.attest, key, &sink, NULL).code, 0);
    CU_ASSERT_PTR_NULL(memmem(wrapping.ptr, wrapping.len, key, 8));
    ops->close(tee.attest);
    tee_prepare(&tee, "sealing");
    tee_open(&tee);
    CU_ASSERT_EQUAL(ops->root_key_open(tee.attest, tsec_buf_span(&wrapping), again, NULL).code, 0);
    CU_ASSERT_TRUE(tsec_ct_equal(tsec_span(key, 32), tsec_span(again, 32)));
    ops->close(tee.attest);
    memset(digits, 'b', 96);
    tee_prepare(&tee, "sealing");
    tee_set(&tee, "measurement", digits);
    tee_open(&tee);
    CU_ASSERT_EQUAL(ops->root_key_open(tee.attest, tsec_buf_span(&wrapping), again, NULL).code,
                    TSEC_E_DENIED);
    ops->close(tee.attest);
    tee_prepare(&tee, "sealing elsewhere");
    tee_open(&tee);
    CU_ASSERT_EQUAL(ops->root_key_open(tee.attest, tsec_buf_span(&wrapping), again, NULL).code,
                    TSEC_E_DENIED);
    ops->close(tee.attest);
}

static void
entropy_and_refresh(void)
{
    uint8_t a[700] = { 0 };
    uint8_t b[700] = { 0 };
    struct tee tee;

    tee_prepare(&tee, "entropy");
    tee_open(&tee);
    CU_ASSERT_EQUAL(ops->entropy(tee.attest, a, sizeof(a), NULL).code, 0);
    CU_ASSERT_EQUAL(ops->entropy(tee.attest, b, sizeof(b), NULL).code, 0);
    CU_ASSERT_FALSE(tsec_ct_equal(tsec_span(a, 350), tsec_span(b, 350)));
    CU_ASSERT_FALSE(tsec_ct_equal(tsec_span(a + 350, 350), tsec_span(b + 350, 350)));
    CU_ASSERT_EQUAL(ops->entropy(tee.attest, NULL, 0, NULL).code, 0);
    CU_ASSERT_EQUAL(ops->refresh(tee.attest, NULL).code, 0);
    ops->close(tee.attest);
    ops->close(NULL);
}

static void
what_makes_no_sense_is_refused(void)
{
    static uint8_t big[1025];
    TSEC_AUTO_BUF struct tsec_buf none = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX);
    const struct tsec_sink sink = tsec_buf_sink(&none);
    struct tsec_evidence_request request = { .struct_size = (uint32_t)sizeof(request) };
    struct tsec_expectation expect = { .struct_size = (uint32_t)sizeof(expect) };
    static struct tsec_claims claims;
    const char *format = NULL;
    struct tee tee;

    tee_prepare(&tee, "bad");
    tee_set(&tee, "debug", "yes");
    CU_ASSERT_TRUE(open_refused(&tee, "debug"));
    tee_prepare(&tee, "bad");
    tee_set(&tee, "trusted_roots", "/nonexistent.pem");
    CU_ASSERT_TRUE(open_refused(&tee, "trusted_roots"));
    tee_prepare(&tee, "no/such/parent");
    CU_ASSERT_TRUE(open_refused(&tee, "state_dir"));
    tee_prepare(&tee, "fine");
    tee_open(&tee);
    request.nonce = tsec_span(big, 513);
    CU_ASSERT_EQUAL(ops->evidence(tee.attest, &request, &format, &sink, NULL).code, TSEC_E_INVALID);
    request.nonce = tsec_span(big, 512);
    request.public_key = tsec_span(big, 1025);
    CU_ASSERT_EQUAL(ops->evidence(tee.attest, &request, &format, &sink, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(none.len, 0);
    request.public_key = tsec_span(big, 1024);
    CU_ASSERT_EQUAL(ops->evidence(tee.attest, &request, &format, &sink, NULL).code, 0);
    CU_ASSERT_EQUAL(ops->verify(tee.attest, "sim-v1", tsec_buf_span(&none), &expect, tee.host.now,
                                &claims, NULL)
                        .code,
                    0);
    CU_ASSERT_EQUAL(
        ops->verify(tee.attest, "nitro", tsec_buf_span(&none), &expect, tee.host.now, &claims, NULL)
            .code,
        TSEC_E_INVALID);
    ops->close(tee.attest);
}

static const struct test_case cases[] = {
    { "it says that it is simulated", it_says_that_it_is_simulated },
    { "its settings are its claims", its_settings_are_its_claims },
    { "another TEE is trusted by its root alone", another_tee_is_trusted_by_its_root_alone },
    { "without a state_dir it only verifies", without_a_state_dir_it_only_verifies },
    { "the root key comes back to the same TEE only",
      the_root_key_comes_back_to_the_same_tee_only },
    { "entropy and refresh", entropy_and_refresh },
    { "what makes no sense is refused", what_makes_no_sense_is_refused },
};

int
main(void)
{
    const struct tsec_plugin *plugin = NULL;
    struct tsec_err err = { 0 };

    if (tsec_failed(
            tsec_plugin_load(PLUGIN_DIR, "attest-sim", TSEC_PLUGIN_ATTEST, &plugin, &err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
        return TEST_FAIL;
    }
    ops = plugin->attest;
    return test_main("attest-sim", cases, sizeof(cases) / sizeof(cases[0]));
}

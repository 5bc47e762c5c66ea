/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin as a server sees it. */
#include <string.h>

#include "attest-maa/attest_maa.h"
#include "base/span.h"
#include "tests/double/fake_host.h"
#include "tests/test.h"

static struct fake_host host;
static struct tsec_attest *attest;
static const struct tsec_attest_ops *ops;

static void
open_plugin(const char *const *settings)
{
    ops = attest_maa_plugin.attest;
    fake_host_init(&host, settings);
    CU_ASSERT_EQUAL_FATAL(ops->open(&host.host, &attest, NULL).code, TSEC_OK_CODE);
}

static void
close_plugin(void)
{
    ops->close(attest);
    attest = NULL;
}

static void
it_makes_nothing_and_says_so(void)
{
    static const char *const none[] = { NULL };
    struct tsec_evidence_request request = { .struct_size = (uint32_t)sizeof(request) };
    struct tsec_attest_info info = { .struct_size = (uint32_t)sizeof(info) };
    const struct tsec_sink sink = { NULL, NULL };
    struct tsec_err err = { 0 };
    const char *format = NULL;
    uint8_t key[32] = { 0 };

    open_plugin(none);
    ops->describe(attest, &info);
    CU_ASSERT_PTR_NULL(info.makes[0]);
    CU_ASSERT_FALSE(info.simulated);
    CU_ASSERT_EQUAL(ops->evidence(attest, &request, &format, &sink, &err).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "verifies only"));
    CU_ASSERT_EQUAL(ops->root_key_create(attest, key, &sink, NULL).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(ops->root_key_open(attest, tsec_span_str("x"), key, NULL).code,
                    TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(ops->entropy(attest, key, sizeof(key), NULL).code, TSEC_E_UNAVAILABLE);
    close_plugin();
}

static void
a_format_of_another_plugin_is_refused(void)
{
    static const char *const none[] = { NULL };
    static struct tsec_checks checks;
    static struct tsec_claims claims;
    struct tsec_expectation expect = { .struct_size = (uint32_t)sizeof(expect) };

    open_plugin(none);
    checks = (struct tsec_checks){ .struct_size = (uint32_t)sizeof(checks) };
    expect.checks = &checks;
    claims.struct_size = (uint32_t)sizeof(claims);
    CU_ASSERT_EQUAL(
        ops->verify(attest, "nitro", tsec_span_str("x"), &expect, 0, &claims, NULL).code,
        TSEC_E_DENIED);
    CU_ASSERT_EQUAL(checks.reason, TSEC_REASON_FORMAT);
    CU_ASSERT_EQUAL(ops->decode(attest, "nitro", tsec_span_str("x"), &claims, NULL).code,
                    TSEC_E_INVALID);
    close_plugin();
}

static const struct test_case cases[] = {
    { "it makes nothing and says so", it_makes_nothing_and_says_so },
    { "a format of another plugin is refused", a_format_of_another_plugin_is_refused },
};

TEST_MAIN("attest-maa", cases)

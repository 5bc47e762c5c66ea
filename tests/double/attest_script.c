/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/double/attest_script.h"

#include <string.h>

#include "appraisal/claims.h"
#include "appraisal/report.h"

struct attest_script attest_script;

static void
script_describe(struct tsec_attest *attest, struct tsec_attest_info *out)
{
    static const char *const none[] = { NULL };
    static const char *const accepts[] = { "script", "sgx", NULL };

    (void)attest;
    out->tee = "nitro";
    out->makes = none;
    out->accepts = accepts;
}

static tsec_rc
script_verify(struct tsec_attest *attest, const char *format, struct tsec_span evidence,
              const struct tsec_expectation *expect, int64_t now, struct tsec_claims *claims,
              struct tsec_err *err)
{
    (void)attest, (void)format, (void)evidence;
    attest_script.calls++;
    attest_script.expect = *expect;
    attest_script.binding_len = expect->binding.len > 64 ? 64 : expect->binding.len;
    if (attest_script.binding_len > 0) {
        memcpy(attest_script.binding, expect->binding.ptr, attest_script.binding_len);
    }
    attest_script.now = now;
    *claims = attest_script.claims;
    tsec_check_ok(expect->checks, "script", "read");
    if (attest_script.reason != TSEC_REASON_NONE
        && !tsec_failed(tsec_check_failed(expect->checks, attest_script.reason, "script", err,
                                          "expected aaaa, seen bbbb"))) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "a failure that is none");
    }
    return attest_script.code == 0 ? TSEC_OK
                                   : TSEC_FAIL(err, (enum tsec_code)attest_script.code,
                                               "script: expected aaaa, seen bbbb");
}

static tsec_rc
script_refresh(struct tsec_attest *attest, struct tsec_err *err)
{
    (void)attest;
    attest_script.refreshes++;
    return attest_script.refreshed == 0
               ? TSEC_OK
               : TSEC_FAIL(err, (enum tsec_code)attest_script.refreshed, "nobody answers");
}

static tsec_rc
script_health(struct tsec_attest *attest, struct tsec_err *err)
{
    (void)attest;
    return attest_script.health == 0
               ? TSEC_OK
               : TSEC_FAIL(err, (enum tsec_code)attest_script.health, "collateral is old");
}

void
attest_script_genuine(int64_t now)
{
    static const char *const names[] = { "pcr0", "pcr1", "pcr2" };
    static const uint8_t bytes[] = { 0xab, 0xbc, 0xcd };
    struct tsec_claims *c = &attest_script.claims;

    memset(&attest_script, 0, sizeof(attest_script));
    tsec_claims_init(c, "nitro", "script");
    for (size_t i = 0; i < 3; i++) {
        uint8_t pcr[48];

        memset(pcr, bytes[i], sizeof(pcr));
        tsec_claims_add_bytes(c, names[i], tsec_span(pcr, sizeof(pcr)));
    }
    memset(c->measurement, 0xab, 48);
    c->measurement_len = 48;
    c->has_issued_at = true;
    c->issued_at = now;
    c->not_before = now - 1000;
    c->not_after = now + 1000;
}

const struct tsec_attest_ops attest_script_ops = {
    .struct_size = (uint32_t)sizeof(attest_script_ops),
    .describe = script_describe,
    .verify = script_verify,
    .refresh = script_refresh,
    .health = script_health,
};

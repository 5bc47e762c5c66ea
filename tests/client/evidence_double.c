/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/client/evidence_double.h"

#include <stdio.h>
#include <string.h>

#include "appraisal/claims.h"
#include "appraisal/report.h"
#include "base/span.h"

struct tsec_attest {
    int unused;
};

static struct tsec_attest the_one;
struct evidence_double_seen evidence_double_seen;

static tsec_rc
double_open(const struct tsec_host *host, struct tsec_attest **out, struct tsec_err *err)
{
    (void)err;
    memset(&evidence_double_seen, 0, sizeof(evidence_double_seen));
    host->log(host->ctx, TSEC_LOG_ERR, "%s", "nobody hears this");
    *out = host->setting(host->ctx, "any") == NULL && host->now(host->ctx) > 0 ? &the_one : NULL;
    return TSEC_OK;
}

static void
double_close(struct tsec_attest *attest)
{
    (void)attest;
}

static void
double_describe(struct tsec_attest *attest, struct tsec_attest_info *out)
{
    static const char *const formats[] = { "nitro", NULL };

    (void)attest;
    out->tee = "nitro";
    out->accepts = formats;
}

/* Past tsec_claims_add_text(), which would leave it out: as a plugin of somebody else may. */
static void
add_hostile_text(struct tsec_claims *claims)
{
    static const char text[] = "i-1\x1b[2J\nGENUINE";
    struct tsec_claim *claim;

    tsec_claims_add_text(claims, "module_id", tsec_span_str("?"));
    claim = &claims->entries[claims->entries_len - 1];
    memcpy(claim->value, text, sizeof(text) - 1);
    claim->len = sizeof(text) - 1;
}

static void
put_claims(struct tsec_claims *claims)
{
    uint8_t pcr[48];

    tsec_claims_init(claims, "nitro", "nitro");
    for (uint8_t i = 0; i < 3; i++) {
        char name[8];

        (void)snprintf(name, sizeof(name), "pcr%u", i);
        memset(pcr, 0x11 * (i + 1), sizeof(pcr));
        tsec_claims_add_bytes(claims, name, tsec_span(pcr, sizeof(pcr)));
    }
    memset(pcr, 0, sizeof(pcr));
    tsec_claims_add_bytes(claims, "pcr3", tsec_span(pcr, sizeof(pcr)));
    add_hostile_text(claims);
    (void)snprintf(claims->advisories, sizeof(claims->advisories), "SA-1,SA-2");
    memset(claims->public_key, 0x04, 200);
    claims->public_key_len = 200;
}

static tsec_rc
double_verify(struct tsec_attest *attest, const char *format, struct tsec_span evidence,
              const struct tsec_expectation *expect, int64_t now, struct tsec_claims *claims,
              struct tsec_err *err)
{
    (void)attest;
    (void)format;
    evidence_double_seen.expect = *expect;
    evidence_double_seen.now = now;
    if (tsec_span_is(evidence, "early")) {
        return tsec_check_failed(expect->checks, TSEC_REASON_SIGNATURE, "signature", err, "no");
    }
    put_claims(claims);
    claims->debug = tsec_span_is(evidence, "debug");
    claims->simulated = tsec_span_is(evidence, "simulated");
    tsec_check_ok(expect->checks, "form", "%zu bytes", evidence.len);
    if (tsec_span_is(evidence, "refused")) {
        return tsec_check_failed(expect->checks, TSEC_REASON_CHAIN, "chain", err, "not of %s",
                                 "the vendor");
    }
    if (tsec_span_is(evidence, "two-faced")) {
        const tsec_rc rc = tsec_check_failed(expect->checks, TSEC_REASON_CHAIN, "chain", err, "no");

        return rc.code == 0 ? rc : TSEC_OK;
    }
    if (tsec_span_is(evidence, "silent")) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "no reason on record");
    }
    if (tsec_span_is(evidence, "garbage")) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not evidence");
    }
    return TSEC_OK;
}

static tsec_rc
double_decode(struct tsec_attest *attest, const char *format, struct tsec_span evidence,
              struct tsec_claims *claims, struct tsec_err *err)
{
    (void)attest;
    (void)format;
    (void)evidence;
    (void)err;
    put_claims(claims);
    return TSEC_OK;
}

static tsec_rc
double_collateral_add(struct tsec_attest *attest, struct tsec_span item, struct tsec_err *err)
{
    (void)attest;
    if (tsec_span_is(item, "too much")) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "there is enough");
    }
    if (!tsec_span_starts(item, tsec_span_str("COLL"))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "nothing known");
    }
    (void)snprintf(evidence_double_seen.last_collateral,
                   sizeof(evidence_double_seen.last_collateral), "%.*s", (int)item.len,
                   (const char *)item.ptr);
    evidence_double_seen.collateral++;
    return TSEC_OK;
}

static const struct tsec_attest_ops ops = {
    .struct_size = (uint32_t)sizeof(ops),
    .open = double_open,
    .close = double_close,
    .describe = double_describe,
    .verify = double_verify,
    .decode = double_decode,
    .collateral_add = double_collateral_add,
};

static const struct tsec_attest_ops small_ops = {
    .struct_size = (uint32_t)sizeof(small_ops),
    .open = double_open,
    .close = double_close,
    .describe = double_describe,
    .verify = double_verify,
};

static const struct tsec_plugin plugin = { TSEC_PLUGIN_HEADER(TSEC_PLUGIN_ATTEST),
                                           .name = "attest-double", .attest = &ops };
static const struct tsec_plugin small_plugin = { TSEC_PLUGIN_HEADER(TSEC_PLUGIN_ATTEST),
                                                 .name = "attest-double", .attest = &small_ops };

const struct tsec_plugin *const evidence_double_plugins[] = { &plugin, NULL };
const struct tsec_plugin *const evidence_double_small_plugins[] = { &small_plugin, NULL };

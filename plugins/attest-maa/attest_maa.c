/* SPDX-License-Identifier: Apache-2.0 */
#include "attest_maa.h"

#include <stdlib.h>
#include <string.h>

#include "appraisal/claims.h"
#include "appraisal/report.h"
#include "codec/json_scan.h"
#include "crypto/crypto.h"
#include "kept.h"
#include "maa_file.h"
#include "maa_refresh.h"
#include "maa_settings.h"
#include "verifier.h"

struct tsec_attest {
    const struct tsec_host *host;
    struct maa_settings settings;
    struct kept *kept;
    struct maa_refresh *refresh;
    struct verifier_cache cache;
};

/* ---- which verifier ---- */

struct row {
    const char *format;
    tsec_rc (*verify)(const struct verifier_input *in, struct tsec_err *err);
    tsec_rc (*decode)(struct tsec_span evidence, struct tsec_claims *claims, struct tsec_err *err);
};

static tsec_rc
verify_sgx(const struct verifier_input *in, struct tsec_err *err)
{
    return quote_verify(in, false, err);
}

static tsec_rc
verify_tdx(const struct verifier_input *in, struct tsec_err *err)
{
    return quote_verify(in, true, err);
}

static tsec_rc
decode_sgx(struct tsec_span evidence, struct tsec_claims *claims, struct tsec_err *err)
{
    return quote_decode(evidence, false, claims, err);
}

static tsec_rc
decode_tdx(struct tsec_span evidence, struct tsec_claims *claims, struct tsec_err *err)
{
    return quote_decode(evidence, true, claims, err);
}

static const struct row rows[] = {
    { "snp", snp_verify, snp_decode }, { "az-snp-vtpm", az_vtpm_verify, az_vtpm_decode },
    { "sgx", verify_sgx, decode_sgx }, { "tdx", verify_tdx, decode_tdx },
    { "maa", maa_verify, maa_decode }, { NULL, NULL, NULL },
};

static const char *const formats[] = { "snp", "az-snp-vtpm", "sgx", "tdx", "maa", NULL };

static const struct row *
find_row(const char *format)
{
    for (const struct row *row = rows; row->format != NULL; row++) {
        if (strcmp(row->format, format) == 0) {
            return row;
        }
    }
    return NULL;
}

/* ---- life ---- */

static void
maa_close(struct tsec_attest *attest)
{
    if (attest == NULL) {
        return;
    }
    verifier_cache_done(&attest->cache);
    maa_refresh_free(attest->refresh);
    kept_free(attest->kept);
    free(attest);
}

static tsec_rc
read_jwks_file(struct tsec_attest *attest, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(MAA_JWKS_MAX);

    if (attest->settings.jwks_file == NULL) {
        return TSEC_OK;
    }
    TSEC_TRY(maa_file_read(attest->settings.jwks_file, &text, err));
    return kept_give_keys(attest->kept, tsec_buf_span(&text), err);
}

/* A folder's files into one set. */
struct gathering {
    struct tsec_attest *attest;
    struct collateral *set;
};

static tsec_rc
gather(void *ctx, const char *path, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(TSEC_COLLATERAL_MAX);
    struct gathering *g = ctx;
    const struct tsec_host *host = g->attest->host;
    tsec_rc rc;

    TSEC_TRY(maa_file_read(path, &bytes, err));
    rc = collateral_add(g->set, tsec_buf_span(&bytes), err);
    if (rc.code == TSEC_E_INVALID) {
        host->log(host->ctx, TSEC_LOG_WARN, "%s: no collateral, left aside", path);
        return TSEC_OK;
    }
    return rc;
}

static tsec_rc
read_collateral_dir(struct tsec_attest *attest, struct tsec_err *err)
{
    TSEC_AUTO(collateral_free) struct collateral *set = NULL;
    struct gathering g = { .attest = attest };

    if (attest->settings.collateral_dir == NULL) {
        return TSEC_OK;
    }
    TSEC_TRY(collateral_new(&set, err));
    g.set = set;
    TSEC_TRY(maa_file_each(attest->settings.collateral_dir, gather, &g, err));
    return kept_give_set(attest->kept, set, err);
}

static tsec_rc
prepare(struct tsec_attest *attest, struct tsec_err *err)
{
    TSEC_TRY(tsec_crypto_setup(err));
    TSEC_TRY(maa_settings_read(attest->host, &attest->settings, err));
    TSEC_TRY(kept_new(&attest->kept, err));
    TSEC_TRY(verifier_cache_init(&attest->cache, err));
    TSEC_TRY(read_jwks_file(attest, err));
    TSEC_TRY(read_collateral_dir(attest, err));
    return maa_refresh_new(attest->host, &attest->settings, attest->kept, &attest->refresh, err);
}

static tsec_rc
maa_open(const struct tsec_host *host, struct tsec_attest **out, struct tsec_err *err)
{
    struct tsec_attest *attest = calloc(1, sizeof(*attest));
    tsec_rc rc;

    if (attest == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for attest-maa");
    }
    attest->host = host;
    rc = prepare(attest, err);
    if (tsec_failed(rc)) {
        maa_close(attest);
        return rc;
    }
    *out = attest;
    return TSEC_OK;
}

static void
maa_describe(struct tsec_attest *attest, struct tsec_attest_info *out)
{
    static const char *const none[] = { NULL };

    (void)attest;
    out->tee = "none";
    out->makes = none;
    out->accepts = formats;
    out->simulated = false;
    memset(out->measurement, 0, sizeof(out->measurement));
    out->measurement_len = 0;
    out->debug = false;
    out->svn = 0;
}

/* ---- evidence ---- */

static tsec_rc
verify_only(struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_UNAVAILABLE,
                     "attest-maa verifies only: it makes no evidence and holds no root key");
}

static tsec_rc
maa_evidence(struct tsec_attest *attest, const struct tsec_evidence_request *request,
             const char **format, const struct tsec_sink *out, struct tsec_err *err)
{
    (void)attest;
    (void)request;
    (void)format;
    (void)out;
    return verify_only(err);
}

static tsec_rc
unknown_format(const struct tsec_expectation *expect, const char *format, struct tsec_err *err)
{
    return tsec_check_failed(expect->checks, TSEC_REASON_FORMAT, "format", err,
                             "attest-maa verifies no \"%.40s\"", format);
}

/* The peer's collateral.  What is nothing we know is left aside: it can only help. */
static tsec_rc
read_beside(const struct tsec_expectation *expect, struct collateral **out, struct tsec_err *err)
{
    TSEC_TRY(collateral_new(out, err));
    for (size_t i = 0; i < expect->collateral_len; i++) {
        const tsec_rc rc = collateral_add(*out, expect->collateral[i], err);

        if (tsec_failed(rc) && rc.code != TSEC_E_INVALID) {
            return rc;
        }
    }
    return TSEC_OK;
}

static tsec_rc
join_beside(const struct kept_view *view, const struct tsec_expectation *expect,
            struct collateral **out, struct tsec_err *err)
{
    TSEC_AUTO(collateral_free) struct collateral *beside = NULL;
    tsec_rc rc;

    if (expect->collateral_len == 0) {
        return TSEC_OK;
    }
    rc = read_beside(expect, &beside, err);
    if (!tsec_failed(rc)) {
        rc = collateral_join(view->collateral, beside, out, err);
    }
    if (rc.code == TSEC_E_TOO_LARGE) {
        return tsec_check_passed_on(expect->checks, TSEC_REASON_COLLATERAL, "collateral", err);
    }
    return rc;
}

/* The keys that are kept are those of one issuer, and speak for no other. */
static const struct maa_jwks *
keys_of(const struct tsec_attest *attest, const struct kept_view *view, const char *issuer)
{
    const char *ours = attest->settings.issuer;

    return ours != NULL && issuer != NULL && strcmp(ours, issuer) == 0 ? view->keys : NULL;
}

/* TCB info of this machine will be wanted again.  Only of quotes whose chain holds: nobody else may
 * say what is fetched. */
static void
note_machine(struct tsec_attest *attest, const struct verifier_input *in, tsec_rc rc)
{
    const struct tsec_claim *fmspc = tsec_claims_find(in->claims, "fmspc");
    const struct tsec_checks *checks = in->expect->checks;
    const bool held = !tsec_failed(rc) || (checks != NULL && checks->reason == TSEC_REASON_TCB);

    if (held && fmspc != NULL && fmspc->len == MAA_FMSPC_LEN) {
        maa_refresh_seen(attest->refresh, fmspc->value);
    }
}

static tsec_rc
verify_with(struct tsec_attest *attest, const struct row *row, const struct kept_view *view,
            struct verifier_input *in, struct tsec_err *err)
{
    TSEC_AUTO(collateral_free) struct collateral *joined = NULL;
    struct tsec_expectation expect = *in->expect;

    if (expect.issuer == NULL) {
        expect.issuer = attest->settings.issuer;
    }
    TSEC_TRY(join_beside(view, &expect, &joined, err));
    in->expect = &expect;
    in->collateral = joined != NULL ? joined : view->collateral;
    in->token_keys = keys_of(attest, view, expect.issuer);
    return row->verify(in, err);
}

static tsec_rc
maa_verify_op(struct tsec_attest *attest, const char *format, struct tsec_span evidence,
              const struct tsec_expectation *expect, int64_t now, struct tsec_claims *claims,
              struct tsec_err *err)
{
    const struct row *row = find_row(format);
    const struct kept_view *view;
    struct verifier_input in = {
        .anchors = &verifier_anchors_pinned,
        .cache = &attest->cache,
        .evidence = evidence,
        .expect = expect,
        .now = now,
        .claims = claims,
    };
    tsec_rc rc;

    if (row == NULL) {
        return unknown_format(expect, format, err);
    }
    view = kept_hold(attest->kept);
    rc = verify_with(attest, row, view, &in, err);
    in.expect = expect;
    note_machine(attest, &in, rc);
    kept_release(attest->kept, view);
    return rc;
}

static tsec_rc
maa_decode_op(struct tsec_attest *attest, const char *format, struct tsec_span evidence,
              struct tsec_claims *claims, struct tsec_err *err)
{
    const struct row *row = find_row(format);

    (void)attest;
    if (row == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "attest-maa reads no \"%.40s\"", format);
    }
    return row->decode(evidence, claims, err);
}

/* ---- collateral ---- */

static bool
is_jwks(struct tsec_span item)
{
    static const struct tsec_json_limits limits = { .depth_max = 8, .members_max = 4096 };

    return item.len <= MAA_JWKS_MAX && tsec_json_type_of(item) == TSEC_JSON_OBJECT
           && !tsec_failed(tsec_json_check(item, &limits, NULL)) && maa_jwks_is(item);
}

static tsec_rc
maa_collateral_add(struct tsec_attest *attest, struct tsec_span item, struct tsec_err *err)
{
    if (item.len > TSEC_COLLATERAL_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "collateral of %zu bytes", item.len);
    }
    if (!is_jwks(item)) {
        return kept_give(attest->kept, item, err);
    }
    if (attest->settings.issuer == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "a JWKS: whose keys they are must be said, with the setting issuer");
    }
    return kept_give_keys(attest->kept, item, err);
}

/* ---- what only a TEE of our own could do ---- */

static tsec_rc
maa_root_key_create(struct tsec_attest *attest, uint8_t key[32], const struct tsec_sink *wrapping,
                    struct tsec_err *err)
{
    (void)attest;
    (void)key;
    (void)wrapping;
    return verify_only(err);
}

static tsec_rc
maa_root_key_open(struct tsec_attest *attest, struct tsec_span wrapping, uint8_t key[32],
                  struct tsec_err *err)
{
    (void)attest;
    (void)wrapping;
    (void)key;
    return verify_only(err);
}

static tsec_rc
maa_entropy(struct tsec_attest *attest, uint8_t *out, size_t len, struct tsec_err *err)
{
    (void)attest;
    (void)out;
    (void)len;
    return verify_only(err);
}

static tsec_rc
maa_refresh_op(struct tsec_attest *attest, struct tsec_err *err)
{
    return maa_refresh_run(attest->refresh, err);
}

static tsec_rc
maa_health(struct tsec_attest *attest, struct tsec_err *err)
{
    return maa_refresh_health(attest->refresh, err);
}

static const struct tsec_attest_ops ops_table = {
    .struct_size = (uint32_t)sizeof(struct tsec_attest_ops),
    .open = maa_open,
    .close = maa_close,
    .describe = maa_describe,
    .evidence = maa_evidence,
    .verify = maa_verify_op,
    .decode = maa_decode_op,
    .collateral_add = maa_collateral_add,
    .refresh = maa_refresh_op,
    .root_key_create = maa_root_key_create,
    .root_key_open = maa_root_key_open,
    .entropy = maa_entropy,
    .health = maa_health,
};

const struct tsec_plugin attest_maa_plugin = {
    TSEC_PLUGIN_HEADER(TSEC_PLUGIN_ATTEST),
    .name = "attest-maa",
    .version = PACKAGE_VERSION,
    .attest = &ops_table,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "attest_maa.h"

#include <stdlib.h>
#include <string.h>

#include "appraisal/report.h"
#include "crypto/crypto.h"
#include "verifier.h"

struct tsec_attest {
    const struct tsec_host *host;
};

/* ---- which verifier ---- */

struct row {
    const char *format;
    tsec_rc (*verify)(const struct verifier_input *in, struct tsec_err *err);
    tsec_rc (*decode)(struct tsec_span evidence, struct tsec_claims *claims, struct tsec_err *err);
};

static const struct row rows[] = {
    { "maa", maa_verify, maa_decode },
    { NULL, NULL, NULL },
};

static const char *const formats[] = { "maa", NULL };

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
    free(attest);
}

static tsec_rc
maa_open(const struct tsec_host *host, struct tsec_attest **out, struct tsec_err *err)
{
    struct tsec_attest *attest;

    TSEC_TRY(tsec_crypto_setup(err));
    attest = calloc(1, sizeof(*attest));
    if (attest == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for attest-maa");
    }
    attest->host = host;
    *out = attest;
    return TSEC_OK;
}

static void
maa_describe(struct tsec_attest *attest, struct tsec_attest_info *out)
{
    static const char *const none[] = { NULL };

    (void)attest;
    out->tee = "azure";
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

static tsec_rc
maa_verify_op(struct tsec_attest *attest, const char *format, struct tsec_span evidence,
              const struct tsec_expectation *expect, int64_t now, struct tsec_claims *claims,
              struct tsec_err *err)
{
    const struct row *row = find_row(format);
    const struct verifier_input in = {
        .evidence = evidence,
        .expect = expect,
        .now = now,
        .claims = claims,
    };

    (void)attest;
    return row == NULL ? unknown_format(expect, format, err) : row->verify(&in, err);
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
    (void)attest;
    (void)err;
    return TSEC_OK;
}

static tsec_rc
maa_health(struct tsec_attest *attest, struct tsec_err *err)
{
    (void)attest;
    (void)err;
    return TSEC_OK;
}

static const struct tsec_attest_ops ops_table = {
    .struct_size = (uint32_t)sizeof(struct tsec_attest_ops),
    .open = maa_open,
    .close = maa_close,
    .describe = maa_describe,
    .evidence = maa_evidence,
    .verify = maa_verify_op,
    .decode = maa_decode_op,
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

/* SPDX-License-Identifier: Apache-2.0 */
#include "attest_nitro.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/crypto.h"
#include "nitro_claims.h"
#include "nitro_verify.h"

struct tsec_attest {
    struct tsec_memo *chains;
    pthread_mutex_t lock; /* of writing the root; once it is there it stays as it is */
    uint8_t root[NITRO_CERT_MAX];
    _Atomic size_t root_len;
};

static tsec_rc
verify_only(struct tsec_err *err)
{
    return TSEC_FAIL(
        err, TSEC_E_UNAVAILABLE,
        "attest-nitro: this build verifies only; it makes no evidence and keeps no key");
}

/* ---- life ---- */

static void
nitro_close_op(struct tsec_attest *attest)
{
    if (attest == NULL) {
        return;
    }
    tsec_memo_free(attest->chains);
    (void)pthread_mutex_destroy(&attest->lock);
    free(attest);
}

static tsec_rc
nitro_open_op(const struct tsec_host *host, struct tsec_attest **out, struct tsec_err *err)
{
    struct tsec_attest *attest;
    tsec_rc rc;

    (void)host; /* there is nothing to set, and nothing worth a line in the log */
    TSEC_TRY(tsec_crypto_setup(err));
    attest = calloc(1, sizeof(*attest));
    if (attest == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for attest-nitro");
    }
    (void)pthread_mutex_init(&attest->lock, NULL);
    rc = nitro_memo_new(&attest->chains, err);
    if (tsec_failed(rc)) {
        nitro_close_op(attest);
        return rc;
    }
    *out = attest;
    return TSEC_OK;
}

static void
nitro_describe_op(struct tsec_attest *attest, struct tsec_attest_info *out)
{
    static const char *const none[] = { NULL };
    static const char *const accepts[] = { NITRO_FORMAT, NULL };

    (void)attest;
    out->tee = "nitro";
    out->makes = none;
    out->accepts = accepts;
    out->simulated = false;
    memset(out->measurement, 0, sizeof(out->measurement));
    out->measurement_len = 0;
    out->debug = false;
    out->svn = 0;
}

/* ---- verifying ---- */

static tsec_rc
check_format(const char *format, struct tsec_err *err)
{
    if (strcmp(format, NITRO_FORMAT) != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "attest-nitro verifies the format %s only",
                         NITRO_FORMAT);
    }
    return TSEC_OK;
}

static tsec_rc
nitro_verify_op(struct tsec_attest *attest, const char *format, struct tsec_span evidence,
                const struct tsec_expectation *expect, int64_t now, struct tsec_claims *claims,
                struct tsec_err *err)
{
    const struct nitro_input in = {
        .root = nitro_root_pinned,
        .chains = attest->chains,
        .kept_root = tsec_span(attest->root, attest->root_len),
        .evidence = evidence,
        .expect = expect,
        .now = now,
        .claims = claims,
    };

    TSEC_TRY(check_format(format, err));
    return nitro_verify(&in, err);
}

static tsec_rc
nitro_decode_op(struct tsec_attest *attest, const char *format, struct tsec_span evidence,
                struct tsec_claims *claims, struct tsec_err *err)
{
    (void)attest;
    TSEC_TRY(check_format(format, err));
    return nitro_decode(evidence, claims, err);
}

/* The pinned digest has one certificate: the first is as good as every later one. */
static tsec_rc
nitro_collateral_add_op(struct tsec_attest *attest, struct tsec_span item, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(NITRO_EVIDENCE_MAX);

    if (!nitro_root_find(item, nitro_root_pinned, &der)) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "attest-nitro knows one item of collateral, the certificate of AWS Nitro "
                         "Enclaves Root-G1");
    }
    (void)pthread_mutex_lock(&attest->lock);
    if (attest->root_len == 0) {
        memcpy(attest->root, der.ptr, der.len);
        attest->root_len = der.len;
    }
    (void)pthread_mutex_unlock(&attest->lock);
    return TSEC_OK;
}

/* ---- what a TEE does ---- */

static tsec_rc
nitro_evidence_op(struct tsec_attest *attest, const struct tsec_evidence_request *request,
                  const char **format, const struct tsec_sink *out, struct tsec_err *err)
{
    (void)attest;
    (void)request;
    (void)format;
    (void)out;
    return verify_only(err);
}

static tsec_rc
nitro_refresh_op(struct tsec_attest *attest, struct tsec_err *err)
{
    (void)attest; /* a document carries all that verify() needs */
    (void)err;
    return TSEC_OK;
}

static tsec_rc
nitro_root_key_create_op(struct tsec_attest *attest, uint8_t key[32],
                         const struct tsec_sink *wrapping, struct tsec_err *err)
{
    (void)attest;
    (void)key;
    (void)wrapping;
    return verify_only(err);
}

static tsec_rc
nitro_root_key_open_op(struct tsec_attest *attest, struct tsec_span wrapping, uint8_t key[32],
                       struct tsec_err *err)
{
    (void)attest;
    (void)wrapping;
    (void)key;
    return verify_only(err);
}

static tsec_rc
nitro_entropy_op(struct tsec_attest *attest, uint8_t *out, size_t len, struct tsec_err *err)
{
    (void)attest;
    (void)out;
    (void)len;
    return verify_only(err);
}

static tsec_rc
nitro_health_op(struct tsec_attest *attest, struct tsec_err *err)
{
    (void)attest; /* no device and no peer that could fail */
    (void)err;
    return TSEC_OK;
}

static const struct tsec_attest_ops ops_table = {
    .struct_size = (uint32_t)sizeof(struct tsec_attest_ops),
    .open = nitro_open_op,
    .close = nitro_close_op,
    .describe = nitro_describe_op,
    .evidence = nitro_evidence_op,
    .verify = nitro_verify_op,
    .decode = nitro_decode_op,
    .collateral_add = nitro_collateral_add_op,
    .refresh = nitro_refresh_op,
    .root_key_create = nitro_root_key_create_op,
    .root_key_open = nitro_root_key_open_op,
    .entropy = nitro_entropy_op,
    .health = nitro_health_op,
};

const struct tsec_plugin attest_nitro_plugin = {
    TSEC_PLUGIN_HEADER(TSEC_PLUGIN_ATTEST),
    .name = "attest-nitro",
    .version = PACKAGE_VERSION,
    .attest = &ops_table,
};

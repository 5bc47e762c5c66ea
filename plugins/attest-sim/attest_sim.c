/* SPDX-License-Identifier: Apache-2.0 */
/* A simulated TEE: for laptops and tests.  No hardware stands behind anything it says, and it says
 * so wherever it says something. */
#include "attest_sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "crypto/crypto.h"
#include "crypto/rand.h"
#include "sim_config.h"
#include "sim_seal.h"
#include "sim_state.h"
#include "sim_verify.h"

enum { ENDORSEMENT_S = 24 * 3600 };

struct tsec_attest {
    const struct tsec_host *host;
    struct sim_config config;
    bool makes; /* has a state_dir */
    struct sim_state state;
    struct sim_roots roots; /* not changed after open: verify() reads it without a lock */
};

static tsec_rc
verify_only(struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_UNAVAILABLE,
                     "attest-sim only verifies here: set its state_dir to simulate a TEE");
}

/* ---- life ---- */

static void
sim_close(struct tsec_attest *attest)
{
    if (attest == NULL) {
        return;
    }
    sim_roots_done(&attest->roots);
    sim_state_done(&attest->state);
    free(attest);
}

static tsec_rc
add_trusted(struct tsec_attest *attest, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(SIM_PEM_MAX);

    if (attest->config.trusted_roots == NULL || attest->config.trusted_roots[0] == '\0') {
        return TSEC_OK;
    }
    TSEC_TRY(sim_read_file(attest->config.trusted_roots, &pem, err));
    return sim_roots_add_pem(&attest->roots, tsec_buf_span(&pem), err);
}

static tsec_rc
prepare(struct tsec_attest *attest, struct tsec_err *err)
{
    const char *dir;

    TSEC_TRY(tsec_crypto_setup(err));
    TSEC_TRY(sim_config_read(attest->host, &attest->config, err));
    dir = attest->config.state_dir;
    attest->makes = dir != NULL && dir[0] != '\0';
    if (attest->makes) {
        TSEC_TRY(sim_state_open(dir, &attest->state, err));
        TSEC_TRY(sim_roots_add(
            &attest->roots, tsec_span(attest->state.root_spki, attest->state.root_spki_len), err));
    }
    return add_trusted(attest, err);
}

static tsec_rc
sim_open(const struct tsec_host *host, struct tsec_attest **out, struct tsec_err *err)
{
    struct tsec_attest *attest = calloc(1, sizeof(*attest));
    tsec_rc rc;

    if (attest == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a simulated TEE");
    }
    attest->host = host;
    rc = prepare(attest, err);
    if (tsec_failed(rc)) {
        sim_close(attest);
        return rc;
    }
    host->log(host->ctx, TSEC_LOG_WARN,
              attest->makes
                  ? "simulated TEE: no hardware protects memory, keys or evidence of this server"
                  : "simulated TEE: evidence that no hardware stands behind can be verified here");
    *out = attest;
    return TSEC_OK;
}

static void
sim_describe(struct tsec_attest *attest, struct tsec_attest_info *out)
{
    static const char *const formats[] = { SIM_FORMAT, NULL };
    static const char *const none[] = { NULL };

    out->tee = "sim";
    out->makes = attest->makes ? formats : none;
    out->accepts = formats;
    out->simulated = true;
    memset(out->measurement, 0, sizeof(out->measurement));
    memcpy(out->measurement, attest->config.measurement, sizeof(attest->config.measurement));
    out->measurement_len = sizeof(attest->config.measurement);
    out->debug = attest->config.debug;
    out->svn = (uint64_t)attest->config.svn;
}

/* ---- evidence ---- */

static tsec_rc
sign_into(const struct tsec_key *key, const struct tsec_buf *text, uint8_t out[SIM_SIG_LEN],
          struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(SIM_SIG_LEN);

    TSEC_TRY(tsec_buf_check(text, err));
    TSEC_TRY(tsec_sign(key, TSEC_SHA384, tsec_buf_span(text), &sig, err));
    if (sig.len != SIM_SIG_LEN) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "a P-384 signature of %zu bytes", sig.len);
    }
    memcpy(out, sig.ptr, SIM_SIG_LEN);
    return TSEC_OK;
}

static tsec_rc
fill(const struct tsec_attest *attest, const struct tsec_evidence_request *request,
     struct sim_evidence *e, struct tsec_err *err)
{
    if (request->nonce.len > sizeof(e->nonce) || request->public_key.len > sizeof(e->public_key)) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "simulated evidence holds a nonce of %d and a key of %d bytes at most",
                         SIM_NONCE_MAX, SIM_KEY_MAX);
    }
    memcpy(e->measurement, attest->config.measurement, sizeof(e->measurement));
    e->svn = attest->config.svn;
    e->debug = attest->config.debug;
    e->issued_at = attest->host->now(attest->host->ctx);
    e->not_after = e->issued_at + ENDORSEMENT_S;
    memcpy(e->binding, request->binding, sizeof(e->binding));
    e->nonce_len = request->nonce.len;
    e->public_key_len = request->public_key.len;
    if (request->nonce.len > 0) {
        memcpy(e->nonce, request->nonce.ptr, request->nonce.len);
    }
    if (request->public_key.len > 0) {
        memcpy(e->public_key, request->public_key.ptr, request->public_key.len);
    }
    sim_root_id(tsec_span(attest->state.root_spki, attest->state.root_spki_len), e->root);
    return TSEC_OK;
}

/* A key for this evidence alone, as a TEE's firmware has one that a vendor vouches for. */
static tsec_rc
endorse_and_sign(const struct tsec_attest *attest, struct sim_evidence *e, struct tsec_err *err)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *leaf = NULL;
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(SIM_SPKI_MAX);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);

    TSEC_TRY(tsec_key_generate(TSEC_KEY_P384, &leaf, err));
    TSEC_TRY(tsec_key_spki(leaf, &spki, err));
    memcpy(e->leaf, spki.ptr, spki.len);
    e->leaf_len = spki.len;
    sim_endorsed_bytes(e, &text);
    TSEC_TRY(sign_into(attest->state.root, &text, e->endorsement, err));
    tsec_buf_reset(&text);
    sim_signed_bytes(e, &text);
    return sign_into(leaf, &text, e->signature, err);
}

static tsec_rc
sim_evidence(struct tsec_attest *attest, const struct tsec_evidence_request *request,
             const char **format, const struct tsec_sink *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);
    struct sim_evidence e = { .svn = 0 };

    if (!attest->makes) {
        return verify_only(err);
    }
    TSEC_TRY(fill(attest, request, &e, err));
    TSEC_TRY(endorse_and_sign(attest, &e, err));
    sim_encode(&e, &text);
    TSEC_TRY(tsec_buf_check(&text, err));
    *format = SIM_FORMAT;
    return out->write(out->ctx, tsec_buf_span(&text));
}

static tsec_rc
sim_verify_op(struct tsec_attest *attest, const char *format, struct tsec_span evidence,
              const struct tsec_expectation *expect, int64_t now, struct tsec_claims *claims,
              struct tsec_err *err)
{
    if (strcmp(format, SIM_FORMAT) != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "attest-sim verifies %s only", SIM_FORMAT);
    }
    return sim_verify(&attest->roots, evidence, expect, now, claims, err);
}

static tsec_rc
sim_decode_op(struct tsec_attest *attest, const char *format, struct tsec_span evidence,
              struct tsec_claims *claims, struct tsec_err *err)
{
    (void)attest;
    if (strcmp(format, SIM_FORMAT) != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "attest-sim reads %s only", SIM_FORMAT);
    }
    return sim_decode(evidence, claims, err);
}

static tsec_rc
sim_refresh(struct tsec_attest *attest, struct tsec_err *err)
{
    (void)attest; /* nothing ages that verify() needs */
    (void)err;
    return TSEC_OK;
}

/* ---- root key ---- */

static tsec_rc
sim_root_key_create(struct tsec_attest *attest, uint8_t key[32], const struct tsec_sink *wrapping,
                    struct tsec_err *err)
{
    uint8_t blob[SIM_WRAPPING_LEN];
    tsec_rc rc;

    if (!attest->makes) {
        return verify_only(err);
    }
    tsec_rand_bytes(key, TSEC_ROOT_KEY_LEN);
    rc = sim_wrap(attest->state.seal_key, attest->config.measurement, attest->config.debug, key,
                  blob, err);
    if (!tsec_failed(rc)) {
        rc = wrapping->write(wrapping->ctx, tsec_span(blob, sizeof(blob)));
    }
    if (tsec_failed(rc)) {
        explicit_bzero(key, TSEC_ROOT_KEY_LEN);
    }
    return rc;
}

static tsec_rc
sim_root_key_open(struct tsec_attest *attest, struct tsec_span wrapping, uint8_t key[32],
                  struct tsec_err *err)
{
    if (!attest->makes) {
        return verify_only(err);
    }
    return sim_unwrap(attest->state.seal_key, attest->config.measurement, attest->config.debug,
                      wrapping, key, err);
}

/* ---- the rest ---- */

static tsec_rc
sim_entropy(struct tsec_attest *attest, uint8_t *out, size_t len, struct tsec_err *err)
{
    size_t done = 0;

    if (!attest->makes) {
        return verify_only(err);
    }
    while (done < len) {
        const ssize_t n = getrandom(out + done, len - done, 0);

        if (n < 0 && errno != EINTR) {
            return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "simulated TEE: no entropy (errno %d)",
                             errno);
        }
        done += n > 0 ? (size_t)n : 0;
    }
    return TSEC_OK;
}

/* OK, and yet there is something to say. */
static tsec_rc
sim_health(struct tsec_attest *attest, struct tsec_err *err)
{
    (void)attest;
    if (err != NULL) {
        err->code = TSEC_OK_CODE;
        (void)snprintf(err->detail, sizeof(err->detail),
                       "simulated TEE: no hardware protects this server");
    }
    return TSEC_OK;
}

static const struct tsec_attest_ops ops_table = {
    .struct_size = (uint32_t)sizeof(struct tsec_attest_ops),
    .open = sim_open,
    .close = sim_close,
    .describe = sim_describe,
    .evidence = sim_evidence,
    .verify = sim_verify_op,
    .decode = sim_decode_op,
    .refresh = sim_refresh,
    .root_key_create = sim_root_key_create,
    .root_key_open = sim_root_key_open,
    .entropy = sim_entropy,
    .health = sim_health,
};

const struct tsec_plugin attest_sim_plugin = {
    TSEC_PLUGIN_HEADER(TSEC_PLUGIN_ATTEST),
    .name = "attest-sim",
    .version = PACKAGE_VERSION,
    .attest = &ops_table,
};

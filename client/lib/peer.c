/* SPDX-License-Identifier: Apache-2.0 */
#include "client/lib/peer.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/hex.h"
#include "client/evidence_collateral.h"
#include "client/evidence_judge.h"

static void
tell(const struct tees_config *config, const struct tees_proof *proof,
     const struct evidence_verdict *verdict, struct tees_server *server)
{
    const struct tsec_claims *claims = &verdict->claims;

    (void)snprintf(server->tee, sizeof(server->tee), "%s", claims->tee);
    (void)snprintf(server->format, sizeof(server->format), "%s", proof->format);
    (void)snprintf(server->instance, sizeof(server->instance), "%s", claims->instance);
    (void)snprintf(server->allowed_by, sizeof(server->allowed_by), "%s",
                   config->allowed_text[verdict->allowed_by]);
    tsec_hex_encode(tsec_span(claims->measurement, claims->measurement_len), server->measurement);
    server->simulated = claims->simulated ? 1 : 0;
}

/** The check that failed is the last of the account. */
static enum tees_result
refuse(const struct evidence_verdict *verdict, struct tees_error *error)
{
    const struct tsec_checks *checks = &verdict->checks;
    const char *detail = checks->len == 0 ? "" : checks->items[checks->len - 1].detail;

    return tees_fail(error, TEES_UNTRUSTED, verdict->reason->slug,
                     "the server's evidence is not accepted: %s: %.140s", verdict->reason->title,
                     detail);
}

static tsec_rc
open_verifier(const struct tees_config *config, const char *format,
              struct evidence_verifier **verifier, struct evidence_collateral *collateral,
              const struct evidence_setting *settings, struct tsec_err *err)
{
    TSEC_TRY(evidence_verifier_open(evidence_plugins, settings, format, verifier, err));
    for (size_t i = 0; config->collateral[i] != NULL; i++) {
        TSEC_TRY(evidence_collateral_load(*verifier, config->collateral[i], collateral, err));
    }
    return TSEC_OK;
}

enum tees_result
tees_peer_appraise(const struct tees_config *config, const struct tees_proof *proof,
                   struct tees_server *server, struct tees_error *error)
{
    const struct evidence_setting settings[] = { { "trusted_roots", config->sim_roots },
                                                 { NULL, NULL } };
    struct evidence_collateral collateral = { 0 };
    TSEC_AUTO(evidence_verifier_free) struct evidence_verifier *verifier = NULL;
    TSEC_AUTO(evidence_verdict_free) struct evidence_verdict *verdict = NULL;
    struct evidence_ask ask = {
        .format = proof->format,
        .evidence = proof->evidence,
        .expect = {
            .binding = proof->binding,
            .nonce = proof->nonce,
            .public_key = proof->public_key,
            .allow_debug = config->allow_debug,
            .require_revocation = config->require_revocation,
            .allow_tcb = config->allow_tcb,
            .collateral = proof->collateral,
            .collateral_len = proof->collateral_len,
        },
        .at = tsec_clock_real_ns(&tsec_clock_system) / TSEC_NS_PER_S,
        .allowed = config->allowed,
        .allowed_text = config->allowed_text,
        .allowed_len = config->allowed_len,
        .allow_simulated = config->allow_simulated,
    };
    struct tsec_err err = { 0 };
    tsec_rc rc = open_verifier(config, proof->format, &verifier, &collateral, settings, &err);

    if (rc.code == TSEC_E_NOT_FOUND) {
        return tees_fail_err(error, TEES_UNTRUSTED, "format", &err);
    }
    if (tsec_failed(rc)) {
        return tees_fail_err(error, TEES_INVALID, NULL, &err);
    }
    ask.collateral_unknown = collateral.unknown[0] == '\0' ? NULL : collateral.unknown;
    verdict = evidence_judge(verifier, &ask);
    if (verdict == NULL) {
        return tees_fail(error, TEES_NO_MEMORY, NULL, "no memory for a verdict");
    }
    if (!verdict->genuine) {
        return refuse(verdict, error);
    }
    tell(config, proof, verdict, server);
    return TEES_OK;
}

enum tees_result
tees_peer_identity(const struct tees_config *config, struct tsec_span spki,
                   struct tees_server *server, struct tees_error *error)
{
    if (spki.len == 0 || TSEC_BASE64_LEN(spki.len) >= sizeof(server->identity_key)) {
        return tees_fail(error, TEES_PROTOCOL, NULL, "the server names no identity key");
    }
    if (config->identity.len > 0 && !tsec_span_equal(config->identity, spki)) {
        return tees_fail(error, TEES_UNTRUSTED, "identity",
                         "the server has another identity key than the one expected");
    }
    tsec_base64_encode(TSEC_BASE64_STD, spki, server->identity_key);
    return TEES_OK;
}

void
tees_peer_formats(const char *out[], size_t max)
{
    static const char *const formats[] = { "nitro",       "snp", "sgx",   "tdx",
                                           "az-snp-vtpm", "maa", "sim-v1" };
    size_t n = 0;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(formats) && n + 1 < max; i++) {
        TSEC_AUTO(evidence_verifier_free) struct evidence_verifier *verifier = NULL;

        if (!tsec_failed(
                evidence_verifier_open(evidence_plugins, NULL, formats[i], &verifier, NULL))) {
            out[n++] = formats[i];
        }
    }
    out[n] = NULL;
}

enum tees_result
tees_peer_give(const struct tees_server *server, struct tees_server *out, struct tees_error *error)
{
    const uint32_t size = out->struct_size;

    if (size < sizeof(*out)) {
        return tees_fail(error, TEES_INVALID, NULL, "set struct_size of the server's struct");
    }
    *out = *server;
    out->struct_size = size;
    return TEES_OK;
}

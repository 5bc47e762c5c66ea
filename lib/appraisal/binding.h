/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file appraisal/binding.h
 * @brief What evidence is bound to, by purpose: the same bytes on the side that attests and on the
 * side that verifies.  docs/formats.md has them.
 *
 * Pure.  Every purpose has its own label, so that evidence for one is never evidence for another.
 */
#ifndef TSEC_APPRAISAL_BINDING_H
#define TSEC_APPRAISAL_BINDING_H

#include <tsec/attest.h>

#include "base/err.h"

enum { TSEC_BINDING_HASH_LEN = 48 };

/** Of a recipient's key, for login and release: SHA-384(LP("tee-secrets-release-v1") ‖ LP(nonce) ‖
 *  LP(SPKI DER)), 48 bytes.  LP(x) = u32be(len x) ‖ x. */
void tsec_binding_release(struct tsec_span nonce, struct tsec_span spki,
                          uint8_t out[TSEC_BINDING_HASH_LEN]);

/** What to expect of evidence for it, by format: spans into `nonce`, `spki` or `own`; a NULL span
 * is not checked.  Nitro: nonce and public_key as fields; MAA: nonce and a key of its runtime data;
 *  vTPM: extraData is the first 32 bytes of the hash; all others: report_data. */
struct tsec_binding_expect {
    struct tsec_span binding;
    struct tsec_span nonce;
    struct tsec_span public_key;
    uint8_t own[64];
};
void tsec_binding_release_expect(const char *format, struct tsec_span nonce, struct tsec_span spki,
                                 struct tsec_binding_expect *out);
/** How to ask one's own TEE for it: `request` points into nonce and spki. */
void tsec_binding_release_request(const char *tee, struct tsec_span nonce, struct tsec_span spki,
                                  struct tsec_evidence_request *request);

/** Of this server as a whole (GET, POST /v1/tee/attestation): 64 bytes over all of these. */
struct tsec_server_binding {
    struct tsec_span nonce;
    struct tsec_span config_digest; /* SHA-384 of the configuration */
    struct tsec_span vkey;          /* of the ledger, as text */
    struct tsec_span identity;      /* SPKI DER */
    struct tsec_span tls;           /* SPKI DER of the TLS key; empty without TLS */
};
void tsec_binding_server(const struct tsec_server_binding *parts, uint8_t out[64]);

/** Of a statement about a key: SHA-512(tag ‖ 0 ‖ SHA-512(statement)). */
void tsec_binding_statement(const char *tag, struct tsec_span statement, uint8_t out[64]);

#endif

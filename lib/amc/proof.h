/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file amc/proof.h
 * @brief What a side of the handshake proves itself with: evidence sealed, the transcript signed, a
 * MAC over everything.  The same functions on both ends.
 *
 * `prk` is the handshake's secret; what is derived from it here is wiped here.
 */
#ifndef TSEC_AMC_PROOF_H
#define TSEC_AMC_PROOF_H

#include "amc/amc.h"
#include "amc/member.h"
#include "crypto/sign.h"

enum {
    /** Of the JSON around evidence, or around the session. */
    AMC_FLIGHT_MAX = (AMC_EVIDENCE_MAX + AMC_TAG_LEN) / 3 * 4 + AMC_HELLO_MAX * 2
};

/** Evidence of `role`, sealed with the key for it over th (th1 for R, th2 for I); appended. */
TSEC_MUST_CHECK tsec_rc amc_proof_seal(const uint8_t prk[AMC_HASH_LEN], enum amc_role role,
                                       const uint8_t th[AMC_HASH_LEN], struct tsec_span evidence,
                                       struct tsec_buf *out, struct tsec_err *err);
/** TSEC_E_DENIED: does not authenticate. */
TSEC_MUST_CHECK tsec_rc amc_proof_open(const uint8_t prk[AMC_HASH_LEN], enum amc_role role,
                                       const uint8_t th[AMC_HASH_LEN], struct tsec_span sealed,
                                       struct tsec_buf *out, struct tsec_err *err);

/** What evidence of `role` is bound to. */
TSEC_MUST_CHECK tsec_rc amc_proof_binding(const uint8_t prk[AMC_HASH_LEN], enum amc_role role,
                                          const uint8_t th[AMC_HASH_LEN],
                                          const uint8_t eph[AMC_POINT_LEN], struct tsec_span id,
                                          uint8_t out[AMC_HASH_LEN], struct tsec_err *err);

/** LP(PROTO) ‖ LP("sig r" or "sig i") ‖ th, appended: what an identity key signs. */
void amc_proof_text(enum amc_role role, const uint8_t th[AMC_HASH_LEN], struct tsec_buf *out);
/** TSEC_E_DENIED: not the signature of `id` (SPKI DER, P-384) over it. */
TSEC_MUST_CHECK tsec_rc amc_proof_verify(enum amc_role role, const uint8_t th[AMC_HASH_LEN],
                                         struct tsec_span id, struct tsec_span sig,
                                         struct tsec_err *err);

/** HMAC(Exp(prk, LP("fin i") ‖ th3, 48), th3), and with "fin r" over th3 ‖ LP(fin_i) ‖ LP(S). */
TSEC_MUST_CHECK tsec_rc amc_proof_fin_i(const uint8_t prk[AMC_HASH_LEN],
                                        const uint8_t th3[AMC_HASH_LEN], uint8_t out[AMC_HASH_LEN],
                                        struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc amc_proof_fin_r(const uint8_t prk[AMC_HASH_LEN],
                                        const uint8_t th3[AMC_HASH_LEN],
                                        const uint8_t fin_i[AMC_HASH_LEN], struct tsec_span s,
                                        uint8_t out[AMC_HASH_LEN], struct tsec_err *err);

/** Reads a message of the handshake after the hellos: JSON with those members. */
TSEC_MUST_CHECK tsec_rc amc_flight_read(struct tsec_span body, struct amc_member *members, size_t n,
                                        struct tsec_err *err);
/** "key":b64u(bytes) with its comma and brace: `first` opens the object. */
void amc_flight_put(struct tsec_buf *out, bool first, const char *key, struct tsec_span bytes);

#endif

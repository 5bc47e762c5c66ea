/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file attest/operators.h
 * @brief The public keys of operators, and what they signed.
 *
 * It holds no private key and does not know what a signed document means.  Any thread may verify,
 * also while the keys are exchanged.
 */
#ifndef TSEC_ATTEST_OPERATORS_H
#define TSEC_ATTEST_OPERATORS_H

#include "base/buf.h"
#include "base/strings.h"

enum {
    OPERATORS_MAX = 16,
    OPERATOR_ID_LEN = 64, /* hex of SHA-256 of the SPKI */
    OPERATOR_SPKI_MAX = 1024,
};

struct operators;

TSEC_MUST_CHECK tsec_rc operators_new(struct operators **out, struct tsec_err *err);
void operators_free(struct operators *operators);
TSEC_DEFINE_AUTO(struct operators, operators_free)

/** SPKI DER of Ed25519, ECDSA P-256 or P-384, which replace those before.  TSEC_E_CONFIG: one is
 *  something else, and all stays as it was. */
TSEC_MUST_CHECK tsec_rc operators_set(struct operators *operators, const struct tsec_span *keys,
                                      size_t n, struct tsec_err *err);
/** The id of a key that operators_set() takes. */
TSEC_MUST_CHECK tsec_rc operators_id(struct tsec_span spki, char out[OPERATOR_ID_LEN + 1],
                                     struct tsec_err *err);

size_t operators_len(struct operators *operators);
/** False: there are not so many. */
bool operators_id_at(struct operators *operators, size_t i, char out[OPERATOR_ID_LEN + 1]);

/** Whether one of the keys signed the message; `id` (NULL: any) says which it should be.  Ed25519;
 *  P-256 with SHA-256 and P-384 with SHA-384, as r ‖ s or as DER.  TSEC_E_DENIED: none did, or
 *  there is no such key. */
TSEC_MUST_CHECK tsec_rc operators_verify(struct operators *operators, const char *id,
                                         struct tsec_span message, struct tsec_span signature,
                                         char signer[OPERATOR_ID_LEN + 1], struct tsec_err *err);

#endif

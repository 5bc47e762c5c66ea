/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/proof.h
 * @brief What login and release are asked with: evidence that answers a challenge and vouches for a
 * key, to which the answer is encrypted.
 *
 * Whoever has no evidence for the key gets nothing that he could read, whatever he asks.
 */
#ifndef TSEC_API_PROOF_H
#define TSEC_API_PROOF_H

#include <jansson.h>

#include "api/admit.h"
#include "appraisal/binding.h"
#include "codec/json_fields.h"

enum { API_PROOF_MORE = 8, API_RECIPIENT_MAX = 1024 };

/** In the request's arena, as is all it points to. */
struct api_proof {
    bool given;       /* false: the body has a role alone */
    const char *role; /* NULL: none */
    struct tsec_span nonce;
    struct tsec_span recipient;        /* SPKI DER of a key that a JWE can be written to */
    struct appraiser_request evidence; /* with what it must show */
    struct tsec_binding_expect expect;
};

/** The members role, format, evidence, nonce, recipient and collateral of a body, and at most
 *  API_PROOF_MORE of the caller's own; any other is refused.  All of format, evidence, nonce and
 *  recipient, or none of them.  Answers 400 and fails. */
TSEC_MUST_CHECK tsec_rc api_proof_read(struct api_call *call, const json_t *body,
                                       const struct tsec_json_field *more, size_t n,
                                       struct api_proof **out, struct tsec_err *err);

/** Checks the challenge, appraises, decides by the role, and uses the challenge up, in the
 *  transaction: every refusal alike, at the cost of the whole.  Failures as api_admit()'s. */
TSEC_MUST_CHECK tsec_rc api_proof_admit(struct api_call *call, const struct api_proof *proof,
                                        const struct mount *mount, struct api_admitted *out,
                                        struct tsec_err *err);

#endif

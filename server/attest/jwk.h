/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file attest/jwk.h
 * @brief The cluster's public identity key as a JWK (RFC 7517), by which its tokens are verified.
 */
#ifndef TSEC_ATTEST_JWK_H
#define TSEC_ATTEST_JWK_H

#include "codec/json_out.h"

enum { JWK_COORDINATE_LEN = 64, JWK_KID_LEN = 43 };

/** Base64url, NUL-terminated. */
struct jwk {
    char x[JWK_COORDINATE_LEN + 1];
    char y[JWK_COORDINATE_LEN + 1];
    char kid[JWK_KID_LEN + 1]; /* the key's SHA-256 thumbprint (RFC 7638) */
};

/** Of a P-384 key.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc jwk_from_spki(struct tsec_span spki, struct jwk *out, struct tsec_err *err);
/** One JSON object. */
void jwk_json(const struct jwk *jwk, struct tsec_json_out *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file maa_jwk.h
 * @brief A public JWK (RFC 7517, 7518) as SubjectPublicKeyInfo, in the one way DER has.
 *
 * Whether the key is any good is not asked here: crypto/pubkey.h does when it is used.
 */
#ifndef ATTEST_MAA_MAA_JWK_H
#define ATTEST_MAA_MAA_JWK_H

#include "base/buf.h"

enum { MAA_SPKI_MAX = 1200 };

/** Appends the SPKI of {"kty":"RSA","n":..,"e":..} or {"kty":"EC","crv":"P-256"|"P-384"|"P-521",
 *  "x":..,"y":..}; other members are passed over.  False: not such a key (nothing appended). */
bool maa_jwk_spki(struct tsec_span jwk, struct tsec_buf *out);

#endif

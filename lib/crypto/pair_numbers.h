/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/pair_numbers.h
 * @brief The numbers a key pair is made of, for formats that write them one by one.
 *
 * Nothing is checked here: what is somebody else's goes through tsec_pair_import() and
 * tsec_pair_from_spki() afterwards.
 */
#ifndef TSEC_CRYPTO_PAIR_NUMBERS_H
#define TSEC_CRYPTO_PAIR_NUMBERS_H

#include "crypto/pair.h"

/** Big-endian, leading zeroes allowed; borrowed.  Empty: not there. */
struct tsec_pair_numbers {
    struct tsec_span secret; /* a curve's scalar; the seed of Ed25519; d of RSA */
    struct tsec_span x, y;   /* of a curve's point; x alone is the public key of Ed25519 */
    struct tsec_span n, e;   /* RSA, from here on */
    struct tsec_span p, q;
    struct tsec_span dp, dq, qinv;
};

/** From DER that tsec_pair_pkcs8() and tsec_pair_spki() gave; `pkcs8` empty: a public key alone.
 *  Points into them. */
TSEC_MUST_CHECK tsec_rc tsec_pair_numbers(enum tsec_pair_kind kind, struct tsec_span pkcs8,
                                          struct tsec_span spki, struct tsec_pair_numbers *out,
                                          struct tsec_err *err);
/** Appends PKCS #8.  TSEC_E_INVALID: a number is too long, or missing. */
TSEC_MUST_CHECK tsec_rc tsec_pair_numbers_pkcs8(enum tsec_pair_kind kind,
                                                const struct tsec_pair_numbers *numbers,
                                                struct tsec_buf *out, struct tsec_err *err);
/** Appends SubjectPublicKeyInfo.  TSEC_E_INVALID likewise. */
TSEC_MUST_CHECK tsec_rc tsec_pair_numbers_spki(enum tsec_pair_kind kind,
                                               const struct tsec_pair_numbers *numbers,
                                               struct tsec_buf *out, struct tsec_err *err);

#endif

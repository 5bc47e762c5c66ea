/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/pair_rsa.h
 * @brief RSA signatures of a pair: PSS and PKCS #1 v1.5 (RFC 8017).  Nothing outside lib/crypto
 * includes it.
 */
#ifndef TSEC_CRYPTO_PAIR_RSA_H
#define TSEC_CRYPTO_PAIR_RSA_H

#include "crypto/pair_internal.h"

TSEC_MUST_CHECK tsec_rc tsec_rsa_sign(const struct tsec_pair *pair, const struct tsec_signing *how,
                                      struct tsec_span input, struct tsec_buf *sig,
                                      int *recovery_id, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc tsec_rsa_verify(const struct tsec_pair *pair,
                                        const struct tsec_signing *how, struct tsec_span input,
                                        struct tsec_span sig, struct tsec_err *err);

#endif

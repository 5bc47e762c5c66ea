/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/csr.h
 * @brief Certificate signing requests (PKCS #10, RFC 2986) for keys that users keep here, and the
 * check that a certificate chain belongs to one.
 */
#ifndef TSEC_CRYPTO_CSR_H
#define TSEC_CRYPTO_CSR_H

#include "crypto/pair.h"

/** A request signed by the pair, PEM.  `template_pem` (may be empty): a request whose subject and
 *  extensions are taken over; its key and signature are not.  TSEC_E_INVALID: it is none. */
TSEC_MUST_CHECK tsec_rc tsec_csr(const struct tsec_pair *pair, struct tsec_span template_pem,
                                 struct tsec_buf *pem, struct tsec_err *err);
/** PEM certificates, the leaf first: the leaf must be for that public key, and each be signed by
 *  the next.  TSEC_E_INVALID says which is not. */
TSEC_MUST_CHECK tsec_rc tsec_chain_for(const struct tsec_pair *pair, struct tsec_span chain_pem,
                                       struct tsec_err *err);

#endif

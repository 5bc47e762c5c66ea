/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec/cose.h
 * @brief COSE_Sign1 (RFC 9052 section 4.2) taken apart, and the bytes its signature is over.
 *
 * Form only: it verifies nothing.
 */
#ifndef TSEC_CODEC_COSE_H
#define TSEC_CODEC_COSE_H

#include "base/buf.h"

enum { TSEC_COSE_ES256 = -7, TSEC_COSE_ES384 = -35, TSEC_COSE_ES512 = -36 };

/** Borrows from the bytes. */
struct tsec_cose_sign1 {
    int64_t alg;                /* from the protected header, where alone it may stand */
    struct tsec_span protected; /* as received */
    struct tsec_span payload;
    struct tsec_span signature;
};

/** With or without tag 18, once.  The protected header must hold alg (label 1) and nothing else:
 *  there is no critical parameter (label 2) that we understand; the unprotected one must be empty.
 *  Nothing may follow.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc tsec_cose_sign1_parse(struct tsec_span bytes, struct tsec_cose_sign1 *out,
                                              struct tsec_err *err);

/** Appends Sig_structure ["Signature1", protected, h'', payload]. */
void tsec_cose_signed_bytes(const struct tsec_cose_sign1 *sign1, struct tsec_buf *out);

#endif

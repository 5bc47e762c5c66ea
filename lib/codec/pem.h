/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec/pem.h
 * @brief The blocks of a PEM file (RFC 7468), one after the other; text around them is passed over.
 * And writing one.
 */
#ifndef TSEC_CODEC_PEM_H
#define TSEC_CODEC_PEM_H

#include "base/buf.h"

/** Takes the next block off the front of *text.  *found: false at the end.  `label` borrows from
 *  the text ("CERTIFICATE", "X509 CRL"); its bytes are put into `der` (reset first).
 *  TSEC_E_INVALID: a block that begins and does not end, or is no base64. */
TSEC_MUST_CHECK tsec_rc tsec_pem_next(struct tsec_span *text, struct tsec_span *label,
                                      struct tsec_buf *der, bool *found, struct tsec_err *err);

/** Appends a block with its last line's end: 64 digits a line.  The time depends on the length
 * only.
 */
void tsec_pem_append(struct tsec_buf *out, const char *label, struct tsec_span der);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file base/base64.h
 * @brief Base64 (RFC 4648 section 4, padded) and base64url (section 5, unpadded).
 *
 * Without tables or branches on the data: time depends on the lengths only, so that it may carry
 * keys.  Decoding is strict: no white space, exact padding, no stray bits in the last digit.
 */
#ifndef TSEC_BASE_BASE64_H
#define TSEC_BASE_BASE64_H

#include "base/buf.h"

enum tsec_base64_kind { TSEC_BASE64_STD = 0, TSEC_BASE64_URL = 1 };

#define TSEC_BASE64_LEN(n) (((n) + 2) / 3 * 4)

void tsec_base64_append(struct tsec_buf *out, enum tsec_base64_kind kind, struct tsec_span bytes);
/** NUL-terminated into `out`, which has TSEC_BASE64_LEN(bytes.len) + 1 bytes. */
void tsec_base64_encode(enum tsec_base64_kind kind, struct tsec_span bytes, char *out);
/** Appends the decoded bytes.  TSEC_E_INVALID: not base64 of that kind (nothing appended). */
TSEC_MUST_CHECK tsec_rc tsec_base64_decode(struct tsec_buf *out, enum tsec_base64_kind kind,
                                           struct tsec_span text, struct tsec_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec/pct.h
 * @brief Percent-decoding (RFC 3986 section 2.1) of paths and query parameters.
 */
#ifndef TSEC_CODEC_PCT_H
#define TSEC_CODEC_PCT_H

#include "base/buf.h"

/** Appends the decoded bytes.  TSEC_E_INVALID: a broken escape, or one that gives NUL. */
TSEC_MUST_CHECK tsec_rc tsec_pct_decode(struct tsec_buf *out, struct tsec_span text,
                                        bool plus_is_space, struct tsec_err *err);
/** Escapes everything but unreserved characters and, when `keep_slash`, '/'. */
void tsec_pct_encode(struct tsec_buf *out, struct tsec_span bytes, bool keep_slash);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec/decimal.h
 * @brief Whole numbers of any size, between big-endian bytes and decimal digits.
 *
 * Other servers write private keys as JSON numbers.  Time depends on lengths only, and everything
 * calculated on the way is wiped.
 */
#ifndef TSEC_CODEC_DECIMAL_H
#define TSEC_CODEC_DECIMAL_H

#include "base/buf.h"

enum { TSEC_DECIMAL_DIGITS_MAX = 1260, TSEC_DECIMAL_BYTES_MAX = 520 };

/** Appends the digits; "0" of no bytes.  At most TSEC_DECIMAL_BYTES_MAX bytes: more make the buffer
 *  fail. */
void tsec_decimal_append(struct tsec_buf *out, struct tsec_span big_endian);
/** Appends the bytes, without leading zeroes (nothing, of 0).  TSEC_E_INVALID: not decimal digits
 *  alone (JSON's fraction, exponent and sign are refused), or too many. */
TSEC_MUST_CHECK tsec_rc tsec_decimal_read(struct tsec_span digits, struct tsec_buf *out,
                                          struct tsec_err *err);

#endif

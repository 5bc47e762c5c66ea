/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file base/hex.h
 * @brief Hexadecimal, lower case out, either case in; without tables, so that time depends on
 * lengths only.
 */
#ifndef TSEC_BASE_HEX_H
#define TSEC_BASE_HEX_H

#include "base/buf.h"

/** Writes 2 * bytes.len digits and a NUL. */
void tsec_hex_encode(struct tsec_span bytes, char *out);
void tsec_hex_append(struct tsec_buf *out, struct tsec_span bytes);
/** Exactly `len` bytes from 2 * len digits, nothing else; false otherwise (out is zeroed). */
bool tsec_hex_decode(struct tsec_span digits, uint8_t *out, size_t len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/mint/mint_cbor.h
 * @brief CBOR written piece by piece, well-formed or not: what is appended is the caller's
 * business.
 */
#ifndef MINT_CBOR_H
#define MINT_CBOR_H

#include "base/buf.h"

enum {
    MINT_CBOR_UINT = 0,
    MINT_CBOR_NEGATIVE = 1,
    MINT_CBOR_BYTES = 2,
    MINT_CBOR_TEXT = 3,
    MINT_CBOR_ARRAY = 4,
    MINT_CBOR_MAP = 5,
    MINT_CBOR_TAG = 6,
    MINT_CBOR_NULL = 0xf6,
    MINT_CBOR_BREAK = 0xff,
};

/** The shortest head. */
void mint_cbor_head(struct tsec_buf *out, unsigned major, uint64_t value);
/** A head with `width` bytes of argument (1, 2, 4, 8), whether or not it needs them. */
void mint_cbor_wide_head(struct tsec_buf *out, unsigned major, unsigned width, uint64_t value);
/** Of an item that ends at a break. */
void mint_cbor_indefinite(struct tsec_buf *out, unsigned major);
void mint_cbor_bytes(struct tsec_buf *out, struct tsec_span bytes);
void mint_cbor_text(struct tsec_buf *out, const char *text);

#endif

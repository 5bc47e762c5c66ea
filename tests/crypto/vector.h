/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/crypto/vector.h
 * @brief Published test vectors are hexadecimal: from it, and comparisons with it.
 */
#ifndef TSEC_TESTS_CRYPTO_VECTOR_H
#define TSEC_TESTS_CRYPTO_VECTOR_H

#include "base/hex.h"
#include "tests/test.h"

enum { VECTOR_MAX = 16384 };

struct vector {
    uint8_t bytes[VECTOR_MAX];
    size_t len;
};

static inline struct vector
vector(const char *hex)
{
    struct vector v = { .len = strlen(hex) / 2 };

    CU_ASSERT_FATAL(v.len <= VECTOR_MAX);
    CU_ASSERT_FATAL(tsec_hex_decode(tsec_span_str(hex), v.bytes, v.len));
    return v;
}

static inline struct tsec_span
vector_span(const struct vector *v)
{
    return tsec_span(v->bytes, v->len);
}

/** `n` times the byte. */
static inline struct vector
vector_of(uint8_t byte, size_t n)
{
    struct vector v = { .len = n };

    CU_ASSERT_FATAL(n <= VECTOR_MAX);
    memset(v.bytes, byte, n);
    return v;
}

static inline bool
vector_is(struct tsec_span bytes, const char *hex)
{
    const struct vector v = vector(hex);

    return tsec_span_equal(bytes, vector_span(&v));
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/decimal.h"

/* A limb takes nine digits at a time: 10^9 is below 2^32, so that nine digits never need more than
 * one limb more. */
enum {
    CHUNK_DIGITS = 9,
    CHUNK = 1000000000,
    LIMBS_MAX = TSEC_DECIMAL_DIGITS_MAX / CHUNK_DIGITS,
    DIGITS_PER_100 = 242, /* of a hundred bytes, and a little more */
};

struct limbs {
    uint32_t limb[LIMBS_MAX]; /* the least significant first */
    size_t len;
};

_Static_assert(TSEC_DECIMAL_DIGITS_MAX % CHUNK_DIGITS == 0, "whole chunks");
_Static_assert((size_t)TSEC_DECIMAL_BYTES_MAX <= 4 * (size_t)LIMBS_MAX, "bytes fit");
_Static_assert(TSEC_DECIMAL_BYTES_MAX *DIGITS_PER_100 / 100 + CHUNK_DIGITS
                   <= TSEC_DECIMAL_DIGITS_MAX + CHUNK_DIGITS - 2,
               "digits fit");

static void
limbs_from_bytes(struct limbs *out, struct tsec_span big_endian)
{
    *out = (struct limbs){ .len = (big_endian.len + 3) / 4 };
    for (size_t i = 0; i < big_endian.len; i++) {
        const size_t at = big_endian.len - 1 - i;

        out->limb[i / 4] |= (uint32_t)big_endian.ptr[at] << (8 * (i % 4));
    }
}

/* Divides by 10^9; the remainder. */
static uint32_t
limbs_take_chunk(struct limbs *number)
{
    uint64_t rest = 0;

    for (size_t i = number->len; i-- > 0;) {
        rest = rest << 32 | number->limb[i];
        number->limb[i] = (uint32_t)(rest / CHUNK);
        rest %= CHUNK;
    }
    return (uint32_t)rest;
}

static void
limbs_add_chunk(struct limbs *number, uint32_t factor, uint32_t chunk)
{
    uint64_t carry = chunk;

    for (size_t i = 0; i < number->len; i++) {
        carry += (uint64_t)number->limb[i] * factor;
        number->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

void
tsec_decimal_append(struct tsec_buf *out, struct tsec_span big_endian)
{
    char digits[TSEC_DECIMAL_DIGITS_MAX];
    const size_t end = big_endian.len * DIGITS_PER_100 / 100 / CHUNK_DIGITS * CHUNK_DIGITS
                       + CHUNK_DIGITS; /* enough for that many bytes */
    size_t first = 0;
    struct limbs number;

    if (big_endian.len > TSEC_DECIMAL_BYTES_MAX) {
        out->failed = true;
        return;
    }
    limbs_from_bytes(&number, big_endian);
    for (size_t at = end; at > 0; at -= CHUNK_DIGITS) {
        uint32_t chunk = limbs_take_chunk(&number);

        for (size_t i = 1; i <= CHUNK_DIGITS; i++) {
            digits[at - i] = (char)('0' + chunk % 10);
            chunk /= 10;
        }
    }
    while (first < end - 1 && digits[first] == '0') {
        first++;
    }
    tsec_buf_put(out, digits + first, end - first);
    explicit_bzero(digits, sizeof(digits));
    explicit_bzero(&number, sizeof(number));
}

static bool
all_digits(struct tsec_span text)
{
    bool all = text.len > 0 && text.len <= TSEC_DECIMAL_DIGITS_MAX;

    for (size_t i = 0; i < text.len; i++) {
        all &= text.ptr[i] >= '0' && text.ptr[i] <= '9';
    }
    return all;
}

/* The first chunk is shorter where the digits are no multiple of nine. */
static void
limbs_from_digits(struct limbs *out, struct tsec_span digits)
{
    size_t chunk_len = digits.len % CHUNK_DIGITS;
    size_t at = 0;

    *out = (struct limbs){ .len = (digits.len + CHUNK_DIGITS - 1) / CHUNK_DIGITS };
    chunk_len = chunk_len == 0 ? CHUNK_DIGITS : chunk_len;
    while (at < digits.len) {
        uint32_t chunk = 0;

        for (size_t i = 0; i < chunk_len; i++) {
            chunk = chunk * 10 + (uint32_t)(digits.ptr[at + i] - '0');
        }
        limbs_add_chunk(out, CHUNK, chunk); /* of nothing, the first time */
        at += chunk_len;
        chunk_len = CHUNK_DIGITS;
    }
}

static void
limbs_append(const struct limbs *number, struct tsec_buf *out)
{
    uint8_t bytes[4 * LIMBS_MAX];
    size_t first = 0;

    for (size_t i = 0; i < 4 * number->len; i++) {
        bytes[4 * number->len - 1 - i] = (uint8_t)(number->limb[i / 4] >> (8 * (i % 4)));
    }
    while (first < 4 * number->len && bytes[first] == 0) {
        first++;
    }
    tsec_buf_put(out, bytes + first, 4 * number->len - first);
    explicit_bzero(bytes, sizeof(bytes));
}

tsec_rc
tsec_decimal_read(struct tsec_span digits, struct tsec_buf *out, struct tsec_err *err)
{
    struct limbs number;

    if (!all_digits(digits)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not a whole number of at most %d digits",
                         TSEC_DECIMAL_DIGITS_MAX);
    }
    limbs_from_digits(&number, digits);
    limbs_append(&number, out);
    explicit_bzero(&number, sizeof(number));
    return tsec_buf_check(out, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/bech32.h"

enum { DIGITS = 52, CHECK = 6 };

static const char charset[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/* All ones when equal; both below 256. */
static uint32_t
equal_mask(uint32_t a, uint32_t b)
{
    return (uint32_t)0 - (((a ^ b) - 1) >> 31);
}

static char
char_of(uint8_t digit)
{
    uint32_t c = 0;

    for (uint32_t i = 0; i < 32; i++) {
        c |= equal_mask(i, digit) & (uint8_t)charset[i];
    }
    return (char)c;
}

/* 0..31, or 32 when it is no digit. */
static uint8_t
digit_of(uint8_t c)
{
    uint32_t digit = 32;

    for (uint32_t i = 0; i < 32; i++) {
        const uint32_t mask = equal_mask((uint8_t)charset[i], c);

        digit = (mask & i) | (~mask & digit);
    }
    return (uint8_t)digit;
}

static uint32_t
polymod_step(uint32_t state, uint8_t digit)
{
    static const uint32_t generator[] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                          0x2a1462b3 };
    const uint32_t top = state >> 25;

    state = (state & 0x1ffffff) << 5 ^ digit;
    for (unsigned i = 0; i < TSEC_ARRAY_LEN(generator); i++) {
        state ^= ((uint32_t)0 - (top >> i & 1)) & generator[i];
    }
    return state;
}

static uint32_t
polymod(const char *hrp, const uint8_t *digits, size_t n)
{
    uint32_t state = 1;

    for (const char *p = hrp; *p != '\0'; p++) {
        state = polymod_step(state, (uint8_t)*p >> 5);
    }
    state = polymod_step(state, 0);
    for (const char *p = hrp; *p != '\0'; p++) {
        state = polymod_step(state, (uint8_t)*p & 31);
    }
    for (size_t i = 0; i < n; i++) {
        state = polymod_step(state, digits[i]);
    }
    return state;
}

/* 256 bits as 52 digits of 5: the last has one bit of data on top. */
static void
to_digits(const uint8_t bytes[32], uint8_t digits[DIGITS])
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t n = 0;

    for (size_t i = 0; i < 32; i++) {
        bits = (bits << 8 | bytes[i]) & 0xfff;
        for (have += 8; have >= 5; have -= 5) {
            digits[n++] = (uint8_t)(bits >> (have - 5) & 31);
        }
    }
    digits[n] = (uint8_t)(bits << (5 - have) & 31);
}

/* The bits that are left over, which must be zero. */
static uint32_t
from_digits(const uint8_t digits[DIGITS], uint8_t bytes[32])
{
    uint32_t bits = 0;
    unsigned have = 0;
    size_t n = 0;

    for (size_t i = 0; i < DIGITS; i++) {
        bits = (bits << 5 | digits[i]) & 0xfff;
        have += 5;
        if (have >= 8) {
            have -= 8;
            bytes[n++] = (uint8_t)(bits >> have);
        }
    }
    return bits & ((1U << have) - 1);
}

void
tsec_bech32_encode(const char *hrp, const uint8_t bytes[32], char *out)
{
    const size_t head = strlen(hrp);
    uint8_t digits[DIGITS + CHECK] = { 0 };

    to_digits(bytes, digits);

    const uint32_t check = polymod(hrp, digits, sizeof(digits)) ^ 1;

    for (unsigned i = 0; i < CHECK; i++) {
        digits[DIGITS + i] = (uint8_t)(check >> 5 * (CHECK - 1 - i) & 31);
    }
    memcpy(out, hrp, head);
    out[head] = '1';
    for (size_t i = 0; i < sizeof(digits); i++) {
        out[head + 1 + i] = char_of(digits[i]);
    }
    out[head + 1 + sizeof(digits)] = '\0';
    explicit_bzero(digits, sizeof(digits));
}

/* To lower case; false when both cases occur. */
static bool
fold(struct tsec_span text, uint8_t *out)
{
    uint32_t upper = 0;
    uint32_t lower = 0;

    for (size_t i = 0; i < text.len; i++) {
        const uint32_t c = text.ptr[i];
        const uint32_t is_upper = ((c - 'A') | ('Z' - c)) >> 31 ^ 1;
        const uint32_t is_lower = ((c - 'a') | ('z' - c)) >> 31 ^ 1;

        upper |= is_upper;
        lower |= is_lower;
        out[i] = (uint8_t)(c + is_upper * ('a' - 'A'));
    }
    return (upper & lower) == 0;
}

static bool
read_digits(const uint8_t *text, uint8_t digits[DIGITS + CHECK])
{
    uint32_t bad = 0;

    for (size_t i = 0; i < DIGITS + CHECK; i++) {
        digits[i] = digit_of(text[i]);
        bad |= digits[i] & 32U;
    }
    return bad == 0;
}

bool
tsec_bech32_decode(const char *hrp, struct tsec_span text, uint8_t out[32])
{
    const size_t head = strlen(hrp);
    uint8_t folded[TSEC_BECH32_HRP_MAX + 1 + DIGITS + CHECK];
    uint8_t digits[DIGITS + CHECK];

    memset(out, 0, 32);
    if (head > TSEC_BECH32_HRP_MAX || text.len != head + 1 + DIGITS + CHECK) {
        return false;
    }

    const bool ok = fold(text, folded)
                    && tsec_span_starts(tsec_span(folded, text.len), tsec_span_str(hrp))
                    && folded[head] == '1' && read_digits(folded + head + 1, digits)
                    && polymod(hrp, digits, sizeof(digits)) == 1 && from_digits(digits, out) == 0;

    if (!ok) {
        explicit_bzero(out, 32);
    }
    explicit_bzero(folded, sizeof(folded));
    explicit_bzero(digits, sizeof(digits));
    return ok;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hex.h"

/* '0'..'9' and 'a'..'f' by arithmetic: (9 - n) is negative, and its sign shifted down all ones,
 * exactly for the letters. */
static char
digit(unsigned n)
{
    const unsigned letter = (9u - n) >> 8;

    return (char)('0' + n + (letter & ('a' - '0' - 10u)));
}

/* 0..15, or at least 0x100 for what is no digit. */
static unsigned
value(uint8_t c)
{
    const unsigned num = (unsigned)c - '0';
    const unsigned let = ((unsigned)c | 0x20u) - 'a';
    const unsigned is_num = ((num - 10u) >> 8) & ~(num >> 8) & 0xffu;
    const unsigned is_let = ((let - 6u) >> 8) & ~(let >> 8) & 0xffu;

    return (num & is_num) | ((let + 10u) & is_let) | (~(is_num | is_let) & 0xffu) << 8;
}

static void
encode(struct tsec_span bytes, uint8_t *out)
{
    for (size_t i = 0; i < bytes.len; i++) {
        out[2 * i] = (uint8_t)digit(bytes.ptr[i] >> 4);
        out[2 * i + 1] = (uint8_t)digit(bytes.ptr[i] & 15u);
    }
}

void
tsec_hex_encode(struct tsec_span bytes, char *out)
{
    encode(bytes, (uint8_t *)out);
    out[2 * bytes.len] = '\0';
}

void
tsec_hex_append(struct tsec_buf *out, struct tsec_span bytes)
{
    uint8_t *at = bytes.len > SIZE_MAX / 2 ? NULL : tsec_buf_extend(out, 2 * bytes.len);

    if (at == NULL) {
        out->failed = true;
        return;
    }
    encode(bytes, at);
}

bool
tsec_hex_decode(struct tsec_span digits, uint8_t *out, size_t len)
{
    unsigned bad = 0;

    if (digits.len % 2 != 0 || digits.len / 2 != len) {
        explicit_bzero(out, len);
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        const unsigned high = value(digits.ptr[2 * i]);
        const unsigned low = value(digits.ptr[2 * i + 1]);

        bad |= high | low;
        out[i] = (uint8_t)((high << 4) | low);
    }
    if (bad > 15u) {
        explicit_bzero(out, len);
        return false;
    }
    return true;
}

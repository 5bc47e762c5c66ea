/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_text.h"

#include <endian.h>

#define EVERY_BYTE(b) (UINT64_C(0x0101010101010101) * (b))

/* Eight bytes at once, the first one lowest: the top bit of a byte of the result is set when that
 * byte is below 0x20, a quote, a backslash or above 0x7f.  A borrow can set it in a byte after the
 * first one that is special too, so that only the lowest tells. */
static uint64_t
special(uint64_t w)
{
    const uint64_t quote = w ^ EVERY_BYTE('"');
    const uint64_t slash = w ^ EVERY_BYTE('\\');

    return (w | (w - EVERY_BYTE(0x20)) | (quote - EVERY_BYTE(1)) | (slash - EVERY_BYTE(1)))
           & EVERY_BYTE(0x80);
}

static bool
is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

size_t
tsec_json_plain(struct tsec_span text)
{
    size_t n = 0;

    while (text.len - n >= 8) {
        uint64_t word;

        memcpy(&word, text.ptr + n, 8);
        word = special(le64toh(word));
        if (word != 0) {
            return n + (size_t)__builtin_ctzll(word) / 8;
        }
        n += 8;
    }
    while (n < text.len && is_plain(text.ptr[n])) {
        n++;
    }
    return n;
}

/* The four digits of \uXXXX. */
static bool
take_hex4(struct tsec_span *in, uint32_t *out)
{
    uint32_t v = 0;

    if (in->len < 4) {
        return false;
    }
    for (size_t i = 0; i < 4; i++) {
        const uint32_t c = in->ptr[i];
        const uint32_t letter = (c | 0x20u) - 'a';

        if (c - '0' < 10) {
            v = v * 16 + (c - '0');
        } else if (letter < 6) {
            v = v * 16 + letter + 10;
        } else {
            return false;
        }
    }
    *in = tsec_json_from(*in, 4);
    *out = v;
    return true;
}

/* After "\u".  A pair of surrogates is one character; half of one is none. */
static bool
take_code_point(struct tsec_span *in, uint32_t *out)
{
    uint32_t low = 0;

    if (!take_hex4(in, out) || (*out >= 0xdc00 && *out <= 0xdfff)) {
        return false;
    }
    if (*out < 0xd800 || *out > 0xdbff) {
        return true;
    }
    if (in->len < 2 || in->ptr[0] != '\\' || in->ptr[1] != 'u') {
        return false;
    }
    *in = tsec_json_from(*in, 2);
    if (!take_hex4(in, &low) || low < 0xdc00 || low > 0xdfff) {
        return false;
    }
    *out = 0x10000 + ((*out - 0xd800) << 10) + (low - 0xdc00);
    return true;
}

static void
put_utf8(uint32_t c, struct tsec_json_char *out)
{
    static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

    out->len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = out->len - 1; i > 0; i--) {
        out->bytes[i] = (uint8_t)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    out->bytes[0] = (uint8_t)(lead[out->len] | c);
}

static bool
take_escape(struct tsec_span *in, struct tsec_json_char *out)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    uint32_t code_point = 0;

    if (in->len < 2) {
        return false;
    }

    const uint8_t c = in->ptr[1];
    const char *at = memchr(from, c, sizeof(from) - 1);

    *in = tsec_json_from(*in, 2);
    if (at != NULL) {
        out->bytes[0] = (uint8_t)to[at - from];
        out->len = 1;
        return true;
    }
    if (c != 'u' || !take_code_point(in, &code_point)) {
        return false;
    }
    put_utf8(code_point, out);
    return true;
}

bool
tsec_json_char_take(struct tsec_span *inside, struct tsec_json_char *out)
{
    if (inside->len == 0) {
        return false;
    }
    if (inside->ptr[0] == '\\') {
        return take_escape(inside, out);
    }

    const size_t step = tsec_utf8_step(*inside);

    if (step == 0 || inside->ptr[0] < 0x20 || inside->ptr[0] == '"') {
        return false;
    }
    memcpy(out->bytes, inside->ptr, step);
    out->len = step;
    *inside = tsec_json_from(*inside, step);
    return true;
}

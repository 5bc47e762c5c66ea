/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

#include <endian.h>

/* Sixteen digits at once, in whatever registers the machine has for that. */
enum { LANES = 16 };

typedef uint8_t lanes __attribute__((vector_size(LANES)));
typedef int8_t signed_lanes __attribute__((vector_size(LANES)));
typedef uint64_t halves __attribute__((vector_size(LANES)));

/* The two digits in which the kinds differ. */
struct alphabet {
    uint8_t char_62;
    uint8_t char_63;
};

static struct alphabet
alphabet_of(enum tsec_base64_kind kind)
{
    return kind == TSEC_BASE64_STD ? (struct alphabet){ '+', '/' } : (struct alphabet){ '-', '_' };
}

/* All ones when v > limit, by the sign of the difference; both below 256. */
static inline unsigned
above(unsigned v, unsigned limit)
{
    return (limit - v) >> 8;
}

/* The five ranges of the alphabet stand in a row: each step that v passes adds the distance to the
 * next range. */
static inline uint8_t
digit(struct alphabet a, unsigned v)
{
    return (uint8_t)('A' + v + (above(v, 25) & ('a' - 'A' - 26u))
                     + (above(v, 51) & ((unsigned)'0' - 'a' - 26u))
                     + (above(v, 61) & (a.char_62 - (unsigned)'0' - 10u))
                     + (above(v, 62) & ((unsigned)a.char_63 - a.char_62 - 1u)));
}

/* v when low <= c <= high, else 0. */
static inline unsigned
when(unsigned c, unsigned low, unsigned high, unsigned v)
{
    return (((low - 1u - c) & (c - high - 1u)) >> 8) & v;
}

/* 0..63, or all ones for what is no digit.  The ranges do not meet, so at most one adds. */
static inline unsigned
value(struct alphabet a, unsigned c)
{
    return ~0u + when(c, 'A', 'Z', c - 'A' + 1) + when(c, 'a', 'z', c - 'a' + 27)
           + when(c, '0', '9', c - '0' + 53) + when(c, a.char_62, a.char_62, 63)
           + when(c, a.char_63, a.char_63, 64);
}

static inline lanes
lanes_when(lanes c, uint8_t low, uint8_t high, uint8_t first)
{
    const lanes at = c - low;

    return (lanes)(at <= (uint8_t)(high - low)) & (at + first);
}

/* As value(), of sixteen. */
static inline lanes
lanes_value(struct alphabet a, lanes c)
{
    return lanes_when(c, 'A', 'Z', 1) + lanes_when(c, 'a', 'z', 27) + lanes_when(c, '0', '9', 53)
           + ((lanes)(c == a.char_62) & 63) + ((lanes)(c == a.char_63) & 64) - 1;
}

/* As digit(), of sixteen.  Values are below 64: compared with signs, which processors do at once.
 */
static inline lanes
lanes_digit(struct alphabet a, lanes v)
{
    const signed_lanes n = (signed_lanes)v;

    return v + 'A' + ((lanes)(n > 25) & (uint8_t)('a' - 'A' - 26))
           + ((lanes)(n > 51) & (uint8_t)('0' - 'a' - 26))
           + ((lanes)(n > 61) & (uint8_t)(a.char_62 - '0' - 10))
           + ((lanes)(n > 62) & (uint8_t)(a.char_63 - a.char_62 - 1));
}

/* Eight bytes of 6 bits each, the first one lowest, drawn together to 48 bits, the first ones
 * highest, and back; twice at once.  So the order is turned round on the way. */
static inline halves
draw_together(halves v)
{
    v = (v & UINT64_C(0x003f003f003f003f)) << 6 | (v >> 8 & UINT64_C(0x003f003f003f003f));
    v = (v & UINT64_C(0x00000fff00000fff)) << 12 | (v >> 16 & UINT64_C(0x00000fff00000fff));
    return (v & UINT64_C(0xffffff)) << 24 | v >> 32;
}

static inline halves
spread(halves v)
{
    v = (v & UINT64_C(0xffffff)) << 32 | (v >> 24 & UINT64_C(0xffffff));
    v = (v & UINT64_C(0x00000fff00000fff)) << 16 | (v >> 12 & UINT64_C(0x00000fff00000fff));
    return (v & UINT64_C(0x003f003f003f003f)) << 8 | (v >> 6 & UINT64_C(0x003f003f003f003f));
}

static inline uint64_t
load(const uint8_t *at)
{
    uint64_t v;

    memcpy(&v, at, sizeof(v));
    return v;
}

static size_t
encoded_len(enum tsec_base64_kind kind, size_t n)
{
    return kind == TSEC_BASE64_STD ? TSEC_BASE64_LEN(n) : n / 3 * 4 + (n % 3 * 4 + 2) / 3;
}

/* The last group: one or two bytes. */
static void
encode_tail(enum tsec_base64_kind kind, const uint8_t *in, size_t n, uint8_t *out)
{
    const struct alphabet a = alphabet_of(kind);
    const unsigned b0 = in[0];
    const unsigned b1 = n == 2 ? in[1] : 0;

    out[0] = digit(a, b0 >> 2);
    out[1] = digit(a, ((b0 & 3u) << 4) | (b1 >> 4));
    if (n == 2) {
        out[2] = digit(a, (b1 & 15u) << 2);
    }
    for (size_t i = n + 1; kind == TSEC_BASE64_STD && i < 4; i++) {
        out[i] = '=';
    }
}

/* Sixteen digits of twelve bytes.  Nothing is read back that was written in smaller parts, which
 * would stall: the second half is loaded with four bytes of the first. */
static inline void
encode_lanes(struct alphabet a, const uint8_t *in, uint8_t *out)
{
    /* the upper 16 bits of the second are not looked at */
    const halves v = spread((halves){ be64toh(load(in)) >> 16, be64toh(load(in + 4)) });
    const lanes digits = lanes_digit(a, (lanes)(halves){ htole64(v[0]), htole64(v[1]) });

    memcpy(out, &digits, sizeof(digits));
}

static void
encode(enum tsec_base64_kind kind, struct tsec_span bytes, uint8_t *out)
{
    const struct alphabet a = alphabet_of(kind);
    const uint8_t *in = bytes.ptr;
    size_t left = bytes.len;

    for (; left >= 12; left -= 12, in += 12, out += LANES) {
        encode_lanes(a, in, out);
    }
    for (; left >= 3; left -= 3, in += 3, out += 4) {
        out[0] = digit(a, in[0] >> 2);
        out[1] = digit(a, ((in[0] & 3u) << 4) | ((unsigned)in[1] >> 4));
        out[2] = digit(a, ((in[1] & 15u) << 2) | ((unsigned)in[2] >> 6));
        out[3] = digit(a, in[2] & 63u);
    }
    if (left > 0) {
        encode_tail(kind, in, left, out);
    }
}

void
tsec_base64_append(struct tsec_buf *out, enum tsec_base64_kind kind, struct tsec_span bytes)
{
    uint8_t *at =
        bytes.len > SIZE_MAX / 2 ? NULL : tsec_buf_extend(out, encoded_len(kind, bytes.len));

    if (at == NULL) {
        out->failed = true;
        return;
    }
    encode(kind, bytes, at);
}

void
tsec_base64_encode(enum tsec_base64_kind kind, struct tsec_span bytes, char *out)
{
    encode(kind, bytes, (uint8_t *)out);
    out[encoded_len(kind, bytes.len)] = '\0';
}

/* Without padding; false when the length cannot be. */
static bool
strip(enum tsec_base64_kind kind, struct tsec_span *text)
{
    if (kind == TSEC_BASE64_STD) {
        if (text->len % 4 != 0) {
            return false;
        }
        for (int i = 0; i < 2 && text->len > 0 && text->ptr[text->len - 1] == '='; i++) {
            text->len--;
        }
    }
    return text->len % 4 != 1;
}

/* The last group: two or three digits.  Returns what was wrong in bits above the lowest six: bad
 * digits, and bits of the last digit that no byte takes. */
static unsigned
decode_tail(struct alphabet a, const uint8_t *in, size_t n, uint8_t *out)
{
    const unsigned v0 = value(a, in[0]);
    const unsigned v1 = value(a, in[1]);
    const unsigned v2 = n == 3 ? value(a, in[2]) : 0;
    const unsigned stray = n == 3 ? v2 & 3u : v1 & 15u;

    out[0] = (uint8_t)(v0 << 2 | (v1 & 63u) >> 4);
    if (n == 3) {
        out[1] = (uint8_t)(v1 << 4 | (v2 & 63u) >> 2);
    }
    return v0 | v1 | v2 | stray << 6;
}

/* Twelve bytes of sixteen digits.  Returns their values, of which bad ones are above 63. */
static inline lanes
decode_lanes(struct alphabet a, const uint8_t *in, uint8_t *out)
{
    lanes v;

    memcpy(&v, in, sizeof(v));
    v = lanes_value(a, v);

    const halves read = (halves)v;
    const halves half = draw_together((halves){ le64toh(read[0]), le64toh(read[1]) });
    const uint64_t begin = htobe64(half[0] << 16);
    const uint64_t end = htobe64(half[0] << 48 | half[1]); /* with two bytes of the first half */

    memcpy(out, &begin, sizeof(begin));
    memcpy(out + 4, &end, sizeof(end));
    return v;
}

static unsigned
any_lane(lanes v)
{
    unsigned all = 0;

    for (unsigned i = 0; i < LANES; i++) {
        all |= v[i];
    }
    return all;
}

static bool
decode(enum tsec_base64_kind kind, struct tsec_span text, uint8_t *out)
{
    const struct alphabet a = alphabet_of(kind);
    const uint8_t *in = text.ptr;
    size_t left = text.len;
    lanes seen = { 0 };
    unsigned bad = 0;

    for (; left >= LANES; left -= LANES, in += LANES, out += 12) {
        seen |= decode_lanes(a, in, out);
    }
    bad = any_lane(seen);
    for (; left >= 4; left -= 4, in += 4, out += 3) {
        const unsigned v0 = value(a, in[0]);
        const unsigned v1 = value(a, in[1]);
        const unsigned v2 = value(a, in[2]);
        const unsigned v3 = value(a, in[3]);

        bad |= v0 | v1 | v2 | v3;
        out[0] = (uint8_t)(v0 << 2 | (v1 & 63u) >> 4);
        out[1] = (uint8_t)(v1 << 4 | (v2 & 63u) >> 2);
        out[2] = (uint8_t)(v2 << 6 | (v3 & 63u));
    }
    if (left > 0) {
        bad |= decode_tail(a, in, left, out);
    }
    return bad < 64;
}

tsec_rc
tsec_base64_decode(struct tsec_buf *out, enum tsec_base64_kind kind, struct tsec_span text,
                   struct tsec_err *err)
{
    const size_t before = out->len;

    if (!strip(kind, &text)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "base64 of an impossible length");
    }

    uint8_t *at = tsec_buf_extend(out, text.len / 4 * 3 + text.len % 4 * 3 / 4);

    if (at == NULL) {
        return tsec_buf_check(out, err);
    }
    if (!decode(kind, text, at)) {
        tsec_buf_truncate(out, before);
        return TSEC_FAIL(err, TSEC_E_INVALID, "not base64");
    }
    return TSEC_OK;
}

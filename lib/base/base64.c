/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"

/* All ones when low <= x <= high, by the sign of the differences; x below 256. */
static unsigned
between(unsigned x, unsigned low, unsigned high)
{
    return ~(((x - low) | (high - x)) >> 8) & 0xffu;
}

static unsigned
char_62(enum tsec_base64_kind kind)
{
    return kind == TSEC_BASE64_STD ? '+' : '-';
}

static unsigned
char_63(enum tsec_base64_kind kind)
{
    return kind == TSEC_BASE64_STD ? '/' : '_';
}

static uint8_t
digit(enum tsec_base64_kind kind, unsigned v)
{
    return (uint8_t)((between(v, 0, 25) & (v + 'A')) | (between(v, 26, 51) & (v - 26 + 'a'))
                     | (between(v, 52, 61) & (v - 52 + '0')) | (between(v, 62, 62) & char_62(kind))
                     | (between(v, 63, 63) & char_63(kind)));
}

/* 0..63, or 0x100 set for what is no digit. */
static unsigned
value(enum tsec_base64_kind kind, unsigned c)
{
    const unsigned upper = between(c, 'A', 'Z');
    const unsigned lower = between(c, 'a', 'z');
    const unsigned num = between(c, '0', '9');
    const unsigned is_62 = between(c, char_62(kind), char_62(kind));
    const unsigned is_63 = between(c, char_63(kind), char_63(kind));
    const unsigned any = upper | lower | num | is_62 | is_63;

    return (upper & (c - 'A')) | (lower & (c - 'a' + 26)) | (num & (c - '0' + 52)) | (is_62 & 62)
           | (is_63 & 63) | (~any & 0xffu) << 8;
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
    const unsigned b0 = in[0];
    const unsigned b1 = n == 2 ? in[1] : 0;

    out[0] = digit(kind, b0 >> 2);
    out[1] = digit(kind, ((b0 & 3u) << 4) | (b1 >> 4));
    if (n == 2) {
        out[2] = digit(kind, (b1 & 15u) << 2);
    }
    for (size_t i = n + 1; kind == TSEC_BASE64_STD && i < 4; i++) {
        out[i] = '=';
    }
}

static void
encode(enum tsec_base64_kind kind, struct tsec_span bytes, uint8_t *out)
{
    const uint8_t *in = bytes.ptr;
    size_t left = bytes.len;

    for (; left >= 3; left -= 3, in += 3, out += 4) {
        out[0] = digit(kind, in[0] >> 2);
        out[1] = digit(kind, ((in[0] & 3u) << 4) | ((unsigned)in[1] >> 4));
        out[2] = digit(kind, ((in[1] & 15u) << 2) | ((unsigned)in[2] >> 6));
        out[3] = digit(kind, in[2] & 63u);
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

/* Bits of what was wrong: any at or above 0x100 means a bad digit, and in the last digit of a short
 * group the bits that no byte takes must be zero. */
static unsigned
decode(enum tsec_base64_kind kind, struct tsec_span text, uint8_t *out)
{
    unsigned bad = 0;
    unsigned bits = 0;
    unsigned have = 0;

    for (size_t i = 0; i < text.len; i++) {
        const unsigned v = value(kind, text.ptr[i]);

        bad |= v & ~63u;
        bits = (bits << 6) | (v & 63u);
        have += 6;
        if (have >= 8) {
            have -= 8;
            *out++ = (uint8_t)(bits >> have);
            bits &= (1u << have) - 1u;
        }
    }
    return bad | bits;
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
    if (decode(kind, text, at) != 0) {
        tsec_buf_truncate(out, before);
        return TSEC_FAIL(err, TSEC_E_INVALID, "not base64");
    }
    return TSEC_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/span.h"

bool
tsec_span_equal(struct tsec_span a, struct tsec_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool
tsec_span_is(struct tsec_span a, const char *text)
{
    return tsec_span_equal(a, tsec_span_str(text));
}

int
tsec_span_compare(struct tsec_span a, struct tsec_span b)
{
    const size_t len = a.len < b.len ? a.len : b.len;
    const int order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

bool
tsec_span_starts(struct tsec_span a, struct tsec_span prefix)
{
    return a.len >= prefix.len && tsec_span_equal(tsec_span(a.ptr, prefix.len), prefix);
}

bool
tsec_span_zero(struct tsec_span a)
{
    uint8_t any = 0;

    for (size_t i = 0; i < a.len; i++) {
        any |= a.ptr[i];
    }
    return any == 0;
}

bool
tsec_ct_equal(struct tsec_span a, struct tsec_span b)
{
    volatile uint8_t diff = 0; /* so that the loop cannot stop early */

    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        diff = (uint8_t)(diff | (a.ptr[i] ^ b.ptr[i]));
    }
    return diff == 0;
}

/* The table of Unicode 15 section 3.9, table 3-7: length by the first byte, and the range of the
 * second, which excludes overlong forms, surrogates and what lies past U+10FFFF. */
size_t
tsec_utf8_step(struct tsec_span text)
{
    if (text.len == 0) {
        return 0;
    }

    const uint8_t b = text.ptr[0];
    const uint8_t low = b == 0xe0 ? 0xa0 : b == 0xf0 ? 0x90 : 0x80;
    const uint8_t high = b == 0xed ? 0x9f : b == 0xf4 ? 0x8f : 0xbf;
    const size_t len = b < 0x80 ? 1 : b < 0xc2 ? 0 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : b < 0xf5 ? 4 : 0;

    if (len > text.len || (len > 1 && (text.ptr[1] < low || text.ptr[1] > high))) {
        return 0;
    }
    for (size_t i = 2; i < len; i++) {
        if ((text.ptr[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return len;
}

bool
tsec_utf8_valid(struct tsec_span text)
{
    while (text.len > 0) {
        const size_t step = tsec_utf8_step(text);

        if (step == 0) {
            return false;
        }
        text = tsec_span(text.ptr + step, text.len - step);
    }
    return true;
}

bool
tsec_text_plain(struct tsec_span text)
{
    size_t step;

    for (size_t at = 0; at < text.len; at += step) {
        const uint8_t *c = text.ptr + at;

        step = tsec_utf8_step(tsec_span(c, text.len - at));
        if (step == 0 || c[0] < 0x20 || c[0] == 0x7f
            || (step == 2 && c[0] == 0xc2 && c[1] < 0xa0)) {
            return false;
        }
    }
    return true;
}

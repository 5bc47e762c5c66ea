/* SPDX-License-Identifier: Apache-2.0 */
/* Elements one after the other, and what is in those that are constructed.  An element written
 * again in its only spelling is what was read; so is a number; an OID is its own dotted text and no
 * other. */
#include "codec/der.h"

#include "base/buf.h"
#include "tests/fuzz/fuzz.h"

enum { DEPTH_MAX = 12, CONSTRUCTED = 0x20, TEXT_MAX = 1024 };

static void
element_has_one_spelling(const uint8_t *start, size_t len, uint8_t tag, struct tsec_span value)
{
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(len + 16);
    unsigned more = 0;

    while (value.len >> (8 * more) != 0) {
        more++;
    }
    tsec_buf_put_byte(&again, tag);
    if (value.len < 0x80) {
        more = 0;
        tsec_buf_put_byte(&again, (uint8_t)value.len);
    } else {
        tsec_buf_put_byte(&again, (uint8_t)(0x80 | more));
    }
    for (; more > 0; more--) {
        tsec_buf_put_byte(&again, (uint8_t)(value.len >> (8 * (more - 1))));
    }
    tsec_buf_put_span(&again, value);
    FUZZ_ASSERT(tsec_span_equal(tsec_buf_span(&again), tsec_span(start, len)));
}

static void
number_has_one_spelling(struct tsec_span value)
{
    uint8_t digits[9] = { 0 };
    uint64_t n = 0;
    size_t at = 1;

    if (tsec_failed(tsec_der_u64(value, &n, NULL))) {
        return;
    }
    for (size_t i = 0; i < 8; i++) {
        digits[1 + i] = (uint8_t)(n >> (8 * (7 - i)));
    }
    while (at < 8 && digits[at] == 0) {
        at++;
    }
    at -= (digits[at] & 0x80) != 0 ? 1 : 0;
    FUZZ_ASSERT(tsec_span_equal(value, tsec_span(digits + at, sizeof(digits) - at)));
}

/* The dotted text of an OID's contents; false when they are none, or an arc is past 63 bits. */
static bool
dotted(struct tsec_span value, struct tsec_buf *out)
{
    uint64_t arc = 0;
    bool inside = false;

    for (size_t i = 0; i < value.len; i++) {
        if ((!inside && value.ptr[i] == 0x80) || arc >> 56 != 0) {
            return false;
        }
        arc = arc << 7 | (value.ptr[i] & 0x7f);
        inside = (value.ptr[i] & 0x80) != 0;
        if (inside) {
            continue;
        }
        if (out->len == 0) {
            const uint64_t first = arc < 40 ? 0 : arc < 80 ? 1 : 2;

            tsec_buf_put_u64(out, first);
            arc -= 40 * first;
        }
        tsec_buf_put_byte(out, '.');
        tsec_buf_put_u64(out, arc);
        arc = 0;
    }
    return value.len > 0 && !inside;
}

static void
oid_is_itself(struct tsec_span value)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TEXT_MAX);

    FUZZ_ASSERT(!tsec_der_oid_is(value, "1.2.840.113741.1.13.1") || value.len == 9);
    if (value.len > 64 || !dotted(value, &text)) {
        return;
    }
    tsec_buf_put_byte(&text, 0);
    FUZZ_ASSERT(tsec_der_oid_is(value, (const char *)text.ptr));
    tsec_buf_truncate(&text, text.len - 1);
    tsec_buf_put(&text, ".1", 3);
    FUZZ_ASSERT(!tsec_der_oid_is(value, (const char *)text.ptr));
}

static void
elements(struct tsec_span bytes, unsigned depth)
{
    struct tsec_der der = { bytes };

    while (der.rest.len > 0) {
        const struct tsec_span before = der.rest;
        struct tsec_der same = der;
        struct tsec_span value;
        struct tsec_span taken;
        uint8_t tag = 0;

        if (tsec_failed(tsec_der_next(&der, &tag, &value, NULL))) {
            FUZZ_ASSERT(der.rest.ptr == before.ptr && der.rest.len == before.len);
            return;
        }
        FUZZ_ASSERT(tsec_failed(tsec_der_take(&same, tag ^ 1, &taken, NULL)));
        FUZZ_ASSERT(!tsec_failed(tsec_der_take(&same, tag, &taken, NULL)));
        FUZZ_ASSERT(taken.ptr == value.ptr && same.rest.len == der.rest.len);
        element_has_one_spelling(before.ptr, before.len - der.rest.len, tag, value);
        number_has_one_spelling(value);
        oid_is_itself(value);
        if ((tag & CONSTRUCTED) != 0 && depth < DEPTH_MAX) {
            elements(value, depth + 1);
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    elements(tsec_span(data, size), 0);
    return 0;
}

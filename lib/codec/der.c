/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/der.h"

enum {
    TAG_NUMBER_HIGH = 0x1f, /* X.690 8.1.2.4: the number follows; nothing we read has one */
    LENGTH_LONG = 0x80,
    LENGTH_BYTES_MAX = 4,
    ARC_DIGITS_MAX = 10, /* of 7 bits in 64 */
};

#define BAD(err, what) TSEC_FAIL((err), TSEC_E_INVALID, "DER: " what)

/* The length at the front of *rest, taken off: X.690 8.1.3 and 10.1. */
static tsec_rc
length(struct tsec_span *rest, size_t *out, struct tsec_err *err)
{
    if (rest->len == 0) {
        return BAD(err, "cut off in a head");
    }

    const uint8_t first = rest->ptr[0];
    const size_t more = first < LENGTH_LONG ? 0 : first - (size_t)LENGTH_LONG;
    size_t len = first;

    if (first == LENGTH_LONG || more > LENGTH_BYTES_MAX) {
        return BAD(err, "indefinite or huge length");
    }
    if (more >= rest->len) {
        return BAD(err, "cut off in a head");
    }
    if (more > 0) {
        len = 0;
    }
    for (size_t i = 1; i <= more; i++) {
        len = len << 8 | rest->ptr[i];
    }
    if (more > 0 && (len < LENGTH_LONG || len >> (8 * (more - 1)) == 0)) {
        return BAD(err, "length not in its shortest form");
    }
    rest->ptr += 1 + more;
    rest->len -= 1 + more;
    *out = len;
    return TSEC_OK;
}

tsec_rc
tsec_der_next(struct tsec_der *der, uint8_t *tag, struct tsec_span *value, struct tsec_err *err)
{
    struct tsec_span rest = der->rest;
    size_t len = 0;

    if (rest.len == 0) {
        return BAD(err, "an element is missing");
    }

    const uint8_t found = rest.ptr[0];

    if ((found & TAG_NUMBER_HIGH) == TAG_NUMBER_HIGH || found == 0) {
        return BAD(err, "a tag of many bytes, or none");
    }
    rest = tsec_span(rest.ptr + 1, rest.len - 1);
    TSEC_TRY(length(&rest, &len, err));
    if (len > rest.len) {
        return BAD(err, "an element longer than what is left");
    }
    *tag = found;
    *value = tsec_span(rest.ptr, len);
    der->rest = tsec_span(rest.ptr + len, rest.len - len);
    return TSEC_OK;
}

tsec_rc
tsec_der_take(struct tsec_der *der, uint8_t tag, struct tsec_span *value, struct tsec_err *err)
{
    struct tsec_der after = *der;
    struct tsec_span contents;
    uint8_t found = 0;

    TSEC_TRY(tsec_der_next(&after, &found, &contents, err));
    if (found != tag) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "DER: tag 0x%02x, not 0x%02x", found, tag);
    }
    *value = contents;
    *der = after;
    return TSEC_OK;
}

tsec_rc
tsec_der_u64(struct tsec_span value, uint64_t *out, struct tsec_err *err)
{
    uint64_t n = 0;

    if (value.len == 0) {
        return BAD(err, "INTEGER without contents");
    }
    if ((value.ptr[0] & 0x80) != 0) {
        return BAD(err, "negative INTEGER");
    }
    if (value.len > 1 && value.ptr[0] == 0 && (value.ptr[1] & 0x80) == 0) {
        return BAD(err, "INTEGER not in its shortest form"); /* X.690 8.3.2 */
    }
    if (value.len > 9 || (value.len == 9 && value.ptr[0] != 0)) {
        return BAD(err, "INTEGER of more than 64 bits");
    }
    for (size_t i = 0; i < value.len; i++) {
        n = n << 8 | value.ptr[i];
    }
    *out = n;
    return TSEC_OK;
}

/* Takes the digits of one arc off dotted text, and the dot after them. */
static bool
take_arc(const char **dotted, uint64_t *arc)
{
    const char *at = *dotted;

    *arc = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (__builtin_mul_overflow(*arc, UINT64_C(10), arc)
            || __builtin_add_overflow(*arc, (uint64_t)(*at - '0'), arc)) {
            return false;
        }
    }
    if (at == *dotted || (*at != '\0' && (*at != '.' || at[1] == '\0'))) {
        return false;
    }
    *dotted = *at == '.' ? at + 1 : at;
    return true;
}

/* Takes the subidentifier (X.690 8.19.2) off the front when it is this number. */
static bool
take_subidentifier(struct tsec_span *rest, uint64_t number)
{
    uint8_t digits[ARC_DIGITS_MAX];
    size_t at = sizeof(digits);

    digits[--at] = (uint8_t)(number & 0x7f);
    for (number >>= 7; number > 0; number >>= 7) {
        digits[--at] = (uint8_t)(0x80 | (number & 0x7f));
    }

    const struct tsec_span wanted = tsec_span(digits + at, sizeof(digits) - at);

    if (!tsec_span_starts(*rest, wanted)) {
        return false;
    }
    *rest = tsec_span(rest->ptr + wanted.len, rest->len - wanted.len);
    return true;
}

bool
tsec_der_oid_is(struct tsec_span value, const char *dotted)
{
    uint64_t first = 0;
    uint64_t arc = 0;

    /* X.690 8.19.4: the first two arcs share a subidentifier */
    if (!take_arc(&dotted, &first) || !take_arc(&dotted, &arc) || first > 2
        || (first < 2 && arc > 39) || __builtin_add_overflow(arc, first * 40, &arc)
        || !take_subidentifier(&value, arc)) {
        return false;
    }
    while (*dotted != '\0') {
        if (!take_arc(&dotted, &arc) || !take_subidentifier(&value, arc)) {
            return false;
        }
    }
    return value.len == 0;
}

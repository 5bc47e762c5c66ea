/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/asn1.h"

enum { OID_MAX = 64, ARC_MAX = 10 };

static struct tsec_span
after(struct tsec_span der, size_t skip)
{
    return tsec_span(der.ptr + skip, der.len - skip);
}

/* The length of the head, and of what follows it; zero when it is none. */
static size_t
read_head(struct tsec_span der, size_t *len)
{
    if (der.len < 2 || (der.ptr[0] & 0x1f) == 0x1f) {
        return 0;
    }

    const size_t first = der.ptr[1];
    const size_t more = first < 0x80 ? 0 : first & 0x7f;

    if (more == 0) {
        *len = first;
        return first < 0x80 ? 2 : 0; /* 0x80 is the indefinite form */
    }
    if (more > 4 || der.len < 2 + more || der.ptr[2] == 0) {
        return 0;
    }
    *len = 0;
    for (size_t i = 0; i < more; i++) {
        *len = *len << 8 | der.ptr[2 + i];
    }
    return *len < 0x80 ? 0 : 2 + more;
}

bool
tsec_asn1_next(struct tsec_span *der, struct tsec_span *contents, struct tsec_span *whole)
{
    size_t len = 0;
    const size_t head = read_head(*der, &len);

    if (head == 0 || len > der->len - head) {
        return false;
    }
    if (whole != NULL) {
        *whole = tsec_span(der->ptr, head + len);
    }
    *contents = tsec_span(der->ptr + head, len);
    *der = after(*der, head + len);
    return true;
}

bool
tsec_asn1_take(struct tsec_span *der, uint8_t tag, struct tsec_span *contents)
{
    return tsec_asn1_at(*der, tag) && tsec_asn1_next(der, contents, NULL);
}

bool
tsec_asn1_take_whole(struct tsec_span *der, uint8_t tag, struct tsec_span *whole)
{
    struct tsec_span contents = { NULL, 0 };

    return tsec_asn1_at(*der, tag) && tsec_asn1_next(der, &contents, whole);
}

bool
tsec_asn1_take_magnitude(struct tsec_span *der, struct tsec_span *out)
{
    struct tsec_span rest = *der;
    struct tsec_span n = { NULL, 0 };

    if (!tsec_asn1_take(&rest, ASN1_TAG_INTEGER, &n) || n.len == 0 || (n.ptr[0] & 0x80) != 0) {
        return false;
    }
    if (n.ptr[0] == 0) {
        if (n.len > 1 && (n.ptr[1] & 0x80) == 0) {
            return false;
        }
        n = after(n, 1);
    }
    *out = n;
    *der = rest;
    return true;
}

bool
tsec_asn1_take_bool(struct tsec_span *der, bool *out)
{
    struct tsec_span rest = *der;
    struct tsec_span value = { NULL, 0 };

    *out = false;
    if (!tsec_asn1_at(rest, ASN1_TAG_BOOLEAN)) {
        return true;
    }
    /* DER leaves a default out; issuers who write FALSE all the same are understood. */
    if (!tsec_asn1_take(&rest, ASN1_TAG_BOOLEAN, &value) || value.len != 1
        || (value.ptr[0] != 0 && value.ptr[0] != 0xff)) {
        return false;
    }
    *out = value.ptr[0] == 0xff;
    *der = rest;
    return true;
}

bool
tsec_asn1_take_bytes(struct tsec_span *der, struct tsec_span *out)
{
    struct tsec_span rest = *der;
    struct tsec_span bits = { NULL, 0 };

    if (!tsec_asn1_take(&rest, ASN1_TAG_BITS, &bits) || bits.len == 0 || bits.ptr[0] != 0) {
        return false;
    }
    *out = after(bits, 1);
    *der = rest;
    return true;
}

/* ---- times ---- */

static bool
digits(const uint8_t *text, size_t len, int *out)
{
    *out = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        *out = *out * 10 + (text[i] - '0');
    }
    return true;
}

static bool
is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
days_of(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

static int64_t
days_since_1970(int year, int month, int day)
{
    const int64_t y = year - 1;
    int64_t days = y * 365 + y / 4 - y / 100 + y / 400 - INT64_C(719162);

    for (int m = 1; m < month; m++) {
        days += days_of(year, m);
    }
    return days + day - 1;
}

/* MMDDHHMMSSZ */
static bool
read_time(int year, const uint8_t *text, int64_t *seconds)
{
    int part[5];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(part); i++) {
        if (!digits(text + 2 * i, 2, &part[i])) {
            return false;
        }
    }
    if (text[10] != 'Z' || year < 1 || part[0] < 1 || part[0] > 12 || part[1] < 1
        || part[1] > days_of(year, part[0]) || part[2] > 23 || part[3] > 59 || part[4] > 59) {
        return false;
    }
    *seconds =
        days_since_1970(year, part[0], part[1]) * 86400 + part[2] * 3600 + part[3] * 60 + part[4];
    return true;
}

bool
tsec_asn1_take_time(struct tsec_span *der, int64_t *seconds)
{
    struct tsec_span rest = *der;
    struct tsec_span text = { NULL, 0 };
    const bool utc = tsec_asn1_at(rest, ASN1_TAG_UTC_TIME);
    const size_t year_len = utc ? 2 : 4;
    int year = 0;

    if (!tsec_asn1_take(&rest, utc ? ASN1_TAG_UTC_TIME : ASN1_TAG_TIME, &text)
        || text.len != year_len + 11 || !digits(text.ptr, year_len, &year)) {
        return false;
    }
    if (utc) {
        year += year < 50 ? 2000 : 1900;
    }
    if (!read_time(year, text.ptr + year_len, seconds)) {
        return false;
    }
    *der = rest;
    return true;
}

/* ---- object identifiers ---- */

/* Decimal up to the next dot, which is taken too. */
static bool
take_arc(const char **text, uint64_t *arc)
{
    const char *at = *text;
    int n = 0;

    for (*arc = 0; *at >= '0' && *at <= '9' && n < 19; at++, n++) {
        *arc = *arc * 10 + (uint64_t)(*at - '0');
    }
    if (n == 0 || (*at != '.' && *at != '\0')) {
        return false;
    }
    *text = *at == '.' ? at + 1 : at;
    return true;
}

static size_t
put_arc(uint64_t arc, uint8_t *out)
{
    size_t len = 1;

    for (uint64_t rest = arc >> 7; rest != 0; rest >>= 7) {
        len++;
    }
    for (size_t i = 0; i < len; i++) {
        const unsigned low = (unsigned)(arc >> (7 * (len - 1 - i))) & 0x7f;

        out[i] = (uint8_t)(low | (i + 1 < len ? 0x80 : 0));
    }
    return len;
}

bool
tsec_asn1_oid_is(struct tsec_span oid, const char *dotted)
{
    uint8_t wanted[OID_MAX];
    uint64_t first = 0;
    uint64_t arc = 0;

    if (!take_arc(&dotted, &first) || first > 2 || !take_arc(&dotted, &arc)
        || (first < 2 && arc > 39)) {
        return false;
    }

    size_t len = put_arc(first * 40 + arc, wanted);

    while (*dotted != '\0') {
        if (len > OID_MAX - ARC_MAX || !take_arc(&dotted, &arc)) {
            return false;
        }
        len += put_arc(arc, wanted + len);
    }
    return tsec_span_equal(oid, tsec_span(wanted, len));
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/asn1.h"

#include "codec/der.h"

static struct tsec_span
after(struct tsec_span der, size_t skip)
{
    return tsec_span(der.ptr + skip, der.len - skip);
}

bool
tsec_asn1_next(struct tsec_span *der, struct tsec_span *contents, struct tsec_span *whole)
{
    struct tsec_der reader = { *der };
    uint8_t tag = 0;

    if (tsec_failed(tsec_der_next(&reader, &tag, contents, NULL))) {
        return false;
    }
    if (whole != NULL) {
        *whole = tsec_span(der->ptr, der->len - reader.rest.len);
    }
    *der = reader.rest;
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

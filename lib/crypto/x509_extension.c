/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/der.h"
#include "crypto/x509_internal.h"

#define OID_KEY_USAGE         "2.5.29.15"
#define OID_BASIC_CONSTRAINTS "2.5.29.19"

enum { PATH_LEN_MAX = 127 };

static bool
read_one(struct tsec_span item, struct tsec_x509_extension *out)
{
    return tsec_asn1_take(&item, ASN1_TAG_OID, &out->oid)
           && tsec_asn1_take_bool(&item, &out->critical)
           && tsec_asn1_take(&item, ASN1_TAG_OCTETS, &out->value) && item.len == 0;
}

static bool
is_new(const struct tsec_x509_extensions *list, struct tsec_span oid)
{
    for (size_t i = 0; i < list->len; i++) {
        if (tsec_span_equal(list->items[i].oid, oid)) {
            return false;
        }
    }
    return true;
}

bool
tsec_x509_read_extensions(struct tsec_span list, struct tsec_x509_extensions *out)
{
    struct tsec_span item = { NULL, 0 };

    while (list.len > 0) {
        struct tsec_x509_extension one = { .critical = false };

        if (out->len == X509_EXTENSIONS_MAX || !tsec_asn1_take(&list, ASN1_TAG_SEQUENCE, &item)
            || !read_one(item, &one) || !is_new(out, one.oid)) {
            return false;
        }
        out->items[out->len++] = one;
    }
    return true;
}

const struct tsec_x509_extension *
tsec_x509_find(const struct tsec_x509_extensions *extensions, const char *oid)
{
    for (size_t i = 0; i < extensions->len; i++) {
        if (tsec_der_oid_is(extensions->items[i].oid, oid)) {
            return &extensions->items[i];
        }
    }
    return NULL;
}

/* RFC 5280 section 4.2.1.9.  A path length without cA means nothing there, and is refused. */
static bool
read_basic_constraints(struct tsec_cert *cert, struct tsec_span value)
{
    struct tsec_span body = { NULL, 0 };
    struct tsec_span number = { NULL, 0 };

    if (!tsec_asn1_take(&value, ASN1_TAG_SEQUENCE, &body) || value.len != 0
        || !tsec_asn1_take_bool(&body, &cert->ca)) {
        return false;
    }
    if (body.len == 0) {
        return true;
    }
    if (!cert->ca || !tsec_asn1_take_magnitude(&body, &number) || body.len != 0) {
        return false;
    }
    cert->path_len = number.len == 0 ? 0 : PATH_LEN_MAX;
    if (number.len == 1 && number.ptr[0] < PATH_LEN_MAX) {
        cert->path_len = number.ptr[0];
    }
    return true;
}

/* RFC 5280 section 4.2.1.3: a BIT STRING of at most nine bits. */
static bool
read_key_usage(struct tsec_cert *cert, struct tsec_span value)
{
    struct tsec_span bits = { NULL, 0 };

    if (!tsec_asn1_take(&value, ASN1_TAG_BITS, &bits) || value.len != 0 || bits.len < 2
        || bits.len > 3 || bits.ptr[0] > 7) {
        return false;
    }
    cert->has_key_usage = true;
    cert->key_usage = bits.ptr[1];
    return true;
}

bool
tsec_x509_read_constraints(struct tsec_cert *cert)
{
    const struct tsec_x509_extension *basic =
        tsec_x509_find(&cert->extensions, OID_BASIC_CONSTRAINTS);
    const struct tsec_x509_extension *usage = tsec_x509_find(&cert->extensions, OID_KEY_USAGE);

    cert->path_len = -1;
    return (basic == NULL || read_basic_constraints(cert, basic->value))
           && (usage == NULL || read_key_usage(cert, usage->value));
}

struct tsec_span
tsec_cert_extension(const struct tsec_cert *cert, const char *oid)
{
    const struct tsec_x509_extension *e = tsec_x509_find(&cert->extensions, oid);

    return e == NULL ? tsec_span(NULL, 0) : e->value;
}

bool
tsec_cert_has_unknown_critical(const struct tsec_cert *cert)
{
    static const char *const known[] = {
        OID_BASIC_CONSTRAINTS, OID_KEY_USAGE, "2.5.29.37", /* extKeyUsage */
        "2.5.29.17",                                       /* subjectAltName */
        "2.5.29.18",                                       /* issuerAltName */
    };

    for (size_t i = 0; i < cert->extensions.len; i++) {
        const struct tsec_x509_extension *e = &cert->extensions.items[i];
        bool is_known = !e->critical;

        for (size_t k = 0; !is_known && k < TSEC_ARRAY_LEN(known); k++) {
            is_known = tsec_der_oid_is(e->oid, known[k]);
        }
        if (!is_known) {
            return true;
        }
    }
    return false;
}

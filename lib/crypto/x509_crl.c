/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "crypto/x509_internal.h"

struct tsec_crl {
    struct tsec_x509_signed outer;
    struct tsec_span issuer;
    int64_t this_update;
    int64_t next_update;
    struct tsec_span entries; /* contents of the SEQUENCE OF; each has been read once */
    size_t entries_len;
    size_t der_len;
    uint8_t der[];
};

/* Extensions that change what an entry or the list is about are critical (RFC 5280 sections 5.2 and
 * 5.3): a delta, a list of limited scope (issuingDistributionPoint), entries of another issuer.
 * None of the vendors' lists has one, and a list that has is not read at all: that a certificate is
 * not in it would not mean that it is not revoked. */
static bool
has_critical(struct tsec_span list)
{
    struct tsec_x509_extensions extensions = { .len = 0 };

    if (!tsec_x509_read_extensions(list, &extensions)) {
        return true;
    }
    for (size_t i = 0; i < extensions.len; i++) {
        if (extensions.items[i].critical) {
            return true;
        }
    }
    return tsec_x509_find(&extensions, "2.5.29.27") != NULL     /* deltaCRLIndicator */
           || tsec_x509_find(&extensions, "2.5.29.28") != NULL  /* issuingDistributionPoint */
           || tsec_x509_find(&extensions, "2.5.29.29") != NULL; /* certificateIssuer */
}

static bool
take_entry(struct tsec_span *entries, struct tsec_span *serial, struct tsec_span *extensions)
{
    struct tsec_span entry = { NULL, 0 };
    int64_t date = 0;

    *extensions = tsec_span(NULL, 0);
    if (!tsec_asn1_take(entries, ASN1_TAG_SEQUENCE, &entry)
        || !tsec_asn1_take_magnitude(&entry, serial) || !tsec_asn1_take_time(&entry, &date)) {
        return false;
    }
    return entry.len == 0
           || (tsec_asn1_take(&entry, ASN1_TAG_SEQUENCE, extensions) && entry.len == 0);
}

static bool
read_entries(struct tsec_crl *crl)
{
    struct tsec_span rest = crl->entries;
    struct tsec_span serial = { NULL, 0 };
    struct tsec_span extensions = { NULL, 0 };

    for (; rest.len > 0; crl->entries_len++) {
        if (!take_entry(&rest, &serial, &extensions) || has_critical(extensions)) {
            return false;
        }
    }
    return true;
}

static bool
take_version(struct tsec_span *body)
{
    static const uint8_t v2[] = { 0x02, 0x01, 0x01 };

    if (!tsec_span_starts(*body, tsec_span(v2, sizeof(v2)))) {
        return false;
    }
    *body = tsec_span(body->ptr + sizeof(v2), body->len - sizeof(v2));
    return true;
}

static bool
take_times(struct tsec_span *body, struct tsec_crl *crl)
{
    crl->next_update = INT64_MAX;
    if (!tsec_asn1_take_time(body, &crl->this_update)) {
        return false;
    }
    if (tsec_asn1_at(*body, ASN1_TAG_UTC_TIME) || tsec_asn1_at(*body, ASN1_TAG_TIME)) {
        return tsec_asn1_take_time(body, &crl->next_update);
    }
    return true;
}

/* What is wrong, or NULL. */
static const char *
read_body(struct tsec_span body, struct tsec_crl *crl)
{
    struct tsec_span field = { NULL, 0 };
    struct tsec_span list = { NULL, 0 };

    if (!take_version(&body)) {
        return "it is not of version 2";
    }
    if (!tsec_x509_take_algorithm(&body, &crl->outer)) {
        return "the algorithm of its signature is named twice, and differently";
    }
    if (!tsec_asn1_take_whole(&body, ASN1_TAG_SEQUENCE, &crl->issuer)) {
        return "its issuer";
    }
    if (!take_times(&body, crl)) {
        return "its times";
    }
    if (tsec_asn1_at(body, ASN1_TAG_SEQUENCE)
        && !tsec_asn1_take(&body, ASN1_TAG_SEQUENCE, &crl->entries)) {
        return "its entries";
    }
    if (!read_entries(crl)) {
        return "an entry, or one whose meaning a critical extension changes";
    }
    if (body.len > 0
        && (!tsec_asn1_take(&body, ASN1_TAG_FIELD, &field) || body.len != 0
            || !tsec_asn1_take(&field, ASN1_TAG_SEQUENCE, &list) || field.len != 0)) {
        return "its extensions";
    }
    return has_critical(list) ? "it is a delta, of limited scope, or has an extension not known"
                              : NULL;
}

tsec_rc
tsec_crl_parse(struct tsec_span der, struct tsec_crl **out, struct tsec_err *err)
{
    struct tsec_span body = { NULL, 0 };

    if (der.len == 0 || der.len > TSEC_CRL_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a CRL of %zu bytes is not read", der.len);
    }

    TSEC_AUTO(tsec_crl_free) struct tsec_crl *crl = calloc(1, sizeof(*crl) + der.len);

    if (crl == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "CRL");
    }
    crl->der_len = der.len;
    memcpy(crl->der, der.ptr, der.len);
    if (!tsec_x509_open(tsec_span(crl->der, der.len), &crl->outer, &body)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not a CRL in DER, or more than one");
    }

    const char *wrong = read_body(body, crl);

    if (wrong != NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "CRL cannot be read: %s", wrong);
    }
    *out = TSEC_TAKE(crl);
    return TSEC_OK;
}

void
tsec_crl_free(struct tsec_crl *crl)
{
    free(crl);
}

struct tsec_span
tsec_crl_issuer(const struct tsec_crl *crl)
{
    return crl->issuer;
}

int64_t
tsec_crl_this_update(const struct tsec_crl *crl)
{
    return crl->this_update;
}

int64_t
tsec_crl_next_update(const struct tsec_crl *crl)
{
    return crl->next_update;
}

size_t
tsec_crl_entries(const struct tsec_crl *crl)
{
    return crl->entries_len;
}

tsec_rc
tsec_crl_signed_by(const struct tsec_crl *crl, const struct tsec_cert *issuer, struct tsec_err *err)
{
    if (!tsec_span_equal(crl->issuer, issuer->subject)) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "the CRL is of another issuer than %s",
                         issuer->subject_cn);
    }
    if (issuer->has_key_usage && (issuer->key_usage & X509_KU_CRL_SIGN) == 0) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "the key usage of %s does not allow CRLs",
                         issuer->subject_cn);
    }
    return tsec_x509_holds(&crl->outer, issuer->key, err);
}

bool
tsec_crl_has(const struct tsec_crl *crl, const struct tsec_cert *cert)
{
    struct tsec_span rest = crl->entries;
    struct tsec_span serial = { NULL, 0 };
    struct tsec_span extensions = { NULL, 0 };

    while (take_entry(&rest, &serial, &extensions)) {
        if (tsec_span_equal(serial, cert->serial)) {
            return true;
        }
    }
    return false;
}

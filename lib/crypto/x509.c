/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/x509.h"

#include <stdlib.h>

#include "crypto/x509_internal.h"

/* ---- reading ---- */

/* The version must be 3: no vendor of TEEs issues older ones, which have no extensions. */
static bool
take_version(struct tsec_span *body)
{
    static const uint8_t v3[] = { 0xa0, 0x03, 0x02, 0x01, 0x02 };

    if (!tsec_span_starts(*body, tsec_span(v3, sizeof(v3)))) {
        return false;
    }
    *body = tsec_span(body->ptr + sizeof(v3), body->len - sizeof(v3));
    return true;
}

static bool
take_validity(struct tsec_span *body, struct tsec_cert *cert)
{
    struct tsec_span validity = { NULL, 0 };

    return tsec_asn1_take(body, ASN1_TAG_SEQUENCE, &validity)
           && tsec_asn1_take_time(&validity, &cert->not_before)
           && tsec_asn1_take_time(&validity, &cert->not_after) && validity.len == 0;
}

static bool
take_extensions(struct tsec_span *body, struct tsec_cert *cert)
{
    struct tsec_span field = { NULL, 0 };
    struct tsec_span list = { NULL, 0 };

    if (body->len == 0) {
        return true;
    }
    return tsec_asn1_take(body, ASN1_TAG_FIELD + 3, &field) && body->len == 0
           && tsec_asn1_take(&field, ASN1_TAG_SEQUENCE, &list) && field.len == 0 && list.len > 0
           && tsec_x509_read_extensions(list, &cert->extensions);
}

/* What is wrong, or NULL. */
static const char *
read_body(struct tsec_span body, struct tsec_cert *cert)
{
    if (!take_version(&body)) {
        return "it is not of version 3";
    }
    if (!tsec_asn1_take_magnitude(&body, &cert->serial)) {
        return "its serial number is negative or no number";
    }
    if (!tsec_x509_take_algorithm(&body, &cert->outer)) {
        return "the algorithm of its signature is named twice, and differently";
    }
    if (!tsec_asn1_take_whole(&body, ASN1_TAG_SEQUENCE, &cert->issuer)
        || !tsec_x509_read_name(cert->issuer, cert->issuer_cn)) {
        return "its issuer";
    }
    if (!take_validity(&body, cert)) {
        return "its validity";
    }
    if (!tsec_asn1_take_whole(&body, ASN1_TAG_SEQUENCE, &cert->subject)
        || !tsec_x509_read_name(cert->subject, cert->subject_cn)) {
        return "its subject";
    }
    if (!tsec_asn1_take_whole(&body, ASN1_TAG_SEQUENCE, &cert->spki)) {
        return "its public key";
    }
    if (!take_extensions(&body, cert) || !tsec_x509_read_constraints(cert)) {
        return "its extensions";
    }
    return NULL;
}

static tsec_rc
read_cert(struct tsec_cert *cert, struct tsec_err *err)
{
    const struct tsec_span der = tsec_span(cert->der, cert->der_len);
    struct tsec_span body = { NULL, 0 };

    if (!tsec_x509_open(der, &cert->outer, &body)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not a certificate in DER, or more than one");
    }

    const char *wrong = read_body(body, cert);

    if (wrong != NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "certificate cannot be read: %s", wrong);
    }

    const tsec_rc rc = tsec_pubkey_from_spki(cert->spki, &cert->key, NULL);

    if (tsec_failed(rc) && rc.code != TSEC_E_INVALID) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "key of a certificate");
    }
    tsec_sha256(der, cert->sha256);
    tsec_sha256(cert->spki, cert->spki_sha256);
    return TSEC_OK;
}

tsec_rc
tsec_cert_parse(struct tsec_span der, struct tsec_cert **out, struct tsec_err *err)
{
    if (der.len == 0 || der.len > TSEC_CERT_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a certificate of %zu bytes is not read", der.len);
    }

    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = calloc(1, sizeof(*cert) + der.len);

    if (cert == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "certificate");
    }
    atomic_init(&cert->holders, 1);
    cert->der_len = der.len;
    memcpy(cert->der, der.ptr, der.len);
    TSEC_TRY(read_cert(cert, err));
    *out = TSEC_TAKE(cert);
    return TSEC_OK;
}

struct tsec_cert *
tsec_cert_hold(const struct tsec_cert *cert)
{
    struct tsec_cert *mine = (struct tsec_cert *)(uintptr_t)cert;

    atomic_fetch_add_explicit(&mine->holders, 1, memory_order_relaxed);
    return mine;
}

void
tsec_cert_free(struct tsec_cert *cert)
{
    if (cert != NULL && atomic_fetch_sub_explicit(&cert->holders, 1, memory_order_acq_rel) == 1) {
        tsec_pubkey_free(cert->key);
        free(cert);
    }
}

/* ---- what it says ---- */

struct tsec_span
tsec_cert_der(const struct tsec_cert *cert)
{
    return tsec_span(cert->der, cert->der_len);
}

const uint8_t *
tsec_cert_sha256(const struct tsec_cert *cert)
{
    return cert->sha256;
}

struct tsec_span
tsec_cert_spki(const struct tsec_cert *cert)
{
    return cert->spki;
}

const uint8_t *
tsec_cert_spki_sha256(const struct tsec_cert *cert)
{
    return cert->spki_sha256;
}

const struct tsec_pubkey *
tsec_cert_key(const struct tsec_cert *cert)
{
    return cert->key;
}

struct tsec_span
tsec_cert_subject(const struct tsec_cert *cert)
{
    return cert->subject;
}

struct tsec_span
tsec_cert_issuer(const struct tsec_cert *cert)
{
    return cert->issuer;
}

const char *
tsec_cert_subject_cn(const struct tsec_cert *cert)
{
    return cert->subject_cn;
}

const char *
tsec_cert_issuer_cn(const struct tsec_cert *cert)
{
    return cert->issuer_cn;
}

struct tsec_span
tsec_cert_serial(const struct tsec_cert *cert)
{
    return cert->serial;
}

int64_t
tsec_cert_not_before(const struct tsec_cert *cert)
{
    return cert->not_before;
}

int64_t
tsec_cert_not_after(const struct tsec_cert *cert)
{
    return cert->not_after;
}

enum tsec_cert_alg
tsec_cert_alg(const struct tsec_cert *cert)
{
    return cert->outer.alg;
}

bool
tsec_cert_is_ca(const struct tsec_cert *cert)
{
    return cert->ca;
}

bool
tsec_cert_may_sign_certs(const struct tsec_cert *cert)
{
    return !cert->has_key_usage || (cert->key_usage & X509_KU_CERT_SIGN) != 0;
}

bool
tsec_cert_has_key_usage(const struct tsec_cert *cert)
{
    return cert->has_key_usage;
}

int
tsec_cert_path_len(const struct tsec_cert *cert)
{
    return cert->path_len;
}

tsec_rc
tsec_cert_signed_by(const struct tsec_cert *cert, const struct tsec_cert *issuer,
                    struct tsec_err *err)
{
    return tsec_x509_holds(&cert->outer, issuer->key, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mint/mint_cert.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "tests/mint/mint_internal.h"

static void
set_time(ASN1_TIME *time, int64_t seconds)
{
    mint_need(ASN1_TIME_set(time, (time_t)seconds) != NULL, "a time");
}

static X509_NAME *
name_of(const char *cn)
{
    X509_NAME *name = X509_NAME_new();

    mint_need(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                         (const unsigned char *)cn, -1, -1, 0)
                      == 1
                  && X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
                                                (const unsigned char *)"Minted", -1, -1, 0)
                         == 1,
              "a name");
    return name;
}

static void
add_extension(X509 *cert, const char *oid, bool critical, struct tsec_span value)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();

    mint_need(object != NULL && ASN1_OCTET_STRING_set(octets, value.ptr, (int)value.len) == 1,
              "an extension");

    X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, object, critical ? 1 : 0, octets);

    mint_need(e != NULL && X509_add_ext(cert, e, -1) == 1, "an extension");
    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(octets);
    ASN1_OBJECT_free(object);
}

/* Certificates that contradict themselves are wanted too, so that these are put together here. */
static void
add_basic_constraints(X509 *cert, const struct mint_cert_spec *spec)
{
    uint8_t value[8] = { 0x30, 0x00 };
    size_t len = 2;

    if (spec->ca) {
        memcpy(value + len, "\x01\x01\xff", 3);
        len += 3;
    }
    if (spec->path_len >= 0) {
        memcpy(value + len, "\x02\x01", 2);
        value[len + 2] = (uint8_t)spec->path_len;
        len += 3;
    }
    value[1] = (uint8_t)(len - 2);
    add_extension(cert, "2.5.29.19", true, tsec_span(value, len));
}

static void
add_key_usage(X509 *cert, unsigned key_usage)
{
    const unsigned bits = ((key_usage & MINT_KU_DIGITAL_SIGNATURE) != 0 ? 0x80U : 0U)
                          | ((key_usage & MINT_KU_CERT_SIGN) != 0 ? 0x04U : 0U)
                          | ((key_usage & MINT_KU_CRL_SIGN) != 0 ? 0x02U : 0U);
    uint8_t unused = 0;

    while ((bits >> unused & 1U) == 0) {
        unused++;
    }

    const uint8_t value[] = { 0x03, 0x02, unused, (uint8_t)bits };

    add_extension(cert, "2.5.29.15", true, tsec_span(value, sizeof(value)));
}

static void
add_extensions(X509 *cert, const struct mint_cert_spec *spec)
{
    if (spec->basic_constraints) {
        add_basic_constraints(cert, spec);
    }
    if (spec->key_usage != 0) {
        add_key_usage(cert, spec->key_usage);
    }
    for (const struct mint_extension *e = spec->extensions; e != NULL && e->oid != NULL; e++) {
        add_extension(cert, e->oid, e->critical, e->value);
    }
}

static void
set_names(X509 *cert, const struct mint_cert_spec *spec)
{
    X509_NAME *subject = name_of(spec->cn);
    X509_NAME *issuer = name_of(spec->issuer_cn == NULL ? spec->cn : spec->issuer_cn);

    mint_need(X509_set_subject_name(cert, subject) == 1 && X509_set_issuer_name(cert, issuer) == 1,
              "names");
    X509_NAME_free(subject);
    X509_NAME_free(issuer);
}

void
mint_cert(const struct mint_cert_spec *spec, const struct mint_key *subject,
          const struct mint_key *issuer, struct tsec_buf *der)
{
    X509 *cert = X509_new();
    EVP_MD_CTX *ctx = mint_signer(issuer, spec->md, spec->pss);
    uint8_t *bytes = NULL;

    mint_need(cert != NULL && X509_set_version(cert, X509_VERSION_3) == 1
                  && ASN1_INTEGER_set_uint64(X509_get_serialNumber(cert), spec->serial) == 1
                  && X509_set_pubkey(cert, subject->pkey) == 1,
              "a certificate");
    set_time(X509_getm_notBefore(cert), spec->not_before);
    set_time(X509_getm_notAfter(cert), spec->not_after);
    set_names(cert, spec);
    add_extensions(cert, spec);
    mint_need(X509_sign_ctx(cert, ctx) > 0, "signing a certificate");

    const int len = i2d_X509(cert, &bytes);

    mint_need(len > 0, "the DER of a certificate");
    tsec_buf_put(der, bytes, (size_t)len);
    OPENSSL_free(bytes);
    EVP_MD_CTX_free(ctx);
    X509_free(cert);
}

static void
add_revoked(X509_CRL *crl, const struct mint_crl_spec *spec)
{
    for (size_t i = 0; i < spec->revoked_len; i++) {
        X509_REVOKED *entry = X509_REVOKED_new();
        ASN1_INTEGER *serial = ASN1_INTEGER_new();
        ASN1_TIME *date = ASN1_TIME_new();

        set_time(date, spec->this_update);
        mint_need(ASN1_INTEGER_set_uint64(serial, spec->revoked[i]) == 1
                      && X509_REVOKED_set_serialNumber(entry, serial) == 1
                      && X509_REVOKED_set_revocationDate(entry, date) == 1
                      && X509_CRL_add0_revoked(crl, entry) == 1,
                  "an entry of a CRL");
        ASN1_INTEGER_free(serial);
        ASN1_TIME_free(date);
    }
}

static void
set_updates(X509_CRL *crl, const struct mint_crl_spec *spec)
{
    ASN1_TIME *time = ASN1_TIME_new();

    set_time(time, spec->this_update);
    mint_need(X509_CRL_set1_lastUpdate(crl, time) == 1, "thisUpdate");
    if (spec->next_update != 0) {
        set_time(time, spec->next_update);
        mint_need(X509_CRL_set1_nextUpdate(crl, time) == 1, "nextUpdate");
    }
    ASN1_TIME_free(time);
}

static void
add_crl_extensions(X509_CRL *crl, const struct mint_extension *extensions)
{
    for (const struct mint_extension *e = extensions; e != NULL && e->oid != NULL; e++) {
        ASN1_OBJECT *object = OBJ_txt2obj(e->oid, 1);
        ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();

        mint_need(ASN1_OCTET_STRING_set(octets, e->value.ptr, (int)e->value.len) == 1, "a value");

        X509_EXTENSION *x = X509_EXTENSION_create_by_OBJ(NULL, object, e->critical ? 1 : 0, octets);

        mint_need(x != NULL && X509_CRL_add_ext(crl, x, -1) == 1, "an extension of a CRL");
        X509_EXTENSION_free(x);
        ASN1_OCTET_STRING_free(octets);
        ASN1_OBJECT_free(object);
    }
}

void
mint_crl(const struct mint_crl_spec *spec, const struct mint_key *issuer, struct tsec_buf *der)
{
    X509_CRL *crl = X509_CRL_new();
    X509_NAME *name = name_of(spec->issuer_cn);
    EVP_MD_CTX *ctx = mint_signer(issuer, spec->md, spec->pss);
    uint8_t *bytes = NULL;

    mint_need(crl != NULL && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1
                  && X509_CRL_set_issuer_name(crl, name) == 1,
              "a CRL");
    set_updates(crl, spec);
    add_revoked(crl, spec);
    add_crl_extensions(crl, spec->extensions);
    mint_need(X509_CRL_sign_ctx(crl, ctx) > 0, "signing a CRL");

    const int len = i2d_X509_CRL(crl, &bytes);

    mint_need(len > 0, "the DER of a CRL");
    tsec_buf_put(der, bytes, (size_t)len);
    OPENSSL_free(bytes);
    EVP_MD_CTX_free(ctx);
    X509_NAME_free(name);
    X509_CRL_free(crl);
}

void
mint_pem(const char *label, struct tsec_span der, struct tsec_buf *out)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;

    mint_need(bio != NULL && PEM_write_bio(bio, label, "", der.ptr, (long)der.len) > 0, "PEM");

    const long len = BIO_get_mem_data(bio, &text);

    tsec_buf_put(out, text, (size_t)len);
    BIO_free(bio);
}

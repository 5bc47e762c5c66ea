/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/internal.h"
#include "crypto/key_internal.h"
#include "crypto/rand.h"

enum { NAME_MAX_LEN = 253 }; /* of a DNS name */

/* Nothing that the extension syntax of OpenSSL, or a reader of names, could take for more than one
 * name. */
static bool
name_valid(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:*";
    const size_t len = strlen(name);

    return len > 0 && len <= NAME_MAX_LEN && strspn(name, allowed) == len;
}

static bool
is_address(const char *name)
{
    uint8_t raw[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, name, raw) == 1 || inet_pton(AF_INET6, name, raw) == 1;
}

static bool
add_extension(X509 *cert, int nid, const char *value)
{
    X509V3_CTX ctx;

    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);

    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    const bool ok = ext != NULL && X509_add_ext(cert, ext, -1) == 1;

    X509_EXTENSION_free(ext);
    return ok;
}

static bool
add_extensions(X509 *cert, const char *name)
{
    char alt[NAME_MAX_LEN + 8];

    (void)snprintf(alt, sizeof(alt), "%s:%s", is_address(name) ? "IP" : "DNS", name);
    return add_extension(cert, NID_basic_constraints, "critical,CA:FALSE")
           && add_extension(cert, NID_key_usage, "critical,digitalSignature")
           && add_extension(cert, NID_ext_key_usage, "serverAuth")
           && add_extension(cert, NID_subject_key_identifier, "hash")
           && add_extension(cert, NID_subject_alt_name, alt);
}

/* RFC 5280 section 4.1.2.2: positive, at most 20 octets. */
static bool
set_serial(X509 *cert)
{
    uint8_t raw[16];

    tsec_rand_nonce(raw, sizeof(raw));
    raw[0] = (uint8_t)((raw[0] & 0x7f) | 0x40);

    BIGNUM *bn = BN_bin2bn(raw, sizeof(raw), NULL);
    const bool ok = bn != NULL && BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(cert)) != NULL;

    BN_free(bn);
    return ok;
}

/* The common name has at most 64 characters (RFC 5280 appendix A.1); the name that counts is the
 * alternative one. */
static bool
set_names(X509 *cert, const char *name)
{
    X509_NAME *subject = X509_get_subject_name(cert);
    const int len = strlen(name) <= 64 ? -1 : 64;

    return X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_ASC,
                                      (const unsigned char *)name, len, -1, 0)
               == 1
           && X509_set_issuer_name(cert, subject) == 1;
}

static bool
add_further(X509 *cert, const char *oid, struct tsec_span value)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
    X509_EXTENSION *ext = NULL;
    bool ok = object != NULL && octets != NULL && value.len <= INT_MAX
              && ASN1_OCTET_STRING_set(octets, value.ptr, (int)value.len) == 1;

    if (ok) {
        ext = X509_EXTENSION_create_by_OBJ(NULL, object, 0, octets);
        ok = ext != NULL && X509_add_ext(cert, ext, -1) == 1;
    }
    X509_EXTENSION_free(ext);
    ASN1_OCTET_STRING_free(octets);
    ASN1_OBJECT_free(object);
    return ok;
}

static bool
fill(X509 *cert, const struct tsec_key *key, const struct tsec_cert_spec *spec)
{
    const EVP_MD *md =
        tsec_algs()->md[key->form->kind == TSEC_KEY_P384 ? TSEC_SHA384 : TSEC_SHA256];
    time_t start = (time_t)spec->not_before;

    return X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert)
           && X509_time_adj_ex(X509_getm_notBefore(cert), 0, 0, &start) != NULL
           && X509_time_adj_ex(X509_getm_notAfter(cert), spec->days, -1, &start) != NULL
           && set_names(cert, spec->name) && X509_set_pubkey(cert, key->pkey) == 1
           && add_extensions(cert, spec->name)
           && (spec->extension_oid == NULL
               || add_further(cert, spec->extension_oid, spec->extension))
           && X509_sign(cert, key->pkey, md) > 0;
}

tsec_rc
tsec_self_signed(const struct tsec_key *key, const char *name, int64_t not_before, int days,
                 struct tsec_buf *pem, struct tsec_err *err)
{
    const struct tsec_cert_spec spec = { .name = name, .not_before = not_before, .days = days };

    return tsec_self_signed_of(key, &spec, pem, err);
}

tsec_rc
tsec_self_signed_of(const struct tsec_key *key, const struct tsec_cert_spec *spec,
                    struct tsec_buf *pem, struct tsec_err *err)
{
    if (!tsec_key_is_ec(key) || !key->is_private) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "this key signs no certificate");
    }
    if (!name_valid(spec->name) || spec->days < 1 || spec->not_before < 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "certificate name or lifetime");
    }

    X509 *cert = X509_new();
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    const bool ok =
        cert != NULL && bio != NULL && fill(cert, key, spec) && PEM_write_bio_X509(bio, cert) == 1;
    const long len = ok ? BIO_get_mem_data(bio, &text) : 0;

    if (len > 0) {
        tsec_buf_put(pem, text, (size_t)len);
    }
    BIO_free(bio);
    X509_free(cert);
    return len > 0 ? tsec_buf_check(pem, err)
                   : TSEC_FAIL(err, TSEC_E_INTERNAL, "certificate cannot be made");
}

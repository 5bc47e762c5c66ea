/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/csr.h"

#include <stdlib.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/* The request is OpenSSL's, its signature tsec_pair_sign()'s: so that a pair of any kind, also one
 * whose arithmetic is another library's, signs its requests like everything else. */

enum { PEM_LEN_MAX = 1 << 20 };

static EVP_PKEY *
public_of(const struct tsec_pair *pair)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);

    if (tsec_failed(tsec_pair_spki(pair, &spki, NULL))) {
        return NULL;
    }

    const uint8_t *der = spki.ptr;

    return d2i_PUBKEY(NULL, &der, (long)spki.len);
}

/* ---- the request's parts ---- */

static bool
take_over(X509_REQ *req, X509_REQ *template)
{
    STACK_OF(X509_EXTENSION) *extensions = X509_REQ_get_extensions(template);
    const bool ok = X509_REQ_set_subject_name(req, X509_REQ_get_subject_name(template)) == 1
                    && (sk_X509_EXTENSION_num(extensions) <= 0
                        || X509_REQ_add_extensions(req, extensions) == 1);

    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    return ok;
}

/* A pem_password_cb: an encrypted template is none.  Without one OpenSSL asks at the terminal. */
static int
no_passphrase(char *out, int size, int writing, void *arg)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)arg;
    return -1;
}

static tsec_rc
apply_template(X509_REQ *req, struct tsec_span pem, struct tsec_err *err)
{
    if (pem.len == 0) {
        return TSEC_OK;
    }

    if (pem.len > PEM_LEN_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a template of %zu bytes", pem.len);
    }

    BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);
    X509_REQ *template = bio == NULL ? NULL : PEM_read_bio_X509_REQ(bio, NULL, no_passphrase, NULL);
    const bool read = template != NULL;
    const bool ok = read && take_over(req, template);

    X509_REQ_free(template);
    BIO_free(bio);
    ERR_clear_error();
    if (!read) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the template is not a PEM certificate request");
    }
    return ok ? TSEC_OK
              : TSEC_FAIL(err, TSEC_E_INVALID,
                          "the template's subject or extensions cannot be read");
}

struct algorithm {
    int nid;
    enum tsec_hash hash;
};

/* A hash as strong as the curve; RSA with PKCS #1 v1.5, which every authority reads. */
static struct algorithm
algorithm_for(enum tsec_pair_kind kind)
{
    if (tsec_pair_kind_is_rsa(kind)) {
        return (struct algorithm){ NID_sha256WithRSAEncryption, TSEC_SHA256 };
    }
    switch ((int)kind) {
    case TSEC_PAIR_ED25519:
        return (struct algorithm){ NID_ED25519, TSEC_SHA512 };
    case TSEC_PAIR_P384:
        return (struct algorithm){ NID_ecdsa_with_SHA384, TSEC_SHA384 };
    case TSEC_PAIR_P521:
        return (struct algorithm){ NID_ecdsa_with_SHA512, TSEC_SHA512 };
    default:
        return (struct algorithm){ NID_ecdsa_with_SHA256, TSEC_SHA256 };
    }
}

static bool
set_algorithm(X509_REQ *req, enum tsec_pair_kind kind)
{
    X509_ALGOR *algorithm = X509_ALGOR_new();
    const int parameters = tsec_pair_kind_is_rsa(kind) ? V_ASN1_NULL : V_ASN1_UNDEF;
    const bool ok =
        algorithm != NULL
        && X509_ALGOR_set0(algorithm, OBJ_nid2obj(algorithm_for(kind).nid), parameters, NULL) == 1
        && X509_REQ_set1_signature_algo(req, algorithm) == 1;

    X509_ALGOR_free(algorithm);
    return ok;
}

/* ---- its signature ---- */

static bool
attach(X509_REQ *req, struct tsec_span sig)
{
    ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();

    if (bits == NULL
        || ASN1_BIT_STRING_set(bits, (uint8_t *)(uintptr_t)sig.ptr, (int)sig.len) != 1) {
        ASN1_BIT_STRING_free(bits);
        return false;
    }
    /* The last byte's unused bits are none, also when they happen to be zero. */
    bits->flags = (bits->flags & ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07)) | ASN1_STRING_FLAG_BITS_LEFT;
    X509_REQ_set0_signature(req, bits);
    return true;
}

static tsec_rc
sign(X509_REQ *req, const struct tsec_pair *pair, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
    const struct tsec_signing how = {
        .hash = algorithm_for(tsec_pair_kind_of(pair)).hash,
        .scheme = TSEC_SCHEME_PKCS1,
        .form = TSEC_FORM_DER,
    };
    uint8_t *tbs = NULL;
    const int len = i2d_re_X509_REQ_tbs(req, &tbs);

    if (len <= 0) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "certificate request cannot be encoded");
    }

    const tsec_rc rc = tsec_pair_sign(pair, &how, tsec_span(tbs, (size_t)len), &sig, NULL, err);

    OPENSSL_free(tbs);
    TSEC_TRY(rc);
    return attach(req, tsec_buf_span(&sig))
               ? TSEC_OK
               : TSEC_FAIL(err, TSEC_E_NO_MEMORY, "certificate request");
}

static tsec_rc
fill(X509_REQ *req, const struct tsec_pair *pair, struct tsec_span template_pem,
     struct tsec_err *err)
{
    EVP_PKEY *public = public_of(pair);
    const bool ok = public != NULL && X509_REQ_set_version(req, X509_REQ_VERSION_1) == 1
                    && X509_REQ_set_pubkey(req, public) == 1
                    && set_algorithm(req, tsec_pair_kind_of(pair));

    EVP_PKEY_free(public);
    if (!ok) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "certificate request cannot be made");
    }
    TSEC_TRY(apply_template(req, template_pem, err));
    return sign(req, pair, err);
}

tsec_rc
tsec_csr(const struct tsec_pair *pair, struct tsec_span template_pem, struct tsec_buf *pem,
         struct tsec_err *err)
{
    X509_REQ *req = X509_REQ_new();
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    tsec_rc rc = req != NULL && bio != NULL
                     ? fill(req, pair, template_pem, err)
                     : TSEC_FAIL(err, TSEC_E_NO_MEMORY, "certificate request");

    if (!tsec_failed(rc)) {
        const long len = PEM_write_bio_X509_REQ(bio, req) == 1 ? BIO_get_mem_data(bio, &text) : 0;

        tsec_buf_put(pem, text, len > 0 ? (size_t)len : 0);
        rc = len > 0 ? tsec_buf_check(pem, err)
                     : TSEC_FAIL(err, TSEC_E_INTERNAL, "certificate request cannot be written");
    }
    BIO_free(bio);
    X509_REQ_free(req);
    return rc;
}

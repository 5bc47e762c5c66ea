/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/csr.h"
#include "tests/crypto/vector.h"

/* Chains of three certificates, made here: leaf, authority, root. */

enum { PEM_MAX = 64 * 1024, CERTS = 3 };

static struct tsec_pair *leaf;
static EVP_PKEY *keys[CERTS];
static X509 *certs[CERTS];

static EVP_PKEY *
public_of(const struct tsec_pair *pair)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_spki(pair, &spki, NULL)));

    const uint8_t *der = spki.ptr;

    return d2i_PUBKEY(NULL, &der, (long)spki.len);
}

static void
name_it(X509_NAME *name, const char *text)
{
    CU_ASSERT_EQUAL_FATAL(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                                     (const unsigned char *)text, -1, -1, 0),
                          1);
}

static X509 *
certificate(const char *subject, EVP_PKEY *key, const char *issuer, EVP_PKEY *issuer_key, bool ca)
{
    X509 *cert = X509_new();
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints,
                                              ca ? "critical,CA:TRUE" : "critical,CA:FALSE");

    CU_ASSERT_TRUE_FATAL(cert != NULL && ext != NULL);
    CU_ASSERT_EQUAL(X509_set_version(cert, X509_VERSION_3), 1);
    CU_ASSERT_EQUAL(ASN1_INTEGER_set(X509_get_serialNumber(cert), 7), 1);
    CU_ASSERT_PTR_NOT_NULL(X509_gmtime_adj(X509_getm_notBefore(cert), 0));
    CU_ASSERT_PTR_NOT_NULL(X509_gmtime_adj(X509_getm_notAfter(cert), 3600));
    name_it(X509_get_subject_name(cert), subject);
    name_it(X509_get_issuer_name(cert), issuer);
    CU_ASSERT_EQUAL(X509_set_pubkey(cert, key), 1);
    CU_ASSERT_EQUAL(X509_add_ext(cert, ext, -1), 1);
    CU_ASSERT_TRUE(X509_sign(cert, issuer_key, EVP_sha256()) > 0);
    X509_EXTENSION_free(ext);
    return cert;
}

static void
make(void)
{
    if (leaf != NULL) {
        return;
    }
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_SECP256K1, &leaf, NULL)));
    keys[0] = public_of(leaf);
    keys[1] = EVP_EC_gen("P-256");
    keys[2] = EVP_EC_gen("P-384");
    certs[0] = certificate("leaf", keys[0], "authority", keys[1], false);
    certs[1] = certificate("authority", keys[1], "root", keys[2], true);
    certs[2] = certificate("root", keys[2], "root", keys[2], true);
}

static void
put(struct tsec_buf *out, X509 *cert)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;

    CU_ASSERT_EQUAL_FATAL(PEM_write_bio_X509(bio, cert), 1);

    const long len = BIO_get_mem_data(bio, &text);

    tsec_buf_put(out, text, (size_t)len);
    BIO_free(bio);
}

static int
check(const struct tsec_pair *pair, X509 *const *chain, size_t n, const char *behind)
{
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(PEM_MAX);
    struct tsec_err err = { .code = 0 };

    for (size_t i = 0; i < n; i++) {
        put(&pem, chain[i]);
    }
    tsec_buf_put_str(&pem, behind);

    const tsec_rc rc = tsec_chain_for(pair, tsec_buf_span(&pem), &err);

    CU_ASSERT_TRUE(!tsec_failed(rc) || strlen(err.detail) > 10);
    return rc.code;
}

static void
a_chain_of_any_length_that_hangs_together_is_taken(void)
{
    make();
    CU_ASSERT_EQUAL(check(leaf, certs, 1, ""), TSEC_OK_CODE);
    CU_ASSERT_EQUAL(check(leaf, certs, 2, ""), TSEC_OK_CODE);
    CU_ASSERT_EQUAL(check(leaf, certs, 3, ""), TSEC_OK_CODE);
    CU_ASSERT_EQUAL(check(leaf, certs, 3, "\n# the end\n"), TSEC_OK_CODE);
}

static void
the_leaf_must_be_for_the_key(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *other = NULL;
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *rsa = NULL;

    make();
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_SECP256K1, &other, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_RSA2048, &rsa, NULL)));
    CU_ASSERT_EQUAL(check(other, certs, 3, ""), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(check(rsa, certs, 1, ""), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(check(leaf, certs + 1, 2, ""), TSEC_E_INVALID);
}

static void
every_certificate_must_be_issued_by_the_next(void)
{
    X509 *const turned[] = { certs[0], certs[2], certs[1] };
    X509 *const gap[] = { certs[0], certs[2] };
    X509 *const twice[] = { certs[0], certs[0] };

    CU_ASSERT_EQUAL(check(leaf, turned, 3, ""), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(check(leaf, gap, 2, ""), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(check(leaf, twice, 2, ""), TSEC_E_INVALID);
}

static void
a_name_alone_is_no_issuer_and_a_leaf_is_none(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *namesake = certificate("authority", key, "root", keys[2], true);
    X509 *no_ca = certificate("authority", keys[1], "root", keys[2], false);
    X509 *const by_name[] = { certs[0], namesake };
    X509 *const by_leaf[] = { certs[0], no_ca };

    CU_ASSERT_EQUAL(check(leaf, by_name, 2, ""), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(check(leaf, by_leaf, 2, ""), TSEC_E_INVALID);
    X509_free(namesake);
    X509_free(no_ca);
    EVP_PKEY_free(key);
}

static void
anything_but_certificates_is_refused(void)
{
    static const char *const texts[] = {
        "-----BEGIN PRIVATE KEY-----\nMAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nMAAA\n",
    };

    make();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(texts); i++) {
        CU_ASSERT_EQUAL(tsec_chain_for(leaf, tsec_span_str(texts[i]), NULL).code, TSEC_E_INVALID);
        CU_ASSERT_EQUAL(check(leaf, certs, 3, texts[i]), TSEC_E_INVALID);
    }
    CU_ASSERT_EQUAL(tsec_chain_for(leaf, tsec_span(NULL, 0), NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_chain_for(leaf, tsec_span_str("\n"), NULL).code, TSEC_E_INVALID);
}

static void
a_chain_without_end_is_refused(void)
{
    X509 *many[20] = { certs[0], certs[1] };

    for (size_t i = 2; i < TSEC_ARRAY_LEN(many); i++) {
        many[i] = certs[2]; /* issued by itself */
    }
    CU_ASSERT_EQUAL(check(leaf, many, 16, ""), TSEC_OK_CODE);
    CU_ASSERT_EQUAL(check(leaf, many, 17, ""), TSEC_E_INVALID);
    for (size_t i = 0; i < CERTS; i++) {
        X509_free(certs[i]);
        EVP_PKEY_free(keys[i]);
    }
    tsec_pair_free(leaf);
    leaf = NULL;
}

static const struct test_case cases[] = {
    { "a chain of any length that hangs together is taken",
      a_chain_of_any_length_that_hangs_together_is_taken },
    { "the leaf must be for the key", the_leaf_must_be_for_the_key },
    { "every certificate must be issued by the next",
      every_certificate_must_be_issued_by_the_next },
    { "a name alone is no issuer, and a leaf is none",
      a_name_alone_is_no_issuer_and_a_leaf_is_none },
    { "anything but certificates is refused", anything_but_certificates_is_refused },
    { "a chain without end is refused", a_chain_without_end_is_refused },
};

TEST_MAIN("crypto/csr_chain", cases)

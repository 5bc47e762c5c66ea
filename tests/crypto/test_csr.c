/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/csr.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "tests/crypto/tool.h"
#include "tests/crypto/vector.h"

enum { PEM_MAX = 16384 };

static const enum tsec_pair_kind kinds[] = {
    TSEC_PAIR_ED25519, TSEC_PAIR_P256,      TSEC_PAIR_P384,
    TSEC_PAIR_P521,    TSEC_PAIR_SECP256K1, TSEC_PAIR_RSA2048,
};
static const int algorithms[] = {
    NID_ED25519,           NID_ecdsa_with_SHA256, NID_ecdsa_with_SHA384,
    NID_ecdsa_with_SHA512, NID_ecdsa_with_SHA256, NID_sha256WithRSAEncryption,
};

static X509_REQ *
parse(const struct tsec_buf *pem)
{
    BIO *bio = BIO_new_mem_buf(pem->ptr, (int)pem->len);
    X509_REQ *req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);

    BIO_free(bio);
    CU_ASSERT_PTR_NOT_NULL_FATAL(req);
    return req;
}

static bool
is_of(X509_REQ *req, const struct tsec_pair *pair)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    uint8_t *der = NULL;
    const int len = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(req), &der);

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_spki(pair, &spki, NULL)));

    const bool same = len > 0 && tsec_span_equal(tsec_span(der, (size_t)len), tsec_buf_span(&spki));

    OPENSSL_free(der);
    return same;
}

static void
a_request_of_every_kind_is_signed_by_its_key(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
        TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(PEM_MAX);

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(kinds[i], &pair, NULL)));
        /* Several: a signature in DER has many lengths and last bytes. */
        for (int n = 0; n < 8; n++) {
            tsec_buf_reset(&pem);
            CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_csr(pair, tsec_span(NULL, 0), &pem, NULL)));

            X509_REQ *req = parse(&pem);

            CU_ASSERT_EQUAL(X509_REQ_verify(req, X509_REQ_get0_pubkey(req)), 1);
            CU_ASSERT_EQUAL(X509_REQ_get_signature_nid(req), algorithms[i]);
            CU_ASSERT_EQUAL(X509_REQ_get_version(req), X509_REQ_VERSION_1);
            CU_ASSERT_EQUAL(X509_NAME_entry_count(X509_REQ_get_subject_name(req)), 0);
            CU_ASSERT_TRUE(is_of(req, pair));
            X509_REQ_free(req);
        }
    }
}

/* A request of another key, with a subject, alternative names and key usage. */
static void
put_template(struct tsec_buf *out)
{
    static const char config[] = "[req]\nprompt=no\ndistinguished_name=dn\nreq_extensions=v3\n"
                                 "[dn]\nC=CH\nO=Example\nCN=sign.example.com\n"
                                 "[v3]\nsubjectAltName=DNS:sign.example.com,IP:10.0.0.1\n"
                                 "keyUsage=critical,digitalSignature\n";
    struct tool_dir dir;
    char cnf[128];
    char key[128];
    char csr[128];

    tool_dir_make(&dir);
    tool_path(&dir, "cnf", cnf);
    tool_path(&dir, "key", key);
    tool_path(&dir, "csr", csr);
    tool_write(cnf, tsec_span_str(config));

    const char *const argv[] = {
        "openssl", "req",     "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes",  "-config", cnf,    "-keyout", key,  "-out",     csr,
        NULL
    };

    CU_ASSERT_EQUAL_FATAL(tool_run(argv), 0);
    tool_read(csr, out);
    tool_dir_remove(&dir);
}

static void
a_templates_subject_and_extensions_are_taken_over(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
        TSEC_AUTO_BUF struct tsec_buf template = TSEC_BUF_INIT(PEM_MAX);
        TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(PEM_MAX);

        put_template(&template);
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(kinds[i], &pair, NULL)));
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_csr(pair, tsec_buf_span(&template), &pem, NULL)));

        X509_REQ *req = parse(&pem);
        X509_REQ *was = parse(&template);
        STACK_OF(X509_EXTENSION) *extensions = X509_REQ_get_extensions(req);

        CU_ASSERT_EQUAL(X509_REQ_verify(req, X509_REQ_get0_pubkey(req)), 1);
        CU_ASSERT_TRUE(is_of(req, pair));
        CU_ASSERT_FALSE(is_of(was, pair));
        CU_ASSERT_EQUAL(
            X509_NAME_cmp(X509_REQ_get_subject_name(req), X509_REQ_get_subject_name(was)), 0);
        CU_ASSERT_EQUAL(X509_NAME_entry_count(X509_REQ_get_subject_name(req)), 3);
        CU_ASSERT_TRUE(X509v3_get_ext_by_NID(extensions, NID_subject_alt_name, -1) >= 0);
        CU_ASSERT_TRUE(X509v3_get_ext_by_NID(extensions, NID_key_usage, -1) >= 0);
        sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
        X509_REQ_free(req);
        X509_REQ_free(was);
    }
}

static void
what_is_no_request_is_no_template(void)
{
    static const char *const texts[] = {
        "x", "-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n",
        "-----BEGIN CERTIFICATE REQUEST-----\nMAAA\n-----END CERTIFICATE REQUEST-----\n",
        "-----BEGIN CERTIFICATE-----\nMAAA\n-----END CERTIFICATE-----\n"
    };
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf template = TSEC_BUF_INIT(PEM_MAX);
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(PEM_MAX);

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_P256, &pair, NULL)));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(texts); i++) {
        CU_ASSERT_EQUAL(tsec_csr(pair, tsec_span_str(texts[i]), &pem, NULL).code, TSEC_E_INVALID);
    }
    put_template(&template);
    for (size_t len = 1; len < template.len - 30; len += 7) {
        CU_ASSERT_EQUAL(tsec_csr(pair, tsec_span(template.ptr, len), &pem, NULL).code,
                        TSEC_E_INVALID);
    }
    CU_ASSERT_EQUAL(pem.len, 0);
}

static void
a_public_key_signs_no_request(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *public = NULL;
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(PEM_MAX);

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_P256, &pair, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_spki(pair, &spki, NULL)));
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_pair_from_spki(TSEC_PAIR_P256, tsec_buf_span(&spki), &public, NULL)));
    CU_ASSERT_EQUAL(tsec_csr(public, tsec_span(NULL, 0), &pem, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(pem.len, 0);
}

static const struct test_case cases[] = {
    { "a request of every kind is signed by its key",
      a_request_of_every_kind_is_signed_by_its_key },
    { "a template's subject and extensions are taken over",
      a_templates_subject_and_extensions_are_taken_over },
    { "what is no request is no template", what_is_no_request_is_no_template },
    { "a public key signs no request", a_public_key_signs_no_request },
};

TEST_MAIN("crypto/csr", cases)

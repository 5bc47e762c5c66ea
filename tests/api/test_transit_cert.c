/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/transit_bench.h"

#include <stdio.h>

#include <openssl/bio.h>
#include <openssl/pem.h>

#include "tests/mint/mint_internal.h"

/* ---- requests ---- */

static X509_REQ *
request_in(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509_REQ *req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);

    BIO_free(bio);
    return req;
}

/* OpenSSL itself finds that the request is signed by the key that it names. */
static void
expect_signed(const char *pem)
{
    X509_REQ *req = request_in(pem);

    CU_ASSERT_PTR_NOT_NULL_FATAL(req);
    CU_ASSERT_EQUAL(X509_REQ_verify(req, X509_REQ_get0_pubkey(req)), 1);
    X509_REQ_free(req);
}

static void
a_request_is_signed_by_its_key(void)
{
    static const char *const types[] = { "ecdsa-p256",      "ecdsa-p384", "ecdsa-p521",
                                         "ecdsa-secp256k1", "ed25519",    "rsa-2048" };

    tb_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        char path[64];

        tb_make(types[i], types[i], "");
        (void)snprintf(path, sizeof(path), "keys/%s/csr", types[i]);
        EXPECT(200, tb_post(path, NULL));
        CU_ASSERT_STRING_EQUAL(tb_text("data.name"), types[i]);
        CU_ASSERT_STRING_EQUAL(tb_text("data.type"), types[i]);
        expect_signed(tb_text("data.csr"));
    }
    tb_end();
}

static void
its_subject_is_that_of_the_template(void)
{
    char body[4096];
    char name[128] = "";
    X509_REQ *req;

    tb_begin();
    tb_make("a", "ecdsa-p256", "");
    tb_make("b", "ed25519", "");
    EXPECT(200, tb_post("keys/a/csr", NULL));
    req = request_in(tb_text("data.csr"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(req);
    CU_ASSERT_EQUAL(X509_NAME_entry_count(X509_REQ_get_subject_name(req)), 0);

    X509_NAME *subject = X509_NAME_new();
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem = NULL;

    CU_ASSERT_EQUAL(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                                               (const unsigned char *)"orders", -1, -1, 0),
                    1);
    CU_ASSERT_EQUAL(X509_REQ_set_subject_name(req, subject), 1);
    CU_ASSERT_EQUAL(PEM_write_bio_X509_REQ(bio, req), 1);

    const long len = BIO_get_mem_data(bio, &pem);

    (void)snprintf(body, sizeof(body), "%.*s", (int)len, pem);
    (void)snprintf(body, sizeof(body), "{\"csr\":\"%s\",\"version\":\"1\"}", tb_quote(body));
    X509_NAME_free(subject);
    BIO_free(bio);
    X509_REQ_free(req);

    EXPECT(200, tb_post("keys/b/csr", body));
    expect_signed(tb_text("data.csr"));
    req = request_in(tb_text("data.csr"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(req);
    (void)X509_NAME_oneline(X509_REQ_get_subject_name(req), name, sizeof(name));
    CU_ASSERT_STRING_EQUAL(name, "/CN=orders");
    CU_ASSERT_EQUAL(EVP_PKEY_id(X509_REQ_get0_pubkey(req)), EVP_PKEY_ED25519);
    X509_REQ_free(req);
    tb_end();
}

static void
requests_that_cannot_be_are_refused(void)
{
    tb_begin();
    tb_make("k", "ecdsa-p256", "");
    tb_make("s", "aes256-gcm96", "");
    tb_make("h", "hmac", "");
    tb_make("d", "ed25519", ",\"derived\":true");
    EXPECT_REFUSED("key with provided name 'x' not found", tb_post("keys/x/csr", "{}"));
    EXPECT_REFUSED("key type 'aes256-gcm96' does not support signing", tb_post("keys/s/csr", "{}"));
    EXPECT_REFUSED("key type 'hmac' does not support signing", tb_post("keys/h/csr", "{}"));
    EXPECT_REFUSED("operation not supported for keys with derivation enabled",
                   tb_post("keys/d/csr", "{}"));
    EXPECT(400, tb_post("keys/k/csr", "{\"version\":2}"));
    EXPECT(400, tb_post("keys/k/csr", "{\"version\":-1}"));
    EXPECT(400, tb_post("keys/k/csr", "{\"version\":\"x\"}"));
    EXPECT(400, tb_post("keys/k/csr", "{\"csr\":\"none\"}"));
    tb_end();
}

static void
a_request_is_a_use_of_the_key(void)
{
    tb_begin();
    tb_make("k", "ecdsa-p256", ",\"max_uses\":1");
    EXPECT(200, tb_post("keys/k/csr", NULL));
    EXPECT(403, tb_post("keys/k/csr", NULL));
    tb_make("a", "ecdsa-p256", ",\"attested_only\":true");
    EXPECT(403, tb_post("keys/a/csr", NULL));
    tb_end();
}

/* ---- certificates ---- */

struct authority {
    struct mint_key *key;
    char pem[4096]; /* its own certificate */
};

static void
append_pem(struct tsec_span der, char *out, size_t size)
{
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(8192);

    mint_pem("CERTIFICATE", der, &pem);
    (void)snprintf(out, size, "%.*s", (int)pem.len, (const char *)pem.ptr);
}

static void
make_certificate(const char *cn, const struct mint_key *subject, const struct authority *by,
                 char *out, size_t size)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(8192);
    const struct mint_cert_spec spec = {
        .cn = cn,
        .issuer_cn = "authority",
        .not_before = 1700000000,
        .not_after = 1900000000,
        .serial = 7,
        .basic_constraints = true,
        .ca = strcmp(cn, "authority") == 0,
        .path_len = -1,
        .md = "SHA256",
    };

    mint_cert(&spec, subject, by->key, &der);
    append_pem(tsec_buf_span(&der), out, size);
}

/* A certificate for the public key of that name in the last reply. */
static void
certify(const char *public_key, const struct authority *by, char *out, size_t size)
{
    BIO *bio = BIO_new_mem_buf(public_key, -1);
    struct mint_key subject = { .pkey = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) };

    CU_ASSERT_PTR_NOT_NULL_FATAL(subject.pkey);
    make_certificate("orders", &subject, by, out, size);
    EVP_PKEY_free(subject.pkey);
    BIO_free(bio);
}

static void
authority_begin(struct authority *by)
{
    by->key = mint_key(TSEC_PUBKEY_P256);
    make_certificate("authority", by->key, by, by->pem, sizeof(by->pem));
}

static const char *
chain_body(const char *leaf, const char *rest, const char *more)
{
    static char body[16384];
    char chain[8192];

    (void)snprintf(chain, sizeof(chain), "%s%s", leaf, rest);
    (void)snprintf(body, sizeof(body), "{\"certificate_chain\":\"%s\"%s}", tb_quote(chain), more);
    return body;
}

static void
a_chain_for_the_key_is_kept_and_shown(void)
{
    struct authority by;
    char leaf[4096];
    char second[4096];

    tb_begin();
    authority_begin(&by);
    tb_make("k", "ecdsa-p256", "");
    certify(tb_text("data.keys.1.public_key"), &by, leaf, sizeof(leaf));
    EXPECT(200, tb_post("keys/k/set-certificate", chain_body(leaf, by.pem, "")));
    EXPECT_AT("data.name", "\"k\"");
    CU_ASSERT_TRUE(strncmp(tb_text("data.certificate_chain"), leaf, strlen(leaf)) == 0);
    EXPECT(200, tb_get("keys/k"));
    CU_ASSERT_TRUE(strncmp(tb_text("data.keys.1.certificate_chain"), leaf, strlen(leaf)) == 0);

    EXPECT(200, tb_post("keys/k/rotate", NULL));
    certify(tb_text("data.keys.2.public_key"), &by, second, sizeof(second));
    EXPECT(400, tb_post("keys/k/set-certificate", chain_body(second, "", ",\"version\":1")));
    EXPECT(200, tb_post("keys/k/set-certificate", chain_body(second, "", ",\"version\":\"2\"")));
    EXPECT(200, tb_get("keys/k"));
    CU_ASSERT_TRUE(strncmp(tb_text("data.keys.1.certificate_chain"), leaf, strlen(leaf)) == 0);
    CU_ASSERT_TRUE(strncmp(tb_text("data.keys.2.certificate_chain"), second, strlen(second)) == 0);
    mint_key_free(by.key);
    tb_end();
}

static void
chains_that_are_not_the_key_s_are_refused(void)
{
    struct authority by;
    struct authority other;
    char leaf[4096];
    char stranger[4096];

    tb_begin();
    authority_begin(&by);
    authority_begin(&other);
    tb_make("s", "aes256-gcm96", "");
    tb_make("other", "ecdsa-p256", "");
    certify(tb_text("data.keys.1.public_key"), &by, stranger, sizeof(stranger));
    tb_make("k", "ecdsa-p256", "");
    certify(tb_text("data.keys.1.public_key"), &by, leaf, sizeof(leaf));
    EXPECT(400, tb_post("keys/k/set-certificate", chain_body(stranger, by.pem, "")));
    EXPECT(400, tb_post("keys/k/set-certificate", chain_body(leaf, other.pem, "")));
    EXPECT(400, tb_post("keys/k/set-certificate", chain_body(by.pem, leaf, "")));
    EXPECT(400, tb_post("keys/k/set-certificate", chain_body("none", "", "")));
    EXPECT(400, tb_post("keys/k/set-certificate", "{}"));
    EXPECT(400, tb_post("keys/k/set-certificate", chain_body(leaf, "", ",\"version\":2")));
    EXPECT_REFUSED("key with provided name 'x' not found",
                   tb_post("keys/x/set-certificate", chain_body(leaf, "", "")));
    EXPECT_REFUSED("key type 'aes256-gcm96' does not support signing",
                   tb_post("keys/s/set-certificate", chain_body(leaf, "", "")));
    EXPECT(200, tb_get("keys/k"));
    EXPECT_AT("data.keys.1.certificate_chain", "\"\"");
    mint_key_free(by.key);
    mint_key_free(other.key);
    tb_end();
}

static const struct test_case cases[] = {
    { "a request is signed by its key", a_request_is_signed_by_its_key },
    { "its subject is that of the template", its_subject_is_that_of_the_template },
    { "requests that cannot be are refused", requests_that_cannot_be_are_refused },
    { "a request is a use of the key", a_request_is_a_use_of_the_key },
    { "a chain for the key is kept and shown", a_chain_for_the_key_is_kept_and_shown },
    { "chains that are not the key's are refused", chains_that_are_not_the_key_s_are_refused },
};

TEST_MAIN("api/transit_cert", cases)

/* SPDX-License-Identifier: Apache-2.0 */
/* Templates of certificate requests, and certificate chains, that somebody sends.  The first byte
 * says which, for which key, and whether what follows is PEM or one DER that is put into PEM here.
 * A request that is made is one for OpenSSL, signed by our key; a chain that is taken begins with a
 * certificate for it. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "codec/pem.h"
#include "crypto/csr.h"
#include "tests/fuzz/pair_keys.h"

enum { CHAIN = 4, DER = 8 };

static const size_t keys[] = { 0, 1, 4 }; /* Ed25519, P-256, secp256k1: the quick ones */
static struct tsec_pair *pairs[TSEC_ARRAY_LEN(keys)];

static void
make_keys(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(keys) && pairs[i] == NULL; i++) {
        pairs[i] = pair_key(keys[i]);
    }
}

static void
is_key_of(EVP_PKEY *theirs, const struct tsec_pair *pair)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    unsigned char *der = NULL;
    const int len = i2d_PUBKEY(theirs, &der);

    FUZZ_ASSERT(!tsec_failed(tsec_pair_spki(pair, &spki, NULL)));
    FUZZ_ASSERT(len > 0 && tsec_span_equal(tsec_span(der, (size_t)len), tsec_buf_span(&spki)));
    OPENSSL_free(der);
}

static void template(const struct tsec_pair *pair, struct tsec_span pem)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4 * pem.len + 4096);
    const int code = tsec_csr(pair, pem, &out, NULL).code;

    FUZZ_ASSERT(code == TSEC_E_INVALID ? out.len == 0 : code == TSEC_OK_CODE);
    if (code != TSEC_OK_CODE) {
        return;
    }

    BIO *bio = BIO_new_mem_buf(out.ptr, (int)out.len);
    X509_REQ *req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);

    FUZZ_ASSERT(req != NULL);
    is_key_of(X509_REQ_get0_pubkey(req), pair);
    FUZZ_ASSERT(X509_REQ_verify(req, X509_REQ_get0_pubkey(req)) == 1);
    X509_REQ_free(req);
    BIO_free(bio);
}

static void
chain(const struct tsec_pair *pair, struct tsec_span pem)
{
    const int code = tsec_chain_for(pair, pem, NULL).code;
    BIO *bio = BIO_new_mem_buf(pem.ptr, (int)pem.len);

    FUZZ_ASSERT(code == TSEC_E_INVALID || code == TSEC_OK_CODE);
    if (code == TSEC_OK_CODE) {
        X509 *leaf = PEM_read_bio_X509(bio, NULL, NULL, NULL);

        FUZZ_ASSERT(leaf != NULL);
        is_key_of(X509_get0_pubkey(leaf), pair);
        X509_free(leaf);
    }
    BIO_free(bio);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    make_keys();

    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(2 * size + 256);
    const struct tsec_pair *pair = pairs[data[0] % 4 % TSEC_ARRAY_LEN(pairs)];
    const struct tsec_span rest = tsec_span(data + 1, size - 1);
    const bool is_chain = (data[0] & CHAIN) != 0;

    if ((data[0] & DER) != 0) {
        tsec_pem_append(&text, is_chain ? "CERTIFICATE" : "CERTIFICATE REQUEST", rest);
    } else {
        tsec_buf_put_span(&text, rest);
    }
    if (is_chain) {
        chain(pair, tsec_buf_span(&text));
    } else {
        template(pair, tsec_buf_span(&text));
    }
    ERR_clear_error();
    return 0;
}

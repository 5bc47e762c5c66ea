/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/csr.h"

/* Whether a chain belongs to a key and hangs together.  Not whether anybody trusts it, nor whether
 * it is still valid: that is for whoever is shown the signature. */

enum { CHAIN_MAX = 16, PEM_LEN_MAX = 1 << 20 };

struct chain {
    X509 *cert[CHAIN_MAX];
    size_t len;
};

static void
chain_done(struct chain *chain)
{
    for (size_t i = 0; i < chain->len; i++) {
        X509_free(chain->cert[i]);
    }
}

/* ---- read ---- */

enum block { BLOCK_READ, BLOCK_NONE, BLOCK_OTHER };

static enum block
next_block(BIO *bio, X509 **cert)
{
    char *name = NULL;
    char *header = NULL;
    unsigned char *der = NULL;
    long len = 0;

    *cert = NULL;
    if (PEM_read_bio(bio, &name, &header, &der, &len) != 1) {
        const unsigned long code = ERR_peek_last_error();

        return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE
                   ? BLOCK_NONE
                   : BLOCK_OTHER;
    }

    const unsigned char *at = der;

    if (strcmp(name, PEM_STRING_X509) == 0) {
        *cert = d2i_X509(NULL, &at, len);
    }
    if (at != der + len) {
        X509_free(*cert);
        *cert = NULL;
    }
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(der, (size_t)len); /* who knows what it was */
    return *cert != NULL ? BLOCK_READ : BLOCK_OTHER;
}

static tsec_rc
read_all(BIO *bio, struct chain *chain, struct tsec_err *err)
{
    X509 *cert = NULL;
    enum block block = next_block(bio, &cert);

    while (block == BLOCK_READ) {
        if (chain->len == CHAIN_MAX) {
            X509_free(cert);
            return TSEC_FAIL(err, TSEC_E_INVALID, "a chain of more than %d certificates",
                             (int)CHAIN_MAX);
        }
        chain->cert[chain->len++] = cert;
        block = next_block(bio, &cert);
    }
    if (block == BLOCK_OTHER) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "block %zu of the chain is not a PEM certificate",
                         chain->len + 1);
    }
    return chain->len > 0 ? TSEC_OK
                          : TSEC_FAIL(err, TSEC_E_INVALID, "the chain holds no PEM certificate");
}

/* ---- checked ---- */

static bool
is_for(X509 *leaf, const struct tsec_pair *pair)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);

    if (tsec_failed(tsec_pair_spki(pair, &spki, NULL))) {
        return false;
    }

    const uint8_t *der = spki.ptr;
    EVP_PKEY *own = d2i_PUBKEY(NULL, &der, (long)spki.len);
    EVP_PKEY *its = X509_get0_pubkey(leaf);
    const bool same = own != NULL && its != NULL && EVP_PKEY_eq(own, its) == 1;

    EVP_PKEY_free(own);
    return same;
}

static bool
is_issued_by(X509 *cert, X509 *issuer)
{
    EVP_PKEY *key = X509_get0_pubkey(issuer);

    return key != NULL && X509_check_ca(issuer) >= 1 && X509_check_issued(issuer, cert) == X509_V_OK
           && X509_verify(cert, key) == 1;
}

static tsec_rc
check(const struct chain *chain, const struct tsec_pair *pair, struct tsec_err *err)
{
    if (!is_for(chain->cert[0], pair)) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "the first certificate of the chain is not for this key");
    }
    for (size_t i = 0; i + 1 < chain->len; i++) {
        if (!is_issued_by(chain->cert[i], chain->cert[i + 1])) {
            return TSEC_FAIL(err, TSEC_E_INVALID,
                             "certificate %zu of the chain is not issued by the next", i + 1);
        }
    }
    return TSEC_OK;
}

tsec_rc
tsec_chain_for(const struct tsec_pair *pair, struct tsec_span chain_pem, struct tsec_err *err)
{
    struct chain chain = { .len = 0 };

    if (chain_pem.len == 0 || chain_pem.len > PEM_LEN_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a chain of %zu bytes", chain_pem.len);
    }

    BIO *bio = BIO_new_mem_buf(chain_pem.ptr, (int)chain_pem.len);
    tsec_rc rc = bio != NULL ? read_all(bio, &chain, err)
                             : TSEC_FAIL(err, TSEC_E_NO_MEMORY, "certificate chain");

    if (!tsec_failed(rc)) {
        rc = check(&chain, pair, err);
    }
    BIO_free(bio);
    chain_done(&chain);
    ERR_clear_error();
    return rc;
}

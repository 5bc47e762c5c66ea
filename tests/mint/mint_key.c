/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tests/mint/mint_internal.h"

enum { POOL_MAX = 16, HALF_MAX = 66, RSA_MAX = 1024 };

void
mint_need(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "mint: %s\n", what);
        ERR_print_errors_fp(stderr);
        abort();
    }
}

static size_t
half_of(const struct mint_key *key)
{
    return key->kind == TSEC_PUBKEY_P256 ? 32 : key->kind == TSEC_PUBKEY_P384 ? 48 : HALF_MAX;
}

static struct mint_key *
wrap(EVP_PKEY *pkey, enum tsec_pubkey_kind kind)
{
    struct mint_key *key = calloc(1, sizeof(*key));

    mint_need(pkey != NULL && key != NULL, "a key");
    *key = (struct mint_key){ .pkey = pkey, .kind = kind };
    return key;
}

struct mint_key *
mint_key(enum tsec_pubkey_kind kind)
{
    switch (kind) {
    case TSEC_PUBKEY_P256:
        return wrap(EVP_EC_gen("P-256"), kind);
    case TSEC_PUBKEY_P384:
        return wrap(EVP_EC_gen("P-384"), kind);
    case TSEC_PUBKEY_P521:
        return wrap(EVP_EC_gen("P-521"), kind);
    case TSEC_PUBKEY_ED25519:
        return wrap(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), kind);
    case TSEC_PUBKEY_RSA:
        break;
    }
    mint_need(false, "RSA keys are mint_rsa()'s");
    return NULL;
}

static struct {
    struct mint_key *key;
    unsigned bits;
    unsigned which;
} pool[POOL_MAX];
static pthread_mutex_t pool_lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((destructor)) static void
drain(void)
{
    for (size_t i = 0; i < POOL_MAX && pool[i].key != NULL; i++) {
        EVP_PKEY_free(pool[i].key->pkey);
        free(pool[i].key);
    }
}

struct mint_key *
mint_rsa(unsigned bits, unsigned which)
{
    size_t i = 0;

    (void)pthread_mutex_lock(&pool_lock);
    while (i < POOL_MAX && pool[i].key != NULL
           && (pool[i].bits != bits || pool[i].which != which)) {
        i++;
    }
    mint_need(i < POOL_MAX, "too many RSA keys");
    if (pool[i].key == NULL) {
        pool[i].key = wrap(EVP_RSA_gen(bits), TSEC_PUBKEY_RSA);
        pool[i].key->pooled = true;
        pool[i].bits = bits;
        pool[i].which = which;
    }
    (void)pthread_mutex_unlock(&pool_lock);
    return pool[i].key;
}

void
mint_key_free(struct mint_key *key)
{
    if (key != NULL && !key->pooled) {
        EVP_PKEY_free(key->pkey);
        free(key);
    }
}

void
mint_key_spki(const struct mint_key *key, struct tsec_buf *out)
{
    uint8_t *der = NULL;
    const int len = i2d_PUBKEY(key->pkey, &der);

    mint_need(len > 0, "a public key");
    tsec_buf_put(out, der, (size_t)len);
    OPENSSL_free(der);
}

void
mint_key_point(const struct mint_key *key, struct tsec_buf *out)
{
    uint8_t raw[1 + 2 * HALF_MAX];
    size_t len = 0;

    mint_need(
        EVP_PKEY_get_octet_string_param(key->pkey, OSSL_PKEY_PARAM_PUB_KEY, raw, sizeof(raw), &len)
                == 1
            && len == 1 + 2 * half_of(key) && raw[0] == 0x04,
        "a point");
    tsec_buf_put(out, raw + 1, len - 1);
}

void
mint_key_modulus(const struct mint_key *key, struct tsec_buf *out)
{
    uint8_t raw[RSA_MAX];
    BIGNUM *n = NULL;

    mint_need(EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_RSA_N, &n) == 1
                  && BN_num_bytes(n) <= RSA_MAX,
              "a modulus");
    tsec_buf_put(out, raw, (size_t)BN_bn2bin(n, raw));
    BN_free(n);
}

/* ---- signing ---- */

EVP_MD_CTX *
mint_signer(const struct mint_key *key, const char *md, bool pss)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;

    mint_need(ctx != NULL
                  && EVP_DigestSignInit_ex(ctx, &pctx, key->kind == TSEC_PUBKEY_ED25519 ? NULL : md,
                                           NULL, NULL, key->pkey, NULL)
                         == 1
                  && (!pss
                      || (EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1
                          && EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) == 1)),
              "a signing context");
    return ctx;
}

static const struct {
    const char *md;
    bool pss;
    bool raw;
} methods[] = {
    [TSEC_SIG_ES256] = { "SHA256", false, true },
    [TSEC_SIG_ES384] = { "SHA384", false, true },
    [TSEC_SIG_ES512] = { "SHA512", false, true },
    [TSEC_SIG_ES256_DER] = { "SHA256", false, false },
    [TSEC_SIG_ES384_DER] = { "SHA384", false, false },
    [TSEC_SIG_RS256] = { "SHA256", false, false },
    [TSEC_SIG_RS384] = { "SHA384", false, false },
    [TSEC_SIG_RS512] = { "SHA512", false, false },
    [TSEC_SIG_PS256] = { "SHA256", true, false },
    [TSEC_SIG_PS384] = { "SHA384", true, false },
    [TSEC_SIG_PS512] = { "SHA512", true, false },
    [TSEC_SIG_EDDSA] = { NULL, false, false },
};

static void
put_raw(const struct mint_key *key, const uint8_t *der, size_t len, struct tsec_buf *out)
{
    const int half = (int)half_of(key);
    uint8_t raw[2 * HALF_MAX];
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);

    mint_need(sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, half) == half
                  && BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + half, half) == half,
              "r and s");
    tsec_buf_put(out, raw, 2 * (size_t)half);
    ECDSA_SIG_free(sig);
}

void
mint_sign(const struct mint_key *key, enum tsec_sigalg alg, struct tsec_span message,
          struct tsec_buf *out)
{
    uint8_t sig[RSA_MAX];
    size_t len = sizeof(sig);
    EVP_MD_CTX *ctx = mint_signer(key, methods[alg].md, methods[alg].pss);

    mint_need(EVP_DigestSign(ctx, sig, &len, message.ptr, message.len) == 1, "a signature");
    EVP_MD_CTX_free(ctx);
    if (methods[alg].raw) {
        put_raw(key, sig, len, out);
    } else {
        tsec_buf_put(out, sig, len);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/channel_bare.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include "amc/amc.h"

enum {
    SIG_MAX = 128,
    EXPANDS = 12, /* of one side: binders, keys of evidence, fins, master, and an epoch's five */
};

static EVP_PKEY_CTX *generator;
static EVP_PKEY_CTX *signer;
static EVP_PKEY_CTX *verifier;
static EVP_PKEY *id_pkey;
static EVP_KDF_CTX *hkdf;
static uint8_t peer_point[AMC_POINT_LEN];
static const uint8_t digest[AMC_HASH_LEN] = { 3 };
static uint8_t made[SIG_MAX];
static size_t made_len;

void
need(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "bench: %s\n", what);
        exit(1);
    }
}

double
core_seconds(void)
{
    struct timespec t = { .tv_sec = 0 };

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static EVP_PKEY *
decode(const uint8_t *point)
{
    EVP_PKEY *key = EVP_PKEY_new();

    need(EVP_PKEY_copy_parameters(key, id_pkey) == 1
             && EVP_PKEY_set1_encoded_public_key(key, point, AMC_POINT_LEN) == 1,
         "bare point");
    return key;
}

void
bare_keygen(void)
{
    EVP_PKEY *own = NULL;

    need(EVP_PKEY_keygen(generator, &own) == 1, "bare key");
    EVP_PKEY_free(own);
}

void
bare_agree(void)
{
    EVP_PKEY *own = NULL;
    EVP_PKEY *peer = decode(peer_point);
    uint8_t secret[64];
    size_t len = sizeof(secret);

    need(EVP_PKEY_keygen(generator, &own) == 1, "bare key");

    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);

    need(EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer_ex(ctx, peer, 0) == 1
             && EVP_PKEY_derive(ctx, secret, &len) == 1,
         "bare ECDH");
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(own);
    EVP_PKEY_free(peer);
}

static void
derive(int mode, size_t len)
{
    static const uint8_t secret[AMC_HASH_LEN] = { 1 };
    static const uint8_t info[64] = { 2 };
    uint8_t out[AMC_HASH_LEN];
    char md[] = "SHA384";
    const OSSL_PARAM params[] = { OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
                                  OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, md, 0),
                                  OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY,
                                                                    (void *)(uintptr_t)secret,
                                                                    sizeof(secret)),
                                  OSSL_PARAM_construct_octet_string(
                                      OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info, sizeof(info)),
                                  OSSL_PARAM_construct_end() };

    need(EVP_KDF_derive(hkdf, out, len, params) == 1, "bare HKDF");
}

void
bare_derive(void)
{
    derive(EVP_KDF_HKDF_MODE_EXTRACT_ONLY, AMC_HASH_LEN);
    for (int i = 0; i < EXPANDS; i++) {
        derive(EVP_KDF_HKDF_MODE_EXPAND_ONLY, AMC_HASH_LEN);
    }
}

void
bare_sign(void)
{
    uint8_t sig[SIG_MAX];
    size_t len = sizeof(sig);

    need(EVP_PKEY_sign(signer, sig, &len, digest, sizeof(digest)) == 1, "bare ECDSA");
}

static void
verify_by(EVP_PKEY_CTX *ctx)
{
    need(EVP_PKEY_verify(ctx, made, made_len, digest, sizeof(digest)) == 1, "bare verification");
}

void
bare_verify(void)
{
    verify_by(verifier);
}

void
bare_decode_verify(void)
{
    EVP_PKEY *key = decode(peer_point);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);

    need(EVP_PKEY_verify_init(ctx) == 1, "bare verifier");
    verify_by(ctx);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
}

void
bare_setup(void)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    size_t len = 0;

    generator = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    need(EVP_PKEY_keygen_init(generator) == 1
             && EVP_PKEY_CTX_set_group_name(generator, "P-384") == 1
             && EVP_PKEY_keygen(generator, &id_pkey) == 1,
         "a generator");
    signer = EVP_PKEY_CTX_new_from_pkey(NULL, id_pkey, NULL);
    verifier = EVP_PKEY_CTX_new_from_pkey(NULL, id_pkey, NULL);
    made_len = sizeof(made);
    need(EVP_PKEY_sign_init(signer) == 1 && EVP_PKEY_verify_init(verifier) == 1
             && EVP_PKEY_sign(signer, made, &made_len, digest, sizeof(digest)) == 1,
         "a signer");
    need(EVP_PKEY_get_octet_string_param(id_pkey, OSSL_PKEY_PARAM_PUB_KEY, peer_point,
                                         sizeof(peer_point), &len)
                 == 1
             && len == sizeof(peer_point),
         "a point");
    hkdf = EVP_KDF_CTX_new(kdf);
    EVP_KDF_free(kdf);
}

void
bare_done(void)
{
    EVP_PKEY_CTX_free(generator);
    EVP_PKEY_CTX_free(signer);
    EVP_PKEY_CTX_free(verifier);
    EVP_PKEY_free(id_pkey);
    EVP_KDF_CTX_free(hkdf);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "crypto/internal.h"

static struct tsec_algs algs;
static bool ready;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* A curve's parameters are looked up and checked once; a key on it is then a copy with a point. */
static EVP_PKEY *
curve(const char *name)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)name, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *pkey = NULL;

    if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1) {
        (void)EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEY_PARAMETERS, params);
    }
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

static bool
fetch_curves(void)
{
    static const char *const names[TSEC_CURVES] = { "P-256", "P-384", "P-521" };
    static const int nids[TSEC_CURVES] = { NID_X9_62_prime256v1, NID_secp384r1, NID_secp521r1 };

    for (size_t i = 0; i < TSEC_CURVES; i++) {
        algs.curves[i] = curve(names[i]);
        algs.groups[i] = EC_GROUP_new_by_curve_name(nids[i]);
        if (algs.curves[i] == NULL || algs.groups[i] == NULL) {
            return false;
        }
    }
    return true;
}

static bool
fetch_ciphers(void)
{
    algs.aes_128_gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
    algs.aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    algs.aes_256_ecb = EVP_CIPHER_fetch(NULL, "AES-256-ECB", NULL);
    algs.aes_256_kwp = EVP_CIPHER_fetch(NULL, "AES-256-WRAP-PAD", NULL);
    algs.chacha20_poly1305 = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
    return algs.aes_128_gcm != NULL && algs.aes_256_gcm != NULL && algs.aes_256_ecb != NULL
           && algs.aes_256_kwp != NULL && algs.chacha20_poly1305 != NULL;
}

static void
fetch_all(void)
{
    static const char *const digests[TSEC_HASHES] = {
        [TSEC_SHA224] = "SHA2-224",   [TSEC_SHA256] = "SHA2-256",   [TSEC_SHA384] = "SHA2-384",
        [TSEC_SHA512] = "SHA2-512",   [TSEC_SHA1] = "SHA1",         [TSEC_SHA3_224] = "SHA3-224",
        [TSEC_SHA3_256] = "SHA3-256", [TSEC_SHA3_384] = "SHA3-384", [TSEC_SHA3_512] = "SHA3-512",
    };

    for (size_t i = TSEC_SHA224; i < TSEC_ARRAY_LEN(digests); i++) {
        algs.md[i] = EVP_MD_fetch(NULL, digests[i], NULL);
        if (algs.md[i] == NULL) {
            return;
        }
    }
    ready = fetch_ciphers() && fetch_curves() && tsec_thread_setup();
}

tsec_rc
tsec_crypto_setup(struct tsec_err *err)
{
    if (pthread_once(&once, fetch_all) != 0 || !ready) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "the cryptographic library lacks an algorithm");
    }
    return TSEC_OK;
}

const struct tsec_algs *
tsec_algs(void)
{
    if (pthread_once(&once, fetch_all) != 0 || !ready) {
        tsec_crypto_abort("set-up");
    }
    return &algs;
}

_Noreturn void
tsec_crypto_abort(const char *what)
{
    static const char head[] = "fatal: the cryptographic library failed: ";

    (void)!write(STDERR_FILENO, head, sizeof(head) - 1);
    (void)!write(STDERR_FILENO, what, strlen(what));
    (void)!write(STDERR_FILENO, "\n", 1);
    abort();
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crypto.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "crypto/internal.h"

enum { POINT_MAX = 133 };

static struct tsec_algs algs;
static bool ready;      /* all is there */
static bool can_digest; /* at least what a guest needs */
static bool is_guest;
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

/* The same curve by its numbers, for which the library takes its general method. */
static EC_GROUP *
plain_group(const EC_GROUP *named)
{
    BIGNUM *p = BN_new();
    BIGNUM *a = BN_new();
    BIGNUM *b = BN_new();
    EC_GROUP *group = NULL;
    EC_POINT *generator = NULL;
    uint8_t point[POINT_MAX];
    const size_t len = named == NULL ? 0
                                     : EC_POINT_point2oct(named, EC_GROUP_get0_generator(named),
                                                          POINT_CONVERSION_UNCOMPRESSED, point,
                                                          sizeof(point), NULL);

    if (len > 0 && p != NULL && a != NULL && b != NULL
        && EC_GROUP_get_curve(named, p, a, b, NULL) == 1) {
        group = EC_GROUP_new_curve_GFp(p, a, b, NULL);
        generator = group == NULL ? NULL : EC_POINT_new(group);
    }
    if (generator == NULL || EC_POINT_oct2point(group, generator, point, len, NULL) != 1
        || EC_GROUP_set_generator(group, generator, EC_GROUP_get0_order(named), BN_value_one())
               != 1) {
        EC_GROUP_free(group);
        group = NULL;
    }
    EC_POINT_free(generator);
    BN_free(p);
    BN_free(a);
    BN_free(b);
    return group;
}

static bool
fetch_curves(void)
{
    static const char *const names[TSEC_CURVES] = { "P-256", "P-384", "P-521" };
    static const int nids[TSEC_CURVES] = { NID_X9_62_prime256v1, NID_secp384r1, NID_secp521r1 };
    bool ok = true;

    for (size_t i = 0; i < TSEC_CURVES; i++) {
        algs.curves[i] = curve(names[i]);
        algs.groups[i] = EC_GROUP_new_by_curve_name(nids[i]);
        algs.plain_groups[i] = plain_group(algs.groups[i]);
        ok = ok && algs.curves[i] != NULL && algs.groups[i] != NULL && algs.plain_groups[i] != NULL;
    }
    return ok;
}

static bool
fetch_ciphers(void)
{
    algs.aes_128_gcm = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
    algs.aes_256_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    algs.aes_256_ecb = EVP_CIPHER_fetch(NULL, "AES-256-ECB", NULL);
    algs.aes_256_kwp = EVP_CIPHER_fetch(NULL, "AES-256-WRAP-PAD", NULL);
    algs.aes_256_kw = EVP_CIPHER_fetch(NULL, "AES-256-WRAP", NULL);
    algs.aes_256_cbc = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
    algs.chacha20_poly1305 = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
    return algs.aes_128_gcm != NULL && algs.aes_256_gcm != NULL && algs.aes_256_ecb != NULL
           && algs.aes_256_kwp != NULL && algs.aes_256_kw != NULL && algs.aes_256_cbc != NULL
           && algs.chacha20_poly1305 != NULL;
}

static bool
fetch_digests(void)
{
    static const char *const digests[TSEC_HASHES] = {
        [TSEC_SHA224] = "SHA2-224",   [TSEC_SHA256] = "SHA2-256",   [TSEC_SHA384] = "SHA2-384",
        [TSEC_SHA512] = "SHA2-512",   [TSEC_SHA1] = "SHA1",         [TSEC_SHA3_224] = "SHA3-224",
        [TSEC_SHA3_256] = "SHA3-256", [TSEC_SHA3_384] = "SHA3-384", [TSEC_SHA3_512] = "SHA3-512",
    };
    bool ok = true;

    for (size_t i = TSEC_SHA224; i < TSEC_ARRAY_LEN(digests); i++) {
        algs.md[i] = EVP_MD_fetch(NULL, digests[i], NULL);
        ok = ok && algs.md[i] != NULL;
    }
    return ok;
}

static void
fetch_all(void)
{
    const bool digests = fetch_digests();
    const bool ciphers = fetch_ciphers();
    const bool curves = fetch_curves();
    const bool threads = tsec_thread_setup();

    can_digest = threads && algs.md[TSEC_SHA256] != NULL && algs.md[TSEC_SHA384] != NULL
                 && algs.md[TSEC_SHA512] != NULL;
    ready = threads && digests && ciphers && curves;
}

tsec_rc
tsec_crypto_setup(struct tsec_err *err)
{
    if (pthread_once(&once, fetch_all) != 0 || !ready) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "the cryptographic library lacks an algorithm");
    }
    return TSEC_OK;
}

tsec_rc
tsec_crypto_setup_guest(struct tsec_err *err)
{
    tsec_crypto_enter();
    const bool ok = pthread_once(&once, fetch_all) == 0 && can_digest;

    tsec_crypto_leave();
    if (!ok) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "this process has no SHA-2");
    }
    is_guest = true;
    return TSEC_OK;
}

void
tsec_crypto_enter(void)
{
    (void)ERR_set_mark();
}

void
tsec_crypto_leave(void)
{
    (void)ERR_pop_to_mark();
}

/* The library takes its own generators' states and seeds from the same heap, and without them the
 * process cannot go on: keys leave them this part of it. */
enum { HEAP_BLOCK_MIN = 32, KEYS_OF_HEAP = 3, PARTS_OF_HEAP = 4 };

static size_t heap_for_keys; /* 0: there is no such heap */

tsec_rc
tsec_crypto_lock_heap(size_t bytes, struct tsec_err *err)
{
    if (bytes < (size_t)64 * HEAP_BLOCK_MIN || (bytes & (bytes - 1)) != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a locked heap of %zu bytes", bytes);
    }
    if (CRYPTO_secure_malloc_initialized() == 1) {
        return TSEC_FAIL(err, TSEC_E_CONFLICT, "there is a locked heap already");
    }

    const int result = CRYPTO_secure_malloc_init(bytes, HEAP_BLOCK_MIN);

    if (result == 1) {
        heap_for_keys = bytes / PARTS_OF_HEAP * KEYS_OF_HEAP;
        return TSEC_OK;
    }
    if (result == 2) { /* it is there, but pages are not locked or have no guards */
        (void)CRYPTO_secure_malloc_done();
    }
    return TSEC_FAIL(err, TSEC_E_NO_MEMORY,
                     "%zu bytes of memory for private keys cannot be locked (RLIMIT_MEMLOCK)",
                     bytes);
}

bool
tsec_crypto_heap_has_room(void)
{
    return heap_for_keys == 0 || CRYPTO_secure_used() < heap_for_keys;
}

const struct tsec_algs *
tsec_algs(void)
{
    if (pthread_once(&once, fetch_all) != 0 || !(ready || is_guest)) {
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

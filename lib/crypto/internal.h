/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/internal.h
 * @brief What the modules of this folder share: the fetched algorithms and what each thread keeps.
 * Nothing outside lib/crypto includes it.
 */
#ifndef TSEC_CRYPTO_INTERNAL_H
#define TSEC_CRYPTO_INTERNAL_H

#include <openssl/ec.h>
#include <openssl/evp.h>

#include "base/secret.h"
#include "crypto/hash.h"

enum { TSEC_CURVE_P256 = 0, TSEC_CURVE_P384, TSEC_CURVE_P521, TSEC_CURVES };

/** Fetched once: a look-up by name per call costs as much as the operation, and takes locks that
 *  threads share. */
struct tsec_algs {
    EVP_MD *md[TSEC_HASHES]; /* by enum tsec_hash; [0] is NULL */
    EVP_CIPHER *aes_128_gcm;
    EVP_CIPHER *aes_256_gcm;
    EVP_CIPHER *aes_256_ecb;
    EVP_CIPHER *aes_256_kwp;
    EVP_CIPHER *aes_256_kw;
    EVP_CIPHER *aes_256_cbc;
    EVP_CIPHER *chacha20_poly1305;
    EVP_PKEY *curves[TSEC_CURVES];       /* keys without a point: see pubkey.c */
    EC_GROUP *groups[TSEC_CURVES];       /* the same curves, to calculate on */
    EC_GROUP *plain_groups[TSEC_CURVES]; /* and once more, see pair_ec_agree.c */
};

/** Sets up on the first call when nobody did; aborts when that fails. */
const struct tsec_algs *tsec_algs(void);

/** Whether a further private key may lie in the locked heap (true where there is none): a quarter
 *  of it is left to the library's own needs. */
bool tsec_crypto_heap_has_room(void);

/** What one thread keeps; freed (and wiped) when it ends. */
struct tsec_thread {
    EVP_MD_CTX *md[TSEC_HASHES];
    struct tsec_secret *nonces; /* see rand.c */
    unsigned ordinal;           /* small and distinct, to spread threads over slots */
};

/** Of the calling thread; aborts when there is no memory for it. */
struct tsec_thread *tsec_thread(void);
/** Called once by the set-up. */
bool tsec_thread_setup(void);

/** Says what failed and ends the process: going on without randomness or hashing is no option. */
_Noreturn void tsec_crypto_abort(const char *what);

#endif

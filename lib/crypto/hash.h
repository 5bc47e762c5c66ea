/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/hash.h
 * @brief SHA-2, SHA-3 and SHA-1, HMAC (RFC 2104) over them, and HKDF (RFC 5869).
 */
#ifndef TSEC_CRYPTO_HASH_H
#define TSEC_CRYPTO_HASH_H

#include "base/cleanup.h"
#include "base/err.h"
#include "base/span.h"

enum { TSEC_SHA256_LEN = 32, TSEC_SHA384_LEN = 48, TSEC_SHA512_LEN = 64 };
enum tsec_hash {
    TSEC_SHA224 = 1,
    TSEC_SHA256,
    TSEC_SHA384,
    TSEC_SHA512,
    TSEC_SHA1, /* for what others made with it; nothing of ours uses it */
    TSEC_SHA3_224,
    TSEC_SHA3_256,
    TSEC_SHA3_384,
    TSEC_SHA3_512,
};
enum { TSEC_HASHES = TSEC_SHA3_512 + 1 };

bool tsec_hash_is(enum tsec_hash hash);
size_t tsec_hash_len(enum tsec_hash hash);
/** Of its input, as HMAC has it. */
size_t tsec_hash_block(enum tsec_hash hash);
/** "sha1", "sha2-224" … "sha2-512", "sha3-224" … "sha3-512"; false: no such hash. */
bool tsec_hash_named(struct tsec_span name, enum tsec_hash *out);

/** Cannot fail once tsec_crypto_setup() has run; a failure of the library aborts the process. */
void tsec_sha256(struct tsec_span data, uint8_t out[TSEC_SHA256_LEN]);
void tsec_sha384(struct tsec_span data, uint8_t out[TSEC_SHA384_LEN]);
/** Of the concatenation of `n` parts; out has tsec_hash_len(hash) bytes. */
void tsec_hash_parts(enum tsec_hash hash, const struct tsec_span *parts, size_t n, uint8_t *out);

/** A keyed HMAC-SHA-256, prepared once and used from any thread. */
struct tsec_hmac_key;
TSEC_MUST_CHECK tsec_rc tsec_hmac_key_new(struct tsec_span key, struct tsec_hmac_key **out,
                                          struct tsec_err *err);
void tsec_hmac_key_free(struct tsec_hmac_key *key);
/** HMAC-SHA-256 of the concatenation of at most 8 parts (more abort the process). */
void tsec_hmac_parts(const struct tsec_hmac_key *key, const struct tsec_span *parts, size_t n,
                     uint8_t out[TSEC_SHA256_LEN]);
TSEC_DEFINE_AUTO(struct tsec_hmac_key, tsec_hmac_key_free)

/** One-shot HMAC with any of the hashes; out has tsec_hash_len(hash) bytes. */
TSEC_MUST_CHECK tsec_rc tsec_hmac(enum tsec_hash hash, struct tsec_span key, struct tsec_span data,
                                  uint8_t *out, struct tsec_err *err);

/** Extract and expand; `out_len` at most 255 hashes. */
TSEC_MUST_CHECK tsec_rc tsec_hkdf(enum tsec_hash hash, struct tsec_span ikm, struct tsec_span salt,
                                  struct tsec_span info, uint8_t *out, size_t out_len,
                                  struct tsec_err *err);
/** Each half alone: `prk` has tsec_hash_len(hash) bytes, which the caller wipes; to expand from, it
 *  has at least those. */
TSEC_MUST_CHECK tsec_rc tsec_hkdf_extract(enum tsec_hash hash, struct tsec_span salt,
                                          struct tsec_span ikm, uint8_t *prk, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc tsec_hkdf_expand(enum tsec_hash hash, struct tsec_span prk,
                                         struct tsec_span info, uint8_t *out, size_t out_len,
                                         struct tsec_err *err);

#endif

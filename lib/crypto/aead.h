/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/aead.h
 * @brief AES-256-GCM and AES-128-GCM (SP 800-38D), ChaCha20-Poly1305 (RFC 8439) and XAES-256-GCM
 * (C2SP), keys prepared once.
 *
 * A prepared key may be used from many threads at once.  Its contexts belong to it, not to them:
 * freeing it, once nobody uses it any more, wipes every copy of its key schedule.  Opening never
 * writes plaintext that failed authentication.  XAES derives a one-time AES-256-GCM key per message
 * from a 192-bit random nonce, so that random nonces are safe for 2^80 messages.
 */
#ifndef TSEC_CRYPTO_AEAD_H
#define TSEC_CRYPTO_AEAD_H

#include "base/cleanup.h"
#include "base/err.h"
#include "base/span.h"

enum {
    TSEC_AEAD_KEY_LEN = 32,
    TSEC_AEAD_TAG_LEN = 16,
    TSEC_GCM_NONCE_LEN = 12,
    TSEC_XAES_NONCE_LEN = 24
};

enum tsec_aead {
    TSEC_AES_256_GCM = 1,
    TSEC_XAES_256_GCM = 2,
    TSEC_AES_128_GCM,
    TSEC_CHACHA20_POLY1305,
};

struct tsec_aead_key;

/** Bytes of a key: 16 or 32; of a nonce: 12 or 24; 0: no such algorithm. */
size_t tsec_aead_key_len(enum tsec_aead alg);
size_t tsec_aead_nonce_len(enum tsec_aead alg);

/** `key` has tsec_aead_key_len(alg) bytes. */
TSEC_MUST_CHECK tsec_rc tsec_aead_key_new(enum tsec_aead alg, const uint8_t *key,
                                          struct tsec_aead_key **out, struct tsec_err *err);
/** Wipes.  NULL is harmless. */
void tsec_aead_key_free(struct tsec_aead_key *key);
TSEC_DEFINE_AUTO(struct tsec_aead_key, tsec_aead_key_free)

/** out: plain.len + TSEC_AEAD_TAG_LEN bytes, ciphertext ‖ tag; may be plain.ptr itself. */
TSEC_MUST_CHECK tsec_rc tsec_aead_seal(const struct tsec_aead_key *key, const uint8_t *nonce,
                                       struct tsec_span aad, struct tsec_span plain, uint8_t *out,
                                       struct tsec_err *err);
/** sealed = ciphertext ‖ tag; out: sealed.len - TSEC_AEAD_TAG_LEN bytes.  TSEC_E_TAMPERED: does not
 *  authenticate (out is zeroed). */
TSEC_MUST_CHECK tsec_rc tsec_aead_open(const struct tsec_aead_key *key, const uint8_t *nonce,
                                       struct tsec_span aad, struct tsec_span sealed, uint8_t *out,
                                       struct tsec_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/chacha.h
 * @brief ChaCha20-Poly1305 (RFC 8439) with a key that is used once, as age uses it.
 *
 * For a key used more often see crypto/aead.h: this prepares nothing and caches nothing.
 */
#ifndef TSEC_CRYPTO_CHACHA_H
#define TSEC_CRYPTO_CHACHA_H

#include "base/err.h"
#include "base/span.h"

enum { TSEC_CHACHA_KEY_LEN = 32, TSEC_CHACHA_NONCE_LEN = 12, TSEC_CHACHA_TAG_LEN = 16 };

/** out: plain.len + TSEC_CHACHA_TAG_LEN bytes, ciphertext ‖ tag; may be plain.ptr itself. */
TSEC_MUST_CHECK tsec_rc tsec_chacha_seal(const uint8_t key[TSEC_CHACHA_KEY_LEN],
                                         const uint8_t nonce[TSEC_CHACHA_NONCE_LEN],
                                         struct tsec_span plain, uint8_t *out,
                                         struct tsec_err *err);
/** out: sealed.len - TSEC_CHACHA_TAG_LEN bytes.  TSEC_E_TAMPERED: does not authenticate (out is
 *  zeroed). */
TSEC_MUST_CHECK tsec_rc tsec_chacha_open(const uint8_t key[TSEC_CHACHA_KEY_LEN],
                                         const uint8_t nonce[TSEC_CHACHA_NONCE_LEN],
                                         struct tsec_span sealed, uint8_t *out,
                                         struct tsec_err *err);

#endif

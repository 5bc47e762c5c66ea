/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/age_stanza.h
 * @brief The X25519 stanza of an age header: the file key, wrapped to one recipient.  Nothing
 * outside lib/crypto includes it.
 */
#ifndef TSEC_CRYPTO_AGE_STANZA_H
#define TSEC_CRYPTO_AGE_STANZA_H

#include "base/buf.h"

enum { TSEC_AGE_FILE_KEY_LEN = 16, TSEC_AGE_STANZA_MAX = 128 };

struct tsec_age_stanza {
    uint8_t share[32]; /* ephemeral public key */
    uint8_t body[32];  /* file key ‖ tag */
};

TSEC_MUST_CHECK tsec_rc tsec_age_wrap(const uint8_t recipient[32],
                                      const uint8_t file_key[TSEC_AGE_FILE_KEY_LEN],
                                      struct tsec_age_stanza *out, struct tsec_err *err);
/** TSEC_E_DENIED: it is for another identity; TSEC_E_INVALID: its share is of low order. */
TSEC_MUST_CHECK tsec_rc tsec_age_unwrap(const uint8_t identity[32],
                                        const struct tsec_age_stanza *stanza,
                                        uint8_t file_key[TSEC_AGE_FILE_KEY_LEN],
                                        struct tsec_err *err);

/** Base64 without padding of 32 bytes, and back. */
void tsec_age_put_32(struct tsec_buf *out, const uint8_t bytes[32]);
bool tsec_age_read_32(struct tsec_span text, uint8_t out[32]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/age.h
 * @brief age v1 files (C2SP age) with X25519 recipients: enough to wrap an epoch key to auditors
 * and for an auditor to open it; interoperates with the age tool.
 */
#ifndef TSEC_CRYPTO_AGE_H
#define TSEC_CRYPTO_AGE_H

#include "base/buf.h"
#include "base/secret.h"

enum { TSEC_AGE_RECIPIENT_LEN = 62, TSEC_AGE_IDENTITY_LEN = 74 };

/** "age1…" (Bech32, checked) to its 32-byte public key. */
TSEC_MUST_CHECK tsec_rc tsec_age_recipient_parse(struct tsec_span text, uint8_t out[32],
                                                 struct tsec_err *err);
/** "AGE-SECRET-KEY-1…" to its 32-byte private key. */
TSEC_MUST_CHECK tsec_rc tsec_age_identity_parse(struct tsec_span text, uint8_t out[32],
                                                struct tsec_err *err);
/** A new identity and its recipient, as text with a NUL. */
TSEC_MUST_CHECK tsec_rc tsec_age_identity_new(char identity[TSEC_AGE_IDENTITY_LEN + 1],
                                              char recipient[TSEC_AGE_RECIPIENT_LEN + 1],
                                              struct tsec_err *err);
/** The recipient of an identity. */
TSEC_MUST_CHECK tsec_rc tsec_age_identity_recipient(const uint8_t identity[32], uint8_t out[32],
                                                    struct tsec_err *err);

/** Appends a whole age file that any of the recipients opens.  `plain` at most 64 KiB (one STREAM
 *  chunk). */
TSEC_MUST_CHECK tsec_rc tsec_age_encrypt(const uint8_t (*recipients)[32], size_t n,
                                         struct tsec_span plain, struct tsec_buf *out,
                                         struct tsec_err *err);
/** TSEC_E_DENIED: no stanza is for this identity; TSEC_E_TAMPERED; TSEC_E_INVALID: not such a file.
 */
TSEC_MUST_CHECK tsec_rc tsec_age_decrypt(const uint8_t identity[32], struct tsec_span file,
                                         struct tsec_buf *plain, struct tsec_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/keywrap.h
 * @brief AES-256 key wrap: with padding (RFC 5649, SP 800-38F KWP), and for 256-bit keys without
 * (RFC 3394, KW).
 */
#ifndef TSEC_CRYPTO_KEYWRAP_H
#define TSEC_CRYPTO_KEYWRAP_H

#include "base/buf.h"

enum { TSEC_KWP_KEY_LEN = 32 };

/** Appends; `plain` has 1 byte to 64 KiB. */
TSEC_MUST_CHECK tsec_rc tsec_kwp_wrap(const uint8_t key[TSEC_KWP_KEY_LEN], struct tsec_span plain,
                                      struct tsec_buf *out, struct tsec_err *err);
/** Appends.  TSEC_E_TAMPERED: not wrapped under this key. */
TSEC_MUST_CHECK tsec_rc tsec_kwp_unwrap(const uint8_t key[TSEC_KWP_KEY_LEN],
                                        struct tsec_span wrapped, struct tsec_buf *out,
                                        struct tsec_err *err);

enum { TSEC_KW_KEY_LEN = 32, TSEC_KW_WRAPPED_LEN = 40 };

/** One key of 256 bits under another. */
TSEC_MUST_CHECK tsec_rc tsec_kw_wrap(const uint8_t key[TSEC_KW_KEY_LEN],
                                     const uint8_t plain[TSEC_KW_KEY_LEN],
                                     uint8_t wrapped[TSEC_KW_WRAPPED_LEN], struct tsec_err *err);
/** TSEC_E_TAMPERED: not wrapped under this key, or of another length; `plain` is zeroed then. */
TSEC_MUST_CHECK tsec_rc tsec_kw_unwrap(const uint8_t key[TSEC_KW_KEY_LEN], struct tsec_span wrapped,
                                       uint8_t plain[TSEC_KW_KEY_LEN], struct tsec_err *err);

#endif

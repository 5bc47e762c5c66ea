/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/cms_internal.h
 * @brief The bytes that every message of the profile has, and its cipher.  Nothing outside
 * lib/crypto includes it.
 */
#ifndef TSEC_CRYPTO_CMS_INTERNAL_H
#define TSEC_CRYPTO_CMS_INTERNAL_H

#include "base/buf.h"

enum { CMS_CEK_LEN = 32, CMS_BLOCK = 16, CMS_VERSION = 2 };

/* Contents of OIDs, and elements, with their heads. */
extern const struct tsec_span cms_enveloped_data;
extern const struct tsec_span cms_data;
extern const struct tsec_span cms_oaep_sha256;      /* AlgorithmIdentifier, all of it */
extern const struct tsec_span cms_oaep_sha256_bare; /* the same without the NULLs of the hashes */
extern const struct tsec_span cms_aes_256_cbc;      /* its OID */

enum { CMS_TAG_SKI = 0x80, CMS_TAG_CONTENT = 0x80, CMS_TAG_PIECES = 0xa0 };

/** AES-256-CBC with the padding of RFC 5652 section 6.3; appends. */
TSEC_MUST_CHECK tsec_rc tsec_cms_cbc_encrypt(const uint8_t key[CMS_CEK_LEN],
                                             const uint8_t iv[CMS_BLOCK], struct tsec_span plain,
                                             struct tsec_buf *out, struct tsec_err *err);
/** TSEC_E_TAMPERED: no padding at its end. */
TSEC_MUST_CHECK tsec_rc tsec_cms_cbc_decrypt(const uint8_t key[CMS_CEK_LEN],
                                             const uint8_t iv[CMS_BLOCK], struct tsec_span sealed,
                                             struct tsec_buf *out, struct tsec_err *err);

#endif

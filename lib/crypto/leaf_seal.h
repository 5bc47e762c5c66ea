/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/leaf_seal.h
 * @brief Audit leaves: an entry padded to one of five sizes and sealed under the key of its epoch.
 *
 * The seal binds origin, kind, index and epoch, so that a leaf opens only where it was written.
 * Padding is ISO/IEC 7816-4 (0x80, then zeroes) to 256, 512, 1024, 2048 or 4096 bytes.
 */
#ifndef TSEC_CRYPTO_LEAF_SEAL_H
#define TSEC_CRYPTO_LEAF_SEAL_H

#include "codec/leaf.h"
#include "crypto/aead.h"

/** The largest size less the byte that padding takes. */
enum { TSEC_AUDIT_ENTRY_MAX = 4095 };

/** Appends the whole leaf, header included.  `epoch_key`: TSEC_AES_256_GCM.
 *  TSEC_E_TOO_LARGE: json past TSEC_AUDIT_ENTRY_MAX. */
TSEC_MUST_CHECK tsec_rc tsec_leaf_audit_seal(const struct tsec_aead_key *epoch_key, uint32_t epoch,
                                             const char *origin, uint64_t index,
                                             struct tsec_span json, struct tsec_buf *out,
                                             struct tsec_err *err);
/** Appends the entry.  TSEC_E_INVALID: no audit leaf; TSEC_E_TAMPERED: not sealed by this key for
 *  this origin. */
TSEC_MUST_CHECK tsec_rc tsec_leaf_audit_open(const struct tsec_aead_key *epoch_key,
                                             const char *origin, struct tsec_span leaf,
                                             struct tsec_buf *json, struct tsec_err *err);
/** Which key opens it. */
TSEC_MUST_CHECK tsec_rc tsec_leaf_audit_epoch(struct tsec_span leaf, uint32_t *epoch,
                                              struct tsec_err *err);

#endif

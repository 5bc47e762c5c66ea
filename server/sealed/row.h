/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sealed/row.h
 * @brief One record as the database sees it: a blinded key and a padded, sealed blob (TSR1).
 *
 *     rk    = HMAC-SHA256(K_row, "row" ‖ 0 ‖ mount ‖ 0 ‖ path)
 *     blob  = "TSR1" ‖ u8 alg ‖ u32 kid ‖ nonce[24] ‖ ciphertext ‖ tag[16]
 *     aad   = "TSR1" ‖ alg ‖ kid ‖ LP(origin) ‖ rk ‖ u64 version ‖ u8 class
 *     plain = the record, padded with 0x80 00… to 2^class bytes, 256 B to 1 MiB
 *
 * The record says its own logical key, so that a row that was moved does not open as another.
 */
#ifndef TSEC_SEALED_ROW_H
#define TSEC_SEALED_ROW_H

#include "sealed/keyring.h"

enum {
    ROW_KEY_LEN = 32,
    ROW_CLASS_MIN = 8,
    ROW_CLASS_MAX = 20,
    ROW_OVERHEAD = 4 + 1 + 4 + 24 + 16,
    ROW_LOGICAL_MAX = 2500,
};

/** The plaintext of a row.  Spans are borrowed. */
struct row_record {
    struct tsec_span key;   /* logical: "<mount>/<path>" */
    uint16_t group_len;     /* of the key's first bytes that name its group; 0: a plain row */
    uint64_t group_version; /* grows with every change of the group; the head has the highest */
    struct tsec_span payload;
};

/** The part before the first '/': which data encryption key; empty when there is none. */
struct tsec_span row_mount(struct tsec_span key);

void row_blind(const struct keyring *keyring, struct tsec_span key, uint8_t rk[ROW_KEY_LEN]);

/** The smallest class the record fits in; 0 when it fits none. */
uint8_t row_class(const struct row_record *record);

static inline size_t
row_blob_len(uint8_t class)
{
    return ((size_t)1 << class) + ROW_OVERHEAD;
}

/** Seals under the mount's primary DEK into `blob`, row_blob_len(class) bytes, class being
 *  row_class(record).  TSEC_E_NOT_FOUND: the mount has no key. */
TSEC_MUST_CHECK tsec_rc row_seal(const struct keyring *keyring, const struct row_record *record,
                                 const uint8_t rk[ROW_KEY_LEN], uint64_t version, uint8_t class,
                                 uint8_t *blob, struct tsec_err *err);

/** Opens into `plain`, 2^class bytes, and parses; the record borrows from it.  TSEC_E_TAMPERED with
 *  the rk in the detail; then `plain` holds nothing of the row. */
TSEC_MUST_CHECK tsec_rc row_open(const struct keyring *keyring, const uint8_t rk[ROW_KEY_LEN],
                                 uint64_t version, uint8_t class, struct tsec_span blob,
                                 uint8_t *plain, struct row_record *record, struct tsec_err *err);

/** The kid of a blob, 0 when it is not one. */
uint32_t row_kid(struct tsec_span blob);

#endif

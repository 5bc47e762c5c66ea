/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sealed/slot.h
 * @brief Root slots: how the root key is got back, one way each, like a LUKS key slot.
 *
 *     key  = "s" ‖ u32 id
 *     blob = "TSS1" ‖ u32 id ‖ LP(kind) ‖ u32 generation ‖ kcv[32] ‖ i64 created ‖ LP(wrapping)
 *
 *     kcv  = HMAC-SHA256(RK, "tee-secrets/kcv/1" ‖ the blob without kcv)
 *
 * The wrapping is the attest plugin's business; the key-check value is compared in constant time
 * before anything the key opens is believed, and covers what the slot says of itself.  The root key
 * itself is never stored.
 */
#ifndef TSEC_SEALED_SLOT_H
#define TSEC_SEALED_SLOT_H

#include "base/buf.h"

enum { SLOT_KCV_LEN = 32, SLOT_KEY_LEN = 5, SLOT_KIND_MAX = 31, SLOT_WRAPPING_MAX = 65536 };

struct slot {
    uint32_t id;
    char kind[SLOT_KIND_MAX + 1]; /* "sim", "nitro-kms", … */
    uint32_t generation;
    uint8_t kcv[SLOT_KCV_LEN];
    int64_t created_ns;
    struct tsec_span wrapping; /* borrowed */
};

void slot_key(uint32_t id, uint8_t key[SLOT_KEY_LEN]);
/** Fills in the key-check value. */
TSEC_MUST_CHECK tsec_rc slot_bind(struct slot *slot, const uint8_t root[32], struct tsec_err *err);
void slot_pack(const struct slot *slot, struct tsec_buf *out);
/** TSEC_E_TAMPERED: not a slot. */
TSEC_MUST_CHECK tsec_rc slot_parse(struct tsec_span blob, struct slot *out, struct tsec_err *err);
/** TSEC_E_TAMPERED: this is not the root key of the slot. */
TSEC_MUST_CHECK tsec_rc slot_check(const struct slot *slot, const uint8_t root[32],
                                   struct tsec_err *err);

#endif

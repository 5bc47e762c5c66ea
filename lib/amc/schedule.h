/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file amc/schedule.h
 * @brief Every value that amc-v1 derives: transcript hashes, binders, bindings, keys.
 *
 * Pure functions over bytes.  Names are those of docs/channel.md.  Outputs of secrets are the
 * caller's to wipe.
 */
#ifndef TSEC_AMC_SCHEDULE_H
#define TSEC_AMC_SCHEDULE_H

#include "amc/amc.h"

/** H(LP(PROTO) ‖ LP("hello") ‖ LP(B1) ‖ LP(B2)) */
void amc_th1(struct tsec_span b1, struct tsec_span b2, uint8_t out[AMC_HASH_LEN]);
/** H(LP(PROTO) ‖ LP("r-evidence") ‖ th1 ‖ LP(Er)) */
void amc_th2(const uint8_t th1[AMC_HASH_LEN], struct tsec_span er, uint8_t out[AMC_HASH_LEN]);
/** H(LP(PROTO) ‖ LP("i-evidence") ‖ th2 ‖ LP(Ei)) */
void amc_th3(const uint8_t th2[AMC_HASH_LEN], struct tsec_span ei, uint8_t out[AMC_HASH_LEN]);

/** `psk`: empty without resumption. */
TSEC_MUST_CHECK tsec_rc amc_prk(const uint8_t nonce_i[AMC_NONCE_LEN],
                                const uint8_t nonce_r[AMC_NONCE_LEN], struct tsec_span ss,
                                struct tsec_span psk, uint8_t out[AMC_HASH_LEN],
                                struct tsec_err *err);
/** Exp(secret, LP(label) ‖ context, len) */
TSEC_MUST_CHECK tsec_rc amc_expand(const uint8_t secret[AMC_HASH_LEN], const char *label,
                                   struct tsec_span context, uint8_t *out, size_t len,
                                   struct tsec_err *err);
/** bind_r (over th1) and bind_i (over th2); `id`: SPKI, may be empty. */
void amc_binding(enum amc_role role, const uint8_t th[AMC_HASH_LEN],
                 const uint8_t binder[AMC_HASH_LEN], const uint8_t eph[AMC_POINT_LEN],
                 struct tsec_span id, uint8_t out[AMC_HASH_LEN]);
/** Of evidence in `identity` mode: H(LP(PROTO) ‖ LP("identity") ‖ role ‖ H(id) ‖ u64be(made_at)).
 */
void amc_identity_binding(enum amc_role role, struct tsec_span id, int64_t made_at_s,
                          uint8_t out[AMC_HASH_LEN]);
/** H(LP(PROTO) ‖ LP("reattest") ‖ role ‖ u32be(epoch) ‖ exporter) */
void amc_reattest_binding(enum amc_role role, uint32_t epoch, const uint8_t exporter[AMC_HASH_LEN],
                          uint8_t out[AMC_HASH_LEN]);

/** The keys of one epoch. */
struct amc_epoch_keys {
    uint8_t key_i2r[AMC_KEY_LEN];
    uint8_t key_r2i[AMC_KEY_LEN];
    uint8_t iv_i2r[AMC_IV_LEN];
    uint8_t iv_r2i[AMC_IV_LEN];
    uint8_t exporter[AMC_HASH_LEN];
};
TSEC_MUST_CHECK tsec_rc amc_epoch_keys(const uint8_t master[AMC_HASH_LEN], uint32_t epoch,
                                       struct amc_epoch_keys *out, struct tsec_err *err);
/** master_{e+1} */
TSEC_MUST_CHECK tsec_rc amc_next_master(const uint8_t master[AMC_HASH_LEN], struct tsec_span ss,
                                        const uint8_t nonce_i[AMC_NONCE_LEN],
                                        const uint8_t nonce_r[AMC_NONCE_LEN], struct tsec_span r1,
                                        struct tsec_span r2, uint8_t out[AMC_HASH_LEN],
                                        struct tsec_err *err);

#endif

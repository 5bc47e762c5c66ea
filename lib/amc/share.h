/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file amc/share.h
 * @brief One side's ephemeral key and nonce: drawn, agreed with once, and gone.
 *
 * The private key is freed, and so wiped, by the agreement, whatever comes of it.
 */
#ifndef TSEC_AMC_SHARE_H
#define TSEC_AMC_SHARE_H

#include "amc/hello.h"
#include "crypto/sign.h"

struct amc_share_own {
    struct tsec_key *key; /* NULL: used */
    uint8_t eph[AMC_POINT_LEN];
    uint8_t spki[AMC_SPKI_LEN];
    uint8_t nonce[AMC_NONCE_LEN];
};

/** `key` and `nonce`: instead of random ones, for known answers; else NULL. */
TSEC_MUST_CHECK tsec_rc amc_share_own_draw(struct amc_share_own *own, const struct tsec_key *key,
                                           const uint8_t *nonce, struct tsec_err *err);
void amc_share_own_done(struct amc_share_own *own);

/** Appends the 48 bytes of the shared secret.  TSEC_E_DENIED: the peer sent this side's own point
 *  or nonce back. */
TSEC_MUST_CHECK tsec_rc amc_share_own_agree(struct amc_share_own *own,
                                            const uint8_t eph[AMC_POINT_LEN],
                                            const uint8_t nonce[AMC_NONCE_LEN],
                                            struct tsec_buf *secret, struct tsec_err *err);

void amc_share_of(const struct amc_share_own *own, struct amc_share *out);
/** SubjectPublicKeyInfo of a point. */
void amc_share_spki(const uint8_t eph[AMC_POINT_LEN], uint8_t out[AMC_SPKI_LEN]);

#endif

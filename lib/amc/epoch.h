/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file amc/epoch.h
 * @brief The keys between two rekeys, what has been done with them, and which requests await their
 * reply.  Only the session and its tests include it.
 *
 * Whoever holds a reference may use the keys; everything else is under the session's lock, and so
 * is taking one.
 */
#ifndef TSEC_AMC_EPOCH_H
#define TSEC_AMC_EPOCH_H

#include <stdatomic.h>

#include "amc/session.h"
#include "amc/window.h"
#include "crypto/aead.h"

enum {
    /** Requests without a reply; of more, the oldest gets none. */
    AMC_PENDING_MAX = 1024,
    /** Messages of a used-up key that a rekey may still have, and room for their bytes. */
    AMC_REKEY_RESERVE = 64,
};

/** One direction. */
struct amc_lane {
    struct tsec_aead_key *key;
    uint8_t iv[AMC_IV_LEN];
    uint64_t bytes; /* sealed or opened with it, tags included */
};

struct amc_epoch {
    atomic_uint refs; /* of the session, and one of each call that uses the keys */
    uint32_t number;
    struct amc_lane i2r;
    struct amc_lane r2i;
    struct amc_window window; /* of requests; the initiator has only `highest`, the last sent */
    uint64_t *pending;        /* oldest first */
    size_t pending_len;
    size_t pending_cap;
};

TSEC_MUST_CHECK tsec_rc amc_epoch_new(const uint8_t master[AMC_HASH_LEN], uint32_t number,
                                      struct amc_epoch **out, struct tsec_err *err);
/** Gives a reference back; wipes with the last.  NULL is harmless. */
void amc_epoch_free(struct amc_epoch *epoch);
TSEC_DEFINE_AUTO(struct amc_epoch, amc_epoch_free)

/** Whether a request with that number and so many bytes of plaintext, and the longest reply to each
 *  that awaits one, are within what the keys may be used for.  A rekey may use the reserve. */
bool amc_epoch_has_room(const struct amc_epoch *epoch, uint64_t seq, size_t plain_len, bool rekey);
/** From now on that request awaits its reply. */
TSEC_MUST_CHECK tsec_rc amc_epoch_await(struct amc_epoch *epoch, uint64_t seq,
                                        struct tsec_err *err);
bool amc_epoch_awaits(const struct amc_epoch *epoch, uint64_t seq);
/** It has got it.  False: it awaits none. */
bool amc_epoch_answer(struct amc_epoch *epoch, uint64_t seq);

/** Appends to `out`, which is left as it was by a failure.  `dir`: who sends. */
TSEC_MUST_CHECK tsec_rc amc_lane_seal(const struct amc_lane *lane, const uint8_t cid[AMC_CID_LEN],
                                      const struct amc_envelope *env, enum amc_role dir,
                                      struct tsec_span plain, struct tsec_buf *out,
                                      struct tsec_err *err);
/** TSEC_E_DENIED with detail "message". */
TSEC_MUST_CHECK tsec_rc amc_lane_open(const struct amc_lane *lane, const uint8_t cid[AMC_CID_LEN],
                                      const struct amc_envelope *env, enum amc_role dir,
                                      struct tsec_span sealed, struct tsec_buf *out,
                                      struct tsec_err *err);

#endif

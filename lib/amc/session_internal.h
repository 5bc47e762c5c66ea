/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file amc/session_internal.h
 * @brief A session as its own modules see it, and tests that set its counters.
 */
#ifndef TSEC_AMC_SESSION_INTERNAL_H
#define TSEC_AMC_SESSION_INTERNAL_H

#include <pthread.h>

#include "amc/epoch.h"
#include "crypto/sign.h"

struct amc_session {
    enum amc_role role;
    uint8_t cid[AMC_CID_LEN];
    pthread_mutex_t lock; /* of all below */
    uint8_t *master;      /* locked memory, AMC_HASH_LEN; of `current` */
    struct amc_epoch *current;
    struct amc_epoch *previous; /* or NULL */
    int64_t previous_until;     /* monotonic */
};

/** What a rekey draws; NULL: at random. */
struct amc_rekey_fixed {
    const struct tsec_key *eph;
    const uint8_t *nonce;
};

TSEC_MUST_CHECK tsec_rc amc_rekey_begin_with(struct amc_session *session,
                                             const struct amc_rekey_fixed *fixed,
                                             struct amc_rekey **out, struct tsec_buf *r1,
                                             struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc amc_rekey_answer_with(struct amc_session *session,
                                              const struct amc_rekey_fixed *fixed,
                                              struct tsec_span r1, struct amc_rekey **out,
                                              struct tsec_buf *r2, struct tsec_err *err);

/** Of the current epoch, which `number` receives. */
void amc_session_master(struct amc_session *session, uint8_t out[AMC_HASH_LEN], uint32_t *number);
/** Takes `next` when `from` is the current epoch; TSEC_E_CONFLICT otherwise. */
TSEC_MUST_CHECK tsec_rc amc_session_advance(struct amc_session *session, uint32_t from,
                                            const uint8_t master[AMC_HASH_LEN],
                                            struct amc_epoch **next, int64_t mono_ns,
                                            struct tsec_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/tee_channel_proof.h
 * @brief What a peer brings to prove what it is, taken apart and appraised once, away from every
 * lock; and what follows from it, decided in the transaction.
 */
#ifndef TSEC_API_TEE_CHANNEL_PROOF_H
#define TSEC_API_TEE_CHANNEL_PROOF_H

#include "api/admit.h"
#include "api/tee_channel.h"

/** What evidence has to be bound to; spans must outlive the appraisal. */
struct channel_bound {
    const uint8_t *binding; /* AMC_HASH_LEN */
    struct tsec_span nonce; /* the verifying side's */
    struct tsec_span spki;  /* ephemeral, of the side that attests */
    struct tsec_span id;    /* its identity key; empty: none */
};

struct channel_proof {
    struct amc_evidence evidence;
    struct tsec_buf bytes; /* that it points into */
    /** NULL: it passed so far.  Static. */
    const char *refused;
    char detail[128];
    bool appraised; /* there is an appraisal */
    struct appraisal appraisal;
};

void channel_proof_init(struct channel_proof *proof);
void channel_proof_done(struct channel_proof *proof);
/** `text` as amc_evidence_write() made it.  Any thread, no transaction. */
void channel_proof_read(struct channel_proof *proof, struct tsec_span text);
/** Appraises what has evidence (modes fresh and identity). */
void channel_proof_appraise(struct channel_proof *proof, struct appraiser *appraiser,
                            const struct channel_bound *bound, int64_t now_s);

/** In the transaction: the server's rules and the role's on what was appraised.  On refusal the
 *  reply is filled. */
TSEC_MUST_CHECK tsec_rc api_channel_admit(struct api_call *call, const struct appraisal *appraisal,
                                          const char *mode, const char *role,
                                          struct api_admitted *out, struct tsec_err *err);
/** 404, counted: no such channel, half open or open. */
TSEC_MUST_CHECK tsec_rc api_channel_gone(struct api_call *call);
/** Counts a refusal that was answered, once in the life of the request. */
void api_channel_count_refusal(struct api_call *call);
/** 403 in the one sentence, counted by `reason`, which is static. */
TSEC_MUST_CHECK tsec_rc api_channel_unproven(struct api_call *call, const char *reason,
                                             const char *detail);

#endif

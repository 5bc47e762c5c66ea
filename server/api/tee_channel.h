/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/tee_channel.h
 * @brief What the routes of the attested channel share: identifiers, evidence of both sides, and
 * refusals that are counted.
 *
 * Nothing here decides whether a peer is admitted.
 */
#ifndef TSEC_API_TEE_CHANNEL_H
#define TSEC_API_TEE_CHANNEL_H

#include "amc/evidence.h"
#include "api/call.h"
#include "channel/channel.h"

/** The cid of the path; false: it is none, and 404 is answered. */
bool api_channel_cid(struct api_call *call, uint8_t out[AMC_CID_LEN]);

/** Answers, and counts the refusal by `reason` (static) in the audit log: for routes that leave no
 *  entry of their own. */
TSEC_MUST_CHECK tsec_rc api_channel_refuse(struct api_call *call, enum tsec_code code,
                                           const char *reason, const char *sentence);

/** What this side's evidence is to be bound to. */
struct api_channel_bound {
    const uint8_t *binding;    /* AMC_HASH_LEN */
    struct tsec_span nonce;    /* the peer's */
    struct tsec_span own_spki; /* ephemeral */
};
/** Asks the TEE, and appends Er.  TSEC_E_INVALID: what it made is of another format than it said it
 *  makes. */
TSEC_MUST_CHECK tsec_rc api_channel_evidence(struct api_call *call,
                                             const struct api_channel_bound *bound,
                                             struct tsec_buf *er, struct tsec_err *err);
/** The format of this server's evidence; "": it makes none. */
const char *api_channel_format(struct api_call *call);

#endif

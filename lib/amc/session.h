/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file amc/session.h
 * @brief An open channel's keys, either side's: messages sealed and opened, each once, and a rekey.
 *
 * Any thread may use one.  A request is opened at most once in the life of its epoch (window of
 * AMC_WINDOW); a reply opens only for the request it answers.  Nothing here knows HTTP.
 *
 *     nonce = iv XOR u96(seq)
 *     aad   = LP(PROTO) ‖ LP("msg") ‖ LP(cid) ‖ u32be(epoch) ‖ u64be(seq) ‖ dir
 *             ‖ LP(method) ‖ LP(path)
 */
#ifndef TSEC_AMC_SESSION_H
#define TSEC_AMC_SESSION_H

#include "amc/amc.h"
#include "base/cleanup.h"

enum { AMC_OLD_EPOCH_S = 30 }; /* how long the one before still receives */

struct amc_session;

TSEC_MUST_CHECK tsec_rc amc_session_new(enum amc_role role, const uint8_t cid[AMC_CID_LEN],
                                        const uint8_t master[AMC_HASH_LEN],
                                        struct amc_session **out, struct tsec_err *err);
void amc_session_free(struct amc_session *session);
TSEC_DEFINE_AUTO(struct amc_session, amc_session_free)

const uint8_t *amc_session_cid(const struct amc_session *session);
uint32_t amc_session_epoch(struct amc_session *session);
/** psk_n = Exp(master, LP("resume") ‖ u32be(n), 48), of the current epoch. */
TSEC_MUST_CHECK tsec_rc amc_session_psk(struct amc_session *session, uint32_t n,
                                        uint8_t out[AMC_HASH_LEN], struct tsec_err *err);

/** What stands around a message's ciphertext. */
struct amc_envelope {
    uint32_t epoch;
    uint64_t seq;
    const char *method; /* of the inner request: authenticated */
    const char *path;
};

/** The initiator's request: fills epoch and seq.  TSEC_E_CONFLICT: the key is used up, and nothing
 *  but a POST to AMC_REKEY_PATH (outside, not in the plaintext) is sealed or opened any more. */
TSEC_MUST_CHECK tsec_rc amc_seal_request(struct amc_session *session, struct amc_envelope *env,
                                         struct tsec_span plain, struct tsec_buf *out,
                                         struct tsec_err *err);
/** The responder opens it.  `mono_ns`: monotonic time now, to know how long the last rekey is ago.
 * TSEC_E_DENIED: altered, of an epoch that is over, or seen before, which err's detail tells apart
 * ("replay", "epoch", "message"); nothing is remembered of what does not authenticate.
 * TSEC_E_CONFLICT: used up. */
TSEC_MUST_CHECK tsec_rc amc_open_request(struct amc_session *session,
                                         const struct amc_envelope *env, struct tsec_span sealed,
                                         int64_t mono_ns, struct tsec_buf *out,
                                         struct tsec_err *err);
/** Once for each request that was opened, also of the epoch before: a second one, or one to no
 *  request, is TSEC_E_DENIED.  Of more than 1024 requests without a reply the oldest gets none. */
TSEC_MUST_CHECK tsec_rc amc_seal_reply(struct amc_session *session, const struct amc_envelope *env,
                                       struct tsec_span plain, struct tsec_buf *out,
                                       struct tsec_err *err);
/** `env` as amc_seal_request() left it.  TSEC_E_DENIED: altered, of another request, or opened
 *  before. */
TSEC_MUST_CHECK tsec_rc amc_open_reply(struct amc_session *session, const struct amc_envelope *env,
                                       struct tsec_span sealed, struct tsec_buf *out,
                                       struct tsec_err *err);

/* ---- rekey ---- */

/** One rekey under way, of either side; not of several threads. */
struct amc_rekey;
void amc_rekey_free(struct amc_rekey *rekey);
TSEC_DEFINE_AUTO(struct amc_rekey, amc_rekey_free)

/** The initiator's share R1, appended. */
TSEC_MUST_CHECK tsec_rc amc_rekey_begin(struct amc_session *session, struct amc_rekey **out,
                                        struct tsec_buf *r1, struct tsec_err *err);
/** The responder's R2, appended; the next epoch's secrets are there. */
TSEC_MUST_CHECK tsec_rc amc_rekey_answer(struct amc_session *session, struct tsec_span r1,
                                         struct amc_rekey **out, struct tsec_buf *r2,
                                         struct tsec_err *err);
/** The initiator reads R2. */
TSEC_MUST_CHECK tsec_rc amc_rekey_read(struct amc_rekey *rekey, struct tsec_span r2,
                                       struct tsec_err *err);
/** What each side's evidence is bound to in the next epoch; the nonces and ephemeral keys that go
 *  with it. */
void amc_rekey_binding(const struct amc_rekey *rekey, enum amc_role role,
                       uint8_t out[AMC_HASH_LEN]);
struct tsec_span amc_rekey_nonce(const struct amc_rekey *rekey, enum amc_role role);
struct tsec_span amc_rekey_spki(const struct amc_rekey *rekey, enum amc_role role);
/** From now on messages are of the next epoch; the one before only receives, for AMC_OLD_EPOCH_S.
 *  TSEC_E_CONFLICT: another rekey was faster. */
TSEC_MUST_CHECK tsec_rc amc_rekey_commit(struct amc_session *session, struct amc_rekey *rekey,
                                         int64_t mono_ns, struct tsec_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/audit_log.h
 * @brief A ledger checked from its first leaf to its signed head.
 *
 * Every leaf must say the index at which it stands; the root over all leaves must be the one that
 * was signed; and the root at an earlier size must be the one that was seen then.
 */
#ifndef TSEC_CLIENT_AUDIT_LOG_H
#define TSEC_CLIENT_AUDIT_LOG_H

#include "client/audit_source.h"
#include "codec/leaf.h"
#include "crypto/merkle.h"
#include "crypto/note.h"

/** Called for every leaf in order, before the root is checked: what it makes of a leaf may only be
 *  shown once audit_log_read() has returned OK. */
typedef tsec_rc (*audit_leaf_fn)(void *ctx, const struct tsec_leaf *leaf, struct tsec_span bytes,
                                 struct tsec_err *err);

struct audit_log {
    const struct audit_source *source;
    struct tsec_note_verifier verifier;
    struct tsec_frontier frontier;  /* of what was read */
    struct tsec_checkpoint head;    /* the latest that was opened */
    struct tsec_checkpoint earlier; /* seen in an earlier run; size 0: none */
    struct tsec_buf note;           /* head as it was signed */
    audit_leaf_fn visit;            /* may be NULL */
    void (*completed)(void *ctx, unsigned level, uint64_t index,
                      const uint8_t hash[TSEC_SHA256_LEN]); /* may be NULL */
    void *ctx;
};

void audit_log_init(struct audit_log *log, const struct audit_source *source);
void audit_log_done(struct audit_log *log);

/** Fetches and opens the checkpoint.  TSEC_E_DENIED: not signed by the key; TSEC_E_ROLLBACK:
 * smaller than what was read or seen before. */
TSEC_MUST_CHECK tsec_rc audit_log_head(struct audit_log *log, struct tsec_err *err);
/** Reads from where the last call ended up to the head, and compares roots.  TSEC_E_TAMPERED: a
 *  leaf is out of its place, or the leaves are not those that were signed; TSEC_E_ROLLBACK: another
 *  history than the one seen before. */
TSEC_MUST_CHECK tsec_rc audit_log_read(struct audit_log *log, struct tsec_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/audit_keys.h
 * @brief An auditor's identities, and the epoch keys that they open on the way through a ledger.
 */
#ifndef TSEC_CLIENT_AUDIT_KEYS_H
#define TSEC_CLIENT_AUDIT_KEYS_H

#include "base/secret.h"
#include "codec/leaf.h"
#include "crypto/aead.h"

/* Every server has an epoch of its own under way, for up to ten minutes, and begins another with
 * every start: so many may begin while one still goes on. */
enum { AUDIT_IDENTITIES_MAX = 16, AUDIT_EPOCHS_MAX = 1024 };

struct audit_epoch_key {
    uint32_t epoch;
    struct tsec_aead_key *key; /* NULL: not for us */
};

struct audit_keys {
    struct tsec_secret *identities; /* 32 bytes each */
    size_t identities_len;
    struct audit_epoch_key epochs[AUDIT_EPOCHS_MAX]; /* the latest, in a ring */
    size_t epochs_seen;
    char origin[129];
    uint64_t opened;
    uint64_t closed; /* entries of epochs that are not for us */
    uint64_t lost;   /* entries of epochs that are not among the latest AUDIT_EPOCHS_MAX, or never
                        were in the ledger */
};

/** From an age identity file: lines that begin with '#' are comments. */
TSEC_MUST_CHECK tsec_rc audit_keys_read(struct tsec_span file, struct audit_keys *out,
                                        struct tsec_err *err);
void audit_keys_done(struct audit_keys *keys);

/** Takes the key of an epoch leaf, when it is for one of the identities. */
TSEC_MUST_CHECK tsec_rc audit_keys_epoch(struct audit_keys *keys, const struct tsec_leaf *leaf,
                                         struct tsec_err *err);
/** Appends the entry of an audit leaf, of whichever epoch that came before it; nothing, and *open
 *  false, without its key.
 *  TSEC_E_TAMPERED: it does not open with its epoch's key. */
TSEC_MUST_CHECK tsec_rc audit_keys_open(struct audit_keys *keys, struct tsec_span leaf,
                                        struct tsec_buf *json, bool *open, struct tsec_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/attested.h
 * @brief Which tokens rest on which entry of the allowlist, so that they go with it.
 *
 * It is for tidiness: a token whose entry is gone is refused by who looks at the list, whether or
 * not its rows are there.
 *
 * Rows: sys/attested/<SHA-256 of the entry>/<token tag>, and sys/unattested/<SHA-256 of the entry>
 * for entries whose tokens are yet to be swept.
 */
#ifndef TSEC_CORE_ATTESTED_H
#define TSEC_CORE_ATTESTED_H

#include "core/token.h"

/** With a token's rows; nothing when it rests on no entry. */
TSEC_MUST_CHECK tsec_rc attested_note(struct txn *txn, const struct token *token,
                                      struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc attested_forget(struct txn *txn, const struct token *token,
                                        struct tsec_err *err);

/** How far one transaction may go, and how far it went. */
struct attested_sweep {
    size_t revoked; /* tokens; at most TOKEN_REVOKE_MAX */
    size_t marked;  /* entries that are left to core_sweep_expired() */
};

/** Revokes the tokens of an entry that was taken off the list. */
TSEC_MUST_CHECK tsec_rc attested_revoke(struct txn *txn, const char *entry,
                                        struct attested_sweep *sweep, struct tsec_err *err);
/** What is on the list again is swept no further. */
TSEC_MUST_CHECK tsec_rc attested_spare(struct txn *txn, struct tsec_strings entries,
                                       struct tsec_err *err);
/** Goes on with one entry that was marked; *done counts tokens. */
TSEC_MUST_CHECK tsec_rc attested_sweep_marked(struct txn *txn, size_t *done, struct tsec_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/transit_key_rows.h
 * @brief The rows of transit keys, between the store and memory.
 *
 * Shared by the files of core/transit_key.h and core/transit_transfer.h; decides nothing but that a
 * key's row, its versions and its place in the index of what is due stay together.
 */
#ifndef TSEC_CORE_TRANSIT_KEY_ROWS_H
#define TSEC_CORE_TRANSIT_KEY_ROWS_H

#include "core/transit_key.h"

enum { TRANSIT_CHAIN_MAX = 64 * 1024 };

/** A new id, in the arena; NULL: out of memory. */
const char *transit_new_id(struct txn *txn);

/** Puts the row of a key that was not there: revision 1. *out is a copy in the arena. */
TSEC_MUST_CHECK tsec_rc transit_row_add(struct txn *txn, const char *mount,
                                        const struct transit_key *key,
                                        const struct transit_key **out, struct tsec_err *err);
/** Puts a changed row over `before`: the next revision, and the index follows. */
TSEC_MUST_CHECK tsec_rc transit_row_change(struct txn *txn, const char *mount,
                                           const struct transit_key *before,
                                           const struct transit_key *key,
                                           const struct transit_key **out, struct tsec_err *err);
/** The key with all that is its, whether its settings allow it or not. */
TSEC_MUST_CHECK tsec_rc transit_row_remove(struct txn *txn, const char *mount,
                                           const struct transit_key *key, struct tsec_err *err);

TSEC_MUST_CHECK tsec_rc transit_version_put(struct txn *txn, const char *mount, const char *id,
                                            const struct transit_version *version,
                                            struct tsec_err *err);
/** Versions `from` to `to`, without the latter. */
TSEC_MUST_CHECK tsec_rc transit_version_drop(struct txn *txn, const char *mount, const char *id,
                                             int64_t from, int64_t to, struct tsec_err *err);

/** How often a key whose uses are limited was used; 0 of others. */
TSEC_MUST_CHECK tsec_rc transit_uses_read(struct txn *txn, const char *mount,
                                          const struct transit_key *key, int64_t *used,
                                          struct tsec_err *err);
/** Counts on from there; nothing for others. */
TSEC_MUST_CHECK tsec_rc transit_uses_put(struct txn *txn, const char *mount,
                                         const struct transit_key *key, int64_t used,
                                         struct tsec_err *err);
/** The row that counts uses is gone: they count from none. */
TSEC_MUST_CHECK tsec_rc transit_uses_forget(struct txn *txn, const char *mount, const char *id,
                                            struct tsec_err *err);

/* ---- the index of keys that rotate by themselves; `at_ns` 0: the key is not in it ---- */

TSEC_MUST_CHECK tsec_rc transit_due_put(struct txn *txn, const char *mount,
                                        const struct transit_key *key, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc transit_due_drop(struct txn *txn, const struct transit_key *key,
                                         struct tsec_err *err);

/* ---- what goes together ---- */

/** Whether material is what a key of that type and size is made of.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc transit_check_fresh(const struct transit_key *key,
                                            const struct transit_fresh *fresh,
                                            struct tsec_err *err);
/** When it rotates by itself: from what its row says. */
int64_t transit_next_rotation(const struct transit_key *key);

#endif

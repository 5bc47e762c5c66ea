/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file state/txn.h
 * @brief A transaction: what one operation read, and what it wants written.
 *
 * A handler is a pure function of a transaction: it reads rows, puts and deletes rows, and has no
 * other effect, so that it may be run again when a row it read was changed before it could commit.
 * Nothing it writes is visible to others, and no reply may leave, before the ledger has made it
 * durable together with the audit entry.  The transaction knows what it read, absences included.
 *
 * Keys are logical: "<mount>/<path>", where <mount> is "sys" or a mount's id and chooses the data
 * encryption key; they never leave the TEE.  A key that is given to a transaction must live as long
 * as it does: txn_key() makes such.  Payloads are plaintext and live in the transaction's
 * arena, which is zeroed at its end.  One thread at a time.
 *
 * Groups.  A group is a set of rows of which exactly one, the head, is current: the member put
 * last. txn_get() of the group's key gives the head's payload; a member is read by txn_member(). KV
 * keeps each version of a secret in a member and the metadata in the head, so that a write of a new
 * version costs one row.  Listings see group heads and plain rows, not members.
 */
#ifndef TSEC_STATE_TXN_H
#define TSEC_STATE_TXN_H

#include "base/arena.h"
#include "base/buf.h"

struct txn;
struct state;
struct keyring;

enum { TXN_KEY_MAX = 2400, TXN_PAYLOAD_MAX = 1024 * 1024 - 4096, TXN_WRITES_MAX = 1024 };

/** The time of the operation, nanoseconds since 1970; the same in every run of it. */
int64_t txn_now(const struct txn *txn);
struct tsec_arena *txn_arena(struct txn *txn);

/** The keys as they are now; valid until the run ends. */
const struct keyring *txn_keyring(const struct txn *txn);

/** The parts joined, in the arena; an empty span when out of memory (every use of it then fails).
 */
struct tsec_span txn_key(struct txn *txn, const struct tsec_span *parts, size_t n);
struct tsec_span txn_key2(struct txn *txn, const char *a, struct tsec_span b);
struct tsec_span txn_key3(struct txn *txn, const char *a, struct tsec_span b, struct tsec_span c);

/** TSEC_E_NOT_FOUND: no such row.  TSEC_E_TAMPERED: the row failed authentication; nothing of it is
 *  returned. */
TSEC_MUST_CHECK tsec_rc txn_get(struct txn *txn, struct tsec_span key, struct tsec_span *payload,
                                struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc txn_get_member(struct txn *txn, struct tsec_span group, uint16_t slot,
                                       struct tsec_span *payload, struct tsec_err *err);
/** Whether the row is there; counts as a read. */
bool txn_has(struct txn *txn, struct tsec_span key);

/** How a payload becomes a struct that is kept beside the sealed row and shared by all readers. */
struct txn_object_type {
    const char *name;
    tsec_rc (*decode)(struct tsec_span payload, void **object, struct tsec_err *err);
    void (*free)(void *object);
};
/** The decoded row; immutable, valid until the transaction ends.  Errors as txn_get(), and the
 *  decoder's.  A row is always asked for with the same type. */
TSEC_MUST_CHECK tsec_rc txn_object(struct txn *txn, struct tsec_span key,
                                   const struct txn_object_type *type, const void **object,
                                   struct tsec_err *err);

/** Writes are seen by this transaction's own reads at once. TSEC_E_TOO_LARGE past the limits. */
TSEC_MUST_CHECK tsec_rc txn_put(struct txn *txn, struct tsec_span key, struct tsec_span payload,
                                struct tsec_err *err);
/** Puts a member and makes it the head. */
TSEC_MUST_CHECK tsec_rc txn_put_head(struct txn *txn, struct tsec_span group, uint16_t slot,
                                     struct tsec_span payload, struct tsec_err *err);
/** The slot of the head, 0 when there is none. */
uint16_t txn_head_slot(struct txn *txn, struct tsec_span group);
/** Puts the row as it is, under its mount's primary DEK; nothing when it is not there, or under
 * that key already. */
TSEC_MUST_CHECK tsec_rc txn_reseal(struct txn *txn, struct tsec_span key, struct tsec_err *err);
/** Of a row that is not there: nothing happens. */
TSEC_MUST_CHECK tsec_rc txn_delete(struct txn *txn, struct tsec_span key, struct tsec_err *err);
/** A member that is not the head: TSEC_E_INVALID when it is. */
TSEC_MUST_CHECK tsec_rc txn_delete_member(struct txn *txn, struct tsec_span group, uint16_t slot,
                                          struct tsec_err *err);
/** The head and every member. */
TSEC_MUST_CHECK tsec_rc txn_delete_group(struct txn *txn, struct tsec_span group,
                                         struct tsec_err *err);

/**
 * Visits the names below `prefix` (a key that ends in '/'), in byte order, greater than `after`
 * (empty: from the start), at most `limit` (0: all).  With `deep` false a name ends at the first
 * '/', which is kept, and each folder comes once; with `deep` true the whole remainder is the name.
 * The span is valid during the call.  A visitor that fails ends the listing with its result.  What
 * this transaction itself wrote is not in it yet.
 */
TSEC_MUST_CHECK tsec_rc txn_list(struct txn *txn, struct tsec_span prefix, struct tsec_span after,
                                 size_t limit, bool deep,
                                 tsec_rc (*visit)(void *ctx, struct tsec_span name), void *ctx,
                                 struct tsec_err *err);

/** Key changes that take effect with the commit, each recorded as a ledger leaf. */
enum txn_dek_change {
    TXN_DEK_CREATE = 1,
    TXN_DEK_ROTATE,  /* new rows use the new one, the old one still opens; mount "*": all */
    TXN_DEK_DESTROY, /* every DEK of the mount */
    TXN_DEK_RETIRE,  /* every decrypt-only DEK that no row is sealed under; mount is "" */
    TXN_MEK_ROTATE,  /* mount is "" */
};
/** Rows of a new mount can be written from the next transaction on. */
TSEC_MUST_CHECK tsec_rc txn_dek(struct txn *txn, enum txn_dek_change change, const char *mount,
                                struct tsec_err *err);

/** Forgets the writes made so far (the reads stay): a refused operation changes nothing. */
void txn_rollback(struct txn *txn);
bool txn_has_writes(const struct txn *txn);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ledger/ledger.h
 * @brief One append-only log in the store: segments of leaves, the RFC 6962 tree over them, tiles
 * and checkpoints.  It does not know what a leaf means.
 *
 *     "e" ‖ u64 first       one segment: "TSG1" ‖ u32 count ‖ count × (u16 len ‖ leaf) ‖ tag[32]
 *     "t" ‖ u8 level ‖ u64 n  a full tile: 256 hashes
 *     "h" ‖ tag[32]          the head, of the newest segment: u64 size of the log
 *
 * tag = HMAC-SHA256(K_segment, "TSG1" ‖ LP(origin) ‖ u64 size ‖ root), size and root being those of
 * the tree after the segment: so every byte of every leaf is checked when the log is replayed,
 * audit leaves included, which the server itself cannot open any more.  What is committed is never
 * rewritten.
 *
 * Several servers may append to one log.  A commit puts its segment where none may be, and replaces
 * the head of the log that it continues, which must be there: so it fails on a log that somebody
 * else has continued, and on a copy of the database that is older, or was continued elsewhere.
 *
 * One thread appends; tiles, entries and checkpoints may be asked for from any thread.
 */
#ifndef TSEC_LEDGER_LEDGER_H
#define TSEC_LEDGER_LEDGER_H

#include <stdatomic.h>

#include <tsec/store.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "crypto/sign.h"

enum {
    LEDGER_LEAF_MAX = 65535,
    LEDGER_BATCH_BYTES = 1024 * 1024 - 65536,
    LEDGER_BATCH_LEAVES = 1024,
};

/** How a log once was, as somebody remembers it who saw it. */
struct ledger_seen {
    uint64_t size;
    uint8_t tag[TSEC_SHA256_LEN];
    const char *where; /* it is remembered, for the one who reads the message */
};

struct ledger_options {
    const struct tsec_store_ops *ops;
    struct tsec_store *store;
    const char *origin;
    const struct tsec_hmac_key *segment_key; /* these two must live as long as the ledger */
    const struct tsec_key *signing_key;
    /** From ledger_pack(), authenticated by the caller: the replay begins after it.  Empty: at the
     *  first leaf.  Borrowed during ledger_open(). */
    struct tsec_span tree;
    /** The log must continue all of these, else it is TSEC_E_ROLLBACK: found by ledger_open(), or,
     *  of what lies before `tree`, by ledger_check_history().  Borrowed during ledger_open(), but
     *  for `where`, which must live as long as the ledger. */
    const struct ledger_seen *seen;
    size_t seen_len;
};

struct ledger;

/** Called for every leaf in order while the log is replayed; the span is valid during the call. */
typedef tsec_rc (*ledger_visit_fn)(void *ctx, uint64_t index, struct tsec_span leaf,
                                   struct tsec_err *err);

/** Replays the log.  TSEC_E_TAMPERED names the first segment that does not check. */
TSEC_MUST_CHECK tsec_rc ledger_open(const struct ledger_options *options, ledger_visit_fn visit,
                                    void *ctx, struct ledger **out, struct tsec_err *err);
void ledger_free(struct ledger *ledger);
TSEC_DEFINE_AUTO(struct ledger, ledger_free)

uint64_t ledger_size(struct ledger *ledger);

/** The committed tree, to begin a later replay at; by the appending thread. */
void ledger_pack(const struct ledger *ledger, struct tsec_buf *out);
/** Where the replay began. */
uint64_t ledger_from(const struct ledger *ledger);
/** Reads what lies before that, and holds it against the tree the replay began with; may take long,
 *  runs beside everything else, ends early with OK when *stop becomes true.  TSEC_E_TAMPERED. */
TSEC_MUST_CHECK tsec_rc ledger_check_history(struct ledger *ledger, const atomic_bool *stop,
                                             struct tsec_err *err);

enum { LEDGER_SEEN_LEN = 8 + 8 + 2 * TSEC_SHA256_LEN };
/** The committed log as a record that proves itself: "TSS1" and four zeroes ‖ u64 size ‖ root ‖ tag
 *  of the newest segment.  By the appending thread, of a log that is not empty. */
void ledger_seen(struct ledger *ledger, uint8_t record[LEDGER_SEEN_LEN]);
/** False: not a record, or of another log.  `where` is left alone. */
bool ledger_seen_read(const struct ledger_options *options, struct tsec_span record,
                      struct ledger_seen *out);

/* ---- appending: one thread ---- */

/** Leaves that will be committed together. */
struct ledger_batch {
    uint64_t first;
    uint64_t count;
    struct tsec_buf segment;
    struct tsec_buf hashes; /* count × 32 */
    bool finished;          /* the tag is there: the bytes are what they will always be */
};

void ledger_batch_begin(struct ledger *ledger, struct ledger_batch *batch);
void ledger_batch_done(struct ledger_batch *batch);

static inline uint64_t
ledger_batch_next(const struct ledger_batch *batch)
{
    return batch->first + batch->count;
}

/** The leaf's own header must carry ledger_batch_next().  TSEC_E_TOO_LARGE: the batch is full. */
TSEC_MUST_CHECK tsec_rc ledger_batch_add(struct ledger_batch *batch, struct tsec_span leaf,
                                         struct tsec_err *err);

/**
 * Commits the batch with `n` further store operations, all or nothing.  An empty batch with no
 * operations is OK and does nothing.  On OK the log has grown.  TSEC_E_OUTCOME_UNKNOWN: ask
 * ledger_resolve() with the same arguments until it says otherwise, and do nothing else before.
 * TSEC_E_CONFLICT: another server wrote here.  Anything else: nothing happened.
 */
TSEC_MUST_CHECK tsec_rc ledger_commit(struct ledger *ledger, struct ledger_batch *batch,
                                      const struct tsec_store_op *ops, size_t n,
                                      struct tsec_err *err);
/** Reads the segment back: same bytes, it happened (OK); absent, the same bytes are committed
 *  again; another server's, on top of the same log, TSEC_E_CONFLICT; the store does not answer,
 *  refuses now, or holds another log (an older copy), TSEC_E_OUTCOME_UNKNOWN: nothing but these two
 *  is ever the last word. */
TSEC_MUST_CHECK tsec_rc ledger_resolve(struct ledger *ledger, struct ledger_batch *batch,
                                       const struct tsec_store_op *ops, size_t n,
                                       struct tsec_err *err);

/* ---- following: what other servers appended; the appending thread, between commits ---- */

/** Whether the log ends where this server thinks, asked of the store in one small question.
 *  TSEC_E_CONFLICT: it does not; ledger_follow() says why. */
TSEC_MUST_CHECK tsec_rc ledger_at_tail(struct ledger *ledger, struct tsec_err *err);
enum ledger_follow { LEDGER_END, LEDGER_READ, LEDGER_MORE };
/**
 * Reads on, some segments at a time; nobody else sees them before ledger_follow_publish().
 * LEDGER_END: nothing was read, and the log ended there at some moment during the call;
 * LEDGER_READ: some was, and perhaps all; LEDGER_MORE: there surely is more.  TSEC_E_ROLLBACK: what
 * the store holds does not continue the log as it was followed so far, so that it is an older copy
 * or another one.  A failure forgets what was followed.
 */
TSEC_MUST_CHECK tsec_rc ledger_follow(struct ledger *ledger, ledger_visit_fn visit, void *ctx,
                                      enum ledger_follow *out, struct tsec_err *err);
void ledger_follow_publish(struct ledger *ledger);
void ledger_follow_drop(struct ledger *ledger);

/* ---- reading: any thread ---- */

/** A signed note over the committed log (C2SP tlog-checkpoint). */
TSEC_MUST_CHECK tsec_rc ledger_checkpoint(struct ledger *ledger, struct tsec_buf *note,
                                          struct tsec_err *err);
/** The first `width` hashes of tile n of a level (C2SP tlog-tiles), checked against the tree.
 *  TSEC_E_NOT_FOUND: the log is not that long; TSEC_E_TAMPERED. */
TSEC_MUST_CHECK tsec_rc ledger_tile(struct ledger *ledger, unsigned level, uint64_t n,
                                    unsigned width, struct tsec_buf *out, struct tsec_err *err);
/** The entry bundle: `width` leaves from 256·n, each with a u16 length, checked against the tree.
 */
TSEC_MUST_CHECK tsec_rc ledger_entries(struct ledger *ledger, uint64_t n, unsigned width,
                                       struct tsec_buf *out, struct tsec_err *err);

#endif

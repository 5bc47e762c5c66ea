/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ledger/ledger_internal.h
 * @brief What the files of the ledger share; nobody else includes it.
 */
#ifndef TSEC_LEDGER_LEDGER_INTERNAL_H
#define TSEC_LEDGER_LEDGER_INTERNAL_H

#include <pthread.h>

#include "ledger/ledger.h"
#include "ledger/tiles.h"

enum {
    SEGMENT_KEY_LEN = 9,
    SEGMENT_HEADER = 8,
    SEGMENT_TAG = TSEC_SHA256_LEN,
    TILE_KEY_LEN = 10,
    HEAD_KEY_LEN = 1 + SEGMENT_TAG,
    HEAD_VALUE_LEN = 8,
};

struct ledger {
    struct ledger_options options;
    pthread_mutex_t lock;          /* guards now and the cached note; never held across I/O */
    struct tiles now;              /* the committed tree */
    struct tiles next;             /* the appending thread's copy */
    uint8_t tag[SEGMENT_TAG];      /* of the newest segment of `now`; the appending thread's, all */
    uint8_t next_tag[SEGMENT_TAG]; /* likewise of `next`, while following */
    bool following;                /* next is ahead of now by what others wrote */
    struct ledger_seen *seen;      /* options.seen; all records */
    uint64_t from;                 /* the leaf that the replay began at */
    uint8_t from_root[TSEC_SHA256_LEN];
    struct tsec_buf note; /* the last signed checkpoint */
    uint64_t note_size;
};

/* Reading segments in order, to be checked and passed on. */
struct replay {
    const struct ledger_options *options;
    struct tiles *tiles;      /* grows */
    uint8_t tag[SEGMENT_TAG]; /* of the last segment read */
    ledger_visit_fn visit;    /* may be NULL */
    void *ctx;
    uint64_t end;            /* stop here */
    const atomic_bool *stop; /* or when this is set; may be NULL */
    bool ended;
    uint8_t last_key[SEGMENT_KEY_LEN];
    size_t seen; /* segments, by the last step */
    struct tsec_err *err;
};

/** Reads at most `max` segments from where the tree ends. */
TSEC_MUST_CHECK tsec_rc replay_step(struct replay *replay, size_t max, struct tsec_err *err);

void head_key(const uint8_t tag[SEGMENT_TAG], uint8_t key[HEAD_KEY_LEN]);
void head_value(uint64_t size, uint8_t value[HEAD_VALUE_LEN]);

void segment_key(uint64_t first, uint8_t key[SEGMENT_KEY_LEN]);
void tile_key(unsigned level, uint64_t n, uint8_t key[TILE_KEY_LEN]);

/** The tag over the tree as it is after the segment. */
void segment_tag_of(const struct ledger_options *options, uint64_t size,
                    const uint8_t root[TSEC_SHA256_LEN], uint8_t tag[SEGMENT_TAG]);
void segment_tag(const struct ledger_options *options, const struct tsec_frontier *after,
                 uint8_t tag[SEGMENT_TAG]);

/** Whether a segment that segment_leaves() found whole ends with the tag of that tree; gives it. */
bool segment_is_tagged(const struct ledger_options *options, struct tsec_span segment,
                       const struct tsec_frontier *after, uint8_t tag[SEGMENT_TAG]);

/** `next`, whose newest segment has that tag, becomes the committed tree. */
void ledger_show(struct ledger *l, const uint8_t tag[SEGMENT_TAG]);

/** Walks the leaves of a segment without checking its tag. TSEC_E_TAMPERED: not a segment. */
TSEC_MUST_CHECK tsec_rc segment_leaves(struct tsec_span segment, uint64_t first,
                                       ledger_visit_fn visit, void *ctx, struct tsec_err *err);

/* seen.c: the log in the store against options.seen; TSEC_E_ROLLBACK */
TSEC_MUST_CHECK tsec_rc seen_keep(struct ledger *ledger, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc seen_begin(const struct ledger_options *options,
                                   const struct tsec_frontier *from, struct tsec_err *err);
/** A segment that begins after `before` leaves and ends after `size`. */
TSEC_MUST_CHECK tsec_rc seen_pass(const struct ledger_options *options, uint64_t before,
                                  uint64_t size, const uint8_t tag[SEGMENT_TAG],
                                  struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc seen_end(const struct ledger_options *options, uint64_t size,
                                 struct tsec_err *err);

#endif

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

enum { SEGMENT_KEY_LEN = 9, SEGMENT_HEADER = 8, SEGMENT_TAG = TSEC_SHA256_LEN, TILE_KEY_LEN = 10 };

struct ledger {
    struct ledger_options options;
    pthread_mutex_t lock; /* guards now and the cached note; never held across I/O */
    struct tiles now;     /* the committed tree */
    struct tiles next;    /* the appending thread's copy */
    uint64_t from;        /* the leaf that the replay began at */
    uint8_t from_root[TSEC_SHA256_LEN];
    struct tsec_buf note; /* the last signed checkpoint */
    uint64_t note_size;
};

void segment_key(uint64_t first, uint8_t key[SEGMENT_KEY_LEN]);
void tile_key(unsigned level, uint64_t n, uint8_t key[TILE_KEY_LEN]);

/** The tag over the tree as it is after the segment. */
void segment_tag(const struct ledger_options *options, const struct tsec_frontier *after,
                 uint8_t tag[SEGMENT_TAG]);

/** Walks the leaves of a segment without checking its tag. TSEC_E_TAMPERED: not a segment. */
TSEC_MUST_CHECK tsec_rc segment_leaves(struct tsec_span segment, uint64_t first,
                                       ledger_visit_fn visit, void *ctx, struct tsec_err *err);

#endif

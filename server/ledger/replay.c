/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the log back: from its beginning, or from a tree that a snapshot remembers. */
#include <stdlib.h>

#include "codec/pack.h"
#include "crypto/note.h"
#include "ledger/ledger_internal.h"

enum { SCAN_STEP = 64 };

static tsec_rc
replay_leaf(void *ctx, uint64_t index, struct tsec_span leaf, struct tsec_err *err)
{
    struct replay *r = ctx;
    uint8_t hash[TSEC_SHA256_LEN];

    tsec_merkle_leaf(leaf, hash);
    tiles_push(r->tiles, hash, NULL, NULL);
    return r->visit == NULL ? TSEC_OK : r->visit(r->ctx, index, leaf, err);
}

static tsec_rc
replay_segment(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct replay *r = ctx;
    const uint64_t first = r->tiles->frontier.size;
    uint8_t expect[SEGMENT_KEY_LEN];
    uint8_t tag[SEGMENT_TAG];

    r->seen++;
    r->ended = first >= r->end || (r->stop != NULL && atomic_load(r->stop));
    if (r->ended) {
        return TSEC_OK;
    }
    segment_key(first, expect);
    if (!tsec_span_equal(key, tsec_span(expect, sizeof(expect)))) {
        return TSEC_FAIL(r->err, TSEC_E_TAMPERED, "the ledger has a gap: no segment at leaf %llu",
                         (unsigned long long)first);
    }
    TSEC_TRY(segment_leaves(value, first, replay_leaf, r, r->err));
    if (!segment_is_tagged(r->options, value, &r->tiles->frontier, tag)) {
        return TSEC_FAIL(r->err, TSEC_E_TAMPERED,
                         "ledger segment at leaf %llu failed authentication: it or what is before "
                         "it was altered",
                         (unsigned long long)first);
    }
    TSEC_TRY(seen_pass(r->options, first, r->tiles->frontier.size, tag, r->err));
    memcpy(r->last_key, expect, sizeof(expect));
    memcpy(r->tag, tag, sizeof(tag));
    return TSEC_OK;
}

tsec_rc
replay_step(struct replay *replay, size_t max, struct tsec_err *err)
{
    struct replay *r = replay;
    const struct ledger_options *o = r->options;
    const uint64_t from = r->tiles->frontier.size;
    struct tsec_span after = tsec_span(NULL, 0);

    if (from > 0) { /* whatever comes after the last leaf that is known */
        segment_key(from - 1, r->last_key);
        after = tsec_span(r->last_key, sizeof(r->last_key));
    }
    r->seen = 0;
    r->err = err;
    return o->ops->scan(o->store, tsec_span("e", 1), after, max, replay_segment, r, err);
}

static tsec_rc
replay_run(struct replay *r, struct tsec_err *err)
{
    do {
        TSEC_TRY(replay_step(r, SCAN_STEP, err));
    } while (r->seen == SCAN_STEP && !r->ended);
    return TSEC_OK;
}

tsec_rc
ledger_open(const struct ledger_options *options, ledger_visit_fn visit, void *ctx,
            struct ledger **out, struct tsec_err *err)
{
    TSEC_AUTO(ledger_free) struct ledger *l = calloc(1, sizeof(*l));
    struct replay replay = { .visit = visit, .ctx = ctx, .end = UINT64_MAX };

    if (l == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "ledger");
    }
    l->options = *options;
    (void)pthread_mutex_init(&l->lock, NULL);
    tsec_buf_init(&l->note, TSEC_NOTE_MAX);
    tiles_init(&l->next);
    TSEC_TRY(seen_keep(l, err));
    if (options->tree.len > 0) {
        TSEC_TRY(tiles_unpack(options->tree, &l->next, err));
    }
    l->options.tree = tsec_span(NULL, 0);
    l->from = l->next.frontier.size;
    tsec_frontier_root(&l->next.frontier, l->from_root);
    replay.options = &l->options;
    replay.tiles = &l->next;
    TSEC_TRY(seen_begin(&l->options, &l->next.frontier, err));
    TSEC_TRY(replay_run(&replay, err));
    TSEC_TRY(seen_end(&l->options, l->next.frontier.size, err));
    memcpy(l->tag, replay.tag, sizeof(l->tag));
    l->now = l->next;
    *out = TSEC_TAKE(l);
    return TSEC_OK;
}

void
ledger_pack(const struct ledger *ledger, struct tsec_buf *out)
{
    tiles_pack(&ledger->now, out);
}

uint64_t
ledger_from(const struct ledger *ledger)
{
    return ledger->from;
}

tsec_rc
ledger_check_history(struct ledger *ledger, const atomic_bool *stop, struct tsec_err *err)
{
    struct tiles *tiles = calloc(1, sizeof(*tiles));
    struct replay replay = {
        .options = &ledger->options, .tiles = tiles, .end = ledger->from, .stop = stop
    };
    uint8_t root[TSEC_SHA256_LEN];

    if (tiles == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "history");
    }
    tiles_init(tiles);

    tsec_rc rc = replay_run(&replay, err);

    tsec_frontier_root(&tiles->frontier, root);
    if (!tsec_failed(rc) && !(stop != NULL && atomic_load(stop))
        && (tiles->frontier.size != ledger->from
            || !tsec_ct_equal(tsec_span(root, sizeof(root)),
                              tsec_span(ledger->from_root, sizeof(root))))) {
        rc = TSEC_FAIL(err, TSEC_E_TAMPERED,
                       "the ledger's first %llu leaves are not those the snapshot remembers",
                       (unsigned long long)ledger->from);
    }
    free(tiles);
    return rc;
}

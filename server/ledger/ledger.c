/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ledger_internal.h"

#include <stdlib.h>

#include "codec/leaf.h"
#include "codec/pack.h"

enum { OPS_EXTRA = 8, OPS_OWN = 3 /* the segment, the head that goes and the one that comes */ };

void
ledger_free(struct ledger *ledger)
{
    if (ledger != NULL) {
        tsec_buf_done(&ledger->note);
        free(ledger->seen);
        (void)pthread_mutex_destroy(&ledger->lock);
        free(ledger);
    }
}

uint64_t
ledger_size(struct ledger *ledger)
{
    (void)pthread_mutex_lock(&ledger->lock);

    const uint64_t size = ledger->now.frontier.size;

    (void)pthread_mutex_unlock(&ledger->lock);
    return size;
}

/* ---- commit ---- */

/* Store operations of the ledger's own: the segment, and the tiles it completes. */
struct commit {
    struct tsec_store_op *ops;
    size_t n;
    size_t room;
    struct tsec_buf keys;  /* TILE_KEY_LEN each; reserved at once, so that it never moves */
    struct tsec_buf tiles; /* likewise, a tile each */
};

static void
commit_tile(void *ctx, unsigned level, uint64_t n, const uint8_t *hashes)
{
    struct commit *c = ctx;
    const size_t tile_len = TSEC_TILE_WIDTH * TSEC_SHA256_LEN;
    uint8_t *key = tsec_buf_extend(&c->keys, TILE_KEY_LEN);
    uint8_t *tile = tsec_buf_extend(&c->tiles, tile_len);

    if (key == NULL || tile == NULL || c->n == c->room) {
        c->keys.failed = true;
        return;
    }
    tile_key(level, n, key);
    memcpy(tile, hashes, tile_len);
    c->ops[c->n++] = (struct tsec_store_op){ .verb = TSEC_STORE_PUT,
                                             .expect = TSEC_STORE_ANY,
                                             .key = tsec_span(key, TILE_KEY_LEN),
                                             .value = tsec_span(tile, tile_len) };
}

static void
commit_done(struct commit *c)
{
    free(c->ops);
    tsec_buf_done(&c->keys);
    tsec_buf_done(&c->tiles);
}

static tsec_rc
commit_begin(struct commit *c, size_t rows, uint64_t leaves, struct tsec_err *err)
{
    const size_t tiles = (size_t)(leaves / TSEC_TILE_WIDTH) + OPS_EXTRA;

    tsec_buf_init(&c->keys, tiles * TILE_KEY_LEN);
    tsec_buf_init(&c->tiles, tiles * TSEC_TILE_WIDTH * TSEC_SHA256_LEN);
    c->room = rows + tiles + OPS_OWN;
    c->ops = calloc(c->room, sizeof(*c->ops));
    if (c->ops == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "commit");
    }
    return TSEC_OK;
}

static void
batch_finish(struct ledger *l, struct ledger_batch *batch)
{
    uint8_t tag[SEGMENT_TAG];

    for (unsigned i = 0; i < 4; i++) {
        batch->segment.ptr[4 + i] = (uint8_t)(batch->count >> (24 - 8 * i));
    }
    segment_tag(&l->options, &l->next.frontier, tag);
    tsec_buf_put(&batch->segment, tag, sizeof(tag));
    batch->finished = true;
}

void
ledger_show(struct ledger *l, const uint8_t tag[SEGMENT_TAG])
{
    (void)pthread_mutex_lock(&l->lock);
    l->now = l->next;
    (void)pthread_mutex_unlock(&l->lock);
    memcpy(l->tag, tag, SEGMENT_TAG);
}

static void
ledger_publish(struct ledger *l, const struct ledger_batch *batch)
{
    ledger_show(l, batch->segment.ptr + batch->segment.len - SEGMENT_TAG);
}

/* Keys of the ledger's own operations, and the new head's value. */
struct own {
    uint8_t segment[SEGMENT_KEY_LEN];
    uint8_t was[HEAD_KEY_LEN];
    uint8_t head[HEAD_KEY_LEN];
    uint8_t size[HEAD_VALUE_LEN];
};

/* The segment, where none may be; and the head of the log that it continues makes way for its own.
 */
static void
commit_own(const struct ledger *l, const struct ledger_batch *batch, struct own *own,
           struct commit *c)
{
    const struct tsec_span segment = tsec_buf_span(&batch->segment);

    segment_key(batch->first, own->segment);
    c->ops[c->n++] = (struct tsec_store_op){ .verb = TSEC_STORE_PUT,
                                             .expect = TSEC_STORE_ABSENT,
                                             .key = tsec_span(own->segment, SEGMENT_KEY_LEN),
                                             .value = segment };
    head_key(segment.ptr + segment.len - SEGMENT_TAG, own->head);
    head_value(l->next.frontier.size, own->size);
    c->ops[c->n++] = (struct tsec_store_op){ .verb = TSEC_STORE_PUT,
                                             .expect = TSEC_STORE_ABSENT,
                                             .key = tsec_span(own->head, HEAD_KEY_LEN),
                                             .value = tsec_span(own->size, HEAD_VALUE_LEN) };
    if (batch->first > 0) {
        head_key(l->tag, own->was);
        c->ops[c->n++] = (struct tsec_store_op){ .verb = TSEC_STORE_DELETE,
                                                 .expect = TSEC_STORE_PRESENT,
                                                 .key = tsec_span(own->was, HEAD_KEY_LEN) };
    }
}

static tsec_rc
commit_store(struct ledger *l, struct ledger_batch *batch, struct commit *c,
             const struct tsec_store_op *ops, size_t n, struct tsec_err *err)
{
    struct own own;

    l->next = l->now;
    /* Reserved now, so that the pointers taken below stay. */
    tsec_buf_reserve(&c->keys, c->keys.max);
    if (batch->count >= TSEC_TILE_WIDTH - l->now.count[0]) {
        tsec_buf_reserve(&c->tiles, c->tiles.max);
    }
    for (uint64_t i = 0; i < batch->count; i++) {
        tiles_push(&l->next, batch->hashes.ptr + i * TSEC_SHA256_LEN, commit_tile, c);
    }
    if (!batch->finished) {
        batch_finish(l, batch);
    }
    TSEC_TRY(tsec_buf_check(&batch->segment, err));
    TSEC_TRY(tsec_buf_check(&c->keys, err));
    TSEC_TRY(tsec_buf_check(&c->tiles, err));
    commit_own(l, batch, &own, c);
    if (n > 0) {
        memcpy(c->ops + c->n, ops, n * sizeof(*ops));
        c->n += n;
    }
    TSEC_TRY(l->options.ops->commit(l->options.store, c->ops, c->n, err));
    ledger_publish(l, batch);
    return TSEC_OK;
}

tsec_rc
ledger_commit(struct ledger *ledger, struct ledger_batch *batch, const struct tsec_store_op *ops,
              size_t n, struct tsec_err *err)
{
    struct commit c = { .n = 0 };

    if (batch->count == 0) {
        return n == 0
                   ? TSEC_OK
                   : TSEC_FAIL(err, TSEC_E_INTERNAL, "rows without a leaf that vouches for them");
    }

    tsec_rc rc = commit_begin(&c, n, batch->count, err);

    if (!tsec_failed(rc)) {
        rc = commit_store(ledger, batch, &c, ops, n, err);
    }
    commit_done(&c);
    return rc;
}

/* ---- an outcome that is not known ---- */

static tsec_rc
push_leaf(void *ctx, uint64_t index, struct tsec_span leaf, struct tsec_err *err)
{
    uint8_t hash[TSEC_SHA256_LEN];

    (void)index;
    (void)err;
    tsec_merkle_leaf(leaf, hash);
    tsec_frontier_push(ctx, hash, NULL, NULL);
    return TSEC_OK;
}

/* Whether the segment was written on top of the log as this server knows it. */
static bool
continues(const struct ledger *l, struct tsec_span segment)
{
    struct tsec_frontier after = l->now.frontier;
    uint8_t tag[SEGMENT_TAG];

    return !tsec_failed(segment_leaves(segment, after.size, push_leaf, &after, NULL))
           && segment_is_tagged(&l->options, segment, &after, tag);
}

/* An older copy of the database, or another one, knows nothing of a commit that the right one may
 * have. */
static tsec_rc
not_the_log(const struct ledger_batch *batch, struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_OUTCOME_UNKNOWN,
                     "the store does not hold the log that leaf %llu was to continue: what became "
                     "of it is known when the newest database is back",
                     (unsigned long long)batch->first);
}

static tsec_rc
no_word(const struct ledger_batch *batch, struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_OUTCOME_UNKNOWN, "the store does not say what became of leaf %llu",
                     (unsigned long long)batch->first);
}

/* What the store has where the batch belongs: OK, the batch; NOT_FOUND, nothing yet; CONFLICT,
 * what another server wrote there; OUTCOME_UNKNOWN, it does not say. */
static tsec_rc
look_up(struct ledger *l, const struct ledger_batch *batch, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf found = TSEC_BUF_INIT(TSEC_STORE_VALUE_MAX);
    const struct tsec_sink sink = tsec_buf_sink(&found);
    uint8_t key[SEGMENT_KEY_LEN];

    segment_key(batch->first, key);

    const tsec_rc rc =
        l->options.ops->get(l->options.store, tsec_span(key, sizeof(key)), &sink, err);

    if (rc.code == TSEC_E_NOT_FOUND) {
        return rc;
    }
    if (tsec_failed(rc)) {
        return no_word(batch, err);
    }
    if (tsec_span_equal(tsec_buf_span(&found), tsec_buf_span(&batch->segment))) {
        return TSEC_OK;
    }
    return continues(l, tsec_buf_span(&found))
               ? TSEC_FAIL(err, TSEC_E_CONFLICT, "another server wrote the ledger at leaf %llu",
                           (unsigned long long)batch->first)
               : not_the_log(batch, err);
}

/* As look_up(), but NOT_FOUND only while the log still ends where the batch was to continue it. */
static tsec_rc
look_for_end(struct ledger *l, const struct ledger_batch *batch, struct tsec_err *err)
{
    tsec_rc rc = look_up(l, batch, err);

    if (rc.code != TSEC_E_NOT_FOUND || batch->first == 0) {
        return rc;
    }
    rc = ledger_at_tail(l, err);
    if (!tsec_failed(rc)) {
        return (tsec_rc){ TSEC_E_NOT_FOUND };
    }
    if (rc.code != TSEC_E_CONFLICT) {
        return no_word(batch, err);
    }
    rc = look_up(l, batch, err); /* it may have come through since */
    return rc.code == TSEC_E_NOT_FOUND ? not_the_log(batch, err) : rc;
}

/* Where the log ends as it did both before and after the second attempt, and that met a conflict, a
 * row was in the way, of both attempts. */
tsec_rc
ledger_resolve(struct ledger *ledger, struct ledger_batch *batch, const struct tsec_store_op *ops,
               size_t n, struct tsec_err *err)
{
    tsec_rc rc = look_for_end(ledger, batch, err);

    if (rc.code == TSEC_E_NOT_FOUND) {
        rc = ledger_commit(ledger, batch, ops, n, err);
        if (!tsec_failed(rc)) {
            return rc;
        }
        /* Any failure but a conflict is only this attempt's: the first may come through yet. */
        rc = rc.code == TSEC_E_CONFLICT ? look_for_end(ledger, batch, err)
                                        : (tsec_rc){ TSEC_E_OUTCOME_UNKNOWN };
        if (rc.code == TSEC_E_NOT_FOUND) {
            return TSEC_FAIL(err, TSEC_E_CONFLICT, "another server wrote what leaf %llu changes",
                             (unsigned long long)batch->first);
        }
    }
    if (!tsec_failed(rc)) {
        ledger_publish(ledger, batch);
    }
    return rc;
}

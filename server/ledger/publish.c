/* SPDX-License-Identifier: Apache-2.0 */
/* What anybody may fetch: checkpoints, tiles and entry bundles, each checked before it leaves. */
#include "ledger/ledger_internal.h"

#include "codec/pack.h"
#include "crypto/note.h"

enum { TILE_LEN = TSEC_TILE_WIDTH * TSEC_SHA256_LEN };

tsec_rc
ledger_checkpoint(struct ledger *ledger, struct tsec_buf *note, struct tsec_err *err)
{
    struct tsec_checkpoint cp = { .size = 0 };
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TSEC_NOTE_MAX);
    TSEC_AUTO_BUF struct tsec_buf fresh = TSEC_BUF_INIT(TSEC_NOTE_MAX);
    bool cached = false;

    (void)pthread_mutex_lock(&ledger->lock);
    cp.size = ledger->now.frontier.size;
    if (ledger->note.len > 0 && ledger->note_size == cp.size) {
        tsec_buf_put_span(note, tsec_buf_span(&ledger->note));
        cached = true;
    } else {
        tsec_frontier_root(&ledger->now.frontier, cp.root);
    }
    (void)pthread_mutex_unlock(&ledger->lock);
    if (cached) {
        return tsec_buf_check(note, err);
    }
    tsec_buf_put_str(&text, ledger->options.origin);
    if (text.len > TSEC_NOTE_NAME_MAX) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "the origin is too long");
    }
    memcpy(cp.origin, text.ptr, text.len);
    tsec_buf_reset(&text);
    tsec_checkpoint_text(&cp, &text);
    TSEC_TRY(tsec_note_sign(ledger->options.origin, ledger->options.signing_key,
                            tsec_buf_span(&text), &fresh, err));
    (void)pthread_mutex_lock(&ledger->lock);
    if (cp.size >= ledger->note_size) {
        tsec_buf_reset(&ledger->note);
        tsec_buf_put_span(&ledger->note, tsec_buf_span(&fresh));
        ledger->note_size = cp.size;
    }
    (void)pthread_mutex_unlock(&ledger->lock);
    tsec_buf_put_span(note, tsec_buf_span(&fresh));
    return tsec_buf_check(note, err);
}

static tsec_rc
absent(struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "the log is not that long");
}

/* The hashes of one whole tile, wherever they are; checked up to what is in memory. */
static tsec_rc
tile_load(struct ledger *l, unsigned level, uint64_t n, unsigned *have, uint8_t out[TILE_LEN],
          struct tsec_err *err)
{
    (void)pthread_mutex_lock(&l->lock);

    const bool full = n < l->now.done[level];
    const bool edge = n == l->now.done[level];

    *have = full ? TSEC_TILE_WIDTH : edge ? l->now.count[level] : 0;
    if (edge) {
        memcpy(out, l->now.hash[level], TILE_LEN);
    }
    (void)pthread_mutex_unlock(&l->lock);
    if (!full) {
        return TSEC_OK;
    }

    TSEC_AUTO_BUF struct tsec_buf found = TSEC_BUF_INIT(TILE_LEN);
    const struct tsec_sink sink = tsec_buf_sink(&found);
    uint8_t key[TILE_KEY_LEN];
    uint8_t root[TSEC_SHA256_LEN];
    uint8_t parent[TILE_LEN];
    unsigned width = 0;

    tile_key(level, n, key);

    const tsec_rc rc =
        l->options.ops->get(l->options.store, tsec_span(key, sizeof(key)), &sink, err);

    /* The log is long enough: what is missing or longer than a tile was made so. */
    if (rc.code == TSEC_E_NOT_FOUND || rc.code == TSEC_E_TOO_LARGE) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "ledger tile %u/%llu is missing or not one", level,
                         (unsigned long long)n);
    }
    TSEC_TRY(rc);
    if (found.len != TILE_LEN || level + 1 >= TILES_LEVELS) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "ledger tile %u/%llu is not one", level,
                         (unsigned long long)n);
    }
    memcpy(out, found.ptr, TILE_LEN);
    tiles_root(out, root);
    TSEC_TRY(tile_load(l, level + 1, n / TSEC_TILE_WIDTH, &width, parent, err));
    if (n % TSEC_TILE_WIDTH >= width
        || !tsec_ct_equal(
            tsec_span(root, sizeof(root)),
            tsec_span(parent + (n % TSEC_TILE_WIDTH) * TSEC_SHA256_LEN, TSEC_SHA256_LEN))) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "ledger tile %u/%llu was altered", level,
                         (unsigned long long)n);
    }
    return TSEC_OK;
}

tsec_rc
ledger_tile(struct ledger *ledger, unsigned level, uint64_t n, unsigned width, struct tsec_buf *out,
            struct tsec_err *err)
{
    uint8_t hashes[TILE_LEN];
    unsigned have = 0;

    if (level >= TILES_LEVELS || width == 0 || width > TSEC_TILE_WIDTH) {
        return absent(err);
    }
    TSEC_TRY(tile_load(ledger, level, n, &have, hashes, err));
    if (width > have) {
        return absent(err);
    }
    tsec_buf_put(out, hashes, (size_t)width * TSEC_SHA256_LEN);
    return tsec_buf_check(out, err);
}

/* ---- entries ---- */

struct bundle {
    uint64_t from;
    uint64_t to;
    const uint8_t *hashes; /* of leaf `from` on */
    struct tsec_buf *out;
    uint64_t got;
};

static tsec_rc
bundle_leaf(void *ctx, uint64_t index, struct tsec_span leaf, struct tsec_err *err)
{
    struct bundle *b = ctx;
    uint8_t hash[TSEC_SHA256_LEN];

    if (index < b->from || index >= b->to) {
        return TSEC_OK;
    }
    tsec_merkle_leaf(leaf, hash);
    if (!tsec_ct_equal(
            tsec_span(hash, sizeof(hash)),
            tsec_span(b->hashes + (index - b->from) * TSEC_SHA256_LEN, TSEC_SHA256_LEN))) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "ledger leaf %llu was altered",
                         (unsigned long long)index);
    }
    tsec_pack_u16(b->out, (uint16_t)leaf.len);
    tsec_buf_put_span(b->out, leaf);
    b->got++;
    return TSEC_OK;
}

struct bundle_scan {
    struct bundle *bundle;
    uint8_t last[SEGMENT_KEY_LEN];
    uint64_t next; /* first leaf after the segments seen */
    size_t seen;
    struct tsec_err *err;
};

static uint64_t
segment_first(struct tsec_span key)
{
    struct tsec_reader in = tsec_reader(tsec_span(key.ptr + 1, key.len - 1));

    return tsec_read_u64(&in);
}

static tsec_rc
bundle_segment(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct bundle_scan *s = ctx;

    if (key.len != SEGMENT_KEY_LEN || value.len < SEGMENT_HEADER) {
        return TSEC_FAIL(s->err, TSEC_E_TAMPERED, "a ledger segment is not one");
    }
    memcpy(s->last, key.ptr, SEGMENT_KEY_LEN);
    s->next = segment_first(key);
    s->seen++;
    TSEC_TRY(segment_leaves(value, s->next, bundle_leaf, s->bundle, s->err));
    s->next++;
    return TSEC_OK;
}

/* A segment that begins before the bundle may reach into it, but no further than a batch is long.
 */
static tsec_rc
bundle_scan_from(struct ledger *l, uint64_t start, struct bundle *b, struct tsec_err *err)
{
    struct bundle_scan scan = { .bundle = b, .err = err };
    uint8_t key[SEGMENT_KEY_LEN];
    struct tsec_span after = tsec_span(NULL, 0);

    if (start > 0) {
        segment_key(start - 1, key);
        after = tsec_span(key, sizeof(key));
    }
    do {
        scan.seen = 0;
        TSEC_TRY(l->options.ops->scan(l->options.store, tsec_span("e", 1), after, 8, bundle_segment,
                                      &scan, err));
        after = tsec_span(scan.last, sizeof(scan.last));
    } while (scan.seen == 8 && b->got < b->to - b->from && scan.next < b->to);
    return TSEC_OK;
}

tsec_rc
ledger_entries(struct ledger *ledger, uint64_t n, unsigned width, struct tsec_buf *out,
               struct tsec_err *err)
{
    uint8_t hashes[TILE_LEN];
    unsigned have = 0;

    if (width == 0 || width > TSEC_TILE_WIDTH || n > UINT64_MAX / TSEC_TILE_WIDTH - 1) {
        return absent(err);
    }
    TSEC_TRY(tile_load(ledger, 0, n, &have, hashes, err));
    if (width > have) {
        return absent(err);
    }

    struct bundle b = { n * TSEC_TILE_WIDTH, n * TSEC_TILE_WIDTH + width, hashes, out, 0 };

    TSEC_TRY(bundle_scan_from(
        ledger, b.from > (uint64_t)LEDGER_BATCH_LEAVES ? b.from - (uint64_t)LEDGER_BATCH_LEAVES : 0,
        &b, err));
    if (b.got != width) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "ledger leaves from %llu on are missing",
                         (unsigned long long)b.from);
    }
    return tsec_buf_check(out, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "client/audit_log.h"

void
audit_log_init(struct audit_log *log, const struct audit_source *source)
{
    *log = (struct audit_log){ .source = source };
    tsec_frontier_init(&log->frontier);
    tsec_buf_init(&log->note, TSEC_NOTE_MAX);
}

void
audit_log_done(struct audit_log *log)
{
    tsec_buf_done(&log->note);
}

tsec_rc
audit_log_head(struct audit_log *log, struct tsec_err *err)
{
    struct tsec_checkpoint head;
    struct tsec_span text;

    tsec_buf_reset(&log->note);
    TSEC_TRY(audit_source_get(log->source, "checkpoint", &log->note, err));
    TSEC_TRY(tsec_note_open(tsec_buf_span(&log->note), &log->verifier, &text, err));
    TSEC_TRY(tsec_checkpoint_parse(text, &head, err));
    if (strcmp(head.origin, log->verifier.name) != 0) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "the checkpoint is of another ledger");
    }
    if (head.size < log->frontier.size || head.size < log->earlier.size) {
        const uint64_t seen =
            log->frontier.size > log->earlier.size ? log->frontier.size : log->earlier.size;

        return TSEC_FAIL(err, TSEC_E_ROLLBACK, "rollback: the ledger has %llu leaves, and had %llu",
                         (unsigned long long)head.size, (unsigned long long)seen);
    }
    log->head = head;
    return TSEC_OK;
}

/** Takes one entry, u16 length ‖ bytes, off a bundle. */
static bool
take_entry(struct tsec_span *bundle, struct tsec_span *entry)
{
    size_t len;

    if (bundle->len < 2) {
        return false;
    }
    len = (size_t)bundle->ptr[0] << 8 | bundle->ptr[1];
    if (bundle->len - 2 < len) {
        return false;
    }
    *entry = tsec_span(bundle->ptr + 2, len);
    *bundle = tsec_span(bundle->ptr + 2 + len, bundle->len - 2 - len);
    return true;
}

static tsec_rc
compare_root(const struct audit_log *log, const struct tsec_checkpoint *with, enum tsec_code code,
             const char *wrong, struct tsec_err *err)
{
    uint8_t root[TSEC_SHA256_LEN];

    tsec_frontier_root(&log->frontier, root);
    if (!tsec_span_equal(tsec_span(root, sizeof(root)), tsec_span(with->root, sizeof(root)))) {
        return TSEC_FAIL(err, code, "%s (%llu leaves)", wrong, (unsigned long long)with->size);
    }
    return TSEC_OK;
}

static tsec_rc
check_earlier(const struct audit_log *log, struct tsec_err *err)
{
    if (log->earlier.size == 0 || log->frontier.size != log->earlier.size) {
        return TSEC_OK;
    }
    return compare_root(log, &log->earlier, TSEC_E_ROLLBACK,
                        "the ledger's history is not the one that was seen before", err);
}

static tsec_rc
take_leaf(struct audit_log *log, struct tsec_span bytes, struct tsec_err *err)
{
    const uint64_t index = log->frontier.size;
    uint8_t hash[TSEC_SHA256_LEN];
    struct tsec_leaf leaf;

    if (tsec_failed(tsec_leaf_parse(bytes, &leaf, NULL))) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "leaf %llu is no leaf", (unsigned long long)index);
    }
    if (leaf.index != index) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "leaf %llu stands where leaf %llu belongs",
                         (unsigned long long)leaf.index, (unsigned long long)index);
    }
    if (log->visit != NULL) {
        TSEC_TRY(log->visit(log->ctx, &leaf, bytes, err));
    }
    tsec_merkle_leaf(bytes, hash);
    tsec_frontier_push(&log->frontier, hash, log->completed, log->ctx);
    return check_earlier(log, err);
}

/** The entries of the bundle in which the next leaf stands, up to `end`. */
static tsec_rc
read_bundle(struct audit_log *log, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(AUDIT_BUNDLE_MAX);
    const uint64_t n = log->frontier.size / TSEC_TILE_WIDTH;
    const uint64_t left = log->head.size - n * TSEC_TILE_WIDTH;
    const unsigned width = left < TSEC_TILE_WIDTH ? (unsigned)left : TSEC_TILE_WIDTH;
    const unsigned known = (unsigned)(log->frontier.size % TSEC_TILE_WIDTH);
    struct tsec_span bundle;

    TSEC_TRY(audit_source_bundle(log->source, n, width, &buf, err));
    bundle = tsec_buf_span(&buf);
    for (unsigned i = 0; i < width; i++) {
        struct tsec_span entry;

        if (!take_entry(&bundle, &entry)) {
            return TSEC_FAIL(err, TSEC_E_TAMPERED, "entry bundle %llu is cut short",
                             (unsigned long long)n);
        }
        if (i >= known) {
            TSEC_TRY(take_leaf(log, entry, err));
        }
    }
    return TSEC_OK;
}

tsec_rc
audit_log_read(struct audit_log *log, struct tsec_err *err)
{
    while (log->frontier.size < log->head.size) {
        TSEC_TRY(read_bundle(log, err));
    }
    TSEC_TRY(check_earlier(log, err));
    return compare_root(log, &log->head, TSEC_E_TAMPERED,
                        "the leaves are not those that the checkpoint signs", err);
}

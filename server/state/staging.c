/* SPDX-License-Identifier: Apache-2.0 */
/* What a batch is about to change: an overlay on the committed rows, and perhaps a new keyring. */
#include <stdlib.h>

#include "state/staging_internal.h"

enum { STAGED_ROWS_MAX = 2048, STAGED_BYTES_MAX = 64 * 1024 * 1024 };

tsec_rc
staging_new(struct state *state, const uint8_t root[32], struct staging **out, struct tsec_err *err)
{
    TSEC_AUTO(staging_free) struct staging *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "staging");
    }
    s->state = state;
    s->root = root;
    tsec_buf_init(&s->keyring_blob, TSEC_STORE_VALUE_MAX);
    TSEC_TRY(table_new(&s->overlay, err));
    *out = TSEC_TAKE(s);
    return TSEC_OK;
}

static void
undo_forget(struct staging *s)
{
    struct undo *u = &s->undo;

    for (size_t i = 0; i < u->slots_len; i++) {
        row_unref(u->slots[i].row);
    }
    for (size_t i = 0; i < u->rows_len; i++) {
        row_unref(u->rows[i].row);
    }
    u->slots_len = 0;
    u->rows_len = 0;
    if (u->keys) {
        keyring_free(u->keyring);
    }
    u->keyring = NULL;
    u->keys = false;
}

void
staging_drop(struct staging *staging)
{
    undo_forget(staging);
    for (size_t i = 0; i < staging->rows_len; i++) {
        row_unref(staging->rows[i].row);
        row_unref(staging->rows[i].before);
    }
    staging->rows_len = 0;
    staging->bytes = 0;
    staging->shape = false;
    staging->doubted = false;
    table_clear(staging->overlay);
    keyring_free(staging->keyring);
    staging->keyring = NULL;
    tsec_buf_reset(&staging->keyring_blob);
}

void
staging_free(struct staging *staging)
{
    if (staging != NULL) {
        if (staging->overlay != NULL) {
            staging_drop(staging);
        }
        table_free(staging->overlay);
        tsec_buf_done(&staging->keyring_blob);
        free(staging->rows);
        free(staging->ops);
        free(staging->undo.slots);
        free(staging->undo.rows);
        free(staging);
    }
}

/* ---- one transaction ---- */

bool
staging_current(const struct staging *staging, const struct txn *txn)
{
    const struct state *s = staging->state;

    if (txn->overlay != NULL) {
        return false; /* it ran over what an earlier batch had staged, which may not have happened
                       */
    }
    if (txn->commits == s->commits && staging->rows_len == 0 && staging->keyring == NULL) {
        return true;
    }
    /* What another server wrote may have been over before the operation began: then it must be in
     * what it read, also when it writes nothing.  This server's own was not over: it is published
     * before anybody hears of it, but for what was in doubt. */
    if (txn->foreign_keys != s->foreign_keys
        || (txn->listed && txn->foreign_shape != s->foreign_shape)) {
        return false;
    }
    /* The key that a row was sealed under may have been replaced, or retired, since. */
    if (txn_has_writes(txn)
        && (staging->keyring != NULL || txn->keyring_version != keyring_version(s->keyring))) {
        return false;
    }
    if (txn->listed && txn_has_writes(txn) && (txn->shape != s->shape || staging->shape)) {
        return false;
    }
    for (size_t i = 0; i < txn->reads_len; i++) {
        struct slot_entry now = { .row = NULL };

        (void)view_find(staging->overlay, s->base, txn->reads[i].key, &now);
        if (now.row != txn->reads[i].row) {
            return false;
        }
    }
    return true;
}

tsec_rc
staging_rerun(struct staging *staging, struct txn *txn, state_run_fn run, void *ctx,
              struct tsec_err *err)
{
    txn_reset(txn);
    txn->overlay = staging->overlay;
    txn_begins(txn);

    /* This thread is the only writer: what it reads without the lock cannot change under it. */
    return run(ctx, txn, err);
}

static struct staged *
staged_find(struct staging *s, struct tsec_span key)
{
    for (size_t i = s->rows_len; i > 0; i--) {
        if (tsec_span_equal(s->rows[i - 1].key, key)) {
            return &s->rows[i - 1];
        }
    }
    return NULL;
}

static void
keep_slot(struct staging *s, struct tsec_span key)
{
    struct slot_entry at = { .row = NULL };
    const bool known = table_find(s->overlay, key, &at);

    s->undo.slots[s->undo.slots_len++] = (struct undo_slot){ key, row_ref(at.row), known };
}

static void
staged_new(struct staging *s, const struct txn_write *w, struct row *before)
{
    struct slot_entry over = { .row = NULL };
    const struct row *has_rk = w->row != NULL ? w->row : before;
    struct staged *staged = &s->rows[s->rows_len++];

    (void)table_find(s->overlay, w->key, &over);
    *staged = (struct staged){ .key = over.key, .row = row_ref(w->row), .before = row_ref(before) };
    staged->store_key[0] = 'r';
    if (has_rk != NULL) {
        memcpy(staged->store_key + 1, has_rk->rk, ROW_KEY_LEN);
    }
}

static tsec_rc
stage_write(struct staging *s, const struct txn_write *w, struct tsec_err *err)
{
    struct slot_entry base = { .row = NULL };
    struct staged *staged = staged_find(s, w->key);

    keep_slot(s, w->key);
    if (w->group.len > 0) {
        keep_slot(s, w->group);
    }
    (void)table_find(s->state->base, w->key, &base);
    TSEC_TRY(table_apply(s->overlay, s->state->base, w->key, w->group, w->row, err));
    s->shape = s->shape || base.row == NULL || w->row == NULL;
    if (staged == NULL) {
        staged_new(s, w, base.row);
        return TSEC_OK;
    }
    s->undo.rows[s->undo.rows_len++] = (struct undo_row){ (size_t)(staged - s->rows), staged->row };
    staged->row = row_ref(w->row);
    return TSEC_OK;
}

/* Room for the rows, and for taking them back. */
static tsec_rc
staging_reserve(struct staging *s, size_t more, struct tsec_err *err)
{
    if (s->rows_len + more > s->rows_cap) {
        const size_t cap = 2 * (s->rows_len + more);
        struct staged *grown = reallocarray(s->rows, cap, sizeof(*grown));

        if (grown == NULL) {
            return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "staging");
        }
        s->rows = grown;
        s->rows_cap = cap;
    }
    if (more > s->undo.cap) {
        struct undo_slot *slots = reallocarray(s->undo.slots, 2 * more, sizeof(*slots));
        struct undo_row *rows = reallocarray(s->undo.rows, more, sizeof(*rows));

        s->undo.slots = slots == NULL ? s->undo.slots : slots;
        s->undo.rows = rows == NULL ? s->undo.rows : rows;
        if (slots == NULL || rows == NULL) {
            return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "staging");
        }
        s->undo.cap = more;
    }
    return TSEC_OK;
}

static size_t
bytes_of(const struct txn *txn)
{
    size_t bytes = 0;

    for (size_t i = 0; i < txn->writes_len; i++) {
        bytes += txn->writes[i].row == NULL ? 0 : txn->writes[i].row->blob_len;
    }
    return bytes;
}

static tsec_rc
stage_all(struct staging *s, const struct txn *txn, struct tsec_err *err)
{
    TSEC_TRY(staging_keys(s, txn, err));
    for (size_t i = 0; i < txn->writes_len; i++) {
        TSEC_TRY(stage_write(s, &txn->writes[i], err));
    }
    return staging_keys_check(s, txn, err);
}

tsec_rc
staging_add(struct staging *staging, struct txn *txn, struct tsec_err *err)
{
    struct staging *s = staging;
    const size_t bytes = bytes_of(txn);

    undo_forget(s);
    if (s->rows_len + txn->writes_len > STAGED_ROWS_MAX || s->bytes + bytes > STAGED_BYTES_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "the batch is full");
    }
    s->undo.staged_len = s->rows_len;
    s->undo.bytes = s->bytes;
    s->undo.shape = s->shape;
    TSEC_TRY(staging_reserve(s, txn->writes_len, err));

    const tsec_rc rc = stage_all(s, txn, err);

    if (tsec_failed(rc)) {
        staging_undo(s);
        return rc;
    }
    s->bytes += bytes;
    return TSEC_OK;
}

void
staging_undo(struct staging *staging)
{
    struct staging *s = staging;
    struct undo *u = &s->undo;

    for (size_t i = u->rows_len; i > 0; i--) {
        struct staged *staged = &s->rows[u->rows[i - 1].at];

        row_unref(staged->row);
        staged->row = row_ref(u->rows[i - 1].row);
    }
    while (s->rows_len > u->staged_len) {
        row_unref(s->rows[--s->rows_len].row);
        row_unref(s->rows[s->rows_len].before);
    }
    for (size_t i = u->slots_len; i > 0; i--) {
        const struct undo_slot *slot = &u->slots[i - 1];

        if (!slot->known) {
            table_remove(s->overlay, slot->key);
        } else if (tsec_failed(table_set(s->overlay, slot->key, slot->row, NULL))) {
            abort(); /* the slot is there: nothing is allocated */
        }
    }
    if (u->keys) {
        keyring_free(s->keyring);
        s->keyring = TSEC_TAKE(u->keyring);
        u->keys = false;
    }
    s->bytes = u->bytes;
    s->shape = u->shape;
    undo_forget(s);
}

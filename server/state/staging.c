/* SPDX-License-Identifier: Apache-2.0 */
/* What a batch is about to change: an overlay on the committed rows, and perhaps a new keyring. */
#include <stdlib.h>

#include "state/state_internal.h"

enum { STAGED_ROWS_MAX = 2048, STAGED_BYTES_MAX = 64 * 1024 * 1024 };

struct staged {
    struct tsec_span key; /* of the row's or the slot's own memory */
    struct row *row;      /* a reference; NULL: deleted */
    struct row *before;   /* a reference to what the store has; NULL: nothing */
    uint8_t store_key[1 + ROW_KEY_LEN];
};

struct staging {
    struct state *state;
    const uint8_t *root;
    struct table *overlay;
    struct keyring *keyring; /* NULL: unchanged */
    struct staged *rows;     /* one per key of the overlay that stands for a store row */
    size_t rows_len;
    size_t rows_cap;
    size_t bytes;
    struct tsec_store_op *ops;
    size_t ops_cap;
    struct tsec_buf keyring_blob;
    uint8_t keyring_new[KEYRING_KEY_LEN];
    uint8_t keyring_old[KEYRING_KEY_LEN];
    bool shape;
};

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

void
staging_drop(struct staging *staging)
{
    for (size_t i = 0; i < staging->rows_len; i++) {
        row_unref(staging->rows[i].row);
        row_unref(staging->rows[i].before);
    }
    staging->rows_len = 0;
    staging->bytes = 0;
    staging->shape = false;
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
        free(staging);
    }
}

/* ---- one transaction ---- */

bool
staging_current(const struct staging *staging, const struct txn *txn)
{
    const struct state *s = staging->state;

    if (txn->commits == s->commits && staging->rows_len == 0 && staging->keyring == NULL) {
        return true;
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
    struct state *s = staging->state;

    txn_reset(txn);
    txn->overlay = staging->overlay;
    txn->commits = s->commits;
    txn->shape = s->shape;
    txn->keyring_version = keyring_version(s->keyring);

    /* This thread is the only writer: what it reads without the lock cannot change under it. */
    return run(ctx, txn, err);
}

static bool
kid_is_used(const struct table *table, uint32_t kid)
{
    struct slot_entry at = { .key = tsec_span("", 0) };

    while (table_next(table, at.key, false, &at)) {
        if (at.row != NULL && row_kid(row_blob(at.row)) == kid) {
            return true;
        }
    }
    return false;
}

/* Only what was decrypt-only before this batch: an operation of the batch may still seal under what
 * became so in it. */
static void
keys_retire(struct staging *s)
{
    const struct keyring *now = s->state->keyring;
    struct keyring_dek dek;

    for (size_t i = 0; i < keyring_dek_count(now); i++) {
        keyring_dek_at(now, i, &dek);
        if (dek.state == KEYRING_DECRYPT_ONLY && !kid_is_used(s->state->base, dek.kid)
            && !kid_is_used(s->overlay, dek.kid)) {
            keyring_dek_retire(s->keyring, dek.kid);
        }
    }
}

static tsec_rc
keys_rotate(struct staging *s, const char *mount, int64_t now_ns, struct tsec_err *err)
{
    const size_t n = keyring_dek_count(s->keyring); /* what is added comes after */

    if (strcmp(mount, "*") != 0) {
        return keyring_dek_rotate(s->keyring, mount, now_ns, err);
    }
    for (size_t i = 0; i < n; i++) {
        struct keyring_dek dek;

        keyring_dek_at(s->keyring, i, &dek);
        if (dek.state == KEYRING_PRIMARY) {
            TSEC_TRY(keyring_dek_rotate(s->keyring, dek.mount, now_ns, err));
        }
    }
    return TSEC_OK;
}

static tsec_rc
keys_change(struct staging *s, const struct txn *txn, struct tsec_err *err)
{
    if (txn->deks_len == 0) {
        return TSEC_OK;
    }
    if (s->keyring == NULL) {
        TSEC_TRY(keyring_copy(s->state->keyring, &s->keyring, err));
    }
    for (size_t i = 0; i < txn->deks_len; i++) {
        const struct txn_dek_op *op = &txn->deks[i];

        switch (op->change) {
        case TXN_DEK_CREATE:
            TSEC_TRY(keyring_dek_create(s->keyring, op->mount, txn->now_ns, err));
            break;
        case TXN_DEK_ROTATE:
            TSEC_TRY(keys_rotate(s, op->mount, txn->now_ns, err));
            break;
        case TXN_DEK_DESTROY:
            keyring_dek_destroy(s->keyring, op->mount);
            break;
        case TXN_DEK_RETIRE:
            keys_retire(s);
            break;
        case TXN_MEK_ROTATE:
            TSEC_TRY(keyring_mek_rotate(s->keyring, txn->now_ns, err));
            break;
        default:
            return TSEC_FAIL(err, TSEC_E_INTERNAL, "an unknown key change");
        }
    }
    return TSEC_OK;
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

static tsec_rc
stage_write(struct staging *s, const struct txn_write *w, struct tsec_err *err)
{
    struct slot_entry over = { .row = NULL };
    struct slot_entry base = { .row = NULL };
    const bool again = table_find(s->overlay, w->key, &over);

    (void)table_find(s->state->base, w->key, &base);
    TSEC_TRY(table_apply(s->overlay, s->state->base, w->key, w->group, w->row, err));
    if (again) {
        struct staged *staged = staged_find(s, w->key);

        if (staged != NULL) {
            row_unref(staged->row);
            staged->row = row_ref(w->row);
            return TSEC_OK;
        }
    }
    (void)table_find(s->overlay, w->key, &over);

    const struct row *has_rk = w->row != NULL ? w->row : base.row;
    struct staged *staged = &s->rows[s->rows_len++];

    *staged =
        (struct staged){ .key = over.key, .row = row_ref(w->row), .before = row_ref(base.row) };
    staged->store_key[0] = 'r';
    if (has_rk != NULL) {
        memcpy(staged->store_key + 1, has_rk->rk, ROW_KEY_LEN);
    }
    s->shape = s->shape || base.row == NULL || w->row == NULL;
    return TSEC_OK;
}

tsec_rc
staging_add(struct staging *staging, struct txn *txn, struct tsec_err *err)
{
    struct staging *s = staging;
    size_t bytes = 0;

    for (size_t i = 0; i < txn->writes_len; i++) {
        bytes += txn->writes[i].row == NULL ? 0 : txn->writes[i].row->blob_len;
    }
    if (s->rows_len + txn->writes_len > STAGED_ROWS_MAX || s->bytes + bytes > STAGED_BYTES_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "the batch is full");
    }
    if (s->rows_len + txn->writes_len > s->rows_cap) {
        const size_t cap = 2 * (s->rows_len + txn->writes_len);
        struct staged *grown = reallocarray(s->rows, cap, sizeof(*grown));

        if (grown == NULL) {
            return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "staging");
        }
        s->rows = grown;
        s->rows_cap = cap;
    }
    TSEC_TRY(keys_change(s, txn, err));
    for (size_t i = 0; i < txn->writes_len; i++) {
        TSEC_TRY(stage_write(s, &txn->writes[i], err));
    }
    s->bytes += bytes;
    return TSEC_OK;
}

/* ---- the batch ---- */

static tsec_rc
seal_keyring(struct staging *s, struct ledger_batch *batch, size_t *n, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(256);

    if (s->keyring == NULL) {
        return TSEC_OK;
    }
    tsec_buf_reset(&s->keyring_blob);
    TSEC_TRY(keyring_seal(s->keyring, s->root, &s->keyring_blob, err));
    state_rotation_leaf(ledger_batch_next(batch), keyring_version(s->keyring),
                        tsec_buf_span(&s->keyring_blob), &leaf);
    TSEC_TRY(tsec_buf_check(&leaf, err));
    TSEC_TRY(ledger_batch_add(batch, tsec_buf_span(&leaf), err));
    state_keyring_key(keyring_version(s->keyring), s->keyring_new);
    state_keyring_key(keyring_version(s->state->keyring), s->keyring_old);
    s->ops[(*n)++] = (struct tsec_store_op){ .verb = TSEC_STORE_PUT,
                                             .expect = TSEC_STORE_ABSENT,
                                             .key = tsec_span(s->keyring_new, KEYRING_KEY_LEN),
                                             .value = tsec_buf_span(&s->keyring_blob) };
    s->ops[(*n)++] = (struct tsec_store_op){ .verb = TSEC_STORE_DELETE,
                                             .key = tsec_span(s->keyring_old, KEYRING_KEY_LEN) };
    return TSEC_OK;
}

/* One operation and one mutation per store row that differs from what the store has. */
static size_t
seal_rows(struct staging *s, struct mutation *list, size_t *n)
{
    size_t changed = 0;

    for (size_t i = 0; i < s->rows_len; i++) {
        struct staged *staged = &s->rows[i];
        const struct tsec_span key = tsec_span(staged->store_key, sizeof(staged->store_key));
        struct mutation *m = &list[changed];

        if (staged->row == NULL && staged->before == NULL) {
            continue; /* came and went within the batch */
        }
        memset(m, 0, sizeof(*m));
        memcpy(m->rk, staged->store_key + 1, ROW_KEY_LEN);
        if (staged->row == NULL) {
            m->op = MUTATION_DELETE;
            s->ops[(*n)++] = (struct tsec_store_op){ .verb = TSEC_STORE_DELETE, .key = key };
        } else {
            m->op = MUTATION_PUT;
            m->version = staged->row->version;
            m->class = staged->row->class;
            memcpy(m->hash, staged->row->hash, sizeof(m->hash));
            s->ops[(*n)++] = (struct tsec_store_op){ .verb = TSEC_STORE_PUT,
                                                     .key = key,
                                                     .value = row_blob(staged->row) };
        }
        changed++;
    }
    return changed;
}

static tsec_rc
seal_mutations(struct staging *s, struct ledger_batch *batch, const struct mutation *list,
               size_t changed, struct tsec_err *err)
{
    for (size_t at = 0; at < changed; at += MUTATIONS_PER_LEAF) {
        TSEC_AUTO_BUF struct tsec_buf leaf = TSEC_BUF_INIT(LEDGER_LEAF_MAX);
        const size_t part = changed - at < MUTATIONS_PER_LEAF ? changed - at : MUTATIONS_PER_LEAF;

        TSEC_TRY(mutation_leaf(s->state->keyring, ledger_batch_next(batch), list + at, part, &leaf,
                               err));
        TSEC_TRY(ledger_batch_add(batch, tsec_buf_span(&leaf), err));
    }
    return TSEC_OK;
}

tsec_rc
staging_seal(struct staging *staging, struct ledger_batch *batch, const struct tsec_store_op **ops,
             size_t *n, struct tsec_err *err)
{
    struct staging *s = staging;
    const size_t room = s->rows_len + 2;
    struct mutation *list = calloc(s->rows_len + 1, sizeof(*list));
    tsec_rc rc = TSEC_OK;

    *n = 0;
    if (list != NULL && s->ops_cap < room) {
        struct tsec_store_op *grown = reallocarray(s->ops, room * 2, sizeof(*grown));

        s->ops = grown == NULL ? s->ops : grown;
        s->ops_cap = grown == NULL ? s->ops_cap : room * 2;
    }
    if (list == NULL || s->ops_cap < room) {
        free(list);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "staging");
    }
    rc = seal_keyring(s, batch, n, err);
    if (!tsec_failed(rc)) {
        const size_t changed = seal_rows(s, list, n);

        rc = seal_mutations(s, batch, list, changed, err);
    }
    free(list);
    *ops = s->ops;
    return rc;
}

void
staging_publish(struct staging *staging)
{
    struct staging *s = staging;
    struct state *state = s->state;
    struct slot_entry at = { .key = tsec_span("", 0) };

    if (s->rows_len == 0 && s->keyring == NULL) {
        return;
    }
    (void)pthread_rwlock_wrlock(&state->lock);
    while (table_next(s->overlay, at.key, false, &at)) {
        if (at.row == NULL) {
            table_remove(state->base, at.key);
        } else if (tsec_failed(table_set(state->base, at.key, at.row, NULL))) {
            /* Durable, and cannot be shown: what memory says would differ from the log. */
            abort();
        }
    }
    for (size_t i = 0; i < s->rows_len; i++) {
        state->bytes += s->rows[i].row == NULL ? 0 : s->rows[i].row->blob_len;
        state->bytes -= s->rows[i].before == NULL ? 0 : s->rows[i].before->blob_len;
    }
    if (s->keyring != NULL) {
        keyring_free(state->keyring);
        state->keyring = TSEC_TAKE(s->keyring);
        tsec_sha256(tsec_buf_span(&s->keyring_blob), state->keyring_hash);
    }
    state->commits++;
    state->shape += s->shape ? 1 : 0;
    atomic_store(&state->shown_rows, table_len(state->base));
    atomic_store(&state->shown_bytes, state->bytes);
    (void)pthread_rwlock_unlock(&state->lock);
    staging_drop(s);
}

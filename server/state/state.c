/* SPDX-License-Identifier: Apache-2.0 */
#include "state/state_internal.h"

#include <stdlib.h>

#include "state/gathered.h"

tsec_rc
state_new(struct keyring **keyring, struct state **out, struct tsec_err *err)
{
    TSEC_AUTO(state_free) struct state *s = calloc(1, sizeof(*s));
    pthread_rwlockattr_t attr;

    if (s == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "state");
    }
    /* Readers come without a pause under load; the writer must not wait for one. */
    (void)pthread_rwlockattr_init(&attr);
    (void)pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    (void)pthread_rwlock_init(&s->lock, &attr);
    (void)pthread_rwlockattr_destroy(&attr);
    TSEC_TRY(table_new(&s->base, err));
    TSEC_TRY(gathered_new(&s->gathered, err));
    s->keyring = TSEC_TAKE(*keyring);
    *out = TSEC_TAKE(s);
    return TSEC_OK;
}

void
state_free(struct state *state)
{
    if (state != NULL) {
        table_free(state->base);
        keyring_free(state->keyring);
        gathered_free(state->gathered);
        row_index_done(&state->index);
        (void)pthread_rwlock_destroy(&state->lock);
        free(state);
    }
}

void
state_keyring_blob(struct state *state, struct tsec_span blob)
{
    tsec_sha256(blob, state->keyring_hash);
}

void
state_show(struct state *state)
{
    atomic_store(&state->shown_rows, table_len(state->base));
    atomic_store(&state->shown_bytes, state->bytes);
}

/* ---- groups ---- */

static tsec_rc
set_or_remove(struct table *table, bool is_overlay, struct tsec_span key, struct row *row,
              struct tsec_err *err)
{
    if (row == NULL && !is_overlay) {
        table_remove(table, key);
        return TSEC_OK;
    }
    return table_set(table, key, row, err);
}

tsec_rc
table_apply(struct table *table, const struct table *below, struct tsec_span key,
            struct tsec_span group, struct row *row, struct tsec_err *err)
{
    const struct table *overlay = below == NULL ? NULL : table;
    const struct table *base = below == NULL ? table : below;
    struct slot_entry head = { .row = NULL };
    struct slot_entry old = { .row = NULL };

    if (group.len > 0) {
        (void)view_find(overlay, base, group, &head);
        (void)view_find(overlay, base, key, &old);

        const bool moves =
            row != NULL && (head.row == NULL || row->group_version >= head.row->group_version);
        const bool ends = row == NULL && head.row != NULL && head.row == old.row;

        if (moves || ends) {
            TSEC_TRY(set_or_remove(table, below != NULL, group, row, err));
        }
    }
    return set_or_remove(table, below != NULL, key, row, err);
}

/* ---- reading ---- */

void
txn_begins(struct txn *txn)
{
    const struct state *s = txn->state;

    txn->commits = s->commits;
    txn->shape = s->shape;
    txn->foreign_shape = s->foreign_shape;
    txn->foreign_keys = s->foreign_keys;
    txn->keyring_version = keyring_version(s->keyring);
}

tsec_rc
state_run(struct state *state, struct tsec_arena *arena, int64_t now_ns, state_run_fn run,
          void *ctx, struct txn **out, struct tsec_err *err)
{
    struct txn *txn = tsec_arena_alloc(arena, sizeof(*txn));
    tsec_rc rc;

    if (txn == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "transaction");
    }
    txn->state = state;
    txn->arena = arena;
    txn->now_ns = now_ns;
    txn->reads = txn->reads_room;
    txn->reads_cap = TXN_READS_INLINE;
    *out = txn;
    (void)pthread_rwlock_rdlock(&state->lock);
    txn_begins(txn);
    rc = run(ctx, txn, err);
    (void)pthread_rwlock_unlock(&state->lock);
    return rc;
}

void
state_stats(struct state *state, struct state_stats *out)
{
    out->rows = atomic_load(&state->shown_rows);
    out->bytes = atomic_load(&state->shown_bytes);
}

void
state_with_keyring(struct state *state, void (*use)(void *ctx, const struct keyring *keyring),
                   void *ctx)
{
    (void)pthread_rwlock_rdlock(&state->lock);
    use(ctx, state->keyring);
    (void)pthread_rwlock_unlock(&state->lock);
}

static bool
row_is_stale(const struct keyring *keyring, const struct slot_entry *at)
{
    struct keyring_dek dek;

    /* A head is seen again under its member's own key. */
    return tsec_span_equal(at->key, row_key(at->row))
           && keyring_dek_by_kid(keyring, row_kid(row_blob(at->row)), &dek)
           && dek.state != KEYRING_PRIMARY;
}

size_t
state_stale_rows(struct state *state, struct tsec_arena *arena, struct tsec_span *keys, size_t max)
{
    struct slot_entry at = { .key = tsec_span("", 0) };
    size_t n = 0;

    (void)pthread_rwlock_rdlock(&state->lock);
    while (table_next(state->base, at.key, false, &at)) {
        if (!row_is_stale(state->keyring, &at)) {
            continue;
        }
        if (n < max) {
            const char *copy = tsec_arena_dup(arena, at.key);

            if (copy == NULL) {
                break; /* those that fit are enough to go on with */
            }
            keys[n] = tsec_span(copy, at.key.len);
        }
        n++;
    }
    (void)pthread_rwlock_unlock(&state->lock);
    return n;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a batch asks of the ledger and the store, and how it becomes what is committed. */
#include <stdlib.h>

#include "state/staging_internal.h"

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
    rc = row_index_reserve(&s->state->index, s->rows_len, err);
    if (!tsec_failed(rc)) {
        rc = seal_keyring(s, batch, n, err);
    }
    if (!tsec_failed(rc)) {
        const size_t changed = seal_rows(s, list, n);

        rc = seal_mutations(s, batch, list, changed, err);
    }
    free(list);
    *ops = s->ops;
    return rc;
}

/* Before the table gives up the rows that it replaces. */
static void
publish_index(struct staging *s)
{
    for (size_t i = 0; i < s->rows_len; i++) {
        const struct staged *staged = &s->rows[i];

        if (staged->row != NULL) {
            row_index_put(&s->state->index, staged->row);
        } else if (staged->before != NULL) {
            row_index_remove(&s->state->index, staged->before->rk);
        }
    }
}

void
staging_doubted(struct staging *staging)
{
    staging->doubted = true;
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
    publish_index(s);
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
        state->foreign_keys += s->doubted ? 1 : 0;
        keyring_free(state->keyring);
        state->keyring = TSEC_TAKE(s->keyring);
        tsec_sha256(tsec_buf_span(&s->keyring_blob), state->keyring_hash);
    }
    state->commits++;
    state->shape += s->shape ? 1 : 0;
    state->foreign_shape += s->doubted && s->shape ? 1 : 0;
    state_show(state);
    (void)pthread_rwlock_unlock(&state->lock);
    staging_drop(s);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What other servers wrote becomes what is committed, all at once. */
#include <stdlib.h>

#include "state/gathered.h"
#include "state/state_internal.h"

struct following {
    struct state *state;
    bool shape; /* a key came or went */
};

static struct tsec_span
row_group(const struct row *row)
{
    return tsec_span(row->bytes, row->group_len);
}

/* The row that memory had ends, and its group's head when it was that: a group that was deleted and
 * made again counts its versions from the beginning, so that the old head would outrank it. */
static void
end_old(struct following *f, const struct expected *e)
{
    struct state *s = f->state;
    struct slot_entry head = { .row = NULL };
    TSEC_AUTO(row_unref) struct row *old = row_ref(row_index_find(&s->index, e->rk));

    if (old == NULL) {
        return;
    }
    if (old->group_len > 0 && table_find(s->base, row_group(old), &head) && head.row == old) {
        table_remove(s->base, row_group(old));
    }
    s->bytes -= old->blob_len;
    if (e->want == WANT_GONE) {
        row_index_remove(&s->index, e->rk);
        table_remove(s->base, row_key(old));
        f->shape = true;
    }
}

static void
show_new(struct following *f, struct row *row)
{
    struct state *s = f->state;

    f->shape = f->shape || row_index_find(&s->index, row->rk) == NULL;
    s->bytes += row->blob_len;
    row_index_put(&s->index, row);
    if (tsec_failed(table_apply(s->base, NULL, row_key(row), row_group(row), row, NULL))) {
        /* Durable, and cannot be shown: what memory says would differ from the log. */
        abort();
    }
}

/* First all that was, then all that is: of members that come, in any order, the one with the
 * highest version is the head. */
static void
follow_rows(struct following *f)
{
    const struct gathered *g = f->state->gathered;
    struct gathered_at at = { .last = NULL };

    for (const struct expected *e = gathered_next(g, &at); e != NULL; e = gathered_next(g, &at)) {
        if (e->want != WANT_NOTHING && e->want != WANT_GONE) {
            abort(); /* called before the fetch was complete: half of a commit is nobody's to see */
        }
        end_old(f, e);
    }
    at = (struct gathered_at){ .last = NULL };
    for (const struct expected *e = gathered_next(g, &at); e != NULL; e = gathered_next(g, &at)) {
        if (e->want == WANT_NOTHING) {
            show_new(f, e->row);
        }
    }
}

static void
follow_keyring(struct state *s)
{
    struct gathered *g = s->gathered;

    keyring_dek_carry(g->keyring, s->keyring);
    keyring_free(s->keyring);
    s->keyring = TSEC_TAKE(g->keyring);
    memcpy(s->keyring_hash, g->keyring_hash, sizeof(s->keyring_hash));
    s->foreign_keys++;
}

void
state_follow_publish(struct state *state)
{
    struct gathered *g = state->gathered;
    struct following f = { .state = state };

    if (g->has_rotation && g->keyring == NULL) {
        abort(); /* as in follow_rows() */
    }
    if (g->len == 0 && g->keyring == NULL) {
        return;
    }
    (void)pthread_rwlock_wrlock(&state->lock);
    follow_rows(&f);
    if (g->keyring != NULL) {
        follow_keyring(state);
    }
    state->commits++;
    state->shape += f.shape ? 1 : 0;
    state->foreign_shape += f.shape ? 1 : 0;
    state_show(state);
    (void)pthread_rwlock_unlock(&state->lock);
    gathered_clear(g);
}

void
state_follow_drop(struct state *state)
{
    gathered_clear(state->gathered);
}

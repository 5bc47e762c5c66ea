/* SPDX-License-Identifier: Apache-2.0 */
/* Listings: names below a prefix, and how base and overlay are read as one. */
#include "state/state_internal.h"

bool
view_find(const struct table *overlay, const struct table *base, struct tsec_span key,
          struct slot_entry *out)
{
    if (overlay != NULL && table_find(overlay, key, out)) {
        return out->row != NULL;
    }
    return table_find(base, key, out);
}

bool
view_next(const struct table *overlay, const struct table *base, struct tsec_span after,
          bool or_equal, struct slot_entry *out)
{
    for (;;) {
        struct slot_entry over = { .row = NULL };
        const bool has_base = table_next(base, after, or_equal, out);
        const bool has_over = overlay != NULL && table_next(overlay, after, or_equal, &over);

        if (!has_over) {
            return has_base;
        }
        if (has_base && tsec_span_compare(out->key, over.key) < 0) {
            return true;
        }
        *out = over;
        if (over.row != NULL) {
            return true;
        }
        after = over.key; /* gone: look past it */
        or_equal = false;
    }
}

struct listing {
    struct txn *txn;
    struct tsec_span prefix;
    struct tsec_buf *seek; /* where to look next */
    bool deep;
};

/* The part of the key that is the name: up to and with the first '/', or all; without the suffix of
 * a group's member, which begins with NUL. */
static struct tsec_span
name_of(const struct listing *l, struct tsec_span key)
{
    struct tsec_span name = tsec_span(key.ptr + l->prefix.len, key.len - l->prefix.len);
    const uint8_t *nul = name.len == 0 ? NULL : memchr(name.ptr, 0, name.len);

    if (nul != NULL) {
        name.len = (size_t)(nul - name.ptr);
    }

    const uint8_t *slash = l->deep || name.len == 0 ? NULL : memchr(name.ptr, '/', name.len);

    if (slash != NULL) {
        name.len = (size_t)(slash - name.ptr) + 1;
    }
    return name;
}

/* Past everything of this name: a folder's contents, or a group's members. */
static void
seek_past(struct listing *l, struct tsec_span name)
{
    static const uint8_t members_end[] = { 0, 0xff, 0xff, 0xff };
    const bool folder = !l->deep && name.len > 0 && name.ptr[name.len - 1] == '/';

    tsec_buf_reset(l->seek);
    tsec_buf_put_span(l->seek, l->prefix);
    tsec_buf_put_span(l->seek, name);
    if (folder && l->seek->len > 0 && !l->seek->failed) {
        l->seek->ptr[l->seek->len - 1] = '/' + 1; /* the first key after the folder's */
    } else {
        tsec_buf_put(l->seek, members_end, sizeof(members_end));
    }
}

tsec_rc
txn_list(struct txn *txn, struct tsec_span prefix, struct tsec_span after, size_t limit, bool deep,
         tsec_rc (*visit)(void *ctx, struct tsec_span name), void *ctx, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf seek = TSEC_BUF_INIT(2 * TXN_KEY_MAX);
    struct listing l = { txn, prefix, &seek, deep };
    struct slot_entry at;
    size_t n = 0;

    if (prefix.len == 0) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no key");
    }
    txn->listed = true;
    tsec_buf_put_span(&seek, prefix);
    if (after.len > 0) {
        seek_past(&l, after);
    }
    TSEC_TRY(tsec_buf_check(&seek, err));
    while ((limit == 0 || n < limit)
           && view_next(txn->overlay, txn->state->base, tsec_buf_span(&seek), true, &at)
           && tsec_span_starts(at.key, prefix)) {
        const struct tsec_span name = name_of(&l, at.key);

        if (name.len > 0) {
            TSEC_TRY(visit(ctx, name));
            n++;
        }
        seek_past(&l, name);
        TSEC_TRY(tsec_buf_check(&seek, err));
    }
    return TSEC_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The start: the keyring and every row of the store, held against what the log says of them. */
#include "base/hex.h"
#include "state/gathered.h"
#include "state/state_internal.h"

enum { SCAN_STEP = 512 };

/* ---- the keyring, before the log can be read ---- */

struct newest {
    uint8_t key[KEYRING_KEY_LEN];
    struct tsec_buf blob;
    struct tsec_err *err;
};

static tsec_rc
keep_last(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct newest *n = ctx;

    if (key.len != sizeof(n->key)) {
        return TSEC_FAIL(n->err, TSEC_E_TAMPERED, "the store has a keyring key of %zu bytes",
                         key.len);
    }
    memcpy(n->key, key.ptr, key.len);
    tsec_buf_reset(&n->blob);
    tsec_buf_put_span(&n->blob, value);
    return tsec_buf_check(&n->blob, n->err);
}

static tsec_rc
open_newest(struct newest *n, const struct state_source *source, const char *origin,
            struct keyring **out)
{
    TSEC_AUTO(keyring_free) struct keyring *keyring = NULL;
    uint8_t key[KEYRING_KEY_LEN];

    TSEC_TRY(source->ops->scan(source->store, tsec_span("k", 1), tsec_span(NULL, 0), SIZE_MAX,
                               keep_last, n, n->err));
    TSEC_TRY(keyring_open(tsec_buf_span(&n->blob), source->root, origin, &keyring, n->err));
    state_keyring_key(keyring_version(keyring), key);
    if (!tsec_span_equal(tsec_span(key, sizeof(key)), tsec_span(n->key, sizeof(n->key)))) {
        return TSEC_FAIL(n->err, TSEC_E_TAMPERED,
                         "the keyring (version %llu) is stored as another version",
                         (unsigned long long)keyring_version(keyring));
    }
    *out = TSEC_TAKE(keyring);
    return TSEC_OK;
}

tsec_rc
state_keyring_open(const struct state_source *source, const char *origin, struct keyring **out,
                   struct tsec_err *err)
{
    struct newest n = { .err = err };
    tsec_rc rc;

    tsec_buf_init(&n.blob, TSEC_STORE_VALUE_MAX);
    rc = open_newest(&n, source, origin, out);
    tsec_buf_done(&n.blob);
    return rc;
}

/* ---- rows ---- */

struct load {
    struct state *state;
    bool keyring; /* it is the one the log names */
    size_t seen;
    uint8_t last[1 + ROW_KEY_LEN];
    struct tsec_buf plain;
    struct tsec_err *err;
};

/* Others may have changed it after the log was read; of one that is known to be right there is
 * nothing to explain. */
static tsec_rc
load_row(struct load *l, struct expected *e, struct tsec_span blob)
{
    TSEC_AUTO(row_unref) struct row *row = NULL;
    struct state *s = l->state;
    const tsec_rc rc = row_receive(s->keyring, e, blob, l->plain.ptr, &row, l->err);

    if (rc.code == TSEC_E_TAMPERED && !l->keyring) {
        e->found = true;
        gathered_behind(s->gathered, BEHIND_ALTERED, e->rk);
        return TSEC_OK;
    }
    TSEC_TRY(rc);
    TSEC_TRY(row_index_reserve(&s->index, 1, l->err));
    TSEC_TRY(table_apply(s->base, NULL, row_key(row), tsec_span(row->bytes, row->group_len), row,
                         l->err));
    row_index_put(&s->index, row);
    s->bytes += blob.len;
    gathered_remove(s->gathered, row->rk);
    return TSEC_OK;
}

static tsec_rc
load_stray(struct load *l, const uint8_t *rk)
{
    struct gathered *g = l->state->gathered;

    gathered_behind(g, BEHIND_STRAY, rk);
    if (row_index_find(&l->state->index, rk) != NULL) {
        return state_behind(l->state, l->err); /* it came before: no store has a key twice */
    }

    const tsec_rc rc = gathered_stray(g, rk, l->err);

    return rc.code == TSEC_E_TOO_LARGE ? state_behind(l->state, l->err) : rc;
}

static tsec_rc
load_visit(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct load *l = ctx;
    struct gathered *g = l->state->gathered;
    uint8_t hash[TSEC_SHA256_LEN];

    if (key.len != sizeof(l->last)) {
        return TSEC_FAIL(l->err, TSEC_E_TAMPERED, "the store has a row key of %zu bytes", key.len);
    }
    memcpy(l->last, key.ptr, key.len);
    l->seen++;

    struct expected *e = gathered_find(g, key.ptr + 1);

    if (e == NULL || e->want != WANT_ROW) {
        return load_stray(l, key.ptr + 1);
    }
    tsec_sha256(value, hash);
    if (!tsec_ct_equal(tsec_span(hash, sizeof(hash)), tsec_span(e->hash, sizeof(e->hash)))) {
        e->found = true;
        gathered_behind(g, BEHIND_ALTERED, e->rk);
        return TSEC_OK;
    }
    return load_row(l, e, value);
}

static tsec_rc
load_rows(struct load *l, const struct state_source *source)
{
    const size_t rows = l->state->gathered->len;
    struct tsec_span after = tsec_span(NULL, 0);

    if (tsec_buf_extend(&l->plain, (size_t)1 << ROW_CLASS_MAX) == NULL) {
        return TSEC_FAIL(l->err, TSEC_E_NO_MEMORY, "loading rows");
    }
    TSEC_TRY(row_index_reserve(&l->state->index, rows + rows / 16, l->err));
    do {
        l->seen = 0;
        TSEC_TRY(source->ops->scan(source->store, tsec_span("r", 1), after, SCAN_STEP, load_visit,
                                   l, l->err));
        after = tsec_span(l->last, sizeof(l->last));
    } while (l->seen == SCAN_STEP);
    return TSEC_OK;
}

/* What is still expected was not there, or was not it. */
static void
load_rest(struct gathered *g)
{
    struct gathered_at at = { .last = NULL };

    for (const struct expected *e = gathered_next(g, &at); e != NULL && g->behind == BEHIND_NOT;
         e = gathered_next(g, &at)) {
        gathered_behind(g, BEHIND_MISSING, e->rk);
    }
}

/* The keyring was read before the log: a server may have replaced it in between. */
static tsec_rc
load_keyring(struct load *l, const struct state_source *source)
{
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(TSEC_STORE_VALUE_MAX);
    struct state *s = l->state;
    struct gathered *g = s->gathered;

    if (!g->has_rotation) {
        gathered_behind(g, BEHIND_KEYRING, NULL);
        return state_behind(s, l->err);
    }
    if (g->keyring_version == keyring_version(s->keyring)) {
        TSEC_TRY(keyring_receive(source, g->keyring_version, g->keyring_hash, &blob, &l->keyring,
                                 l->err));
    } else if (g->keyring_version > keyring_version(s->keyring)) {
        TSEC_TRY(gathered_fetch_keyring(s, source, l->err));
        l->keyring = g->keyring != NULL;
    }
    if (!l->keyring) {
        gathered_behind(g, BEHIND_KEYRING, NULL);
        return TSEC_OK;
    }
    if (g->keyring != NULL) {
        keyring_free(s->keyring);
        s->keyring = TSEC_TAKE(g->keyring);
    }
    memcpy(s->keyring_hash, g->keyring_hash, sizeof(s->keyring_hash));
    g->has_rotation = false;
    return TSEC_OK;
}

tsec_rc
state_load(struct state *state, const struct state_source *source, bool *behind,
           struct tsec_err *err)
{
    struct load l = { .state = state, .err = err };
    tsec_rc rc;

    *behind = false;
    TSEC_TRY(load_keyring(&l, source));
    tsec_buf_init(&l.plain, (size_t)1 << ROW_CLASS_MAX);
    rc = load_rows(&l, source);
    tsec_buf_done(&l.plain);
    state_show(state);
    load_rest(state->gathered);
    *behind = state->gathered->behind != BEHIND_NOT;
    if (!tsec_failed(rc) && !*behind) {
        gathered_clear(state->gathered);
    }
    return rc;
}

tsec_rc
state_behind(const struct state *state, struct tsec_err *err)
{
    static const char *const how[] = {
        [BEHIND_MISSING] = "is missing",
        [BEHIND_ALTERED] = "is not what the ledger says",
        [BEHIND_STRAY] = "is not in the ledger",
    };
    const struct gathered *g = state->gathered;
    char hex[2 * ROW_KEY_LEN + 1];

    if (g->behind == BEHIND_NOT) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "the rows are as the ledger says");
    }
    if (g->behind == BEHIND_KEYRING) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED,
                         "the keyring (version %llu) is not the one the ledger names (version "
                         "%llu): the database was mixed from different times",
                         (unsigned long long)keyring_version(state->keyring),
                         (unsigned long long)g->keyring_version);
    }
    tsec_hex_encode(tsec_span(g->behind_rk, ROW_KEY_LEN), hex);
    return TSEC_FAIL(err, TSEC_E_TAMPERED,
                     "row failed authentication: %s %s; restore the database as it was", hex,
                     how[g->behind]);
}

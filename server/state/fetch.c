/* SPDX-License-Identifier: Apache-2.0 */
/* Reading from the store what the log names: the keyring, then rows, many in one question. */
#include "base/hex.h"
#include "ledger/lookup.h"
#include "state/gathered.h"
#include "state/state_internal.h"

/* A chunk is a question; its rows lie in memory at once, in the store's client as well. */
enum { CHUNK_BYTES = 8 * 1024 * 1024 };

struct chunk {
    struct state *state;
    const struct keyring *keyring;
    struct expected *asked[TSEC_STORE_KEYS_MAX];
    uint8_t room[TSEC_STORE_KEYS_MAX][1 + ROW_KEY_LEN];
    struct tsec_span keys[TSEC_STORE_KEYS_MAX];
    size_t len;
    size_t bytes;
    struct tsec_buf plain;
    struct tsec_err *err;
};

/* ---- one of them ---- */

tsec_rc
row_receive(const struct keyring *keyring, const struct expected *expected, struct tsec_span blob,
            uint8_t *plain, struct row **out, struct tsec_err *err)
{
    TSEC_AUTO(row_unref) struct row *row = NULL;
    const struct expected *e = expected;
    struct row_record record;
    uint8_t rk[ROW_KEY_LEN];
    char hex[2 * ROW_KEY_LEN + 1];

    TSEC_TRY(row_open(keyring, e->rk, e->version, e->class, blob, plain, &record, err));
    row_blind(keyring, record.key, rk);
    if (!tsec_ct_equal(tsec_span(rk, sizeof(rk)), tsec_span(e->rk, sizeof(e->rk)))) {
        tsec_hex_encode(tsec_span(e->rk, sizeof(e->rk)), hex);
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "row failed authentication: %s belongs elsewhere",
                         hex);
    }
    TSEC_TRY(row_new(record.key, blob.len, &row, err));
    memcpy(row->bytes + row->key_len, blob.ptr, blob.len);
    row->class = e->class;
    row->version = e->version;
    row->group_len = record.group_len;
    row->group_version = record.group_version;
    memcpy(row->rk, e->rk, sizeof(row->rk));
    memcpy(row->hash, e->hash, sizeof(row->hash));
    *out = TSEC_TAKE(row);
    return TSEC_OK;
}

tsec_rc
keyring_receive(const struct state_source *source, uint64_t version,
                const uint8_t hash[TSEC_SHA256_LEN], struct tsec_buf *blob, bool *is,
                struct tsec_err *err)
{
    const struct tsec_sink sink = tsec_buf_sink(blob);
    uint8_t key[KEYRING_KEY_LEN];
    uint8_t have[TSEC_SHA256_LEN];

    *is = false;
    state_keyring_key(version, key);

    const tsec_rc rc = source->ops->get(source->store, tsec_span(key, sizeof(key)), &sink, err);

    if (rc.code == TSEC_E_NOT_FOUND) {
        return TSEC_OK;
    }
    TSEC_TRY(rc);
    tsec_sha256(tsec_buf_span(blob), have);
    *is = tsec_ct_equal(tsec_span(have, sizeof(have)), tsec_span(hash, TSEC_SHA256_LEN));
    return TSEC_OK;
}

/* ---- many ---- */

static tsec_rc
chunk_visit(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct chunk *c = ctx;
    TSEC_AUTO(row_unref) struct row *row = NULL;
    struct expected *e =
        key.len != sizeof(c->room[0]) ? NULL : gathered_find(c->state->gathered, key.ptr + 1);
    uint8_t hash[TSEC_SHA256_LEN];

    if (e == NULL) {
        return TSEC_FAIL(c->err, TSEC_E_TAMPERED, "the store gives a row that nobody asked for");
    }
    e->found = e->want == WANT_ROW || e->want == WANT_EXPLAINED;
    if (e->want != WANT_ROW) {
        return TSEC_OK;
    }
    tsec_sha256(value, hash);
    if (!tsec_ct_equal(tsec_span(hash, sizeof(hash)), tsec_span(e->hash, sizeof(e->hash)))) {
        return TSEC_OK;
    }
    TSEC_TRY(row_receive(c->keyring, e, value, c->plain.ptr, &row, c->err));
    gathered_found(e, row);
    return TSEC_OK;
}

static void
chunk_judge(struct gathered *g, struct expected *e)
{
    if (e->want == WANT_ROW) {
        gathered_behind(g, e->found ? BEHIND_ALTERED : BEHIND_MISSING, e->rk);
    } else if (e->want == WANT_EXPLAINED && e->found) {
        gathered_behind(g, BEHIND_STRAY, e->rk);
    } else if (e->want == WANT_EXPLAINED) {
        e->want = WANT_GONE;
    }
}

static tsec_rc
chunk_ask(struct chunk *c, const struct state_source *source)
{
    size_t class = ROW_CLASS_MIN;

    for (size_t i = 0; i < c->len; i++) {
        struct expected *e = c->asked[i];

        e->found = false;
        class = e->want == WANT_ROW && e->class > class ? e->class : class;
    }
    tsec_buf_reset(&c->plain);
    if (tsec_buf_extend(&c->plain, (size_t)1 << class) == NULL) {
        return TSEC_FAIL(c->err, TSEC_E_NO_MEMORY, "following rows");
    }
    TSEC_TRY(store_get_many(source->ops, source->store, c->keys, c->len, chunk_visit, c, c->err));
    for (size_t i = 0; i < c->len; i++) {
        chunk_judge(c->state->gathered, c->asked[i]);
    }
    c->len = 0;
    c->bytes = 0;
    return TSEC_OK;
}

static tsec_rc
chunk_add(struct chunk *c, const struct state_source *source, struct expected *e)
{
    const size_t bytes = e->want == WANT_ROW ? row_blob_len(e->class) : row_blob_len(ROW_CLASS_MAX);

    if (c->len == TSEC_STORE_KEYS_MAX || (c->len > 0 && c->bytes + bytes > CHUNK_BYTES)) {
        TSEC_TRY(chunk_ask(c, source));
    }
    c->asked[c->len] = e;
    c->room[c->len][0] = 'r';
    memcpy(c->room[c->len] + 1, e->rk, sizeof(e->rk));
    c->keys[c->len] = tsec_span(c->room[c->len], sizeof(c->room[0]));
    c->len++;
    c->bytes += bytes;
    return TSEC_OK;
}

static tsec_rc
fetch_rows(struct chunk *c, const struct state_source *source)
{
    struct gathered *g = c->state->gathered;
    struct gathered_at at = { .last = NULL };

    for (struct expected *e = gathered_next(g, &at); e != NULL; e = gathered_next(g, &at)) {
        if (e->want == WANT_ROW || e->want == WANT_EXPLAINED) {
            TSEC_TRY(chunk_add(c, source, e));
        }
    }
    return c->len == 0 ? TSEC_OK : chunk_ask(c, source);
}

/* ---- the keyring ---- */

tsec_rc
gathered_fetch_keyring(struct state *state, const struct state_source *source, struct tsec_err *err)
{
    TSEC_AUTO(keyring_free) struct keyring *keyring = NULL;
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(TSEC_STORE_VALUE_MAX);
    struct state *s = state;
    struct gathered *g = s->gathered;
    bool is = false;

    if (!g->has_rotation || g->keyring != NULL) {
        return TSEC_OK;
    }
    TSEC_TRY(keyring_receive(source, g->keyring_version, g->keyring_hash, &blob, &is, err));
    if (!is) {
        gathered_behind(g, BEHIND_KEYRING, NULL);
        return TSEC_OK;
    }
    TSEC_TRY(keyring_open(tsec_buf_span(&blob), source->root, keyring_origin(s->keyring), &keyring,
                          err));
    if (keyring_version(keyring) != g->keyring_version) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "the keyring (version %llu) says it is version %llu",
                         (unsigned long long)g->keyring_version,
                         (unsigned long long)keyring_version(keyring));
    }
    gathered_keyring(g, &keyring);
    return TSEC_OK;
}

tsec_rc
state_fetch(struct state *state, const struct state_source *source, bool *behind,
            struct tsec_err *err)
{
    struct gathered *g = state->gathered;
    struct chunk c = { .state = state, .err = err };
    tsec_rc rc = TSEC_OK;

    *behind = false;
    g->behind = BEHIND_NOT;
    TSEC_TRY(gathered_fetch_keyring(state, source, err));
    if (g->behind == BEHIND_NOT) {
        tsec_buf_init(&c.plain, (size_t)1 << ROW_CLASS_MAX);
        c.keyring = g->keyring == NULL ? state->keyring : g->keyring;
        rc = fetch_rows(&c, source);
        tsec_buf_done(&c.plain);
    }
    TSEC_TRY(rc);
    *behind = g->behind != BEHIND_NOT;
    return *behind ? TSEC_OK : row_index_reserve(&state->index, g->len, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* From the log to the rows: what each row must be, and that it is. */
#include "state/state_internal.h"

#include <stdlib.h>

#include "base/hex.h"
#include "codec/leaf.h"
#include "codec/pack.h"

enum { BUCKETS = 1 << 12, SCAN_STEP = 512 };

/* One row as the log left it. */
struct expected {
    struct expected *next;
    uint64_t version;
    uint8_t class;
    bool seen;
    uint8_t rk[ROW_KEY_LEN];
    uint8_t hash[TSEC_SHA256_LEN];
};

struct replayed {
    struct expected **buckets;
    size_t buckets_len;
    size_t len;
    bool has_rotation;
    uint64_t keyring_version;
    uint8_t keyring_hash[TSEC_SHA256_LEN];
};

tsec_rc
replayed_new(struct replayed **out, struct tsec_err *err)
{
    struct replayed *r = calloc(1, sizeof(*r));

    if (r != NULL) {
        r->buckets = calloc(BUCKETS, sizeof(struct expected *));
        r->buckets_len = BUCKETS;
    }
    if (r == NULL || r->buckets == NULL) {
        free(r);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "replay");
    }
    *out = r;
    return TSEC_OK;
}

void
replayed_free(struct replayed *replayed)
{
    if (replayed == NULL) {
        return;
    }
    for (size_t i = 0; i < replayed->buckets_len; i++) {
        struct expected *e = replayed->buckets[i];

        while (e != NULL) {
            struct expected *next = e->next;

            free(e);
            e = next;
        }
    }
    free(replayed->buckets);
    free(replayed);
}

/* Row keys are HMAC values: any of their bytes make a hash. */
static size_t
bucket_of(const struct replayed *r, const uint8_t *rk)
{
    uint64_t h;

    memcpy(&h, rk, sizeof(h));
    return (size_t)(h & (r->buckets_len - 1));
}

static struct expected **
expected_at(struct replayed *r, const uint8_t *rk)
{
    struct expected **at = &r->buckets[bucket_of(r, rk)];

    while (*at != NULL
           && !tsec_span_equal(tsec_span((*at)->rk, ROW_KEY_LEN), tsec_span(rk, ROW_KEY_LEN))) {
        at = &(*at)->next;
    }
    return at;
}

static void
replayed_grow(struct replayed *r)
{
    struct expected **old = r->buckets;
    const size_t len = r->buckets_len;
    struct expected **fresh = calloc(len * 4, sizeof(struct expected *));

    if (fresh == NULL) {
        return;
    }
    r->buckets = fresh;
    r->buckets_len = len * 4;
    for (size_t i = 0; i < len; i++) {
        struct expected *e = old[i];

        while (e != NULL) {
            struct expected *next = e->next;
            struct expected **at = &fresh[bucket_of(r, e->rk)];

            e->next = *at;
            *at = e;
            e = next;
        }
    }
    free(old);
}

static tsec_rc
replay_mutation(struct replayed *r, const struct mutation *m, struct tsec_err *err)
{
    struct expected **at = expected_at(r, m->rk);
    struct expected *e = *at;

    if (m->op == MUTATION_DELETE) {
        if (e != NULL) {
            *at = e->next;
            free(e);
            r->len--;
        }
        return TSEC_OK;
    }
    if (m->op != MUTATION_PUT) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a ledger leaf says something unknown");
    }
    if (e == NULL) {
        e = calloc(1, sizeof(*e));
        if (e == NULL) {
            return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "replay");
        }
        memcpy(e->rk, m->rk, sizeof(e->rk)); /* before it may be moved to another bucket */
        *at = e;
        if (++r->len > r->buckets_len * 2) {
            replayed_grow(r);
        }
    }
    memcpy(e->hash, m->hash, sizeof(e->hash));
    e->version = m->version;
    e->class = m->class;
    return TSEC_OK;
}

static tsec_rc
replay_rotation(struct replayed *r, struct tsec_span body, struct tsec_err *err)
{
    struct tsec_reader in = tsec_reader(body);
    const uint64_t version = tsec_read_u64(&in);
    const struct tsec_span hash = tsec_read_fixed(&in, TSEC_SHA256_LEN);

    TSEC_TRY(tsec_reader_end(&in, "rotation leaf", err));
    r->has_rotation = true;
    r->keyring_version = version;
    memcpy(r->keyring_hash, hash.ptr, hash.len);
    return TSEC_OK;
}

tsec_rc
state_replay(struct state *state, uint64_t index, struct tsec_span leaf, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(TSEC_LEAF_MAX);
    struct tsec_leaf parsed;

    (void)index;
    TSEC_TRY(tsec_leaf_parse(leaf, &parsed, err));
    if (parsed.kind == TSEC_LEAF_ROTATION) {
        return replay_rotation(state->replayed, parsed.body, err);
    }
    if (parsed.kind != TSEC_LEAF_MUTATION) {
        return TSEC_OK;
    }
    TSEC_TRY(mutation_open(state->keyring, leaf, &plain, err));
    for (size_t i = 0; i < plain.len / MUTATION_LEN; i++) {
        struct mutation m;

        mutation_at(tsec_buf_span(&plain), i, &m);
        TSEC_TRY(replay_mutation(state->replayed, &m, err));
    }
    return TSEC_OK;
}

/* ---- snapshots ---- */

void
state_pack(const struct state *state, struct tsec_buf *out)
{
    struct slot_entry at = { .key = tsec_span("", 0) };

    tsec_pack_u64(out, keyring_version(state->keyring));
    tsec_buf_put(out, state->keyring_hash, sizeof(state->keyring_hash));
    while (table_next(state->base, at.key, false, &at)) {
        const struct row *row = at.row;

        if (tsec_span_equal(at.key, row_key(row))) { /* not a head, which is a member as well */
            tsec_buf_put(out, row->rk, sizeof(row->rk));
            tsec_pack_u64(out, row->version);
            tsec_pack_u8(out, row->class);
            tsec_buf_put(out, row->hash, sizeof(row->hash));
        }
    }
}

tsec_rc
state_restore(struct state *state, struct tsec_span bytes, struct tsec_err *err)
{
    struct replayed *r = state->replayed;
    struct tsec_reader in = tsec_reader(bytes);
    struct mutation m = { .op = MUTATION_PUT };

    r->keyring_version = tsec_read_u64(&in);

    const struct tsec_span hash = tsec_read_fixed(&in, TSEC_SHA256_LEN);

    if (in.failed) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a snapshot is cut short");
    }
    memcpy(r->keyring_hash, hash.ptr, hash.len);
    r->has_rotation = true;
    while (in.rest.len > 0 && !in.failed) {
        const struct tsec_span rk = tsec_read_fixed(&in, ROW_KEY_LEN);

        m.version = tsec_read_u64(&in);
        m.class = tsec_read_u8(&in);

        const struct tsec_span row = tsec_read_fixed(&in, TSEC_SHA256_LEN);

        if (!in.failed) {
            memcpy(m.rk, rk.ptr, rk.len);
            memcpy(m.hash, row.ptr, row.len);
            TSEC_TRY(replay_mutation(r, &m, err));
        }
    }
    return tsec_reader_end(&in, "snapshot", err);
}

/* ---- rows ---- */

struct load {
    struct state *state;
    size_t seen;
    uint8_t last[1 + ROW_KEY_LEN];
    struct tsec_buf plain;
    struct tsec_err *err;
};

static tsec_rc
load_fail(struct load *l, const uint8_t *rk, const char *why)
{
    char hex[2 * ROW_KEY_LEN + 1];

    tsec_hex_encode(tsec_span(rk, ROW_KEY_LEN), hex);
    return TSEC_FAIL(l->err, TSEC_E_TAMPERED,
                     "row failed authentication: %s %s; restore the database as it was", hex, why);
}

static tsec_rc
load_row(struct load *l, const struct expected *e, struct tsec_span blob)
{
    TSEC_AUTO(row_unref) struct row *row = NULL;
    struct state *s = l->state;
    struct row_record record;
    uint8_t rk[ROW_KEY_LEN];

    TSEC_TRY(
        row_open(s->keyring, e->rk, e->version, e->class, blob, l->plain.ptr, &record, l->err));
    row_blind(s->keyring, record.key, rk);
    if (!tsec_ct_equal(tsec_span(rk, sizeof(rk)), tsec_span(e->rk, sizeof(e->rk)))) {
        return load_fail(l, e->rk, "belongs elsewhere");
    }
    TSEC_TRY(row_new(record.key, blob.len, &row, l->err));
    memcpy(row->bytes + row->key_len, blob.ptr, blob.len);
    row->class = e->class;
    row->version = e->version;
    row->group_len = record.group_len;
    row->group_version = record.group_version;
    memcpy(row->rk, e->rk, sizeof(row->rk));
    memcpy(row->hash, e->hash, sizeof(row->hash));
    s->bytes += blob.len;
    return table_apply(s->base, NULL, row_key(row), tsec_span(row->bytes, row->group_len), row,
                       l->err);
}

static tsec_rc
load_visit(void *ctx, struct tsec_span key, struct tsec_span value)
{
    struct load *l = ctx;
    uint8_t hash[TSEC_SHA256_LEN];

    if (key.len != sizeof(l->last)) {
        return TSEC_FAIL(l->err, TSEC_E_TAMPERED, "the store has a row key of %zu bytes", key.len);
    }
    memcpy(l->last, key.ptr, key.len);
    l->seen++;

    struct expected *e = *expected_at(l->state->replayed, key.ptr + 1);

    if (e == NULL) {
        return load_fail(l, key.ptr + 1, "is not in the ledger");
    }
    tsec_sha256(value, hash);
    if (!tsec_ct_equal(tsec_span(hash, sizeof(hash)), tsec_span(e->hash, sizeof(e->hash)))) {
        return load_fail(l, key.ptr + 1, "is not what the ledger says");
    }
    e->seen = true;
    return load_row(l, e, value);
}

static tsec_rc
check_complete(struct load *l, struct replayed *r)
{
    for (size_t i = 0; i < r->buckets_len; i++) {
        for (const struct expected *e = r->buckets[i]; e != NULL; e = e->next) {
            if (!e->seen) {
                return load_fail(l, e->rk, "is missing");
            }
        }
    }
    return TSEC_OK;
}

static tsec_rc
check_keyring(const struct state *s, const struct tsec_store_ops *ops, struct tsec_store *store,
              struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf blob = TSEC_BUF_INIT(TSEC_STORE_VALUE_MAX);
    const struct tsec_sink sink = tsec_buf_sink(&blob);
    const struct replayed *r = s->replayed;
    uint8_t key[KEYRING_KEY_LEN];
    uint8_t hash[TSEC_SHA256_LEN];

    state_keyring_key(keyring_version(s->keyring), key);
    TSEC_TRY(ops->get(store, tsec_span(key, sizeof(key)), &sink, err));
    tsec_sha256(tsec_buf_span(&blob), hash);
    if (!r->has_rotation || r->keyring_version != keyring_version(s->keyring)
        || !tsec_ct_equal(tsec_span(hash, sizeof(hash)),
                          tsec_span(r->keyring_hash, sizeof(r->keyring_hash)))) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED,
                         "the keyring (version %llu) is not the one the ledger names (version "
                         "%llu): the database was mixed from different times",
                         (unsigned long long)keyring_version(s->keyring),
                         (unsigned long long)r->keyring_version);
    }
    return TSEC_OK;
}

tsec_rc
state_load(struct state *state, const struct state_source *source, bool *behind,
           struct tsec_err *err)
{
    const struct tsec_store_ops *ops = source->ops;
    struct tsec_store *store = source->store;
    struct load l = { .state = state, .err = err };
    struct tsec_span after = tsec_span(NULL, 0);
    tsec_rc rc = TSEC_OK;

    *behind = false;
    TSEC_TRY(check_keyring(state, ops, store, err));
    tsec_buf_init(&l.plain, (size_t)1 << ROW_CLASS_MAX);
    if (tsec_buf_extend(&l.plain, (size_t)1 << ROW_CLASS_MAX) == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "loading rows");
    }
    do {
        l.seen = 0;
        rc = ops->scan(store, tsec_span("r", 1), after, SCAN_STEP, load_visit, &l, err);
        after = tsec_span(l.last, sizeof(l.last));
    } while (!tsec_failed(rc) && l.seen == SCAN_STEP);
    if (!tsec_failed(rc)) {
        rc = check_complete(&l, state->replayed);
    }
    tsec_buf_done(&l.plain);
    memcpy(state->keyring_hash, state->replayed->keyring_hash, sizeof(state->keyring_hash));
    replayed_free(state->replayed);
    state->replayed = NULL;
    atomic_store(&state->shown_rows, table_len(state->base));
    atomic_store(&state->shown_bytes, state->bytes);
    return rc;
}

tsec_rc
state_behind(const struct state *state, struct tsec_err *err)
{
    (void)state;
    return TSEC_FAIL(err, TSEC_E_TAMPERED, "a row is not what the ledger says");
}

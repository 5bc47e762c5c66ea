/* SPDX-License-Identifier: Apache-2.0 */
/* From the log, or from what a snapshot kept of it, to what each row must be. */
#include "codec/leaf.h"
#include "codec/pack.h"
#include "state/gathered.h"
#include "state/state_internal.h"

static tsec_rc
replay_mutation(struct state *state, const struct mutation *m, struct tsec_err *err)
{
    return gathered_mutation(state->gathered, m, row_index_find(&state->index, m->rk) != NULL, err);
}

static tsec_rc
replay_rotation(struct gathered *gathered, struct tsec_span body, struct tsec_err *err)
{
    struct tsec_reader in = tsec_reader(body);
    const uint64_t version = tsec_read_u64(&in);
    const struct tsec_span hash = tsec_read_fixed(&in, TSEC_SHA256_LEN);

    TSEC_TRY(tsec_reader_end(&in, "rotation leaf", err));
    gathered_rotation(gathered, version, hash.ptr);
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
        return replay_rotation(state->gathered, parsed.body, err);
    }
    if (parsed.kind != TSEC_LEAF_MUTATION) {
        return TSEC_OK;
    }
    TSEC_TRY(mutation_open(state->keyring, leaf, &plain, err));
    for (size_t i = 0; i < plain.len / MUTATION_LEN; i++) {
        struct mutation m;

        mutation_at(tsec_buf_span(&plain), i, &m);
        TSEC_TRY(replay_mutation(state, &m, err));
    }
    return TSEC_OK;
}

/* ---- snapshots ---- */

static void
pack_row(const struct row *row, struct tsec_buf *out)
{
    tsec_buf_put(out, row->rk, sizeof(row->rk));
    tsec_pack_u64(out, row->version);
    tsec_pack_u8(out, row->class);
    tsec_buf_put(out, row->hash, sizeof(row->hash));
}

/* By the index, which has each row once, and asks memory for the next rows while it copies one:
 * they lie all over it, and whoever commits waits meanwhile. */
void
state_pack(const struct state *state, struct tsec_buf *out)
{
    enum { PACKED_ROW = ROW_KEY_LEN + 8 + 1 + TSEC_SHA256_LEN, AHEAD = 16 };
    const struct row_index *index = &state->index;

    tsec_buf_reserve(out, 8 + TSEC_SHA256_LEN + index->len * PACKED_ROW);
    tsec_pack_u64(out, keyring_version(state->keyring));
    tsec_buf_put(out, state->keyring_hash, sizeof(state->keyring_hash));
    for (size_t i = 0; i < index->cap; i++) {
        if (i + AHEAD < index->cap && index->slots[i + AHEAD] != NULL) {
            __builtin_prefetch(index->slots[i + AHEAD]);
            __builtin_prefetch((const uint8_t *)index->slots[i + AHEAD] + 64);
        }
        if (index->slots[i] != NULL) {
            pack_row(index->slots[i], out);
        }
    }
}

tsec_rc
state_restore(struct state *state, struct tsec_span bytes, struct tsec_err *err)
{
    struct tsec_reader in = tsec_reader(bytes);
    struct mutation m = { .op = MUTATION_PUT };
    const uint64_t version = tsec_read_u64(&in);
    const struct tsec_span hash = tsec_read_fixed(&in, TSEC_SHA256_LEN);

    if (in.failed) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a snapshot is cut short");
    }
    gathered_rotation(state->gathered, version, hash.ptr);
    while (in.rest.len > 0 && !in.failed) {
        const struct tsec_span rk = tsec_read_fixed(&in, ROW_KEY_LEN);

        m.version = tsec_read_u64(&in);
        m.class = tsec_read_u8(&in);

        const struct tsec_span row = tsec_read_fixed(&in, TSEC_SHA256_LEN);

        if (!in.failed) {
            memcpy(m.rk, rk.ptr, rk.len);
            memcpy(m.hash, row.ptr, row.len);
            TSEC_TRY(replay_mutation(state, &m, err));
        }
    }
    return tsec_reader_end(&in, "snapshot", err);
}

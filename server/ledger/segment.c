/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ledger_internal.h"

#include "codec/leaf.h"
#include "codec/pack.h"

static const char MAGIC[] = "TSG1";

static void
put_u64(uint8_t *out, uint64_t v)
{
    for (unsigned i = 0; i < 8; i++) {
        out[i] = (uint8_t)(v >> (56 - 8 * i));
    }
}

void
segment_key(uint64_t first, uint8_t key[SEGMENT_KEY_LEN])
{
    key[0] = 'e';
    put_u64(key + 1, first);
}

void
tile_key(unsigned level, uint64_t n, uint8_t key[TILE_KEY_LEN])
{
    key[0] = 't';
    key[1] = (uint8_t)level;
    put_u64(key + 2, n);
}

void
head_key(const uint8_t tag[SEGMENT_TAG], uint8_t key[HEAD_KEY_LEN])
{
    key[0] = 'h';
    memcpy(key + 1, tag, SEGMENT_TAG);
}

void
head_value(uint64_t size, uint8_t value[HEAD_VALUE_LEN])
{
    put_u64(value, size);
}

void
segment_tag_of(const struct ledger_options *options, uint64_t size_after,
               const uint8_t root[TSEC_SHA256_LEN], uint8_t tag[SEGMENT_TAG])
{
    uint8_t size[8];
    uint8_t origin_len[4];
    const size_t len = strlen(options->origin);
    const struct tsec_span parts[] = {
        tsec_span(MAGIC, 4), tsec_span(origin_len, 4),         tsec_span(options->origin, len),
        tsec_span(size, 8),  tsec_span(root, TSEC_SHA256_LEN),
    };

    put_u64(size, size_after);
    for (unsigned i = 0; i < 4; i++) {
        origin_len[i] = (uint8_t)((uint64_t)len >> (24 - 8 * i));
    }
    tsec_hmac_parts(options->segment_key, parts, TSEC_ARRAY_LEN(parts), tag);
}

void
segment_tag(const struct ledger_options *options, const struct tsec_frontier *after,
            uint8_t tag[SEGMENT_TAG])
{
    uint8_t root[TSEC_SHA256_LEN];

    tsec_frontier_root(after, root);
    segment_tag_of(options, after->size, root, tag);
}

bool
segment_is_tagged(const struct ledger_options *options, struct tsec_span segment,
                  const struct tsec_frontier *after, uint8_t tag[SEGMENT_TAG])
{
    segment_tag(options, after, tag);
    return tsec_ct_equal(tsec_span(tag, SEGMENT_TAG),
                         tsec_span(segment.ptr + segment.len - SEGMENT_TAG, SEGMENT_TAG));
}

tsec_rc
segment_leaves(struct tsec_span segment, uint64_t first, ledger_visit_fn visit, void *ctx,
               struct tsec_err *err)
{
    struct tsec_reader in = tsec_reader(segment);
    const struct tsec_span magic = tsec_read_fixed(&in, 4);
    const uint32_t count = tsec_read_u32(&in);

    if (in.failed || !tsec_span_is(magic, MAGIC) || count == 0
        || count > (uint32_t)LEDGER_BATCH_LEAVES) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "ledger segment %llu is not one",
                         (unsigned long long)first);
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct tsec_span bytes = tsec_read_fixed(&in, tsec_read_u16(&in));
        struct tsec_leaf leaf;

        if (in.failed || tsec_failed(tsec_leaf_parse(bytes, &leaf, NULL))
            || leaf.index != first + i) {
            return TSEC_FAIL(err, TSEC_E_TAMPERED, "ledger leaf %llu is not one",
                             (unsigned long long)(first + i));
        }
        TSEC_TRY(visit(ctx, first + i, bytes, err));
    }
    if (in.rest.len != SEGMENT_TAG) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "ledger segment %llu has stray bytes",
                         (unsigned long long)first);
    }
    return TSEC_OK;
}

void
ledger_batch_begin(struct ledger *ledger, struct ledger_batch *batch)
{
    batch->first = ledger->now.frontier.size;
    batch->count = 0;
    batch->finished = false;
    tsec_buf_init(&batch->segment, TSEC_STORE_VALUE_MAX);
    tsec_buf_init(&batch->hashes, LEDGER_BATCH_BYTES);
    tsec_buf_put(&batch->segment, MAGIC, 4);
    tsec_pack_u32(&batch->segment, 0);
}

void
ledger_batch_done(struct ledger_batch *batch)
{
    tsec_buf_done(&batch->segment);
    tsec_buf_done(&batch->hashes);
}

tsec_rc
ledger_batch_add(struct ledger_batch *batch, struct tsec_span leaf, struct tsec_err *err)
{
    uint8_t hash[TSEC_SHA256_LEN];

    if (leaf.len > LEDGER_LEAF_MAX || batch->count >= LEDGER_BATCH_LEAVES
        || batch->segment.len + leaf.len + 2 > LEDGER_BATCH_BYTES) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "the ledger batch is full");
    }
    /* All or nothing: a leaf whose hash found no room must not be in the segment either. */
    tsec_buf_reserve(&batch->hashes, sizeof(hash));
    tsec_buf_reserve(&batch->segment, leaf.len + 2);
    TSEC_TRY(tsec_buf_check(&batch->hashes, err));
    TSEC_TRY(tsec_buf_check(&batch->segment, err));
    tsec_merkle_leaf(leaf, hash);
    tsec_buf_put(&batch->hashes, hash, sizeof(hash));
    tsec_pack_u16(&batch->segment, (uint16_t)leaf.len);
    tsec_buf_put_span(&batch->segment, leaf);
    batch->count++;
    return TSEC_OK;
}

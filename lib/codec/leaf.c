/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/leaf.h"

#include "codec/pack.h"

enum { EPOCH_FIXED_LEN = 4 + 8 + 2 };

static const char magic[4] = { 'T', 'S', 'L', '1' };

const char *
tsec_leaf_kind_name(enum tsec_leaf_kind kind)
{
    switch (kind) {
    case TSEC_LEAF_BOOT:
        return "boot";
    case TSEC_LEAF_EPOCH:
        return "epoch";
    case TSEC_LEAF_AUDIT:
        return "audit";
    case TSEC_LEAF_MUTATION:
        return "mutation";
    case TSEC_LEAF_SNAPSHOT:
        return "snapshot";
    case TSEC_LEAF_CONFIG:
        return "config";
    case TSEC_LEAF_ROTATION:
        return "rotation";
    case TSEC_LEAF_HANDOVER:
        return "handover";
    case TSEC_LEAF_BREAK_GLASS:
        return "break_glass";
    case TSEC_LEAF_DUMMY:
        return "dummy";
    }
    return NULL;
}

void
tsec_leaf_header(struct tsec_buf *out, enum tsec_leaf_kind kind, uint64_t index)
{
    tsec_buf_put(out, magic, sizeof(magic));
    tsec_pack_u8(out, (uint8_t)kind);
    tsec_pack_u8(out, 0);
    tsec_pack_u16(out, 0);
    tsec_pack_u64(out, index);
}

tsec_rc
tsec_leaf_parse(struct tsec_span bytes, struct tsec_leaf *out, struct tsec_err *err)
{
    struct tsec_reader in = tsec_reader(bytes);

    if (bytes.len < TSEC_LEAF_HEADER_LEN || bytes.len > TSEC_LEAF_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "leaf of %zu bytes", bytes.len);
    }
    if (!tsec_span_equal(tsec_read_fixed(&in, sizeof(magic)), tsec_span(magic, sizeof(magic)))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "leaf without its magic");
    }

    const enum tsec_leaf_kind kind = (enum tsec_leaf_kind)tsec_read_u8(&in);
    const uint8_t flags = tsec_read_u8(&in);
    const uint16_t reserved = tsec_read_u16(&in);

    if (tsec_leaf_kind_name(kind) == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "leaf of kind %d", (int)kind);
    }
    if (flags != 0 || reserved != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "leaf with flags");
    }
    out->kind = kind;
    out->index = tsec_read_u64(&in);
    out->body = in.rest;
    return TSEC_OK;
}

tsec_rc
tsec_leaf_epoch_pack(const struct tsec_leaf_epoch *epoch, struct tsec_buf *out,
                     struct tsec_err *err)
{
    if (epoch->wrapped.len == 0
        || epoch->wrapped.len > TSEC_LEAF_MAX - TSEC_LEAF_HEADER_LEN - EPOCH_FIXED_LEN) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "wrapped epoch key of %zu bytes", epoch->wrapped.len);
    }
    tsec_pack_u32(out, epoch->epoch);
    tsec_pack_u64(out, epoch->first_index);
    tsec_pack_u16(out, (uint16_t)epoch->wrapped.len);
    tsec_buf_put_span(out, epoch->wrapped);
    return tsec_buf_check(out, err);
}

tsec_rc
tsec_leaf_epoch_parse(struct tsec_span body, struct tsec_leaf_epoch *out, struct tsec_err *err)
{
    struct tsec_reader in = tsec_reader(body);

    out->epoch = tsec_read_u32(&in);
    out->first_index = tsec_read_u64(&in);
    out->wrapped = tsec_read_fixed(&in, tsec_read_u16(&in));
    TSEC_TRY(tsec_reader_end(&in, "epoch leaf", err));
    if (out->wrapped.len == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "epoch leaf without a key");
    }
    return TSEC_OK;
}

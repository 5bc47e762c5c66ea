/* SPDX-License-Identifier: Apache-2.0 */
#include "sealed/slot.h"

#include "codec/pack.h"
#include "crypto/hash.h"

static const char MAGIC[] = "TSS1";

void
slot_key(uint32_t id, uint8_t key[SLOT_KEY_LEN])
{
    key[0] = 's';
    for (unsigned i = 0; i < 4; i++) {
        key[1 + i] = (uint8_t)(id >> (24 - 8 * i));
    }
}

static tsec_rc
slot_kcv(const struct slot *slot, const uint8_t root[32], uint8_t kcv[SLOT_KCV_LEN],
         struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SLOT_WRAPPING_MAX + 256);

    tsec_buf_put_str(&text, "tee-secrets/kcv/1");
    tsec_buf_put(&text, MAGIC, 4);
    tsec_pack_u32(&text, slot->id);
    tsec_pack_str(&text, slot->kind);
    tsec_pack_u32(&text, slot->generation);
    tsec_pack_i64(&text, slot->created_ns);
    tsec_pack_bytes(&text, slot->wrapping);
    TSEC_TRY(tsec_buf_check(&text, err));
    return tsec_hmac(TSEC_SHA256, tsec_span(root, 32), tsec_buf_span(&text), kcv, err);
}

tsec_rc
slot_bind(struct slot *slot, const uint8_t root[32], struct tsec_err *err)
{
    return slot_kcv(slot, root, slot->kcv, err);
}

void
slot_pack(const struct slot *slot, struct tsec_buf *out)
{
    tsec_buf_put(out, MAGIC, 4);
    tsec_pack_u32(out, slot->id);
    tsec_pack_str(out, slot->kind);
    tsec_pack_u32(out, slot->generation);
    tsec_buf_put(out, slot->kcv, sizeof(slot->kcv));
    tsec_pack_i64(out, slot->created_ns);
    tsec_pack_bytes(out, slot->wrapping);
}

tsec_rc
slot_parse(struct tsec_span blob, struct slot *out, struct tsec_err *err)
{
    struct tsec_reader in = tsec_reader(blob);
    const struct tsec_span magic = tsec_read_fixed(&in, 4);

    memset(out, 0, sizeof(*out));
    out->id = tsec_read_u32(&in);

    const struct tsec_span kind = tsec_read_bytes(&in, SLOT_KIND_MAX);

    out->generation = tsec_read_u32(&in);

    const struct tsec_span kcv = tsec_read_fixed(&in, sizeof(out->kcv));

    out->created_ns = tsec_read_i64(&in);
    out->wrapping = tsec_read_bytes(&in, SLOT_WRAPPING_MAX);
    if (tsec_failed(tsec_reader_end(&in, "root slot", err)) || !tsec_span_is(magic, MAGIC)
        || kind.len == 0 || memchr(kind.ptr, 0, kind.len) != NULL) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a root slot in the store is damaged");
    }
    memcpy(out->kind, kind.ptr, kind.len);
    memcpy(out->kcv, kcv.ptr, kcv.len);
    return TSEC_OK;
}

tsec_rc
slot_check(const struct slot *slot, const uint8_t root[32], struct tsec_err *err)
{
    uint8_t kcv[SLOT_KCV_LEN];

    TSEC_TRY(slot_kcv(slot, root, kcv, err));
    if (!tsec_ct_equal(tsec_span(kcv, sizeof(kcv)), tsec_span(slot->kcv, sizeof(slot->kcv)))) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "root slot %u gave a key that fails its check value",
                         slot->id);
    }
    return TSEC_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/leaf_seal.h"

#include "codec/pack.h"
#include "crypto/note.h"
#include "crypto/rand.h"

enum { PAD_FIRST = 256, PAD_LAST = 4096, PREFIX_LEN = 4 + TSEC_GCM_NONCE_LEN };

/* origin ‖ 0 ‖ header ‖ u32 epoch */
struct aad {
    uint8_t bytes[TSEC_NOTE_NAME_MAX + 1 + TSEC_LEAF_HEADER_LEN + 4];
    size_t len;
};

/* `head`: the header and the epoch, as they stand at the start of the leaf. */
static tsec_rc
make_aad(const char *origin, const uint8_t head[TSEC_LEAF_HEADER_LEN + 4], struct aad *aad,
         struct tsec_err *err)
{
    const size_t len = strlen(origin);

    if (len == 0 || len > TSEC_NOTE_NAME_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "ledger origin of %zu bytes", len);
    }
    memcpy(aad->bytes, origin, len + 1);
    memcpy(aad->bytes + len + 1, head, TSEC_LEAF_HEADER_LEN + 4);
    aad->len = len + 1 + TSEC_LEAF_HEADER_LEN + 4;
    return TSEC_OK;
}

static size_t
padded_len(size_t len)
{
    size_t size = PAD_FIRST;

    while (size < len + 1) {
        size *= 2;
    }
    return size;
}

static bool
is_padded_len(size_t len)
{
    return len >= PAD_FIRST && len <= PAD_LAST && (len & (len - 1)) == 0;
}

tsec_rc
tsec_leaf_audit_seal(const struct tsec_aead_key *epoch_key, uint32_t epoch, const char *origin,
                     uint64_t index, struct tsec_span json, struct tsec_buf *out,
                     struct tsec_err *err)
{
    if (json.len > TSEC_AUDIT_ENTRY_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "audit entry of %zu bytes", json.len);
    }

    const size_t start = out->len;
    const size_t padded = padded_len(json.len);
    struct aad aad;

    tsec_leaf_header(out, TSEC_LEAF_AUDIT, index);
    tsec_pack_u32(out, epoch);

    uint8_t *iv = tsec_buf_extend(out, TSEC_GCM_NONCE_LEN + padded + TSEC_AEAD_TAG_LEN);

    if (iv == NULL) {
        return tsec_buf_check(out, err);
    }

    uint8_t *text = iv + TSEC_GCM_NONCE_LEN;

    tsec_rand_nonce(iv, TSEC_GCM_NONCE_LEN);
    if (json.len > 0) {
        memcpy(text, json.ptr, json.len);
    }
    text[json.len] = 0x80; /* zeroes follow: extend gave them */

    tsec_rc rc = make_aad(origin, out->ptr + start, &aad, err);

    if (!tsec_failed(rc)) {
        rc = tsec_aead_seal(epoch_key, iv, tsec_span(aad.bytes, aad.len), tsec_span(text, padded),
                            text, err);
    }
    if (tsec_failed(rc)) { /* no entry in the clear stays behind */
        tsec_buf_truncate(out, start);
    }
    return rc;
}

/* The body of an audit leaf, of one of the five sizes. */
static tsec_rc
parse(struct tsec_span leaf, struct tsec_span *body, struct tsec_err *err)
{
    struct tsec_leaf parsed;

    TSEC_TRY(tsec_leaf_parse(leaf, &parsed, err));
    if (parsed.kind != TSEC_LEAF_AUDIT) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a leaf of kind %d is no audit entry",
                         (int)parsed.kind);
    }
    if (parsed.body.len < PREFIX_LEN + TSEC_AEAD_TAG_LEN
        || !is_padded_len(parsed.body.len - PREFIX_LEN - TSEC_AEAD_TAG_LEN)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "audit leaf of %zu bytes", leaf.len);
    }
    *body = parsed.body;
    return TSEC_OK;
}

/* Length without the padding; false when it is not padding. */
static bool
unpad(const uint8_t *text, size_t *len)
{
    size_t n = *len;

    while (n > 0 && text[n - 1] == 0) {
        n--;
    }
    if (n == 0 || text[n - 1] != 0x80) {
        return false;
    }
    *len = n - 1;
    return true;
}

tsec_rc
tsec_leaf_audit_open(const struct tsec_aead_key *epoch_key, const char *origin,
                     struct tsec_span leaf, struct tsec_buf *json, struct tsec_err *err)
{
    uint8_t text[PAD_LAST];
    struct tsec_span body;
    struct aad aad;

    TSEC_TRY(parse(leaf, &body, err));
    TSEC_TRY(make_aad(origin, leaf.ptr, &aad, err));

    const struct tsec_span sealed = { body.ptr + PREFIX_LEN, body.len - PREFIX_LEN };
    size_t len = sealed.len - TSEC_AEAD_TAG_LEN;
    tsec_rc rc =
        tsec_aead_open(epoch_key, body.ptr + 4, tsec_span(aad.bytes, aad.len), sealed, text, err);

    if (!tsec_failed(rc) && !unpad(text, &len)) {
        rc = TSEC_FAIL(err, TSEC_E_TAMPERED, "audit entry without its padding");
    }
    if (!tsec_failed(rc)) {
        tsec_buf_put(json, text, len);
        rc = tsec_buf_check(json, err);
    }
    explicit_bzero(text, sizeof(text));
    return rc;
}

tsec_rc
tsec_leaf_audit_epoch(struct tsec_span leaf, uint32_t *epoch, struct tsec_err *err)
{
    struct tsec_span body;
    struct tsec_reader in;

    TSEC_TRY(parse(leaf, &body, err));
    in = tsec_reader(body);
    *epoch = tsec_read_u32(&in);
    return TSEC_OK;
}

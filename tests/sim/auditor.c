/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/auditor.h"

#include <inttypes.h>
#include <stdlib.h>

#include "codec/leaf.h"
#include "codec/pack.h"
#include "crypto/age.h"
#include "crypto/leaf_seal.h"

enum { EPOCHS_MAX = 256, SEGMENT_KEY_LEN = 9, SEGMENT_TAG = 32 };

tsec_rc
auditor_init(struct auditor *auditor, const char *origin, struct tsec_err *err)
{
    char identity[TSEC_AGE_IDENTITY_LEN + 1];
    char recipient[TSEC_AGE_RECIPIENT_LEN + 1];

    auditor->origin = origin;
    TSEC_TRY(tsec_age_identity_new(identity, recipient, err));
    TSEC_TRY(tsec_age_identity_parse(tsec_span_str(identity), auditor->identity, err));
    return tsec_age_recipient_parse(tsec_span_str(recipient), auditor->recipient, err);
}

/* ---- one leaf ---- */

struct reading {
    const struct auditor *auditor;
    struct auditor_log *out;
    struct tsec_aead_key *keys[EPOCHS_MAX];
    struct tsec_buf ivs; /* u32 epoch ‖ iv of each entry so far */
    struct tsec_buf json;
};

static tsec_rc
read_epoch(struct reading *r, struct tsec_span body, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(1024);
    struct tsec_leaf_epoch epoch;

    TSEC_TRY(tsec_leaf_epoch_parse(body, &epoch, err));
    if (epoch.epoch >= EPOCHS_MAX || r->keys[epoch.epoch] != NULL
        || epoch.first_index > r->out->size + 1) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "epoch %u begins twice, or elsewhere", epoch.epoch);
    }
    TSEC_TRY(tsec_age_decrypt(r->auditor->identity, epoch.wrapped, &key, err));
    return tsec_aead_key_new(TSEC_AES_256_GCM, key.ptr, &r->keys[epoch.epoch], err);
}

/* An entry's nonce stands after header and epoch. */
static tsec_rc
check_nonce(struct reading *r, struct tsec_span leaf, struct tsec_err *err)
{
    enum { USED = 4 + TSEC_GCM_NONCE_LEN };
    const struct tsec_span used = tsec_span(leaf.ptr + TSEC_LEAF_HEADER_LEN, USED);

    if (leaf.len < TSEC_LEAF_HEADER_LEN + USED) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "an entry is cut short");
    }
    for (size_t at = 0; at < r->ivs.len; at += USED) {
        if (tsec_span_equal(tsec_span(r->ivs.ptr + at, USED), used)) {
            return TSEC_FAIL(err, TSEC_E_TAMPERED, "a nonce was used twice");
        }
    }
    tsec_buf_put_span(&r->ivs, used);
    return tsec_buf_check(&r->ivs, err);
}

static uint32_t
call_in(struct tsec_span json)
{
    static const char id[] = "\"id\":\"c";
    const uint8_t *at = memmem(json.ptr, json.len, id, sizeof(id) - 1);
    uint32_t n = 0;

    if (at != NULL) {
        for (at += sizeof(id) - 1; at < json.ptr + json.len && *at >= '0' && *at <= '9'; at++) {
            n = 10 * n + (uint32_t)(*at - '0');
        }
    }
    return n;
}

static tsec_rc
read_entry(struct reading *r, struct tsec_span leaf, struct tsec_err *err)
{
    uint32_t epoch = 0;

    TSEC_TRY(tsec_leaf_audit_epoch(leaf, &epoch, err));
    if (epoch >= EPOCHS_MAX || r->keys[epoch] == NULL) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "an entry of epoch %u, which never began", epoch);
    }
    TSEC_TRY(check_nonce(r, leaf, err));
    tsec_buf_reset(&r->json);
    TSEC_TRY(tsec_leaf_audit_open(r->keys[epoch], r->auditor->origin, leaf, &r->json, err));
    r->out->calls[r->out->size] = call_in(tsec_buf_span(&r->json));
    return TSEC_OK;
}

static tsec_rc
read_leaf(struct reading *r, struct tsec_span bytes, struct tsec_err *err)
{
    struct tsec_leaf leaf;

    TSEC_TRY(tsec_leaf_parse(bytes, &leaf, err));
    if (leaf.index != r->out->size || leaf.index >= AUDITOR_LEAVES) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "leaf %" PRIu64 " stands at %" PRIu64, leaf.index,
                         r->out->size);
    }
    r->out->calls[leaf.index] = 0;
    if (leaf.kind == TSEC_LEAF_BOOT) {
        r->out->boots++;
    } else if (leaf.kind == TSEC_LEAF_EPOCH) {
        TSEC_TRY(read_epoch(r, leaf.body, err));
    } else if (leaf.kind == TSEC_LEAF_AUDIT) {
        TSEC_TRY(read_entry(r, bytes, err));
    }
    r->out->size++;
    return TSEC_OK;
}

/* ---- segments ---- */

static struct tsec_reader
segment_reader(struct tsec_span segment, uint32_t *count)
{
    struct tsec_reader in = tsec_reader(segment);

    (void)tsec_read_fixed(&in, 4);
    *count = tsec_read_u32(&in);
    return in;
}

static uint64_t
segment_first(struct tsec_span key)
{
    struct tsec_reader in = tsec_reader(tsec_span(key.ptr + 1, key.len - 1));

    return tsec_read_u64(&in);
}

static tsec_rc
read_segment(struct reading *r, const struct database_record *record, struct tsec_err *err)
{
    uint32_t count = 0;
    struct tsec_reader in = segment_reader(record->value, &count);

    if (record->key.len != SEGMENT_KEY_LEN || segment_first(record->key) != r->out->size) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "the log has a gap at %" PRIu64, r->out->size);
    }
    for (uint32_t i = 0; i < count; i++) {
        const uint16_t len = tsec_read_u16(&in);
        const struct tsec_span leaf = tsec_read_fixed(&in, len);

        if (in.failed) {
            return TSEC_FAIL(err, TSEC_E_TAMPERED, "a segment is cut short");
        }
        TSEC_TRY(read_leaf(r, leaf, err));
    }
    (void)tsec_read_fixed(&in, SEGMENT_TAG);
    return tsec_reader_end(&in, "segment", err);
}

static tsec_rc
read_all(struct reading *r, const struct database *db, struct tsec_err *err)
{
    const struct tsec_span prefix = tsec_span("e", 1);
    struct database_record record;

    for (size_t i = database_lower(db, prefix);
         database_at(db, i, &record) && tsec_span_starts(record.key, prefix); i++) {
        TSEC_TRY(read_segment(r, &record, err));
    }
    return TSEC_OK;
}

tsec_rc
auditor_read(const struct auditor *auditor, const struct database *db, struct auditor_log *out,
             struct tsec_err *err)
{
    struct reading r = { .auditor = auditor, .out = out };
    tsec_rc rc;

    out->size = 0;
    out->boots = 0;
    tsec_buf_init(&r.ivs, (size_t)1 << 20);
    tsec_buf_init(&r.json, (size_t)1 << 16);
    rc = read_all(&r, db, err);
    for (size_t i = 0; i < EPOCHS_MAX; i++) {
        tsec_aead_key_free(r.keys[i]);
    }
    tsec_buf_done(&r.ivs);
    tsec_buf_done(&r.json);
    return rc;
}

uint64_t
auditor_size(const struct database *db)
{
    const size_t end = database_lower(db, tsec_span("f", 1));
    struct database_record last;
    uint32_t count = 0;

    if (end == 0 || !database_at(db, end - 1, &last) || last.key.ptr[0] != 'e') {
        return 0;
    }
    (void)segment_reader(last.value, &count);
    return segment_first(last.key) + count;
}

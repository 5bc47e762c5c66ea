/* SPDX-License-Identifier: Apache-2.0 */
#include "state/state_internal.h"

#include <stdlib.h>

enum { MEMBER_SUFFIX = 3 };

int64_t
txn_now(const struct txn *txn)
{
    return txn->now_ns;
}

struct tsec_arena *
txn_arena(struct txn *txn)
{
    return txn->arena;
}

const struct keyring *
txn_keyring(const struct txn *txn)
{
    return txn->state->keyring;
}

struct tsec_span
txn_key(struct txn *txn, const struct tsec_span *parts, size_t n)
{
    size_t len = 0;
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        len += parts[i].len;
    }
    if (len == 0 || len > TXN_KEY_MAX) {
        return tsec_span(NULL, 0);
    }

    uint8_t *key = tsec_arena_alloc(txn->arena, len);

    if (key == NULL) {
        return tsec_span(NULL, 0);
    }
    for (size_t i = 0; i < n; i++) {
        if (parts[i].len > 0) {
            memcpy(key + at, parts[i].ptr, parts[i].len);
            at += parts[i].len;
        }
    }
    return tsec_span(key, len);
}

struct tsec_span
txn_key2(struct txn *txn, const char *a, struct tsec_span b)
{
    return txn_key(txn, (const struct tsec_span[]){ tsec_span_str(a), b }, 2);
}

struct tsec_span
txn_key3(struct txn *txn, const char *a, struct tsec_span b, struct tsec_span c)
{
    return txn_key(txn, (const struct tsec_span[]){ tsec_span_str(a), b, c }, 3);
}

static struct tsec_span
member_key(struct txn *txn, struct tsec_span group, uint16_t slot)
{
    const uint8_t suffix[MEMBER_SUFFIX] = { 0, (uint8_t)(slot >> 8), (uint8_t)slot };

    return txn_key(txn, (const struct tsec_span[]){ group, tsec_span(suffix, sizeof(suffix)) }, 2);
}

/* ---- reads ---- */

void
txn_rollback(struct txn *txn)
{
    for (size_t i = 0; i < txn->writes_len; i++) {
        row_unref(txn->writes[i].row);
    }
    txn->writes_len = 0;
    txn->deks_len = 0;
}

void
txn_reset(struct txn *txn)
{
    txn_rollback(txn);
    for (size_t i = 0; i < txn->reads_len; i++) {
        row_unref(txn->reads[i].row);
    }
    txn->reads_len = 0;
    txn->listed = false;
}

void
txn_free(struct txn *txn)
{
    if (txn != NULL) {
        txn_reset(txn); /* its memory is the arena's */
    }
}

bool
txn_has_writes(const struct txn *txn)
{
    return txn->writes_len > 0 || txn->deks_len > 0;
}

/* Twice the room, in the arena; the old room stays until the arena goes. */
static void *
grow(struct txn *txn, const void *old, size_t len, size_t *cap, size_t size)
{
    const size_t more = *cap == 0 ? 8 : *cap * 2;
    void *room = tsec_arena_alloc(txn->arena, more * size);

    if (room != NULL && len > 0) {
        memcpy(room, old, len * size);
    }
    if (room != NULL) {
        *cap = more;
    }
    return room;
}

static tsec_rc
read_add(struct txn *txn, struct tsec_span key, struct row *row, struct tsec_err *err)
{
    if (txn->reads_len == txn->reads_cap) {
        void *room = grow(txn, txn->reads, txn->reads_len, &txn->reads_cap, sizeof(*txn->reads));

        if (room == NULL) {
            return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the request needs too much memory");
        }
        txn->reads = room;
    }
    txn->reads[txn->reads_len++] = (struct txn_read){ key, row_ref(row) };
    return TSEC_OK;
}

/* The row as first read: reading again sees the same. */
static tsec_rc
read_row(struct txn *txn, struct tsec_span key, struct row **row, struct tsec_err *err)
{
    struct slot_entry found = { .row = NULL };

    if (key.len == 0) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no key");
    }
    for (size_t i = 0; i < txn->reads_len; i++) {
        if (tsec_span_equal(txn->reads[i].key, key)) {
            *row = txn->reads[i].row;
            return TSEC_OK;
        }
    }
    (void)view_find(txn->overlay, txn->state->base, key, &found);
    *row = found.row;
    return read_add(txn, key, found.row, err);
}

static const struct txn_write *
write_of(const struct txn *txn, struct tsec_span key)
{
    for (size_t i = txn->writes_len; i > 0; i--) {
        const struct txn_write *w = &txn->writes[i - 1];

        if (tsec_span_equal(w->key, key) || (w->head && tsec_span_equal(w->group, key))) {
            return w;
        }
    }
    return NULL;
}

static tsec_rc
absent(struct tsec_err *err)
{
    return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no such row");
}

static tsec_rc
row_payload(struct txn *txn, const struct row *row, struct tsec_span *payload, struct tsec_err *err)
{
    struct row_record record;
    uint8_t *plain = tsec_arena_alloc(txn->arena, (size_t)1 << row->class);

    if (plain == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the request needs too much memory");
    }
    TSEC_TRY(row_open(txn->state->keyring, row->rk, row->version, row->class, row_blob(row), plain,
                      &record, err));
    if (!tsec_span_equal(record.key, row_key(row))) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a row says it is another");
    }
    *payload = record.payload;
    return TSEC_OK;
}

tsec_rc
txn_get(struct txn *txn, struct tsec_span key, struct tsec_span *payload, struct tsec_err *err)
{
    const struct txn_write *own = write_of(txn, key);
    struct row *row = NULL;

    if (own != NULL) {
        *payload = own->payload;
        return own->row == NULL ? absent(err) : TSEC_OK;
    }
    TSEC_TRY(read_row(txn, key, &row, err));
    return row == NULL ? absent(err) : row_payload(txn, row, payload, err);
}

tsec_rc
txn_get_member(struct txn *txn, struct tsec_span group, uint16_t slot, struct tsec_span *payload,
               struct tsec_err *err)
{
    return txn_get(txn, member_key(txn, group, slot), payload, err);
}

bool
txn_has(struct txn *txn, struct tsec_span key)
{
    const struct txn_write *own = write_of(txn, key);
    struct row *row = NULL;

    if (own != NULL) {
        return own->row != NULL;
    }
    return !tsec_failed(read_row(txn, key, &row, NULL)) && row != NULL;
}

/* A row of this transaction's own has no shared object: it is decoded into a row that nobody else
 * can see yet, which keeps the object as any row does. */
static tsec_rc
row_object(struct txn *txn, struct row *row, struct tsec_span own_payload,
           const struct txn_object_type *type, const void **object, struct tsec_err *err)
{
    void *have = atomic_load_explicit(&row->object, memory_order_acquire);
    struct tsec_span payload = own_payload;
    void *made = NULL;

    if (have == NULL) {
        if (payload.ptr == NULL) {
            TSEC_TRY(row_payload(txn, row, &payload, err));
        }
        TSEC_TRY(type->decode(payload, &made, err));
        atomic_store(&row->type, type);
        if (atomic_compare_exchange_strong(&row->object, &have, made)) {
            have = made;
        } else {
            type->free(made);
        }
    }
    *object = have;
    return TSEC_OK;
}

tsec_rc
txn_object(struct txn *txn, struct tsec_span key, const struct txn_object_type *type,
           const void **object, struct tsec_err *err)
{
    const struct txn_write *own = write_of(txn, key);
    struct row *row = NULL;

    if (own != NULL) {
        return own->row == NULL ? absent(err)
                                : row_object(txn, own->row, own->payload, type, object, err);
    }
    TSEC_TRY(read_row(txn, key, &row, err));
    return row == NULL ? absent(err) : row_object(txn, row, tsec_span(NULL, 0), type, object, err);
}

/* ---- writes ---- */

static tsec_rc
write_add(struct txn *txn, const struct txn_write *write, struct tsec_err *err)
{
    if (txn->writes_len >= TXN_WRITES_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "more than %d rows in one operation",
                         TXN_WRITES_MAX);
    }
    if (txn->writes_len == txn->writes_cap) {
        void *room = grow(txn, txn->writes, txn->writes_len, &txn->writes_cap, sizeof(*write));

        if (room == NULL) {
            return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the request needs too much memory");
        }
        txn->writes = room;
    }
    txn->writes[txn->writes_len] = *write;
    txn->writes[txn->writes_len++].row = row_ref(write->row);
    return TSEC_OK;
}

/* A row that replaces what was read has the next version; what replaces an own write keeps it. */
static tsec_rc
seal_row(struct txn *txn, const struct row_record *record, struct row **out, struct tsec_err *err)
{
    TSEC_AUTO(row_unref) struct row *fresh = NULL;
    const struct keyring *keyring = txn->state->keyring;
    const uint8_t class = row_class(record);
    struct row *before = NULL;

    if (class == 0 || record->payload.len > TXN_PAYLOAD_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "a record of %zu bytes", record->payload.len);
    }
    TSEC_TRY(read_row(txn, record->key, &before, err));
    TSEC_TRY(row_new(record->key, row_blob_len(class), &fresh, err));
    if (before == NULL) {
        row_blind(keyring, record->key, fresh->rk);
    } else {
        memcpy(fresh->rk, before->rk, sizeof(fresh->rk));
    }
    fresh->class = class;
    fresh->version = before == NULL ? 1 : before->version + 1;
    fresh->group_len = record->group_len;
    fresh->group_version = record->group_version;

    uint8_t *blob = fresh->bytes + fresh->key_len;

    TSEC_TRY(row_seal(keyring, record, fresh->rk, fresh->version, class, blob, err));
    tsec_sha256(tsec_span(blob, fresh->blob_len), fresh->hash);
    *out = TSEC_TAKE(fresh);
    return TSEC_OK;
}

static tsec_rc
put_record(struct txn *txn, const struct row_record *record, bool head, struct tsec_err *err)
{
    TSEC_AUTO(row_unref) struct row *row = NULL;
    struct txn_write write = { .key = record->key, .head = head };

    if (record->key.len == 0) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no key");
    }
    TSEC_TRY(seal_row(txn, record, &row, err));
    write.row = row;
    write.group = tsec_span(record->key.ptr, record->group_len);
    write.payload.len = record->payload.len;
    write.payload.ptr = (const uint8_t *)tsec_arena_dup(txn->arena, record->payload);
    if (write.payload.ptr == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the request needs too much memory");
    }
    return write_add(txn, &write, err);
}

tsec_rc
txn_put(struct txn *txn, struct tsec_span key, struct tsec_span payload, struct tsec_err *err)
{
    const struct row_record record = { .key = key, .payload = payload };

    return put_record(txn, &record, false, err);
}

/* The head: an own write of the group, or the row that was read under the group's key. */
static tsec_rc
head_of(struct txn *txn, struct tsec_span group, const struct row **head, struct tsec_err *err)
{
    const struct txn_write *own = write_of(txn, group);
    struct row *row = NULL;

    TSEC_TRY(read_row(txn, group, &row, err));
    *head = own != NULL ? own->row : row;
    return TSEC_OK;
}

tsec_rc
txn_put_head(struct txn *txn, struct tsec_span group, uint16_t slot, struct tsec_span payload,
             struct tsec_err *err)
{
    const struct row *head = NULL;

    TSEC_TRY(head_of(txn, group, &head, err));

    const struct row_record record = {
        .key = member_key(txn, group, slot),
        .group_len = (uint16_t)group.len,
        .group_version = head == NULL ? 1 : head->group_version + 1,
        .payload = payload,
    };

    return put_record(txn, &record, true, err);
}

uint16_t
txn_head_slot(struct txn *txn, struct tsec_span group)
{
    const struct row *head = NULL;

    if (tsec_failed(head_of(txn, group, &head, NULL)) || head == NULL || head->group_len == 0
        || head->key_len < MEMBER_SUFFIX) {
        return 0;
    }

    const uint8_t *end = head->bytes + head->key_len;

    return (uint16_t)((end[-2] << 8) | end[-1]);
}

static bool
is_under_current_key(const struct txn *txn, const struct row *row)
{
    struct keyring_dek dek;

    return keyring_dek_by_kid(txn_keyring(txn), row_kid(row_blob(row)), &dek)
           && dek.state == KEYRING_PRIMARY;
}

tsec_rc
txn_reseal(struct txn *txn, struct tsec_span key, struct tsec_err *err)
{
    struct row_record record = { .key = key };
    struct row *row = NULL;

    TSEC_TRY(read_row(txn, key, &row, err));
    if (row == NULL || write_of(txn, key) != NULL || is_under_current_key(txn, row)) {
        return TSEC_OK;
    }
    TSEC_TRY(row_payload(txn, row, &record.payload, err));
    record.group_len = row->group_len;
    record.group_version = row->group_version;
    return put_record(txn, &record, false, err);
}

static tsec_rc
delete_key(struct txn *txn, struct tsec_span key, size_t group_len, struct tsec_err *err)
{
    const struct txn_write write = { .key = key,
                                     .group = tsec_span(key.ptr, group_len),
                                     .head = group_len > 0 };

    return txn_has(txn, key) ? write_add(txn, &write, err) : TSEC_OK;
}

tsec_rc
txn_delete(struct txn *txn, struct tsec_span key, struct tsec_err *err)
{
    return delete_key(txn, key, 0, err);
}

tsec_rc
txn_delete_member(struct txn *txn, struct tsec_span group, uint16_t slot, struct tsec_err *err)
{
    const struct tsec_span key = member_key(txn, group, slot);
    const struct row *head = NULL;

    if (key.len == 0) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no key");
    }
    TSEC_TRY(head_of(txn, group, &head, err));
    if (head != NULL && tsec_span_equal(row_key(head), key)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the head of a group goes with the group");
    }
    /* No group in the write: the head stays where it is. */
    return delete_key(txn, key, 0, err);
}

tsec_rc
txn_delete_group(struct txn *txn, struct tsec_span group, struct tsec_err *err)
{
    const struct tsec_span prefix =
        txn_key(txn, (const struct tsec_span[]){ group, tsec_span("", 1) }, 2);
    struct slot_entry at = { .key = prefix };
    const struct row *head = NULL;

    if (prefix.len == 0) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no key");
    }
    TSEC_TRY(head_of(txn, group, &head, err));
    while (view_next(txn->overlay, txn->state->base, at.key, false, &at)
           && tsec_span_starts(at.key, prefix)) {
        const struct tsec_span key = txn_key(txn, &at.key, 1);

        TSEC_TRY(key.len == 0 ? TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no key")
                              : delete_key(txn, key, group.len, err));
    }
    /* Members that this transaction itself made: nobody else has them yet. */
    for (size_t i = 0, n = txn->writes_len; i < n; i++) {
        const struct txn_write *w = &txn->writes[i];

        if (w->row != NULL && tsec_span_starts(w->key, prefix)) {
            TSEC_TRY(delete_key(txn, w->key, group.len, err));
        }
    }
    return TSEC_OK;
}

tsec_rc
txn_dek(struct txn *txn, enum txn_dek_change change, const char *mount, struct tsec_err *err)
{
    char *copy = tsec_arena_dup(txn->arena, tsec_span_str(mount));

    if (copy == NULL || txn->deks_len == TSEC_ARRAY_LEN(txn->deks)) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "too many key changes in one operation");
    }
    txn->deks[txn->deks_len++] = (struct txn_dek_op){ change, copy };
    return TSEC_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that rotate by themselves, found by time. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "core/expiry.h"
#include "core/purge.h"
#include "core/transit_key.h"
#include "core/transit_key_rows.h"

#define DUE_PREFIX "sys/transit-due/"
enum { SECOND_DIGITS = 16, DUE_NAME_LEN = SECOND_DIGITS + 1 + TRANSIT_ID_LEN };

/* The row says whose it is, and is no proof that there still is such a key. */
struct due_row {
    const char *mount;
    const char *name;
};

static const struct record_field due_fields[] = {
    RECORD_FIELD(due_row, mount, RECORD_STR),
    RECORD_FIELD(due_row, name, RECORD_STR),
};
static const struct record_type due_record = { "rotation that is due", 1, sizeof(struct due_row),
                                               due_fields, TSEC_ARRAY_LEN(due_fields) };

static tsec_rc
due_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    return record_decode(&due_record, payload, object, err);
}

static const struct txn_object_type due_object = { "rotation that is due", due_decode,
                                                   record_free };

static struct tsec_span
due_key(struct txn *txn, const struct transit_key *key)
{
    return tsec_span_str(tsec_arena_printf(txn_arena(txn), DUE_PREFIX "%016" PRIx64 "/%s",
                                           expiry_second(key->next_rotation_ns), key->id));
}

tsec_rc
transit_due_put(struct txn *txn, const char *mount, const struct transit_key *key,
                struct tsec_err *err)
{
    const struct due_row row = { mount, key->name };
    struct tsec_span entry;

    if (key->next_rotation_ns == 0) {
        return TSEC_OK;
    }
    entry = due_key(txn, key);
    return txn_has(txn, entry) ? TSEC_OK : record_put(txn, entry, &due_record, &row, err);
}

tsec_rc
transit_due_drop(struct txn *txn, const struct transit_key *key, struct tsec_err *err)
{
    return key->next_rotation_ns == 0 ? TSEC_OK : txn_delete(txn, due_key(txn, key), err);
}

/* The key that an entry is about; NULL: it is gone, or its mount is, or this is not where it would
 * stand. */
static tsec_rc
key_of(struct txn *txn, struct tsec_span entry, const struct due_row *row,
       const struct transit_key **out, struct tsec_err *err)
{
    const struct transit_key *key = NULL;
    tsec_rc rc;

    *out = NULL;
    if (purge_has(txn, row->mount)) {
        return TSEC_OK;
    }
    rc = transit_key_find(txn, row->mount, tsec_span_str(row->name), &key, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return TSEC_OK;
    }
    TSEC_TRY(rc);
    if (key->next_rotation_ns != 0 && tsec_span_equal(entry, due_key(txn, key))) {
        *out = key;
    }
    return TSEC_OK;
}

tsec_rc
transit_next_due(struct txn *txn, struct transit_due *out, struct tsec_err *err)
{
    const struct transit_key *key = NULL;
    const struct due_row *row;
    const void *object = NULL;
    char now[SECOND_DIGITS + 1];
    struct tsec_strings names;

    *out = (struct transit_due){ .mount = NULL };
    TSEC_TRY(
        record_names(txn, tsec_span_str(DUE_PREFIX), tsec_span(NULL, 0), 1, true, &names, err));
    (void)snprintf(now, sizeof(now), "%016" PRIx64, (uint64_t)(txn_now(txn) / TSEC_NS_PER_S));
    if (names.len == 0 || strlen(names.items[0]) != DUE_NAME_LEN
        || strncmp(names.items[0], now, SECOND_DIGITS) > 0) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no key is to be rotated");
    }
    out->entry = txn_key2(txn, DUE_PREFIX, tsec_span_str(names.items[0]));
    TSEC_TRY(txn_object(txn, out->entry, &due_object, &object, err));
    row = object;
    out->mount = row->mount;
    out->name = row->name;
    TSEC_TRY(key_of(txn, out->entry, row, &key, err));
    if (key != NULL) {
        out->type = transit_key_type(key);
        out->key_size = key->key_size;
    }
    return TSEC_OK;
}

/* So that a key that cannot rotate is not tried again at once, nor forgotten. */
static tsec_rc
put_off(struct txn *txn, const char *mount, const struct transit_key *key, struct tsec_err *err)
{
    struct transit_key changed = *key;
    const struct transit_key *out = NULL;

    if (__builtin_add_overflow(txn_now(txn), key->auto_rotate_ns, &changed.next_rotation_ns)) {
        changed.next_rotation_ns = INT64_MAX;
    }
    return transit_row_change(txn, mount, key, &changed, &out, err);
}

static tsec_rc
rotate(struct txn *txn, const char *mount, const struct transit_key *key,
       const struct transit_fresh *fresh, enum transit_due_end *end, struct tsec_err *err)
{
    const struct transit_key *out = NULL;
    const tsec_rc rc = transit_key_rotate(txn, mount, key, fresh, &out, err);

    *end = TRANSIT_DUE_ROTATED;
    if (rc.code != TSEC_E_INVALID) {
        return rc;
    }
    *end = TRANSIT_DUE_PUT_OFF;
    return put_off(txn, mount, key, NULL);
}

tsec_rc
transit_rotate_due(struct txn *txn, const struct transit_due *due,
                   const struct transit_fresh *fresh, enum transit_due_end *end,
                   struct tsec_err *err)
{
    const struct due_row row = { due->mount, due->name };
    const struct transit_key *key = NULL;

    *end = TRANSIT_DUE_NOT_ANY_MORE;
    if (!txn_has(txn, due->entry)) {
        return TSEC_OK;
    }
    TSEC_TRY(key_of(txn, due->entry, &row, &key, err));
    if (key == NULL) {
        *end = TRANSIT_DUE_GONE;
        return txn_delete(txn, due->entry, err);
    }
    return fresh == NULL ? TSEC_OK : rotate(txn, due->mount, key, fresh, end, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A key's row: found, listed, put, and removed with all that is the key's. */
#include "core/transit_key.h"

#include "base/hex.h"
#include "core/transit_key_rows.h"
#include "crypto/rand.h"

static const struct record_field key_fields[] = {
    RECORD_FIELD(transit_key, name, RECORD_STR),
    RECORD_FIELD(transit_key, id, RECORD_STR),
    RECORD_FIELD(transit_key, type_name, RECORD_STR),
    RECORD_FIELD(transit_key, revision, RECORD_I64),
    RECORD_FIELD(transit_key, created_ns, RECORD_I64),
    RECORD_FIELD(transit_key, rotated_ns, RECORD_I64),
    RECORD_FIELD(transit_key, next_rotation_ns, RECORD_I64),
    RECORD_FIELD(transit_key, latest, RECORD_I64),
    RECORD_FIELD(transit_key, min_available, RECORD_I64),
    RECORD_FIELD(transit_key, min_decryption, RECORD_I64),
    RECORD_FIELD(transit_key, min_encryption, RECORD_I64),
    RECORD_FIELD(transit_key, auto_rotate_ns, RECORD_I64),
    RECORD_FIELD(transit_key, key_size, RECORD_I64),
    RECORD_FIELD(transit_key, max_uses, RECORD_I64),
    RECORD_FIELD(transit_key, rate, RECORD_I64),
    RECORD_FIELD(transit_key, derived, RECORD_BOOL),
    RECORD_FIELD(transit_key, convergent, RECORD_BOOL),
    RECORD_FIELD(transit_key, deletion_allowed, RECORD_BOOL),
    RECORD_FIELD(transit_key, exportable, RECORD_BOOL),
    RECORD_FIELD(transit_key, plaintext_backup, RECORD_BOOL),
    RECORD_FIELD(transit_key, imported, RECORD_BOOL),
    RECORD_FIELD(transit_key, imported_rotation, RECORD_BOOL),
    RECORD_FIELD(transit_key, attested_only, RECORD_BOOL),
    RECORD_FIELD(transit_key, never_exportable, RECORD_BOOL),
};
static const struct record_type key_record = { "transit key", 1, sizeof(struct transit_key),
                                               key_fields, TSEC_ARRAY_LEN(key_fields) };

static tsec_rc
key_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    return record_decode(&key_record, payload, object, err);
}

static const struct txn_object_type key_object = { "transit key", key_decode, record_free };

static struct tsec_span
key_row(struct txn *txn, const char *mount, struct tsec_span name)
{
    return txn_key3(txn, mount, tsec_span_str("/k/"), name);
}

static bool
is_word(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool
transit_name_valid(struct tsec_span name)
{
    if (name.len == 0 || name.len > TRANSIT_NAME_MAX || !is_word(name.ptr[0])
        || !is_word(name.ptr[name.len - 1])) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (!is_word(name.ptr[i]) && name.ptr[i] != '-' && name.ptr[i] != '.') {
            return false;
        }
    }
    return true;
}

enum transit_type
transit_key_type(const struct transit_key *key)
{
    return transit_type_named(key->type_name);
}

int64_t
transit_key_oldest(const struct transit_key *key)
{
    return key->min_available > 1 ? key->min_available : 1;
}

tsec_rc
transit_key_find(struct txn *txn, const char *mount, struct tsec_span name,
                 const struct transit_key **out, struct tsec_err *err)
{
    const struct transit_key *key;
    const void *object = NULL;

    *out = NULL;
    if (!transit_name_valid(name)) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no such key");
    }
    TSEC_TRY(txn_object(txn, key_row(txn, mount, name), &key_object, &object, err));
    key = object;
    if (transit_traits(transit_key_type(key)) == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a key of type %s, which this server has not",
                         key->type_name);
    }
    *out = key;
    return TSEC_OK;
}

tsec_rc
transit_key_list(struct txn *txn, const char *mount, struct tsec_strings *out, struct tsec_err *err)
{
    return record_names(txn, txn_key2(txn, mount, tsec_span_str("/k/")), tsec_span(NULL, 0), 0,
                        false, out, err);
}

const char *
transit_new_id(struct txn *txn)
{
    char *id = tsec_arena_alloc(txn_arena(txn), TRANSIT_ID_LEN + 1);
    uint8_t random[TRANSIT_ID_LEN / 2];

    if (id != NULL) {
        tsec_rand_nonce(random, sizeof(random));
        tsec_hex_encode(tsec_span(random, sizeof(random)), id);
    }
    return id;
}

static tsec_rc
put(struct txn *txn, const char *mount, const struct transit_key *key, int64_t revision,
    const struct transit_key **out, struct tsec_err *err)
{
    struct transit_key *copy = tsec_arena_alloc(txn_arena(txn), sizeof(*copy));

    if (copy == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a transit key");
    }
    *copy = *key;
    copy->revision = revision;
    TSEC_TRY(transit_due_put(txn, mount, copy, err));
    TSEC_TRY(
        record_put(txn, key_row(txn, mount, tsec_span_str(copy->name)), &key_record, copy, err));
    *out = copy;
    return TSEC_OK;
}

tsec_rc
transit_row_add(struct txn *txn, const char *mount, const struct transit_key *key,
                const struct transit_key **out, struct tsec_err *err)
{
    return put(txn, mount, key, 1, out, err);
}

tsec_rc
transit_row_change(struct txn *txn, const char *mount, const struct transit_key *before,
                   const struct transit_key *key, const struct transit_key **out,
                   struct tsec_err *err)
{
    if (before->next_rotation_ns != key->next_rotation_ns) {
        TSEC_TRY(transit_due_drop(txn, before, err));
    }
    return put(txn, mount, key, before->revision + 1, out, err);
}

tsec_rc
transit_row_remove(struct txn *txn, const char *mount, const struct transit_key *key,
                   struct tsec_err *err)
{
    TSEC_TRY(
        transit_version_drop(txn, mount, key->id, transit_key_oldest(key), key->latest + 1, err));
    TSEC_TRY(transit_uses_forget(txn, mount, key->id, err));
    TSEC_TRY(transit_due_drop(txn, key, err));
    return txn_delete(txn, key_row(txn, mount, tsec_span_str(key->name)), err);
}

tsec_rc
transit_key_delete(struct txn *txn, const char *mount, const struct transit_key *key,
                   struct tsec_err *err)
{
    if (!key->deletion_allowed) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "deletion is not allowed for this key");
    }
    return transit_row_remove(txn, mount, key, err);
}

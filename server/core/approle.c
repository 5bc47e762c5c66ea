/* SPDX-License-Identifier: Apache-2.0 */
#include "core/approle.h"

#include "base/hex.h"
#include "core/approle_rows.h"
#include "core/purge.h"
#include "crypto/hash.h"
#include "crypto/rand.h"

static const struct record_field role_fields[] = {
    RECORD_FIELD(approle, name, RECORD_STR),
    RECORD_FIELD(approle, inner, RECORD_STR),
    RECORD_FIELD(approle, role_id, RECORD_STR),
    RECORD_FIELD(approle, token_type, RECORD_STR),
    RECORD_FIELD(approle, secret_id_bound_cidrs, RECORD_STRINGS),
    RECORD_FIELD(approle, token_policies, RECORD_STRINGS),
    RECORD_FIELD(approle, token_bound_cidrs, RECORD_STRINGS),
    RECORD_FIELD(approle, secret_id_num_uses, RECORD_I64),
    RECORD_FIELD(approle, secret_id_ttl_s, RECORD_I64),
    RECORD_FIELD(approle, token_ttl_s, RECORD_I64),
    RECORD_FIELD(approle, token_max_ttl_s, RECORD_I64),
    RECORD_FIELD(approle, token_explicit_max_ttl_s, RECORD_I64),
    RECORD_FIELD(approle, token_period_s, RECORD_I64),
    RECORD_FIELD(approle, token_num_uses, RECORD_I64),
    RECORD_FIELD(approle, bind_secret_id, RECORD_BOOL),
    RECORD_FIELD(approle, local_secret_ids, RECORD_BOOL),
    RECORD_FIELD(approle, token_no_default_policy, RECORD_BOOL),
    RECORD_FIELD(approle, token_strictly_bind_ip, RECORD_BOOL),
};
static const struct record_type role_record = { "approle", 1, sizeof(struct approle), role_fields,
                                                TSEC_ARRAY_LEN(role_fields) };

static tsec_rc
role_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    return record_decode(&role_record, payload, object, err);
}

static const struct txn_object_type role_object = { "approle", role_decode, record_free };

struct tsec_span
approle_key(const struct approle_at *at, const char *folder, struct tsec_span name)
{
    const struct tsec_span parts[] = { tsec_span_str("sys/approle/"), tsec_span_str(at->mount->id),
                                       tsec_span_str(folder), name };

    return txn_key(at->txn, parts, TSEC_ARRAY_LEN(parts));
}

void
approle_tag(const struct approle_at *at, const char *what, struct tsec_span id,
            uint8_t tag[RECORD_TAG_LEN])
{
    const struct tsec_span parts[] = { tsec_span(what, strlen(what) + 1), id };

    tsec_hmac_parts(at->keys->token_tag, parts, TSEC_ARRAY_LEN(parts), tag);
}

static struct tsec_span
id_key(const struct approle_at *at, struct tsec_span role_id)
{
    char hex[2 * RECORD_TAG_LEN + 1];
    uint8_t tag[RECORD_TAG_LEN];

    approle_tag(at, "role-id", role_id, tag);
    tsec_hex_encode(tsec_span(tag, sizeof(tag)), hex);
    return approle_key(at, "/id/", tsec_span_str(hex));
}

const char *
approle_name(struct tsec_arena *arena, struct tsec_span name)
{
    char *out;

    if (name.len == 0 || name.len > APPROLE_NAME_MAX || memchr(name.ptr, '/', name.len) != NULL) {
        return NULL;
    }
    out = tsec_arena_dup(arena, name);
    for (char *c = out; c != NULL && *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z') {
            *c = (char)(*c - 'A' + 'a');
        }
    }
    return out;
}

tsec_rc
approle_find(const struct approle_at *at, const char *name, const struct approle **out,
             struct tsec_err *err)
{
    const void *object = NULL;

    *out = NULL;
    TSEC_TRY(txn_object(at->txn, approle_key(at, "/role/", tsec_span_str(name)), &role_object,
                        &object, err));
    *out = object;
    return TSEC_OK;
}

tsec_rc
approle_init(const struct approle_at *at, const char *name, struct approle *out,
             struct tsec_err *err)
{
    char *role_id = tsec_arena_alloc(txn_arena(at->txn), 37);
    char *inner = tsec_arena_alloc(txn_arena(at->txn), 37);

    if (role_id == NULL || inner == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a role");
    }
    tsec_rand_uuid(role_id);
    tsec_rand_uuid(inner);
    *out = (struct approle){
        .name = name,
        .inner = inner,
        .role_id = role_id,
        .token_type = "default",
        .bind_secret_id = true,
    };
    return TSEC_OK;
}

tsec_rc
approle_store(const struct approle_at *at, const struct approle *role, const struct approle *old,
              struct tsec_err *err)
{
    const struct tsec_span id = id_key(at, tsec_span_str(role->role_id));

    if (old == NULL || strcmp(old->role_id, role->role_id) != 0) {
        if (txn_has(at->txn, id)) {
            return TSEC_FAIL(err, TSEC_E_CONFLICT, "role_id already in use");
        }
        if (old != NULL) {
            TSEC_TRY(txn_delete(at->txn, id_key(at, tsec_span_str(old->role_id)), err));
        }
        TSEC_TRY(txn_put(at->txn, id, tsec_span_str(role->name), err));
    }
    return record_put(at->txn, approle_key(at, "/role/", tsec_span_str(role->name)), &role_record,
                      role, err);
}

tsec_rc
approle_delete(const struct approle_at *at, const struct approle *role, struct tsec_err *err)
{
    const struct purge purge = {
        .id = role->inner,
        .prefix = tsec_arena_printf(txn_arena(at->txn), "sys/approle/%s/s/%s/", at->mount->id,
                                    role->inner),
    };

    if (purge.prefix == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a purge");
    }
    TSEC_TRY(txn_delete(at->txn, approle_key(at, "/role/", tsec_span_str(role->name)), err));
    TSEC_TRY(txn_delete(at->txn, id_key(at, tsec_span_str(role->role_id)), err));
    return purge_add(at->txn, &purge, err);
}

tsec_rc
approle_names(const struct approle_at *at, struct tsec_strings *out, struct tsec_err *err)
{
    return record_names(at->txn, approle_key(at, "/role/", tsec_span(NULL, 0)), tsec_span(NULL, 0),
                        0, true, out, err);
}

tsec_rc
approle_by_role_id(const struct approle_at *at, struct tsec_span role_id,
                   const struct approle **out, struct tsec_err *err)
{
    struct tsec_span name;
    const char *text;

    TSEC_TRY(txn_get(at->txn, id_key(at, role_id), &name, err));
    text = tsec_arena_dup(txn_arena(at->txn), name);
    if (text == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a role's name");
    }
    return approle_find(at, text, out, err);
}

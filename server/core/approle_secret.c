/* SPDX-License-Identifier: Apache-2.0 */
#include "core/approle.h"

#include "base/clock.h"
#include "base/hex.h"
#include "core/approle_rows.h"
#include "core/cidr.h"
#include "core/expiry.h"
#include "crypto/rand.h"

enum { TAG_DIGITS = 2 * RECORD_TAG_LEN };

static const struct record_field secret_fields[] = {
    RECORD_FIELD(approle_secret, tag, RECORD_TAG),
    RECORD_FIELD(approle_secret, accessor, RECORD_STR),
    RECORD_FIELD(approle_secret, cidr_list, RECORD_STRINGS),
    RECORD_FIELD(approle_secret, token_bound_cidrs, RECORD_STRINGS),
    RECORD_FIELD(approle_secret, metadata, RECORD_MAP),
    RECORD_FIELD(approle_secret, created_ns, RECORD_I64),
    RECORD_FIELD(approle_secret, updated_ns, RECORD_I64),
    RECORD_FIELD(approle_secret, expires_ns, RECORD_I64),
    RECORD_FIELD(approle_secret, ttl_s, RECORD_I64),
    RECORD_FIELD(approle_secret, num_uses, RECORD_I64),
};
static const struct record_type secret_record = { "secret id", 1, sizeof(struct approle_secret),
                                                  secret_fields, TSEC_ARRAY_LEN(secret_fields) };

static tsec_rc
secret_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    return record_decode(&secret_record, payload, object, err);
}

static const struct txn_object_type secret_object = { "secret id", secret_decode, record_free };

static struct tsec_span
key_below(const struct approle_at *at, const struct approle *role, const char *folder,
          struct tsec_span name)
{
    const struct tsec_span parts[] = { tsec_span_str(role->inner), tsec_span_str(folder), name };

    return approle_key(at, "/s/", txn_key(at->txn, parts, TSEC_ARRAY_LEN(parts)));
}

static struct tsec_span
tag_key(const struct approle_at *at, const struct approle *role, const uint8_t tag[RECORD_TAG_LEN])
{
    char hex[TAG_DIGITS + 1];

    tsec_hex_encode(tsec_span(tag, RECORD_TAG_LEN), hex);
    return key_below(at, role, "/t/", tsec_span(hex, TAG_DIGITS));
}

static struct tsec_span
accessor_key(const struct approle_at *at, const struct approle *role, struct tsec_span accessor)
{
    return key_below(at, role, "/a/", accessor);
}

static tsec_rc
put_expiry(const struct approle_at *at, const struct approle *role,
           const struct approle_secret *secret, struct tsec_err *err)
{
    struct tsec_arena *arena = txn_arena(at->txn);
    const char *rows[] = {
        tsec_arena_dup(arena, tag_key(at, role, secret->tag)),
        tsec_arena_dup(arena, accessor_key(at, role, tsec_span_str(secret->accessor))),
    };

    if (rows[0] == NULL || rows[1] == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a secret id");
    }
    return expiry_put_rows(at->txn, secret->expires_ns, secret->accessor,
                           (struct tsec_strings){ rows, TSEC_ARRAY_LEN(rows) }, err);
}

tsec_rc
approle_secret_add(const struct approle_at *at, const struct approle *role, const char *secret_id,
                   struct approle_secret *secret, struct tsec_err *err)
{
    char *accessor = tsec_arena_alloc(txn_arena(at->txn), 37);

    if (accessor == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a secret id");
    }
    tsec_rand_uuid(accessor);
    approle_tag(at, "secret-id", tsec_span_str(secret_id), secret->tag);
    if (txn_has(at->txn, tag_key(at, role, secret->tag))) {
        return TSEC_FAIL(err, TSEC_E_CONFLICT, "SecretID is already registered");
    }
    secret->accessor = accessor;
    secret->created_ns = txn_now(at->txn);
    secret->updated_ns = secret->created_ns;
    secret->expires_ns =
        secret->ttl_s == 0 ? 0 : secret->created_ns + secret->ttl_s * TSEC_NS_PER_S;
    TSEC_TRY(record_put(at->txn, tag_key(at, role, secret->tag), &secret_record, secret, err));
    TSEC_TRY(txn_put(at->txn, accessor_key(at, role, tsec_span_str(accessor)),
                     tsec_span(secret->tag, RECORD_TAG_LEN), err));
    return secret->expires_ns == 0 ? TSEC_OK : put_expiry(at, role, secret, err);
}

static tsec_rc
find_tag(const struct approle_at *at, const struct approle *role, const uint8_t tag[RECORD_TAG_LEN],
         const struct approle_secret **out, struct tsec_err *err)
{
    const struct approle_secret *secret;
    const void *object = NULL;

    *out = NULL;
    TSEC_TRY(txn_object(at->txn, tag_key(at, role, tag), &secret_object, &object, err));
    secret = object;
    if (secret->expires_ns != 0 && secret->expires_ns <= txn_now(at->txn)) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "the secret id has ended");
    }
    *out = secret;
    return TSEC_OK;
}

tsec_rc
approle_secret_find(const struct approle_at *at, const struct approle *role,
                    struct tsec_span secret_id, const struct approle_secret **out,
                    struct tsec_err *err)
{
    uint8_t tag[RECORD_TAG_LEN];

    approle_tag(at, "secret-id", secret_id, tag);
    return find_tag(at, role, tag, out, err);
}

tsec_rc
approle_secret_by_accessor(const struct approle_at *at, const struct approle *role,
                           struct tsec_span accessor, const struct approle_secret **out,
                           struct tsec_err *err)
{
    struct tsec_span tag;

    *out = NULL;
    if (accessor.len == 0 || accessor.len > APPROLE_ID_MAX
        || memchr(accessor.ptr, '/', accessor.len) != NULL) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no such accessor");
    }
    TSEC_TRY(txn_get(at->txn, accessor_key(at, role, accessor), &tag, err));
    if (tag.len != RECORD_TAG_LEN) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "an accessor row of a wrong length");
    }
    return find_tag(at, role, tag.ptr, out, err);
}

tsec_rc
approle_secret_drop(const struct approle_at *at, const struct approle *role,
                    const struct approle_secret *secret, struct tsec_err *err)
{
    TSEC_TRY(txn_delete(at->txn, tag_key(at, role, secret->tag), err));
    TSEC_TRY(txn_delete(at->txn, accessor_key(at, role, tsec_span_str(secret->accessor)), err));
    if (secret->expires_ns == 0) {
        return TSEC_OK;
    }
    return expiry_drop_rows(at->txn, secret->expires_ns, secret->accessor, err);
}

tsec_rc
approle_secret_accessors(const struct approle_at *at, const struct approle *role,
                         struct tsec_strings *out, struct tsec_err *err)
{
    return record_names(at->txn, accessor_key(at, role, tsec_span(NULL, 0)), tsec_span(NULL, 0), 0,
                        true, out, err);
}

static tsec_rc
count_use(const struct approle_at *at, const struct approle *role,
          const struct approle_secret *secret, struct tsec_err *err)
{
    struct approle_secret changed = *secret;

    if (secret->num_uses == 0) {
        return TSEC_OK;
    }
    if (secret->num_uses == 1) {
        return approle_secret_drop(at, role, secret, err);
    }
    changed.num_uses--;
    changed.updated_ns = txn_now(at->txn);
    return record_put(at->txn, tag_key(at, role, secret->tag), &secret_record, &changed, err);
}

static tsec_rc
check_secret(const struct approle_at *at, const struct approle_login *login,
             const struct approle *role, const struct approle_secret **out, struct tsec_err *err)
{
    const tsec_rc rc = approle_secret_find(at, role, login->secret_id, out, err);

    if (rc.code == TSEC_E_NOT_FOUND
        || (!tsec_failed(rc) && !cidr_admits((*out)->cidr_list, login->remote))) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "no such secret id, or not from there");
    }
    TSEC_TRY(rc);
    return count_use(at, role, *out, err);
}

tsec_rc
approle_check(const struct approle_at *at, const struct approle_login *login,
              const struct approle **role, const struct approle_secret **secret,
              struct tsec_err *err)
{
    const tsec_rc rc = approle_by_role_id(at, login->role_id, role, err);
    uint8_t same_work[RECORD_TAG_LEN];

    *secret = NULL;
    if (rc.code == TSEC_E_NOT_FOUND) {
        approle_tag(at, "secret-id", login->secret_id, same_work);
        return TSEC_FAIL(err, TSEC_E_DENIED, "no such role id");
    }
    TSEC_TRY(rc);
    if (!cidr_admits((*role)->secret_id_bound_cidrs, login->remote)) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "not from there");
    }
    if (!(*role)->bind_secret_id && login->secret_id.len == 0) {
        return TSEC_OK;
    }
    return check_secret(at, login, *role, secret, err);
}

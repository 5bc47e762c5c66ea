/* SPDX-License-Identifier: Apache-2.0 */
#include "core/mount.h"

#include "core/purge.h"
#include "crypto/rand.h"

static const struct record_field mount_fields[] = {
    RECORD_FIELD(mount, id, RECORD_STR),
    RECORD_FIELD(mount, path, RECORD_STR),
    RECORD_FIELD(mount, type, RECORD_STR),
    RECORD_FIELD(mount, description, RECORD_STR),
    RECORD_FIELD(mount, uuid, RECORD_STR),
    RECORD_FIELD(mount, accessor, RECORD_STR),
    RECORD_FIELD(mount, listing_visibility, RECORD_STR),
    RECORD_FIELD(mount, token_type, RECORD_STR),
    RECORD_FIELD(mount, options, RECORD_MAP),
    RECORD_FIELD(mount, audit_request_keys, RECORD_STRINGS),
    RECORD_FIELD(mount, audit_response_keys, RECORD_STRINGS),
    RECORD_FIELD(mount, default_ttl_s, RECORD_I64),
    RECORD_FIELD(mount, max_ttl_s, RECORD_I64),
    RECORD_FIELD(mount, created_ns, RECORD_I64),
    RECORD_FIELD(mount, force_no_cache, RECORD_BOOL),
    RECORD_FIELD(mount, local, RECORD_BOOL),
    RECORD_FIELD(mount, seal_wrap, RECORD_BOOL),
};
static const struct record_type mount_record = { "mount", 1, sizeof(struct mount), mount_fields,
                                                 TSEC_ARRAY_LEN(mount_fields) };

static tsec_rc
mount_decode(struct tsec_span payload, void **object, struct tsec_err *err)
{
    return record_decode(&mount_record, payload, object, err);
}

static const struct txn_object_type mount_object = { "mount", mount_decode, record_free };

static const char *
prefix_of(enum mount_table table)
{
    return table == MOUNT_AUTH ? "sys/auth-mount/" : "sys/mount/";
}

/* First segments that the API itself answers. */
static bool
is_reserved(struct tsec_span first)
{
    static const char *const names[] = { "sys",      "auth", "tee",      "audit",
                                         "identity", "kbs",  "cubbyhole" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(names); i++) {
        if (tsec_span_is(first, names[i])) {
            return true;
        }
    }
    return false;
}

static bool
segment_ok(struct tsec_span segment)
{
    if (segment.len == 0 || tsec_span_is(segment, ".") || tsec_span_is(segment, "..")) {
        return false;
    }
    for (size_t i = 0; i < segment.len; i++) {
        const uint8_t c = segment.ptr[i];

        if (c < 0x20 || c == 0x7f || c == '*' || c == '+') {
            return false;
        }
    }
    return true;
}

static struct tsec_span
segment_of(struct tsec_span rest)
{
    const uint8_t *slash = rest.len == 0 ? NULL : memchr(rest.ptr, '/', rest.len);

    return tsec_span(rest.ptr, slash == NULL ? rest.len : (size_t)(slash - rest.ptr));
}

const char *
mount_path(struct tsec_arena *arena, enum mount_table table, struct tsec_span path)
{
    while (path.len > 0 && path.ptr[0] == '/') {
        path = tsec_span(path.ptr + 1, path.len - 1);
    }
    while (path.len > 0 && path.ptr[path.len - 1] == '/') {
        path.len--;
    }
    if (path.len == 0 || path.len > MOUNT_PATH_MAX || !tsec_utf8_valid(path)
        || (table == MOUNT_SECRETS && is_reserved(segment_of(path)))) {
        return NULL;
    }
    for (struct tsec_span rest = path;;) {
        const struct tsec_span segment = segment_of(rest);

        if (!segment_ok(segment)) {
            return NULL;
        }
        if (segment.len == rest.len) {
            return tsec_arena_printf(arena, "%.*s/", (int)path.len, (const char *)path.ptr);
        }
        rest = tsec_span(rest.ptr + segment.len + 1, rest.len - segment.len - 1);
    }
}

static tsec_rc
get(struct txn *txn, enum mount_table table, struct tsec_span path, const struct mount **out,
    struct tsec_err *err)
{
    const void *object = NULL;

    *out = NULL;
    TSEC_TRY(txn_object(txn, txn_key2(txn, prefix_of(table), path), &mount_object, &object, err));
    *out = object;
    return TSEC_OK;
}

tsec_rc
mount_at(struct txn *txn, enum mount_table table, const char *path, const struct mount **out,
         struct tsec_err *err)
{
    return get(txn, table, tsec_span_str(path), out, err);
}

tsec_rc
mount_find(struct txn *txn, enum mount_table table, struct tsec_span path, const struct mount **out,
           struct tsec_span *rest, struct tsec_err *err)
{
    for (size_t i = 0; i < path.len && i <= MOUNT_PATH_MAX; i++) {
        tsec_rc rc;

        if (path.ptr[i] != '/') {
            continue;
        }
        rc = get(txn, table, tsec_span(path.ptr, i + 1), out, err);
        if (rc.code != TSEC_E_NOT_FOUND) {
            *rest = tsec_span(path.ptr + i + 1, path.len - i - 1);
            return rc;
        }
    }
    *out = NULL;
    return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no mount");
}

tsec_rc
mount_paths(struct txn *txn, enum mount_table table, struct tsec_strings *out, struct tsec_err *err)
{
    return record_names(txn, tsec_span_str(prefix_of(table)), tsec_span(NULL, 0), 0, true, out,
                        err);
}

static tsec_rc
check_free(struct txn *txn, enum mount_table table, const char *path, struct tsec_err *err)
{
    const struct tsec_span new_path = tsec_span_str(path);
    struct tsec_strings taken;

    TSEC_TRY(mount_paths(txn, table, &taken, err));
    for (size_t i = 0; i < taken.len; i++) {
        const struct tsec_span old = tsec_span_str(taken.items[i]);

        if (tsec_span_starts(old, new_path) || tsec_span_starts(new_path, old)) {
            return TSEC_FAIL(err, TSEC_E_CONFLICT, "path is already in use at %s", taken.items[i]);
        }
    }
    return TSEC_OK;
}

tsec_rc
mount_store(struct txn *txn, enum mount_table table, const struct mount *mount,
            struct tsec_err *err)
{
    return record_put(txn, txn_key2(txn, prefix_of(table), tsec_span_str(mount->path)),
                      &mount_record, mount, err);
}

tsec_rc
mount_add(struct txn *txn, enum mount_table table, struct mount *mount, struct tsec_err *err)
{
    struct tsec_arena *arena = txn_arena(txn);
    char *uuid = tsec_arena_alloc(arena, 37);
    uint8_t random[8];

    TSEC_TRY(check_free(txn, table, mount->path, err));
    tsec_rand_nonce(random, sizeof(random));
    mount->id =
        tsec_arena_printf(arena, "m%02x%02x%02x%02x", random[0], random[1], random[2], random[3]);
    mount->accessor =
        tsec_arena_printf(arena, "%s%s_%02x%02x%02x%02x", table == MOUNT_AUTH ? "auth_" : "",
                          mount->type, random[4], random[5], random[6], random[7]);
    if (uuid == NULL || mount->id == NULL || mount->accessor == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a mount");
    }
    tsec_rand_uuid(uuid);
    mount->uuid = uuid;
    mount->created_ns = txn_now(txn);
    if (table == MOUNT_SECRETS) {
        TSEC_TRY(txn_dek(txn, TXN_DEK_CREATE, mount->id, err));
    }
    return mount_store(txn, table, mount, err);
}

tsec_rc
mount_move(struct txn *txn, enum mount_table table, const struct mount *mount, const char *to,
           struct tsec_err *err)
{
    struct mount moved = *mount;

    TSEC_TRY(txn_delete(txn, txn_key2(txn, prefix_of(table), tsec_span_str(mount->path)), err));
    TSEC_TRY(check_free(txn, table, to, err));
    moved.path = to;
    return mount_store(txn, table, &moved, err);
}

tsec_rc
mount_remove(struct txn *txn, enum mount_table table, const struct mount *mount,
             struct tsec_err *err)
{
    const struct purge purge = {
        .id = mount->id,
        .prefix = table == MOUNT_AUTH
                      ? tsec_arena_printf(txn_arena(txn), "sys/%s/%s/", mount->type, mount->id)
                      : tsec_arena_printf(txn_arena(txn), "%s/", mount->id),
        .destroy_dek = table == MOUNT_SECRETS,
    };

    if (purge.prefix == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a purge");
    }
    TSEC_TRY(purge_add(txn, &purge, err));
    return txn_delete(txn, txn_key2(txn, prefix_of(table), tsec_span_str(mount->path)), err);
}

tsec_rc
mount_defaults(struct txn *txn, struct tsec_err *err)
{
    static const char *version_key[] = { "version" };
    static const char *version_two[] = { "2" };
    struct mount secret = {
        .path = "secret/",
        .type = "kv",
        .description = "key/value secret storage",
        .options = { version_key, version_two, 1 },
    };
    struct mount token = {
        .path = "token/",
        .type = "token",
        .description = "token based credentials",
        .token_type = "default-service",
    };
    struct mount approle = { .path = "approle/",
                             .type = "approle",
                             .description = "role id and secret id for machines",
                             .token_type = "default-service" };
    struct mount attest = { .path = "attest/",
                            .type = "attest",
                            .description = "evidence of attested code",
                            .token_type = "default-service" };

    TSEC_TRY(mount_add(txn, MOUNT_SECRETS, &secret, err));
    TSEC_TRY(mount_add(txn, MOUNT_AUTH, &token, err));
    TSEC_TRY(mount_add(txn, MOUNT_AUTH, &approle, err));
    return mount_add(txn, MOUNT_AUTH, &attest, err);
}

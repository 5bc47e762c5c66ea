/* SPDX-License-Identifier: Apache-2.0 */
#include "core/secret_head.h"

#include "codec/pack.h"

enum { FORMAT = 1, VERSION_LEN = 8 + 8 + 8 + 1 + 2, FIXED_LEN = 128 };

static bool
is_segment(struct tsec_span segment)
{
    /* NUL ends a group's key (state/txn.h). */
    return segment.len > 0 && segment.len <= SECRET_SEGMENT_MAX
           && memchr(segment.ptr, 0, segment.len) == NULL;
}

/* Segments between single '/'; one at the end makes it a folder. */
static bool
is_path(struct tsec_span path)
{
    size_t start = 0;

    if (path.len == 0 || path.len > SECRET_PATH_MAX) {
        return false;
    }
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] == '/') {
            if (!is_segment(tsec_span(path.ptr + start, i - start))) {
                return false;
            }
            start = i + 1;
        }
    }
    return is_segment(tsec_span(path.ptr + start, path.len - start));
}

static void
pack_custom(const struct tsec_string_map *custom, struct tsec_buf *out)
{
    tsec_pack_u16(out, (uint16_t)custom->len);
    for (size_t i = 0; i < custom->len; i++) {
        tsec_pack_str(out, custom->keys[i]);
        tsec_pack_str(out, custom->values[i]);
    }
}

static void
pack_versions(const struct secret *secret, struct tsec_buf *out)
{
    tsec_pack_u16(out, (uint16_t)secret->versions_len);
    for (size_t i = 0; i < secret->versions_len; i++) {
        const struct secret_version *v = &secret->versions[i];

        tsec_pack_u64(out, v->number);
        tsec_pack_i64(out, v->created_ns);
        tsec_pack_i64(out, v->deletion_ns);
        tsec_pack_u8(out, v->destroyed ? 1 : 0);
        tsec_pack_u16(out, v->slot);
    }
}

void
secret_head_pack(const struct secret_head *head, struct tsec_buf *out)
{
    const struct secret *secret = &head->secret;

    tsec_buf_reserve(out, head->data.len + FIXED_LEN + secret->versions_len * VERSION_LEN);
    tsec_pack_u8(out, FORMAT);
    tsec_pack_i64(out, secret->created_ns);
    tsec_pack_i64(out, secret->updated_ns);
    tsec_pack_u64(out, secret->current);
    tsec_pack_u64(out, secret->oldest);
    tsec_pack_i64(out, secret->max_versions);
    tsec_pack_i64(out, secret->delete_after_ns);
    tsec_pack_u8(out, secret->cas_required ? 1 : 0);
    pack_custom(&secret->custom, out);
    pack_versions(secret, out);
    tsec_pack_u64(out, head->data_version);
    tsec_pack_bytes(out, head->data);
}

struct unpacking {
    struct tsec_reader in;
    struct tsec_arena *arena;
    bool no_memory;
};

/* NULL, and the reader fails, when there is none. */
static void *
new_room(struct unpacking *u, size_t len)
{
    void *room = u->in.failed ? NULL : tsec_arena_alloc(u->arena, len);

    u->no_memory = u->no_memory || (room == NULL && !u->in.failed);
    u->in.failed = u->in.failed || room == NULL;
    return room;
}

static const char *
read_text(struct unpacking *u, size_t max)
{
    const struct tsec_span text = tsec_read_bytes(&u->in, max);
    char *copy = new_room(u, text.len + 1);

    if (copy != NULL && text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    return copy;
}

static void
read_custom(struct unpacking *u, struct tsec_string_map *custom)
{
    const size_t len = tsec_read_u16(&u->in);

    u->in.failed = u->in.failed || len > SECRET_CUSTOM_MAX;
    if (u->in.failed || len == 0) {
        return;
    }
    custom->keys = new_room(u, len * sizeof(*custom->keys));
    custom->values = new_room(u, len * sizeof(*custom->values));
    for (size_t i = 0; i < len && !u->in.failed; i++) {
        custom->keys[i] = read_text(u, SECRET_CUSTOM_KEY_MAX);
        custom->values[i] = read_text(u, SECRET_CUSTOM_VALUE_MAX);
    }
    custom->len = u->in.failed ? 0 : len;
}

/* Room for one more: a write adds one. */
static void
read_versions(struct unpacking *u, struct secret *secret)
{
    const size_t len = tsec_read_u16(&u->in);

    u->in.failed = u->in.failed || len > SECRET_VERSIONS_MAX || len > secret->current;
    secret->versions = new_room(u, (len + 1) * sizeof(*secret->versions));
    for (size_t i = 0; i < len && !u->in.failed; i++) {
        struct secret_version *v = &secret->versions[i];

        v->number = tsec_read_u64(&u->in);
        v->created_ns = tsec_read_i64(&u->in);
        v->deletion_ns = tsec_read_i64(&u->in);
        v->destroyed = tsec_read_u8(&u->in) != 0;
        v->slot = tsec_read_u16(&u->in);
        u->in.failed = u->in.failed || v->number != secret->current - len + 1 + i;
    }
    secret->versions_len = u->in.failed ? 0 : len;
}

tsec_rc
secret_head_unpack(struct tsec_span payload, struct tsec_arena *arena, struct secret_head *out,
                   struct tsec_err *err)
{
    struct unpacking u = { tsec_reader(payload), arena, false };
    struct secret *secret = &out->secret;

    if (tsec_read_u8(&u.in) != FORMAT) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a secret of a format this server does not know");
    }
    secret->created_ns = tsec_read_i64(&u.in);
    secret->updated_ns = tsec_read_i64(&u.in);
    secret->current = tsec_read_u64(&u.in);
    secret->oldest = tsec_read_u64(&u.in);
    secret->max_versions = tsec_read_i64(&u.in);
    secret->delete_after_ns = tsec_read_i64(&u.in);
    secret->cas_required = tsec_read_u8(&u.in) != 0;
    read_custom(&u, &secret->custom);
    read_versions(&u, secret);
    out->data_version = tsec_read_u64(&u.in);
    out->data = tsec_read_bytes(&u.in, TXN_PAYLOAD_MAX);
    if (u.no_memory) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a secret");
    }
    return tsec_reader_end(&u.in, "a secret", err);
}

tsec_rc
secret_head_key(struct txn *txn, const char *mount, struct tsec_span path, struct tsec_span *group,
                struct tsec_err *err)
{
    const struct tsec_span parts[] = { tsec_span_str(mount), tsec_span_str("/d/"), path };

    if (!is_path(path)) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "a secret's path has at most %d bytes, and between two '/' 1 to %d",
                         SECRET_PATH_MAX, SECRET_SEGMENT_MAX);
    }
    *group = txn_key(txn, parts, TSEC_ARRAY_LEN(parts));
    return group->len > 0 ? TSEC_OK : TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a secret");
}

/* A new entry has room for its first version too. */
static tsec_rc
start_empty(struct txn *txn, struct secret_head *out, struct tsec_err *err)
{
    out->secret.versions = tsec_arena_alloc(txn_arena(txn), sizeof(*out->secret.versions));
    return out->secret.versions != NULL ? TSEC_OK : TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a secret");
}

tsec_rc
secret_head_load(struct txn *txn, const char *mount, struct tsec_span path, struct secret_head *out,
                 struct tsec_err *err)
{
    struct tsec_span payload;
    tsec_rc rc;

    *out = (struct secret_head){ .exists = false };
    TSEC_TRY(secret_head_key(txn, mount, path, &out->group, err));
    rc = txn_get(txn, out->group, &payload, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return start_empty(txn, out, err);
    }
    TSEC_TRY(rc);
    out->exists = true;
    out->slot = txn_head_slot(txn, out->group);
    rc = secret_head_unpack(payload, txn_arena(txn), out, err);
    if (rc.code == TSEC_E_INVALID) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a secret's row is not one");
    }
    return rc;
}

tsec_rc
secret_head_store(struct txn *txn, const struct secret_head *head, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf payload = TSEC_BUF_INIT(TXN_PAYLOAD_MAX);

    secret_head_pack(head, &payload);
    TSEC_TRY(tsec_buf_check(&payload, err));
    return txn_put_head(txn, head->group, head->slot, tsec_buf_span(&payload), err);
}

tsec_rc
secret_member_data(struct txn *txn, const struct secret_head *head,
                   const struct secret_version *version, struct tsec_span *data,
                   struct tsec_err *err)
{
    struct secret_head member = { .exists = false };
    struct tsec_span payload;
    tsec_rc rc = txn_get_member(txn, head->group, version->slot, &payload, err);

    if (!tsec_failed(rc)) {
        rc = secret_head_unpack(payload, txn_arena(txn), &member, err);
    }
    if (rc.code == TSEC_E_NOT_FOUND || rc.code == TSEC_E_INVALID
        || (!tsec_failed(rc) && member.data_version != version->number)) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a version's row is not the one its secret names");
    }
    TSEC_TRY(rc);
    *data = member.data;
    return TSEC_OK;
}

struct secret_version *
secret_head_version(const struct secret_head *head, uint64_t number)
{
    const struct secret *secret = &head->secret;

    if (secret->versions_len == 0 || number < secret->versions[0].number
        || number > secret->current) {
        return NULL;
    }
    return &secret->versions[number - secret->versions[0].number];
}

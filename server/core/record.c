/* SPDX-License-Identifier: Apache-2.0 */
#include "core/record.h"

#include <stdlib.h>

#include "codec/pack.h"

/* Stands before every decoded record, so that free() knows what to wipe. */
struct record_block {
    size_t total;
    _Alignas(max_align_t) uint8_t record[];
};

struct record_heap {
    uint8_t *next;
    uint8_t *end;
};

static void *
heap_take(struct record_heap *heap, size_t len, size_t align)
{
    uint8_t *at = heap->next + (align - (uintptr_t)heap->next % align) % align;

    if (at > heap->end || (size_t)(heap->end - at) < len) {
        return NULL;
    }
    heap->next = at + len;
    return at;
}

static const char *
read_str(struct tsec_reader *in, struct record_heap *heap)
{
    const struct tsec_span text = tsec_read_bytes(in, RECORD_STR_MAX);
    char *copy = heap_take(heap, text.len + 1, 1);

    if (copy == NULL) {
        in->failed = true;
        return "";
    }
    if (text.len > 0) {
        memcpy(copy, text.ptr, text.len);
    }
    copy[text.len] = '\0';
    return copy;
}

static struct tsec_strings
read_strings(struct tsec_reader *in, struct record_heap *heap)
{
    struct tsec_strings list = { NULL, tsec_read_u32(in) };

    if (list.len > RECORD_LIST_MAX || list.len > in->rest.len / 4) {
        in->failed = true;
        return (struct tsec_strings){ NULL, 0 };
    }
    if (list.len == 0) {
        return list;
    }
    list.items = heap_take(heap, list.len * sizeof(*list.items), _Alignof(const char *));
    if (list.items == NULL) {
        in->failed = true;
        return (struct tsec_strings){ NULL, 0 };
    }
    for (size_t i = 0; i < list.len; i++) {
        list.items[i] = read_str(in, heap);
    }
    return list;
}

static struct tsec_string_map
read_map(struct tsec_reader *in, struct record_heap *heap)
{
    const struct tsec_strings keys = read_strings(in, heap);
    const struct tsec_strings values = read_strings(in, heap);

    if (keys.len != values.len) {
        in->failed = true;
        return (struct tsec_string_map){ NULL, NULL, 0 };
    }
    return (struct tsec_string_map){ keys.items, values.items, keys.len };
}

static struct tsec_span
read_bytes(struct tsec_reader *in, struct record_heap *heap)
{
    const struct tsec_span bytes = tsec_read_bytes(in, TXN_PAYLOAD_MAX);
    uint8_t *copy = heap_take(heap, bytes.len + 1, 1);

    if (copy == NULL) {
        in->failed = true;
        return tsec_span(NULL, 0);
    }
    if (bytes.len > 0) {
        memcpy(copy, bytes.ptr, bytes.len);
    }
    return tsec_span(copy, bytes.len);
}

static void
read_field(struct tsec_reader *in, struct record_heap *heap, enum record_kind kind, void *at)
{
    switch (kind) {
    case RECORD_STR:
        *(const char **)at = read_str(in, heap);
        break;
    case RECORD_I64:
        *(int64_t *)at = tsec_read_i64(in);
        break;
    case RECORD_BOOL:
        *(bool *)at = tsec_read_u8(in) != 0;
        break;
    case RECORD_TAG: {
        const struct tsec_span tag = tsec_read_fixed(in, RECORD_TAG_LEN);

        if (tag.len == RECORD_TAG_LEN) {
            memcpy(at, tag.ptr, RECORD_TAG_LEN);
        }
        break;
    }
    case RECORD_BYTES:
        *(struct tsec_span *)at = read_bytes(in, heap);
        break;
    case RECORD_STRINGS:
        *(struct tsec_strings *)at = read_strings(in, heap);
        break;
    case RECORD_MAP:
        *(struct tsec_string_map *)at = read_map(in, heap);
        break;
    case RECORD_UNSET:
        in->failed = true;
        break;
    }
}

static void
block_free(struct record_block *block)
{
    const size_t total = block->total;

    explicit_bzero(block, total);
    free(block);
}

/* Rows of earlier versions open as long as every field that came since is marked. */
static bool
knows_version(const struct record_type *type, uint8_t version)
{
    uint8_t oldest = type->version;

    for (size_t i = 0; i < type->fields_len; i++) {
        const uint8_t since = type->fields[i].since;

        if (since != 0 && since - 1 < oldest) {
            oldest = (uint8_t)(since - 1);
        }
    }
    return version >= oldest && version <= type->version;
}

static void
read_fields(const struct record_type *type, uint8_t version, struct tsec_reader *in,
            struct record_heap *heap, uint8_t *record)
{
    for (size_t i = 0; i < type->fields_len; i++) {
        const struct record_field *field = &type->fields[i];

        if (field->since <= version) {
            read_field(in, heap, field->kind, record + field->offset);
        } else if (field->kind == RECORD_STR) {
            *(const char **)(void *)(record + field->offset) = "";
        }
    }
}

tsec_rc
record_decode(const struct record_type *type, struct tsec_span payload, void **out,
              struct tsec_err *err)
{
    /* A packed string costs 4 bytes and becomes a pointer and a NUL: four times is always enough.
     */
    const size_t total =
        sizeof(struct record_block) + type->size + 4 * payload.len + 16 * type->fields_len + 64;
    struct tsec_reader in = tsec_reader(payload);
    const uint8_t version = tsec_read_u8(&in);
    struct record_block *block;
    tsec_rc rc;

    *out = NULL;
    if (in.failed || !knows_version(type, version)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a %s of an unknown version", type->name);
    }
    block = calloc(1, total);
    if (block == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "%s", type->name);
    }
    block->total = total;

    struct record_heap heap = { block->record + type->size, (uint8_t *)block + total };

    read_fields(type, version, &in, &heap, block->record);
    rc = tsec_reader_end(&in, type->name, err);
    if (tsec_failed(rc)) {
        block_free(block);
        return rc;
    }
    *out = block->record;
    return TSEC_OK;
}

void
record_free(void *record)
{
    if (record != NULL) {
        block_free((struct record_block *)(void *)((uint8_t *)record
                                                   - offsetof(struct record_block, record)));
    }
}

static void
pack_strings(struct tsec_buf *out, const char *const *items, size_t len)
{
    tsec_pack_u32(out, (uint32_t)len);
    for (size_t i = 0; i < len; i++) {
        tsec_pack_str(out, items[i]);
    }
}

static void
pack_field(struct tsec_buf *out, enum record_kind kind, const void *at)
{
    switch (kind) {
    case RECORD_STR: {
        const char *text = *(const char *const *)at;

        tsec_pack_str(out, text == NULL ? "" : text);
        break;
    }
    case RECORD_I64:
        tsec_pack_i64(out, *(const int64_t *)at);
        break;
    case RECORD_BOOL:
        tsec_pack_u8(out, *(const bool *)at ? 1 : 0);
        break;
    case RECORD_TAG:
        tsec_buf_put(out, at, RECORD_TAG_LEN);
        break;
    case RECORD_BYTES:
        tsec_pack_bytes(out, *(const struct tsec_span *)at);
        break;
    case RECORD_STRINGS: {
        const struct tsec_strings *list = at;

        pack_strings(out, list->items, list->len);
        break;
    }
    case RECORD_MAP: {
        const struct tsec_string_map *map = at;

        pack_strings(out, map->keys, map->len);
        pack_strings(out, map->values, map->len);
        break;
    }
    case RECORD_UNSET:
        out->failed = true;
        break;
    }
}

void
record_pack(const struct record_type *type, const void *record, struct tsec_buf *out)
{
    tsec_pack_u8(out, type->version);
    for (size_t i = 0; i < type->fields_len; i++) {
        pack_field(out, type->fields[i].kind, (const uint8_t *)record + type->fields[i].offset);
    }
}

tsec_rc
record_put(struct txn *txn, struct tsec_span key, const struct record_type *type,
           const void *record, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf buf = TSEC_BUF_INIT(TXN_PAYLOAD_MAX);

    record_pack(type, record, &buf);
    TSEC_TRY(tsec_buf_check(&buf, err));
    return txn_put(txn, key, tsec_buf_span(&buf), err);
}

tsec_rc
record_put_mark(struct txn *txn, struct tsec_span key, struct tsec_err *err)
{
    static const uint8_t version = 1;

    return txn_put(txn, key, tsec_span(&version, 1), err);
}

struct names {
    struct tsec_arena *arena;
    struct tsec_strings list;
    size_t cap;
    struct tsec_err *err;
};

static tsec_rc
names_add(void *ctx, struct tsec_span name)
{
    struct names *names = ctx;
    char *copy = tsec_arena_dup(names->arena, name);

    if (names->list.len == names->cap) {
        const size_t cap = names->cap == 0 ? 32 : names->cap * 2;
        const char **items = tsec_arena_alloc(names->arena, cap * sizeof(*items));

        if (items == NULL) {
            return TSEC_FAIL(names->err, TSEC_E_NO_MEMORY, "a list of names");
        }
        if (names->list.len > 0) {
            memcpy(items, names->list.items, names->list.len * sizeof(*items));
        }
        names->list.items = items;
        names->cap = cap;
    }
    if (copy == NULL) {
        return TSEC_FAIL(names->err, TSEC_E_NO_MEMORY, "a list of names");
    }
    names->list.items[names->list.len++] = copy;
    return TSEC_OK;
}

tsec_rc
record_names(struct txn *txn, struct tsec_span prefix, struct tsec_span after, size_t limit,
             bool deep, struct tsec_strings *out, struct tsec_err *err)
{
    struct names names = { .arena = txn_arena(txn), .err = err };

    *out = (struct tsec_strings){ NULL, 0 };
    TSEC_TRY(txn_list(txn, prefix, after, limit, deep, names_add, &names, err));
    *out = names.list;
    return TSEC_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "codec/json_names.h"
#include "codec/json_scan.h"

/* Text that passed tsec_json_check() is not deeper; what did not is copied from here on. */
enum { DEPTH_MAX = 64 };

/* The members of a patch, sorted by name: a lookup per member of the target costs log n. */
struct entry {
    struct tsec_json_member member;
    bool used;
};

struct index {
    struct entry *entries;
    size_t len;
};

static int
compare(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;

    return tsec_json_strings_compare(a->member.name_raw, b->member.name_raw);
}

static bool
index_build(struct index *index, struct tsec_span object)
{
    struct tsec_json_walk walk = tsec_json_walk(object);
    struct tsec_json_member m;
    size_t n = 0;

    while (tsec_json_next(&walk, &m)) {
        n++;
    }
    index->len = 0;
    index->entries = calloc(n + 1, sizeof(index->entries[0]));
    if (index->entries == NULL) {
        return false;
    }
    walk = tsec_json_walk(object);
    while (index->len < n && tsec_json_next(&walk, &m)) {
        index->entries[index->len++].member = m;
    }
    qsort(index->entries, n, sizeof(index->entries[0]), compare);
    return true;
}

static struct entry *
index_find(const struct index *index, struct tsec_span name_raw)
{
    const struct entry wanted = { .member = { .name_raw = name_raw } };

    return bsearch(&wanted, index->entries, index->len, sizeof(index->entries[0]), compare);
}

static void merge(struct tsec_buf *out, struct tsec_span target, struct tsec_span patch,
                  unsigned depth);

static void
put_member(struct tsec_buf *out, bool *some, struct tsec_span name_raw)
{
    if (*some) {
        tsec_buf_put_byte(out, ',');
    }
    *some = true;
    tsec_buf_put_span(out, name_raw);
    tsec_buf_put_byte(out, ':');
}

/* What the target has: kept, changed, or dropped by a null. */
static void
merge_target(struct tsec_buf *out, struct tsec_span target, const struct index *patch, bool *some,
             unsigned depth)
{
    struct tsec_json_walk walk = tsec_json_walk(target);
    struct tsec_json_member m;

    while (tsec_json_next(&walk, &m)) {
        struct entry *e = index_find(patch, m.name_raw);

        if (e == NULL) {
            put_member(out, some, m.name_raw);
            tsec_buf_put_span(out, m.value);
            continue;
        }
        e->used = true;
        if (tsec_json_type_of(e->member.value) != TSEC_JSON_NULL) {
            put_member(out, some, m.name_raw);
            merge(out, m.value, e->member.value, depth + 1);
        }
    }
}

/* What only the patch has, in its order. */
static void
merge_new(struct tsec_buf *out, struct tsec_span patch, const struct index *index, bool *some,
          unsigned depth)
{
    struct tsec_json_walk walk = tsec_json_walk(patch);
    struct tsec_json_member m;

    while (tsec_json_next(&walk, &m)) {
        const struct entry *e = index_find(index, m.name_raw);

        if ((e == NULL || !e->used) && tsec_json_type_of(m.value) != TSEC_JSON_NULL) {
            put_member(out, some, m.name_raw);
            merge(out, tsec_span(NULL, 0), m.value, depth + 1);
        }
    }
}

static void
merge(struct tsec_buf *out, struct tsec_span target, struct tsec_span patch, unsigned depth)
{
    struct index index;
    bool some = false;

    if (tsec_json_type_of(patch) != TSEC_JSON_OBJECT || depth > DEPTH_MAX) {
        tsec_buf_put_span(out, patch);
        return;
    }
    if (!index_build(&index, patch)) {
        out->failed = true;
        out->no_memory = true;
        return;
    }
    tsec_buf_put_byte(out, '{');
    if (tsec_json_type_of(target) == TSEC_JSON_OBJECT) {
        merge_target(out, target, &index, &some, depth);
    }
    merge_new(out, patch, &index, &some, depth);
    tsec_buf_put_byte(out, '}');
    free(index.entries);
}

void
tsec_json_merge(struct tsec_buf *out, struct tsec_span target, struct tsec_span patch)
{
    merge(out, tsec_json_trim(target), tsec_json_trim(patch), 0);
}

static bool
has_members(struct tsec_span value)
{
    struct tsec_json_walk walk = tsec_json_walk(value);
    struct tsec_json_member m;

    return tsec_json_type_of(value) == TSEC_JSON_OBJECT && tsec_json_next(&walk, &m);
}

static void
subkeys(struct tsec_buf *out, struct tsec_span object, unsigned levels)
{
    struct tsec_json_walk walk = tsec_json_walk(object);
    struct tsec_json_member m;
    bool some = false;

    tsec_buf_put_byte(out, '{');
    while (tsec_json_next(&walk, &m)) {
        put_member(out, &some, m.name_raw);
        if (levels > 1 && has_members(m.value)) {
            subkeys(out, m.value, levels - 1);
        } else {
            tsec_buf_put_str(out, "null");
        }
    }
    tsec_buf_put_byte(out, '}');
}

void
tsec_json_subkeys(struct tsec_buf *out, struct tsec_span object, unsigned depth)
{
    if (tsec_json_type_of(object) != TSEC_JSON_OBJECT) {
        tsec_buf_put_str(out, "null");
        return;
    }
    subkeys(out, object, depth == 0 || depth > DEPTH_MAX ? DEPTH_MAX : depth);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/strings.h"

#include <stdlib.h>
#include <string.h>

bool
strings_have(struct tsec_strings list, const char *item)
{
    for (size_t i = 0; i < list.len; i++) {
        if (strcmp(list.items[i], item) == 0) {
            return true;
        }
    }
    return false;
}

const char *
string_map_get(const struct tsec_string_map *map, const char *key)
{
    for (size_t i = 0; i < map->len; i++) {
        if (strcmp(map->keys[i], key) == 0) {
            return map->values[i];
        }
    }
    return NULL;
}

static int
by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct tsec_strings
strings_sorted(struct tsec_arena *arena, struct tsec_strings list)
{
    struct tsec_strings out = { NULL, 0 };

    if (list.len == 0) {
        return out;
    }
    out.items = tsec_arena_alloc(arena, list.len * sizeof(*out.items));
    if (out.items == NULL) {
        return out;
    }
    memcpy(out.items, list.items, list.len * sizeof(*out.items));
    qsort(out.items, list.len, sizeof(*out.items), by_bytes);
    for (size_t i = 0; i < list.len; i++) {
        const char *item = out.items[i];

        if (item[0] != '\0' && (out.len == 0 || strcmp(out.items[out.len - 1], item) != 0)) {
            out.items[out.len++] = item;
        }
    }
    return out;
}

struct tsec_strings
strings_lower_sorted(struct tsec_arena *arena, struct tsec_strings list)
{
    struct tsec_strings out = { tsec_arena_alloc(arena, (list.len + 1) * sizeof(*out.items)), 0 };

    for (size_t i = 0; out.items != NULL && i < list.len; i++) {
        char *item = tsec_arena_dup(arena, tsec_span_str(list.items[i]));

        if (item == NULL) {
            return (struct tsec_strings){ NULL, 0 };
        }
        for (char *c = item; *c != '\0'; c++) {
            *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
        }
        out.items[out.len++] = item;
    }
    return strings_sorted(arena, out);
}

struct tsec_strings
strings_with(struct tsec_arena *arena, struct tsec_strings list, const char *item)
{
    struct tsec_strings out = { tsec_arena_alloc(arena, (list.len + 1) * sizeof(*out.items)), 0 };

    if (out.items == NULL) {
        return out;
    }
    if (list.len > 0) {
        memcpy(out.items, list.items, list.len * sizeof(*out.items));
    }
    out.items[list.len] = item;
    out.len = list.len + 1;
    return out;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "codec/json_typed.h"

#define A_LIST "a list of strings, or one string with commas"
#define A_MAP  "an object of strings, or a string of JSON that is one"

static tsec_rc
check_count(size_t n, const struct tsec_json_field *field, struct tsec_err *err)
{
    if ((int64_t)n < field->min || (int64_t)n > field->max) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "field \"%s\" must have %lld to %lld entries",
                         field->name, (long long)field->min, (long long)field->max);
    }
    return TSEC_OK;
}

/* Zero-filled room for n pointers; never NULL for none. */
static tsec_rc
new_pointers(size_t n, const struct tsec_json_field *field, struct tsec_arena *arena,
             const char ***out, struct tsec_err *err)
{
    *out = tsec_arena_alloc(arena, n * sizeof((*out)[0]));
    return *out != NULL ? TSEC_OK : TSEC_FAIL(err, TSEC_E_NO_MEMORY, "field \"%s\"", field->name);
}

static tsec_rc
list_of_array(const json_t *array, const struct tsec_json_field *field, struct tsec_arena *arena,
              struct tsec_err *err)
{
    struct tsec_strings list = { NULL, json_array_size(array) };

    TSEC_TRY(check_count(list.len, field, err));
    TSEC_TRY(new_pointers(list.len, field, arena, &list.items, err));
    for (size_t i = 0; i < list.len; i++) {
        TSEC_TRY(tsec_json_typed_text(json_array_get(array, i), field, A_LIST, arena,
                                      &list.items[i], err));
    }
    *(struct tsec_strings *)field->out = list;
    return TSEC_OK;
}

/* The next part between commas without the spaces around it; false at the end. */
static bool
next_part(struct tsec_span *rest, struct tsec_span *part)
{
    if (rest->ptr == NULL) {
        return false;
    }

    const uint8_t *comma = memchr(rest->ptr, ',', rest->len);
    const size_t len = comma == NULL ? rest->len : (size_t)(comma - rest->ptr);

    *part = tsec_span(rest->ptr, len);
    *rest = comma == NULL ? tsec_span(NULL, 0) : tsec_span(comma + 1, rest->len - len - 1);
    while (part->len > 0 && part->ptr[0] == ' ') {
        *part = tsec_span(part->ptr + 1, part->len - 1);
    }
    while (part->len > 0 && part->ptr[part->len - 1] == ' ') {
        part->len--;
    }
    return true;
}

/* "a,b": empty parts are left out, so that "" is an empty list. */
static tsec_rc
list_of_text(struct tsec_span text, const struct tsec_json_field *field, struct tsec_arena *arena,
             struct tsec_err *err)
{
    struct tsec_strings list = { NULL, 0 };
    struct tsec_span part;

    for (struct tsec_span rest = text; next_part(&rest, &part);) {
        list.len += part.len > 0 ? 1 : 0;
    }
    TSEC_TRY(check_count(list.len, field, err));
    TSEC_TRY(new_pointers(list.len, field, arena, &list.items, err));
    list.len = 0;
    for (struct tsec_span rest = text; next_part(&rest, &part);) {
        if (part.len == 0) {
            continue;
        }
        list.items[list.len] = tsec_arena_dup(arena, part);
        if (list.items[list.len++] == NULL) {
            return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "field \"%s\"", field->name);
        }
    }
    *(struct tsec_strings *)field->out = list;
    return TSEC_OK;
}

tsec_rc
tsec_json_typed_list(json_t *value, const struct tsec_json_field *field, struct tsec_arena *arena,
                     struct tsec_err *err)
{
    const char *text = NULL;

    if (json_is_array(value)) {
        return list_of_array(value, field, arena, err);
    }
    TSEC_TRY(tsec_json_typed_text(value, field, A_LIST, arena, &text, err));
    return list_of_text(tsec_span_str(text), field, arena, err);
}

struct pair {
    const char *key;
    const json_t *value;
};

static int
compare(const void *left, const void *right)
{
    return strcmp(((const struct pair *)left)->key, ((const struct pair *)right)->key);
}

static tsec_rc
sorted_pairs(json_t *object, const struct tsec_json_field *field, struct tsec_arena *arena,
             struct pair **out, struct tsec_err *err)
{
    const size_t n = json_object_size(object);
    struct pair *pairs = tsec_arena_alloc(arena, n * sizeof(pairs[0]));
    size_t i = 0;

    if (pairs == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "field \"%s\"", field->name);
    }
    for (void *it = json_object_iter(object); it != NULL && i < n;
         it = json_object_iter_next(object, it)) {
        pairs[i++] = (struct pair){ json_object_iter_key(it), json_object_iter_value(it) };
    }
    qsort(pairs, i, sizeof(pairs[0]), compare);
    *out = pairs;
    return TSEC_OK;
}

static tsec_rc
map_of_object(json_t *object, const struct tsec_json_field *field, struct tsec_arena *arena,
              struct tsec_err *err)
{
    struct tsec_string_map map = { NULL, NULL, json_object_size(object) };
    struct pair *pairs = NULL;

    TSEC_TRY(check_count(map.len, field, err));
    TSEC_TRY(sorted_pairs(object, field, arena, &pairs, err));
    TSEC_TRY(new_pointers(map.len, field, arena, &map.keys, err));
    TSEC_TRY(new_pointers(map.len, field, arena, &map.values, err));
    for (size_t i = 0; i < map.len; i++) {
        map.keys[i] = tsec_arena_dup(arena, tsec_span_str(pairs[i].key));
        if (map.keys[i] == NULL) {
            return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "field \"%s\"", field->name);
        }
        TSEC_TRY(tsec_json_typed_text(pairs[i].value, field, A_MAP, arena, &map.values[i], err));
    }
    *(struct tsec_string_map *)field->out = map;
    return TSEC_OK;
}

tsec_rc
tsec_json_typed_map(json_t *value, const struct tsec_json_field *field, struct tsec_arena *arena,
                    struct tsec_err *err)
{
    TSEC_AUTO(tsec_json_free) json_t *parsed = NULL;

    if (json_is_object(value)) {
        return map_of_object(value, field, arena, err);
    }

    const struct tsec_span text = tsec_span(json_string_value(value), json_string_length(value));
    const tsec_rc rc =
        json_is_string(value) ? tsec_json_parse(text, &parsed, NULL) : tsec_rc_of(TSEC_E_INVALID);

    if (tsec_failed(rc)) {
        return TSEC_FAIL(err, (enum tsec_code)rc.code, "field \"%s\" must be %s", field->name,
                         A_MAP);
    }
    return map_of_object(parsed, field, arena, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "api/kv_custom.h"

#include "core/secret.h"

/* Every member there can be before, taken away, and every one there can be after. */
enum { MEMBERS_MAX = 2 * SECRET_CUSTOM_MAX };

static tsec_rc
refuse(struct api_call *call)
{
    return api_refuse(call, TSEC_E_INVALID,
                      "error converting input for field \"custom_metadata\": expected a map of "
                      "strings");
}

static tsec_rc
refuse_many(struct api_call *call)
{
    return api_refusef(call, TSEC_E_INVALID, "custom_metadata has more than %d keys",
                       SECRET_CUSTOM_MAX);
}

static tsec_rc
copy_map(struct api_call *call, const struct tsec_string_map *before, struct tsec_string_map *out,
         struct tsec_err *err)
{
    const size_t room = before->len + MEMBERS_MAX;

    out->keys = tsec_arena_alloc(api_arena(call), room * sizeof(*out->keys));
    out->values = tsec_arena_alloc(api_arena(call), room * sizeof(*out->values));
    out->len = 0;
    if (out->keys == NULL || out->values == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "custom_metadata");
    }
    for (; out->len < before->len; out->len++) {
        out->keys[out->len] = before->keys[out->len];
        out->values[out->len] = before->values[out->len];
    }
    return TSEC_OK;
}

static void
move(struct tsec_string_map *map, size_t to, size_t from)
{
    const size_t n = (map->len - from) * sizeof(*map->keys);

    memmove(map->keys + to, map->keys + from, n);
    memmove(map->values + to, map->values + from, n);
    map->len = map->len + to - from;
}

/* value NULL: away with it. */
static void
set(struct tsec_string_map *map, const char *key, const char *value)
{
    size_t i = 0;

    while (i < map->len && strcmp(map->keys[i], key) < 0) {
        i++;
    }

    const bool there = i < map->len && strcmp(map->keys[i], key) == 0;

    if (value == NULL) {
        if (there) {
            move(map, i, i + 1);
        }
        return;
    }
    if (!there) {
        move(map, i + 1, i);
    }
    map->keys[i] = key;
    map->values[i] = value;
}

static tsec_rc
set_member(struct api_call *call, struct tsec_string_map *map, const char *key, const json_t *value)
{
    const char *key_copy = tsec_arena_dup(api_arena(call), tsec_span_str(key));
    const char *text = NULL;

    if (!json_is_string(value) && !json_is_null(value)) {
        return refuse(call);
    }
    if (json_is_string(value)) {
        text = tsec_arena_dup(api_arena(call), tsec_span_str(json_string_value(value)));
    }
    if (key_copy == NULL || (text == NULL && json_is_string(value))) {
        return (tsec_rc){ TSEC_E_NO_MEMORY };
    }
    set(map, key_copy, text);
    return TSEC_OK;
}

static tsec_rc
merge_object(struct api_call *call, json_t *object, struct tsec_string_map *out)
{
    if (json_object_size(object) > MEMBERS_MAX) {
        return refuse_many(call);
    }
    for (void *it = json_object_iter(object); it != NULL; it = json_object_iter_next(object, it)) {
        TSEC_TRY(set_member(call, out, json_object_iter_key(it), json_object_iter_value(it)));
    }
    return out->len > SECRET_CUSTOM_MAX ? refuse_many(call) : TSEC_OK;
}

tsec_rc
kv_custom_merge(struct api_call *call, const struct tsec_string_map *before, json_t *custom,
                struct tsec_string_map *out, struct tsec_err *err)
{
    TSEC_AUTO(tsec_json_free) json_t *parsed = NULL;

    TSEC_TRY(copy_map(call, before, out, err));
    if (json_is_string(custom)) {
        const struct tsec_span text = tsec_span_str(json_string_value(custom));

        if (tsec_failed(tsec_json_parse(text, &parsed, err))) {
            return refuse(call);
        }
        custom = parsed;
    }
    return json_is_object(custom) ? merge_object(call, custom, out) : refuse(call);
}

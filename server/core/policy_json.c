/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy_node.h"

static tsec_rc convert(struct tsec_arena *arena, const json_t *json, unsigned depth,
                       struct policy_node **out, struct tsec_err *err);

static tsec_rc
append(struct tsec_arena *arena, const json_t *json, unsigned depth, struct policy_node *parent,
       struct policy_node **out, struct tsec_err *err)
{
    TSEC_TRY(convert(arena, json, depth, out, err));
    policy_node_append(parent, *out);
    return TSEC_OK;
}

static tsec_rc
convert_list(struct tsec_arena *arena, const json_t *json, unsigned depth,
             struct policy_node *parent, struct tsec_err *err)
{
    struct policy_node *child = NULL;
    const json_t *element = NULL;
    size_t i = 0;

    json_array_foreach(json, i, element)
    {
        TSEC_TRY(append(arena, element, depth, parent, &child, err));
    }
    return TSEC_OK;
}

static tsec_rc
convert_object(struct tsec_arena *arena, json_t *json, unsigned depth, struct policy_node *parent,
               struct tsec_err *err)
{
    struct policy_node *child = NULL;
    const char *key = NULL;
    size_t key_len = 0;
    const json_t *member = NULL;

    json_object_keylen_foreach(json, key, key_len, member)
    {
        TSEC_TRY(append(arena, member, depth, parent, &child, err));
        child->key = tsec_span(tsec_arena_dup(arena, tsec_span(key, key_len)), key_len);
        if (child->key.ptr == NULL) {
            return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a policy");
        }
    }
    return TSEC_OK;
}

static tsec_rc
convert_string(struct tsec_arena *arena, const json_t *json, struct policy_node *node,
               struct tsec_err *err)
{
    const struct tsec_span text = tsec_span(json_string_value(json), json_string_length(json));

    node->text = tsec_span(tsec_arena_dup(arena, text), text.len);
    if (node->text.ptr == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a policy");
    }
    return TSEC_OK;
}

static enum policy_node_kind
kind_of(const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return POLICY_NODE_OBJECT;
    case JSON_ARRAY:
        return POLICY_NODE_LIST;
    case JSON_STRING:
        return POLICY_NODE_STRING;
    case JSON_INTEGER:
    case JSON_REAL:
        return POLICY_NODE_NUMBER;
    case JSON_TRUE:
    case JSON_FALSE:
        return POLICY_NODE_BOOL;
    case JSON_NULL:
    default:
        return POLICY_NODE_NULL;
    }
}

static tsec_rc
fill_number(struct tsec_arena *arena, const json_t *json, struct policy_node *node,
            struct tsec_err *err)
{
    char *text = json_is_integer(json)
                     ? tsec_arena_printf(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(json))
                     : tsec_arena_printf(arena, "%g", json_real_value(json));

    if (text == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a policy");
    }
    node->text = tsec_span_str(text);
    node->number = json_number_value(json);
    return TSEC_OK;
}

static tsec_rc
convert(struct tsec_arena *arena, const json_t *json, unsigned depth, struct policy_node **out,
        struct tsec_err *err)
{
    struct policy_node *node = policy_node_new(arena, kind_of(json));

    if (node == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a policy");
    }
    if (depth >= POLICY_NODE_DEPTH) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "failed to parse policy: nested too deeply");
    }
    *out = node;
    switch (node->kind) {
    case POLICY_NODE_OBJECT:
        /* jansson iterates through a pointer that is not const, and changes nothing */
        return convert_object(arena, (json_t *)(uintptr_t)json, depth + 1, node, err);
    case POLICY_NODE_LIST:
        return convert_list(arena, json, depth + 1, node, err);
    case POLICY_NODE_STRING:
        return convert_string(arena, json, node, err);
    case POLICY_NODE_NUMBER:
        return fill_number(arena, json, node, err);
    case POLICY_NODE_BOOL:
    case POLICY_NODE_NULL:
    default:
        node->truth = json_is_true(json);
        return TSEC_OK;
    }
}

tsec_rc
policy_json_parse(struct tsec_arena *arena, struct tsec_span text, struct policy_node **out,
                  struct tsec_err *err)
{
    json_error_t at;
    json_t *json = json_loadb((const char *)text.ptr, text.len, JSON_REJECT_DUPLICATES, &at);
    tsec_rc rc;

    if (json == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "failed to parse policy: At %d:%d: %s", at.line,
                         at.column, at.text);
    }
    rc = convert(arena, json, 0, out, err);
    json_decref(json);
    return rc;
}

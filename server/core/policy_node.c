/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy_node.h"

struct policy_node *
policy_node_new(struct tsec_arena *arena, enum policy_node_kind kind)
{
    struct policy_node *node = tsec_arena_alloc(arena, sizeof(*node));

    if (node != NULL) {
        node->kind = kind;
    }
    return node;
}

void
policy_node_append(struct policy_node *parent, struct policy_node *child)
{
    if (parent->last == NULL) {
        parent->first = child;
    } else {
        parent->last->next = child;
    }
    parent->last = child;
}

const struct policy_node *
policy_node_member(const struct policy_node *object, const char *name)
{
    for (const struct policy_node *n = object->first; n != NULL; n = n->next) {
        if (tsec_span_is(n->key, name)) {
            return n;
        }
    }
    return NULL;
}

/** `text` with its star cut off stands at the end of the value, at its beginning, or within it. */
static bool
glob_accepts(struct tsec_span text, struct tsec_span value)
{
    const bool front = text.len >= 2 && text.ptr[0] == '*';
    const bool back = text.len >= 2 && text.ptr[text.len - 1] == '*';
    const struct tsec_span core =
        tsec_span(text.ptr + (front ? 1 : 0), text.len - (front ? 1U : 0U) - (back ? 1U : 0U));

    if (front && back) {
        return core.len == 0 || memmem(value.ptr, value.len, core.ptr, core.len) != NULL;
    }
    if (front) {
        return value.len >= core.len
               && tsec_span_equal(tsec_span(value.ptr + value.len - core.len, core.len), core);
    }
    if (back) {
        return tsec_span_starts(value, core);
    }
    return tsec_span_equal(text, value);
}

static bool
list_accepts(const struct policy_node *node, const json_t *value)
{
    size_t i = 0;

    for (const struct policy_node *n = node->first; n != NULL; n = n->next, i++) {
        if (i >= json_array_size(value) || !policy_node_accepts(n, json_array_get(value, i))) {
            return false;
        }
    }
    return i == json_array_size(value);
}

static bool
object_accepts(const struct policy_node *node, const json_t *value)
{
    size_t n_members = 0;

    for (const struct policy_node *n = node->first; n != NULL; n = n->next, n_members++) {
        const json_t *found = json_object_getn(value, (const char *)n->key.ptr, n->key.len);

        if (found == NULL || !policy_node_accepts(n, found)) {
            return false;
        }
    }
    return n_members == json_object_size(value);
}

bool
policy_node_accepts(const struct policy_node *node, const json_t *value)
{
    switch (node->kind) {
    case POLICY_NODE_NULL:
        return json_is_null(value);
    case POLICY_NODE_BOOL:
        return json_is_boolean(value) && json_is_true(value) == node->truth;
    case POLICY_NODE_NUMBER:
        /* An integer past 2^53 is not told from its neighbours; no parameter has such values. */
        return json_is_number(value) && !(json_number_value(value) < node->number)
               && !(json_number_value(value) > node->number);
    case POLICY_NODE_STRING:
        return json_is_string(value)
               && glob_accepts(node->text,
                               tsec_span(json_string_value(value), json_string_length(value)));
    case POLICY_NODE_LIST:
        return json_is_array(value) && list_accepts(node, value);
    case POLICY_NODE_OBJECT:
        return json_is_object(value) && object_accepts(node, value);
    default:
        return false;
    }
}

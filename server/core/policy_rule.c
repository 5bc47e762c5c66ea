/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy_rule.h"

#include "base/clock.h"

enum { SHOWN_MAX = 60, PARAMS_MAX = 512 };

#define SHOWN(text) (int)((text).len < SHOWN_MAX ? (text).len : SHOWN_MAX), (const char *)(text).ptr

#define RULE_FAIL(err, path, fmt, ...)                                                           \
    TSEC_FAIL((err), TSEC_E_INVALID, "failed to parse policy: path \"%.*s\": " fmt, SHOWN(path), \
              __VA_ARGS__)
#define NO_MEMORY(err) TSEC_FAIL((err), TSEC_E_NO_MEMORY, "no memory for a policy")

struct reading {
    struct tsec_arena *arena;
    struct tsec_span path; /* for messages */
    struct policy_rule *rule;
};

static const char *const capability_names[POLICY_CAPABILITIES] = {
    "deny", "create", "read", "update", "delete", "list", "sudo", "patch", "scan",
};

const char *
policy_capability_name(unsigned bit)
{
    return bit < POLICY_CAPABILITIES ? capability_names[bit] : "";
}

uint32_t
policy_capability_bit(struct tsec_span name)
{
    for (unsigned bit = 0; bit < POLICY_CAPABILITIES; bit++) {
        if (tsec_span_is(name, capability_names[bit])) {
            return 1U << bit;
        }
    }
    return 0;
}

/** The elements of a list, or the one value that stands where a list may. */
static const struct policy_node *
elements(struct reading *r, const struct policy_node *node, bool *no_memory)
{
    struct policy_node *only;

    if (node->kind == POLICY_NODE_LIST) {
        return node->first;
    }
    only = policy_node_new(r->arena, node->kind);
    if (only == NULL) {
        *no_memory = true;
        return NULL;
    }
    *only = *node;
    only->next = NULL;
    return only;
}

static tsec_rc
read_capabilities(struct reading *r, const struct policy_node *node, struct tsec_err *err)
{
    bool no_memory = false;

    for (const struct policy_node *n = elements(r, node, &no_memory); n != NULL; n = n->next) {
        if (n->kind != POLICY_NODE_STRING) {
            return RULE_FAIL(err, r->path, "%s", "capabilities must be a list of strings");
        }
        const uint32_t bit = policy_capability_bit(n->text);

        if (bit == 0) {
            return RULE_FAIL(err, r->path, "invalid capability \"%.*s\"", SHOWN(n->text));
        }
        r->rule->capabilities |= bit;
    }
    return no_memory ? NO_MEMORY(err) : TSEC_OK;
}

static tsec_rc
read_policy(struct reading *r, const struct policy_node *node, struct tsec_err *err)
{
    static const struct {
        const char *name;
        uint32_t capabilities;
    } words[] = {
        { "deny", POLICY_DENY },
        { "read", POLICY_READ | POLICY_LIST },
        { "write", POLICY_CREATE | POLICY_READ | POLICY_UPDATE | POLICY_DELETE | POLICY_LIST },
        { "sudo",
          POLICY_CREATE | POLICY_READ | POLICY_UPDATE | POLICY_DELETE | POLICY_LIST | POLICY_SUDO },
    };

    for (size_t i = 0; node->kind == POLICY_NODE_STRING && i < TSEC_ARRAY_LEN(words); i++) {
        if (tsec_span_is(node->text, words[i].name)) {
            r->rule->capabilities |= words[i].capabilities;
            return TSEC_OK;
        }
    }
    return RULE_FAIL(err, r->path, "invalid policy \"%.*s\"", SHOWN(node->text));
}

static tsec_rc
read_ttl(struct reading *r, const struct policy_node *node, int64_t *out, struct tsec_err *err)
{
    if ((node->kind != POLICY_NODE_STRING && node->kind != POLICY_NODE_NUMBER)
        || !tsec_duration_parse(node->text, out) || *out < 0) {
        return RULE_FAIL(err, r->path, "error parsing %.*s: not a duration", SHOWN(node->key));
    }
    return TSEC_OK;
}

static tsec_rc
read_min_ttl(struct reading *r, const struct policy_node *node, struct tsec_err *err)
{
    return read_ttl(r, node, &r->rule->min_wrapping_ttl_ns, err);
}

static tsec_rc
read_max_ttl(struct reading *r, const struct policy_node *node, struct tsec_err *err)
{
    return read_ttl(r, node, &r->rule->max_wrapping_ttl_ns, err);
}

static size_t
count(const struct policy_node *first)
{
    size_t n = 0;

    for (; first != NULL; first = first->next) {
        n++;
    }
    return n;
}

static tsec_rc
lower_name(struct reading *r, struct tsec_span name, struct policy_param *out, struct tsec_err *err)
{
    char *text = tsec_arena_dup(r->arena, name);

    if (text == NULL) {
        return NO_MEMORY(err);
    }
    for (size_t i = 0; i < name.len; i++) {
        if (text[i] >= 'A' && text[i] <= 'Z') {
            text[i] = (char)(text[i] - 'A' + 'a');
        }
    }
    out->name = tsec_span(text, name.len);
    return TSEC_OK;
}

static tsec_rc
read_required(struct reading *r, const struct policy_node *node, struct tsec_err *err)
{
    bool no_memory = false;
    const struct policy_node *first = elements(r, node, &no_memory);
    const size_t n = count(first);
    struct policy_param *items = tsec_arena_alloc(r->arena, (n + 1) * sizeof(*items));
    size_t i = 0;

    if (no_memory || items == NULL) {
        return NO_MEMORY(err);
    }
    for (const struct policy_node *p = first; p != NULL; p = p->next) {
        if (p->kind != POLICY_NODE_STRING) {
            return RULE_FAIL(err, r->path, "%s", "required_parameters must be a list of strings");
        }
        TSEC_TRY(lower_name(r, p->text, &items[i++], err));
    }
    r->rule->required = (struct policy_params){ items, n };
    return TSEC_OK;
}

static tsec_rc
check_param(struct reading *r, const struct policy_param *items, size_t i, struct tsec_err *err)
{
    if (i + 1 > PARAMS_MAX) {
        return RULE_FAIL(err, r->path, "more than %d parameters", PARAMS_MAX);
    }
    for (size_t j = 0; j < i; j++) {
        if (tsec_span_equal(items[j].name, items[i].name)) {
            return RULE_FAIL(err, r->path, "\"%.*s\" was already set", SHOWN(items[i].name));
        }
    }
    return TSEC_OK;
}

static tsec_rc
read_params(struct reading *r, const struct policy_node *node, struct policy_params *out,
            struct tsec_err *err)
{
    const struct policy_node *map = node;
    bool no_memory = false;
    struct policy_param *items;
    size_t i = 0;

    if (map->kind == POLICY_NODE_LIST && count(map->first) == 1) {
        map = map->first; /* [{…}] stands for {…} in the JSON notation of HCL */
    }
    if (map->kind != POLICY_NODE_OBJECT) {
        return RULE_FAIL(err, r->path, "%.*s must be a map of lists", SHOWN(node->key));
    }
    items = tsec_arena_alloc(r->arena, (count(map->first) + 1) * sizeof(*items));
    if (items == NULL) {
        return NO_MEMORY(err);
    }
    for (const struct policy_node *m = map->first; m != NULL; m = m->next, i++) {
        TSEC_TRY(lower_name(r, m->key, &items[i], err));
        TSEC_TRY(check_param(r, items, i, err));
        items[i].values = elements(r, m, &no_memory);
        if (no_memory) {
            return NO_MEMORY(err);
        }
    }
    *out = (struct policy_params){ items, i };
    return TSEC_OK;
}

static tsec_rc
read_allowed(struct reading *r, const struct policy_node *node, struct tsec_err *err)
{
    return read_params(r, node, &r->rule->allowed, err);
}

static tsec_rc
read_denied(struct reading *r, const struct policy_node *node, struct tsec_err *err)
{
    return read_params(r, node, &r->rule->denied, err);
}

static tsec_rc
read_comment(struct reading *r, const struct policy_node *node, struct tsec_err *err)
{
    if (node->kind != POLICY_NODE_STRING) {
        return RULE_FAIL(err, r->path, "%s", "comment must be a string");
    }
    return TSEC_OK;
}

/** A key that would restrict if it were obeyed must not be passed over in silence. */
static tsec_rc
refuse(struct reading *r, const struct policy_node *node, struct tsec_err *err)
{
    return RULE_FAIL(err, r->path, "%.*s is not supported", SHOWN(node->key));
}

static const struct {
    const char *name;
    tsec_rc (*read)(struct reading *r, const struct policy_node *node, struct tsec_err *err);
} keys[] = {
    { "capabilities", read_capabilities },
    { "policy", read_policy },
    { "required_parameters", read_required },
    { "allowed_parameters", read_allowed },
    { "denied_parameters", read_denied },
    { "min_wrapping_ttl", read_min_ttl },
    { "max_wrapping_ttl", read_max_ttl },
    { "comment", read_comment },
    { "mfa_methods", refuse },
    { "control_group", refuse },
    { "expiration", refuse },
    { "pagination_limit", refuse },
    { "list_scan_response_keys_filter_path", refuse },
};

static tsec_rc
read_key(struct reading *r, const struct policy_node *node, struct tsec_err *err)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(keys); i++) {
        if (tsec_span_is(node->key, keys[i].name)) {
            return keys[i].read(r, node, err);
        }
    }
    if (node->line == 0) {
        return RULE_FAIL(err, r->path, "invalid key \"%.*s\"", SHOWN(node->key));
    }
    return RULE_FAIL(err, r->path, "invalid key \"%.*s\" on line %u", SHOWN(node->key), node->line);
}

static tsec_rc
read_block(struct reading *r, const struct policy_node *block, struct tsec_err *err)
{
    struct policy_rule *rule = r->rule;

    for (const struct policy_node *n = block->first; n != NULL; n = n->next) {
        for (const struct policy_node *m = block->first; m != n; m = m->next) {
            if (tsec_span_equal(m->key, n->key)) {
                return RULE_FAIL(err, r->path, "\"%.*s\" was already set", SHOWN(n->key));
            }
        }
        TSEC_TRY(read_key(r, n, err));
    }
    if ((rule->capabilities & POLICY_DENY) != 0) {
        rule->capabilities = POLICY_DENY;
    }
    if (rule->max_wrapping_ttl_ns != 0 && rule->max_wrapping_ttl_ns < rule->min_wrapping_ttl_ns) {
        return RULE_FAIL(err, r->path, "%s",
                         "max_wrapping_ttl cannot be less than min_wrapping_ttl");
    }
    rule->constrained = rule->required.len + rule->allowed.len + rule->denied.len > 0;
    return TSEC_OK;
}

static tsec_rc
check_path(struct tsec_span path, struct tsec_err *err)
{
    if (path.len > POLICY_PATH_MAX) {
        return RULE_FAIL(err, path, "longer than %d bytes", POLICY_PATH_MAX);
    }
    for (size_t i = 0; i < path.len; i++) {
        if (path.ptr[i] < 0x20 || path.ptr[i] == 0x7f) {
            return TSEC_FAIL(err, TSEC_E_INVALID,
                             "failed to parse policy: a path holds a control character");
        }
    }
    if (path.len > 0 && memmem(path.ptr, path.len, "+*", 2) != NULL) {
        return RULE_FAIL(err, path, "%s", "invalid use of wildcards ('+*' is forbidden)");
    }
    if (path.len > 1 && memchr(path.ptr, '*', path.len - 1) != NULL) {
        return RULE_FAIL(err, path, "%s",
                         "invalid use of wildcards ('*' may only be the last character)");
    }
    return TSEC_OK;
}

tsec_rc
policy_rule_read(struct tsec_arena *arena, const struct policy_node *block, struct policy_rule *out,
                 struct tsec_err *err)
{
    struct tsec_span path = block->key;
    struct reading r = { .arena = arena, .rule = out };

    if (path.len > 0 && path.ptr[0] == '/') {
        path = tsec_span(path.ptr + 1, path.len - 1); /* as paths begin behind /v1/ */
    }
    r.path = path;
    TSEC_TRY(check_path(path, err));
    TSEC_TRY(policy_template_read(arena, path, out, err));
    if (out->pieces == NULL) {
        out->pattern = policy_pattern(path);
    }
    return read_block(&r, block, err);
}

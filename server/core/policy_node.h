/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/policy_node.h
 * @brief The tree that both notations of a policy are read into.
 *
 * `path "x" { … }` and `{"path":{"x":{…}}}` give the same tree: objects in objects.  Everything
 * lives in the policy's arena.  For policy*.c only.
 */
#ifndef TSEC_CORE_POLICY_NODE_H
#define TSEC_CORE_POLICY_NODE_H

#include <jansson.h>

#include "base/arena.h"

enum { POLICY_NODE_DEPTH = 16 };

enum policy_node_kind {
    POLICY_NODE_NULL = 1,
    POLICY_NODE_BOOL,
    POLICY_NODE_NUMBER,
    POLICY_NODE_STRING,
    POLICY_NODE_LIST,
    POLICY_NODE_OBJECT,
};

struct policy_node {
    enum policy_node_kind kind;
    unsigned line; /* of the key or value; 0: not known (JSON) */
    unsigned column;
    struct tsec_span key;  /* of a member of an object */
    struct tsec_span text; /* STRING: unescaped; NUMBER: as written */
    double number;
    bool truth;
    struct policy_node *first; /* members or elements */
    struct policy_node *last;
    struct policy_node *next;
};

/** NULL: out of memory, or past the arena's ceiling. */
struct policy_node *policy_node_new(struct tsec_arena *arena, enum policy_node_kind kind);
void policy_node_append(struct policy_node *parent, struct policy_node *child);
/** The first member of that name, or NULL. */
const struct policy_node *policy_node_member(const struct policy_node *object, const char *name);

/** Whether a request's value is what the policy says: strings may have a '*' at either end, numbers
 *  are compared by value. */
bool policy_node_accepts(const struct policy_node *node, const json_t *value);

/** Both give the root object. */
TSEC_MUST_CHECK tsec_rc policy_hcl_parse(struct tsec_arena *arena, struct tsec_span text,
                                         struct policy_node **out, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc policy_json_parse(struct tsec_arena *arena, struct tsec_span text,
                                          struct policy_node **out, struct tsec_err *err);

#endif

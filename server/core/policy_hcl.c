/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "core/policy_node.h"
#include "core/policy_token.h"

enum { NAME_SHOWN = 60 };

#define PARSE_FAIL(err, token, fmt, ...)                                                      \
    TSEC_FAIL((err), TSEC_E_INVALID, "failed to parse policy: At %u:%u: " fmt, (token)->line, \
              (token)->column, __VA_ARGS__)

struct parser {
    struct policy_lexer lexer;
    struct policy_token token; /* the one under the cursor */
    struct tsec_span keys;     /* of the item at hand, as written */
};

static tsec_rc parse_members(struct parser *p, struct policy_node *object, bool braced,
                             unsigned depth, struct tsec_err *err);
static tsec_rc parse_value(struct parser *p, unsigned depth, struct policy_node **out,
                           struct tsec_err *err);

static tsec_rc
next(struct parser *p, struct tsec_err *err)
{
    return policy_lexer_next(&p->lexer, &p->token, err);
}

static tsec_rc
new_node(struct parser *p, enum policy_node_kind kind, struct policy_node **out,
         struct tsec_err *err)
{
    *out = policy_node_new(p->lexer.arena, kind);
    if (*out == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a policy");
    }
    (*out)->line = p->token.line;
    (*out)->column = p->token.column;
    return TSEC_OK;
}

/** The cursor is on '{'; leaves it behind '}'. */
static tsec_rc
parse_object(struct parser *p, struct policy_node *object, unsigned depth, struct tsec_err *err)
{
    if (depth >= POLICY_NODE_DEPTH) {
        return PARSE_FAIL(err, &p->token, "%s", "nested too deeply");
    }
    TSEC_TRY(next(p, err));
    TSEC_TRY(parse_members(p, object, true, depth + 1, err));
    if (p->token.kind != POLICY_TOKEN_RBRACE) {
        return PARSE_FAIL(err, &p->token, "object expected closing RBRACE got: %s",
                          policy_token_name(p->token.kind));
    }
    return next(p, err);
}

/** The cursor is on '['; leaves it behind ']'. */
static tsec_rc
parse_list(struct parser *p, struct policy_node *list, unsigned depth, struct tsec_err *err)
{
    bool comma_due = false;

    if (depth >= POLICY_NODE_DEPTH) {
        return PARSE_FAIL(err, &p->token, "%s", "nested too deeply");
    }
    TSEC_TRY(next(p, err));
    while (p->token.kind != POLICY_TOKEN_RBRACK) {
        struct policy_node *element = NULL;

        if (comma_due && p->token.kind != POLICY_TOKEN_COMMA) {
            return PARSE_FAIL(err, &p->token,
                              "error parsing list, expected comma or list end, got: %s",
                              policy_token_name(p->token.kind));
        }
        if (comma_due) {
            TSEC_TRY(next(p, err));
            comma_due = false;
            continue;
        }
        TSEC_TRY(parse_value(p, depth + 1, &element, err));
        policy_node_append(list, element);
        comma_due = true;
    }
    return next(p, err);
}

static tsec_rc
parse_number(struct parser *p, struct policy_node *node, struct tsec_err *err)
{
    char text[80];
    char *end = NULL;

    memcpy(text, p->token.text.ptr, p->token.text.len); /* the lexer ends a number at 64 bytes */
    text[p->token.text.len] = '\0';
    errno = 0;
    node->number =
        p->token.kind == POLICY_TOKEN_FLOAT ? strtod(text, &end) : (double)strtoll(text, &end, 0);
    if (errno != 0 || *end != '\0') {
        return PARSE_FAIL(err, &p->token, "%s", "invalid number");
    }
    node->text = p->token.text;
    return next(p, err);
}

static tsec_rc
unknown_token(const struct parser *p, struct tsec_err *err)
{
    const struct policy_token *t = &p->token;

    return PARSE_FAIL(err, t, "Unknown token: %u:%u %s %.*s", t->line, t->column,
                      policy_token_name(t->kind),
                      (int)(t->text.len < NAME_SHOWN ? t->text.len : NAME_SHOWN),
                      t->text.ptr == NULL ? "" : (const char *)t->text.ptr);
}

static tsec_rc
parse_value(struct parser *p, unsigned depth, struct policy_node **out, struct tsec_err *err)
{
    static const enum policy_node_kind kinds[] = {
        [POLICY_TOKEN_STRING] = POLICY_NODE_STRING, [POLICY_TOKEN_NUMBER] = POLICY_NODE_NUMBER,
        [POLICY_TOKEN_FLOAT] = POLICY_NODE_NUMBER,  [POLICY_TOKEN_BOOL] = POLICY_NODE_BOOL,
        [POLICY_TOKEN_LBRACE] = POLICY_NODE_OBJECT, [POLICY_TOKEN_LBRACK] = POLICY_NODE_LIST,
    };

    if ((size_t)p->token.kind >= TSEC_ARRAY_LEN(kinds) || kinds[p->token.kind] == 0) {
        return unknown_token(p, err);
    }
    TSEC_TRY(new_node(p, kinds[p->token.kind], out, err));
    switch ((*out)->kind) {
    case POLICY_NODE_OBJECT:
        return parse_object(p, *out, depth, err);
    case POLICY_NODE_LIST:
        return parse_list(p, *out, depth, err);
    case POLICY_NODE_NUMBER:
        return parse_number(p, *out, err);
    case POLICY_NODE_BOOL:
    case POLICY_NODE_STRING:
    case POLICY_NODE_NULL:
    default:
        (*out)->text = p->token.text;
        (*out)->truth = tsec_span_is(p->token.text, "true");
        return next(p, err);
    }
}

static tsec_rc
no_key(const struct parser *p, struct tsec_err *err)
{
    if (p->token.kind == POLICY_TOKEN_ASSIGN) {
        return PARSE_FAIL(err, &p->token, "%s", "no object keys found!");
    }
    return PARSE_FAIL(err, &p->token, "expected: IDENT | STRING%s got: %s",
                      p->token.kind == POLICY_TOKEN_LBRACE ? "" : " | ASSIGN | LBRACE",
                      policy_token_name(p->token.kind));
}

/** Behind its keys an item has neither '=' nor '{'. */
static tsec_rc
no_value(const struct parser *p, struct tsec_err *err)
{
    if (p->token.kind != POLICY_TOKEN_EOF && p->token.kind != POLICY_TOKEN_RBRACE) {
        return PARSE_FAIL(err, &p->token, "expected: IDENT | STRING | ASSIGN | LBRACE got: %s",
                          policy_token_name(p->token.kind));
    }
    return PARSE_FAIL(
        err, &p->token, "key '%.*s' expected start of object ('{') or assignment ('=')",
        (int)(p->keys.len < NAME_SHOWN ? p->keys.len : NAME_SHOWN), (const char *)p->keys.ptr);
}

/** `a "b" { … }`: for each key after the first, an object in the object before.  Leaves *object
 *  and the last key's node for the value. */
static tsec_rc
parse_keys(struct parser *p, struct policy_node *object, unsigned *depth, struct policy_node **out,
           struct tsec_err *err)
{
    unsigned keys = 0;

    while (p->token.kind == POLICY_TOKEN_IDENT || p->token.kind == POLICY_TOKEN_STRING) {
        struct policy_node *node = NULL;

        if (*depth >= POLICY_NODE_DEPTH) {
            return PARSE_FAIL(err, &p->token, "%s", "nested too deeply");
        }
        TSEC_TRY(new_node(p, POLICY_NODE_OBJECT, &node, err));
        node->key = p->token.text;
        p->keys = keys == 0
                      ? p->token.raw
                      : tsec_span(p->keys.ptr,
                                  (size_t)(p->token.raw.ptr + p->token.raw.len - p->keys.ptr));
        policy_node_append(keys == 0 ? object : *out, node);
        *out = node;
        keys++;
        *depth += 1;
        TSEC_TRY(next(p, err));
    }
    if (keys == 0) {
        return no_key(p, err);
    }
    if (keys > 1 && p->token.kind == POLICY_TOKEN_ASSIGN) {
        return PARSE_FAIL(err, &p->token, "%s", "nested object expected: LBRACE got: ASSIGN");
    }
    return TSEC_OK;
}

/** The value takes the place of the empty object that parse_keys() made for it. */
static tsec_rc
parse_assigned(struct parser *p, struct policy_node *node, unsigned depth, struct tsec_err *err)
{
    struct policy_node *value = NULL;
    const struct policy_node place = *node;

    TSEC_TRY(next(p, err));
    TSEC_TRY(parse_value(p, depth, &value, err));
    *node = *value;
    node->key = place.key;
    node->line = place.line;
    node->column = place.column;
    node->next = place.next;
    return TSEC_OK;
}

static tsec_rc
parse_members(struct parser *p, struct policy_node *object, bool braced, unsigned depth,
              struct tsec_err *err)
{
    while (p->token.kind != POLICY_TOKEN_EOF && !(braced && p->token.kind == POLICY_TOKEN_RBRACE)) {
        struct policy_node *node = NULL;
        unsigned inner = depth;

        TSEC_TRY(parse_keys(p, object, &inner, &node, err));
        if (p->token.kind == POLICY_TOKEN_ASSIGN) {
            TSEC_TRY(parse_assigned(p, node, inner, err));
        } else if (p->token.kind == POLICY_TOKEN_LBRACE) {
            TSEC_TRY(parse_object(p, node, inner, err));
        } else {
            return no_value(p, err);
        }
        if (p->token.kind == POLICY_TOKEN_COMMA) {
            TSEC_TRY(next(p, err));
        }
    }
    return TSEC_OK;
}

tsec_rc
policy_hcl_parse(struct tsec_arena *arena, struct tsec_span text, struct policy_node **out,
                 struct tsec_err *err)
{
    struct parser p = { .lexer = policy_lexer(arena, text) };

    TSEC_TRY(next(&p, err));
    TSEC_TRY(new_node(&p, POLICY_NODE_OBJECT, out, err));
    return parse_members(&p, *out, false, 0, err);
}

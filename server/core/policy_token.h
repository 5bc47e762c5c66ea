/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/policy_token.h
 * @brief Words of the policy language (HCL 1): names, strings, numbers, punctuation.  For
 * policy*.c only.
 *
 * Comments and white space are skipped.  Heredocs and `${…}` are not part of the subset: the one is
 * refused, the other is plain text.
 */
#ifndef TSEC_CORE_POLICY_TOKEN_H
#define TSEC_CORE_POLICY_TOKEN_H

#include "base/arena.h"

enum policy_token_kind {
    POLICY_TOKEN_EOF = 1,
    POLICY_TOKEN_IDENT,
    POLICY_TOKEN_STRING,
    POLICY_TOKEN_NUMBER,
    POLICY_TOKEN_FLOAT,
    POLICY_TOKEN_BOOL,
    POLICY_TOKEN_LBRACE,
    POLICY_TOKEN_RBRACE,
    POLICY_TOKEN_LBRACK,
    POLICY_TOKEN_RBRACK,
    POLICY_TOKEN_ASSIGN,
    POLICY_TOKEN_COMMA,
    POLICY_TOKEN_SUB,
    POLICY_TOKEN_ADD,
    POLICY_TOKEN_PERIOD,
};

struct policy_token {
    enum policy_token_kind kind;
    unsigned line;
    unsigned column;
    struct tsec_span text; /* STRING: unescaped, in the arena; others: as written */
    struct tsec_span raw;  /* as written, borrowed */
};

struct policy_lexer {
    struct tsec_arena *arena;
    struct tsec_span rest;
    unsigned line;
    unsigned column;
};

struct policy_lexer policy_lexer(struct tsec_arena *arena, struct tsec_span text);
/** TSEC_E_INVALID: "failed to parse policy: At line:column: …". */
TSEC_MUST_CHECK tsec_rc policy_lexer_next(struct policy_lexer *lexer, struct policy_token *out,
                                          struct tsec_err *err);
/** "STRING", "RBRACE"…, as error messages call them. */
const char *policy_token_name(enum policy_token_kind kind);

#endif

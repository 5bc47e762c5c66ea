/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/token.h
 * @brief Tokens: made, found, used, renewed and revoked.
 *
 * A token's text exists outside its holder only at the moment it is made: a row knows it by its
 * tag, an HMAC under a key that never leaves the TEE.  A token is valid when its row is there, its
 * time has not come, and (unless it is an orphan) its parent is valid: so revoking one revokes all
 * below it at once, whether or not their rows are gone yet.
 *
 * Rows: sys/token/<tag>, sys/accessor/<accessor>, sys/child/<parent tag>/<tag>, and the expiry
 * index.
 */
#ifndef TSEC_CORE_TOKEN_H
#define TSEC_CORE_TOKEN_H

#include "core/keys.h"
#include "core/record.h"

enum {
    TOKEN_TEXT_MAX = 128,
    TOKEN_ACCESSOR_LEN = 24,
    TOKEN_DEPTH_MAX = 32,   /* of parents above parents */
    TOKEN_REVOKE_MAX = 150, /* rows of tokens taken away in one transaction */
};

struct token {
    uint8_t tag[RECORD_TAG_LEN];
    uint8_t parent[RECORD_TAG_LEN]; /* zero for an orphan */
    const char *accessor;
    const char *path; /* that made it: "auth/token/create" */
    const char *display_name;
    const char *role;
    const char *type; /* "service" */
    struct tsec_strings policies;
    struct tsec_strings bound_cidrs;
    struct tsec_string_map meta;
    /** What the evidence of its login proved, and what it rests on: "tee", "measurement", "format",
     *  "mode", "instance", "entry" (of the allowlist; "": a setting), "debug" ("true", or not
     *  there), and of the role, where there is one, "mount" (its id), "role" and "match".  Empty:
     * no evidence.  What is made by a token has its maker's. */
    struct tsec_string_map attest;
    int64_t created_ns;
    int64_t renewed_ns; /* 0: never */
    int64_t expires_ns; /* 0: never */
    int64_t ttl_s;      /* granted when it was made */
    int64_t max_ttl_s;  /* of its mount or role; 0: the system's */
    int64_t explicit_max_ttl_s;
    int64_t period_s;
    int64_t num_uses; /* left; 0: unlimited */
    bool renewable;
    bool orphan;
};

extern const char TOKEN_ROOT_POLICY[];     /* "root" */
extern const char TOKEN_WRAPPING_POLICY[]; /* "response-wrapping" */

bool token_is_root(const struct token *token);
bool token_is_wrapping(const struct token *token);
/** Seconds it has left; 0 for one that never ends. */
int64_t token_ttl_left_s(const struct token *token, int64_t now_ns);

void token_tag(const struct core_keys *keys, struct tsec_span text, uint8_t tag[RECORD_TAG_LEN]);

/** TSEC_E_NOT_FOUND: unknown, ended, or below a parent that is. */
TSEC_MUST_CHECK tsec_rc token_find(struct txn *txn, const uint8_t tag[RECORD_TAG_LEN],
                                   const struct token **out, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc token_find_accessor(struct txn *txn, struct tsec_span accessor,
                                            const struct token **out, struct tsec_err *err);

/** What a new token is to be; the rest of struct token is made up here.  ttl_s 0: never ends. */
struct token_spec {
    const char *id;             /* the text; NULL: made up, as it should be */
    const struct token *parent; /* NULL: an orphan */
    struct token token;         /* path, names, policies, limits */
};
struct token_made {
    char text[TOKEN_TEXT_MAX + 1];
    const struct token *token; /* in the transaction's arena */
};
/** TSEC_E_CONFLICT: a token with that id is there already. */
TSEC_MUST_CHECK tsec_rc token_make(struct txn *txn, const struct core_keys *keys,
                                   const struct token_spec *spec, struct token_made *out,
                                   struct tsec_err *err);

/** Counts one use; the last one revokes the token.  Nothing happens to one with unlimited uses, or
 *  that is gone. */
TSEC_MUST_CHECK tsec_rc token_use(struct txn *txn, const struct token *token, struct tsec_err *err);

/** Extends its life by increment_s (0: by what it was made with).  *capped says whether a limit cut
 *  it.  TSEC_E_INVALID: not renewable, or past its limit. */
TSEC_MUST_CHECK tsec_rc token_renew(struct txn *txn, const struct token *token, int64_t increment_s,
                                    const struct token **out, bool *capped, struct tsec_err *err);

/** The token and all below it. */
TSEC_MUST_CHECK tsec_rc token_revoke(struct txn *txn, const struct token *token,
                                     struct tsec_err *err);
/** The token alone: its children become orphans.  TSEC_E_TOO_LARGE: too many children. */
TSEC_MUST_CHECK tsec_rc token_revoke_orphan(struct txn *txn, const struct token *token,
                                            struct tsec_err *err);

/** Rows of the token itself: who drops it sees to its children. */
TSEC_MUST_CHECK tsec_rc token_drop(struct txn *txn, const struct token *token,
                                   struct tsec_err *err);

/** Removes rows of revoked and ended tokens and of whatever else is due, at most about `limit`
 *  things; *done counts them.  For a background job. */
TSEC_MUST_CHECK tsec_rc core_sweep_expired(struct txn *txn, size_t limit, size_t *done,
                                           struct tsec_err *err);

/** A token's row whether or not it is valid; TSEC_E_NOT_FOUND.  For sweeping and tests. */
TSEC_MUST_CHECK tsec_rc token_row(struct txn *txn, const uint8_t tag[RECORD_TAG_LEN],
                                  const struct token **out, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc token_store(struct txn *txn, const struct token *token,
                                    struct tsec_err *err);
struct tsec_span token_child_prefix(struct txn *txn, const uint8_t parent[RECORD_TAG_LEN]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/approle.h
 * @brief AppRole: machines that log in with a role id and a secret id.
 *
 * Neither id is stored: rows know them by HMAC tags.  A login never says which of the two was
 * wrong.
 *
 * Rows below "sys/approle/<mount id>/": role/<name>, id/<role id's tag>, and for each role, under
 * an inner name that is new each time a role is made (so that what a deleted role left behind can
 * never count for a later one): s/<inner>/t/<secret id's tag> and s/<inner>/a/<accessor>.
 */
#ifndef TSEC_CORE_APPROLE_H
#define TSEC_CORE_APPROLE_H

#include "core/mount.h"
#include "core/token.h"

enum { APPROLE_NAME_MAX = 512, APPROLE_ID_MAX = 512 };

struct approle {
    const char *name;
    const char *inner;   /* see above */
    const char *role_id; /* public by design: any client with access to the role may read it */
    const char *token_type;
    struct tsec_strings secret_id_bound_cidrs;
    struct tsec_strings token_policies;
    struct tsec_strings token_bound_cidrs;
    int64_t secret_id_num_uses;
    int64_t secret_id_ttl_s;
    int64_t token_ttl_s;
    int64_t token_max_ttl_s;
    int64_t token_explicit_max_ttl_s;
    int64_t token_period_s;
    int64_t token_num_uses;
    bool bind_secret_id;
    bool local_secret_ids;
    bool token_no_default_policy;
    bool token_strictly_bind_ip;
};

/** Where an approle mount's rows are, and what tags are made with. */
struct approle_at {
    struct txn *txn;
    const struct core_keys *keys;
    const struct mount *mount;
};

/** Lower case, in the arena; NULL: not a role's name. */
const char *approle_name(struct tsec_arena *arena, struct tsec_span name);

TSEC_MUST_CHECK tsec_rc approle_find(const struct approle_at *at, const char *name,
                                     const struct approle **out, struct tsec_err *err);
/** A new role before a client's settings: fresh role id and inner name, in the arena. */
TSEC_MUST_CHECK tsec_rc approle_init(const struct approle_at *at, const char *name,
                                     struct approle *out, struct tsec_err *err);
/** `old`: what was there, or NULL.  TSEC_E_CONFLICT: another role has that role id. */
TSEC_MUST_CHECK tsec_rc approle_store(const struct approle_at *at, const struct approle *role,
                                      const struct approle *old, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc approle_delete(const struct approle_at *at, const struct approle *role,
                                       struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc approle_names(const struct approle_at *at, struct tsec_strings *out,
                                      struct tsec_err *err);

struct approle_secret {
    uint8_t tag[RECORD_TAG_LEN];
    const char *accessor;
    struct tsec_strings cidr_list;
    struct tsec_strings token_bound_cidrs;
    struct tsec_string_map metadata;
    int64_t created_ns;
    int64_t updated_ns;
    int64_t expires_ns; /* 0: never */
    int64_t ttl_s;
    int64_t num_uses; /* left; 0: unlimited */
};

/** Fills tag, accessor and times of `secret` and writes it.  TSEC_E_CONFLICT: the id is in use. */
TSEC_MUST_CHECK tsec_rc approle_secret_add(const struct approle_at *at, const struct approle *role,
                                           const char *secret_id, struct approle_secret *secret,
                                           struct tsec_err *err);
/** TSEC_E_NOT_FOUND: unknown or ended. */
TSEC_MUST_CHECK tsec_rc approle_secret_find(const struct approle_at *at, const struct approle *role,
                                            struct tsec_span secret_id,
                                            const struct approle_secret **out,
                                            struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc approle_secret_by_accessor(const struct approle_at *at,
                                                   const struct approle *role,
                                                   struct tsec_span accessor,
                                                   const struct approle_secret **out,
                                                   struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc approle_secret_drop(const struct approle_at *at, const struct approle *role,
                                            const struct approle_secret *secret,
                                            struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc approle_secret_accessors(const struct approle_at *at,
                                                 const struct approle *role,
                                                 struct tsec_strings *out, struct tsec_err *err);

struct approle_login {
    struct tsec_span role_id;
    struct tsec_span secret_id;
    const char *remote;
};
/** The role, and the secret id with its use already counted (NULL where none is bound).
 *  TSEC_E_DENIED: whatever is wrong. */
TSEC_MUST_CHECK tsec_rc approle_check(const struct approle_at *at,
                                      const struct approle_login *login,
                                      const struct approle **role,
                                      const struct approle_secret **secret, struct tsec_err *err);

#endif

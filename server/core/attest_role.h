/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/attest_role.h
 * @brief Roles of an attest login mount: which code gets which token.
 *
 * Rows: sys/attest/<mount id>/role/<name>.
 */
#ifndef TSEC_CORE_ATTEST_ROLE_H
#define TSEC_CORE_ATTEST_ROLE_H

#include "attest/appraiser.h"
#include "core/record.h"

enum {
    ATTEST_ROLE_MATCH_MAX = 256,
    ATTEST_ROLE_NAME_MAX = 128,
    ATTEST_ROLE_DIGEST_MIN = 32, /* bytes of a configuration's digest */
    ATTEST_ROLE_DIGEST_MAX = 64,
};

struct attest_role {
    const char *name;
    struct tsec_strings match;   /* measurement expressions; any may hold; none: nobody */
    struct tsec_strings formats; /* none: every format */
    const char *min_tcb;        /* a TCB status: no worse one; or a date, RFC 3339; "": any that the
                                   server admits */
    int64_t max_evidence_age_s; /* 0: as the server says */
    struct tsec_strings bound_config_digest; /* hex: SNP host_data, SGX config_id,
                                                TDX mrconfigid, Nitro pcr16 */
    struct tsec_strings bound_instances;     /* exactly */
    struct tsec_strings modes;               /* "fresh", "identity"; none: fresh */
    struct tsec_strings token_policies;
    struct tsec_strings token_bound_cidrs;
    int64_t token_ttl_s;
    int64_t token_max_ttl_s;
    int64_t token_explicit_max_ttl_s;
    int64_t token_period_s;
    int64_t token_num_uses;
    bool token_no_default_policy;
};

/** A name as rows have it, in lower case, in the arena.  NULL: none that a role can have. */
const char *attest_role_name(struct tsec_arena *arena, struct tsec_span name);

/** `name` as attest_role_name() gives it; `mount` is its id.  TSEC_E_NOT_FOUND. */
TSEC_MUST_CHECK tsec_rc attest_role_find(struct txn *txn, const char *mount, const char *name,
                                         const struct attest_role **out, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc attest_role_store(struct txn *txn, const char *mount,
                                          const struct attest_role *role, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc attest_role_delete(struct txn *txn, const char *mount, const char *name,
                                           struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc attest_role_names(struct txn *txn, const char *mount,
                                          struct tsec_strings *out, struct tsec_err *err);

/** Whether evidence that was admitted is of this role.  *match: which expression holds.  `mode`:
 *  "fresh" or "identity".  When not, `why` (may be NULL) says it to operators.  `reason`: a static
 *  slug: "role-measurement", "role-format", "role-tcb", "role-age", "role-config", "role-instance",
 *  "role-mode". */
bool attest_role_admits(const struct attest_role *role, const struct tsec_claims *claims,
                        const char *mode, int64_t now_s, size_t *match, const char **reason,
                        struct tsec_buf *why);

#endif

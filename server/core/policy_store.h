/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/policy_store.h
 * @brief Policies by name: rows "sys/policy/<name>", kept compiled beside the sealed row.
 *
 * "root" is no row and cannot be written; "default" is made at init and may be changed but not
 * deleted; "response-wrapping" is built in.  Names are lower case.
 */
#ifndef TSEC_CORE_POLICY_STORE_H
#define TSEC_CORE_POLICY_STORE_H

#include "core/policy.h"
#include "core/record.h"

enum { POLICY_NAME_MAX = 256 };

struct policy_entry {
    const char *name;
    const char *text; /* as it was written */
    int64_t modified_ns;
    const struct policy *policy;
};

/** Lower case, in the arena.  NULL: empty, too long, or with characters a name cannot have. */
const char *policy_name(struct tsec_arena *arena, struct tsec_span name);

/** TSEC_E_NOT_FOUND: no such policy.  Built-in ones are found. */
TSEC_MUST_CHECK tsec_rc policy_find(struct txn *txn, const char *name,
                                    const struct policy_entry **out, struct tsec_err *err);
/** TSEC_E_INVALID: err->detail is the sentence for the client. */
TSEC_MUST_CHECK tsec_rc policy_write(struct txn *txn, const char *name, struct tsec_span text,
                                     struct tsec_err *err);
/** Absent: nothing happens.  TSEC_E_INVALID: a policy that stays. */
TSEC_MUST_CHECK tsec_rc policy_delete(struct txn *txn, const char *name, struct tsec_err *err);
/** Sorted names, with "root" at the end. */
TSEC_MUST_CHECK tsec_rc policy_names(struct txn *txn, struct tsec_strings *out,
                                     struct tsec_err *err);
/** "default" as it comes. */
TSEC_MUST_CHECK tsec_rc policy_defaults(struct txn *txn, struct tsec_err *err);

/** The compiled policies of that name, in the arena; NULL where there is none by that name. */
TSEC_MUST_CHECK tsec_rc policy_load(struct txn *txn, struct tsec_strings names,
                                    struct policy_set *out, struct tsec_err *err);

#endif

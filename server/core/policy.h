/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/policy.h
 * @brief What a token may do: policies in the language Vault's operators write, and the decision
 * over several of them.
 *
 * A policy is parsed once and never changes; any thread may decide with it.  Policies are matched
 * side by side and never merged into a new object.  Nothing here knows requests, tokens or mounts.
 *
 * The rules of matching are Vault's: an exact path beats every pattern; of the patterns that match,
 * the one wins whose first wildcard comes later, then one that does not end in '*', then the one
 * with fewer '+', then the longer, then the lexicographically greater.  Where the winning pattern
 * stands in several policies, capabilities are united, and deny takes them all away.
 */
#ifndef TSEC_CORE_POLICY_H
#define TSEC_CORE_POLICY_H

#include <jansson.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/span.h"

enum {
    POLICY_TEXT_MAX = 256 * 1024,
    POLICY_RULES_MAX = 4096,
    POLICY_PATH_MAX = 2048,
    POLICY_CAPABILITIES = 9,
};

/** Bits of a capability mask. */
enum policy_capability {
    POLICY_DENY = 1 << 0,
    POLICY_CREATE = 1 << 1,
    POLICY_READ = 1 << 2,
    POLICY_UPDATE = 1 << 3,
    POLICY_DELETE = 1 << 4,
    POLICY_LIST = 1 << 5,
    POLICY_SUDO = 1 << 6,
    POLICY_PATCH = 1 << 7,
    POLICY_SCAN = 1 << 8,
};

/** Name of capability number `bit` (0..POLICY_CAPABILITIES - 1): "deny", "create"… */
const char *policy_capability_name(unsigned bit);
/** The bit of a name; 0: no such capability. */
uint32_t policy_capability_bit(struct tsec_span name);

/** The text the policy "default" has until an operator changes it. */
extern const char POLICY_DEFAULT_TEXT[];

struct policy;
struct policy_rule;

/** HCL, or JSON when the first byte that is no white space is '{'.  TSEC_E_INVALID: err->detail is
 * a sentence for the client ("failed to parse policy: At 1:12: …"). */
TSEC_MUST_CHECK tsec_rc policy_parse(struct tsec_span text, struct policy **out,
                                     struct tsec_err *err);
/** NULL is harmless. */
void policy_free(struct policy *policy);
TSEC_DEFINE_AUTO(struct policy, policy_free)

/** The policy "root": everything, everywhere.  Static; policy_free() leaves it alone. */
const struct policy *policy_root(void);

size_t policy_rules_len(const struct policy *policy);
/** Whether a path holds {{…}}, so that decisions depend on policy_query.values. */
bool policy_is_templated(const struct policy *policy);

/** What {{name}} stands for.  A value that is empty, is "+", or holds '/', '*' or a control
 *  character could change the shape of a pattern: rules that use it never match. */
struct policy_value {
    const char *name; /* "identity.name", "role", "attest.measurement", "attest.tee" */
    struct tsec_span value;
};

/** A set of policies asked together; the index of one in it names it in a decision. */
struct policy_set {
    const struct policy *const *items; /* NULL items are skipped */
    size_t len;
};

struct policy_query {
    struct tsec_span path; /* without /v1/ and without a leading '/' */
    /** The request is a LIST or SCAN, and `path` ends in '/': rules for the path without that slash
     *  are asked too, as Vault does. */
    bool list;
    const struct policy_value *values;
    size_t values_len;
};

struct policy_decision {
    /** POLICY_DENY alone: denied by a rule.  0: no rule matches. */
    uint32_t capabilities;
    bool root;
    /** The rules have required, allowed or denied parameters: ask policy_check_parameters(). */
    bool constrained;
    /** For every bit set in capabilities, the index of the first policy that gives it. */
    uint32_t given_by[POLICY_CAPABILITIES];
    int64_t min_wrapping_ttl_ns;    /* 0: none */
    int64_t max_wrapping_ttl_ns;    /* 0: none */
    const struct policy_rule *rule; /* one that matched; lives as long as its policy */
};

/** Never fails: what cannot be decided is not allowed. */
void policy_decide(const struct policy_set *set, const struct policy_query *query,
                   struct policy_decision *out);

static inline bool
policy_allows(const struct policy_decision *decision, enum policy_capability wanted)
{
    return decision->root || (decision->capabilities & (uint32_t)wanted) != 0;
}

/** Whether any rule grants something on a path that begins with `prefix`: what a preflight asks. */
bool policy_touches(const struct policy_set *set, struct tsec_span prefix);

/** Whether a reply wrapped for that time (0: not wrapped) satisfies the rules' bounds. */
bool policy_check_wrapping(const struct policy_decision *decision, int64_t wrap_ttl_ns);

/** Whether a request with these parameters (an object; NULL: none) satisfies every matching rule's
 *  required, allowed and denied parameters.  Set and query as given to policy_decide().  For
 * create, read, update and patch. */
bool policy_check_parameters(const struct policy_set *set, const struct policy_query *query,
                             const struct policy_decision *decision, const json_t *parameters);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Who may make which token: the rules of auth/token/create. */
#include "api/envelope.h"
#include "api/op.h"
#include "base/clock.h"
#include "core/mount.h"
#include "core/policy_store.h"
#include "core/strings.h"
#include "core/token_role.h"
#include "core/ttl.h"

enum { CREATE_LIST_MAX = 256, CREATE_TEXT_MAX = 512 };

struct create {
    struct api_call *call;
    const struct token_role *role; /* NULL: none */
    const char *id;
    const char *display_name;
    const char *type;
    struct tsec_strings policies;
    struct tsec_string_map meta;
    int64_t ttl_ns;
    int64_t explicit_max_ns;
    int64_t period_ns;
    int64_t num_uses;
    bool no_parent;
    bool no_default;
    bool renewable;
};

static tsec_rc
read_create(struct create *c, struct tsec_err *err)
{
    const int64_t limit = TTL_LIMIT_S * TSEC_NS_PER_S;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("id", &c->id, NULL, TOKEN_TEXT_MAX),
        TSEC_JSON_STR("display_name", &c->display_name, NULL, CREATE_TEXT_MAX),
        TSEC_JSON_STR("type", &c->type, NULL, 32),
        TSEC_JSON_LIST("policies", &c->policies, NULL, CREATE_LIST_MAX),
        TSEC_JSON_MAP("meta", &c->meta, NULL, CREATE_LIST_MAX),
        TSEC_JSON_MAP("metadata", &c->meta, NULL, CREATE_LIST_MAX),
        TSEC_JSON_DURATION("lease", &c->ttl_ns, NULL, limit),
        TSEC_JSON_DURATION("ttl", &c->ttl_ns, NULL, limit),
        TSEC_JSON_DURATION("explicit_max_ttl", &c->explicit_max_ns, NULL, limit),
        TSEC_JSON_DURATION("period", &c->period_ns, NULL, limit),
        TSEC_JSON_INT("num_uses", &c->num_uses, NULL, 0, INT32_MAX),
        TSEC_JSON_BOOL("no_parent", &c->no_parent, NULL),
        TSEC_JSON_BOOL("no_default_policy", &c->no_default, NULL),
        TSEC_JSON_BOOL("renewable", &c->renewable, NULL),
    };

    c->renewable = true;
    return API_FIELDS(c->call, fields, err);
}

static tsec_rc
check_privileges(const struct create *c)
{
    struct api_call *call = c->call;

    if (call->token->num_uses > 0) {
        return api_refuse(call, TSEC_E_INVALID,
                          "restricted use token cannot generate child tokens");
    }
    if (c->type != NULL && *c->type != '\0' && strcmp(c->type, "service") != 0
        && strcmp(c->type, "batch") != 0) {
        return api_refuse(call, TSEC_E_INVALID, "invalid 'type' value: service or batch");
    }
    if (call->sudo) {
        return TSEC_OK;
    }
    if (c->no_parent) {
        return api_refuse(call, TSEC_E_INVALID,
                          "root or sudo privileges required to create orphan token");
    }
    if (c->id != NULL && *c->id != '\0') {
        return api_refuse(call, TSEC_E_INVALID,
                          "root or sudo privileges required to specify token id");
    }
    if (c->period_ns != 0) {
        return api_refuse(call, TSEC_E_INVALID,
                          "root or sudo privileges required to create periodic token");
    }
    return TSEC_OK;
}

static tsec_rc
lower_policies(struct create *c)
{
    struct tsec_arena *arena = api_arena(c->call);

    for (size_t i = 0; i < c->policies.len; i++) {
        const char *name = policy_name(arena, tsec_span_str(c->policies.items[i]));

        if (name == NULL || strcmp(name, TOKEN_WRAPPING_POLICY) == 0) {
            return api_refuse(c->call, TSEC_E_INVALID, "cannot assign one of these policies");
        }
        c->policies.items[i] = name;
    }
    return TSEC_OK;
}

static tsec_rc
check_role_policies(struct create *c, bool *of_parent)
{
    *of_parent = false;
    for (size_t i = 0; i < c->policies.len; i++) {
        const char *policy = c->policies.items[i];
        bool open = false;

        if (strcmp(policy, TOKEN_ROOT_POLICY) == 0 && !token_is_root(c->call->token)) {
            return api_refuse(c->call, TSEC_E_INVALID,
                              "root tokens may not be created without parent token being root");
        }
        if (strcmp(policy, "default") != 0 && !token_role_allows(c->role, policy, &open)) {
            return api_refusef(c->call, TSEC_E_INVALID,
                               "token policy \"%.64s\" is not allowed by this role", policy);
        }
        *of_parent = *of_parent || open;
    }
    return TSEC_OK;
}

static tsec_rc
check_subset(const struct create *c)
{
    const struct token *parent = c->call->token;

    for (size_t i = 0; i < c->policies.len; i++) {
        const char *policy = c->policies.items[i];

        if (strcmp(policy, TOKEN_ROOT_POLICY) == 0 && !token_is_root(parent)) {
            return api_refuse(c->call, TSEC_E_INVALID,
                              "root tokens may not be created without parent token being root");
        }
        if (!c->call->sudo && strcmp(policy, "default") != 0
            && !strings_have(parent->policies, policy)) {
            return api_refuse(c->call, TSEC_E_INVALID, "child policies must be subset of parent");
        }
    }
    return TSEC_OK;
}

static bool
adds_default(const struct create *c)
{
    if (c->no_default) {
        return false;
    }
    if (c->role != NULL) {
        return !c->role->token_no_default_policy
               && !strings_have(c->role->disallowed_policies, "default");
    }
    return c->call->sudo || strings_have(c->call->token->policies, "default");
}

/* What the token's policies come to: sorted, "default" added, "root" alone. */
static tsec_rc
settle_policies(struct create *c)
{
    static const char *root[] = { TOKEN_ROOT_POLICY };
    struct tsec_arena *arena = api_arena(c->call);
    bool of_parent = true;

    if (c->policies.len == 0) {
        c->policies = c->role != NULL && c->role->allowed_policies.len > 0
                          ? c->role->allowed_policies
                          : c->call->token->policies;
    } else {
        TSEC_TRY(lower_policies(c));
    }
    if (c->role != NULL) {
        TSEC_TRY(check_role_policies(c, &of_parent));
    }
    if (of_parent) {
        TSEC_TRY(check_subset(c));
    }
    if (strings_have(c->policies, TOKEN_ROOT_POLICY)) {
        c->policies = (struct tsec_strings){ root, 1 };
        return TSEC_OK;
    }
    if (adds_default(c)) {
        c->policies = strings_with(arena, c->policies, "default");
    }
    c->policies = strings_sorted(arena, c->policies);
    return TSEC_OK;
}

static void
warn_of_missing(struct create *c)
{
    for (size_t i = 0; i < c->policies.len; i++) {
        const struct policy_entry *entry = NULL;
        const char *name = c->policies.items[i];

        if (policy_find(c->call->txn, name, &entry, NULL).code == TSEC_E_NOT_FOUND) {
            api_warn(c->call,
                     tsec_arena_printf(api_arena(c->call), "Policy \"%s\" does not exist", name));
        }
    }
}

static int64_t
smaller_given(int64_t a, int64_t b)
{
    if (a == 0 || b == 0) {
        return a + b;
    }
    return a < b ? a : b;
}

static void
apply_role(struct create *c, struct token *token)
{
    if (c->role == NULL) {
        return;
    }
    token->role = c->role->name;
    token->bound_cidrs = c->role->token_bound_cidrs;
    token->explicit_max_ttl_s =
        smaller_given(token->explicit_max_ttl_s, c->role->token_explicit_max_ttl_s);
    token->num_uses = smaller_given(token->num_uses, c->role->token_num_uses);
    token->renewable = token->renewable && c->role->renewable;
    if (c->role->token_period_s != 0) {
        token->period_s = c->role->token_period_s;
    }
}

/* "30m", not "30m0s": as Vault's warnings have it. */
static const char *
short_duration(struct tsec_arena *arena, int64_t s)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(64);

    tsec_duration_append(&text, s * TSEC_NS_PER_S);
    if (s >= 60 && s % 60 == 0) {
        text.len -= s % 3600 == 0 ? strlen("0m0s") : strlen("0s");
    }
    return tsec_arena_dup(arena, tsec_buf_span(&text));
}

static tsec_rc
set_lifetime(struct create *c, struct token *token, struct tsec_err *err)
{
    const struct mount *mount = NULL;
    struct tsec_arena *arena = api_arena(c->call);
    struct ttl_answer answer;
    struct ttl_ask ask;

    if (strcmp(c->policies.items[0], TOKEN_ROOT_POLICY) == 0 && c->ttl_ns == 0
        && token->period_s == 0) {
        if (c->call->token->expires_ns != 0) {
            return api_refuse(c->call, TSEC_E_INVALID,
                              "expiring root tokens cannot create non-expiring root tokens");
        }
        token->renewable = false;
        token->ttl_s = token->explicit_max_ttl_s;
        return TSEC_OK;
    }
    TSEC_TRY(mount_at(c->call->txn, MOUNT_AUTH, "token/", &mount, err));
    token->max_ttl_s = api_max_ttl_s(c->call->api, mount);
    ask = (struct ttl_ask){
        .now_s = txn_now(c->call->txn) / TSEC_NS_PER_S,
        .ttl_s = (c->ttl_ns + TSEC_NS_PER_S - 1) / TSEC_NS_PER_S,
        .default_s = api_default_ttl_s(c->call->api, mount),
        .period_s = token->period_s,
        .max_s = token->max_ttl_s,
        .explicit_max_s = token->explicit_max_ttl_s,
    };
    answer = ttl_compute(&ask);
    token->ttl_s = answer.ttl_s;
    if (answer.cap_s != 0 && c->ttl_ns != 0) {
        api_warn(c->call,
                 tsec_arena_printf(arena,
                                   "TTL of \"%s\" exceeded the effective max_ttl of \"%s\"; TTL "
                                   "value is capped accordingly",
                                   short_duration(arena, answer.asked_s),
                                   short_duration(arena, answer.cap_s)));
    }
    return TSEC_OK;
}

/* "token", or "token-" and what was asked, with letters, digits and dashes only. */
static const char *
display_name(struct create *c)
{
    char *name;

    if (c->display_name == NULL || *c->display_name == '\0') {
        return "token";
    }
    name = tsec_arena_printf(api_arena(c->call), "token-%s", c->display_name);
    for (char *p = name; p != NULL && *p != '\0'; p++) {
        const bool plain =
            (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');

        *p = plain ? *p : '-';
    }
    return name;
}

static const char *
creation_path(const struct create *c, bool orphan)
{
    if (c->role == NULL) {
        return orphan ? "auth/token/create-orphan" : "auth/token/create";
    }
    return tsec_arena_printf(api_arena(c->call), "auth/token/create/%s%s%s", c->role->name,
                             c->role->path_suffix[0] == '\0' ? "" : "/", c->role->path_suffix);
}

static tsec_rc
make(struct create *c, const struct token_spec *spec, struct tsec_err *err)
{
    struct token_made made;
    tsec_rc rc = token_make(c->call->txn, api_keys_of(c->call), spec, &made, err);

    if (rc.code == TSEC_E_CONFLICT || rc.code == TSEC_E_INVALID) {
        rc = api_refuse(c->call, TSEC_E_INVALID, err == NULL ? NULL : err->detail);
    } else if (!tsec_failed(rc)) {
        rc = api_auth_token(c->call, made.token, tsec_span_str(made.text), err);
    }
    explicit_bzero(made.text, sizeof(made.text));
    return rc;
}

static tsec_rc
create(struct create *c, bool orphan_endpoint, struct tsec_err *err)
{
    struct token_spec spec = { .id = NULL };

    TSEC_TRY(read_create(c, err));
    TSEC_TRY(check_privileges(c));
    TSEC_TRY(settle_policies(c));
    if (c->policies.len == 0) {
        return api_refuse(c->call, TSEC_E_INVALID, "token must have at least one policy");
    }
    if (c->id != NULL && *c->id != '\0') {
        spec.id = c->id;
    }
    spec.token = (struct token){
        .path = creation_path(c, orphan_endpoint),
        .display_name = display_name(c),
        .role = "",
        .policies = c->policies,
        .meta = c->meta,
        .attest = c->call->token->attest, /* orphans too: none outlives what its maker rests on */
        .num_uses = c->num_uses,
        .period_s = c->period_ns / TSEC_NS_PER_S,
        .explicit_max_ttl_s = c->explicit_max_ns / TSEC_NS_PER_S,
        .renewable = c->renewable,
    };
    apply_role(c, &spec.token);
    if (!c->no_parent && !orphan_endpoint && (c->role == NULL || !c->role->orphan)) {
        spec.parent = c->call->token;
    }
    TSEC_TRY(set_lifetime(c, &spec.token, err));
    warn_of_missing(c);
    if (c->type != NULL && strcmp(c->type, "batch") == 0) {
        api_warn(c->call, "batch tokens are not offered: this is a service token");
    }
    return make(c, &spec, err);
}

tsec_rc
api_op_tokenCreate(struct api_call *call, struct tsec_err *err)
{
    struct create c = { .call = call };

    return create(&c, false, err);
}

tsec_rc
api_op_tokenCreateOrphan(struct api_call *call, struct tsec_err *err)
{
    struct create c = { .call = call };

    return create(&c, true, err);
}

tsec_rc
api_op_tokenCreateRole(struct api_call *call, struct tsec_err *err)
{
    struct create c = { .call = call };
    const tsec_rc rc = token_role_find(call->txn, call->vars[0], &c.role, err);

    if (rc.code == TSEC_E_NOT_FOUND) {
        return api_refusef(call, TSEC_E_INVALID, "unknown role %.*s", (int)call->vars[0].len,
                           (const char *)call->vars[0].ptr);
    }
    TSEC_TRY(rc);
    return create(&c, false, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Roles of attest login mounts: which code gets which token. */
#include "api/admit.h"
#include "api/api.h"
#include "api/envelope.h"
#include "api/op.h"
#include "appraisal/claims.h"
#include "appraisal/expr.h"
#include "base/clock.h"
#include "base/hex.h"
#include "core/attest_role.h"
#include "core/cidr.h"
#include "core/mount.h"
#include "core/strings.h"
#include "core/ttl.h"

enum { LIST_MAX = 256, TCB_TEXT_MAX = 64 };

/* The role of the path; TSEC_E_NOT_FOUND without a reply. */
static tsec_rc
find(struct api_call *call, const struct attest_role **out, struct tsec_err *err)
{
    const char *name = attest_role_name(api_arena(call), call->vars[0]);

    *out = NULL;
    if (name == NULL) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "not a role's name");
    }
    return attest_role_find(call->txn, call->mount->id, name, out, err);
}

bool
api_exists_attest_role(struct api_call *call)
{
    const struct attest_role *role = NULL;

    return !tsec_failed(find(call, &role, NULL));
}

tsec_rc
api_op_attestListRoles(struct api_call *call, struct tsec_err *err)
{
    struct tsec_strings names;

    TSEC_TRY(attest_role_names(call->txn, call->mount->id, &names, err));
    return api_keys(call, names, err);
}

tsec_rc
api_op_attestReadRole(struct api_call *call, struct tsec_err *err)
{
    const struct attest_role *role = NULL;
    struct tsec_json_out out;

    TSEC_TRY(find(call, &role, err));
    out = api_data(call);
    tsec_json_object(&out);
    api_put_strings(&out, "bound_config_digest", role->bound_config_digest);
    api_put_strings(&out, "bound_instances", role->bound_instances);
    api_put_strings(&out, "formats", role->formats);
    api_put_strings(&out, "match", role->match);
    tsec_json_put_int(&out, "max_evidence_age", role->max_evidence_age_s);
    tsec_json_put_str(&out, "min_tcb", role->min_tcb);
    api_put_strings(&out, "modes", role->modes);
    api_put_strings(&out, "token_bound_cidrs", role->token_bound_cidrs);
    tsec_json_put_int(&out, "token_explicit_max_ttl", role->token_explicit_max_ttl_s);
    tsec_json_put_int(&out, "token_max_ttl", role->token_max_ttl_s);
    tsec_json_put_bool(&out, "token_no_default_policy", role->token_no_default_policy);
    tsec_json_put_int(&out, "token_num_uses", role->token_num_uses);
    tsec_json_put_int(&out, "token_period", role->token_period_s);
    api_put_strings(&out, "token_policies", role->token_policies);
    tsec_json_put_int(&out, "token_ttl", role->token_ttl_s);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

/* ---- writing ---- */

/* Durations come in nanoseconds and are kept in seconds. */
struct durations {
    int64_t age;
    int64_t token;
    int64_t max;
    int64_t explicit_max;
    int64_t period;
};

/* Strictly: what is spelled wrong would bind nothing. */
static tsec_rc
read_fields(struct api_call *call, struct attest_role *role, struct durations *d,
            struct tsec_err *err)
{
    const int64_t limit = TTL_LIMIT_S * TSEC_NS_PER_S;
    TSEC_AUTO(tsec_json_free) json_t *body = NULL;
    const json_t *match;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_LIST("match", &role->match, NULL, ATTEST_ROLE_MATCH_MAX),
        TSEC_JSON_LIST("formats", &role->formats, NULL, LIST_MAX),
        TSEC_JSON_STR("min_tcb", &role->min_tcb, NULL, TCB_TEXT_MAX),
        TSEC_JSON_DURATION("max_evidence_age", &d->age, NULL, limit),
        TSEC_JSON_LIST("bound_config_digest", &role->bound_config_digest, NULL, LIST_MAX),
        TSEC_JSON_LIST("bound_instances", &role->bound_instances, NULL, LIST_MAX),
        TSEC_JSON_LIST("modes", &role->modes, NULL, 2),
        TSEC_JSON_LIST("policies", &role->token_policies, NULL, LIST_MAX),
        TSEC_JSON_LIST("token_policies", &role->token_policies, NULL, LIST_MAX),
        TSEC_JSON_LIST("token_bound_cidrs", &role->token_bound_cidrs, NULL, LIST_MAX),
        TSEC_JSON_DURATION("token_ttl", &d->token, NULL, limit),
        TSEC_JSON_DURATION("token_max_ttl", &d->max, NULL, limit),
        TSEC_JSON_DURATION("token_explicit_max_ttl", &d->explicit_max, NULL, limit),
        TSEC_JSON_DURATION("token_period", &d->period, NULL, limit),
        TSEC_JSON_INT("token_num_uses", &role->token_num_uses, NULL, 0, INT32_MAX),
        TSEC_JSON_BOOL("token_no_default_policy", &role->token_no_default_policy, NULL),
    };

    TSEC_TRY(api_parse(call, &body, err));
    match = json_object_get(body, "match");
    /* Commas are part of an expression: text is one of them, and not a list. */
    if (json_is_string(match)) {
        json_t *list = json_pack("[s]", json_string_value(match));

        if (list == NULL || json_object_set_new(body, "match", list) != 0) {
            return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a role");
        }
    }
    return api_fields_of_strictly(call, body, fields, TSEC_ARRAY_LEN(fields), err);
}

static tsec_rc
check_match(struct api_call *call, struct tsec_strings match)
{
    struct tsec_err err = { 0 };
    struct tsec_expr expr;

    if (match.len == 0) {
        return api_refuse(call, TSEC_E_INVALID,
                          "match must have at least one measurement expression");
    }
    for (size_t i = 0; i < match.len; i++) {
        if (tsec_failed(tsec_expr_parse(tsec_span_str(match.items[i]), &expr, &err))) {
            return api_refusef(call, TSEC_E_INVALID, "match: %s", err.detail);
        }
        api_warn(call, tsec_expr_warning(&expr));
    }
    return TSEC_OK;
}

static tsec_rc
check_formats(struct api_call *call, struct tsec_strings formats)
{
    for (size_t i = 0; i < formats.len; i++) {
        TSEC_TRY(api_known_format(call, formats.items[i]));
    }
    return TSEC_OK;
}

static tsec_rc
check_min_tcb(struct api_call *call, const char *min_tcb)
{
    enum tsec_tcb_status status = TSEC_TCB_NONE;
    int64_t ns;

    if (*min_tcb == '\0' || tsec_rfc3339_parse(tsec_span_str(min_tcb), &ns)
        || (tsec_tcb_status_parse(tsec_span_str(min_tcb), &status) && status >= TSEC_TCB_UP_TO_DATE
            && status < TSEC_TCB_REVOKED)) {
        return TSEC_OK;
    }
    return api_refuse(call, TSEC_E_INVALID,
                      "min_tcb must be a TCB status such as \"UpToDate\" or \"SWHardeningNeeded\", "
                      "or a date (RFC 3339)");
}

static tsec_rc
check_digests(struct api_call *call, struct tsec_strings digests)
{
    uint8_t bytes[ATTEST_ROLE_DIGEST_MAX];

    for (size_t i = 0; i < digests.len; i++) {
        const size_t digits = strlen(digests.items[i]);

        if (digits % 2 != 0 || digits < (size_t)2 * ATTEST_ROLE_DIGEST_MIN
            || digits > 2 * sizeof(bytes)
            || !tsec_hex_decode(tsec_span_str(digests.items[i]), bytes, digits / 2)) {
            return api_refuse(call, TSEC_E_INVALID,
                              "bound_config_digest must be hexadecimal digests of 32 to 64 bytes");
        }
    }
    return TSEC_OK;
}

static tsec_rc
check_modes(struct api_call *call, struct tsec_strings modes)
{
    for (size_t i = 0; i < modes.len; i++) {
        if (strcmp(modes.items[i], "fresh") != 0 && strcmp(modes.items[i], "identity") != 0) {
            return api_refuse(call, TSEC_E_INVALID, "modes are \"fresh\" and \"identity\"");
        }
    }
    return TSEC_OK;
}

static tsec_rc
check_token(struct api_call *call, const struct attest_role *role)
{
    for (size_t i = 0; i < role->token_bound_cidrs.len; i++) {
        if (!cidr_valid(role->token_bound_cidrs.items[i])) {
            return api_refuse(call, TSEC_E_INVALID, "invalid CIDR blocks");
        }
    }
    for (size_t i = 0; i < role->token_policies.len; i++) {
        if (strcmp(role->token_policies.items[i], TOKEN_ROOT_POLICY) == 0
            || strcmp(role->token_policies.items[i], TOKEN_WRAPPING_POLICY) == 0) {
            return api_refuse(call, TSEC_E_INVALID, "a role cannot give that policy");
        }
    }
    if (role->token_max_ttl_s != 0 && role->token_ttl_s > role->token_max_ttl_s) {
        return api_refuse(call, TSEC_E_INVALID,
                          "'token_ttl' cannot be greater than 'token_max_ttl'");
    }
    return TSEC_OK;
}

static tsec_rc
check_role(struct api_call *call, const struct attest_role *role)
{
    TSEC_TRY(check_match(call, role->match));
    TSEC_TRY(check_formats(call, role->formats));
    TSEC_TRY(check_min_tcb(call, role->min_tcb));
    TSEC_TRY(check_digests(call, role->bound_config_digest));
    TSEC_TRY(check_modes(call, role->modes));
    return check_token(call, role);
}

static tsec_rc
read_role(struct api_call *call, struct attest_role *role, struct tsec_err *err)
{
    struct durations d = {
        role->max_evidence_age_s * TSEC_NS_PER_S, role->token_ttl_s * TSEC_NS_PER_S,
        role->token_max_ttl_s * TSEC_NS_PER_S,    role->token_explicit_max_ttl_s * TSEC_NS_PER_S,
        role->token_period_s * TSEC_NS_PER_S,
    };

    TSEC_TRY(read_fields(call, role, &d, err));
    role->max_evidence_age_s = (d.age + TSEC_NS_PER_S - 1) / TSEC_NS_PER_S;
    role->token_ttl_s = d.token / TSEC_NS_PER_S;
    role->token_max_ttl_s = d.max / TSEC_NS_PER_S;
    role->token_explicit_max_ttl_s = d.explicit_max / TSEC_NS_PER_S;
    role->token_period_s = d.period / TSEC_NS_PER_S;
    role->token_policies = strings_lower_sorted(api_arena(call), role->token_policies);
    return check_role(call, role);
}

/* 204 has no room for them. */
static tsec_rc
answer_warnings(struct api_call *call, struct tsec_err *err)
{
    struct tsec_json_out out = api_data(call);

    tsec_json_null(&out);
    return api_data_end(call, &out, err);
}

tsec_rc
api_op_attestWriteRole(struct api_call *call, struct tsec_err *err)
{
    const char *name = attest_role_name(api_arena(call), call->vars[0]);
    const struct attest_role *old = NULL;
    struct attest_role role = { .name = name, .min_tcb = "" };
    tsec_rc rc;

    if (name == NULL) {
        return api_refuse(call, TSEC_E_INVALID, "missing role name");
    }
    rc = attest_role_find(call->txn, call->mount->id, name, &old, err);
    if (rc.code != TSEC_E_NOT_FOUND) {
        TSEC_TRY(rc);
        role = *old;
    }
    TSEC_TRY(read_role(call, &role, err));
    TSEC_TRY(attest_role_store(call->txn, call->mount->id, &role, err));
    return call->warnings_len == 0 ? api_no_content(call) : answer_warnings(call, err);
}

/* What rests on it ends with it: tokens are held to their role at each use. */
tsec_rc
api_op_attestDeleteRole(struct api_call *call, struct tsec_err *err)
{
    const char *name = attest_role_name(api_arena(call), call->vars[0]);

    if (name != NULL) {
        TSEC_TRY(attest_role_delete(call->txn, call->mount->id, name, err));
    }
    return api_no_content(call);
}

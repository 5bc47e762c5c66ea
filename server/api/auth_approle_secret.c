/* SPDX-License-Identifier: Apache-2.0 */
/* Secret ids of a role. */
#include "api/approle_call.h"
#include "base/clock.h"
#include "core/cidr.h"
#include "core/ttl.h"
#include "crypto/rand.h"

enum { SECRET_LIST_MAX = 256 };

struct ask {
    const char *secret_id;
    struct approle_secret secret;
};

static tsec_rc
read_ask(struct api_call *call, const struct approle *role, struct ask *ask, struct tsec_err *err)
{
    int64_t ttl_ns = role->secret_id_ttl_s * TSEC_NS_PER_S;
    bool ttl_given = false;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("secret_id", &ask->secret_id, NULL, APPROLE_ID_MAX),
        TSEC_JSON_MAP("metadata", &ask->secret.metadata, NULL, SECRET_LIST_MAX),
        TSEC_JSON_LIST("cidr_list", &ask->secret.cidr_list, NULL, SECRET_LIST_MAX),
        TSEC_JSON_LIST("token_bound_cidrs", &ask->secret.token_bound_cidrs, NULL, SECRET_LIST_MAX),
        TSEC_JSON_INT("num_uses", &ask->secret.num_uses, NULL, 0, INT32_MAX),
        TSEC_JSON_DURATION("ttl", &ttl_ns, &ttl_given, TTL_LIMIT_S * TSEC_NS_PER_S),
    };

    ask->secret.num_uses = role->secret_id_num_uses;
    TSEC_TRY(API_FIELDS(call, fields, err));
    ask->secret.ttl_s = (ttl_ns + TSEC_NS_PER_S - 1) / TSEC_NS_PER_S;
    if (role->secret_id_num_uses != 0
        && (ask->secret.num_uses == 0 || ask->secret.num_uses > role->secret_id_num_uses)) {
        return api_refuse(call, TSEC_E_INVALID,
                          "num_uses cannot be higher than the role's secret_id_num_uses");
    }
    if (role->secret_id_ttl_s != 0
        && (ask->secret.ttl_s == 0 || ask->secret.ttl_s > role->secret_id_ttl_s)) {
        return api_refuse(call, TSEC_E_INVALID,
                          "ttl cannot be longer than the role's secret_id_ttl");
    }
    return TSEC_OK;
}

static tsec_rc
check_cidrs(struct api_call *call, const struct approle *role, const struct ask *ask)
{
    for (size_t i = 0; i < ask->secret.cidr_list.len; i++) {
        if (!cidr_valid(ask->secret.cidr_list.items[i])) {
            return api_refuse(call, TSEC_E_INVALID, "invalid CIDR blocks");
        }
    }
    for (size_t i = 0; i < ask->secret.token_bound_cidrs.len; i++) {
        if (!cidr_valid(ask->secret.token_bound_cidrs.items[i])) {
            return api_refuse(call, TSEC_E_INVALID, "invalid CIDR blocks");
        }
    }
    if (!cidr_within(ask->secret.cidr_list, role->secret_id_bound_cidrs)
        || !cidr_within(ask->secret.token_bound_cidrs, role->token_bound_cidrs)) {
        return api_refuse(call, TSEC_E_INVALID, "CIDR blocks must be subsets of those of the role");
    }
    return TSEC_OK;
}

static tsec_rc
generate(struct api_call *call, bool custom, struct tsec_err *err)
{
    const struct approle_at at = approle_call_at(call);
    const struct approle *role = NULL;
    struct ask ask = { .secret_id = NULL };
    struct tsec_json_out out;
    char made[37];
    tsec_rc rc;

    TSEC_TRY(approle_call_role(call, &at, &role, err));
    TSEC_TRY(read_ask(call, role, &ask, err));
    TSEC_TRY(check_cidrs(call, role, &ask));
    if (!role->bind_secret_id) {
        return api_refuse(call, TSEC_E_INVALID, "bind_secret_id is not set on the role");
    }
    if (custom && (ask.secret_id == NULL || *ask.secret_id == '\0')) {
        return api_refuse(call, TSEC_E_INVALID, "missing secret_id");
    }
    if (!custom) {
        tsec_rand_uuid(made);
        ask.secret_id = made;
    }
    rc = approle_secret_add(&at, role, ask.secret_id, &ask.secret, err);
    if (rc.code == TSEC_E_CONFLICT) {
        return api_refuse(call, TSEC_E_INVALID, "SecretID is already registered");
    }
    TSEC_TRY(rc);
    out = api_data(call);
    tsec_json_object(&out);
    tsec_json_put_str(&out, "secret_id", ask.secret_id);
    tsec_json_put_str(&out, "secret_id_accessor", ask.secret.accessor);
    tsec_json_put_int(&out, "secret_id_num_uses", ask.secret.num_uses);
    tsec_json_put_int(&out, "secret_id_ttl", ask.secret.ttl_s);
    tsec_json_object_end(&out);
    explicit_bzero(made, sizeof(made));
    return api_data_end(call, &out, err);
}

tsec_rc
api_op_appRoleGenerateSecretId(struct api_call *call, struct tsec_err *err)
{
    return generate(call, false, err);
}

tsec_rc
api_op_appRoleCustomSecretId(struct api_call *call, struct tsec_err *err)
{
    return generate(call, true, err);
}

tsec_rc
api_op_appRoleListSecretIds(struct api_call *call, struct tsec_err *err)
{
    const struct approle_at at = approle_call_at(call);
    const struct approle *role = NULL;
    struct tsec_strings accessors;

    TSEC_TRY(approle_call_role(call, &at, &role, err));
    TSEC_TRY(approle_secret_accessors(&at, role, &accessors, err));
    return api_keys(call, accessors, err);
}

static tsec_rc
answer_secret(struct api_call *call, const struct approle_secret *secret, struct tsec_err *err)
{
    struct tsec_json_out out = api_data(call);

    tsec_json_object(&out);
    api_put_strings(&out, "cidr_list", secret->cidr_list);
    tsec_json_put_time(&out, "creation_time", secret->created_ns);
    api_put_go_time(&out, "expiration_time", secret->expires_ns);
    tsec_json_put_time(&out, "last_updated_time", secret->updated_ns);
    api_put_map(&out, "metadata", &secret->metadata);
    tsec_json_put_str(&out, "secret_id_accessor", secret->accessor);
    tsec_json_put_int(&out, "secret_id_num_uses", secret->num_uses);
    tsec_json_put_int(&out, "secret_id_ttl", secret->ttl_s);
    api_put_strings(&out, "token_bound_cidrs", secret->token_bound_cidrs);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

struct found {
    struct approle_at at;
    const struct approle *role;
    const struct approle_secret *secret;
};

/* The secret id a body names, by itself or by its accessor. */
static tsec_rc
find_named(struct api_call *call, bool by_accessor, struct found *found, struct tsec_err *err)
{
    const char *id = NULL;
    const char *member = by_accessor ? "secret_id_accessor" : "secret_id";
    const struct tsec_json_field fields[] = { TSEC_JSON_STR(member, &id, NULL, APPROLE_ID_MAX) };

    found->at = approle_call_at(call);
    TSEC_TRY(API_FIELDS(call, fields, err));
    if (id == NULL || *id == '\0') {
        return api_refusef(call, TSEC_E_INVALID, "missing %s", member);
    }
    TSEC_TRY(approle_call_role(call, &found->at, &found->role, err));
    if (by_accessor) {
        return approle_secret_by_accessor(&found->at, found->role, tsec_span_str(id),
                                          &found->secret, err);
    }
    return approle_secret_find(&found->at, found->role, tsec_span_str(id), &found->secret, err);
}

/* Clients expect 204 for a secret id that is not there, and 404 for a role that is not. */
static bool
is_only_secret_missing(const struct found *found, tsec_rc rc)
{
    return rc.code == TSEC_E_NOT_FOUND && found->role != NULL;
}

tsec_rc
api_op_appRoleLookupSecretId(struct api_call *call, struct tsec_err *err)
{
    struct found found = { .role = NULL };
    const tsec_rc rc = find_named(call, false, &found, err);

    if (is_only_secret_missing(&found, rc)) {
        return api_no_content(call);
    }
    TSEC_TRY(rc);
    return answer_secret(call, found.secret, err);
}

tsec_rc
api_op_appRoleLookupSecretIdAccessor(struct api_call *call, struct tsec_err *err)
{
    struct found found = { .role = NULL };
    const tsec_rc rc = find_named(call, true, &found, err);

    if (is_only_secret_missing(&found, rc)) {
        return api_refuse(call, TSEC_E_NOT_FOUND,
                          "failed to find accessor entry for secret_id_accessor");
    }
    TSEC_TRY(rc);
    return answer_secret(call, found.secret, err);
}

static tsec_rc
destroy(struct api_call *call, bool by_accessor, struct tsec_err *err)
{
    struct found found = { .role = NULL };
    const tsec_rc rc = find_named(call, by_accessor, &found, err);

    if (is_only_secret_missing(&found, rc)) {
        return api_no_content(call);
    }
    TSEC_TRY(rc);
    TSEC_TRY(approle_secret_drop(&found.at, found.role, found.secret, err));
    return api_no_content(call);
}

tsec_rc
api_op_appRoleDestroySecretId(struct api_call *call, struct tsec_err *err)
{
    return destroy(call, false, err);
}

tsec_rc
api_op_appRoleRemoveSecretId(struct api_call *call, struct tsec_err *err)
{
    return destroy(call, false, err);
}

tsec_rc
api_op_appRoleDestroySecretIdAccessor(struct api_call *call, struct tsec_err *err)
{
    return destroy(call, true, err);
}

tsec_rc
api_op_appRoleRemoveSecretIdAccessor(struct api_call *call, struct tsec_err *err)
{
    return destroy(call, true, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "api/op.h"

#include "api/admit.h"
#include "api/envelope.h"
#include "base/clock.h"
#include "channel/channel.h"
#include "core/cidr.h"
#include "core/mount.h"
#include "core/policy_store.h"
#include "core/strings.h"

static tsec_rc
refuse_stranger(struct api_op *op, const char *reason)
{
    op->stranger = true;
    op->reason = reason;
    return api_refuse(&op->call, TSEC_E_DENIED, NULL);
}

tsec_rc
api_deny(struct api_call *call)
{
    return api_refuse(call, TSEC_E_DENIED, "1 error occurred:\n\t* permission denied\n\n");
}

static tsec_rc
deny(struct api_op *op, const char *reason)
{
    op->reason = reason;
    return api_deny(&op->call);
}

/* A token is no more than what its login proved: when that is admitted no longer, it is as if it
 * were not there. */
static tsec_rc
check_standing(struct api_op *op, const char **reason, struct tsec_err *err)
{
    bool stands = false;

    TSEC_TRY(api_stands(&op->call, &op->call.token->attest, &stands, reason, err));
    if (!stands) {
        op->call.token = NULL;
        return TSEC_FAIL(err, TSEC_E_DENIED, "what the token rests on is gone: %s", *reason);
    }
    return TSEC_OK;
}

/* The token, or TSEC_E_DENIED without a reply. */
static tsec_rc
find_caller(struct api_op *op, const char **reason, struct tsec_err *err)
{
    uint8_t tag[RECORD_TAG_LEN];
    tsec_rc rc;

    *reason = "no token";
    if (op->req->token.len == 0) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "no token");
    }
    token_tag(api_keys_of(&op->call), op->req->token, tag);
    rc = token_find(op->call.txn, tag, &op->call.token, err);
    *reason = "unknown token";
    if (rc.code == TSEC_E_NOT_FOUND) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "unknown token");
    }
    TSEC_TRY(rc);
    return check_standing(op, reason, err);
}

const char *
api_op_proven_role(const struct token *token)
{
    const char *role = string_map_get(&token->attest, "role");

    if (role != NULL
        || tsec_span_starts(tsec_span_str(token->path), tsec_span_str("auth/token/"))) {
        return role;
    }
    return string_map_get(&token->meta, "role_name");
}

enum { TEMPLATE_VALUES = 4 };

static void
add_value(struct policy_query *query, struct policy_value *values, const char *name,
          const char *value)
{
    if (value != NULL) {
        values[query->values_len++] = (struct policy_value){ name, tsec_span_str(value) };
    }
}

static struct policy_query
query_of(const struct token *token, struct tsec_span path,
         struct policy_value values[TEMPLATE_VALUES])
{
    const char *role = api_op_proven_role(token);
    struct policy_query query = {
        .path = path,
        .list = path.len > 0 && path.ptr[path.len - 1] == '/',
        .values = values,
    };

    add_value(&query, values, "role", role);
    add_value(&query, values, "identity.name", role);
    add_value(&query, values, "attest.measurement", string_map_get(&token->attest, "measurement"));
    add_value(&query, values, "attest.tee", string_map_get(&token->attest, "tee"));
    return query;
}

tsec_rc
api_decide(struct api_call *call, const struct token *token, struct tsec_span path,
           struct policy_decision *out, struct tsec_err *err)
{
    struct policy_value values[TEMPLATE_VALUES];
    const struct policy_query query = query_of(token, path, values);
    struct policy_set set;

    TSEC_TRY(policy_load(call->txn, token->policies, &set, err));
    policy_decide(&set, &query, out);
    return TSEC_OK;
}

enum policy_capability
api_op_capability(const struct api_op *op)
{
    static const enum policy_capability by_method[API_OPTIONS + 1] = {
        [API_GET] = POLICY_READ,       [API_LIST] = POLICY_LIST,   [API_SCAN] = POLICY_SCAN,
        [API_DELETE] = POLICY_DELETE,  [API_PATCH] = POLICY_PATCH, [API_POST] = POLICY_UPDATE,
        [API_OPTIONS] = POLICY_UPDATE,
    };

    if (op->method != API_POST) {
        return by_method[op->method];
    }
    if (op->call.route != NULL && op->call.route->exists != NULL && !op->call.exists) {
        return POLICY_CREATE;
    }
    return POLICY_UPDATE;
}

/* The parameters of a read are those of its query. */
static json_t *
query_parameters(const struct api_request *req)
{
    json_t *object = json_object();

    for (size_t i = 0; object != NULL && i < req->query_len; i++) {
        if (json_object_set_new(object, req->query[i].name, json_string(req->query[i].value))
            != 0) {
            json_decref(object);
            return NULL; /* as if it had none: what is required is missing */
        }
    }
    return object;
}

/* Deleting and listing have no parameters to bound. */
static bool
has_parameters(enum policy_capability wanted)
{
    return wanted == POLICY_CREATE || wanted == POLICY_READ || wanted == POLICY_UPDATE
           || wanted == POLICY_PATCH;
}

static tsec_rc
check_parameters(struct api_op *op, const struct policy_set *set, const struct policy_query *query,
                 struct tsec_err *err)
{
    TSEC_AUTO(tsec_json_free) json_t *parameters = NULL;
    const enum policy_capability wanted = api_op_capability(op);

    if (!op->decision.constrained || op->decision.root || !has_parameters(wanted)) {
        return TSEC_OK;
    }
    if (wanted == POLICY_READ) {
        parameters = query_parameters(op->req);
    } else if (op->req->body.len > 0) {
        TSEC_TRY(api_parse(&op->call, &parameters, err));
    }
    if (!policy_check_parameters(set, query, &op->decision, parameters)) {
        return deny(op, "parameters");
    }
    return TSEC_OK;
}

/* Names of roles and policies are the same in any case, so rules for the lower-case path count for
 * every spelling of it: where there are any, they must grant it too. */
static bool
allowed_in_lower_case(struct api_op *op, const struct policy_set *set, struct policy_query query,
                      enum policy_capability wanted)
{
    const struct mount *mount = op->call.mount;
    const bool folds =
        (mount != NULL
         && (strcmp(mount->type, "approle") == 0 || strcmp(mount->type, "attest") == 0))
        || strncmp(op->path, "sys/polic", strlen("sys/polic")) == 0;
    struct policy_decision decision = { 0 };
    char *lower;

    if (!folds) {
        return true;
    }
    lower = tsec_arena_dup(op->req->arena, query.path);
    if (lower == NULL) {
        return false;
    }
    for (char *c = lower; *c != '\0'; c++) {
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;
    }
    if (strcmp(lower, op->path) == 0) {
        return true;
    }
    query.path = tsec_span_str(lower);
    policy_decide(set, &query, &decision);
    return (decision.capabilities == 0 && !decision.root) || policy_allows(&decision, wanted);
}

static tsec_rc
check_policy(struct api_op *op, struct tsec_err *err)
{
    const struct token *token = op->call.token;
    struct policy_value values[TEMPLATE_VALUES];
    struct policy_query query = query_of(token, tsec_span_str(op->path), values);
    struct policy_set set;
    enum policy_capability wanted;

    TSEC_TRY(policy_load(op->call.txn, token->policies, &set, err));
    query.list = op->method == API_LIST || op->method == API_SCAN;
    policy_decide(&set, &query, &op->decision);
    op->call.sudo = policy_allows(&op->decision, POLICY_SUDO);
    wanted = api_op_capability(op);
    if (!policy_allows(&op->decision, wanted) || !allowed_in_lower_case(op, &set, query, wanted)) {
        return deny(op, "policy");
    }
    op->granted_by = op->decision.root
                         ? TOKEN_ROOT_POLICY
                         : token->policies.items[op->decision.given_by[__builtin_ctz(wanted)]];
    if (op->call.route != NULL && op->call.route->caller == API_CALLER_SUDO && !op->call.sudo) {
        return deny(op, "sudo");
    }
    if (!policy_check_wrapping(&op->decision, op->wrap_ttl_s * TSEC_NS_PER_S)) {
        return deny(op, "wrapping");
    }
    return check_parameters(op, &set, &query, err);
}

/* What the holder of op->call.token may do. */
static tsec_rc
authorise_holder(struct api_op *op, struct tsec_err *err)
{
    if (!cidr_admits(op->call.token->bound_cidrs, op->req->remote)) {
        return deny(op, "address");
    }
    if (op->call.route != NULL && op->call.route->exists != NULL) {
        op->call.exists = op->call.route->exists(&op->call);
    }
    if (op->call.route != NULL && op->call.route->caller == API_CALLER_HOLDER) {
        return TSEC_OK;
    }
    return check_policy(op, err);
}

static tsec_rc
authorise_token(struct api_op *op, struct tsec_err *err)
{
    const char *reason = NULL;
    const tsec_rc rc = find_caller(op, &reason, err);

    if (rc.code == TSEC_E_DENIED) {
        return refuse_stranger(op, reason);
    }
    TSEC_TRY(rc);
    return authorise_holder(op, err);
}

tsec_rc
api_op_authorise_as(struct api_op *op, const struct token *token, struct tsec_err *err)
{
    op->call.token = token;
    TSEC_TRY(authorise_holder(op, err));
    op->allowed = true;
    return TSEC_OK;
}

/* The table's word, but for metrics, which an operator may open. */
static enum api_caller
caller_of(const struct api_op *op)
{
    const struct api_route *route = op->call.route;

    if (route == NULL) {
        return API_CALLER_TOKEN;
    }
    return atomic_load(&op->api->metrics_open) && strcmp(route->operation, "sysMetrics") == 0
               ? API_CALLER_ANYONE
               : route->caller;
}

/* A channel is no more than what its peer proved, whoever's token comes through it. */
static tsec_rc
check_channel(struct api_op *op, struct tsec_err *err)
{
    const char *reason = NULL;
    bool stands = true;

    if (op->req->channel == NULL) {
        return TSEC_OK;
    }
    TSEC_TRY(api_stands(&op->call, &channel_peer(op->req->channel)->attest, &stands, &reason, err));
    if (!stands) {
        (void)channels_close(op->api->options.channels, op->req->channel, reason);
        return refuse_stranger(op, reason);
    }
    return TSEC_OK;
}

tsec_rc
api_op_authorise(struct api_op *op, struct tsec_err *err)
{
    const enum api_caller caller = caller_of(op);
    const char *reason = NULL;
    tsec_rc rc;

    TSEC_TRY(check_channel(op, err));

    if (caller == API_CALLER_ANYONE || (caller == API_CALLER_PEER && op->req->channel != NULL)) {
        op->allowed = true;
        return TSEC_OK;
    }
    if (caller == API_CALLER_VISITOR) {
        rc = find_caller(op, &reason, err);
        op->allowed = true;
        return rc.code == TSEC_E_DENIED ? TSEC_OK : rc;
    }
    TSEC_TRY(authorise_token(op, err));
    if (op->req->channel != NULL) {
        channel_prove(op->req->channel);
    }
    op->allowed = true;
    return TSEC_OK;
}

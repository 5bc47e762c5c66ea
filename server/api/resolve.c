/* SPDX-License-Identifier: Apache-2.0 */
#include "api/op.h"

#include "api/envelope.h"
#include "core/mount.h"

static const char UNSUPPORTED_PATH[] = "1 error occurred:\n\t* unsupported path\n\n";
static const char UNSUPPORTED_OPERATION[] = "1 error occurred:\n\t* unsupported operation\n\n";
static const char NOT_VERSIONED[] =
    "Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API "
    "endpoints to use. If using the Vault CLI, use 'vault kv get' for this operation.";

static void
set_route(struct api_op *op, const struct api_resource *resource)
{
    op->resource = resource;
    op->call.route = resource == NULL ? NULL : resource->by_method[op->method];
}

static tsec_rc
resolve_below(struct api_op *op, enum mount_table table, struct tsec_span path,
              struct tsec_err *err)
{
    struct tsec_span rest;
    const tsec_rc rc = mount_find(op->call.txn, table, path, &op->call.mount, &rest, err);
    const char *type;

    if (rc.code == TSEC_E_NOT_FOUND) {
        return TSEC_OK;
    }
    TSEC_TRY(rc);
    type = op->call.mount->type;
    if (strcmp(type, "kv") == 0) {
        set_route(op, api_routes_find(op->api->tree, API_FAMILY_KV, rest, op->call.vars));
    } else if (strcmp(type, "transit") == 0) {
        set_route(op, api_routes_find(op->api->tree, API_FAMILY_TRANSIT, rest, op->call.vars));
    } else if (strcmp(type, "approle") == 0) {
        set_route(op, api_routes_find(op->api->tree, API_FAMILY_APPROLE, rest, op->call.vars));
    } else if (strcmp(type, "attest") == 0) {
        set_route(op, api_routes_find(op->api->tree, API_FAMILY_ATTEST, rest, op->call.vars));
    }
    return TSEC_OK;
}

tsec_rc
api_op_resolve(struct api_op *op, struct tsec_err *err)
{
    static const char auth[] = "auth/";
    const bool listing = op->method == API_LIST || op->method == API_SCAN;
    /* Below a mount a '/' at the end is the engine's to judge; the policies never see it. */
    const struct tsec_span path =
        tsec_span_str(listing ? op->path : op->req->path + strlen("/v1/"));

    if (op->system != NULL) {
        memcpy(op->call.vars, op->system_vars, sizeof(op->system_vars));
        set_route(op, op->system);
        return TSEC_OK;
    }
    if (tsec_span_starts(path, tsec_span_str(auth))) {
        return resolve_below(op, MOUNT_AUTH,
                             tsec_span(path.ptr + sizeof(auth) - 1, path.len - sizeof(auth) + 1),
                             err);
    }
    return resolve_below(op, MOUNT_SECRETS, path, err);
}

static bool
is_inside(const char *path, const char *prefix)
{
    return strncmp(path, prefix, strlen(prefix)) == 0;
}

/* What a client of unversioned kv is told, in the shape the command lines look for. */
static tsec_rc
answer_unversioned(struct api_op *op)
{
    struct tsec_json_out out;

    api_warn(&op->call, NOT_VERSIONED);
    out = api_data(&op->call);
    tsec_json_null(&out);
    TSEC_TRY(api_data_end(&op->call, &out, NULL));
    op->reply->status = 404;
    return (tsec_rc){ TSEC_E_NOT_FOUND };
}

tsec_rc
api_op_missing(struct api_op *op)
{
    if (op->resource != NULL) {
        const tsec_rc rc = api_refuse(&op->call, TSEC_E_METHOD, UNSUPPORTED_OPERATION);

        op->reply->allow = op->resource->allow;
        op->reason = "method";
        return rc;
    }
    op->reason = "path";
    if (op->call.mount != NULL && strcmp(op->call.mount->type, "kv") == 0) {
        return answer_unversioned(op);
    }
    if (op->call.mount != NULL || is_inside(op->path, "sys/") || is_inside(op->path, "tee/")
        || is_inside(op->path, "audit/")) {
        return api_refuse(&op->call, TSEC_E_NOT_FOUND, UNSUPPORTED_PATH);
    }
    return api_refusef(&op->call, TSEC_E_NOT_FOUND,
                       "no handler for route \"%.200s\". route entry not found.", op->path);
}

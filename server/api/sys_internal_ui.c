/* SPDX-License-Identifier: Apache-2.0 */
#include "api/mount_view.h"
#include "api/op.h"
#include "core/policy_store.h"

/* Any capability on the mount's own path, or on something a client would ask below it. */
static tsec_rc
sees_mount(struct api_call *call, const struct mount *mount, struct tsec_span asked, bool *sees,
           struct tsec_err *err)
{
    struct policy_set set;

    if (call->token == NULL) {
        *sees = strcmp(mount->listing_visibility, "unauth") == 0;
        return TSEC_OK;
    }
    if (token_is_root(call->token)) {
        *sees = true;
        return TSEC_OK;
    }
    TSEC_TRY(policy_load(call->txn, call->token->policies, &set, err));
    *sees = policy_touches(&set, tsec_span_str(mount->path))
            || (asked.len > 0 && policy_touches(&set, asked));
    return TSEC_OK;
}

static tsec_rc
put_visible(struct api_call *call, struct tsec_json_out *out, enum mount_table table,
            struct tsec_err *err)
{
    struct tsec_strings paths;

    TSEC_TRY(mount_paths(call->txn, table, &paths, err));
    tsec_json_object(out);
    for (size_t i = 0; i < paths.len; i++) {
        const struct mount *mount = NULL;
        bool sees = false;

        TSEC_TRY(mount_at(call->txn, table, paths.items[i], &mount, err));
        if (table == MOUNT_AUTH) {
            sees = strcmp(mount->listing_visibility, "unauth") == 0;
        } else {
            TSEC_TRY(sees_mount(call, mount, tsec_span(NULL, 0), &sees, err));
        }
        if (sees) {
            tsec_json_key(out, paths.items[i]);
            mount_view_put(out, mount, false);
        }
    }
    tsec_json_object_end(out);
    return TSEC_OK;
}

tsec_rc
api_op_sysInternalUiMounts(struct api_call *call, struct tsec_err *err)
{
    struct tsec_json_out out = api_data(call);

    tsec_json_object(&out);
    tsec_json_key(&out, "auth");
    TSEC_TRY(put_visible(call, &out, MOUNT_AUTH, err));
    tsec_json_key(&out, "secret");
    TSEC_TRY(put_visible(call, &out, MOUNT_SECRETS, err));
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

static tsec_rc
refuse_preflight(struct api_call *call, struct tsec_span path)
{
    return api_refusef(call, TSEC_E_DENIED,
                       "preflight capability check returned 403, please ensure client's policies "
                       "grant access to path \"%.*s/\"",
                       (int)(path.len > 200 ? 200 : path.len), (const char *)path.ptr);
}

/* The command lines ask this before anything else, and take 404 for unversioned kv. */
tsec_rc
api_op_sysInternalUiMount(struct api_call *call, struct tsec_err *err)
{
    struct tsec_span path = call->vars[0];
    const struct mount *mount = NULL;
    struct tsec_json_out out;
    struct tsec_span rest;
    bool sees = false;
    tsec_rc rc;

    while (path.len > 0 && path.ptr[path.len - 1] == '/') {
        path.len--;
    }
    rc = mount_find(call->txn, MOUNT_SECRETS, txn_key3(call->txn, "", path, tsec_span("/", 1)),
                    &mount, &rest, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return refuse_preflight(call, path);
    }
    TSEC_TRY(rc);
    TSEC_TRY(sees_mount(call, mount, path, &sees, err));
    if (!sees) {
        return refuse_preflight(call, path);
    }
    out = api_data(call);
    mount_view_put(&out, mount, true);
    return api_data_end(call, &out, err);
}

/* What the dashboards ask to know which menus to show: root or not is all they need. */
tsec_rc
api_op_sysInternalUiResultantAcl(struct api_call *call, struct tsec_err *err)
{
    struct tsec_json_out out = api_data(call);

    tsec_json_object(&out);
    tsec_json_put_bool(&out, "root", token_is_root(call->token));
    tsec_json_key(&out, "exact_paths");
    tsec_json_object(&out);
    tsec_json_object_end(&out);
    tsec_json_key(&out, "glob_paths");
    tsec_json_object(&out);
    tsec_json_object_end(&out);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

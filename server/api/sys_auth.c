/* SPDX-License-Identifier: Apache-2.0 */
#include "api/mount_view.h"
#include "api/routes.h"

tsec_rc
api_op_sysListAuth(struct api_call *call, struct tsec_err *err)
{
    return mount_view_table(call, MOUNT_AUTH, err);
}

tsec_rc
api_op_sysReadAuth(struct api_call *call, struct tsec_err *err)
{
    return mount_view_one(call, MOUNT_AUTH, err);
}

tsec_rc
api_op_sysReadAuthTune(struct api_call *call, struct tsec_err *err)
{
    return mount_view_tune(call, MOUNT_AUTH, err);
}

tsec_rc
api_op_sysTuneAuth(struct api_call *call, struct tsec_err *err)
{
    return mount_view_set_tune(call, MOUNT_AUTH, err);
}

tsec_rc
api_op_sysDisableAuth(struct api_call *call, struct tsec_err *err)
{
    return mount_view_disable(call, MOUNT_AUTH, err);
}

tsec_rc
api_op_sysEnableAuth(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO(tsec_json_free) json_t *body = NULL;
    struct mount mount = {
        .description = "",
        .listing_visibility = "",
        .token_type = "default-service",
    };
    const char *type = NULL;
    const struct tsec_json_field fields[] = { TSEC_JSON_STR("type", &type, NULL, 128) };
    tsec_rc rc;

    TSEC_TRY(mount_view_path(call, MOUNT_AUTH, &mount.path));
    TSEC_TRY(api_parse(call, &body, err));
    TSEC_TRY(api_fields_of(call, body, fields, TSEC_ARRAY_LEN(fields), err));
    if (type != NULL && strcmp(type, "approle") == 0) {
        mount.type = "approle";
    } else if (type != NULL && strcmp(type, "attest") == 0) {
        mount.type = "attest";
    } else {
        return api_refusef(call, TSEC_E_INVALID, "plugin not found in the catalog: %.64s",
                           type == NULL ? "" : type);
    }
    TSEC_TRY(mount_view_read(call, body, &mount, err));
    rc = mount_add(call->txn, MOUNT_AUTH, &mount, err);
    if (rc.code == TSEC_E_CONFLICT) {
        return api_refuse(call, TSEC_E_INVALID, err == NULL ? NULL : err->detail);
    }
    TSEC_TRY(rc);
    return api_no_content(call);
}

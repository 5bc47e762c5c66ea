/* SPDX-License-Identifier: Apache-2.0 */
#include "api/mount_view.h"
#include "api/routes.h"
#include "core/strings.h"

tsec_rc
api_op_sysListMounts(struct api_call *call, struct tsec_err *err)
{
    return mount_view_table(call, MOUNT_SECRETS, err);
}

tsec_rc
api_op_sysReadMount(struct api_call *call, struct tsec_err *err)
{
    return mount_view_one(call, MOUNT_SECRETS, err);
}

tsec_rc
api_op_sysReadMountTune(struct api_call *call, struct tsec_err *err)
{
    return mount_view_tune(call, MOUNT_SECRETS, err);
}

tsec_rc
api_op_sysTuneMount(struct api_call *call, struct tsec_err *err)
{
    return mount_view_set_tune(call, MOUNT_SECRETS, err);
}

tsec_rc
api_op_sysDisableMount(struct api_call *call, struct tsec_err *err)
{
    return mount_view_disable(call, MOUNT_SECRETS, err);
}

/* "kv" and "kv-v2" are the same thing here: there is no unversioned kv. */
static tsec_rc
set_type(struct api_call *call, struct mount *mount, const char *type)
{
    static const char *version_key[] = { "version" };
    static const char *version_two[] = { "2" };
    const char *version = string_map_get(&mount->options, "version");

    if (type == NULL || *type == '\0') {
        return api_refuse(call, TSEC_E_INVALID, "backend type must be specified as a string");
    }
    if (strcmp(type, "transit") == 0) {
        mount->type = "transit";
        mount->options = (struct tsec_string_map){ NULL, NULL, 0 };
        return TSEC_OK;
    }
    if (strcmp(type, "kv") != 0 && strcmp(type, "kv-v2") != 0) {
        return api_refusef(call, TSEC_E_INVALID, "plugin not found in the catalog: %.64s", type);
    }
    if (version != NULL && strcmp(version, "2") != 0) {
        return api_refuse(call, TSEC_E_INVALID,
                          "only version 2 of kv is offered: set options.version to 2");
    }
    mount->type = "kv";
    mount->options = (struct tsec_string_map){ version_key, version_two, 1 };
    return TSEC_OK;
}

tsec_rc
api_op_sysEnableMount(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO(tsec_json_free) json_t *body = NULL;
    struct mount mount = { .description = "", .listing_visibility = "", .token_type = "" };
    const char *type = NULL;
    const struct tsec_json_field fields[] = { TSEC_JSON_STR("type", &type, NULL, 128) };
    tsec_rc rc;

    TSEC_TRY(mount_view_path(call, MOUNT_SECRETS, &mount.path));
    TSEC_TRY(api_parse(call, &body, err));
    TSEC_TRY(api_fields_of(call, body, fields, TSEC_ARRAY_LEN(fields), err));
    TSEC_TRY(mount_view_read(call, body, &mount, err));
    TSEC_TRY(set_type(call, &mount, type));
    rc = mount_add(call->txn, MOUNT_SECRETS, &mount, err);
    if (rc.code == TSEC_E_CONFLICT) {
        return api_refuse(call, TSEC_E_INVALID, err == NULL ? NULL : err->detail);
    }
    TSEC_TRY(rc);
    return api_no_content(call);
}

static tsec_rc
find_from(struct api_call *call, const char *from, enum mount_table *table,
          const struct mount **mount, struct tsec_err *err)
{
    struct tsec_span path = tsec_span_str(from);
    const char *clean;
    tsec_rc rc;

    *table = strncmp(from, "auth/", 5) == 0 ? MOUNT_AUTH : MOUNT_SECRETS;
    if (*table == MOUNT_AUTH) {
        path = tsec_span_str(from + 5);
    }
    clean = mount_path(api_arena(call), *table, path);
    if (clean == NULL) {
        return api_refusef(call, TSEC_E_INVALID, "no matching mount at \"%.200s\"", from);
    }
    rc = mount_at(call->txn, *table, clean, mount, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return api_refusef(call, TSEC_E_INVALID, "no matching mount at \"%.200s\"", from);
    }
    return rc;
}

static tsec_rc
answer_migration(struct api_call *call, const char *id, const char *status, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf members = TSEC_BUF_INIT(4096);
    struct tsec_json_out out = tsec_json_out(&members);

    tsec_json_object(&out);
    tsec_json_put_str(&out, "migration_id", id);
    if (status != NULL) {
        tsec_json_key(&out, "migration_info");
        tsec_json_object(&out);
        tsec_json_put_str(&out, "status", status);
        tsec_json_object_end(&out);
    }
    tsec_json_object_end(&out);
    TSEC_TRY(tsec_buf_check(&members, err));
    return api_data_twice(call, tsec_buf_span(&members), err);
}

/* Rows belong to the mount's id: moving it is one row, and done when it is answered. */
tsec_rc
api_op_sysRemount(struct api_call *call, struct tsec_err *err)
{
    const char *from = NULL;
    const char *to = NULL;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR_REQ("from", &from, MOUNT_PATH_MAX),
        TSEC_JSON_STR_REQ("to", &to, MOUNT_PATH_MAX),
    };
    enum mount_table table = MOUNT_SECRETS;
    const struct mount *mount = NULL;
    const char *clean;
    tsec_rc rc;

    TSEC_TRY(API_FIELDS(call, fields, err));
    TSEC_TRY(find_from(call, from, &table, &mount, err));
    if (table == MOUNT_AUTH && strncmp(to, "auth/", 5) == 0) {
        to += 5;
    }
    clean = mount_path(api_arena(call), table, tsec_span_str(to));
    if (clean == NULL || strcmp(mount->type, "token") == 0) {
        return api_refuse(call, TSEC_E_INVALID, "cannot remount to that path");
    }
    rc = mount_move(call->txn, table, mount, clean, err);
    if (rc.code == TSEC_E_CONFLICT) {
        return api_refuse(call, TSEC_E_INVALID, err == NULL ? NULL : err->detail);
    }
    TSEC_TRY(rc);
    return answer_migration(call, call->req->id, NULL, err);
}

tsec_rc
api_op_sysRemountStatus(struct api_call *call, struct tsec_err *err)
{
    const char *id = api_var(call, 0);

    if (id == NULL || strlen(id) != API_REQUEST_ID_LEN) {
        return api_refuse(call, TSEC_E_NOT_FOUND, "");
    }
    return answer_migration(call, id, "success", err);
}

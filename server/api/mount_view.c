/* SPDX-License-Identifier: Apache-2.0 */
#include "api/mount_view.h"

#include "api/api.h"

#include "base/clock.h"
#include "core/strings.h"
#include "core/ttl.h"

enum { MOUNT_LIST_MAX = 64, MOUNT_TEXT_MAX = 1024 };

static void
put_config(struct tsec_json_out *out, const struct mount *mount)
{
    tsec_json_key(out, "config");
    tsec_json_object(out);
    tsec_json_put_int(out, "default_lease_ttl", mount->default_ttl_s);
    tsec_json_put_bool(out, "force_no_cache", mount->force_no_cache);
    tsec_json_put_int(out, "max_lease_ttl", mount->max_ttl_s);
    if (mount->listing_visibility[0] != '\0') {
        tsec_json_put_str(out, "listing_visibility", mount->listing_visibility);
    }
    if (mount->token_type[0] != '\0') {
        tsec_json_put_str(out, "token_type", mount->token_type);
    }
    tsec_json_object_end(out);
}

void
mount_view_put(struct tsec_json_out *out, const struct mount *mount, bool with_path)
{
    tsec_json_object(out);
    tsec_json_put_str(out, "accessor", mount->accessor);
    put_config(out, mount);
    tsec_json_put_str(out, "description", mount->description);
    tsec_json_put_bool(out, "external_entropy_access", false);
    tsec_json_put_bool(out, "local", mount->local);
    api_put_map_or_null(out, "options", &mount->options);
    if (with_path) {
        tsec_json_put_str(out, "path", mount->path);
    }
    tsec_json_put_str(out, "plugin_version", "");
    tsec_json_put_str(out, "running_plugin_version", "");
    tsec_json_put_str(out, "running_sha256", "");
    tsec_json_put_bool(out, "seal_wrap", mount->seal_wrap);
    tsec_json_put_str(out, "type", mount->type);
    tsec_json_put_str(out, "uuid", mount->uuid);
    tsec_json_object_end(out);
}

/* sys/ is no row; clients expect to see it. */
static void
put_system(struct tsec_json_out *out)
{
    static const struct mount system = {
        .path = "sys/",
        .type = "system",
        .description = "system endpoints used for control, policy and debugging",
        .uuid = "",
        .accessor = "system_00000000",
        .listing_visibility = "",
        .token_type = "",
    };

    tsec_json_key(out, system.path);
    mount_view_put(out, &system, false);
}

tsec_rc
mount_view_table(struct api_call *call, enum mount_table table, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf members = TSEC_BUF_INIT(API_REPLY_BODY_MAX);
    struct tsec_json_out out = tsec_json_out(&members);
    struct tsec_strings paths;

    TSEC_TRY(mount_paths(call->txn, table, &paths, err));
    tsec_json_object(&out);
    for (size_t i = 0; i < paths.len; i++) {
        const struct mount *mount = NULL;

        TSEC_TRY(mount_at(call->txn, table, paths.items[i], &mount, err));
        tsec_json_key(&out, paths.items[i]);
        mount_view_put(&out, mount, false);
    }
    if (table == MOUNT_SECRETS) {
        put_system(&out);
    }
    tsec_json_object_end(&out);
    TSEC_TRY(tsec_buf_check(&members, err));
    return api_data_twice(call, tsec_buf_span(&members), err);
}

tsec_rc
mount_view_path(struct api_call *call, enum mount_table table, const char **out)
{
    *out = mount_path(api_arena(call), table, call->vars[0]);
    if (*out == NULL) {
        return api_refuse(call, TSEC_E_INVALID, "a mount cannot have that path");
    }
    return TSEC_OK;
}

static tsec_rc
find(struct api_call *call, enum mount_table table, const struct mount **out, struct tsec_err *err)
{
    const char *path = NULL;
    tsec_rc rc;

    TSEC_TRY(mount_view_path(call, table, &path));
    rc = mount_at(call->txn, table, path, out, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return api_refusef(call, TSEC_E_INVALID, "No %s engine at %s",
                           table == MOUNT_AUTH ? "auth" : "secret", path);
    }
    return rc;
}

tsec_rc
mount_view_one(struct api_call *call, enum mount_table table, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf members = TSEC_BUF_INIT(API_REPLY_BODY_MAX);
    struct tsec_json_out out = tsec_json_out(&members);
    const struct mount *mount = NULL;

    TSEC_TRY(find(call, table, &mount, err));
    mount_view_put(&out, mount, false);
    TSEC_TRY(tsec_buf_check(&members, err));
    return api_data_twice(call, tsec_buf_span(&members), err);
}

tsec_rc
mount_view_tune(struct api_call *call, enum mount_table table, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf members = TSEC_BUF_INIT(API_REPLY_BODY_MAX);
    struct tsec_json_out out = tsec_json_out(&members);
    const struct mount *mount = NULL;

    TSEC_TRY(find(call, table, &mount, err));
    tsec_json_object(&out);
    tsec_json_put_str(&out, "description", mount->description);
    tsec_json_put_int(&out, "default_lease_ttl", api_default_ttl_s(call->api, mount));
    tsec_json_put_int(&out, "max_lease_ttl", api_max_ttl_s(call->api, mount));
    tsec_json_put_bool(&out, "force_no_cache", mount->force_no_cache);
    if (table == MOUNT_AUTH) {
        tsec_json_put_str(&out, "token_type", mount->token_type);
    }
    if (mount->listing_visibility[0] != '\0') {
        tsec_json_put_str(&out, "listing_visibility", mount->listing_visibility);
    }
    if (mount->audit_request_keys.len > 0) {
        api_put_strings(&out, "audit_non_hmac_request_keys", mount->audit_request_keys);
    }
    if (mount->audit_response_keys.len > 0) {
        api_put_strings(&out, "audit_non_hmac_response_keys", mount->audit_response_keys);
    }
    if (mount->options.len > 0) {
        api_put_map(&out, "options", &mount->options);
    }
    tsec_json_object_end(&out);
    TSEC_TRY(tsec_buf_check(&members, err));
    return api_data_twice(call, tsec_buf_span(&members), err);
}

static tsec_rc
read_limits(struct api_call *call, const json_t *object, struct mount *mount, struct tsec_err *err)
{
    int64_t default_ns = mount->default_ttl_s * TSEC_NS_PER_S;
    int64_t max_ns = mount->max_ttl_s * TSEC_NS_PER_S;
    const int64_t limit = TTL_LIMIT_S * TSEC_NS_PER_S;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_DURATION("default_lease_ttl", &default_ns, NULL, limit),
        TSEC_JSON_DURATION("max_lease_ttl", &max_ns, NULL, limit),
        TSEC_JSON_BOOL("force_no_cache", &mount->force_no_cache, NULL),
        TSEC_JSON_STR("listing_visibility", &mount->listing_visibility, NULL, 32),
        TSEC_JSON_STR("token_type", &mount->token_type, NULL, 32),
        TSEC_JSON_LIST("audit_non_hmac_request_keys", &mount->audit_request_keys, NULL,
                       MOUNT_LIST_MAX),
        TSEC_JSON_LIST("audit_non_hmac_response_keys", &mount->audit_response_keys, NULL,
                       MOUNT_LIST_MAX),
    };

    TSEC_TRY(api_fields_of(call, object, fields, TSEC_ARRAY_LEN(fields), err));
    mount->default_ttl_s = default_ns / TSEC_NS_PER_S;
    mount->max_ttl_s = max_ns / TSEC_NS_PER_S;
    if (mount->max_ttl_s != 0 && mount->default_ttl_s > mount->max_ttl_s) {
        return api_refuse(call, TSEC_E_INVALID,
                          "default_lease_ttl must not be greater than max_lease_ttl");
    }
    return TSEC_OK;
}

tsec_rc
mount_view_read(struct api_call *call, const json_t *body, struct mount *mount,
                struct tsec_err *err)
{
    json_t *config = NULL;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("description", &mount->description, NULL, MOUNT_TEXT_MAX),
        TSEC_JSON_BOOL("local", &mount->local, NULL),
        TSEC_JSON_BOOL("seal_wrap", &mount->seal_wrap, NULL),
        TSEC_JSON_MAP("options", &mount->options, NULL, 16),
        TSEC_JSON_ANY("config", &config, NULL),
    };

    TSEC_TRY(api_fields_of(call, body, fields, TSEC_ARRAY_LEN(fields), err));
    TSEC_TRY(read_limits(call, body, mount, err));
    if (config == NULL) {
        return TSEC_OK;
    }
    if (!json_is_object(config)) {
        return api_refuse(call, TSEC_E_INVALID, "config must be an object");
    }
    return read_limits(call, config, mount, err);
}

tsec_rc
mount_view_set_tune(struct api_call *call, enum mount_table table, struct tsec_err *err)
{
    TSEC_AUTO(tsec_json_free) json_t *body = NULL;
    const struct mount *mount = NULL;
    const char *version;
    struct mount tuned;

    TSEC_TRY(find(call, table, &mount, err));
    TSEC_TRY(api_parse(call, &body, err));
    tuned = *mount;
    TSEC_TRY(mount_view_read(call, body, &tuned, err));
    version = string_map_get(&tuned.options, "version");
    if (strcmp(mount->type, "kv") == 0 && version != NULL && strcmp(version, "2") != 0) {
        return api_refuse(call, TSEC_E_INVALID, "cannot downgrade mount from version 2");
    }
    if (strcmp(mount->type, "kv") == 0 && version == NULL) {
        tuned.options = mount->options;
    }
    TSEC_TRY(mount_store(call->txn, table, &tuned, err));
    return api_no_content(call);
}

tsec_rc
mount_view_disable(struct api_call *call, enum mount_table table, struct tsec_err *err)
{
    const struct mount *mount = NULL;
    const char *path = NULL;
    tsec_rc rc;

    TSEC_TRY(mount_view_path(call, table, &path));
    rc = mount_at(call->txn, table, path, &mount, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return api_no_content(call);
    }
    TSEC_TRY(rc);
    if (strcmp(mount->type, "token") == 0) {
        return api_refuse(call, TSEC_E_INVALID, "token credential backend cannot be disabled");
    }
    TSEC_TRY(mount_remove(call->txn, table, mount, err));
    return api_no_content(call);
}

static int64_t
first_given(int64_t a, int64_t b, int64_t c)
{
    return a != 0 ? a : b != 0 ? b : c;
}

int64_t
api_default_ttl_s(const struct api *api, const struct mount *mount)
{
    return first_given(mount->default_ttl_s, atomic_load(&api->default_ttl_s), TTL_DEFAULT_S);
}

int64_t
api_max_ttl_s(const struct api *api, const struct mount *mount)
{
    return first_given(mount->max_ttl_s, atomic_load(&api->max_ttl_s), TTL_MAX_S);
}

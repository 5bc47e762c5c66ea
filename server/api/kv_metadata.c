/* SPDX-License-Identifier: Apache-2.0 */
#include "api/kv.h"

#include <stdio.h>

#include "api/kv_custom.h"
#include "api/routes.h"

static void
put_versions(struct tsec_json_out *out, const struct secret *secret)
{
    char number[24];

    tsec_json_key(out, "versions");
    tsec_json_object(out);
    for (size_t i = 0; i < secret->versions_len; i++) {
        const struct secret_version *version = &secret->versions[i];

        (void)snprintf(number, sizeof(number), "%llu", (unsigned long long)version->number);
        tsec_json_key(out, number);
        tsec_json_object(out);
        tsec_json_put_time(out, "created_time", version->created_ns);
        tsec_json_put_time(out, "deletion_time", version->deletion_ns);
        tsec_json_put_bool(out, "destroyed", version->destroyed);
        tsec_json_object_end(out);
    }
    tsec_json_object_end(out);
}

static void
put_metadata(struct tsec_json_out *out, const struct secret *secret)
{
    tsec_json_object(out);
    tsec_json_put_bool(out, "cas_required", secret->cas_required);
    tsec_json_put_time(out, "created_time", secret->created_ns);
    tsec_json_put_int(out, "current_version", (int64_t)secret->current);
    api_put_map_or_null(out, "custom_metadata", &secret->custom);
    kv_put_duration(out, "delete_version_after", secret->delete_after_ns);
    tsec_json_put_int(out, "max_versions", secret->max_versions);
    tsec_json_put_int(out, "oldest_version", (int64_t)secret->oldest);
    tsec_json_put_time(out, "updated_time", secret->updated_ns);
    put_versions(out, secret);
    tsec_json_object_end(out);
}

tsec_rc
api_op_kvReadMetadata(struct api_call *call, struct tsec_err *err)
{
    struct tsec_json_out out;
    struct tsec_span path;
    struct secret secret;
    tsec_rc rc;

    TSEC_TRY(kv_path(call, &path, err));
    rc = secret_meta_read(call->txn, kv_mount(call), path, &secret, err);
    if (tsec_failed(rc)) {
        return kv_refuse_read(call, rc, err);
    }
    out = api_data(call);
    put_metadata(&out, &secret);
    return api_data_end(call, &out, err);
}

/* Everything but custom_metadata. */
static tsec_rc
read_settings(struct api_call *call, const json_t *body, struct secret_settings *settings,
              struct tsec_err *err)
{
    const struct tsec_json_field fields[] = {
        TSEC_JSON_INT("max_versions", &settings->max_versions, &settings->has_max_versions, 0,
                      SECRET_VERSIONS_MAX),
        TSEC_JSON_BOOL("cas_required", &settings->cas_required, &settings->has_cas_required),
        KV_DURATION("delete_version_after", &settings->delete_after_ns,
                    &settings->has_delete_after),
    };

    TSEC_TRY(api_fields_of(call, body, fields, TSEC_ARRAY_LEN(fields), err));
    settings->delete_after_ns = kv_delete_after(settings->delete_after_ns);
    return TSEC_OK;
}

/* custom_metadata, set into what was there before. */
static tsec_rc
read_custom(struct api_call *call, const json_t *body, const struct tsec_string_map *before,
            struct secret_settings *settings, struct tsec_err *err)
{
    json_t *custom = json_object_get(body, "custom_metadata");

    if (custom == NULL || json_is_null(custom)) {
        return TSEC_OK;
    }
    settings->has_custom = true;
    return kv_custom_merge(call, before, custom, &settings->custom, err);
}

static tsec_rc
write_settings(struct api_call *call, struct tsec_span path, const struct secret_settings *settings,
               struct tsec_err *err)
{
    const tsec_rc rc = secret_meta_write(call->txn, kv_mount(call), path, settings, err);

    return tsec_failed(rc) ? kv_refuse_write(call, rc, err) : api_no_content(call);
}

tsec_rc
api_op_kvWriteMetadata(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO(tsec_json_free) json_t *body = NULL;
    struct secret_settings settings = { .has_custom = false };
    const struct tsec_string_map none = { NULL, NULL, 0 };
    struct tsec_span path;

    TSEC_TRY(kv_path(call, &path, err));
    TSEC_TRY(api_parse(call, &body, err));
    TSEC_TRY(read_settings(call, body, &settings, err));
    TSEC_TRY(read_custom(call, body, &none, &settings, err));
    return write_settings(call, path, &settings, err);
}

/* RFC 7396: null takes a member away, which leaves what it is without. */
static void
reset_nulls(const json_t *body, struct secret_settings *settings)
{
    settings->has_max_versions |= json_is_null(json_object_get(body, "max_versions"));
    settings->has_cas_required |= json_is_null(json_object_get(body, "cas_required"));
    settings->has_delete_after |= json_is_null(json_object_get(body, "delete_version_after"));
    settings->has_custom |= json_is_null(json_object_get(body, "custom_metadata"));
}

tsec_rc
api_op_kvPatchMetadata(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO(tsec_json_free) json_t *body = NULL;
    struct secret_settings settings = { .has_custom = false };
    struct tsec_span path;
    struct secret secret;
    tsec_rc rc;

    TSEC_TRY(kv_path(call, &path, err));
    TSEC_TRY(api_parse(call, &body, err));
    TSEC_TRY(read_settings(call, body, &settings, err));
    rc = secret_meta_read(call->txn, kv_mount(call), path, &secret, err);
    if (tsec_failed(rc)) {
        return kv_refuse_read(call, rc, err);
    }
    TSEC_TRY(read_custom(call, body, &secret.custom, &settings, err));
    reset_nulls(body, &settings);
    return write_settings(call, path, &settings, err);
}

tsec_rc
api_op_kvDeleteMetadata(struct api_call *call, struct tsec_err *err)
{
    struct tsec_span path;
    tsec_rc rc;

    TSEC_TRY(kv_path(call, &path, err));
    rc = secret_remove(call->txn, kv_mount(call), path, err);
    return tsec_failed(rc) ? kv_refuse_write(call, rc, err) : api_no_content(call);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "api/kv.h"
#include "api/routes.h"

tsec_rc
api_op_kvReadConfig(struct api_call *call, struct tsec_err *err)
{
    struct secret_config config;
    struct tsec_json_out out;

    TSEC_TRY(secret_config_read(call->txn, kv_mount(call), &config, err));
    out = api_data(call);
    tsec_json_object(&out);
    tsec_json_put_bool(&out, "cas_required", config.cas_required);
    kv_put_duration(&out, "delete_version_after", config.delete_after_ns);
    tsec_json_put_int(&out, "max_versions", config.max_versions);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

tsec_rc
api_op_kvWriteConfig(struct api_call *call, struct tsec_err *err)
{
    struct secret_config config;

    TSEC_TRY(secret_config_read(call->txn, kv_mount(call), &config, err));

    const struct tsec_json_field fields[] = {
        TSEC_JSON_INT("max_versions", &config.max_versions, NULL, 0, SECRET_VERSIONS_MAX),
        TSEC_JSON_BOOL("cas_required", &config.cas_required, NULL),
        KV_DURATION("delete_version_after", &config.delete_after_ns, NULL),
    };

    TSEC_TRY(API_FIELDS(call, fields, err));
    config.delete_after_ns = kv_delete_after(config.delete_after_ns);
    TSEC_TRY(secret_config_write(call->txn, kv_mount(call), &config, err));
    return api_no_content(call);
}

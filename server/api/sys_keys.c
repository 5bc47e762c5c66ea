/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/envelope.h"
#include "core/rotation.h"

/* Every data key: new rows use the new ones, a background job moves the others. */
tsec_rc
api_op_sysRotate(struct api_call *call, struct tsec_err *err)
{
    TSEC_TRY(txn_dek(call->txn, TXN_DEK_ROTATE, "*", err));
    return api_no_content(call);
}

tsec_rc
api_op_sysKeyStatus(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf members = TSEC_BUF_INIT(4096);
    struct tsec_json_out out = tsec_json_out(&members);
    struct node_key_status status;

    node_key_status(call->txn, &status);
    tsec_json_object(&out);
    tsec_json_put_int(&out, "term", (int64_t)status.keyring_version);
    tsec_json_put_time(&out, "install_time", status.dek_created_ns);
    tsec_json_put_int(&out, "encryptions", (int64_t)status.encryptions);
    tsec_json_put_int(&out, "generation", status.generation);
    tsec_json_put_int(&out, "mek_version", status.mek_version);
    tsec_json_put_int(&out, "deks", (int64_t)status.deks);
    tsec_json_put_int(&out, "old_deks", (int64_t)status.old_deks);
    tsec_json_object_end(&out);
    TSEC_TRY(tsec_buf_check(&members, err));
    return api_data_twice(call, tsec_buf_span(&members), err);
}

tsec_rc
api_op_sysReadRotateConfig(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf members = TSEC_BUF_INIT(4096);
    struct tsec_json_out out = tsec_json_out(&members);
    struct rotation rotation;

    TSEC_TRY(rotation_read(call->txn, &rotation, err));
    tsec_json_object(&out);
    tsec_json_put_int(&out, "max_operations", rotation.max_operations);
    tsec_json_put_int(&out, "interval", rotation.interval_s);
    tsec_json_put_bool(&out, "enabled", rotation.enabled);
    tsec_json_object_end(&out);
    TSEC_TRY(tsec_buf_check(&members, err));
    return api_data_twice(call, tsec_buf_span(&members), err);
}

tsec_rc
api_op_sysWriteRotateConfig(struct api_call *call, struct tsec_err *err)
{
    struct rotation rotation;
    int64_t interval_ns;

    TSEC_TRY(rotation_read(call->txn, &rotation, err));
    interval_ns = rotation.interval_s * TSEC_NS_PER_S;

    const struct tsec_json_field fields[] = {
        TSEC_JSON_INT("max_operations", &rotation.max_operations, NULL, ROTATION_OPERATIONS_MIN,
                      ROTATION_OPERATIONS_MAX),
        TSEC_JSON_DURATION("interval", &interval_ns, NULL, INT64_MAX),
        TSEC_JSON_BOOL("enabled", &rotation.enabled, NULL),
    };

    TSEC_TRY(API_FIELDS(call, fields, err));
    rotation.interval_s = interval_ns / TSEC_NS_PER_S;
    if (rotation.interval_s != 0 && rotation.interval_s < ROTATION_INTERVAL_MIN_S) {
        return api_refuse(call, TSEC_E_INVALID, "interval must be 0 or at least 24h");
    }
    TSEC_TRY(rotation_write(call->txn, &rotation, err));
    return api_no_content(call);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "api/kv.h"
#include "api/routes.h"
#include "codec/json_scan.h"

tsec_rc
api_op_kvReadData(struct api_call *call, struct tsec_err *err)
{
    struct secret_reading reading;
    struct tsec_span path;
    int64_t version;
    tsec_rc rc;

    TSEC_TRY(kv_path(call, &path, err));
    TSEC_TRY(kv_query_number(call, "version", INT64_MAX, &version));
    rc = secret_read(call->txn, kv_mount(call), path, (uint64_t)version, &reading, err);
    if (tsec_failed(rc)) {
        return kv_refuse_read(call, rc, err);
    }
    return kv_answer_reading(call, "data", &reading, err);
}

static tsec_rc
write_version(struct api_call *call, struct tsec_span path, const struct secret_write *write,
              struct tsec_err *err)
{
    struct secret_reading written;
    const tsec_rc rc = secret_write(call->txn, kv_mount(call), path, write, &written, err);

    if (tsec_failed(rc)) {
        return kv_refuse_write(call, rc, err);
    }
    return kv_answer_written(call, &written, err);
}

tsec_rc
api_op_kvWriteData(struct api_call *call, struct tsec_err *err)
{
    struct secret_write write;
    struct tsec_span path;

    TSEC_TRY(kv_path(call, &path, err));
    TSEC_TRY(kv_read_body(call, &write, err));
    return write_version(call, path, &write, err);
}

/* What was read and what is written are of one transaction: nobody writes in between. */
tsec_rc
api_op_kvPatchData(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf merged = TSEC_BUF_INIT(TXN_PAYLOAD_MAX);
    struct secret_reading reading;
    struct secret_write write;
    struct tsec_span path;
    tsec_rc rc;

    TSEC_TRY(kv_path(call, &path, err));
    TSEC_TRY(kv_read_body(call, &write, err));
    rc = secret_read(call->txn, kv_mount(call), path, 0, &reading, err);
    if (tsec_failed(rc)) {
        return kv_refuse_read(call, rc, err);
    }
    if (!reading.live) {
        return kv_answer_reading(call, "data", &reading, err);
    }
    tsec_json_merge(&merged, reading.data, write.data);
    rc = tsec_buf_check(&merged, err);
    if (tsec_failed(rc)) {
        return kv_refuse_write(call, rc, err);
    }
    write.data = tsec_buf_span(&merged);
    return write_version(call, path, &write, err);
}

tsec_rc
api_op_kvDeleteData(struct api_call *call, struct tsec_err *err)
{
    struct tsec_span path;
    tsec_rc rc;

    TSEC_TRY(kv_path(call, &path, err));
    rc = secret_delete_current(call->txn, kv_mount(call), path, err);
    return tsec_failed(rc) ? kv_refuse_write(call, rc, err) : api_no_content(call);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "api/kv.h"
#include "api/routes.h"
#include "codec/json_scan.h"

/* The names in place of the data. */
static tsec_rc
answer(struct api_call *call, struct secret_reading *reading, unsigned depth, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf subkeys = TSEC_BUF_INIT(2 * (size_t)TXN_PAYLOAD_MAX);

    if (reading->live) {
        tsec_json_subkeys(&subkeys, reading->data, depth);
        TSEC_TRY(tsec_buf_check(&subkeys, err));
        reading->data = tsec_buf_span(&subkeys);
    }
    return kv_answer_reading(call, "subkeys", reading, err);
}

tsec_rc
api_op_kvReadSubkeys(struct api_call *call, struct tsec_err *err)
{
    struct secret_reading reading;
    struct tsec_span path;
    int64_t version;
    int64_t depth;
    tsec_rc rc;

    TSEC_TRY(kv_path(call, &path, err));
    TSEC_TRY(kv_query_number(call, "version", INT64_MAX, &version));
    TSEC_TRY(kv_query_number(call, "depth", UINT32_MAX, &depth));
    rc = secret_read(call->txn, kv_mount(call), path, (uint64_t)version, &reading, err);
    if (tsec_failed(rc)) {
        return kv_refuse_read(call, rc, err);
    }
    return answer(call, &reading, (unsigned)depth, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "api/kv.h"
#include "api/routes.h"

struct keys {
    struct tsec_json_out out;
    size_t len;
};

/* An answer that is full already goes no further. */
static tsec_rc
put_key(void *ctx, struct tsec_span name)
{
    struct keys *keys = ctx;

    tsec_json_span(&keys->out, name);
    keys->len++;
    return tsec_buf_check(keys->out.buf, NULL);
}

/* `limit` of the query; -1 is none, as clients say. */
static tsec_rc
read_limit(struct api_call *call, size_t *limit)
{
    const char *text = api_query(call->req, "limit");
    int64_t n = 0;

    if (text == NULL || strcmp(text, "-1") != 0) {
        TSEC_TRY(kv_query_number(call, "limit", INT64_MAX, &n));
    }
    *limit = (size_t)n;
    return TSEC_OK;
}

static tsec_rc
list(struct api_call *call, bool deep, struct tsec_err *err)
{
    struct secret_listing listing = {
        .folder = call->vars[0],
        .after = tsec_span_str(api_query(call->req, "after")),
        .deep = deep,
        .visit = put_key,
    };
    struct keys keys = { .len = 0 };
    tsec_rc rc;

    TSEC_TRY(read_limit(call, &listing.limit));
    keys.out = api_data(call);
    listing.ctx = &keys;
    tsec_json_object(&keys.out);
    tsec_json_key(&keys.out, "keys");
    tsec_json_array(&keys.out);
    rc = secret_list(call->txn, kv_mount(call), &listing, err);
    if (rc.code == TSEC_E_TOO_LARGE) {
        return api_refuse(call, TSEC_E_INVALID,
                          "too many names for one answer: page with limit and after");
    }
    if (tsec_failed(rc)) {
        return kv_refuse_read(call, rc, err);
    }
    if (keys.len == 0) {
        return api_refuse(call, TSEC_E_NOT_FOUND, "");
    }
    tsec_json_array_end(&keys.out);
    tsec_json_object_end(&keys.out);
    return api_data_end(call, &keys.out, err);
}

tsec_rc
api_op_kvListMetadata(struct api_call *call, struct tsec_err *err)
{
    return list(call, false, err);
}

tsec_rc
api_op_kvScanMetadata(struct api_call *call, struct tsec_err *err)
{
    return list(call, true, err);
}

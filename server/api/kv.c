/* SPDX-License-Identifier: Apache-2.0 */
#include "api/kv.h"

#include "api/routes.h"
#include "base/clock.h"
#include "codec/json_scan.h"
#include "core/mount.h"

static const char AT_THE_ROOT[] =
    "Non-listing operations on the root of a K/V v2 mount are not supported.";

const char *
kv_mount(const struct api_call *call)
{
    return call->mount->id;
}

bool
api_exists_secret(struct api_call *call)
{
    return secret_exists(call->txn, kv_mount(call), call->vars[0]);
}

static tsec_rc
answer_not_found(struct api_call *call, struct tsec_json_out *out, struct tsec_err *err)
{
    TSEC_TRY(api_data_end(call, out, err));
    call->reply->status = 404;
    return (tsec_rc){ TSEC_E_NOT_FOUND };
}

tsec_rc
kv_path(struct api_call *call, struct tsec_span *path, struct tsec_err *err)
{
    struct tsec_json_out out;

    *path = call->vars[0];
    if (path->len > 0) {
        return TSEC_OK;
    }
    api_warn(call, AT_THE_ROOT);
    out = api_data(call);
    tsec_json_null(&out);
    return answer_not_found(call, &out, err);
}

tsec_rc
kv_refuse_read(struct api_call *call, tsec_rc rc, const struct tsec_err *err)
{
    const struct tsec_span path = call->vars[0];
    const bool folder = path.len > 0 && path.ptr[path.len - 1] == '/';

    if (rc.code == TSEC_E_NOT_FOUND || (rc.code == TSEC_E_INVALID && folder)) {
        return api_refuse(call, TSEC_E_NOT_FOUND, "");
    }
    if (rc.code == TSEC_E_INVALID) {
        return api_refuse(call, TSEC_E_INVALID, err == NULL ? NULL : err->detail);
    }
    return rc;
}

tsec_rc
kv_refuse_write(struct api_call *call, tsec_rc rc, const struct tsec_err *err)
{
    switch (rc.code) {
    case TSEC_E_INVALID:
        return api_refuse(call, TSEC_E_INVALID, err == NULL ? NULL : err->detail);
    case TSEC_E_DENIED:
        return api_refuse(call, TSEC_E_INVALID, "check-and-set parameter required for this call");
    case TSEC_E_CONFLICT:
        api_problem_status(call->reply, call->req->id, TSEC_E_CONFLICT, 400,
                           "check-and-set parameter did not match the current version");
        return rc;
    case TSEC_E_TOO_LARGE:
        return api_refuse(call, TSEC_E_TOO_LARGE, "the secret and its metadata are too large");
    default:
        return rc;
    }
}

tsec_rc
kv_query_number(struct api_call *call, const char *name, int64_t max, int64_t *out)
{
    const char *text = api_query(call->req, name);

    *out = 0;
    if (text == NULL || *text == '\0') {
        return TSEC_OK;
    }
    if (text[0] < '0' || text[0] > '9' || !tsec_json_to_i64(tsec_span_str(text), out)
        || *out > max) {
        return api_refusef(call, TSEC_E_INVALID, "%s must be a whole number from 0", name);
    }
    return TSEC_OK;
}

void
kv_put_version(struct tsec_json_out *out, const struct secret *secret,
               const struct secret_version *version)
{
    tsec_json_object(out);
    tsec_json_put_time(out, "created_time", version->created_ns);
    api_put_map_or_null(out, "custom_metadata", &secret->custom);
    tsec_json_put_time(out, "deletion_time", version->deletion_ns);
    tsec_json_put_bool(out, "destroyed", version->destroyed);
    tsec_json_put_int(out, "version", (int64_t)version->number);
    tsec_json_object_end(out);
}

tsec_rc
kv_answer_reading(struct api_call *call, const char *name, const struct secret_reading *reading,
                  struct tsec_err *err)
{
    struct tsec_json_out out = api_data(call);

    tsec_json_object(&out);
    if (reading->live) {
        tsec_json_put_raw(&out, name, reading->data);
    } else {
        tsec_json_put_null(&out, name);
    }
    tsec_json_key(&out, "metadata");
    kv_put_version(&out, &reading->secret, &reading->version);
    tsec_json_object_end(&out);
    return reading->live ? api_data_end(call, &out, err) : answer_not_found(call, &out, err);
}

tsec_rc
kv_answer_written(struct api_call *call, const struct secret_reading *written, struct tsec_err *err)
{
    struct tsec_json_out out = api_data(call);

    kv_put_version(&out, &written->secret, &written->version);
    return api_data_end(call, &out, err);
}

void
kv_put_duration(struct tsec_json_out *out, const char *key, int64_t ns)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(64);

    tsec_duration_append(&text, ns);
    tsec_json_put_span(out, key, tsec_buf_span(&text));
}

int64_t
kv_delete_after(int64_t ns)
{
    return ns < 0 ? -TSEC_NS_PER_S : ns;
}

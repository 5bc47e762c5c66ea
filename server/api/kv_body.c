/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a write, without a tree of it. */
#include "api/kv.h"
#include "codec/json_scan.h"

static tsec_rc
read_object(struct api_call *call, struct tsec_span *object, struct tsec_err *err)
{
    struct tsec_json_limits limits = TSEC_JSON_LIMITS_DEFAULT;
    enum tsec_json_type type;

    *object = tsec_json_trim(call->req->body);
    if (object->len == 0) {
        return TSEC_OK;
    }
    limits.nul = true; /* data are bytes here, never C strings */
    if (tsec_failed(tsec_json_check(*object, &limits, err))) {
        return api_refusef(call, TSEC_E_INVALID, "failed to decode JSON input: %s",
                           err == NULL ? "not JSON" : err->detail);
    }
    type = tsec_json_type_of(*object);
    if (type == TSEC_JSON_NULL) {
        *object = tsec_span(NULL, 0);
    } else if (type != TSEC_JSON_OBJECT) {
        return api_refuse(call, TSEC_E_INVALID, "failed to decode JSON input: not an object");
    }
    return TSEC_OK;
}

static enum tsec_json_type
member(struct tsec_span object, const char *name, struct tsec_span *value)
{
    *value = tsec_span(NULL, 0);
    return object.len == 0 ? TSEC_JSON_NONE : tsec_json_member(object, name, value);
}

static tsec_rc
read_data(struct api_call *call, struct tsec_span object, struct secret_write *write)
{
    static const char empty[] = "{}";

    switch (member(object, "data", &write->data)) {
    case TSEC_JSON_OBJECT:
        return TSEC_OK;
    case TSEC_JSON_NULL:
        write->data = tsec_span_str(empty);
        return TSEC_OK;
    case TSEC_JSON_NONE:
        return api_refuse(call, TSEC_E_INVALID, "no data provided");
    case TSEC_JSON_ARRAY:
    case TSEC_JSON_STRING:
    case TSEC_JSON_NUMBER:
    case TSEC_JSON_TRUE:
    case TSEC_JSON_FALSE:
        break;
    }
    return api_refuse(call, TSEC_E_INVALID,
                      "error converting input for field \"data\": expected a map");
}

/* A cas that cannot be read is refused, not passed over: it is there to prevent a write. */
static tsec_rc
read_cas(struct api_call *call, struct tsec_span object, struct secret_write *write)
{
    struct tsec_span options;
    struct tsec_span value;
    const enum tsec_json_type type = member(object, "options", &options);
    int64_t cas = 0;

    if (type == TSEC_JSON_NONE || type == TSEC_JSON_NULL) {
        return TSEC_OK;
    }
    if (type != TSEC_JSON_OBJECT) {
        return api_refuse(call, TSEC_E_INVALID,
                          "error converting input for field \"options\": expected a map");
    }
    if (member(options, "cas", &value) == TSEC_JSON_NONE) {
        return TSEC_OK;
    }
    if (!tsec_json_to_i64(value, &cas) || cas < 0) {
        return api_refuse(call, TSEC_E_INVALID,
                          "error parsing check-and-set parameter: not a version number");
    }
    write->has_cas = true;
    write->cas = (uint64_t)cas;
    return TSEC_OK;
}

tsec_rc
kv_read_body(struct api_call *call, struct secret_write *write, struct tsec_err *err)
{
    struct tsec_span object;

    *write = (struct secret_write){ .has_cas = false };
    TSEC_TRY(read_object(call, &object, err));
    TSEC_TRY(read_data(call, object, write));
    return read_cas(call, object, write);
}

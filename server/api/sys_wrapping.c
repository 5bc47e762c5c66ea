/* SPDX-License-Identifier: Apache-2.0 */
#include "api/envelope.h"
#include "api/op.h"
#include "api/wrap.h"

static const char NOT_VALID[] = "wrapping token is not valid or does not exist";

/* The body as the data of an envelope, which the dispatcher then puts away. */
tsec_rc
api_op_sysWrappingWrap(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO(tsec_json_free) json_t *body = NULL;
    struct tsec_json_out out;

    if (call->req->wrap_ttl.len == 0 || tsec_span_is(call->req->wrap_ttl, "0")) {
        return api_refuse(call, TSEC_E_INVALID,
                          "endpoint requires response wrapping to be used: "
                          "send X-Vault-Wrap-TTL");
    }
    TSEC_TRY(api_parse(call, &body, err));
    out = api_data(call);
    if (json_object_size(body) == 0) {
        tsec_json_null(&out);
    } else {
        tsec_json_raw(&out, call->req->body);
    }
    return api_data_end(call, &out, err);
}

static tsec_rc
find_wrapping(struct api_call *call, const struct token **holder, const struct wrapping **out,
              struct tsec_err *err)
{
    struct tsec_span token = call->req->token;
    const char *given = NULL;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR("token", &given, NULL, TOKEN_TEXT_MAX),
    };
    tsec_rc rc;

    TSEC_TRY(API_FIELDS(call, fields, err));
    if (given != NULL && *given != '\0') {
        token = tsec_span_str(given);
    }
    if (token.len == 0) {
        return api_refuse(call, TSEC_E_INVALID, "missing \"token\" value in input");
    }
    rc = wrapping_find(call->txn, api_keys_of(call), token, holder, out, err);
    return rc.code == TSEC_E_NOT_FOUND ? api_refuse(call, TSEC_E_INVALID, NOT_VALID) : rc;
}

tsec_rc
api_op_sysWrappingLookup(struct api_call *call, struct tsec_err *err)
{
    const struct token *holder = NULL;
    const struct wrapping *wrapping = NULL;
    struct tsec_json_out out;

    TSEC_TRY(find_wrapping(call, &holder, &wrapping, err));
    out = api_data(call);
    tsec_json_object(&out);
    tsec_json_put_str(&out, "creation_path", wrapping->creation_path);
    tsec_json_put_time(&out, "creation_time", wrapping->created_ns);
    tsec_json_put_int(&out, "creation_ttl", wrapping->ttl_s);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

tsec_rc
api_op_sysWrappingUnwrap(struct api_call *call, struct tsec_err *err)
{
    const struct token *holder = NULL;
    const struct wrapping *wrapping = NULL;

    TSEC_TRY(find_wrapping(call, &holder, &wrapping, err));
    TSEC_TRY(api_unwrap_reply(call, wrapping, err));
    return wrapping_drop(call->txn, holder, err);
}

/* The same content under a new token; the old one is used up. */
tsec_rc
api_op_sysWrappingRewrap(struct api_call *call, struct tsec_err *err)
{
    const struct token *holder = NULL;
    const struct wrapping *wrapping = NULL;
    struct wrapping again;

    TSEC_TRY(find_wrapping(call, &holder, &wrapping, err));
    again = *wrapping;
    again.created_ns = txn_now(call->txn);
    TSEC_TRY(wrapping_drop(call->txn, holder, err));
    return api_wrap_reply(call, &again, err);
}

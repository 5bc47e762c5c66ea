/* SPDX-License-Identifier: Apache-2.0 */
#include "api/call.h"

#include <stdarg.h>
#include <stdio.h>

#include "api/envelope.h"
#include "api/routes.h"
#include "core/mount.h"

tsec_rc
api_refuse(struct api_call *call, enum tsec_code code, const char *sentence)
{
    api_reply_reset(call->reply);
    api_problem(call->reply, call->req->id, code, sentence);
    return (tsec_rc){ code };
}

tsec_rc
api_refusef(struct api_call *call, enum tsec_code code, const char *fmt, ...)
{
    char sentence[512];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(sentence, sizeof(sentence), fmt, args);
    va_end(args);
    return api_refuse(call, code, sentence);
}

tsec_rc
api_no_content(struct api_call *call)
{
    api_reply_reset(call->reply);
    call->reply->status = 204;
    return TSEC_OK;
}

void
api_warn(struct api_call *call, const char *warning)
{
    if (warning != NULL && call->warnings_len < API_WARNINGS_MAX) {
        call->warnings[call->warnings_len++] = warning;
    }
}

static const char *
mount_type(const struct api_call *call)
{
    if (call->mount != NULL) {
        return call->mount->type;
    }
    if (call->route != NULL && strncmp(call->route->path, "/v1/auth/token/", 15) == 0) {
        return "token";
    }
    return "system";
}

static struct tsec_json_out
envelope(struct api_call *call)
{
    struct tsec_json_out out;

    api_reply_reset(call->reply);
    out = tsec_json_out(&call->reply->body);
    tsec_json_object(&out);
    tsec_json_put_str(&out, "request_id", call->req->id);
    tsec_json_put_str(&out, "lease_id", "");
    tsec_json_put_bool(&out, "renewable", false);
    tsec_json_put_int(&out, "lease_duration", 0);
    tsec_json_key(&out, "data");
    return out;
}

static void
put_warnings(const struct api_call *call, struct tsec_json_out *out)
{
    tsec_json_key(out, "warnings");
    if (call->warnings_len == 0) {
        tsec_json_null(out);
        return;
    }
    tsec_json_array(out);
    for (size_t i = 0; i < call->warnings_len; i++) {
        tsec_json_str(out, call->warnings[i]);
    }
    tsec_json_array_end(out);
}

static tsec_rc
finish(struct api_call *call, struct tsec_json_out *out, int status, struct tsec_err *err)
{
    tsec_json_object_end(out);
    tsec_buf_put_byte(out->buf, '\n');
    call->reply->status = status;
    call->reply->retry_after_s = status == 503 ? API_RETRY_AFTER_S : 0;
    return tsec_buf_check(out->buf, err);
}

struct tsec_json_out
api_data(struct api_call *call)
{
    return envelope(call);
}

static void
put_tail(struct api_call *call, struct tsec_json_out *out)
{
    tsec_json_put_null(out, "wrap_info");
    put_warnings(call, out);
    tsec_json_put_null(out, "auth");
    tsec_json_put_str(out, "mount_type", mount_type(call));
}

tsec_rc
api_data_end(struct api_call *call, struct tsec_json_out *out, struct tsec_err *err)
{
    put_tail(call, out);
    return finish(call, out, 200, err);
}

tsec_rc
api_data_twice(struct api_call *call, struct tsec_span members, struct tsec_err *err)
{
    struct tsec_json_out out = envelope(call);

    tsec_json_raw(&out, members);
    put_tail(call, &out);
    if (members.len > 2) { /* more than "{}" */
        tsec_buf_put_byte(out.buf, ',');
        tsec_buf_put(out.buf, members.ptr + 1, members.len - 2);
    }
    return finish(call, &out, 200, err);
}

tsec_rc
api_wrapped(struct api_call *call, void (*wrap_info)(struct tsec_json_out *out, const void *ctx),
            const void *ctx, struct tsec_err *err)
{
    struct tsec_json_out out;

    api_reply_reset(call->reply);
    out = tsec_json_out(&call->reply->body);
    tsec_json_object(&out);
    tsec_json_put_str(&out, "request_id", "");
    tsec_json_put_str(&out, "lease_id", "");
    tsec_json_put_bool(&out, "renewable", false);
    tsec_json_put_int(&out, "lease_duration", 0);
    tsec_json_put_null(&out, "data");
    tsec_json_key(&out, "wrap_info");
    wrap_info(&out, ctx);
    put_warnings(call, &out);
    tsec_json_put_null(&out, "auth");
    tsec_json_put_str(&out, "mount_type", mount_type(call));
    return finish(call, &out, 200, err);
}

tsec_rc
api_auth(struct api_call *call, void (*auth)(struct tsec_json_out *out, const void *ctx),
         const void *ctx, struct tsec_err *err)
{
    struct tsec_json_out out = envelope(call);

    tsec_json_null(&out);
    tsec_json_put_null(&out, "wrap_info");
    put_warnings(call, &out);
    tsec_json_key(&out, "auth");
    auth(&out, ctx);
    tsec_json_put_str(&out, "mount_type", mount_type(call));
    return finish(call, &out, 200, err);
}

struct tsec_json_out
api_bare(struct api_call *call)
{
    struct tsec_json_out out;

    api_reply_reset(call->reply);
    out = tsec_json_out(&call->reply->body);
    tsec_json_object(&out);
    return out;
}

tsec_rc
api_bare_end(struct api_call *call, struct tsec_json_out *out, int status, struct tsec_err *err)
{
    return finish(call, out, status, err);
}

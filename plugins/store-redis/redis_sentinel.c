/* SPDX-License-Identifier: Apache-2.0 */
#include "redis_sentinel.h"

#include "redis_dial.h"
#include "redis_wire.h"

static tsec_rc
read_master(const struct redis_reply *reply, const struct redis_access *access,
            struct redis_place *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(REDIS_PLACE_TEXT);
    bool v6;

    if (redis_reply_is(reply, REDIS_REPLY_NIL)) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "the sentinels know no master of the name %s",
                         access->uri.sentinel);
    }
    if (!redis_reply_is_array(reply, 2) || !redis_reply_is(reply->items[0], REDIS_REPLY_STRING)
        || !redis_reply_is(reply->items[1], REDIS_REPLY_STRING)) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "what answers is no sentinel, or wants a login");
    }
    v6 = reply->items[0]->text.len > 0
         && memchr(reply->items[0]->text.ptr, ':', reply->items[0]->text.len) != NULL;
    tsec_buf_put_str(&text, v6 ? "[" : "");
    tsec_buf_put_span(&text, reply->items[0]->text);
    tsec_buf_put_str(&text, v6 ? "]:" : ":");
    tsec_buf_put_span(&text, reply->items[1]->text);
    if (tsec_failed(tsec_buf_check(&text, NULL)) || !redis_place_parse(tsec_buf_span(&text), 0, out)
        || out->family != REDIS_TCP) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "a sentinel gave what is no address");
    }
    return TSEC_OK;
}

tsec_rc
redis_sentinel_master(const struct redis_access *access, const struct redis_place *sentinel,
                      int64_t deadline_ns, struct redis_place *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf request = TSEC_BUF_INIT(1024);
    struct redis_reply *reply = NULL;
    struct redis_wire wire;
    int fd = -1;
    tsec_rc rc;

    redis_put_command(&request, 3);
    redis_put_str(&request, "SENTINEL");
    redis_put_str(&request, "get-master-addr-by-name");
    redis_put_str(&request, access->uri.sentinel);
    TSEC_TRY(tsec_buf_check(&request, err));
    TSEC_TRY(redis_dial(access->host, sentinel, deadline_ns, &fd, err));
    TSEC_TRY(redis_wire_open(&wire, fd, err));
    rc = redis_wire_ask(&wire, tsec_buf_span(&request), &reply, 1, deadline_ns, err);
    if (!tsec_failed(rc)) {
        rc = read_master(reply, access, out, err);
        redis_reply_free(reply);
    }
    redis_wire_close(&wire);
    return rc;
}

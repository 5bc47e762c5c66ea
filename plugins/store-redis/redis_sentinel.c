/* SPDX-License-Identifier: Apache-2.0 */
#include "redis_sentinel.h"

#include "redis_dial.h"
#include "redis_error.h"
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
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "what answers is no sentinel");
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

/* The settings sentinel_user and sentinel_password: how many replies that has. */
static size_t
ask_entry(const struct tsec_host *host, struct tsec_buf *out)
{
    const char *user = host->setting(host->ctx, "sentinel_user");
    const char *password = host->setting(host->ctx, "sentinel_password");

    if (password == NULL) {
        return 0;
    }
    redis_put_command(out, user == NULL ? 2 : 3);
    redis_put_str(out, "AUTH");
    if (user != NULL) {
        redis_put_str(out, user);
    }
    redis_put_str(out, password);
    return 1;
}

static tsec_rc
read_all(struct redis_reply *const *replies, size_t entry, const struct redis_access *access,
         struct redis_place *out, struct tsec_err *err)
{
    if (entry > 0 && !redis_reply_is(replies[0], REDIS_REPLY_STATUS)) {
        return redis_fail(replies[0], REDIS_ASKED_LOGIN, err);
    }
    if (redis_reply_is(replies[entry], REDIS_REPLY_ERROR)) {
        return redis_fail(replies[entry], REDIS_ASKED_LOGIN, err);
    }
    return read_master(replies[entry], access, out, err);
}

tsec_rc
redis_sentinel_master(const struct redis_access *access, const struct redis_place *sentinel,
                      int64_t deadline_ns, struct redis_place *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf request = TSEC_BUF_INIT(4096);
    struct redis_reply *replies[2] = { NULL, NULL };
    const size_t entry = ask_entry(access->host, &request);
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
    rc = redis_wire_ask(&wire, tsec_buf_span(&request), replies, entry + 1, deadline_ns, err);
    if (!tsec_failed(rc)) {
        rc = read_all(replies, entry, access, out, err);
    }
    redis_reply_free(replies[0]);
    redis_reply_free(replies[1]);
    redis_wire_close(&wire);
    return rc;
}

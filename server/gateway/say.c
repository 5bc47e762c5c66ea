/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/say.h"

#include <gnutls/gnutls.h>
#include <sys/socket.h>

#include "api/request.h"
#include "crypto/rand.h"

enum { SAY_MAX = 1024 };

static const char *
reason(int status)
{
    switch (status) {
    case 408:
        return "Request Timeout";
    case 413:
        return "Content Too Large";
    case 503:
        return "Service Unavailable";
    default:
        return "Error";
    }
}

void
say_compose(struct tsec_buf *out, enum tsec_code code)
{
    char id[API_REQUEST_ID_LEN + 1];
    struct api_reply reply;

    api_reply_init(&reply);
    tsec_rand_uuid(id);
    api_problem(&reply, id, code, NULL);
    tsec_buf_printf(out,
                    "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Type: application/json\r\n"
                    "Cache-Control: no-store\r\nX-Request-Id: %s\r\nContent-Length: %zu\r\n",
                    reply.status, reason(reply.status), id, reply.body.len);
    if (reply.retry_after_s != 0) {
        tsec_buf_printf(out, "Retry-After: %u\r\n", reply.retry_after_s);
    }
    tsec_buf_put_str(out, "\r\n");
    tsec_buf_put_span(out, tsec_buf_span(&reply.body));
    api_reply_done(&reply);
}

void
say_refusal(int fd, enum tsec_code code)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SAY_MAX);

    say_compose(&text, code);
    if (!tsec_failed(tsec_buf_check(&text, NULL))) {
        (void)send(fd, text.ptr, text.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

void
say_refusal_tls(void *session, enum tsec_code code)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(SAY_MAX);

    say_compose(&text, code);
    if (!tsec_failed(tsec_buf_check(&text, NULL))) {
        (void)gnutls_record_send(session, text.ptr, text.len);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/say.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/test.h"

static void
a_reply_by_hand_is_a_whole_reply(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(4096);
    const char *body;
    const char *length;

    say_compose(&text, TSEC_E_BUSY);
    tsec_buf_put_byte(&text, '\0');
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_buf_check(&text, NULL)));
    CU_ASSERT_EQUAL(strncmp((char *)text.ptr, "HTTP/1.1 503 Service Unavailable\r\n", 34), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr((char *)text.ptr, "Connection: close\r\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr((char *)text.ptr, "Retry-After: "));
    body = strstr((char *)text.ptr, "\r\n\r\n");
    length = strstr((char *)text.ptr, "Content-Length: ");
    CU_ASSERT_PTR_NOT_NULL_FATAL(body);
    CU_ASSERT_PTR_NOT_NULL_FATAL(length);
    CU_ASSERT_EQUAL(strtoul(length + 16, NULL, 10), strlen(body + 4));
    CU_ASSERT_PTR_NOT_NULL(strstr(body, "\"code\":\"busy\""));
}

static void
each_has_its_status(void)
{
    static const struct {
        enum tsec_code code;
        const char *line;
    } says[] = {
        { TSEC_E_TIMEOUT, "HTTP/1.1 408 Request Timeout\r\n" },
        { TSEC_E_TOO_LARGE, "HTTP/1.1 413 Content Too Large\r\n" },
        { TSEC_E_INTERNAL, "HTTP/1.1 500 Error\r\n" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(says); i++) {
        TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(4096);

        say_compose(&text, says[i].code);
        CU_ASSERT_TRUE(tsec_span_starts(tsec_buf_span(&text), tsec_span_str(says[i].line)));
    }
}

static void
a_peer_that_is_gone_does_no_harm(void)
{
    int pair[2];

    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    (void)close(pair[1]);
    say_refusal(pair[0], TSEC_E_TIMEOUT); /* SIGPIPE would end the test */
    (void)close(pair[0]);
}

static void
a_peer_that_does_not_read_is_not_waited_for(void)
{
    char fill[4096] = { 0 };
    int pair[2];

    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    while (send(pair[0], fill, sizeof(fill), MSG_DONTWAIT) > 0) {
    }
    say_refusal(pair[0], TSEC_E_TIMEOUT); /* a wait would hang the test */
    (void)close(pair[0]);
    (void)close(pair[1]);
}

static const struct test_case cases[] = {
    { "a reply by hand is a whole reply", a_reply_by_hand_is_a_whole_reply },
    { "each has its status", each_has_its_status },
    { "a peer that is gone does no harm", a_peer_that_is_gone_does_no_harm },
    { "a peer that does not read is not waited for", a_peer_that_does_not_read_is_not_waited_for },
};

TEST_MAIN("gateway/say", cases)

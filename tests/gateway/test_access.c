/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/access.h"

#include <stdio.h>
#include <unistd.h>

#include "tests/gateway/rig.h"
#include "tests/test.h"

#define CRLF "\r\n"
#define END  "\r\n\r\n"
#define HEAD " HTTP/1.1" CRLF "Host: a" CRLF

static void
one_connection_serves_many_requests(void)
{
    const struct gateway_options options = { 0 };
    struct rig_reply reply;
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    fd = rig_connect(&rig);
    for (int i = 0; i < 50; i++) {
        rig_send_text(fd, i % 2 == 0 ? "GET /hello" HEAD CRLF
                                     : "PUT /echo" HEAD "Content-Length: 3" END "abc");
        rig_read(fd, false, &reply);
        CU_ASSERT_EQUAL(reply.status, 200);
    }
    CU_ASSERT_EQUAL(rig_asked(), 50);
    CU_ASSERT_EQUAL(gateway_counts(rig.gateway).connections, 1);
    (void)close(fd);
    rig_stop(&rig);
}

static void
pipelined_requests_are_answered_in_order(void)
{
    const struct gateway_options options = { 0 };
    struct rig_reply reply;
    char expected[32];
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    fd = rig_connect(&rig);
    rig_send_text(fd, "PUT /echo/0" HEAD "Content-Length: 3" END "abc"
                      "GET /echo/1" HEAD CRLF "PUT /echo/2" HEAD "Transfer-Encoding: chunked" END
                      "2" CRLF "xy" CRLF "0" END "GET /later/3" HEAD CRLF "GET /echo/4" HEAD CRLF);
    for (int i = 0; i < 5; i++) {
        rig_read(fd, false, &reply);
        CU_ASSERT_EQUAL(reply.status, 200);
        (void)snprintf(expected, sizeof(expected), "/%d remote", i);
        CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, expected));
    }
    (void)close(fd);
    rig_stop(&rig);
}

static void
a_head_in_single_bytes_is_the_same_head(void)
{
    static const char text[] = "PUT /echo" HEAD "Content-Length: 5" END "abcde";
    const struct gateway_options options = { 0 };
    struct rig_reply reply;
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    fd = rig_connect(&rig);
    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        rig_send(fd, text + i, 1);
    }
    rig_read(fd, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "len=5 body=abcde\n"));
    (void)close(fd);
    rig_stop(&rig);
}

static void
chunks_become_one_body(void)
{
    const struct gateway_options options = { 0 };
    struct rig_reply reply;
    struct rig rig;

    rig_start(&rig, &options);
    rig_ask_text(&rig,
                 "POST /echo" HEAD "Transfer-Encoding: chunked" END "1" CRLF "a" CRLF "00A;x=y" CRLF
                 "bcdefghijk" CRLF "0" CRLF "Trailer: dropped" END,
                 &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "len=11 body=abcdefghijk\n"));
    rig_stop(&rig);
}

static void
broken_chunks_never_reach_the_api(void)
{
    static const char *const broken[] = { "x" CRLF "a" CRLF "0" END, "-1" CRLF "a" CRLF "0" END,
                                          "1" CRLF "ab" CRLF "0" END,
                                          "fffffffffffffffff" CRLF "a" CRLF "0" END };
    const struct gateway_options options = { 0 };
    struct rig_reply reply;
    struct rig rig;

    rig_start(&rig, &options);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(broken); i++) {
        const int fd = rig_connect(&rig);

        rig_send_text(fd, "POST /echo" HEAD "Transfer-Encoding: chunked" END);
        rig_send_text(fd, broken[i]);
        rig_read(fd, false, &reply);
        CU_ASSERT_TRUE(reply.status == 0 || reply.status >= 400);
        CU_ASSERT_TRUE(rig_closed(fd));
        (void)close(fd);
    }
    CU_ASSERT_EQUAL(rig_asked(), 0);
    rig_stop(&rig);
}

static void
a_length_past_the_route_s_limit_is_refused_before_the_body(void)
{
    const struct gateway_options options = { 0 };
    struct rig_reply reply;
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    rig_ask_text(&rig, "PUT /small/a" HEAD "Content-Length: 16" END "0123456789abcdef", &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    fd = rig_connect(&rig);
    rig_send_text(fd, "PUT /small/a" HEAD "Content-Length: 17" END);
    rig_read(fd, false, &reply); /* not one byte of the body was sent */
    CU_ASSERT_EQUAL(reply.status, 413);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "\"code\":\"too_large\""));
    CU_ASSERT_TRUE(rig_closed(fd));
    (void)close(fd);
    CU_ASSERT_EQUAL(rig_asked(), 1);
    rig_stop(&rig);
}

static void
chunks_are_counted(void)
{
    const struct gateway_options options = { 0 };
    struct rig_reply reply;
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    fd = rig_connect(&rig);
    rig_send_text(fd, "PUT /small/a" HEAD "Transfer-Encoding: chunked" END "8" CRLF "01234567" CRLF
                      "8" CRLF "01234567" CRLF "0" END);
    rig_read(fd, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    rig_send_text(fd, "PUT /small/a" HEAD "Transfer-Encoding: chunked" END "8" CRLF "01234567" CRLF
                      "9" CRLF "012345678" CRLF);
    rig_read(fd, false, &reply); /* before the last chunk was sent */
    CU_ASSERT_EQUAL(reply.status, 413);
    CU_ASSERT_TRUE(rig_closed(fd));
    (void)close(fd);
    CU_ASSERT_EQUAL(rig_asked(), 1);
    rig_stop(&rig);
}

static void
a_client_that_sends_all_the_same_still_sees_the_413(void)
{
    const struct gateway_options options = { 0 };
    static char piece[64 * 1024];
    struct rig_reply reply;
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    fd = rig_connect(&rig);
    rig_send_text(fd, "PUT /echo" HEAD "Content-Length: 4194304" END);
    for (int i = 0; i < 64; i++) {
        rig_send(fd, piece, sizeof(piece));
    }
    rig_read(fd, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 413);
    (void)close(fd);
    rig_stop(&rig);
}

static void
a_megabyte_arrives_whole(void)
{
    const struct gateway_options options = { 0 };
    static char piece[64 * 1024];
    struct rig_reply reply;
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    fd = rig_connect(&rig);
    memset(piece, 'p', sizeof(piece));
    for (int round = 0; round < 2; round++) {
        rig_send_text(fd, "PUT /echo" HEAD "Content-Length: 1048576" END);
        for (int i = 0; i < 16; i++) {
            rig_send(fd, piece, sizeof(piece));
        }
        rig_read(fd, false, &reply);
        CU_ASSERT_EQUAL(reply.status, 200);
        CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "len=1048576 body=pppp"));
    }
    (void)close(fd);
    rig_stop(&rig);
}

static void
a_client_that_expects_100_is_told_before_it_sends(void)
{
    const struct gateway_options options = { 0 };
    struct rig_reply reply;
    char line[26] = { 0 };
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    fd = rig_connect(&rig);
    rig_send_text(fd, "PUT /echo" HEAD "Expect: 100-continue" CRLF "Content-Length: 2" END);
    CU_ASSERT_EQUAL(recv(fd, line, 25, MSG_WAITALL), 25);
    CU_ASSERT_STRING_EQUAL(line, "HTTP/1.1 100 Continue" END);
    rig_send_text(fd, "ok");
    rig_read(fd, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    rig_send_text(fd, "PUT /small" HEAD "Expect: 100-continue" CRLF "Content-Length: 99" END);
    rig_read(fd, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 413);
    CU_ASSERT_EQUAL(strncmp(reply.head, "HTTP/1.1 413", 12), 0); /* and no 100 before */
    (void)close(fd);
    rig_stop(&rig);
}

static void
a_client_that_leaves_in_the_middle_does_no_harm(void)
{
    const struct gateway_options options = { 0 };
    struct rig_reply reply;
    struct rig rig;

    rig_start(&rig, &options);
    for (int i = 0; i < 20; i++) {
        const int fd = rig_connect(&rig);

        rig_send_text(fd, i % 2 == 0 ? "PUT /echo" HEAD "Content-Length: 9" END "abc"
                                     : "GET /later" HEAD CRLF);
        (void)close(fd);
    }
    rig_ask_text(&rig, "GET /hello" HEAD CRLF, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    rig_stop(&rig);
}

static const struct test_case cases[] = {
    { "one connection serves many requests", one_connection_serves_many_requests },
    { "pipelined requests are answered in order", pipelined_requests_are_answered_in_order },
    { "a head in single bytes is the same head", a_head_in_single_bytes_is_the_same_head },
    { "chunks become one body", chunks_become_one_body },
    { "broken chunks never reach the API", broken_chunks_never_reach_the_api },
    { "a length past the route's limit is refused before the body",
      a_length_past_the_route_s_limit_is_refused_before_the_body },
    { "chunks are counted", chunks_are_counted },
    { "a client that sends all the same still sees the 413",
      a_client_that_sends_all_the_same_still_sees_the_413 },
    { "a megabyte arrives whole", a_megabyte_arrives_whole },
    { "a client that expects 100 is told before it sends",
      a_client_that_expects_100_is_told_before_it_sends },
    { "a client that leaves in the middle does no harm",
      a_client_that_leaves_in_the_middle_does_no_harm },
};

TEST_MAIN("gateway/access", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/exchange.h"

#include <unistd.h>

#include "tests/gateway/rig.h"
#include "tests/test.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static void
a_reply_from_another_thread_arrives(void)
{
    const struct gateway_options options = { .threads = 2 };
    struct rig_reply reply;
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    fd = rig_connect(&rig);
    for (int i = 0; i < 20; i++) {
        rig_send_text(fd, GET("/later"));
        rig_read(fd, false, &reply);
        CU_ASSERT_EQUAL(reply.status, 200);
        CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "path=/later"));
    }
    (void)close(fd);
    rig_stop(&rig);
}

static void
a_reply_that_overtakes_the_suspension_arrives(void)
{
    const struct gateway_options options = { .threads = 1 };
    struct rig_reply reply;
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    fd = rig_connect(&rig);
    for (int i = 0; i < 50; i++) {
        rig_send_text(fd, GET("/at-once"));
        rig_read(fd, false, &reply);
        CU_ASSERT_EQUAL(reply.status, 200);
    }
    CU_ASSERT_EQUAL(rig_asked(), 50);
    (void)close(fd);
    rig_stop(&rig);
}

static void
who_waits_holds_up_nobody(void)
{
    const struct gateway_options options = { .threads = 1 };
    struct rig_reply reply;
    struct rig rig;
    int waiting[8];

    rig_start(&rig, &options);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(waiting); i++) {
        waiting[i] = rig_connect(&rig);
        rig_send_text(waiting[i], GET("/gate"));
    }
    rig_wait_gate(TSEC_ARRAY_LEN(waiting));
    for (int i = 0; i < 10; i++) {
        rig_ask_text(&rig, GET("/hello"), &reply);
        CU_ASSERT_EQUAL(reply.status, 200);
    }
    rig_open_gate();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(waiting); i++) {
        rig_read(waiting[i], false, &reply);
        CU_ASSERT_EQUAL(reply.status, 200);
        (void)close(waiting[i]);
    }
    rig_stop(&rig);
}

static void
a_client_that_left_while_it_waited_does_no_harm(void)
{
    const struct gateway_options options = { .threads = 2 };
    struct rig_reply reply;
    struct rig rig;

    rig_start(&rig, &options);
    for (int i = 0; i < 8; i++) {
        const int fd = rig_connect(&rig);

        rig_send_text(fd, GET("/gate"));
        rig_wait_gate((unsigned)i + 1);
        (void)close(fd);
    }
    rig_open_gate();
    rig_ask_text(&rig, GET("/hello"), &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    rig_stop(&rig);
}

static void
stopping_waits_for_what_the_api_still_has(void)
{
    const struct gateway_options options = { .threads = 2 };
    struct rig rig;
    int fds[16];

    rig_start(&rig, &options);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(fds); i++) {
        fds[i] = rig_connect(&rig);
        rig_send_text(fds[i], GET("/later"));
    }
    while (rig_asked() == 0) {
        (void)usleep(1000);
    }
    rig_stop(&rig); /* libmicrohttpd would abort if a connection were suspended */
    for (size_t i = 0; i < TSEC_ARRAY_LEN(fds); i++) {
        (void)close(fds[i]);
    }
}

static void
nothing_of_a_request_is_left_for_the_next(void)
{
    const struct gateway_options options = { .threads = 1 };
    struct rig_reply reply;
    struct rig rig;

    rig_start(&rig, &options);
    rig_ask_text(&rig,
                 "PUT /echo?q=1 HTTP/1.1\r\nHost: a\r\nX-Vault-Token: s.secret\r\n"
                 "X-Vault-Namespace: root\r\nContent-Length: 6\r\n\r\nsecret",
                 &reply);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "token=s.secret namespace=root type= len=6"));
    rig_ask_text(&rig, GET("/echo"), &reply);
    CU_ASSERT_STRING_EQUAL(
        reply.body,
        "method=1 path=/echo remote=127.0.0.1 tls=0 token= namespace= type= len=0 body=\n");
    rig_stop(&rig);
}

static const struct test_case cases[] = {
    { "a reply from another thread arrives", a_reply_from_another_thread_arrives },
    { "a reply that overtakes the suspension arrives",
      a_reply_that_overtakes_the_suspension_arrives },
    { "who waits holds up nobody", who_waits_holds_up_nobody },
    { "a client that left while it waited does no harm",
      a_client_that_left_while_it_waited_does_no_harm },
    { "stopping waits for what the API still has", stopping_waits_for_what_the_api_still_has },
    { "nothing of a request is left for the next", nothing_of_a_request_is_left_for_the_next },
};

TEST_MAIN("gateway/exchange", cases)

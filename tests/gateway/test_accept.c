/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/accept.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/gateway/rig.h"
#include "tests/test.h"

#define HELLO "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"

enum { MANY = 512 };

static void
connection_512_is_served_and_513_is_told_to_wait(void)
{
    const struct gateway_options options = { .connections_max = MANY, .threads = 2 };
    const struct rlimit files = { 4096, 4096 };
    static int fds[MANY];
    struct rig_reply reply;
    struct rig rig;
    int fd;

    (void)setrlimit(RLIMIT_NOFILE, &files);
    rig_start(&rig, &options);
    for (int i = 0; i < MANY; i++) {
        fds[i] = rig_connect(&rig);
        rig_send_text(fds[i], HELLO);
    }
    for (int i = 0; i < MANY; i++) {
        rig_read(fds[i], false, &reply);
        CU_ASSERT_EQUAL(reply.status, 200);
    }
    fd = rig_connect(&rig);
    rig_read(fd, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 503);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "\"code\":\"busy\""));
    (void)close(fd);
    for (int i = 0; i < MANY; i++) {
        rig_send_text(fds[i], HELLO);
    }
    for (int i = 0; i < MANY; i++) {
        rig_read(fds[i], false, &reply);
        CU_ASSERT_EQUAL(reply.status, 200);
        (void)close(fds[i]);
    }
    for (int i = 0; i < 500 && gateway_counts(rig.gateway).connections > 0; i++) {
        (void)usleep(2000);
    }
    CU_ASSERT_EQUAL(gateway_counts(rig.gateway).connections, 0);
    rig_ask_text(&rig, HELLO, &reply); /* and there is room again */
    CU_ASSERT_EQUAL(reply.status, 200);
    rig_stop(&rig);
}

static void
a_unix_socket_and_tcp_are_served_by_one_gateway(void)
{
    char dir[] = "/tmp/tsec-accept-XXXXXX";
    char address[64];
    const struct gateway_listener listeners[] = { { .address = "tcp://127.0.0.1:0" },
                                                  { .address = address } };
    const struct gateway_options options = { .listeners = listeners, .listener_count = 2 };
    struct rig_reply reply;
    struct rig rig;
    int fd;

    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(dir));
    (void)snprintf(address, sizeof(address), "unix://%s/s", dir);
    rig_start(&rig, &options);
    CU_ASSERT_STRING_EQUAL(gateway_address(rig.gateway, 1), address);
    CU_ASSERT_PTR_NULL(gateway_address(rig.gateway, 2));
    fd = rig_connect_unix(address + 7);
    rig_send_text(fd, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    rig_read(fd, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "remote=unix"));
    (void)close(fd);
    rig_ask_text(&rig, HELLO, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    rig_stop(&rig);
    CU_ASSERT_EQUAL(rmdir(dir), 0); /* the socket is gone */
}

static void
take_nothing(void *ctx, int fd, const struct sockaddr *addr, socklen_t len)
{
    (void)ctx;
    (void)addr;
    (void)len;
    (void)close(fd);
}

static void
no_sources_or_too_many_are_refused(void)
{
    static struct accept_source sources[64];
    struct accept_loop *loop = NULL;

    CU_ASSERT_EQUAL(accept_start(sources, 0, take_nothing, &loop, NULL).code, TSEC_E_CONFIG);
    CU_ASSERT_EQUAL(accept_start(sources, 64, take_nothing, &loop, NULL).code, TSEC_E_CONFIG);
    CU_ASSERT_PTR_NULL(loop);
    accept_stop(NULL);
}

static const struct test_case cases[] = {
    { "connection 512 is served and 513 is told to wait",
      connection_512_is_served_and_513_is_told_to_wait },
    { "a Unix socket and TCP are served by one gateway",
      a_unix_socket_and_tcp_are_served_by_one_gateway },
    { "no sources or too many are refused", no_sources_or_too_many_are_refused },
};

TEST_MAIN("gateway/accept", cases)

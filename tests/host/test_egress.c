/* SPDX-License-Identifier: Apache-2.0 */
/* Connections through the thread, to a service on a Unix socket as a vsock bridge makes them. */
#include "host/egress.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/double/temp_dir.h"
#include "tests/test.h"

enum { CLIENTS = 60, CHUNK = 200000 };

/* A service that sends back what it gets, and ends when its peer has. */
struct echo {
    char path[108];
    int fd;
    pthread_t thread;
};

static void *
echo_one(void *arg)
{
    const int fd = (int)(intptr_t)arg;
    char bytes[8192];
    ssize_t n;

    while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0) {
        for (ssize_t at = 0; at < n;) {
            const ssize_t sent = send(fd, bytes + at, (size_t)(n - at), MSG_NOSIGNAL);

            at += sent > 0 ? sent : n;
        }
    }
    (void)close(fd);
    return NULL;
}

static void *
echo_main(void *arg)
{
    const struct echo *echo = arg;
    int fd;

    while ((fd = accept(echo->fd, NULL, NULL)) >= 0) {
        pthread_t thread;

        if (pthread_create(&thread, NULL, echo_one, (void *)(intptr_t)fd) == 0) {
            (void)pthread_detach(thread);
        }
    }
    return NULL;
}

static void
echo_start(struct echo *echo)
{
    static int number;
    struct sockaddr_un at = { .sun_family = AF_UNIX };

    if (echo->path[0] == '\0') {
        (void)snprintf(echo->path, sizeof(echo->path), "%s/echo.%d", temp_dir(), number++);
    }
    memcpy(at.sun_path, echo->path, strlen(echo->path) + 1);
    echo->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CU_ASSERT_EQUAL_FATAL(bind(echo->fd, (const struct sockaddr *)&at, sizeof(at)), 0);
    CU_ASSERT_EQUAL_FATAL(listen(echo->fd, 128), 0);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&echo->thread, NULL, echo_main, echo), 0);
}

static void
echo_stop(struct echo *echo)
{
    (void)shutdown(echo->fd, SHUT_RDWR);
    (void)pthread_join(echo->thread, NULL);
    (void)close(echo->fd);
    (void)unlink(echo->path);
}

static struct egress *
start(const char *target, size_t connections_max, int64_t connect_timeout_ns)
{
    struct egress_route route = { .name = "db.example:5432" };
    const struct egress_options options = { .routes = &route,
                                            .routes_len = 1,
                                            .connections_max = connections_max,
                                            .connect_timeout_ns = connect_timeout_ns };
    struct egress *egress = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(egress_target_parse(target, &route.target, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(egress_start(&options, &egress, NULL)));
    return egress;
}

static struct egress *
start_to(const struct echo *echo, size_t connections_max)
{
    char target[128];

    (void)snprintf(target, sizeof(target), "unix:%s", echo->path);
    return start(target, connections_max, 0);
}

static int
dial(const struct egress *egress)
{
    const struct sockaddr_in to = { .sin_family = AF_INET,
                                    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                    .sin_port = htons(egress_port(egress, 0)) };
    const struct timeval patience = { .tv_sec = 5 };
    const int fd = socket(AF_INET, SOCK_STREAM, 0);

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    CU_ASSERT_EQUAL_FATAL(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static bool
echoes(int fd, const char *text)
{
    char got[64] = "";
    const size_t len = strlen(text);

    return send(fd, text, len, MSG_NOSIGNAL) == (ssize_t)len
           && recv(fd, got, len, MSG_WAITALL) == (ssize_t)len && memcmp(got, text, len) == 0;
}

/* Whether the other side reset it, as it does when there is nobody. */
static bool
is_reset(int fd)
{
    char byte;

    return recv(fd, &byte, 1, 0) < 0 && errno == ECONNRESET;
}

static void
many_connections_do_not_mix(void)
{
    struct egress *egress;
    struct echo echo = { .path = "" };
    int fds[CLIENTS];
    char text[32];

    echo_start(&echo);
    egress = start_to(&echo, 0);
    for (int i = 0; i < CLIENTS; i++) {
        fds[i] = dial(egress);
    }
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < CLIENTS; i++) {
            (void)snprintf(text, sizeof(text), "client %d, round %d", i, round);
            CU_ASSERT_TRUE(echoes(fds[i], text));
        }
        (void)close(fds[round]);
        fds[round] = dial(egress);
    }
    for (int i = 0; i < CLIENTS; i++) {
        (void)close(fds[i]);
    }
    egress_stop(egress);
    echo_stop(&echo);
}

static void *
send_much(void *arg)
{
    static const char bytes[CHUNK] = { 'x' };
    const int fd = *(int *)arg;

    for (int i = 0; i < 10; i++) {
        for (ssize_t at = 0; at < CHUNK;) {
            const ssize_t n = send(fd, bytes + at, (size_t)(CHUNK - at), MSG_NOSIGNAL);

            at += n > 0 ? n : CHUNK;
        }
    }
    (void)shutdown(fd, SHUT_WR);
    return NULL;
}

static void
much_goes_through_and_ends_where_it_ended(void)
{
    static char got[65536];
    struct egress *egress;
    struct echo echo = { .path = "" };
    pthread_t sender;
    size_t total = 0;
    ssize_t n;
    int fd;

    echo_start(&echo);
    egress = start_to(&echo, 0);
    fd = dial(egress);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&sender, NULL, send_much, &fd), 0);
    while ((n = recv(fd, got, sizeof(got), 0)) > 0) {
        total += (size_t)n;
    }
    CU_ASSERT_EQUAL(n, 0); /* a clean end */
    CU_ASSERT_EQUAL(total, 10 * CHUNK);
    (void)pthread_join(sender, NULL);
    (void)close(fd);
    egress_stop(egress);
    echo_stop(&echo);
}

static void
a_dead_parent_is_a_reset_and_service_resumes(void)
{
    struct egress *egress;
    struct echo echo = { .path = "" };
    int fd;

    echo_start(&echo);
    egress = start_to(&echo, 0);
    echo_stop(&echo);
    for (int i = 0; i < 3; i++) {
        fd = dial(egress);
        CU_ASSERT_TRUE(is_reset(fd));
        (void)close(fd);
    }
    echo_start(&echo); /* at the same place */
    fd = dial(egress);
    CU_ASSERT_TRUE(echoes(fd, "back"));
    (void)close(fd);
    egress_stop(egress);
    echo_stop(&echo);
}

static void
past_the_limit_connections_are_refused_and_then_taken_again(void)
{
    struct egress *egress;
    struct echo echo = { .path = "" };
    int fds[2];
    int extra;

    echo_start(&echo);
    egress = start_to(&echo, 2);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(fds); i++) {
        fds[i] = dial(egress);
        CU_ASSERT_TRUE(echoes(fds[i], "in"));
    }
    extra = dial(egress);
    CU_ASSERT_TRUE(is_reset(extra));
    (void)close(extra);
    CU_ASSERT_TRUE(echoes(fds[0], "still"));
    CU_ASSERT_TRUE(echoes(fds[1], "still"));
    (void)shutdown(fds[0], SHUT_WR);
    CU_ASSERT_EQUAL(recv(fds[0], &extra, 1, 0), 0); /* ended at both sides */
    (void)close(fds[0]);
    extra = dial(egress);
    CU_ASSERT_TRUE(echoes(extra, "in"));
    (void)close(extra);
    (void)close(fds[1]);
    egress_stop(egress);
    echo_stop(&echo);
}

static void
a_stop_cuts_what_is_open(void)
{
    struct egress *egress;
    struct echo echo = { .path = "" };
    int fd;

    echo_start(&echo);
    egress = start_to(&echo, 0);
    fd = dial(egress);
    CU_ASSERT_TRUE(echoes(fd, "in"));
    egress_stop(egress);
    CU_ASSERT_TRUE(is_reset(fd));
    (void)close(fd);
    echo_stop(&echo);
}

/* A vsock address of this machine that does not answer, if the kernel knows vsock. */
static void
a_parent_that_says_nothing_is_given_up_in_time(void)
{
    const int probe = socket(AF_VSOCK, SOCK_STREAM, 0);
    struct timespec from;
    struct timespec to;
    struct egress *egress;
    int fd;

    if (probe < 0) {
        return;
    }
    (void)close(probe);
    egress = start("1:60999", 0, TSEC_NS_PER_S / 5);
    (void)clock_gettime(CLOCK_MONOTONIC, &from);
    fd = dial(egress);
    CU_ASSERT_TRUE(is_reset(fd));
    (void)clock_gettime(CLOCK_MONOTONIC, &to);
    CU_ASSERT_TRUE((to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000 < 900);
    (void)close(fd);
    egress_stop(egress);
}

static int
vsock_listener(unsigned *port)
{
    struct sockaddr_vm at = { .svm_family = AF_VSOCK,
                              .svm_cid = VMADDR_CID_ANY,
                              .svm_port = VMADDR_PORT_ANY };
    socklen_t len = sizeof(at);
    const int fd = socket(AF_VSOCK, SOCK_STREAM, 0);

    if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 8) != 0
        || getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
        (void)close(fd);
        return -1;
    }
    *port = at.svm_port;
    return fd;
}

static bool
has_vsock_loopback(unsigned port)
{
    const struct sockaddr_vm to = { .svm_family = AF_VSOCK, .svm_cid = 1, .svm_port = port };
    const int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct pollfd wait = { .fd = fd, .events = POLLOUT };
    const int rc = connect(fd, (const struct sockaddr *)&to, sizeof(to));
    const bool there = rc == 0
                       || (errno == EINPROGRESS && poll(&wait, 1, 200) == 1
                           && (wait.revents & (POLLERR | POLLHUP)) == 0);

    (void)close(fd);
    return there;
}

static void
connections_go_out_by_vsock_where_the_kernel_has_a_loopback(void)
{
    struct echo echo = { .path = "" };
    struct egress *egress;
    char target[32];
    unsigned port = 0;
    int fd;

    echo.fd = vsock_listener(&port);
    if (echo.fd < 0 || !has_vsock_loopback(port)) {
        (void)close(echo.fd);
        return;
    }
    CU_ASSERT_EQUAL_FATAL(pthread_create(&echo.thread, NULL, echo_main, &echo), 0);
    (void)snprintf(target, sizeof(target), "1:%u", port);
    egress = start(target, 0, 0);
    fd = dial(egress);
    CU_ASSERT_TRUE(echoes(fd, "by vsock"));
    (void)shutdown(fd, SHUT_WR);
    CU_ASSERT_EQUAL(recv(fd, target, 1, 0), 0);
    (void)close(fd);
    egress_stop(egress);
    (void)shutdown(echo.fd, SHUT_RDWR);
    (void)pthread_join(echo.thread, NULL);
    (void)close(echo.fd);
}

static const struct test_case cases[] = {
    { "many connections do not mix", many_connections_do_not_mix },
    { "much goes through and ends where it ended", much_goes_through_and_ends_where_it_ended },
    { "a dead parent is a reset, and service resumes",
      a_dead_parent_is_a_reset_and_service_resumes },
    { "past the limit connections are refused, and then taken again",
      past_the_limit_connections_are_refused_and_then_taken_again },
    { "a stop cuts what is open", a_stop_cuts_what_is_open },
    { "a parent that says nothing is given up in time",
      a_parent_that_says_nothing_is_given_up_in_time },
    { "connections go out by vsock where the kernel has a loopback",
      connections_go_out_by_vsock_where_the_kernel_has_a_loopback },
};

TEST_MAIN("host/egress", cases)

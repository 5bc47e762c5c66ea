/* SPDX-License-Identifier: Apache-2.0 */
#include "store-redis/redis_dial.h"

#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netinet/in.h>

#include "base/span.h"
#include "store-redis/redis_deadline.h"
#include "tests/double/fake_host.h"
#include "tests/double/temp_dir.h"
#include "tests/test.h"

/* A socket that listens on 127.0.0.1, and its port. */
static int
listen_tcp(uint32_t *port)
{
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(addr);
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    CU_ASSERT_EQUAL_FATAL(bind(fd, (const struct sockaddr *)&addr, sizeof(addr)), 0);
    CU_ASSERT_EQUAL_FATAL(listen(fd, 4), 0);
    CU_ASSERT_EQUAL_FATAL(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
    *port = ntohs(addr.sin_port);
    return fd;
}

static int32_t
dial(const char *text, const char *const *settings, int *fd, struct tsec_err *err)
{
    struct fake_host fake;
    struct redis_place place;

    fake_host_init(&fake, settings);
    CU_ASSERT_TRUE_FATAL(redis_place_parse(tsec_span_str(text), 0, &place));
    *fd = -1;
    return redis_dial(&fake.host, &place, redis_deadline_in(500), fd, err).code;
}

static void
a_place_that_listens_is_reached(void)
{
    static const char *const names[] = { "127.0.0.1", "localhost" };
    uint32_t port = 0;
    const int listener = listen_tcp(&port);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(names); i++) {
        char text[64];
        int fd;

        (void)snprintf(text, sizeof(text), "%s:%u", names[i], port);
        CU_ASSERT_EQUAL(dial(text, NULL, &fd, NULL), 0);
        CU_ASSERT_TRUE((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
        CU_ASSERT_TRUE((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
        (void)close(fd);
    }
    (void)close(listener);
}

static void
one_that_does_not_is_named(void)
{
    struct redis_place place = { .family = REDIS_UNIX };
    struct tsec_err err = { 0 };
    struct fake_host fake;
    uint32_t port = 0;
    char text[64];
    int fd;

    (void)close(listen_tcp(&port));
    (void)snprintf(text, sizeof(text), "127.0.0.1:%u", port);
    CU_ASSERT_EQUAL(dial(text, NULL, &fd, &err), TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, text));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "ECONNREFUSED"));
    fake_host_init(&fake, NULL);
    temp_path("nobody", place.host, sizeof(place.host));
    CU_ASSERT_EQUAL(redis_dial(&fake.host, &place, redis_deadline_in(500), &fd, &err).code,
                    TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "ENOENT"));
    memset(place.host, 'x', 200);
    place.host[200] = '\0';
    CU_ASSERT_EQUAL(redis_dial(&fake.host, &place, redis_deadline_in(500), &fd, &err).code,
                    TSEC_E_UNAVAILABLE);
}

/* Nobody answers there (RFC 5737), or there is no way there at all. */
static void
silence_is_given_up_in_time(void)
{
    const int64_t before = redis_now_ns();
    int fd;

    CU_ASSERT_EQUAL(dial("192.0.2.1:6379", NULL, &fd, NULL), TSEC_E_UNAVAILABLE);
    CU_ASSERT_TRUE(redis_now_ns() - before < 1500 * REDIS_NS_PER_MS);
}

/* In an enclave: the way that the server lends, for this place only. */
static void
a_way_that_is_lent_is_taken(void)
{
    uint32_t port = 0;
    const int listener = listen_tcp(&port);
    char local[64];
    const char *const lent[] = { "egress db.example.com:6379", local, NULL };
    const char *const wrong[] = { "egress db.example.com:6379", "nonsense", NULL };
    int fd;

    (void)snprintf(local, sizeof(local), "127.0.0.1:%u", port);
    CU_ASSERT_EQUAL(dial("db.example.com:6379", lent, &fd, NULL), 0);
    (void)close(fd);
    CU_ASSERT_EQUAL(dial("db.example.com:6379", wrong, &fd, NULL), TSEC_E_CONFIG);
    CU_ASSERT_EQUAL(dial("none.invalid:6379", lent, &fd, NULL), TSEC_E_UNAVAILABLE);
    (void)close(listener);
}

/* By the loopback of vsock where the kernel has it, else up to its refusal. */
static void
vsock_is_dialled(void)
{
    struct sockaddr_vm addr = { .svm_family = AF_VSOCK,
                                .svm_cid = VMADDR_CID_LOCAL,
                                .svm_port = VMADDR_PORT_ANY };
    socklen_t len = sizeof(addr);
    const int listener = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct tsec_err err = { 0 };
    char text[64];
    int fd;

    if (listener >= 0 && bind(listener, (const struct sockaddr *)&addr, sizeof(addr)) == 0
        && listen(listener, 1) == 0 && getsockname(listener, (struct sockaddr *)&addr, &len) == 0) {
        (void)snprintf(text, sizeof(text), "vsock:1:%u", addr.svm_port);
        CU_ASSERT_EQUAL(dial(text, NULL, &fd, &err), 0);
        (void)close(fd);
    } else {
        CU_ASSERT_EQUAL(dial("vsock:1:6379", NULL, &fd, &err), TSEC_E_UNAVAILABLE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "vsock:1:6379"));
    }
    if (listener >= 0) {
        (void)close(listener);
    }
}

static const struct test_case cases[] = {
    { "a place that listens is reached", a_place_that_listens_is_reached },
    { "one that does not is named", one_that_does_not_is_named },
    { "silence is given up in time", silence_is_given_up_in_time },
    { "a way that is lent is taken", a_way_that_is_lent_is_taken },
    { "vsock is dialled", vsock_is_dialled },
};

TEST_MAIN("redis_dial", cases)

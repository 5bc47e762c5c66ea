/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gateway/rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/test.h"

enum { RECEIVE_S = 5 };

void
rig_start(struct rig *rig, const struct gateway_options *options)
{
    static const struct gateway_listener loopback = { .address = "tcp://127.0.0.1:0" };
    struct gateway_options copy = *options;
    struct tsec_err err = { 0 };
    const char *address;

    (void)signal(SIGPIPE, SIG_IGN);
    rig_api_reset();
    *rig = (struct rig){ 0 };
    if (copy.listeners == NULL) {
        copy.listeners = &loopback;
        copy.listener_count = 1;
    }
    if (tsec_failed(gateway_start(&copy, NULL, &tsec_clock_system, &rig->gateway, &err))) {
        (void)printf("\n    %s:%d %s\n", err.file, (int)err.line, err.detail);
        CU_FAIL_FATAL("the gateway did not start");
    }
    address = gateway_address(rig->gateway, 0);
    if (strncmp(address, "tcp://", 6) == 0) {
        rig->port = (unsigned)strtoul(strrchr(address, ':') + 1, NULL, 10);
    }
}

void
rig_stop(struct rig *rig)
{
    gateway_stop(rig->gateway);
    rig->gateway = NULL;
}

static int
connected(int fd, const void *addr, socklen_t len)
{
    const struct timeval limit = { .tv_sec = RECEIVE_S };

    CU_ASSERT_TRUE_FATAL(fd >= 0);
    CU_ASSERT_EQUAL_FATAL(connect(fd, addr, len), 0);
    CU_ASSERT_EQUAL_FATAL(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
    return fd;
}

int
rig_connect(const struct rig *rig)
{
    const struct sockaddr_in addr = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)rig->port),
        .sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) },
    };

    return connected(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), &addr, sizeof(addr));
}

int
rig_connect_unix(const char *path)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };

    (void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
    return connected(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), &addr, sizeof(addr));
}

void
rig_send(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        const ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

        if (n <= 0) {
            return; /* the gateway closed: what it said before is what the test looks at */
        }
        bytes += n;
        len -= (size_t)n;
    }
}

void
rig_send_text(int fd, const char *text)
{
    rig_send(fd, text, strlen(text));
}

/* Byte by byte up to the blank line, so that nothing of the next reply is read. */
static bool
read_head(int fd, struct rig_reply *reply)
{
    size_t len = 0;

    while (len + 1 < sizeof(reply->head)) {
        if (recv(fd, reply->head + len, 1, 0) != 1) {
            return false;
        }
        len++;
        reply->head[len] = '\0';
        if (len >= 4 && strcmp(reply->head + len - 4, "\r\n\r\n") == 0) {
            return true;
        }
    }
    return false;
}

static void
read_body(int fd, size_t len, struct rig_reply *reply)
{
    char spare[4096];

    while (reply->body_len < len) {
        const size_t room = sizeof(reply->body) - 1 - reply->body_len;
        const bool keep = reply->body_len < sizeof(reply->body) - 1;
        const size_t left = len - reply->body_len;
        const size_t want =
            keep ? (left < room ? left : room) : (left < sizeof(spare) ? left : sizeof(spare));
        const ssize_t n = recv(fd, keep ? reply->body + reply->body_len : spare, want, 0);

        if (n <= 0) {
            return;
        }
        reply->body_len += (size_t)n;
    }
}

void
rig_read(int fd, bool bodiless, struct rig_reply *reply)
{
    char value[256];

    *reply = (struct rig_reply){ 0 };
    if (!read_head(fd, reply) || sscanf(reply->head, "HTTP/1.%*1[01] %3d", &reply->status) != 1) {
        reply->closed = true;
        return;
    }
    if (reply->status == 100) {
        rig_read(fd, bodiless, reply);
        return;
    }
    if (!bodiless && rig_header(reply, "Content-Length", value) != NULL) {
        read_body(fd, strtoul(value, NULL, 10), reply);
    }
}

bool
rig_closed(int fd)
{
    char spare[4096];
    ssize_t n;

    do {
        n = recv(fd, spare, sizeof(spare), 0);
    } while (n > 0);
    return n == 0 || errno != EAGAIN;
}

const char *
rig_header(const struct rig_reply *reply, const char *name, char out[256])
{
    const size_t len = strlen(name);
    const char *line = strstr(reply->head, "\r\n");

    while (line != NULL && line[2] != '\r') {
        line += 2;
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            (void)snprintf(out, 256, "%.*s", (int)strcspn(line + len + 2, "\r"), line + len + 2);
            return out;
        }
        line = strstr(line, "\r\n");
    }
    return NULL;
}

void
rig_ask(const struct rig *rig, const char *bytes, size_t len, struct rig_reply *reply)
{
    const int fd = rig_connect(rig);

    rig_send(fd, bytes, len);
    rig_read(fd, false, reply);
    (void)close(fd);
}

void
rig_ask_text(const struct rig *rig, const char *text, struct rig_reply *reply)
{
    rig_ask(rig, text, strlen(text), reply);
}

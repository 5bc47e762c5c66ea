/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/client/server_double.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static bool
is_whole(const char *request, size_t len)
{
    const char *end = strstr(request, "\r\n\r\n");
    const char *length = strcasestr(request, "\r\nContent-Length:");

    if (end == NULL) {
        return false;
    }
    const size_t body = length == NULL || length > end ? 0 : strtoul(length + 17, NULL, 10);

    return len >= (size_t)(end - request) + 4 + body;
}

static void
read_request(int fd, char *request)
{
    size_t len = 0;

    request[0] = '\0';
    while (!is_whole(request, len) && len < DOUBLE_REQUEST_MAX - 1) {
        const ssize_t got = read(fd, request + len, DOUBLE_REQUEST_MAX - 1 - len);

        if (got <= 0) {
            return;
        }
        len += (size_t)got;
        request[len] = '\0';
    }
}

static void
write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        const ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

        if (n <= 0) {
            return;
        }
        bytes += n;
        len -= (size_t)n;
    }
}

static void
write_reply(int fd, const struct double_reply *reply)
{
    const size_t body_len = reply->body == NULL   ? 0
                            : reply->body_len > 0 ? reply->body_len
                                                  : strlen(reply->body);
    char head[1024];
    const int n = snprintf(head, sizeof(head),
                           "HTTP/1.1 %d X\r\nContent-Type: application/json\r\n"
                           "Content-Length: %zu\r\nConnection: close\r\n%s\r\n",
                           reply->status, body_len, reply->headers == NULL ? "" : reply->headers);

    if (reply->status != 0) {
        write_all(fd, head, (size_t)n);
        write_all(fd, reply->body, body_len);
    }
}

static void
find_reply(struct server_double *s, const char *request, size_t served, struct double_reply *out)
{
    char path[1024] = { 0 };
    const char *from = strchr(request, ' ');

    *out = (struct double_reply){ .status = 404, .body = "{\"errors\":[]}" };
    if (s->answer == NULL) {
        *out = served < s->script_len ? s->script[served] : *out;
    } else if (from != NULL) {
        const size_t len = strcspn(from + 1, " ");

        memcpy(path, from + 1, len < sizeof(path) ? len : sizeof(path) - 1);
        (void)s->answer(s->ctx, path, out);
    }
}

static void *
serve(void *ctx)
{
    static char scratch[DOUBLE_REQUEST_MAX];
    struct server_double *s = ctx;

    for (size_t served = 0;; served++) {
        const int fd = accept(s->listener, NULL, NULL);
        const bool kept = s->requests_len < DOUBLE_REQUESTS_MAX;
        char *request = kept ? s->requests[s->requests_len] : scratch;
        struct double_reply reply;

        if (fd < 0) {
            return NULL;
        }
        read_request(fd, request);
        s->requests_len += kept ? 1 : 0;
        find_reply(s, request, served, &reply);
        write_reply(fd, &reply);
        (void)close(fd);
    }
}

static bool
listen_unix(struct server_double *s)
{
    struct sockaddr_un at = { .sun_family = AF_UNIX };

    (void)snprintf(s->folder, sizeof(s->folder), "/tmp/tee-secrets-test.XXXXXX");
    if (mkdtemp(s->folder) == NULL) {
        return false;
    }
    (void)snprintf(at.sun_path, sizeof(at.sun_path), "%s/socket", s->folder);
    (void)snprintf(s->address, sizeof(s->address), "unix://%s", at.sun_path);
    s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return bind(s->listener, (struct sockaddr *)&at, sizeof(at)) == 0
           && listen(s->listener, 8) == 0;
}

static bool
listen_tcp(struct server_double *s)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t len = sizeof(at);

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(s->listener, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(s->listener, 8) != 0
        || getsockname(s->listener, (struct sockaddr *)&at, &len) != 0) {
        return false;
    }
    (void)snprintf(s->address, sizeof(s->address), "http://127.0.0.1:%u/",
                   (unsigned)ntohs(at.sin_port));
    return true;
}

static struct server_double *
start(struct server_double *s, bool tcp)
{
    if (s == NULL || !(tcp ? listen_tcp(s) : listen_unix(s))
        || pthread_create(&s->thread, NULL, serve, s) != 0) {
        (void)fprintf(stderr, "the server double cannot start\n");
        abort();
    }
    return s;
}

struct server_double *
server_double_new(const struct double_reply *script, size_t len, bool tcp)
{
    struct server_double *s = calloc(1, sizeof(*s));

    if (s != NULL) {
        s->script = script;
        s->script_len = len;
    }
    return start(s, tcp);
}

struct server_double *
server_double_answering(bool (*answer)(void *ctx, const char *path, struct double_reply *out),
                        void *ctx)
{
    struct server_double *s = calloc(1, sizeof(*s));

    if (s != NULL) {
        s->answer = answer;
        s->ctx = ctx;
    }
    return start(s, false);
}

void
server_double_stop(struct server_double *server)
{
    if (server->listener >= 0) {
        (void)shutdown(server->listener, SHUT_RDWR);
        (void)pthread_join(server->thread, NULL);
        (void)close(server->listener);
        server->listener = -1;
    }
}

void
server_double_free(struct server_double *server)
{
    char path[128];

    server_double_stop(server);
    if (server->folder[0] != '\0') {
        (void)snprintf(path, sizeof(path), "%s/socket", server->folder);
        (void)unlink(path);
        (void)rmdir(server->folder);
    }
    free(server);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/vm_sockets.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024, HOST_MAX = 128, UNIX_MODE = 0660 };

struct host_port {
    char host[HOST_MAX];
    char port[12];
};

/* "HOST:PORT" or "[HOST]:PORT"; the port is decimal and at most `max`. */
static bool
split(const char *text, unsigned long max, struct host_port *out)
{
    const char *colon = strrchr(text, ':');
    size_t len;
    char *end = NULL;

    if (colon == NULL || colon[1] < '0' || colon[1] > '9' || strlen(colon + 1) > 10) {
        return false;
    }
    errno = 0;
    if (strtoul(colon + 1, &end, 10) > max || errno != 0 || *end != '\0') {
        return false;
    }
    len = (size_t)(colon - text);
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    } else if (memchr(text, ':', len) != NULL) {
        return false; /* IPv6 without brackets: where would the port begin? */
    }
    if (len >= HOST_MAX) {
        return false;
    }
    (void)snprintf(out->host, sizeof(out->host), "%.*s", (int)len, text);
    (void)snprintf(out->port, sizeof(out->port), "%s", colon + 1);
    return true;
}

static int
new_socket(int family)
{
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static tsec_rc
bind_and_listen(struct listen_socket *s, const void *addr, socklen_t len, struct tsec_err *err)
{
    if (bind(s->fd, addr, len) != 0 || listen(s->fd, BACKLOG) != 0) {
        const int why = errno;

        return TSEC_FAIL(err, why == EADDRINUSE ? TSEC_E_CONFLICT : TSEC_E_CONFIG,
                         "cannot listen: %s", strerrordesc_np(why));
    }
    return TSEC_OK;
}

static tsec_rc
name_tcp(struct listen_socket *s, struct tsec_err *err)
{
    struct sockaddr_storage bound;
    socklen_t len = sizeof(bound);
    char host[NI_MAXHOST];
    char port[NI_MAXSERV];

    if (getsockname(s->fd, (struct sockaddr *)&bound, &len) != 0
        || getnameinfo((struct sockaddr *)&bound, len, host, sizeof(host), port, sizeof(port),
                       NI_NUMERICHOST | NI_NUMERICSERV)
               != 0) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "cannot read the bound address");
    }
    (void)snprintf(s->address, sizeof(s->address),
                   s->family == AF_INET6 ? "tcp://[%.64s]:%.8s" : "tcp://%.64s:%.8s", host, port);
    return TSEC_OK;
}

static tsec_rc
open_tcp(const char *text, struct listen_socket *s, struct tsec_err *err)
{
    const struct addrinfo hints = {
        .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *found = NULL;
    struct host_port at;
    const int on = 1;
    tsec_rc rc;

    if (!split(text, 65535, &at)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "a TCP address is tcp://HOST:PORT");
    }
    if (getaddrinfo(at.host[0] == '\0' ? NULL : at.host, at.port, &hints, &found) != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "the host to listen on is not known");
    }
    s->family = found->ai_family;
    s->fd = new_socket(s->family);
    if (s->fd < 0 || setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0) {
        rc = TSEC_FAIL(err, TSEC_E_CONFIG, "no TCP socket: %s", strerrordesc_np(errno));
    } else {
        rc = bind_and_listen(s, found->ai_addr, found->ai_addrlen, err);
    }
    freeaddrinfo(found);
    TSEC_TRY(rc);
    return name_tcp(s, err);
}

/* Removes what a server that did not end well left behind, and nothing else. */
static tsec_rc
clear_stale(const struct sockaddr_un *addr, struct tsec_err *err)
{
    struct stat st;
    int probe;
    int why;

    if (lstat(addr->sun_path, &st) != 0) {
        return TSEC_OK; /* bind() tells any other reason */
    }
    if (!S_ISSOCK(st.st_mode)) {
        return TSEC_FAIL(err, TSEC_E_CONFLICT, "what lies at the Unix socket's path is no socket");
    }
    probe = new_socket(AF_UNIX);
    if (probe < 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "no Unix socket: %s", strerrordesc_np(errno));
    }
    why = connect(probe, (const struct sockaddr *)addr, sizeof(*addr)) == 0 ? 0 : errno;
    (void)close(probe);
    if (why != ECONNREFUSED) {
        return TSEC_FAIL(err, TSEC_E_CONFLICT, "another process listens on the Unix socket");
    }
    if (unlink(addr->sun_path) != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "cannot remove the stale socket: %s",
                         strerrordesc_np(errno));
    }
    return TSEC_OK;
}

static tsec_rc
open_unix(const char *path, struct listen_socket *s, struct tsec_err *err)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };

    if (path[0] != '/' || strlen(path) >= sizeof(addr.sun_path)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "a Unix socket is unix:///PATH, under 108 bytes");
    }
    (void)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
    TSEC_TRY(clear_stale(&addr, err));
    s->family = AF_UNIX;
    s->fd = new_socket(AF_UNIX);
    if (s->fd < 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "no Unix socket: %s", strerrordesc_np(errno));
    }
    /* Nobody can connect between bind and listen, so the mode is in force from the first on. */
    if (bind(s->fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "cannot bind: %s", strerrordesc_np(errno));
    }
    (void)snprintf(s->unix_path, sizeof(s->unix_path), "%s", path);
    if (chmod(path, UNIX_MODE) != 0 || listen(s->fd, BACKLOG) != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "cannot listen: %s", strerrordesc_np(errno));
    }
    (void)snprintf(s->address, sizeof(s->address), "unix://%s", path);
    return TSEC_OK;
}

static tsec_rc
open_vsock(const char *text, struct listen_socket *s, struct tsec_err *err)
{
    struct sockaddr_vm addr = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY };
    struct host_port at;
    char *end = NULL;

    if (!split(text, UINT32_MAX, &at)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "a vsock address is vsock://CID:PORT");
    }
    addr.svm_port = (unsigned)strtoul(at.port, NULL, 10);
    if (at.host[0] != '\0') {
        const unsigned long cid = strtoul(at.host, &end, 10);

        if (at.host[0] < '0' || at.host[0] > '9' || *end != '\0' || cid > UINT32_MAX) {
            return TSEC_FAIL(err, TSEC_E_CONFIG, "a vsock CID is a 32-bit number");
        }
        addr.svm_cid = (unsigned)cid;
    }
    s->family = AF_VSOCK;
    s->fd = new_socket(AF_VSOCK);
    if (s->fd < 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "no vsock here: %s", strerrordesc_np(errno));
    }
    TSEC_TRY(bind_and_listen(s, &addr, sizeof(addr), err));
    (void)snprintf(s->address, sizeof(s->address), "vsock://%.16s:%.12s", at.host, at.port);
    return TSEC_OK;
}

static const char *
after(const char *text, const char *prefix)
{
    const size_t len = strlen(prefix);

    return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

tsec_rc
listen_open(const char *address, struct listen_socket *out, struct tsec_err *err)
{
    const char *rest;
    tsec_rc rc;

    *out = (struct listen_socket){ .fd = -1 };
    if ((rest = after(address, "tcp://")) != NULL) {
        rc = open_tcp(rest, out, err);
    } else if ((rest = after(address, "unix://")) != NULL) {
        rc = open_unix(rest, out, err);
    } else if ((rest = after(address, "vsock://")) != NULL) {
        rc = open_vsock(rest, out, err);
    } else {
        rc = TSEC_FAIL(err, TSEC_E_CONFIG, "an address begins with tcp://, unix:// or vsock://");
    }
    if (tsec_failed(rc)) {
        listen_close(out);
    }
    return rc;
}

void
listen_close(struct listen_socket *socket)
{
    if (socket->fd >= 0) {
        (void)close(socket->fd);
    }
    if (socket->unix_path[0] != '\0') {
        (void)unlink(socket->unix_path);
    }
    socket->fd = -1;
    socket->unix_path[0] = '\0';
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "redis_dial.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

#include "base/span.h"
#include "redis_deadline.h"
#include "redis_resolve.h"

/* 0, or an errno. */
static int
await_connection(int fd, int64_t deadline_ns)
{
    struct pollfd p = { .fd = fd, .events = POLLOUT };
    int why = ETIMEDOUT;
    socklen_t len = sizeof(why);
    int n;

    do {
        n = poll(&p, 1, redis_ms_left(deadline_ns));
    } while (n < 0 && errno == EINTR && redis_ms_left(deadline_ns) > 0);
    if (n > 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &len) != 0) {
        why = errno;
    }
    return why;
}

static void
tune(int fd, int family)
{
    const int on = 1;

    if (family == AF_INET || family == AF_INET6) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    }
}

/* 0, or an errno. */
static int
connect_to(const struct sockaddr *addr, socklen_t len, int64_t deadline_ns, int *out)
{
    const int fd = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int why = 0;

    if (fd < 0) {
        return errno;
    }
    tune(fd, addr->sa_family);
    if (connect(fd, addr, len) != 0) {
        why = errno == EINPROGRESS ? await_connection(fd, deadline_ns) : errno;
    }
    if (why != 0) {
        (void)close(fd);
        return why;
    }
    *out = fd;
    return 0;
}

static tsec_rc
refused(const struct redis_place *place, int why, struct tsec_err *err)
{
    char text[REDIS_PLACE_TEXT];

    redis_place_text(place, text);
    return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "%s: no connection to Redis at %.120s",
                     strerrorname_np(why), text);
}

static tsec_rc
dial_tcp(const struct redis_place *place, int64_t deadline_ns, int *fd, struct tsec_err *err)
{
    struct redis_addresses found;
    int why = EHOSTUNREACH;

    TSEC_TRY(redis_resolve(place->host, place->port, deadline_ns, &found, err));
    for (size_t i = 0; i < found.len; i++) {
        /* The last address gets all the time that is left, an earlier one its share. */
        const int64_t now = redis_now_ns();
        const int64_t share = (deadline_ns - now) / (int64_t)(found.len - i);

        why = connect_to((const struct sockaddr *)&found.at[i].addr, found.at[i].len, now + share,
                         fd);
        if (why == 0) {
            return TSEC_OK;
        }
    }
    return refused(place, why, err);
}

static tsec_rc
dial_unix(const struct redis_place *place, int64_t deadline_ns, int *fd, struct tsec_err *err)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    const size_t len = strlen(place->host);
    int why = ENAMETOOLONG;

    if (len < sizeof(addr.sun_path)) {
        memcpy(addr.sun_path, place->host, len);
        why = connect_to((const struct sockaddr *)&addr, sizeof(addr), deadline_ns, fd);
    }
    return why == 0 ? TSEC_OK : refused(place, why, err);
}

static tsec_rc
dial_vsock(const struct redis_place *place, int64_t deadline_ns, int *fd, struct tsec_err *err)
{
    const struct sockaddr_vm addr = { .svm_family = AF_VSOCK,
                                      .svm_port = place->port,
                                      .svm_cid = place->cid };
    const int why = connect_to((const struct sockaddr *)&addr, sizeof(addr), deadline_ns, fd);

    return why == 0 ? TSEC_OK : refused(place, why, err);
}

/* What the server lends for this place, or the place itself. */
static tsec_rc
way_to(const struct tsec_host *host, const struct redis_place *place, struct redis_place *out,
       struct tsec_err *err)
{
    char name[REDIS_PLACE_TEXT + sizeof("egress ")] = "egress ";
    const char *lent;

    redis_place_text(place, name + strlen("egress "));
    lent = host->setting(host->ctx, name);
    *out = *place;
    if (lent != NULL && !redis_place_parse(tsec_span_str(lent), 0, out)) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "the way lent is not ADDRESS:PORT: %.100s", name);
    }
    return TSEC_OK;
}

tsec_rc
redis_dial(const struct tsec_host *host, const struct redis_place *place, int64_t deadline_ns,
           int *fd, struct tsec_err *err)
{
    struct redis_place way;

    TSEC_TRY(way_to(host, place, &way, err));
    switch (way.family) {
    case REDIS_UNIX:
        return dial_unix(&way, deadline_ns, fd, err);
    case REDIS_VSOCK:
        return dial_vsock(&way, deadline_ns, fd, err);
    case REDIS_TCP:
    default:
        return dial_tcp(&way, deadline_ns, fd, err);
    }
}

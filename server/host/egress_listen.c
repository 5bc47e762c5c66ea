/* SPDX-License-Identifier: Apache-2.0 */
#include "host/egress_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 64 };

static tsec_rc
raise_loopback(int fd, struct tsec_err *err)
{
    struct ifreq lo = { .ifr_name = "lo" };

    if (ioctl(fd, SIOCGIFFLAGS, &lo) != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "egress: no loopback interface: %s",
                         strerrordesc_np(errno));
    }
    if ((lo.ifr_flags & IFF_UP) != 0) {
        return TSEC_OK;
    }
    lo.ifr_flags = (short)(lo.ifr_flags | IFF_UP);
    if (ioctl(fd, SIOCSIFFLAGS, &lo) != 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG,
                         "egress: the loopback interface is down (%s): run \"ip link set lo up\" "
                         "before the server",
                         strerrordesc_np(errno));
    }
    return TSEC_OK;
}

tsec_rc
egress_loopback_up(struct tsec_err *err)
{
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "egress: no IPv4: %s", strerrordesc_np(errno));
    }

    const tsec_rc rc = raise_loopback(fd, err);

    (void)close(fd);
    return rc;
}

tsec_rc
egress_listen(int *fd, uint16_t *port, struct tsec_err *err)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(at);

    *fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (*fd >= 0 && bind(*fd, (const struct sockaddr *)&at, sizeof(at)) == 0
        && listen(*fd, BACKLOG) == 0 && getsockname(*fd, (struct sockaddr *)&at, &len) == 0) {
        *port = ntohs(at.sin_port);
        return TSEC_OK;
    }

    const int why = errno;

    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
    return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "egress: cannot listen on 127.0.0.1: %s",
                     strerrordesc_np(why));
}

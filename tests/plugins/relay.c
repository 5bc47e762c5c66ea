/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/relay.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in
loopback(int port)
{
    return (struct sockaddr_in){ .sin_family = AF_INET,
                                 .sin_port = htons((uint16_t)port),
                                 .sin_addr = { htonl(INADDR_LOOPBACK) } };
}

static void
end_pair(int pair[2])
{
    (void)close(pair[0]);
    (void)close(pair[1]);
    pair[0] = -1;
    pair[1] = -1;
}

static void
take_in(struct relay *relay)
{
    const struct sockaddr_in to = loopback(relay->target);
    const int down = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC);
    const int up = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    size_t i = 0;

    while (i < RELAY_PAIRS && relay->pairs[i][0] >= 0) {
        i++;
    }
    atomic_fetch_add(&relay->accepted, 1);
    if (i == RELAY_PAIRS || connect(up, (const struct sockaddr *)&to, sizeof(to)) != 0) {
        (void)close(down);
        (void)close(up);
        return;
    }
    relay->pairs[i][0] = down;
    relay->pairs[i][1] = up;
}

static bool
send_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        const ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

        if (n <= 0) {
            return false;
        }
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

/* False: the pair has ended. */
static bool
carry(struct relay *relay, const int pair[2], bool upwards)
{
    char bytes[16384];
    const ssize_t n = recv(pair[upwards ? 0 : 1], bytes, sizeof(bytes), 0);
    const int delay_ms = atomic_load(&relay->delay_ms);
    const size_t limit = upwards ? atomic_load(&relay->cut_at) : 0;
    size_t len = n > 0 ? (size_t)n : 0;

    if (delay_ms > 0) {
        (void)usleep((useconds_t)delay_ms * 1000);
    }
    if (!upwards && atomic_load(&relay->mode) == RELAY_DEAF) {
        return n > 0;
    }
    if (limit > 0 && len >= limit) {
        atomic_store(&relay->cut_at, 0);
        (void)send_all(pair[1], bytes, limit);
        return false;
    }
    if (limit > 0) {
        atomic_store(&relay->cut_at, limit - len);
    }
    return n > 0 && send_all(pair[upwards ? 1 : 0], bytes, len);
}

static size_t
watched(struct relay *relay, struct pollfd *fds)
{
    const short events = atomic_load(&relay->mode) == RELAY_HOLD ? 0 : POLLIN;

    for (size_t i = 0; i < RELAY_PAIRS; i++) {
        for (size_t side = 0; side < 2; side++) {
            fds[2 * i + side] =
                (struct pollfd){ .fd = events == 0 ? -1 : relay->pairs[i][side], .events = events };
        }
    }
    fds[2 * (size_t)RELAY_PAIRS] = (struct pollfd){ .fd = relay->listener, .events = POLLIN };
    return 2 * (size_t)RELAY_PAIRS + 1;
}

static void *
work(void *ctx)
{
    struct relay *relay = ctx;
    struct pollfd fds[2 * RELAY_PAIRS + 1];

    while (!atomic_load(&relay->stop)) {
        const size_t n = watched(relay, fds);

        (void)poll(fds, n, 2);
        for (size_t i = 0; i < RELAY_PAIRS; i++) {
            int *pair = relay->pairs[i];

            if (pair[0] >= 0
                && (atomic_load(&relay->cut)
                    || (fds[2 * i].revents != 0 && !carry(relay, pair, true))
                    || (fds[2 * i + 1].revents != 0 && !carry(relay, pair, false)))) {
                end_pair(pair);
            }
        }
        atomic_store(&relay->cut, false);
        if (fds[n - 1].revents != 0) {
            take_in(relay);
        }
    }
    return NULL;
}

bool
relay_open(struct relay *relay, int target)
{
    struct sockaddr_in at = loopback(0);
    socklen_t len = sizeof(at);

    memset(relay, 0, sizeof(*relay));
    memset(relay->pairs, 0xff, sizeof(relay->pairs));
    relay->target = target;
    relay->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(relay->listener, (struct sockaddr *)&at, len) != 0 || listen(relay->listener, 64) != 0
        || getsockname(relay->listener, (struct sockaddr *)&at, &len) != 0) {
        return false;
    }
    relay->port = ntohs(at.sin_port);
    return pthread_create(&relay->thread, NULL, work, relay) == 0;
}

void
relay_close(struct relay *relay)
{
    atomic_store(&relay->stop, true);
    (void)pthread_join(relay->thread, NULL);
    for (size_t i = 0; i < RELAY_PAIRS; i++) {
        if (relay->pairs[i][0] >= 0) {
            end_pair(relay->pairs[i]);
        }
    }
    (void)close(relay->listener);
}

void
relay_cut(struct relay *relay)
{
    atomic_store(&relay->cut, true);
    while (atomic_load(&relay->cut)) {
        (void)usleep(1000);
    }
}

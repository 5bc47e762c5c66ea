/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/accept.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { SOURCES_MAX = 16, BATCH = 64, PAUSE_MS = 50 };

struct accept_loop {
    pthread_t thread;
    int wake; /* eventfd: end */
    size_t n;
    accept_take_fn take;
    struct accept_source sources[SOURCES_MAX];
};

static void
hand_over(struct accept_loop *loop, const struct accept_source *source, int fd,
          const struct sockaddr_storage *addr, socklen_t len)
{
    const int on = 1;

    if (source->family == AF_INET || source->family == AF_INET6) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    }
    loop->take(source->ctx, fd, (const struct sockaddr *)addr, len);
}

/* False: out of descriptors or memory, a pause is due. */
static bool
accept_batch(struct accept_loop *loop, const struct accept_source *source)
{
    for (int i = 0; i < BATCH; i++) {
        struct sockaddr_storage addr = { .ss_family = (sa_family_t)source->family };
        socklen_t len = sizeof(addr);
        const int fd =
            accept4(source->fd, (struct sockaddr *)&addr, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0) {
            return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
        }
        addr.ss_family = (sa_family_t)source->family; /* an unnamed Unix peer leaves it out */
        hand_over(loop, source, fd, &addr, len);
    }
    return true;
}

static void *
run(void *arg)
{
    struct accept_loop *loop = arg;
    struct pollfd fds[SOURCES_MAX + 1];
    bool fine = true;

    fds[0] = (struct pollfd){ .fd = loop->wake, .events = POLLIN };
    for (size_t i = 0; i < loop->n; i++) {
        fds[i + 1] = (struct pollfd){ .fd = loop->sources[i].fd, .events = POLLIN };
    }
    while (fds[0].revents == 0) {
        if (poll(fds, fine ? (nfds_t)loop->n + 1 : 1, fine ? -1 : PAUSE_MS) < 0) {
            continue; /* EINTR */
        }
        if (!fine) {
            fine = true;
            continue;
        }
        for (size_t i = 0; i < loop->n && fds[0].revents == 0; i++) {
            if (fds[i + 1].revents != 0 && !accept_batch(loop, &loop->sources[i])) {
                fine = false;
            }
        }
    }
    return NULL;
}

tsec_rc
accept_start(const struct accept_source *sources, size_t n, accept_take_fn take,
             struct accept_loop **out, struct tsec_err *err)
{
    struct accept_loop *loop;

    if (n == 0 || n > SOURCES_MAX) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "between 1 and %d listeners, not %zu", SOURCES_MAX, n);
    }
    loop = calloc(1, sizeof(*loop));
    if (loop == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "accept loop");
    }
    loop->take = take;
    loop->n = n;
    memcpy(loop->sources, sources, n * sizeof(*sources));
    loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->wake < 0 || pthread_create(&loop->thread, NULL, run, loop) != 0) {
        if (loop->wake >= 0) {
            (void)close(loop->wake);
        }
        free(loop);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "accept thread");
    }
    *out = loop;
    return TSEC_OK;
}

void
accept_stop(struct accept_loop *loop)
{
    if (loop == NULL) {
        return;
    }
    (void)eventfd_write(loop->wake, 1);
    (void)pthread_join(loop->thread, NULL);
    (void)close(loop->wake);
    free(loop);
}

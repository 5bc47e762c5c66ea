/* SPDX-License-Identifier: Apache-2.0 */
#include "host/egress_listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/test.h"

static void
it_listens_on_the_loopback_interface_and_nowhere_else(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t len = sizeof(at);
    uint16_t port = 0;
    int fd = -1;

    CU_ASSERT_FALSE_FATAL(tsec_failed(egress_loopback_up(NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(egress_loopback_up(NULL))); /* up already */
    CU_ASSERT_FALSE_FATAL(tsec_failed(egress_listen(&fd, &port, NULL)));
    CU_ASSERT_NOT_EQUAL(port, 0);
    CU_ASSERT_EQUAL_FATAL(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    CU_ASSERT_EQUAL(ntohl(at.sin_addr.s_addr), INADDR_LOOPBACK);
    CU_ASSERT_EQUAL(ntohs(at.sin_port), port);
    (void)close(fd);
}

static void
two_listeners_have_two_ports(void)
{
    uint16_t ports[2] = { 0, 0 };
    int fds[2] = { -1, -1 };

    CU_ASSERT_FALSE_FATAL(tsec_failed(egress_listen(&fds[0], &ports[0], NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(egress_listen(&fds[1], &ports[1], NULL)));
    CU_ASSERT_NOT_EQUAL(ports[0], ports[1]);
    (void)close(fds[0]);
    (void)close(fds[1]);
}

static const struct test_case cases[] = {
    { "it listens on the loopback interface and nowhere else",
      it_listens_on_the_loopback_interface_and_nowhere_else },
    { "two listeners have two ports", two_listeners_have_two_ports },
};

TEST_MAIN("host/egress_listen", cases)

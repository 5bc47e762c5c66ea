/* SPDX-License-Identifier: Apache-2.0 */
#include "host/egress_pair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/test.h"

struct fixture {
    struct egress_pair pair;
    int client;
    int service;
};

static void
start(struct fixture *f)
{
    int near[2];
    int far[2];

    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, near), 0);
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, far), 0);
    f->client = near[0];
    f->service = far[0];
    CU_ASSERT_FALSE_FATAL(tsec_failed(egress_pair_open(near[1], far[1], &f->pair, NULL)));
}

static void
end(struct fixture *f)
{
    egress_pair_close(&f->pair, false);
    (void)close(f->client);
    (void)close(f->service);
}

static enum egress_step
turn(struct fixture *f, int *why)
{
    struct pollfd waits[2];

    egress_pair_wants(&f->pair, waits);
    (void)poll(waits, 2, 0);
    return egress_pair_step(&f->pair, waits, why);
}

/* Steps until nothing moves any more. */
static enum egress_step
settle(struct fixture *f)
{
    enum egress_step step = EGRESS_GOES_ON;
    int why = 0;

    for (int i = 0; i < 8 && step == EGRESS_GOES_ON; i++) {
        step = turn(f, &why);
    }
    return step;
}

static bool
gets(int fd, const char *text)
{
    char got[64] = "";
    const ssize_t n = recv(fd, got, sizeof(got) - 1, MSG_DONTWAIT);

    return n == (ssize_t)strlen(text) && strcmp(got, text) == 0;
}

static void
bytes_are_carried_both_ways(void)
{
    struct fixture f;

    start(&f);
    CU_ASSERT_EQUAL(send(f.client, "question", 8, 0), 8);
    CU_ASSERT_EQUAL(settle(&f), EGRESS_GOES_ON);
    CU_ASSERT_TRUE(gets(f.service, "question"));
    CU_ASSERT_EQUAL(send(f.service, "answer", 6, 0), 6);
    CU_ASSERT_EQUAL(settle(&f), EGRESS_GOES_ON);
    CU_ASSERT_TRUE(gets(f.client, "answer"));
    end(&f);
}

static void
an_end_goes_one_way_and_the_other_stays_open(void)
{
    struct fixture f;

    start(&f);
    CU_ASSERT_EQUAL(send(f.client, "last", 4, 0), 4);
    CU_ASSERT_EQUAL(shutdown(f.client, SHUT_WR), 0);
    CU_ASSERT_EQUAL(settle(&f), EGRESS_GOES_ON);
    CU_ASSERT_TRUE(gets(f.service, "last"));
    CU_ASSERT_TRUE(gets(f.service, "")); /* the end */
    CU_ASSERT_EQUAL(send(f.service, "reply", 5, 0), 5);
    CU_ASSERT_EQUAL(settle(&f), EGRESS_GOES_ON);
    CU_ASSERT_TRUE(gets(f.client, "reply"));
    CU_ASSERT_EQUAL(shutdown(f.service, SHUT_WR), 0);
    CU_ASSERT_EQUAL(settle(&f), EGRESS_DONE);
    CU_ASSERT_TRUE(gets(f.client, ""));
    end(&f);
}

static void
who_does_not_read_stops_who_writes(void)
{
    static char much[1024 * 1024];
    struct fixture f;
    size_t sent = 0;
    size_t got = 0;
    ssize_t n;

    start(&f);
    while ((n = send(f.client, much, sizeof(much), MSG_DONTWAIT)) > 0) {
        sent += (size_t)n;
        (void)settle(&f);
    }
    CU_ASSERT_EQUAL(f.pair.out.to, EGRESS_HOLD);
    CU_ASSERT_TRUE(sent < 4 * sizeof(much)); /* the sockets' own and EGRESS_HOLD, no more */
    CU_ASSERT_EQUAL(shutdown(f.client, SHUT_WR), 0);
    for (int idle = 0; idle < 3;) {
        n = recv(f.service, much, sizeof(much), MSG_DONTWAIT);
        got += n > 0 ? (size_t)n : 0;
        idle = n > 0 ? 0 : idle + 1;
        (void)settle(&f);
    }
    CU_ASSERT_EQUAL(got, sent);
    end(&f);
}

static void
nothing_is_waited_for_where_nothing_can_come(void)
{
    struct pollfd waits[2];
    struct fixture f;

    start(&f);
    CU_ASSERT_EQUAL(settle(&f), EGRESS_GOES_ON);
    egress_pair_wants(&f.pair, waits);
    CU_ASSERT_EQUAL(poll(waits, 2, 0), 0);
    CU_ASSERT_EQUAL(shutdown(f.client, SHUT_WR), 0);
    CU_ASSERT_EQUAL(settle(&f), EGRESS_GOES_ON);
    egress_pair_wants(&f.pair, waits);
    CU_ASSERT_EQUAL(waits[0].fd, -1);
    CU_ASSERT_EQUAL(poll(waits, 2, 0), 0); /* an end does not wake it for ever */
    end(&f);
}

static void
a_side_that_went_away_breaks_the_pair(void)
{
    struct fixture f;

    start(&f);
    CU_ASSERT_EQUAL(settle(&f), EGRESS_GOES_ON);
    (void)close(f.service);
    f.service = dup(f.client);
    CU_ASSERT_EQUAL(send(f.client, "x", 1, 0), 1);
    CU_ASSERT_EQUAL(settle(&f), EGRESS_BROKEN);
    end(&f);
}

static void
a_target_that_refuses_is_told_with_its_reason(void)
{
    struct fixture f;
    int sockets[2];
    int why = 0;
    enum egress_step step;

    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets), 0);
    f.client = sockets[0];
    f.service = dup(f.client);
    /* A socket whose peer is gone with unread bytes has an error to tell. */
    int broken[2];

    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, broken), 0);
    CU_ASSERT_EQUAL(send(broken[1], "x", 1, 0), 1);
    (void)close(broken[0]);
    CU_ASSERT_FALSE_FATAL(tsec_failed(egress_pair_open(sockets[1], broken[1], &f.pair, NULL)));
    step = turn(&f, &why);
    CU_ASSERT_EQUAL(step, EGRESS_UNREACHABLE);
    CU_ASSERT_EQUAL(why, ECONNRESET);
    end(&f);
}

static const struct test_case cases[] = {
    { "bytes are carried both ways", bytes_are_carried_both_ways },
    { "an end goes one way and the other stays open",
      an_end_goes_one_way_and_the_other_stays_open },
    { "who does not read stops who writes", who_does_not_read_stops_who_writes },
    { "nothing is waited for where nothing can come",
      nothing_is_waited_for_where_nothing_can_come },
    { "a side that went away breaks the pair", a_side_that_went_away_breaks_the_pair },
    { "a target that refuses is told with its reason",
      a_target_that_refuses_is_told_with_its_reason },
};

TEST_MAIN("host/egress_pair", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/conn.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tests/gateway/rig.h"
#include "tests/test.h"

static void
pause_ms(long ms)
{
    const struct timespec t = { .tv_nsec = ms * 1000000L };

    (void)nanosleep(&t, NULL);
}

static int64_t
now_ms(void)
{
    return tsec_clock_mono_ns(&tsec_clock_system) / 1000000;
}

/* One byte every 20 ms: libmicrohttpd's own timeout would never fire. */
static int64_t
trickle(int fd, const char *text, int64_t limit_ms)
{
    const int64_t start_ms = now_ms();
    char byte;

    for (size_t i = 0; now_ms() - start_ms < limit_ms; i = text[i + 1] == '\0' ? i : i + 1) {
        if (send(fd, text + i, 1, MSG_NOSIGNAL) != 1
            || recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) >= 0) {
            break;
        }
        pause_ms(20);
    }
    return now_ms() - start_ms;
}

static void
a_head_that_trickles_ends_at_its_deadline(void)
{
    const struct gateway_options options = { .head_ms = 150 };
    struct rig_reply reply;
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    fd = rig_connect(&rig);
    CU_ASSERT_TRUE(trickle(fd, "GET /hello HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaaaaaaaaaa", 3000)
                   < 600);
    rig_read(fd, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 408);
    CU_ASSERT_PTR_NOT_NULL(strstr(reply.body, "\"code\":\"timeout\""));
    CU_ASSERT_TRUE(rig_closed(fd));
    CU_ASSERT_EQUAL(gateway_counts(rig.gateway).timed_out_total, 1);
    CU_ASSERT_EQUAL(rig_asked(), 0);
    (void)close(fd);
    rig_stop(&rig);
}

static void
a_body_that_trickles_ends_at_its_deadline(void)
{
    const struct gateway_options options = { .body_ms = 150 };
    struct rig_reply reply;
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    fd = rig_connect(&rig);
    rig_send_text(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    CU_ASSERT_TRUE(trickle(fd, "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", 3000) < 600);
    rig_read(fd, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 408);
    CU_ASSERT_TRUE(rig_closed(fd));
    CU_ASSERT_EQUAL(rig_asked(), 0);
    (void)close(fd);
    rig_stop(&rig);
}

static void
an_idle_connection_is_closed_quietly(void)
{
    const struct gateway_options options = { .idle_ms = 100 };
    struct rig_reply reply;
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    fd = rig_connect(&rig);
    rig_send_text(fd, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
    rig_read(fd, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    rig_read(fd, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 0); /* no 408 for who asked nothing */
    CU_ASSERT_TRUE(reply.closed);
    (void)close(fd);
    rig_stop(&rig);
}

static void
a_client_that_does_not_read_its_reply_is_shut(void)
{
    const struct gateway_options options = { .reply_ms = 150 };
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    fd = rig_connect(&rig);
    rig_send_text(fd, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    for (int i = 0; i < 100 && gateway_counts(rig.gateway).requests_total == 0; i++) {
        pause_ms(5);
    }
    CU_ASSERT_EQUAL(gateway_counts(rig.gateway).connections, 1);
    for (int i = 0; i < 100 && gateway_counts(rig.gateway).connections > 0; i++) {
        pause_ms(10);
    }
    CU_ASSERT_EQUAL(gateway_counts(rig.gateway).connections, 0);
    CU_ASSERT_EQUAL(gateway_counts(rig.gateway).timed_out_total, 1);
    (void)close(fd);
    rig_stop(&rig);
}

static void
the_api_takes_the_time_it_needs(void)
{
    const struct gateway_options options = {
        .head_ms = 60, .body_ms = 60, .reply_ms = 60, .idle_ms = 60
    };
    struct rig_reply reply;
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    fd = rig_connect(&rig);
    rig_send_text(fd, "GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
    rig_wait_gate(1);
    pause_ms(300);
    rig_open_gate();
    rig_read(fd, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    (void)close(fd);
    rig_stop(&rig);
}

static void
who_is_not_in_time_never_reaches_the_next_phase(void)
{
    static const struct conn_limits limits = { .ms = { [CONN_HEAD] = 20 }, .max = 1 };
    struct conn_table *table = NULL;
    struct conn *conn;
    int pair[2];

    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    CU_ASSERT_FALSE_FATAL(tsec_failed(conn_table_new(&limits, &tsec_clock_system, &table, NULL)));
    CU_ASSERT_TRUE(conn_table_reserve(table));
    CU_ASSERT_FALSE(conn_table_reserve(table));
    conn = conn_add(table, pair[0], false, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(conn);
    CU_ASSERT_TRUE(rig_closed(pair[1]));
    CU_ASSERT_FALSE(conn_enter(conn, CONN_BODY));
    CU_ASSERT_FALSE(conn_enter(conn, CONN_WORK));
    CU_ASSERT_EQUAL(conn_table_timed_out(table), 1);
    conn_remove(conn);
    CU_ASSERT_EQUAL(conn_table_count(table), 0);
    conn_table_free(table);
    (void)close(pair[0]);
    (void)close(pair[1]);
}

static const struct test_case cases[] = {
    { "a head that trickles ends at its deadline", a_head_that_trickles_ends_at_its_deadline },
    { "a body that trickles ends at its deadline", a_body_that_trickles_ends_at_its_deadline },
    { "an idle connection is closed quietly", an_idle_connection_is_closed_quietly },
    { "a client that does not read its reply is shut",
      a_client_that_does_not_read_its_reply_is_shut },
    { "the API takes the time it needs", the_api_takes_the_time_it_needs },
    { "who is not in time never reaches the next phase",
      who_is_not_in_time_never_reaches_the_next_phase },
};

TEST_MAIN("gateway/conn", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "store-redis/redis_wire.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store-redis/redis_deadline.h"
#include "tests/test.h"

/* A wire, and the peer's end of it. */
static int
open_pair(struct redis_wire *wire)
{
    int fds[2];

    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    CU_ASSERT_EQUAL_FATAL(redis_wire_open(wire, fds[0], NULL).code, 0);
    return fds[1];
}

static void
say(int peer, const char *text)
{
    CU_ASSERT_EQUAL(send(peer, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

static void
a_request_is_words_with_their_lengths(void)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(256);

    redis_put_command(&out, 4);
    redis_put_str(&out, "HSET");
    redis_put(&out, tsec_span("a\0\r\n", 4));
    redis_put_str(&out, "");
    redis_put_number(&out, UINT64_MAX);
    CU_ASSERT_TRUE(tsec_span_equal(
        tsec_buf_span(&out),
        tsec_span("*4\r\n$4\r\nHSET\r\n$4\r\na\0\r\n\r\n$0\r\n\r\n$20\r\n18446744073709551615\r\n",
                  57)));
}

static void
several_replies_come_in_order(void)
{
    struct redis_wire wire;
    const int peer = open_pair(&wire);
    struct redis_reply *replies[3] = { NULL };
    char got[64] = "";

    say(peer, ":1\r\n$1\r\nx\r\n*1\r\n:3\r\n");
    CU_ASSERT_EQUAL_FATAL(
        redis_wire_ask(&wire, tsec_span_str("ask"), replies, 3, redis_deadline_in(1000), NULL).code,
        0);
    CU_ASSERT_EQUAL(recv(peer, got, sizeof(got), 0), 3);
    CU_ASSERT_EQUAL(wire.sent, 3);
    CU_ASSERT_EQUAL(replies[0]->integer, 1);
    CU_ASSERT_TRUE(tsec_span_is(replies[1]->text, "x"));
    CU_ASSERT_TRUE(redis_reply_is_array(replies[2], 1));
    CU_ASSERT_TRUE(redis_wire_is_quiet(&wire));
    for (size_t i = 0; i < 3; i++) {
        redis_reply_free(replies[i]);
    }
    redis_wire_close(&wire);
    redis_wire_close(&wire);
    (void)close(peer);
}

/* The whole time counts, not that between two bytes. */
static void *
drip(void *ctx)
{
    const int peer = *(const int *)ctx;

    while (send(peer, "+", 1, MSG_NOSIGNAL) == 1) {
        (void)usleep(10000);
    }
    return NULL;
}

static void
a_deadline_is_kept_whatever_the_peer_does(void)
{
    for (int drips = 0; drips < 2; drips++) {
        struct redis_wire wire;
        int peer = open_pair(&wire);
        struct redis_reply *reply = NULL;
        const int64_t before = redis_now_ns();
        pthread_t thread;

        if (drips == 1) {
            CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, drip, &peer), 0);
        }
        CU_ASSERT_EQUAL(
            redis_wire_ask(&wire, tsec_span_str("ask"), &reply, 1, redis_deadline_in(150), NULL)
                .code,
            TSEC_E_UNAVAILABLE);
        CU_ASSERT_PTR_NULL(reply);
        CU_ASSERT_TRUE(redis_now_ns() - before >= 140 * REDIS_NS_PER_MS);
        CU_ASSERT_TRUE(redis_now_ns() - before < 1000 * REDIS_NS_PER_MS);
        redis_wire_close(&wire);
        if (drips == 1) {
            (void)pthread_join(thread, NULL);
        }
        (void)close(peer);
    }
}

/* What a peer does not take was not sent, and it is told how much was. */
static void
a_request_that_does_not_get_through_was_not_sent_whole(void)
{
    enum { SIZE = 8 * 1024 * 1024 };
    struct redis_wire wire;
    const int peer = open_pair(&wire);
    uint8_t *big = calloc(1, SIZE);
    struct redis_reply *reply = NULL;

    CU_ASSERT_PTR_NOT_NULL_FATAL(big);
    CU_ASSERT_EQUAL(
        redis_wire_ask(&wire, tsec_span(big, SIZE), &reply, 1, redis_deadline_in(100), NULL).code,
        TSEC_E_UNAVAILABLE);
    CU_ASSERT_TRUE(wire.sent > 0 && wire.sent < SIZE);
    free(big);
    redis_wire_close(&wire);
    (void)close(peer);
}

static void
an_answer_without_end_is_cut_off(void)
{
    struct redis_wire wire;
    const int peer = open_pair(&wire);
    struct redis_reply *reply = NULL;
    const pid_t child = fork();

    if (child == 0) {
        static const char piece[65536] = "$1000000000\r\n";

        (void)close(wire.fd); /* or its end would never come */
        while (send(peer, piece, sizeof(piece), MSG_NOSIGNAL) > 0) {
        }
        _exit(0);
    }
    (void)close(peer);
    CU_ASSERT_EQUAL(
        redis_wire_ask(&wire, tsec_span_str("ask"), &reply, 1, redis_deadline_in(5000), NULL).code,
        TSEC_E_UNAVAILABLE);
    CU_ASSERT_TRUE(wire.reader->len <= REDIS_REPLY_BYTES_MAX);
    redis_wire_close(&wire);
    CU_ASSERT_EQUAL(waitpid(child, NULL, 0), child);
}

static void
a_peer_that_leaves_is_noticed(void)
{
    struct redis_wire wire;
    int peer = open_pair(&wire);
    struct redis_reply *replies[2] = { NULL };

    CU_ASSERT_TRUE(redis_wire_is_quiet(&wire));
    say(peer, ":1\r\n:2");
    (void)shutdown(peer, SHUT_WR);
    CU_ASSERT_FALSE(redis_wire_is_quiet(&wire));
    CU_ASSERT_EQUAL(
        redis_wire_ask(&wire, tsec_span_str("ask"), replies, 2, redis_deadline_in(1000), NULL).code,
        TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NULL(replies[0]); /* the first is not handed out alone */
    redis_wire_close(&wire);
    (void)close(peer);
    peer = open_pair(&wire);
    (void)close(peer);
    CU_ASSERT_FALSE(redis_wire_is_quiet(&wire));
    CU_ASSERT_EQUAL(
        redis_wire_ask(&wire, tsec_span_str("ask"), replies, 1, redis_deadline_in(1000), NULL).code,
        TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(wire.sent, 0);
    redis_wire_close(&wire);
}

static const struct test_case cases[] = {
    { "a request is words with their lengths", a_request_is_words_with_their_lengths },
    { "several replies come in order", several_replies_come_in_order },
    { "a deadline is kept whatever the peer does", a_deadline_is_kept_whatever_the_peer_does },
    { "a request that does not get through was not sent whole",
      a_request_that_does_not_get_through_was_not_sent_whole },
    { "an answer without end is cut off", an_answer_without_end_is_cut_off },
    { "a peer that leaves is noticed", a_peer_that_leaves_is_noticed },
};

TEST_MAIN("redis_wire", cases)

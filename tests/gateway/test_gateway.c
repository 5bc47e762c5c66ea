/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/gateway.h"

#include <pthread.h>
#include <unistd.h>

#include "tests/gateway/rig.h"
#include "tests/test.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static void *
drain(void *arg)
{
    static bool drained;

    drained = gateway_drain(arg, 5000);
    return &drained;
}

static void
draining_finishes_what_was_accepted(void)
{
    const struct gateway_options options = { .threads = 2 };
    struct rig_reply reply;
    pthread_t thread;
    void *drained = NULL;
    char value[256];
    struct rig rig;
    int busy;
    int idle;

    rig_start(&rig, &options);
    idle = rig_connect(&rig);
    rig_send_text(idle, GET("/hello"));
    rig_read(idle, false, &reply);
    busy = rig_connect(&rig);
    rig_send_text(busy, GET("/gate"));
    rig_wait_gate(1);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, drain, rig.gateway), 0);
    CU_ASSERT_TRUE(rig_closed(idle)); /* at once, not when its time is over */
    rig_open_gate();
    rig_read(busy, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    CU_ASSERT_PTR_NOT_NULL_FATAL(rig_header(&reply, "Connection", value));
    CU_ASSERT_STRING_EQUAL(value, "close");
    CU_ASSERT_TRUE(rig_closed(busy));
    CU_ASSERT_EQUAL(pthread_join(thread, &drained), 0);
    CU_ASSERT_TRUE(*(bool *)drained);
    (void)close(idle);
    (void)close(busy);
    rig_stop(&rig);
}

static void
draining_tells_that_it_took_too_long(void)
{
    const struct gateway_options options = { .threads = 2 };
    struct rig_reply reply;
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    fd = rig_connect(&rig);
    rig_send_text(fd, GET("/gate"));
    rig_wait_gate(1);
    CU_ASSERT_FALSE(gateway_drain(rig.gateway, 20));
    CU_ASSERT_EQUAL(gateway_counts(rig.gateway).requests_active, 1);
    rig_open_gate();
    rig_read(fd, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    CU_ASSERT_TRUE(gateway_drain(rig.gateway, 5000)); /* again is harmless */
    (void)close(fd);
    rig_stop(&rig);
}

static void
counts_say_what_happened(void)
{
    const struct gateway_options options = { 0 };
    struct gateway_counts counts;
    struct rig_reply reply;
    struct rig rig;

    rig_start(&rig, &options);
    rig_ask_text(&rig, GET("/hello"), &reply);
    rig_ask_text(&rig, GET("/hello"), &reply);
    rig_ask_text(&rig, GET("//"), &reply);
    counts = gateway_counts(rig.gateway);
    CU_ASSERT_EQUAL(counts.requests_total, 2);
    CU_ASSERT_EQUAL(counts.refused_total, 1);
    CU_ASSERT_EQUAL(counts.timed_out_total, 0);
    rig_stop(&rig);
}

static void
starting_and_stopping_with_clients_about_does_no_harm(void)
{
    const struct gateway_options options = { .threads = 2 };

    for (int i = 0; i < 20; i++) {
        struct rig rig;
        int fds[8];

        rig_start(&rig, &options);
        for (size_t k = 0; k < TSEC_ARRAY_LEN(fds); k++) {
            fds[k] = rig_connect(&rig);
            rig_send_text(fds[k], k % 2 == 0 ? GET("/later") : "GET /hel");
        }
        rig_stop(&rig);
        for (size_t k = 0; k < TSEC_ARRAY_LEN(fds); k++) {
            CU_ASSERT_TRUE(rig_closed(fds[k]));
            (void)close(fds[k]);
        }
    }
}

static const struct test_case cases[] = {
    { "draining finishes what was accepted", draining_finishes_what_was_accepted },
    { "draining tells that it took too long", draining_tells_that_it_took_too_long },
    { "counts say what happened", counts_say_what_happened },
    { "starting and stopping with clients about does no harm",
      starting_and_stopping_with_clients_about_does_no_harm },
};

TEST_MAIN("gateway/gateway", cases)

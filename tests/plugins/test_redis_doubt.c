/* SPDX-License-Identifier: Apache-2.0 */
/* wait_replicas: what replicas do not have is not acknowledged, and not read either. */
#include "store-redis/redis_doubt.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "tests/plugins/redis_trial.h"

static const char *const quick[] = { "call_timeout_ms", "400", NULL };
static const char *const patient[] = { "call_timeout_ms", "5000", NULL };
static struct redis_rig rig;
static struct redis_rig replica;

static void
follow(void)
{
    char line[64];

    (void)snprintf(line, sizeof(line), "REPLICAOF 127.0.0.1 %u", rig.port);
    CU_ASSERT_TRUE(redis_rig_says(&replica, line, "+OK"));
    CU_ASSERT_TRUE(redis_rig_until(&rig, "INFO replication", "state=online", 8000));
}

static void
start_replica(void)
{
    redis_rig_init(&replica, "replica", NULL);
    CU_ASSERT_TRUE_FATAL(redis_rig_start(&replica));
    follow();
}

static void
open_waiting(struct redis_trial *trial, const char *options, const char *const *settings)
{
    char uri[400];

    redis_rig_uri(&rig, options, uri, sizeof(uri));
    CU_ASSERT_EQUAL_FATAL(redis_trial_open(trial, uri, settings), 0);
}

static void
without_a_replica_nothing_is_acknowledged_or_read(void)
{
    struct redis_trial trial;

    open_waiting(&trial, "wait_replicas=1&prefix=none", quick);
    CU_ASSERT_EQUAL(redis_trial_get(&trial, "a", ""), TSEC_E_UNAVAILABLE);
    /* In words, unless the machine is too busy for the answer to come in time. */
    CU_ASSERT_TRUE(strstr(trial.err.detail, "replicas") != NULL
                   || strstr(trial.err.detail, "in time") != NULL);
    CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "1"), TSEC_E_UNAVAILABLE);
    redis_trial_close(&trial);
    /* It was not even sent. */
    open_waiting(&trial, "prefix=none", quick);
    CU_ASSERT_TRUE(redis_trial_lacks(&trial, "a"));
    redis_trial_close(&trial);
}

static void
what_was_acknowledged_is_on_the_replica(void)
{
    struct redis_trial trial;

    start_replica();
    open_waiting(&trial, "wait_replicas=1&prefix=one", patient);
    CU_ASSERT_TRUE(redis_trial_put_within(&trial, "first", "1", 5000));
    for (int i = 0; i < 50; i++) {
        char key[24];
        char line[64];

        (void)snprintf(key, sizeof(key), "k%d", i);
        CU_ASSERT_EQUAL(redis_trial_put_new(&trial, key, "1"), 0);
        (void)snprintf(line, sizeof(line), "HGET {one}:kv %s", key);
        CU_ASSERT_TRUE(redis_rig_says(&replica, line, "$1\r\n1"));
    }
    redis_trial_close(&trial);
    open_waiting(&trial, "wait_replicas=2&prefix=one", quick);
    CU_ASSERT_EQUAL(redis_trial_put(&trial, "k", "1"), TSEC_E_UNAVAILABLE);
    redis_trial_close(&trial);
}

static void
a_short_wait_is_unknown_and_nothing_is_read_until_it_is_made_up(void)
{
    struct redis_trial trial;
    struct redis_trial other;
    char gone[64];

    open_waiting(&trial, "wait_replicas=1&prefix=short", quick);
    CU_ASSERT_TRUE(redis_trial_put_within(&trial, "a", "1", 5000));
    redis_rig_pause(&replica);
    CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "2"), TSEC_E_OUTCOME_UNKNOWN);
    /* The master has it, and could lose it: it is not shown. */
    CU_ASSERT_EQUAL(redis_trial_get(&trial, "a", "2"), TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "3"), TSEC_E_UNAVAILABLE);
    /* Nor to another server that comes new to it. */
    open_waiting(&other, "wait_replicas=1&prefix=short", quick);
    CU_ASSERT_EQUAL(redis_trial_get(&other, "a", "2"), TSEC_E_UNAVAILABLE);
    redis_trial_close(&other);
    redis_rig_resume(&replica);
    for (int i = 0; i < 400 && !redis_trial_holds(&trial, "a", "2"); i++) {
        (void)usleep(5000);
    }
    CU_ASSERT_TRUE(redis_trial_holds(&trial, "a", "2"));
    CU_ASSERT_TRUE(redis_rig_ask(&replica, "HGET {short}:kv a", gone, sizeof(gone)));
    CU_ASSERT_STRING_EQUAL(gone, "$1\r\n2\r\n");
    CU_ASSERT_TRUE(redis_trial_put_within(&trial, "a", "3", 5000));
    redis_trial_close(&trial);
}

/* Made master by hand: what was acknowledged is there, and what was not is in doubt only. */
static void
a_promoted_replica_has_all_that_was_acknowledged(void)
{
    struct redis_trial trial;
    char uri[400];
    char key[24];
    int n = 0;

    (void)snprintf(uri, sizeof(uri),
                   "redis://127.0.0.1:%u,127.0.0.1:%u/0?wait_replicas=1&prefix=promoted", rig.port,
                   replica.port);
    CU_ASSERT_EQUAL_FATAL(redis_trial_open(&trial, uri, patient), 0);
    while (n < 40) {
        (void)snprintf(key, sizeof(key), "n%04d", n);
        CU_ASSERT_EQUAL(redis_trial_put_new(&trial, key, key), 0);
        n++;
    }
    redis_trial_close(&trial);
    redis_rig_kill(&rig);
    CU_ASSERT_TRUE(redis_rig_says(&replica, "REPLICAOF NO ONE", "+OK"));
    (void)snprintf(uri, sizeof(uri), "redis://127.0.0.1:%u,127.0.0.1:%u/0?prefix=promoted",
                   rig.port, replica.port);
    CU_ASSERT_EQUAL_FATAL(redis_trial_open(&trial, uri, patient), 0);
    CU_ASSERT_EQUAL(redis_trial_count(&trial, "n"), n);
    redis_trial_close(&trial);
    redis_rig_kill(&replica);
}

static void
wait_asks_for_nearly_the_time_that_is_left(void)
{
    struct redis_access access = { .uri = { .wait_replicas = 2 } };
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(128);
    struct redis_reply reply = { .type = REDIS_REPLY_INTEGER, .integer = 2 };

    /* 0 would mean for ever. */
    redis_put_wait(&out, &access, 0);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&out), "*3\r\n$4\r\nWAIT\r\n$1\r\n2\r\n$1\r\n1\r\n"));
    CU_ASSERT_TRUE(redis_wait_is_enough(&reply, &access));
    reply.integer = 1;
    CU_ASSERT_FALSE(redis_wait_is_enough(&reply, &access));
    reply.type = REDIS_REPLY_STRING;
    reply.integer = 2;
    CU_ASSERT_FALSE(redis_wait_is_enough(&reply, &access));
    CU_ASSERT_FALSE(redis_wait_is_enough(NULL, &access));
}

static const struct test_case cases[] = {
    { "WAIT asks for nearly the time that is left", wait_asks_for_nearly_the_time_that_is_left },
    { "without a replica nothing is acknowledged or read",
      without_a_replica_nothing_is_acknowledged_or_read },
    { "what was acknowledged is on the replica", what_was_acknowledged_is_on_the_replica },
    { "a short wait is unknown, and nothing is read until it is made up",
      a_short_wait_is_unknown_and_nothing_is_read_until_it_is_made_up },
    { "a promoted replica has all that was acknowledged",
      a_promoted_replica_has_all_that_was_acknowledged },
};

int
main(void)
{
    return redis_trial_main("redis_doubt", cases, TSEC_ARRAY_LEN(cases), &rig, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* That a commit is refused before it did anything, whatever Redis refuses it for. */
#include "store-redis/redis_script.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store-redis/redis_dial.h"
#include "store-redis/redis_wire.h"
#include "tests/plugins/redis_trial.h"

static struct redis_rig rig;

static void
the_numbers_are_those_that_redis_computes(void)
{
    for (int i = 0; i < REDIS_SCRIPT_COUNT; i++) {
        TSEC_AUTO_BUF struct tsec_buf request = TSEC_BUF_INIT(65536);
        struct redis_place place = { .family = REDIS_UNIX };
        struct fake_host fake;
        struct redis_reply *reply = NULL;
        struct redis_wire wire;
        int fd = -1;

        fake_host_init(&fake, NULL);
        (void)snprintf(place.host, sizeof(place.host), "%.250s", rig.socket);
        CU_ASSERT_EQUAL_FATAL(redis_dial(&fake.host, &place, INT64_MAX, &fd, NULL).code, 0);
        CU_ASSERT_EQUAL_FATAL(redis_wire_open(&wire, fd, NULL).code, 0);
        redis_put_command(&request, 3);
        redis_put_str(&request, "SCRIPT");
        redis_put_str(&request, "LOAD");
        redis_put_str(&request, redis_script_text((enum redis_script)i));
        CU_ASSERT_EQUAL(
            redis_wire_ask(&wire, tsec_buf_span(&request), &reply, 1, INT64_MAX, NULL).code, 0);
        CU_ASSERT_TRUE(redis_reply_is(reply, REDIS_REPLY_STRING)
                       && tsec_span_is(reply->text, redis_script_sha((enum redis_script)i)));
        redis_reply_free(reply);
        redis_wire_close(&wire);
    }
}

/* Two puts and two deletes, of what is there and of what is not. */
static int32_t
commit_four(struct redis_trial *trial)
{
    const struct tsec_store_op ops[] = {
        { TSEC_STORE_PUT, TSEC_STORE_ANY, tsec_span_str("old"), tsec_span_str("2") },
        { TSEC_STORE_PUT, TSEC_STORE_ABSENT, tsec_span_str("new"), tsec_span_str("2") },
        { TSEC_STORE_DELETE, TSEC_STORE_PRESENT, tsec_span_str("gone"), { NULL, 0 } },
        { TSEC_STORE_DELETE, TSEC_STORE_ANY, tsec_span_str("never"), { NULL, 0 } },
    };

    trial->err = (struct tsec_err){ 0 };
    return redis_ops()->commit(trial->store, ops, TSEC_ARRAY_LEN(ops), &trial->err).code;
}

static bool
is_as_before(struct redis_trial *trial)
{
    return redis_trial_holds(trial, "old", "1") && redis_trial_holds(trial, "gone", "1")
           && redis_trial_lacks(trial, "new") && redis_trial_count(trial, "") == 2;
}

static bool
is_as_after(struct redis_trial *trial)
{
    return redis_trial_holds(trial, "old", "2") && redis_trial_lacks(trial, "gone")
           && redis_trial_holds(trial, "new", "2") && redis_trial_count(trial, "") == 2;
}

/* A store of its own, with a user of its own who may do all of it. */
static void
open_with_two(struct redis_trial *trial)
{
    static unsigned n;
    char uri[400];

    CU_ASSERT_TRUE(redis_rig_says(&rig, "ACL SETUSER tee on >p resetkeys ~* +@all", "+OK"));
    (void)snprintf(uri, sizeof(uri), "redis://tee:p@127.0.0.1:%u/0?prefix=script%u", rig.port, n++);
    CU_ASSERT_EQUAL_FATAL(redis_trial_open(trial, uri, NULL), 0);
    CU_ASSERT_EQUAL(redis_trial_put(trial, "old", "1"), 0);
    CU_ASSERT_EQUAL(redis_trial_put(trial, "gone", "1"), 0);
}

/* What makes Redis refuse, what it is called, and what ends it. */
static const struct {
    const char *begin;
    int32_t code;
    const char *end;
} refusals[] = {
    { "CONFIG SET maxmemory 1", TSEC_E_UNAVAILABLE, "CONFIG SET maxmemory 0" },
    { "CONFIG SET min-replicas-to-write 1", TSEC_E_UNAVAILABLE,
      "CONFIG SET min-replicas-to-write 0" },
    { "ACL SETUSER tee -hset", TSEC_E_UNAVAILABLE, "ACL SETUSER tee +hset" },
    { "ACL SETUSER tee -zadd", TSEC_E_UNAVAILABLE, "ACL SETUSER tee +zadd" },
    { "ACL SETUSER tee -hdel", TSEC_E_UNAVAILABLE, "ACL SETUSER tee +hdel" },
    { "ACL SETUSER tee -zrem", TSEC_E_UNAVAILABLE, "ACL SETUSER tee +zrem" },
    { "ACL SETUSER tee -evalsha", TSEC_E_UNAVAILABLE, "ACL SETUSER tee +evalsha" },
};

static void
what_redis_refuses_is_refused_whole(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(refusals); i++) {
        struct redis_trial trial;

        open_with_two(&trial);
        CU_ASSERT_TRUE(redis_rig_says(&rig, refusals[i].begin, "+OK"));
        CU_ASSERT_EQUAL(commit_four(&trial), refusals[i].code);
        CU_ASSERT_TRUE(strlen(trial.err.detail) > 20);
        CU_ASSERT_TRUE(redis_rig_says(&rig, refusals[i].end, "+OK"));
        CU_ASSERT_TRUE(is_as_before(&trial));
        CU_ASSERT_EQUAL(commit_four(&trial), 0);
        CU_ASSERT_TRUE(is_as_after(&trial));
        redis_trial_close(&trial);
    }
}

/* Deleting is how one gets out of it. */
static void
without_memory_one_can_still_delete(void)
{
    struct redis_trial trial;
    const struct tsec_store_op gone = {
        TSEC_STORE_DELETE, TSEC_STORE_PRESENT, tsec_span_str("gone"), { NULL, 0 }
    };

    open_with_two(&trial);
    CU_ASSERT_TRUE(redis_rig_says(&rig, "CONFIG SET maxmemory 1", "+OK"));
    CU_ASSERT_EQUAL(redis_ops()->commit(trial.store, &gone, 1, NULL).code, 0);
    CU_ASSERT_TRUE(redis_trial_lacks(&trial, "gone"));
    CU_ASSERT_TRUE(redis_trial_holds(&trial, "old", "1"));
    CU_ASSERT_TRUE(redis_rig_says(&rig, "CONFIG SET maxmemory 0", "+OK"));
    redis_trial_close(&trial);
}

/* Keys that somebody else made, or changed, while the store is open. */
static void
what_is_not_ours_is_left_alone(void)
{
    for (size_t i = 0; i < 2; i++) {
        struct redis_trial trial;
        char uri[400];
        char prefix[24];
        char line[128];

        (void)snprintf(prefix, sizeof(prefix), "spoil%zu", i);
        (void)snprintf(line, sizeof(line), "prefix=%s", prefix);
        redis_rig_uri(&rig, line, uri, sizeof(uri));
        CU_ASSERT_EQUAL_FATAL(redis_trial_open(&trial, uri, NULL), 0);
        (void)snprintf(line, sizeof(line), i == 0 ? "SET {%s}:kv mine" : "HSET {%s}:kv \"\" other",
                       prefix);
        CU_ASSERT_TRUE(redis_rig_says(&rig, line, i == 0 ? "+OK" : ":0"));
        CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "1"), TSEC_E_TAMPERED);
        CU_ASSERT_TRUE(redis_trial_get(&trial, "a", "1") != 0);
        (void)snprintf(line, sizeof(line), i == 0 ? "GET {%s}:kv" : "HLEN {%s}:kv", prefix);
        CU_ASSERT_TRUE(redis_rig_says(&rig, line, i == 0 ? "$4\r\nmine" : ":1"));
        redis_trial_close(&trial);
    }
}

/* An emptied database is an empty store: what it lacks, the ledger notices. */
static void
an_emptied_database_conflicts_with_what_was_there(void)
{
    struct redis_trial trial;

    open_with_two(&trial);
    CU_ASSERT_TRUE(redis_rig_says(&rig, "FLUSHALL", "+OK"));
    CU_ASSERT_EQUAL(commit_four(&trial), TSEC_E_CONFLICT);
    CU_ASSERT_TRUE(redis_trial_lacks(&trial, "old"));
    CU_ASSERT_EQUAL(redis_trial_put_new(&trial, "old", "3"), 0);
    CU_ASSERT_EQUAL(redis_trial_count(&trial, ""), 1);
    redis_trial_close(&trial);
}

/* Redis answers -BUSY to everybody while a script of somebody else runs on. */
static void
while_redis_is_busy_nothing_is_applied(void)
{
    static const char *const quick[] = { "call_timeout_ms", "1000", NULL };
    struct redis_trial trial;
    char uri[400];
    char reply[64];

    redis_rig_uri(&rig, "prefix=busy", uri, sizeof(uri));
    CU_ASSERT_EQUAL_FATAL(redis_trial_open(&trial, uri, quick), 0);
    CU_ASSERT_TRUE(redis_rig_says(&rig, "CONFIG SET busy-reply-threshold 20", "+OK"));
    /* Does not wait for an answer, for there is none. */
    if (fork() == 0) {
        (void)redis_rig_ask(&rig, "EVAL \"while true do end\" 0", reply, sizeof(reply));
        _exit(0);
    }
    CU_ASSERT_TRUE(redis_rig_until(&rig, "PING", "-BUSY", 2000));
    CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "1"), TSEC_E_UNAVAILABLE);
    CU_ASSERT_TRUE(redis_rig_says(&rig, "SCRIPT KILL", "+OK"));
    CU_ASSERT_TRUE(redis_rig_until(&rig, "PING", "+PONG", 2000));
    CU_ASSERT_TRUE(redis_trial_lacks(&trial, "a"));
    CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "1"), 0);
    redis_trial_close(&trial);
}

/* After SCRIPT FLUSH, or a restart, Redis knows no script. */
static void
a_forgotten_script_is_sent_again(void)
{
    struct redis_trial trial;

    open_with_two(&trial);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_TRUE(redis_rig_says(&rig, "SCRIPT FLUSH", "+OK"));
        CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "1"), 0);
        CU_ASSERT_TRUE(redis_rig_says(&rig, "SCRIPT FLUSH", "+OK"));
        CU_ASSERT_EQUAL(redis_trial_count(&trial, ""), 3);
    }
    redis_trial_close(&trial);
}

static const struct test_case cases[] = {
    { "the numbers are those that Redis computes", the_numbers_are_those_that_redis_computes },
    { "what Redis refuses is refused whole", what_redis_refuses_is_refused_whole },
    { "without memory one can still delete", without_memory_one_can_still_delete },
    { "what is not ours is left alone", what_is_not_ours_is_left_alone },
    { "an emptied database conflicts with what was there",
      an_emptied_database_conflicts_with_what_was_there },
    { "while Redis is busy nothing is applied", while_redis_is_busy_nothing_is_applied },
    { "a forgotten script is sent again", a_forgotten_script_is_sent_again },
};

int
main(void)
{
    return redis_trial_main("redis_script", cases, TSEC_ARRAY_LEN(cases), &rig, NULL);
}

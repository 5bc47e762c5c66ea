/* SPDX-License-Identifier: Apache-2.0 */
/* What is lost, and what is said of it, when server and network break. */
#include "store-redis/redis_call.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/double/stream_proxy.h"
#include "tests/plugins/redis_trial.h"

enum { QUICK_MS = 300 };

static const char *const quick[] = { "call_timeout_ms", "300", NULL };
static struct redis_rig rig;

static void
open_at(struct redis_trial *trial, const char *path, const char *options)
{
    char uri[400];

    (void)snprintf(uri, sizeof(uri), "redis+unix://%s?%s", path, options);
    CU_ASSERT_EQUAL_FATAL(redis_trial_open(trial, uri, quick), 0);
}

/* ---- the server dies ---- */

struct writer {
    struct redis_trial *trial;
    atomic_uint acknowledged; /* the numbers below this one */
    int32_t code;             /* that ended it */
};

static void *
write_until_it_fails(void *ctx)
{
    struct writer *writer = ctx;
    char key[24];

    do {
        (void)snprintf(key, sizeof(key), "n%06u", writer->acknowledged);
        writer->code = redis_trial_put_new(writer->trial, key, key);
        writer->acknowledged += writer->code == 0 ? 1 : 0;
    } while (writer->code == 0);
    return NULL;
}

static void
check_numbers(struct redis_trial *trial, unsigned acknowledged)
{
    char key[24];
    int n;

    for (unsigned i = 0; i < acknowledged; i++) {
        (void)snprintf(key, sizeof(key), "n%06u", i);
        CU_ASSERT_TRUE(redis_trial_holds(trial, key, key));
    }
    n = redis_trial_count(trial, "n");
    CU_ASSERT_TRUE(n == (int)acknowledged || n == (int)acknowledged + 1);
}

static void
what_was_acknowledged_survives_a_killed_server(void)
{
    for (unsigned round = 0; round < 4; round++) {
        struct redis_trial trial;
        struct writer writer = { .trial = &trial };
        pthread_t thread;
        char options[32];

        (void)snprintf(options, sizeof(options), "prefix=kill%u", round);
        open_at(&trial, rig.socket, options);
        CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, write_until_it_fails, &writer), 0);
        for (int i = 0; i < 1000 && atomic_load(&writer.acknowledged) < 3 + 20 * round; i++) {
            (void)usleep(5000);
        }
        redis_rig_kill(&rig);
        (void)pthread_join(thread, NULL);
        CU_ASSERT_TRUE(atomic_load(&writer.acknowledged) > 0);
        CU_ASSERT_TRUE(writer.code == TSEC_E_OUTCOME_UNKNOWN || writer.code == TSEC_E_UNAVAILABLE);
        CU_ASSERT_EQUAL(redis_trial_get(&trial, "n000000", ""), TSEC_E_UNAVAILABLE);
        CU_ASSERT_EQUAL(redis_trial_health(&trial), TSEC_E_UNAVAILABLE);
        CU_ASSERT_TRUE_FATAL(redis_rig_start(&rig));
        CU_ASSERT_TRUE(redis_trial_put_within(&trial, "again", "1", 5000));
        check_numbers(&trial, writer.acknowledged);
        CU_ASSERT_EQUAL(redis_trial_health(&trial), 0);
        redis_trial_close(&trial);
    }
}

/* A crash may leave half of the last transaction at the end of the log. */
static void
cut_the_log(off_t bytes)
{
    char folder[300];
    DIR *dir;
    const struct dirent *entry;

    (void)snprintf(folder, sizeof(folder), "%s/appendonlydir", rig.dir);
    dir = opendir(folder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(dir);
    while ((entry = readdir(dir)) != NULL) {
        if (strstr(entry->d_name, ".incr.aof") != NULL) {
            const int fd = openat(dirfd(dir), entry->d_name, O_RDWR | O_CLOEXEC);

            CU_ASSERT_EQUAL(ftruncate(fd, lseek(fd, 0, SEEK_END) - bytes), 0);
            (void)close(fd);
        }
    }
    (void)closedir(dir);
}

static void
a_torn_end_of_the_log_takes_one_commit_whole(void)
{
    static const struct tsec_store_op ops[] = {
        { TSEC_STORE_PUT, TSEC_STORE_ANY, { (const uint8_t *)"t1", 2 }, { NULL, 0 } },
        { TSEC_STORE_PUT, TSEC_STORE_ANY, { (const uint8_t *)"t2", 2 }, { NULL, 0 } },
    };
    struct redis_trial trial;

    open_at(&trial, rig.socket, "prefix=torn");
    CU_ASSERT_EQUAL(redis_trial_put(&trial, "t0", "1"), 0);
    CU_ASSERT_EQUAL(redis_ops()->commit(trial.store, ops, 2, NULL).code, 0);
    redis_rig_kill(&rig);
    cut_the_log(40);
    CU_ASSERT_TRUE_FATAL(redis_rig_start(&rig));
    CU_ASSERT_TRUE(redis_trial_put_within(&trial, "t3", "1", 5000));
    CU_ASSERT_TRUE(redis_trial_holds(&trial, "t0", "1"));
    CU_ASSERT_TRUE(redis_trial_lacks(&trial, "t1"));
    CU_ASSERT_TRUE(redis_trial_lacks(&trial, "t2"));
    CU_ASSERT_EQUAL(redis_trial_count(&trial, "t"), 2);
    redis_trial_close(&trial);
}

/* Started again by somebody who saved on the flushes. */
static void
another_configuration_after_a_restart_is_refused(void)
{
    static const char *const everysec[] = { "--appendfsync", "everysec", NULL };
    struct redis_trial trial;

    open_at(&trial, rig.socket, "prefix=conf");
    CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "1"), 0);
    redis_rig_stop(&rig);
    rig.args = everysec;
    CU_ASSERT_TRUE_FATAL(redis_rig_start(&rig));
    CU_ASSERT_FALSE(redis_trial_put_within(&trial, "a", "2", 600));
    CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "2"), TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(trial.err.detail, "appendfsync always"));
    CU_ASSERT_EQUAL(redis_trial_health(&trial), TSEC_E_UNAVAILABLE);
    CU_ASSERT_TRUE(redis_rig_says(&rig, "CONFIG SET appendfsync always", "+OK"));
    CU_ASSERT_TRUE(redis_trial_put_within(&trial, "b", "1", 5000));
    CU_ASSERT_TRUE(redis_trial_holds(&trial, "a", "1"));
    rig.args = NULL;
    redis_trial_close(&trial);
}

/* ---- the connection dies ---- */

static void
killed_connections_are_replaced_unseen(void)
{
    struct redis_trial trial;

    open_at(&trial, rig.socket, "prefix=client");
    CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "0"), 0);
    for (int i = 0; i < 10; i++) {
        CU_ASSERT_TRUE(redis_rig_says(&rig, "CLIENT KILL TYPE normal SKIPME yes", ":"));
        CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "1"), 0);
        CU_ASSERT_TRUE(redis_rig_says(&rig, "CLIENT KILL TYPE normal SKIPME yes", ":"));
        CU_ASSERT_TRUE(redis_trial_holds(&trial, "a", "1"));
    }
    redis_trial_close(&trial);
}

static void
a_paused_server_is_waited_for_no_longer_than_said(void)
{
    struct redis_trial trial;
    int64_t before;

    open_at(&trial, rig.socket, "prefix=paused");
    CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "1"), 0);
    redis_rig_pause(&rig);
    before = redis_trial_ms();
    CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "2"), TSEC_E_OUTCOME_UNKNOWN);
    CU_ASSERT_TRUE(redis_trial_ms() - before < QUICK_MS + 500);
    /* Connects, for the kernel does; says nothing. */
    before = redis_trial_ms();
    CU_ASSERT_EQUAL(redis_trial_get(&trial, "a", "1"), TSEC_E_UNAVAILABLE);
    CU_ASSERT_TRUE(redis_trial_ms() - before < QUICK_MS + 500);
    before = redis_trial_ms();
    CU_ASSERT_EQUAL(redis_trial_get(&trial, "a", "1"), TSEC_E_UNAVAILABLE); /* at once */
    CU_ASSERT_TRUE(redis_trial_ms() - before < 200);
    redis_rig_resume(&rig);
    CU_ASSERT_TRUE(redis_trial_put_within(&trial, "b", "1", 5000));
    /* It had the bytes: it was carried out, or never will be. */
    const bool applied = redis_trial_holds(&trial, "a", "2");

    CU_ASSERT_TRUE(applied || redis_trial_holds(&trial, "a", "1"));
    redis_trial_close(&trial);
}

/* The network has the commit and delivers it after everybody looked: it must not count any more. */
static void
a_commit_that_is_late_is_never_applied_after_a_look(void)
{
    struct stream_proxy proxy;
    struct redis_trial trial;
    char uri[400];

    stream_proxy_start(&proxy, "late", rig.socket);
    (void)snprintf(uri, sizeof(uri), "redis+unix://%s?prefix=late", proxy.path);
    CU_ASSERT_EQUAL_FATAL(redis_trial_open(&trial, uri, quick), 0);
    CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "1"), 0);
    stream_proxy_hold(&proxy, true);
    CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "2"), TSEC_E_OUTCOME_UNKNOWN);
    /* The look goes over a new connection, which is not held. */
    CU_ASSERT_TRUE(redis_trial_holds(&trial, "a", "1"));
    CU_ASSERT_TRUE(atomic_load(&proxy.open) >= 2); /* the first is on its way still */
    stream_proxy_hold(&proxy, false);
    for (int i = 0; i < 200 && atomic_load(&proxy.open) > 1; i++) {
        (void)usleep(5000);
    }
    CU_ASSERT_EQUAL(atomic_load(&proxy.open), 1);
    CU_ASSERT_TRUE(redis_trial_holds(&trial, "a", "1"));
    redis_trial_close(&trial);
    stream_proxy_stop(&proxy);
}

static void
a_lost_answer_is_an_unknown_outcome(void)
{
    struct stream_proxy proxy;
    struct redis_trial trial;
    char uri[400];

    stream_proxy_start(&proxy, "lost", rig.socket);
    (void)snprintf(uri, sizeof(uri), "redis+unix://%s?prefix=lost", proxy.path);
    CU_ASSERT_EQUAL_FATAL(redis_trial_open(&trial, uri, quick), 0);
    stream_proxy_set(&proxy, STREAM_HOLDS_BACK);
    CU_ASSERT_EQUAL(redis_trial_put_new(&trial, "a", "1"), TSEC_E_OUTCOME_UNKNOWN);
    stream_proxy_set(&proxy, STREAM_FLOWS);
    CU_ASSERT_TRUE(redis_trial_put_within(&trial, "b", "1", 5000));
    CU_ASSERT_TRUE(redis_trial_holds(&trial, "a", "1")); /* it did happen */
    CU_ASSERT_EQUAL(redis_trial_put_new(&trial, "a", "1"), TSEC_E_CONFLICT);
    stream_proxy_cut(&proxy);
    CU_ASSERT_EQUAL(redis_trial_put_new(&trial, "c", "1"), 0); /* over a new one */
    redis_trial_close(&trial);
    stream_proxy_stop(&proxy);
}

/* CONFIG SET while the store is open: no connection has to break for it to be seen. */
static void
settings_that_change_are_noticed_by_a_look(void)
{
    struct fake_host fake;
    struct redis_access access;
    struct redis_caller caller;
    struct tsec_err err = { 0 };
    char uri[400];

    fake_host_init(&fake, NULL);
    redis_rig_uri(&rig, "prefix=look", uri, sizeof(uri));
    CU_ASSERT_EQUAL_FATAL(redis_access_read(&fake.host, uri, &access, NULL).code, 0);
    redis_caller_init(&caller, &access);
    CU_ASSERT_EQUAL(redis_call_check(&caller, 1000, &err).code, 0);
    CU_ASSERT_EQUAL(redis_call_check(&caller, 1000, &err).code, 0);
    CU_ASSERT_TRUE(redis_rig_says(&rig, "CONFIG SET appendfsync everysec", "+OK"));
    CU_ASSERT_EQUAL(redis_call_check(&caller, 1000, &err).code, TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "appendfsync always"));
    CU_ASSERT_EQUAL(redis_call_commit(&caller, tsec_span("", 0), 0, &err).code, TSEC_E_CONFIG);
    CU_ASSERT_TRUE(redis_rig_says(&rig, "CONFIG SET appendfsync always", "+OK"));
    (void)usleep(REDIS_BACKOFF_MAX_MS * 1000);
    CU_ASSERT_EQUAL(redis_call_check(&caller, 1000, &err).code, 0);
    /* A slow answer is no reason to send everybody away. */
    redis_rig_pause(&rig);
    CU_ASSERT_EQUAL(redis_call_check(&caller, 50, &err).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_EQUAL(redis_pool_state(&caller.pool, NULL).code, 0);
    redis_rig_resume(&rig);
    CU_ASSERT_EQUAL(redis_call_check(&caller, 1000, &err).code, 0);
    redis_caller_done(&caller);
    redis_access_done(&access);
}

static const struct test_case cases[] = {
    { "settings that change are noticed by a look", settings_that_change_are_noticed_by_a_look },
    { "what was acknowledged survives a killed server",
      what_was_acknowledged_survives_a_killed_server },
    { "a torn end of the log takes one commit, whole",
      a_torn_end_of_the_log_takes_one_commit_whole },
    { "another configuration after a restart is refused",
      another_configuration_after_a_restart_is_refused },
    { "killed connections are replaced unseen", killed_connections_are_replaced_unseen },
    { "a paused server is waited for no longer than said",
      a_paused_server_is_waited_for_no_longer_than_said },
    { "a commit that is late is never applied after a look",
      a_commit_that_is_late_is_never_applied_after_a_look },
    { "a lost answer is an unknown outcome", a_lost_answer_is_an_unknown_outcome },
};

int
main(void)
{
    return redis_trial_main("redis_call", cases, TSEC_ARRAY_LEN(cases), &rig, NULL);
}

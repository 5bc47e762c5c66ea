/* SPDX-License-Identifier: Apache-2.0 */
/* A master that dies, a replica, and real sentinels that promote it. */
#include "store-redis/redis_sentinel.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/span.h"
#include "tests/plugins/redis_double.h"
#include "tests/plugins/redis_trial.h"

static struct redis_rig rig;

static void
write_conf(const struct redis_rig *sentinel, unsigned master)
{
    char path[300];
    FILE *out;

    (void)snprintf(path, sizeof(path), "%s/sentinel.conf", sentinel->dir);
    out = fopen(path, "we");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    (void)fprintf(out,
                  "sentinel monitor main 127.0.0.1 %u 1\n"
                  "sentinel down-after-milliseconds main 200\n"
                  "sentinel failover-timeout main 2000\n",
                  master);
    (void)fclose(out);
}

static void
start_all(struct redis_rig *replica, struct redis_rig *sentinel)
{
    char line[64];

    redis_rig_init(replica, "replica", NULL);
    CU_ASSERT_TRUE_FATAL(redis_rig_start(replica));
    (void)snprintf(line, sizeof(line), "REPLICAOF 127.0.0.1 %u", rig.port);
    CU_ASSERT_TRUE(redis_rig_says(replica, line, "+OK"));
    CU_ASSERT_TRUE(redis_rig_until(&rig, "INFO replication", "state=online", 8000));
    redis_rig_init(sentinel, "sentinel", NULL);
    sentinel->sentinel = true;
    write_conf(sentinel, rig.port);
    CU_ASSERT_TRUE_FATAL(redis_rig_start(sentinel));
    (void)snprintf(line, sizeof(line), "%u", replica->port);
    CU_ASSERT_TRUE(redis_rig_until(sentinel, "SENTINEL replicas main", line, 8000));
}

static void
a_failover_is_followed_and_nothing_acknowledged_is_lost(void)
{
    static const char *const quick[] = { "call_timeout_ms", "1000", NULL };
    char leader[32];
    const char *const follower[] = { "--replicaof", leader, NULL };
    struct redis_rig replica;
    struct redis_rig sentinel;
    struct redis_trial trial;
    char uri[400];
    char key[24];
    int64_t before;

    start_all(&replica, &sentinel);
    /* The first sentinel of the list is not there. */
    (void)snprintf(uri, sizeof(uri),
                   "redis://127.0.0.1:1,127.0.0.1:%u/0?sentinel=main&wait_replicas=1",
                   sentinel.port);
    CU_ASSERT_EQUAL_FATAL(redis_trial_open(&trial, uri, quick), 0);
    CU_ASSERT_TRUE(redis_trial_put_within(&trial, "first", "1", 5000));
    for (int i = 0; i < 20; i++) {
        (void)snprintf(key, sizeof(key), "n%04d", i);
        CU_ASSERT_EQUAL(redis_trial_put_new(&trial, key, key), 0);
    }
    redis_rig_kill(&rig);
    before = redis_trial_ms();
    CU_ASSERT_TRUE(redis_rig_until(&replica, "ROLE", "master", 8000));
    (void)fprintf(stderr, "promoted after %lld ms\n", (long long)(redis_trial_ms() - before));
    /* The old master comes back as a replica, which the sentinel would take 10 s to make of it. */
    (void)snprintf(leader, sizeof(leader), "127.0.0.1 %u", replica.port);
    rig.args = follower;
    CU_ASSERT_TRUE_FATAL(redis_rig_start(&rig));
    CU_ASSERT_TRUE(redis_rig_until(&replica, "INFO replication", "state=online", 8000));
    CU_ASSERT_TRUE(redis_trial_put_within(&trial, "after", "1", 4000));
    CU_ASSERT_EQUAL(redis_trial_count(&trial, "n"), 20);
    CU_ASSERT_TRUE(redis_rig_says(&replica, "HGET {tee-secrets}:kv after", "$1\r\n1"));
    redis_trial_close(&trial);
    redis_rig_kill(&sentinel);
    redis_rig_kill(&replica);
    rig.args = NULL;
}

static void
what_a_sentinel_says_is_not_believed(void)
{
    static const struct {
        const char *reply;
        int32_t code;
    } t[] = {
        { "*-1\r\n", TSEC_E_UNAVAILABLE },
        { "-IDONTKNOW no\r\n", TSEC_E_CONFIG },
        { "-NOAUTH Authentication required.\r\n", TSEC_E_CONFIG },
        { "*1\r\n$1\r\nh\r\n", TSEC_E_UNAVAILABLE },
        { "*2\r\n:1\r\n:2\r\n", TSEC_E_UNAVAILABLE },
        { "*2\r\n$0\r\n\r\n$4\r\n6379\r\n", TSEC_E_UNAVAILABLE },
        { "*2\r\n$1\r\nh\r\n$1\r\n0\r\n", TSEC_E_UNAVAILABLE },
        { "*2\r\n$1\r\nh\r\n$5\r\n65536\r\n", TSEC_E_UNAVAILABLE },
        { "*2\r\n$5\r\nvsock\r\n$3\r\n3:1\r\n", TSEC_E_UNAVAILABLE },
        { "*2\r\n$9\r\n127.0.0.1\r\n$4\r\n7000\r\n", 0 },
        { "*2\r\n$3\r\n::1\r\n$4\r\n7000\r\n", 0 },
        { "+OK\r\n", TSEC_E_UNAVAILABLE },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        const struct redis_canned canned[] = { { "SENTINEL", t[i].reply, 0, REDIS_ANSWERS },
                                               { NULL, NULL, 0, REDIS_ANSWERS } };
        struct redis_double twin;
        struct redis_access access = { .uri = { .sentinel = "main" } };
        struct redis_place place = { .family = REDIS_UNIX };
        struct redis_place master;
        struct fake_host fake;
        struct tsec_err err = { 0 };

        fake_host_init(&fake, NULL);
        access.host = &fake.host;
        redis_double_start(&twin, "sentinel.sock", canned);
        memcpy(place.host, twin.path, strnlen(twin.path, sizeof(place.host) - 1));
        CU_ASSERT_EQUAL(redis_sentinel_master(&access, &place, INT64_MAX, &master, &err).code,
                        t[i].code);
        CU_ASSERT_TRUE(t[i].code == 0 || strlen(err.detail) > 10);
        CU_ASSERT_TRUE(t[i].code != 0 || (master.family == REDIS_TCP && master.port == 7000));
        redis_double_stop(&twin);
    }
}

/* The sentinels' own login, which is not that of the database. */
static int32_t
master_as(const struct redis_rig *sentinel, const char *const *settings, struct tsec_err *err)
{
    struct redis_access access = { .uri = { .sentinel = "main" } };
    struct redis_place place = { .family = REDIS_UNIX };
    struct redis_place master;
    struct fake_host fake;

    fake_host_init(&fake, settings);
    access.host = &fake.host;
    (void)snprintf(place.host, sizeof(place.host), "%.250s", sentinel->socket);
    return redis_sentinel_master(&access, &place, INT64_MAX, &master, err).code;
}

static void
sentinels_that_want_a_login_get_theirs(void)
{
    static const char *const args[] = { "--requirepass", "guard", NULL };
    static const char *const right[] = { "sentinel_password", "guard", NULL };
    static const char *const named[] = { "sentinel_user", "default", "sentinel_password", "guard",
                                         NULL };
    static const char *const wrong[] = { "sentinel_password", "hunter2", NULL };
    struct redis_rig sentinel;
    struct tsec_err err = { 0 };

    redis_rig_init(&sentinel, "guarded", args);
    sentinel.sentinel = true;
    write_conf(&sentinel, rig.port);
    CU_ASSERT_TRUE_FATAL(redis_rig_start(&sentinel));
    CU_ASSERT_EQUAL(master_as(&sentinel, NULL, &err), TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "sentinel_password"));
    CU_ASSERT_EQUAL(master_as(&sentinel, wrong, &err), TSEC_E_CONFIG);
    CU_ASSERT_PTR_NULL(strstr(err.detail, "hunter2"));
    CU_ASSERT_EQUAL(master_as(&sentinel, right, &err), 0);
    CU_ASSERT_EQUAL(master_as(&sentinel, named, &err), 0);
    redis_rig_kill(&sentinel);
}

static const struct test_case cases[] = {
    { "sentinels that want a login get theirs", sentinels_that_want_a_login_get_theirs },
    { "a failover is followed and nothing acknowledged is lost",
      a_failover_is_followed_and_nothing_acknowledged_is_lost },
    { "what a sentinel says is not believed", what_a_sentinel_says_is_not_believed },
};

int
main(void)
{
    return redis_trial_main("redis_sentinel", cases, TSEC_ARRAY_LEN(cases), &rig, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which servers are taken, and with which words the others are refused. */
#include "store-redis/redis_link.h"

#include <stdio.h>
#include <string.h>

#include "tests/double/temp_dir.h"
#include "tests/plugins/redis_trial.h"

/* As docs/store-redis.md gives it; without SELECT and WAIT, which only some URIs need. */
#define KEYS "~{tee-secrets}:*"
#define RIGHTS                                                                               \
    "+eval +evalsha +hget +hset +hdel +hexists +hlen +zadd +zrem +zcard +zrangebylex +type " \
    "+role +info +client|id +client|kill +config|get"

static struct redis_rig rig;

static int32_t
open_as(struct redis_trial *trial, const char *user, const char *path)
{
    char uri[400];

    (void)snprintf(uri, sizeof(uri), "redis://%s127.0.0.1:%u%s", user, rig.port, path);
    return redis_trial_open(trial, uri, NULL);
}

static void
close_any(struct redis_trial *trial)
{
    if (trial->store != NULL) {
        redis_trial_close(trial);
    }
}

/* ---- what it keeps ---- */

static const struct {
    const char *set;
    const char *line; /* that the refusal gives */
    const char *mend;
} unsafe[] = {
    { "CONFIG SET appendonly no", "appendonly yes", "CONFIG SET appendonly yes" },
    { "CONFIG SET appendfsync everysec", "appendfsync always", "CONFIG SET appendfsync always" },
    { "CONFIG SET appendfsync no", "appendfsync always", "CONFIG SET appendfsync always" },
    { "CONFIG SET no-appendfsync-on-rewrite yes", "no-appendfsync-on-rewrite no",
      "CONFIG SET no-appendfsync-on-rewrite no" },
    { "CONFIG SET maxmemory 1gb maxmemory-policy allkeys-lru", "maxmemory-policy noeviction",
      "CONFIG SET maxmemory 0 maxmemory-policy noeviction" },
};

static void
a_server_that_may_lose_what_it_acknowledged_is_refused(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(unsafe); i++) {
        struct redis_trial trial;

        CU_ASSERT_TRUE(redis_rig_says(&rig, unsafe[i].set, "+OK"));
        CU_ASSERT_EQUAL(open_as(&trial, "", ""), TSEC_E_CONFIG);
        CU_ASSERT_PTR_NOT_NULL(strstr(trial.err.detail, unsafe[i].line));
        close_any(&trial);
        CU_ASSERT_TRUE(redis_rig_says(&rig, unsafe[i].mend, "+OK"));
        CU_ASSERT_EQUAL(open_as(&trial, "", ""), 0);
        CU_ASSERT_EQUAL(trial.fake.warnings, 0);
        CU_ASSERT_EQUAL(redis_trial_health(&trial), 0);
        CU_ASSERT_STRING_EQUAL(trial.err.detail, "");
        close_any(&trial);
    }
}

static void
what_is_allowed_to_be_volatile_says_so(void)
{
    static const char *const settings[] = { "allow_volatile", "true", NULL };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(unsafe); i++) {
        struct redis_trial trial;
        char uri[400];

        redis_rig_tcp_uri(&rig, "", uri, sizeof(uri));
        CU_ASSERT_TRUE(redis_rig_says(&rig, unsafe[i].set, "+OK"));
        CU_ASSERT_EQUAL(redis_trial_open(&trial, uri, settings), 0);
        CU_ASSERT_EQUAL(trial.fake.warnings, 1);
        CU_ASSERT_PTR_NOT_NULL(strstr(trial.fake.last, unsafe[i].line));
        CU_ASSERT_EQUAL(redis_trial_health(&trial), 0);
        CU_ASSERT_PTR_NOT_NULL(strstr(trial.err.detail, unsafe[i].line));
        CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "1"), 0);
        close_any(&trial);
        CU_ASSERT_TRUE(redis_rig_says(&rig, unsafe[i].mend, "+OK"));
        CU_ASSERT_EQUAL(redis_trial_open(&trial, uri, settings), 0);
        CU_ASSERT_EQUAL(redis_trial_health(&trial), 0);
        CU_ASSERT_STRING_EQUAL(trial.err.detail, "");
        close_any(&trial);
    }
}

/* ---- who may ---- */

static void
set_user(const char *rights)
{
    char line[600];

    (void)snprintf(line, sizeof(line),
                   "ACL SETUSER tee reset on >p@:/ss " KEYS " resetchannels -@all %s", rights);
    CU_ASSERT_TRUE(redis_rig_says(&rig, line, "+OK"));
}

static bool
does_all(struct redis_trial *trial)
{
    const struct tsec_store_op ops[] = {
        { TSEC_STORE_PUT, TSEC_STORE_ANY, tsec_span_str("acl"), tsec_span_str("1") },
        { TSEC_STORE_DELETE, TSEC_STORE_ANY, tsec_span_str("none"), { NULL, 0 } },
    };

    return redis_ops()->commit(trial->store, ops, 2, NULL).code == 0
           && redis_trial_holds(trial, "acl", "1") && redis_trial_count(trial, "acl") == 1
           && redis_trial_health(trial) == 0;
}

static void
the_rights_in_the_manual_are_enough(void)
{
    struct redis_trial trial;

    set_user(RIGHTS);
    CU_ASSERT_TRUE(redis_rig_says(&rig, "SCRIPT FLUSH", "+OK"));
    CU_ASSERT_EQUAL_FATAL(open_as(&trial, "tee:p%40%3a%2Fss@", ""), 0);
    CU_ASSERT_TRUE(does_all(&trial));
    redis_trial_close(&trial);
}

static void
the_rights_in_the_manual_are_all_needed(void)
{
    char rights[] = RIGHTS;
    char *right = rights;

    while (*right != '\0') {
        char without[sizeof(rights)];
        struct redis_trial trial;
        const size_t len = strcspn(right, " ");

        (void)snprintf(without, sizeof(without), "%.*s%s", (int)(right - rights), rights,
                       right + len);
        set_user(without);
        CU_ASSERT_EQUAL(open_as(&trial, "tee:p%40%3a%2Fss@", ""), TSEC_E_CONFIG);
        if (trial.store != NULL) {
            (void)fprintf(stderr, "opens without %.*s\n", (int)len, right);
        }
        CU_ASSERT_TRUE(strstr(trial.err.detail, "docs/store-redis.md") != NULL
                       || strstr(trial.err.detail, "+config|get") != NULL);
        CU_ASSERT_PTR_NULL(strstr(trial.err.detail, "ss"));
        close_any(&trial);
        right += len + (right[len] == ' ' ? 1 : 0);
    }
}

static void
other_keys_are_not_needed(void)
{
    struct redis_trial trial;

    set_user(RIGHTS);
    CU_ASSERT_EQUAL(open_as(&trial, "tee:p%40%3a%2Fss@", "/0?prefix=other"), TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(trial.err.detail, "NOPERM"));
    close_any(&trial);
}

static void
a_wrong_login_is_refused_without_the_password(void)
{
    static const char *const t[] = { "tee:hunter2@", "nobody:hunter2@", ":hunter2@" };

    set_user(RIGHTS);
    CU_ASSERT_TRUE(redis_rig_says(&rig, "ACL SETUSER default resetpass >rig", "+OK"));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        struct redis_trial trial;

        CU_ASSERT_EQUAL(open_as(&trial, t[i], ""), TSEC_E_CONFIG);
        CU_ASSERT_PTR_NULL(strstr(trial.err.detail, "hunter2"));
        CU_ASSERT_PTR_NULL(strstr(trial.fake.last, "hunter2"));
        close_any(&trial);
    }
    {
        struct redis_trial trial;

        CU_ASSERT_EQUAL(open_as(&trial, "", ""), TSEC_E_CONFIG);
        CU_ASSERT_PTR_NOT_NULL(strstr(trial.err.detail, "password"));
        CU_ASSERT_EQUAL(open_as(&trial, ":rig@", ""), 0);
        close_any(&trial);
    }
    /* Says so over a connection that is not logged in, so it has to be undone logged in. */
    {
        struct redis_trial trial;
        char reply[64];

        CU_ASSERT_EQUAL(open_as(&trial, ":rig@", ""), 0);
        close_any(&trial);
        CU_ASSERT_TRUE(
            redis_rig_ask(&rig, "AUTH rig\r\nACL SETUSER default nopass", reply, sizeof(reply)));
    }
    CU_ASSERT_TRUE(redis_rig_until(&rig, "PING", "+PONG", 1000));
}

/* ---- which keys ---- */

static void
databases_and_prefixes_are_apart(void)
{
    static const char *const paths[] = { "", "/1", "/15", "/0?prefix=blue", "/1?prefix=blue" };
    struct redis_trial trials[TSEC_ARRAY_LEN(paths)];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(paths); i++) {
        CU_ASSERT_EQUAL_FATAL(open_as(&trials[i], "", paths[i]), 0);
        CU_ASSERT_EQUAL(redis_trial_put(&trials[i], "which", paths[i]), 0);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(paths); i++) {
        CU_ASSERT_TRUE(redis_trial_holds(&trials[i], "which", paths[i]));
        redis_trial_close(&trials[i]);
    }
    CU_ASSERT_EQUAL(open_as(&trials[0], "", "/16"), TSEC_E_CONFIG);
    close_any(&trials[0]);
}

static void
keys_of_others_are_refused_and_left_alone(void)
{
    static const struct {
        const char *make;
        int32_t code;
    } t[] = {
        { "SET {foreign}:kv x", TSEC_E_CONFIG },
        { "SET {foreign}:keys x", TSEC_E_CONFIG },
        { "RPUSH {foreign}:kv x", TSEC_E_CONFIG },
        { "ZADD {foreign}:keys 0 x", TSEC_E_CONFIG },
        { "HSET {foreign}:kv a b", TSEC_E_CONFIG },
        { "HSET {foreign}:kv \"\" \"tee-secrets store 2\"", TSEC_E_CONFIG },
        { "HSET {foreign}:kv \"\" \"tee-secrets store 1\" a b", TSEC_E_TAMPERED },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        struct redis_trial trial;
        char before[64];
        char after[64];

        (void)redis_rig_ask(&rig, "DEL {foreign}:kv {foreign}:keys", before, sizeof(before));
        CU_ASSERT_TRUE(redis_rig_ask(&rig, t[i].make, before, sizeof(before)));
        (void)redis_rig_ask(&rig, "DUMP {foreign}:kv", before, sizeof(before));
        CU_ASSERT_EQUAL(open_as(&trial, "", "/0?prefix=foreign"), t[i].code);
        CU_ASSERT_TRUE(strlen(trial.err.detail) > 20);
        (void)redis_rig_ask(&rig, "DUMP {foreign}:kv", after, sizeof(after));
        CU_ASSERT_STRING_EQUAL(before, after);
        close_any(&trial);
    }
}

/* ---- which server ---- */

static void
a_replica_is_passed_over_for_the_master(void)
{
    struct redis_rig replica;
    struct redis_trial trial;
    char uri[400];
    char line[64];

    redis_rig_init(&replica, "replica", NULL);
    CU_ASSERT_TRUE_FATAL(redis_rig_start(&replica));
    (void)snprintf(line, sizeof(line), "REPLICAOF 127.0.0.1 %u", rig.port);
    CU_ASSERT_TRUE(redis_rig_says(&replica, line, "+OK"));
    (void)snprintf(uri, sizeof(uri), "redis://127.0.0.1:%u", replica.port);
    CU_ASSERT_EQUAL(redis_trial_open(&trial, uri, NULL), TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(trial.err.detail, "no master"));
    close_any(&trial);
    (void)snprintf(uri, sizeof(uri), "redis://127.0.0.1:1,127.0.0.1:%u,127.0.0.1:%u/0",
                   replica.port, rig.port);
    CU_ASSERT_EQUAL(redis_trial_open(&trial, uri, NULL), 0);
    CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "1"), 0);
    close_any(&trial);
    /* What a person can mend is told, whoever else does not answer. */
    CU_ASSERT_TRUE(redis_rig_says(&rig, "CONFIG SET appendfsync no", "+OK"));
    (void)snprintf(uri, sizeof(uri), "redis://127.0.0.1:1,127.0.0.1:%u,127.0.0.1:%u/0", rig.port,
                   replica.port);
    CU_ASSERT_EQUAL(redis_trial_open(&trial, uri, NULL), TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(trial.err.detail, "appendfsync always"));
    close_any(&trial);
    CU_ASSERT_TRUE(redis_rig_says(&rig, "CONFIG SET appendfsync always", "+OK"));
    redis_rig_kill(&replica);
}

static void
where_nobody_listens_is_told(void)
{
    struct redis_trial trial;
    char uri[400];
    const unsigned port = redis_rig_port();

    (void)snprintf(uri, sizeof(uri), "redis://u:hunter2@127.0.0.1:%u", port);
    CU_ASSERT_EQUAL(redis_trial_open(&trial, uri, NULL), TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(trial.err.detail, "ECONNREFUSED"));
    CU_ASSERT_PTR_NULL(strstr(trial.err.detail, "hunter2"));
    close_any(&trial);
}

static const struct test_case cases[] = {
    { "a server that may lose what it acknowledged is refused",
      a_server_that_may_lose_what_it_acknowledged_is_refused },
    { "what is allowed to be volatile says so", what_is_allowed_to_be_volatile_says_so },
    { "the rights in the manual are enough", the_rights_in_the_manual_are_enough },
    { "the rights in the manual are all needed", the_rights_in_the_manual_are_all_needed },
    { "other keys are not needed", other_keys_are_not_needed },
    { "a wrong login is refused without the password",
      a_wrong_login_is_refused_without_the_password },
    { "databases and prefixes are apart", databases_and_prefixes_are_apart },
    { "keys of others are refused and left alone", keys_of_others_are_refused_and_left_alone },
    { "a replica is passed over for the master", a_replica_is_passed_over_for_the_master },
    { "where nobody listens is told", where_nobody_listens_is_told },
};

int
main(void)
{
    return redis_trial_main("redis_link", cases, TSEC_ARRAY_LEN(cases), &rig, NULL);
}

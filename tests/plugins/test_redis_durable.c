/* SPDX-License-Identifier: Apache-2.0 */
/* By themselves; what a real server says of its settings is in test_redis_link.c. */
#include "store-redis/redis_durable.h"

#include <stdio.h>
#include <string.h>

#include "tests/test.h"

/* "name=value name=value ..." as CONFIG GET answers; NULL: an error. */
static struct redis_reply *
config(const char *text)
{
    struct redis_budget budget = { 64, 4096 };
    redisReader *reader = redis_reply_reader(&budget);
    void *reply = NULL;
    char pairs[256];
    char *next = pairs;
    char *word;
    unsigned n = 0;
    char out[1024] = "";
    size_t len = 0;

    (void)snprintf(pairs, sizeof(pairs), "%s", text == NULL ? "" : text);
    while ((word = strsep(&next, "= ")) != NULL && word[0] != '\0') {
        len += (size_t)snprintf(out + len, sizeof(out) - len, "$%zu\r\n%s\r\n", strlen(word), word);
        n++;
    }
    char head[1100];

    (void)snprintf(head, sizeof(head), "*%u\r\n%s", n, out);
    if (text == NULL) {
        (void)snprintf(head, sizeof(head), "-NOPERM no\r\n");
    }
    CU_ASSERT_EQUAL(redisReaderFeed(reader, head, strlen(head)), REDIS_OK);
    CU_ASSERT_EQUAL(redisReaderGetReply(reader, &reply), REDIS_OK);
    redisReaderFree(reader);
    return reply;
}

#define SAFE_APPEND  "appendonly=yes appendfsync=always"
#define SAFE_REWRITE "no-appendfsync-on-rewrite=no"
#define SAFE_MEMORY  "maxmemory=0 maxmemory-policy=noeviction"

static void
only_settings_that_keep_everything_are_safe(void)
{
    static const struct {
        const char *append;
        const char *rewrite;
        const char *memory;
        const char *problem; /* NULL: safe */
    } t[] = {
        { SAFE_APPEND, SAFE_REWRITE, SAFE_MEMORY, NULL },
        { SAFE_APPEND, SAFE_REWRITE, "maxmemory=5 maxmemory-policy=noeviction", NULL },
        { SAFE_APPEND, SAFE_REWRITE, "maxmemory=0 maxmemory-policy=allkeys-lru", NULL },
        { SAFE_APPEND, SAFE_REWRITE, "maxmemory=5 maxmemory-policy=allkeys-lru",
          "set in redis.conf: maxmemory-policy noeviction" },
        { SAFE_APPEND, SAFE_REWRITE, "maxmemory=5 maxmemory-policy=volatile-ttl",
          "maxmemory-policy noeviction" },
        { SAFE_APPEND, SAFE_REWRITE, "", "maxmemory-policy noeviction" },
        { "appendonly=no appendfsync=everysec", SAFE_REWRITE, SAFE_MEMORY,
          "set in redis.conf: appendonly yes; appendfsync always" },
        { "appendonly=yes", SAFE_REWRITE, SAFE_MEMORY, "appendfsync always" },
        { "appendonly=yes appendfsync=Always", SAFE_REWRITE, SAFE_MEMORY, "appendfsync always" },
        { SAFE_APPEND, "no-appendfsync-on-rewrite=yes", SAFE_MEMORY,
          "no-appendfsync-on-rewrite no" },
        { SAFE_APPEND, "", SAFE_MEMORY, "no-appendfsync-on-rewrite no" },
        { "", "", "",
          "appendonly yes; appendfsync always; no-appendfsync-on-rewrite no; "
          "maxmemory-policy noeviction" },
        { NULL, SAFE_REWRITE, SAFE_MEMORY, "+config|get" },
        { SAFE_APPEND, NULL, SAFE_MEMORY, "+config|get" },
        { SAFE_APPEND, SAFE_REWRITE, NULL, "+config|get" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        struct redis_reply info = { .type = REDIS_REPLY_STRING,
                                    .text = tsec_span_str("# Persistence\r\naof_enabled:1\r\n"
                                                          "aof_last_write_status:ok\r\n") };
        struct redis_reply *replies[REDIS_DURABLE_REPLIES] = { config(t[i].append),
                                                               config(t[i].rewrite),
                                                               config(t[i].memory), &info };
        struct redis_durable durable;

        redis_durable_read(replies, &durable);
        CU_ASSERT_EQUAL(durable.safe, t[i].problem == NULL);
        CU_ASSERT_TRUE(durable.writing);
        CU_ASSERT_PTR_NOT_NULL(strstr(durable.problem, t[i].problem == NULL ? "" : t[i].problem));
        CU_ASSERT_TRUE(t[i].problem != NULL || durable.problem[0] == '\0');
        for (size_t k = 0; k < 3; k++) {
            redis_reply_free(replies[k]);
        }
    }
}

static void
without_an_answer_nothing_is_safe(void)
{
    struct redis_reply *replies[REDIS_DURABLE_REPLIES] = { NULL };
    struct redis_reply off = { .type = REDIS_REPLY_STRING,
                               .text = tsec_span_str("aof_enabled:0\r\n") };
    struct redis_reply error = { .type = REDIS_REPLY_ERROR, .text = tsec_span_str("NOPERM") };
    struct redis_durable durable;

    redis_durable_read(replies, &durable);
    CU_ASSERT_FALSE(durable.safe);
    CU_ASSERT_FALSE(durable.writing);
    replies[0] = replies[1] = replies[2] = &error;
    replies[3] = &off;
    redis_durable_read(replies, &durable);
    CU_ASSERT_FALSE(durable.safe);
    CU_ASSERT_PTR_NOT_NULL(strstr(durable.problem, "appendonly yes"));
    CU_ASSERT_PTR_NOT_NULL(strstr(durable.problem, "+config|get"));
}

static void
a_field_is_found_by_its_whole_name(void)
{
    const struct redis_reply info = {
        .type = REDIS_REPLY_STRING,
        .text = tsec_span_str("# Server\r\nxrun_id:no\r\nrun_id_x:no\r\nrun_id:yes\r\nlast:1"),
    };
    const struct redis_reply number = { .type = REDIS_REPLY_INTEGER };

    CU_ASSERT_TRUE(tsec_span_is(redis_info_field(&info, "run_id"), "yes"));
    CU_ASSERT_TRUE(tsec_span_is(redis_info_field(&info, "last"), "1"));
    CU_ASSERT_EQUAL(redis_info_field(&info, "run").len, 0);
    CU_ASSERT_EQUAL(redis_info_field(&info, "").len, 0);
    CU_ASSERT_EQUAL(redis_info_field(&number, "run_id").len, 0);
    CU_ASSERT_EQUAL(redis_info_field(NULL, "run_id").len, 0);
}

static const struct test_case cases[] = {
    { "only settings that keep everything are safe", only_settings_that_keep_everything_are_safe },
    { "without an answer nothing is safe", without_an_answer_nothing_is_safe },
    { "a field is found by its whole name", a_field_is_found_by_its_whole_name },
};

TEST_MAIN("redis_durable", cases)

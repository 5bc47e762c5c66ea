/* SPDX-License-Identifier: Apache-2.0 */
/* MULTI, one HSET of everything, EXEC, sent at once; the database flushes its log before it answers
 * (appendfsync always). */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "group_store.h"

enum { WORDS = 2, ANSWERS = 3 };

struct redis {
    struct group_store base;
    redisContext *link;
};

static void
redis_close(struct group_store *store)
{
    struct redis *redis = (struct redis *)store;

    if (redis->link != NULL) {
        redisFree(redis->link);
    }
    free(redis);
}

/* redis://HOST:PORT/0 */
static struct group_store *
redis_open(const char *uri)
{
    struct redis *redis = calloc(1, sizeof(*redis));
    char host[64] = { 0 };
    unsigned port = 0;

    if (redis == NULL) {
        return NULL;
    }
    redis->base.kind = &group_redis;
    if (sscanf(uri, "redis://%63[^:]:%u", host, &port) == 2) {
        redis->link = redisConnect(host, (int)port);
    }
    if (redis->link == NULL || redis->link->err != 0) {
        (void)fprintf(stderr, "ceiling_group: no connection to %s\n", uri);
        redis_close(&redis->base);
        return NULL;
    }
    return &redis->base;
}

static bool
send_all(redisContext *link, const struct group_row *rows, size_t n)
{
    static const char *words[WORDS + 2 * (GROUP_OPS_MAX + 2)] = { "HSET", "{ceiling}:kv" };
    static size_t lengths[WORDS + 2 * (GROUP_OPS_MAX + 2)];
    int len = WORDS;

    lengths[0] = strlen(words[0]);
    lengths[1] = strlen(words[1]);
    for (size_t i = 0; i < n; i++) {
        words[len] = (const char *)rows[i].key.ptr;
        lengths[len++] = rows[i].key.len;
        words[len] = (const char *)rows[i].value.ptr;
        lengths[len++] = rows[i].value.len;
    }
    return redisAppendCommand(link, "MULTI") == REDIS_OK
           && redisAppendCommandArgv(link, len, words, lengths) == REDIS_OK
           && redisAppendCommand(link, "EXEC") == REDIS_OK;
}

static bool
redis_commit(struct group_store *store, const struct group_row *rows, size_t n)
{
    struct redis *redis = (struct redis *)store;
    bool ok = send_all(redis->link, rows, n);

    for (unsigned i = 0; i < ANSWERS && ok; i++) {
        redisReply *reply = NULL;

        ok = redisGetReply(redis->link, (void **)&reply) == REDIS_OK
             && reply->type != REDIS_REPLY_ERROR;
        if (!ok) {
            (void)fprintf(stderr, "ceiling_group: %s\n",
                          reply != NULL ? reply->str : redis->link->errstr);
        }
        if (reply != NULL) {
            freeReplyObject(reply);
        }
    }
    return ok;
}

const struct group_kind group_redis = { redis_open, redis_commit, redis_close };

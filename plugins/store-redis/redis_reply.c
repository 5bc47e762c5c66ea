/* SPDX-License-Identifier: Apache-2.0 */
#include "redis_reply.h"

#include <stdlib.h>

/* hiredis calls these, with the budget as its private data. */

static struct redis_reply *
new_reply(const redisReadTask *task, int type)
{
    struct redis_reply *reply = calloc(1, sizeof(*reply));
    struct redis_reply *parent = task->parent == NULL ? NULL : task->parent->obj;

    if (reply == NULL) {
        return NULL;
    }
    reply->type = type;
    if (parent != NULL) {
        parent->items[task->idx] = reply;
    }
    return reply;
}

static void *
new_string(const redisReadTask *task, char *bytes, size_t len)
{
    uint8_t *copy = malloc(len + 1);
    struct redis_reply *reply = copy == NULL ? NULL : new_reply(task, task->type);

    if (reply == NULL) {
        free(copy);
        return NULL;
    }
    if (len > 0) {
        memcpy(copy, bytes, len);
    }
    copy[len] = '\0';
    reply->text = tsec_span(copy, len);
    return reply;
}

static void *
new_array(const redisReadTask *task, int len)
{
    struct redis_budget *budget = task->privdata;
    const size_t n = len < 0 ? 0 : (size_t)len;
    struct redis_reply **items;
    struct redis_reply *reply;

    if (n > budget->items) {
        return NULL;
    }
    budget->items -= n;
    items = calloc(n + 1, sizeof(struct redis_reply *));
    reply = items == NULL ? NULL : new_reply(task, REDIS_REPLY_ARRAY);
    if (reply == NULL) {
        free(items);
        return NULL;
    }
    reply->len = n;
    reply->items = items;
    return reply;
}

static void *
new_integer(const redisReadTask *task, long long value)
{
    struct redis_reply *reply = new_reply(task, REDIS_REPLY_INTEGER);

    if (reply != NULL) {
        reply->integer = value;
    }
    return reply;
}

static void *
new_nil(const redisReadTask *task)
{
    return new_reply(task, REDIS_REPLY_NIL);
}

/* hiredis nests at most 7 deep, and so does this. */
static void
free_reply(void *ptr)
{
    struct redis_reply *reply = ptr;

    if (reply == NULL) {
        return;
    }
    for (size_t i = 0; i < reply->len; i++) {
        free_reply(reply->items[i]);
    }
    free(reply->items);
    free((void *)(uintptr_t)reply->text.ptr);
    free(reply);
}

void
redis_reply_free(struct redis_reply *reply)
{
    free_reply(reply);
}

static redisReplyObjectFunctions functions = {
    .createString = new_string,
    .createArray = new_array,
    .createInteger = new_integer,
    .createNil = new_nil,
    .freeObject = free_reply,
};

redisReader *
redis_reply_reader(struct redis_budget *budget)
{
    redisReader *reader = redisReaderCreateWithFunctions(&functions);

    if (reader != NULL) {
        reader->privdata = budget;
    }
    return reader;
}

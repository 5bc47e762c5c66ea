/* SPDX-License-Identifier: Apache-2.0 */
#include "store-redis/redis_reply.h"

#include <sys/resource.h>

#include "tests/test.h"

/* Feeds `text` in pieces of `step`; NULL: not whole yet, or refused. */
static struct redis_reply *
parse(const char *text, size_t len, size_t step, struct redis_budget budget)
{
    redisReader *reader = redis_reply_reader(&budget);
    void *reply = NULL;

    CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
    for (size_t at = 0; at < len && reply == NULL; at += step) {
        if (redisReaderFeed(reader, text + at, len - at < step ? len - at : step) != REDIS_OK
            || redisReaderGetReply(reader, &reply) != REDIS_OK) {
            break;
        }
    }
    redisReaderFree(reader);
    return reply;
}

static const struct redis_budget plenty = { 64, 4096 };

static void
every_type_is_read_in_any_pieces(void)
{
    static const char text[] =
        "*6\r\n:-7\r\n$3\r\na\0b\r\n$-1\r\n+OK\r\n-ERR no\r\n*1\r\n$0\r\n\r\n";

    for (size_t step = 1; step < sizeof(text); step++) {
        TSEC_AUTO(redis_reply_free)
        struct redis_reply *r = parse(text, sizeof(text) - 1, step, plenty);

        CU_ASSERT_TRUE_FATAL(redis_reply_is_array(r, 6));
        CU_ASSERT_EQUAL(r->items[0]->integer, -7);
        CU_ASSERT_TRUE(tsec_span_equal(r->items[1]->text, tsec_span("a\0b", 3)));
        CU_ASSERT_TRUE(redis_reply_is(r->items[2], REDIS_REPLY_NIL));
        CU_ASSERT_TRUE(redis_reply_is(r->items[3], REDIS_REPLY_STATUS));
        CU_ASSERT_TRUE(redis_reply_is(r->items[4], REDIS_REPLY_ERROR));
        CU_ASSERT_TRUE(redis_reply_item_is(r->items[5], 0, ""));
        CU_ASSERT_FALSE(redis_reply_item_is(r, 0, "-7"));
        CU_ASSERT_FALSE(redis_reply_item_is(r, 6, ""));
        CU_ASSERT_FALSE(redis_reply_is_array(r, 7));
    }
}

static void
what_announces_more_than_the_budget_is_refused_at_once(void)
{
    static const char *const t[] = {
        "*65\r\n",       "*2147483647\r\n",
        "*2\r\n*63\r\n", "*99999999999999\r\n",
        "*-2\r\n",       "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
        "?\r\n",         ":12x\r\n",
        "$-2\r\n",       "HTTP/1.1 400 Bad Request\r\n",
    };
    struct rusage before;
    struct rusage after;

    (void)getrusage(RUSAGE_SELF, &before);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        struct redis_budget budget = plenty;
        redisReader *reader = redis_reply_reader(&budget);
        void *reply = NULL;

        CU_ASSERT_EQUAL(redisReaderFeed(reader, t[i], strlen(t[i])), REDIS_OK);
        CU_ASSERT_EQUAL(redisReaderGetReply(reader, &reply), REDIS_ERR);
        CU_ASSERT_PTR_NULL(reply);
        redisReaderFree(reader);
    }
    (void)getrusage(RUSAGE_SELF, &after);
    CU_ASSERT_TRUE(after.ru_maxrss - before.ru_maxrss < 16 * 1024);
}

static void
a_reply_that_breaks_off_is_freed(void)
{
    static const char text[] = "*3\r\n$1\r\na\r\n*2\r\n:1\r\n";

    CU_ASSERT_PTR_NULL(parse(text, sizeof(text) - 1, 3, plenty));
    redis_reply_free(NULL);
}

static const struct test_case cases[] = {
    { "every type is read, in any pieces", every_type_is_read_in_any_pieces },
    { "what announces more than the budget is refused at once",
      what_announces_more_than_the_budget_is_refused_at_once },
    { "a reply that breaks off is freed", a_reply_that_breaks_off_is_freed },
};

TEST_MAIN("redis_reply", cases)

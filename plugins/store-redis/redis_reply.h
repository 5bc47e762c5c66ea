/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file redis_reply.h
 * @brief What Redis answered, as hiredis' parser gives it, within bounds.
 *
 * The answers come from a host that may be hostile.  hiredis allocates an array for as many
 * elements as a reply announces, up to 2^31, before one has arrived: here an announcement above the
 * budget ends the reply.  Never trusts a type: whoever reads a reply looks first.
 */
#ifndef STORE_REDIS_REPLY_H
#define STORE_REDIS_REPLY_H

#include <hiredis/hiredis.h>

#include "base/cleanup.h"
#include "base/span.h"

struct redis_reply {
    int type; /* REDIS_REPLY_... */
    int64_t integer;
    struct tsec_span text; /* string, status, error; owned by the reply, NUL behind it */
    size_t len;            /* array */
    struct redis_reply **items;
};

/** What one reply may still take. */
struct redis_budget {
    size_t items; /* of all its arrays together */
    size_t bytes; /* as they come over the wire */
};

/** A parser that draws on `budget`, which stays where it is; NULL: no memory. */
redisReader *redis_reply_reader(struct redis_budget *budget);

/** NULL is harmless. */
void redis_reply_free(struct redis_reply *reply);

TSEC_DEFINE_AUTO(struct redis_reply, redis_reply_free)

static inline bool
redis_reply_is(const struct redis_reply *reply, int type)
{
    return reply != NULL && reply->type == type;
}

/** An array of at least `len` elements. */
static inline bool
redis_reply_is_array(const struct redis_reply *reply, size_t len)
{
    return redis_reply_is(reply, REDIS_REPLY_ARRAY) && reply->len >= len;
}

/** Element `i` of an array, when it is a string of exactly `text`. */
static inline bool
redis_reply_item_is(const struct redis_reply *array, size_t i, const char *text)
{
    return redis_reply_is_array(array, i + 1) && redis_reply_is(array->items[i], REDIS_REPLY_STRING)
           && tsec_span_is(array->items[i]->text, text);
}

#endif

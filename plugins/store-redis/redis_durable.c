/* SPDX-License-Identifier: Apache-2.0 */
#include "redis_durable.h"

#include <stdio.h>

#include "redis_wire.h"

enum { APPEND, ON_REWRITE, MEMORY, INFO };

/* "appendfsync always" means it only when nothing else turns the flush off: while the log is being
 * rewritten, no-appendfsync-on-rewrite does. */
static const struct {
    unsigned reply;
    const char *name;
    const char *wanted;
} wanted[] = {
    { APPEND, "appendonly", "yes" },
    { APPEND, "appendfsync", "always" },
    { ON_REWRITE, "no-appendfsync-on-rewrite", "no" },
};

static void
ask_config(const char *pattern, struct tsec_buf *out)
{
    redis_put_command(out, 3);
    redis_put_str(out, "CONFIG");
    redis_put_str(out, "GET");
    redis_put_str(out, pattern);
}

void
redis_durable_ask(struct tsec_buf *out)
{
    ask_config("append*", out);
    ask_config("no-appendfsync-on-rewrite", out);
    ask_config("maxmemory*", out);
    redis_put_command(out, 2);
    redis_put_str(out, "INFO");
    redis_put_str(out, "persistence");
}

/* Of name, value, name, value, ... */
static struct tsec_span
config_value(const struct redis_reply *reply, const char *name)
{
    for (size_t i = 0; redis_reply_is_array(reply, i + 2); i += 2) {
        if (redis_reply_item_is(reply, i, name)
            && redis_reply_is(reply->items[i + 1], REDIS_REPLY_STRING)) {
            return reply->items[i + 1]->text;
        }
    }
    return tsec_span(NULL, 0);
}

struct tsec_span
redis_info_field(const struct redis_reply *info, const char *name)
{
    const size_t len = strlen(name);
    struct tsec_span text =
        redis_reply_is(info, REDIS_REPLY_STRING) ? info->text : tsec_span(NULL, 0);

    while (text.len > 0) {
        const uint8_t *end = memchr(text.ptr, '\n', text.len);
        size_t line = end == NULL ? text.len : (size_t)(end - text.ptr);
        const size_t next = end == NULL ? line : line + 1;

        line -= line > 0 && text.ptr[line - 1] == '\r' ? 1 : 0;
        if (line > len && text.ptr[len] == ':' && tsec_span_starts(text, tsec_span(name, len))) {
            return tsec_span(text.ptr + len + 1, line - len - 1);
        }
        text = tsec_span(text.ptr + next, text.len - next);
    }
    return tsec_span(NULL, 0);
}

static void
add_line(struct redis_durable *out, const char *name, const char *value)
{
    const size_t len = strlen(out->problem);

    (void)snprintf(out->problem + len, sizeof(out->problem) - len, "%s%s %s",
                   len == 0 ? "set in redis.conf: " : "; ", name, value);
}

static bool
may_evict(const struct redis_reply *memory)
{
    return !tsec_span_is(config_value(memory, "maxmemory"), "0")
           && !tsec_span_is(config_value(memory, "maxmemory-policy"), "noeviction");
}

static bool
may_not_ask(struct redis_reply *const *replies)
{
    return redis_reply_is(replies[APPEND], REDIS_REPLY_ERROR)
           || redis_reply_is(replies[ON_REWRITE], REDIS_REPLY_ERROR)
           || redis_reply_is(replies[MEMORY], REDIS_REPLY_ERROR);
}

void
redis_durable_read(struct redis_reply *const *replies, struct redis_durable *out)
{
    *out = (struct redis_durable){ .safe = false };
    out->writing = tsec_span_is(redis_info_field(replies[INFO], "aof_last_write_status"), "ok");
    if (may_not_ask(replies)) {
        if (tsec_span_is(redis_info_field(replies[INFO], "aof_enabled"), "0")) {
            add_line(out, "appendonly", "yes");
        }
        (void)snprintf(out->problem + strlen(out->problem),
                       sizeof(out->problem) - strlen(out->problem),
                       "%sallow CONFIG GET (ACL: +config|get), or nobody knows how it persists",
                       out->problem[0] == '\0' ? "" : "; ");
        return;
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(wanted); i++) {
        if (!tsec_span_is(config_value(replies[wanted[i].reply], wanted[i].name),
                          wanted[i].wanted)) {
            add_line(out, wanted[i].name, wanted[i].wanted);
        }
    }
    if (may_evict(replies[MEMORY])) {
        add_line(out, "maxmemory-policy", "noeviction");
    }
    out->safe = out->problem[0] == '\0';
}

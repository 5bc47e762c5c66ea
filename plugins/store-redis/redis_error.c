/* SPDX-License-Identifier: Apache-2.0 */
#include "redis_error.h"

/* The words our scripts use themselves. */
#define OTHERS  "TSECFORMAT"
#define MISSING "TSECMISSING"
#define HALFWAY "TSECHALFWAY"
#define REFUSED "TSECREFUSED"

enum { KEEPS = 0, ENDS = 1 };

/* `code` while it runs, `login` at the start. */
static const struct {
    const char *word;
    enum tsec_code code;
    enum tsec_code login;
    int link;
    const char *advice;
} table[] = {
    { "LOADING", TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, KEEPS,
      "Redis is still loading its data, wait for it" },
    { "BUSY", TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, KEEPS,
      "a script keeps Redis busy: look at its slow log" },
    { "OOM", TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, KEEPS,
      "Redis is out of memory: raise maxmemory; nothing was changed" },
    { "MISCONF", TSEC_E_READ_ONLY, TSEC_E_READ_ONLY, KEEPS,
      "Redis cannot write its files: look at its disk and its log" },
    { "NOREPLICAS", TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, KEEPS,
      "too few replicas for min-replicas-to-write: bring one back" },
    { "READONLY", TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, ENDS,
      "this Redis is a replica: the master is looked for again" },
    { "MASTERDOWN", TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, ENDS,
      "this Redis is a replica that lost its master" },
    { "NOPERM", TSEC_E_UNAVAILABLE, TSEC_E_CONFIG, KEEPS,
      "the Redis user may not do what is needed: give it the rule in docs/store-redis.md" },
    { "NOAUTH", TSEC_E_UNAVAILABLE, TSEC_E_CONFIG, ENDS,
      "a password is wanted: write redis://USER:PASSWORD@HOST; sentinels: sentinel_password" },
    { "WRONGPASS", TSEC_E_UNAVAILABLE, TSEC_E_CONFIG, ENDS,
      "user or password is wrong, or the user is off" },
    { "DENIED", TSEC_E_UNAVAILABLE, TSEC_E_CONFIG, ENDS,
      "Redis is in protected mode: set a password and its bind addresses" },
    { "WRONGTYPE", TSEC_E_TAMPERED, TSEC_E_CONFIG, KEEPS,
      "somebody else's keys stand where ours would: use another prefix= or database" },
    { OTHERS, TSEC_E_TAMPERED, TSEC_E_CONFIG, KEEPS,
      "the keys are of another program or release: use another prefix= or database" },
    { MISSING, TSEC_E_TAMPERED, TSEC_E_TAMPERED, KEEPS,
      "a key is listed and its value is not there: restore a backup" },
    { "MOVED", TSEC_E_UNAVAILABLE, TSEC_E_CONFIG, ENDS,
      "a Redis Cluster: name a Redis that is not part of one" },
    { "ASK", TSEC_E_UNAVAILABLE, TSEC_E_CONFIG, ENDS,
      "a Redis Cluster: name a Redis that is not part of one" },
    { "TRYAGAIN", TSEC_E_UNAVAILABLE, TSEC_E_CONFIG, ENDS,
      "a Redis Cluster: name a Redis that is not part of one" },
    { "CLUSTERDOWN", TSEC_E_UNAVAILABLE, TSEC_E_CONFIG, ENDS,
      "a Redis Cluster: name a Redis that is not part of one" },
    { "NOSCRIPT", TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, KEEPS,
      "Redis forgot a script twice in a row: it is tried again" },
};

bool
redis_error_is(const struct redis_reply *reply, const char *word)
{
    const size_t len = strlen(word);

    return redis_reply_is(reply, REDIS_REPLY_ERROR)
           && tsec_span_starts(reply->text, tsec_span_str(word))
           && (reply->text.len == len || reply->text.ptr[len] == ' ');
}

/* Within what our script was told, in the words of whichever release: "OOM ...", "@user_script: 9:
 * -OOM ...". */
static bool
holds_word(struct tsec_span text, const char *word)
{
    const uint8_t *at = memmem(text.ptr, text.len, word, strlen(word));
    const uint8_t *end = at == NULL ? NULL : at + strlen(word);

    return at != NULL && at > text.ptr && (at[-1] == ' ' || at[-1] == '-')
           && (end == text.ptr + text.len || *end == ' ');
}

/* Redis 7.0 says so of a command in a script; ours says otherwise when it had begun to write. */
static bool
is_right_missing(const struct redis_reply *reply)
{
    static const char missing[] = "can't run this command";

    return redis_error_is(reply, "ERR")
           && memmem(reply->text.ptr, reply->text.len, missing, sizeof(missing) - 1) != NULL;
}

/* The entry of the table, or its length. */
static size_t
look_up(const struct redis_reply *reply)
{
    const bool refused = redis_error_is(reply, REFUSED);
    const bool missing = is_right_missing(reply);
    size_t i = 0;

    while (i < TSEC_ARRAY_LEN(table) && !redis_error_is(reply, table[i].word)
           && !(refused && holds_word(reply->text, table[i].word))
           && !(missing && strcmp(table[i].word, "NOPERM") == 0)) {
        i++;
    }
    return i;
}

bool
redis_error_ends_link(const struct redis_reply *reply)
{
    const size_t i = look_up(reply);

    return i < TSEC_ARRAY_LEN(table) && table[i].link == ENDS;
}

/* Text of Redis' own goes into the log when it is plain, and only its beginning: what an error may
 * quote of a request is a command's name or a key, never a value; AUTH's errors quote nothing. */
static tsec_rc
fail_unknown(const struct redis_reply *reply, enum redis_asked asked, struct tsec_err *err)
{
    const bool plain = redis_reply_is(reply, REDIS_REPLY_ERROR) && tsec_text_plain(reply->text);
    const int len = !plain ? 0 : reply->text.len > 80 ? 80 : (int)reply->text.len;
    const char *text = plain ? (const char *)reply->text.ptr : "";

    if (redis_error_is(reply, HALFWAY)) {
        return TSEC_FAIL(err, TSEC_E_OUTCOME_UNKNOWN,
                         "Redis failed in the middle of a commit: compare with a backup: %.*s", len,
                         text);
    }
    if (asked == REDIS_ASKED_COMMIT) {
        return TSEC_FAIL(err, TSEC_E_OUTCOME_UNKNOWN,
                         "Redis answered a commit with what says neither yes nor no: %.*s", len,
                         text);
    }
    if (asked == REDIS_ASKED_LOGIN) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "Redis does not take what this store needs: %.*s", len,
                         text);
    }
    return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "Redis answered what was not asked: %.*s", len, text);
}

tsec_rc
redis_fail(const struct redis_reply *reply, enum redis_asked asked, struct tsec_err *err)
{
    const size_t i = look_up(reply);

    if (i < TSEC_ARRAY_LEN(table)) {
        return TSEC_FAIL(err, asked == REDIS_ASKED_LOGIN ? table[i].login : table[i].code, "%s: %s",
                         table[i].word, table[i].advice);
    }
    return fail_unknown(reply, redis_error_is(reply, REFUSED) ? REDIS_ASKED_READ : asked, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "store-redis/redis_error.h"

#include <string.h>

#include "tests/test.h"

static struct redis_reply
reply_of(int type, const char *text)
{
    return (struct redis_reply){ .type = type, .text = tsec_span_str(text) };
}

static int32_t
code_of(const char *text, enum redis_asked asked)
{
    const struct redis_reply reply = reply_of(REDIS_REPLY_ERROR, text);
    struct tsec_err err = { 0 };
    const tsec_rc rc = redis_fail(&reply, asked, &err);

    CU_ASSERT_TRUE(strlen(err.detail) > 10);
    return rc.code;
}

/* As Redis 7.0 words them. */
static const struct {
    const char *text;
    enum tsec_code login;
    enum tsec_code read;
    enum tsec_code commit;
    bool ends;
} t[] = {
    { "LOADING Redis is loading the dataset in memory", TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE,
      TSEC_E_UNAVAILABLE, false },
    { "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
      TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, false },
    { "OOM command not allowed when used memory > 'maxmemory'. script: 1, on @user_script:1.",
      TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, false },
    { "MISCONF Errors writing to the AOF file: No space left on device", TSEC_E_READ_ONLY,
      TSEC_E_READ_ONLY, TSEC_E_READ_ONLY, false },
    { "NOREPLICAS Not enough good replicas to write.", TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE,
      TSEC_E_UNAVAILABLE, false },
    { "READONLY You can't write against a read only replica.", TSEC_E_UNAVAILABLE,
      TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, true },
    { "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
      TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, true },
    { "NOPERM this user has no permissions to run the 'hset' command", TSEC_E_CONFIG,
      TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, false },
    { "NOAUTH Authentication required.", TSEC_E_CONFIG, TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE,
      true },
    { "WRONGPASS invalid username-password pair or user is disabled.", TSEC_E_CONFIG,
      TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, true },
    { "DENIED Redis is running in protected mode", TSEC_E_CONFIG, TSEC_E_UNAVAILABLE,
      TSEC_E_UNAVAILABLE, true },
    { "WRONGTYPE Operation against a key holding the wrong kind of value", TSEC_E_CONFIG,
      TSEC_E_TAMPERED, TSEC_E_TAMPERED, false },
    { "TSECFORMAT another format", TSEC_E_CONFIG, TSEC_E_TAMPERED, TSEC_E_TAMPERED, false },
    { "TSECMISSING a value", TSEC_E_TAMPERED, TSEC_E_TAMPERED, TSEC_E_TAMPERED, false },
    { "MOVED 3999 127.0.0.1:6381", TSEC_E_CONFIG, TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, true },
    { "CLUSTERDOWN Hash slot not served", TSEC_E_CONFIG, TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE,
      true },
    { "NOSCRIPT No matching script. Please use EVAL.", TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE,
      TSEC_E_UNAVAILABLE, false },
    /* Nobody knows when these were given: after a commit, never a guess. */
    { "ERR unknown command 'EVALSHA'", TSEC_E_CONFIG, TSEC_E_UNAVAILABLE, TSEC_E_OUTCOME_UNKNOWN,
      false },
    { "ERR DB index is out of range", TSEC_E_CONFIG, TSEC_E_UNAVAILABLE, TSEC_E_OUTCOME_UNKNOWN,
      false },
    { "UNBLOCKED force unblock from blocking operation", TSEC_E_CONFIG, TSEC_E_UNAVAILABLE,
      TSEC_E_OUTCOME_UNKNOWN, false },
    { "TSECHALFWAY ERR what should not happen", TSEC_E_OUTCOME_UNKNOWN, TSEC_E_OUTCOME_UNKNOWN,
      TSEC_E_OUTCOME_UNKNOWN, false },
    { "ERR The user executing the script can't run this command or subcommand", TSEC_E_CONFIG,
      TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, false },
    /* What our script tried in vain before it wrote: surely not applied, in whatever words. */
    { "TSECREFUSED OOM command not allowed", TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE,
      TSEC_E_UNAVAILABLE, false },
    { "TSECREFUSED @user_script: 25: -READONLY You can't write against a read only replica.",
      TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, true },
    { "TSECREFUSED MISCONF Redis is configured to save RDB snapshots", TSEC_E_READ_ONLY,
      TSEC_E_READ_ONLY, TSEC_E_READ_ONLY, false },
    { "TSECREFUSED ERR The user executing the script can't run this command", TSEC_E_UNAVAILABLE,
      TSEC_E_UNAVAILABLE, TSEC_E_UNAVAILABLE, false },
    { "", TSEC_E_CONFIG, TSEC_E_UNAVAILABLE, TSEC_E_OUTCOME_UNKNOWN, false },
    /* A word is a whole word. */
    { "OOMX", TSEC_E_CONFIG, TSEC_E_UNAVAILABLE, TSEC_E_OUTCOME_UNKNOWN, false },
    { "READONL", TSEC_E_CONFIG, TSEC_E_UNAVAILABLE, TSEC_E_OUTCOME_UNKNOWN, false },
    { "ERR OOM", TSEC_E_CONFIG, TSEC_E_UNAVAILABLE, TSEC_E_OUTCOME_UNKNOWN, false },
};

static void
every_word_has_its_code(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        const struct redis_reply reply = reply_of(REDIS_REPLY_ERROR, t[i].text);

        CU_ASSERT_EQUAL(code_of(t[i].text, REDIS_ASKED_LOGIN), t[i].login);
        CU_ASSERT_EQUAL(code_of(t[i].text, REDIS_ASKED_READ), t[i].read);
        CU_ASSERT_EQUAL(code_of(t[i].text, REDIS_ASKED_COMMIT), t[i].commit);
        CU_ASSERT_EQUAL(redis_error_ends_link(&reply), t[i].ends);
    }
}

static void
an_answer_of_another_type_is_no_success(void)
{
    static const int types[] = { REDIS_REPLY_STRING, REDIS_REPLY_STATUS, REDIS_REPLY_NIL,
                                 REDIS_REPLY_ARRAY, REDIS_REPLY_INTEGER };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        const struct redis_reply reply = reply_of(types[i], "OOM");

        CU_ASSERT_EQUAL(redis_fail(&reply, REDIS_ASKED_COMMIT, NULL).code, TSEC_E_OUTCOME_UNKNOWN);
        CU_ASSERT_EQUAL(redis_fail(&reply, REDIS_ASKED_READ, NULL).code, TSEC_E_UNAVAILABLE);
        CU_ASSERT_EQUAL(redis_fail(&reply, REDIS_ASKED_LOGIN, NULL).code, TSEC_E_CONFIG);
        CU_ASSERT_FALSE(redis_error_is(&reply, "OOM"));
        CU_ASSERT_FALSE(redis_error_ends_link(&reply));
    }
    CU_ASSERT_EQUAL(redis_fail(NULL, REDIS_ASKED_COMMIT, NULL).code, TSEC_E_OUTCOME_UNKNOWN);
}

static void
what_redis_says_does_not_break_the_log(void)
{
    struct redis_reply reply = reply_of(REDIS_REPLY_ERROR, "ERR \x1b[31m forged\x01 line");
    struct tsec_err err = { 0 };

    CU_ASSERT_EQUAL(redis_fail(&reply, REDIS_ASKED_READ, &err).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NULL(strstr(err.detail, "forged"));
    reply.text = tsec_span_str("ERR plain");
    CU_ASSERT_EQUAL(redis_fail(&reply, REDIS_ASKED_READ, &err).code, TSEC_E_UNAVAILABLE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "plain"));
}

static const struct test_case cases[] = {
    { "every word has its code", every_word_has_its_code },
    { "an answer of another type is no success", an_answer_of_another_type_is_no_success },
    { "what Redis says does not break the log", what_redis_says_does_not_break_the_log },
};

TEST_MAIN("redis_error", cases)

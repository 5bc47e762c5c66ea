/* SPDX-License-Identifier: Apache-2.0 */
/* What a host that means harm may answer; that the rest is right is the store contract's. */
#include "store-redis/redis_rows.h"

#include <string.h>

#include "tests/plugins/redis_double.h"
#include "tests/plugins/redis_trial.h"

enum { QUICK_MS = 300 };

static const char *const quick[] = { "call_timeout_ms", "300", NULL };

/* Opens on a twin that answers so from then on. */
static void
open_on(struct redis_double *twin, struct redis_trial *trial, const struct redis_canned *canned)
{
    static unsigned n;
    char name[32];
    char uri[300];

    (void)snprintf(name, sizeof(name), "twin%u", n++);
    redis_double_start(twin, name, canned);
    redis_double_uri(twin, uri, sizeof(uri));
    CU_ASSERT_EQUAL_FATAL(redis_trial_open(trial, uri, quick), 0);
}

static void
end(struct redis_double *twin, struct redis_trial *trial)
{
    redis_trial_close(trial);
    redis_double_stop(twin);
}

static tsec_rc
count(void *ctx, struct tsec_span key, struct tsec_span value)
{
    (void)key;
    (void)value;
    ++*(unsigned *)ctx;
    return TSEC_OK;
}

static int32_t
get_many_of_two(struct redis_trial *trial)
{
    const struct tsec_span keys[] = { tsec_span_str("a"), tsec_span_str("b") };
    unsigned n = 0;

    return redis_ops()->get_many(trial->store, keys, 2, count, &n, NULL).code;
}

static int32_t
scan_all(struct redis_trial *trial, unsigned *visits)
{
    return redis_ops()
        ->scan(trial->store, tsec_span_str("k"), tsec_span("", 0), 1000, count, visits, NULL)
        .code;
}

static void
a_get_takes_a_string_or_nothing(void)
{
    static const struct {
        const char *reply;
        int32_t code;
    } t[] = {
        { "$1\r\n1\r\n", 0 },
        { "$-1\r\n", TSEC_E_NOT_FOUND },
        { "*-1\r\n", TSEC_E_NOT_FOUND },
        { ":1\r\n", TSEC_E_UNAVAILABLE },
        { "+1\r\n", TSEC_E_UNAVAILABLE },
        { "*1\r\n$1\r\n1\r\n", TSEC_E_UNAVAILABLE },
        { "*2147483647\r\n", TSEC_E_UNAVAILABLE },
        { "$2147483648\r\n", TSEC_E_UNAVAILABLE },
        { "-WRONGTYPE it is a list\r\n", TSEC_E_TAMPERED },
        { "garbage\r\n", TSEC_E_UNAVAILABLE },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        const struct redis_canned canned[] = { { "HGET", t[i].reply, 0, REDIS_ANSWERS },
                                               { NULL, NULL, 0, REDIS_ANSWERS } };
        struct redis_double twin;
        struct redis_trial trial;
        const int64_t before = redis_trial_ms();

        open_on(&twin, &trial, canned);
        CU_ASSERT_EQUAL(redis_trial_get(&trial, "a", "1"), t[i].code);
        CU_ASSERT_TRUE(redis_trial_ms() - before < 3 * QUICK_MS);
        end(&twin, &trial);
    }
}

static void
a_value_beyond_the_limit_is_tampering(void)
{
    static char reply[TSEC_STORE_VALUE_MAX + 64];
    const int head = snprintf(reply, sizeof(reply), "$%zu\r\n", TSEC_STORE_VALUE_MAX + 1);
    const struct redis_canned canned[] = {
        { "HGET", reply, (size_t)head + TSEC_STORE_VALUE_MAX + 3, REDIS_ANSWERS },
        { NULL, NULL, 0, REDIS_ANSWERS },
    };
    struct redis_double twin;
    struct redis_trial trial;

    memset(reply + head, 'x', TSEC_STORE_VALUE_MAX + 1);
    memcpy(reply + head + TSEC_STORE_VALUE_MAX + 1, "\r\n", 2);
    open_on(&twin, &trial, canned);
    CU_ASSERT_EQUAL(redis_trial_get(&trial, "a", "1"), TSEC_E_TAMPERED);
    end(&twin, &trial);
}

/* A key twice, backwards, out of the range or without end would make a scan wrong or endless. */
static void
a_page_holds_what_was_asked_for_in_order(void)
{
    static const struct {
        const char *reply;
        int32_t code;
        unsigned visits;
    } t[] = {
        { "*3\r\n:0\r\n$2\r\nk1\r\n$1\r\nv\r\n", 0, 1 },
        { "*1\r\n:0\r\n", 0, 0 },
        { "*1\r\n:1\r\n", 0, 0 }, /* "more" of nothing is an end too */
        { "*5\r\n:0\r\n$2\r\nk2\r\n$1\r\nv\r\n$2\r\nk1\r\n$1\r\nv\r\n", TSEC_E_UNAVAILABLE, 1 },
        { "*5\r\n:0\r\n$2\r\nk1\r\n$1\r\nv\r\n$2\r\nk1\r\n$1\r\nv\r\n", TSEC_E_UNAVAILABLE, 1 },
        { "*3\r\n:0\r\n$1\r\nj\r\n$1\r\nv\r\n", TSEC_E_UNAVAILABLE, 0 },
        { "*3\r\n:0\r\n$1\r\nl\r\n$1\r\nv\r\n", TSEC_E_UNAVAILABLE, 0 },
        { "*3\r\n:0\r\n$0\r\n\r\n$1\r\nv\r\n", TSEC_E_UNAVAILABLE, 0 },
        { "*3\r\n:0\r\n$2\r\nk1\r\n$-1\r\n", TSEC_E_UNAVAILABLE, 0 },
        { "*2\r\n:0\r\n$2\r\nk1\r\n", TSEC_E_UNAVAILABLE, 0 },
        { "*3\r\n+0\r\n$2\r\nk1\r\n$1\r\nv\r\n", TSEC_E_UNAVAILABLE, 0 },
        { "*0\r\n", TSEC_E_UNAVAILABLE, 0 },
        { ":0\r\n", TSEC_E_UNAVAILABLE, 0 },
        { "-TSECMISSING a value\r\n", TSEC_E_TAMPERED, 0 },
        /* A whole page again and again: the second begins where the first did. */
        { "*3\r\n:1\r\n$2\r\nk1\r\n$1\r\nv\r\n", TSEC_E_UNAVAILABLE, 1 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        const struct redis_canned canned[] = { { "page", t[i].reply, 0, REDIS_ANSWERS },
                                               { NULL, NULL, 0, REDIS_ANSWERS } };
        struct redis_double twin;
        struct redis_trial trial;
        unsigned visits = 0;

        open_on(&twin, &trial, canned);
        CU_ASSERT_EQUAL(scan_all(&trial, &visits), t[i].code);
        CU_ASSERT_EQUAL(visits, t[i].visits);
        end(&twin, &trial);
    }
}

static void
many_values_are_no_more_than_the_keys(void)
{
    static const struct {
        const char *reply;
        int32_t code;
    } t[] = {
        { "*2\r\n$1\r\n1\r\n$-1\r\n", 0 },
        { "*1\r\n$1\r\n1\r\n", 0 }, /* and the rest the next time */
        { "*0\r\n", TSEC_E_UNAVAILABLE },
        { "*3\r\n$1\r\n1\r\n$1\r\n1\r\n$1\r\n1\r\n", TSEC_E_UNAVAILABLE },
        { "*2\r\n:1\r\n:2\r\n", TSEC_E_UNAVAILABLE },
        { "$1\r\n1\r\n", TSEC_E_UNAVAILABLE },
        { "$-1\r\n", TSEC_E_UNAVAILABLE },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        const struct redis_canned canned[] = { { "many", t[i].reply, 0, REDIS_ANSWERS },
                                               { NULL, NULL, 0, REDIS_ANSWERS } };
        struct redis_double twin;
        struct redis_trial trial;

        open_on(&twin, &trial, canned);
        CU_ASSERT_EQUAL(get_many_of_two(&trial), t[i].code);
        end(&twin, &trial);
    }
}

static void
a_commit_is_known_only_by_a_number(void)
{
    static const struct {
        const char *reply;
        int32_t code;
        enum redis_manner manner;
    } t[] = {
        { ":0\r\n", 0, REDIS_ANSWERS },
        { ":1\r\n", TSEC_E_CONFLICT, REDIS_ANSWERS },
        { ":-1\r\n", TSEC_E_OUTCOME_UNKNOWN, REDIS_ANSWERS },
        { "+OK\r\n", TSEC_E_OUTCOME_UNKNOWN, REDIS_ANSWERS },
        { "$-1\r\n", TSEC_E_OUTCOME_UNKNOWN, REDIS_ANSWERS },
        { "$1\r\n0\r\n", TSEC_E_OUTCOME_UNKNOWN, REDIS_ANSWERS },
        { "*1\r\n:0\r\n", TSEC_E_OUTCOME_UNKNOWN, REDIS_ANSWERS },
        { "*1000000\r\n", TSEC_E_OUTCOME_UNKNOWN, REDIS_ANSWERS },
        { "-ERR whatever\r\n", TSEC_E_OUTCOME_UNKNOWN, REDIS_ANSWERS },
        { "-OOM command not allowed\r\n", TSEC_E_UNAVAILABLE, REDIS_ANSWERS },
        { "-NOSCRIPT\r\n", TSEC_E_UNAVAILABLE, REDIS_ANSWERS },
        { "", TSEC_E_OUTCOME_UNKNOWN, REDIS_CLOSES },
        { ":", TSEC_E_OUTCOME_UNKNOWN, REDIS_CLOSES },
        { "", TSEC_E_OUTCOME_UNKNOWN, REDIS_HANGS },
        { ":0000000000000000000000000000000000000\r\n", TSEC_E_OUTCOME_UNKNOWN, REDIS_DRIPS },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        const struct redis_canned canned[] = { { "commit", t[i].reply, 0, t[i].manner },
                                               { NULL, NULL, 0, REDIS_ANSWERS } };
        struct redis_double twin;
        struct redis_trial trial;
        int64_t before;

        open_on(&twin, &trial, canned);
        before = redis_trial_ms();
        CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "1"), t[i].code);
        CU_ASSERT_TRUE(redis_trial_ms() - before < QUICK_MS + 500);
        end(&twin, &trial);
    }
}

static void
what_no_master_answers_is_not_believed(void)
{
    static const char slave[] = "*5\r\n$5\r\nslave\r\n$1\r\nh\r\n:1\r\n$9\r\nconnected\r\n:0\r\n";
    static const struct redis_canned canned[] = { { "HGET", "$1\r\n1\r\n", 0, REDIS_ANSWERS },
                                                  { "ROLE", slave, 0, REDIS_ANSWERS },
                                                  { NULL, NULL, 0, REDIS_ANSWERS } };
    struct redis_double twin;
    struct redis_trial trial;

    open_on(&twin, &trial, NULL);
    atomic_store(&twin.canned, canned);
    CU_ASSERT_EQUAL(redis_trial_get(&trial, "a", "1"), TSEC_E_UNAVAILABLE);
    end(&twin, &trial);
}

/* An answer that nobody asked for would be taken for that of the next question. */
static void
a_connection_with_something_left_over_is_not_used_again(void)
{
    static const struct redis_canned twice[] = { { "commit", ":0\r\n:0\r\n", 0, REDIS_ANSWERS },
                                                 { NULL, NULL, 0, REDIS_ANSWERS } };
    static const struct redis_canned conflict[] = { { "commit", ":1\r\n", 0, REDIS_ANSWERS },
                                                    { NULL, NULL, 0, REDIS_ANSWERS } };
    struct redis_double twin;
    struct redis_trial trial;

    open_on(&twin, &trial, twice);
    CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "1"), 0);
    atomic_store(&twin.canned, conflict);
    CU_ASSERT_EQUAL(redis_trial_put(&trial, "a", "1"), TSEC_E_CONFLICT);
    CU_ASSERT_EQUAL(atomic_load(&twin.connections), 2);
    end(&twin, &trial);
}

static const struct test_case cases[] = {
    { "a get takes a string or nothing", a_get_takes_a_string_or_nothing },
    { "a value beyond the limit is tampering", a_value_beyond_the_limit_is_tampering },
    { "a page holds what was asked for, in order", a_page_holds_what_was_asked_for_in_order },
    { "many values are no more than the keys", many_values_are_no_more_than_the_keys },
    { "a commit is known only by a number", a_commit_is_known_only_by_a_number },
    { "what no master answers is not believed", what_no_master_answers_is_not_believed },
    { "a connection with something left over is not used again",
      a_connection_with_something_left_over_is_not_used_again },
};

TEST_MAIN("redis_rows", cases)

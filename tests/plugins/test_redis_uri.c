/* SPDX-License-Identifier: Apache-2.0 */
#include "store-redis/redis_uri.h"

#include <string.h>

#include "base/span.h"
#include "tests/test.h"

static void
what_a_uri_says_is_taken(void)
{
    static const struct {
        const char *uri;
        const char *place; /* the last */
        size_t places;
        const char *user;
        const char *password; /* NULL: none */
        unsigned db;
        const char *sentinel;
        unsigned wait;
        const char *prefix;
    } t[] = {
        { "redis://db", "db:6379", 1, "", NULL, 0, "", 0, "tee-secrets" },
        { "redis://db:7000/3", "db:7000", 1, "", NULL, 3, "", 0, "tee-secrets" },
        { "redis://db/", "db:6379", 1, "", NULL, 0, "", 0, "tee-secrets" },
        { "redis://:pass@db", "db:6379", 1, "", "pass", 0, "", 0, "tee-secrets" },
        { "redis://tee:p%40ss%3a%2F@db/1", "db:6379", 1, "tee", "p@ss:/", 1, "", 0, "tee-secrets" },
        { "redis://tee:p@ss@db", "db:6379", 1, "tee", "p@ss", 0, "", 0, "tee-secrets" },
        { "redis://[::1]:7000", "[::1]:7000", 1, "", NULL, 0, "", 0, "tee-secrets" },
        { "redis://[fd00::2]", "[fd00::2]:6379", 1, "", NULL, 0, "", 0, "tee-secrets" },
        { "redis://a,b:1,c", "c:6379", 3, "", NULL, 0, "", 0, "tee-secrets" },
        { "redis://a,b/2?sentinel=main", "b:26379", 2, "", NULL, 2, "main", 0, "tee-secrets" },
        { "redis://a?wait_replicas=2&prefix=blue.1", "a:6379", 1, "", NULL, 0, "", 2, "blue.1" },
        { "redis://a?db=9", "a:6379", 1, "", NULL, 9, "", 0, "tee-secrets" },
        { "redis://vsock:3:6380/1", "vsock:3:6380", 1, "", NULL, 1, "", 0, "tee-secrets" },
        { "redis://vsock:4294967295", "vsock:4294967295:6379", 1, "", NULL, 0, "", 0,
          "tee-secrets" },
        { "redis+unix:///run/redis/redis.sock", "/run/redis/redis.sock", 1, "", NULL, 0, "", 0,
          "tee-secrets" },
        { "redis+unix://u:p@/r.sock?db=2", "/r.sock", 1, "u", "p", 2, "", 0, "tee-secrets" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        struct redis_uri uri;
        struct tsec_err err = { 0 };
        char place[REDIS_PLACE_TEXT] = "";

        CU_ASSERT_EQUAL(redis_uri_parse(t[i].uri, &uri, &err).code, 0);
        CU_ASSERT_EQUAL_FATAL(uri.places_len, t[i].places);
        redis_place_text(&uri.places[uri.places_len - 1], place);
        CU_ASSERT_STRING_EQUAL(place, t[i].place);
        CU_ASSERT_STRING_EQUAL(uri.user, t[i].user);
        CU_ASSERT_EQUAL(uri.has_password, t[i].password != NULL);
        CU_ASSERT_STRING_EQUAL(uri.password, t[i].password == NULL ? "" : t[i].password);
        CU_ASSERT_EQUAL(uri.db, t[i].db);
        CU_ASSERT_STRING_EQUAL(uri.sentinel, t[i].sentinel);
        CU_ASSERT_EQUAL(uri.wait_replicas, t[i].wait);
        CU_ASSERT_STRING_EQUAL(uri.prefix, t[i].prefix);
        redis_uri_done(&uri);
        CU_ASSERT_STRING_EQUAL(uri.password, "");
    }
}

/* Each of these holds "hunter2", which no error may repeat. */
static void
what_is_wrong_is_refused_without_the_password(void)
{
    static const char *const t[] = {
        "",
        "hunter2",
        "http://hunter2",
        "redis:hunter2",
        "redis://",
        "rediss://u:hunter2@db",
        "redis://u:hunter2@",
        "redis://u:hunter2@/1",
        "redis://u:hunter2@db:0",
        "redis://u:hunter2@db:65536",
        "redis://u:hunter2@db:x",
        "redis://u:hunter2@db:",
        "redis://u:hunter2@db,",
        "redis://u:hunter2@,db",
        "redis://u:hunter2@[::1",
        "redis://u:hunter2@[::1]x",
        "redis://u:hunter2@[]:1",
        "redis://u:hunter2@a,b,c,d,e,f,g,h,i",
        "redis://u:hunter2@db/x",
        "redis://u:hunter2@db/-1",
        "redis://u:hunter2@db/65536",
        "redis://u:hunter2@db/1/2",
        "redis://u:hunter2@db/99999999999999999999",
        "redis://u:hunter2@db?tls=true",
        "redis://u:hunter2@db?db=",
        "redis://u:hunter2@db?prefix=",
        "redis://u:hunter2@db?prefix={x}",
        "redis://u:hunter2@db?prefix=a%20b",
        "redis://u:hunter2@db?sentinel=",
        "redis://u:hunter2@db?wait_replicas=17",
        "redis://u:hunter2@db?wait_replicas=-1",
        "redis://u:hunter2@db?wait_replicas",
        "redis://u:hunter2@db?hunter2=1",
        "redis://u:hunter2@db?&",
        "redis://u:hunter2@db#1",
        "redis://u:hunter2%@db",
        "redis://u:hunter2%00@db",
        "redis://u:hunter2%0a@db",
        "redis://hunter2@db",
        "redis://u:@db/hunter2",
        "redis://vsock:",
        "redis://vsock:x:1/hunter2",
        "redis://vsock:3:0/hunter2",
        "redis://vsock:4294967296/hunter2",
        "redis+unix://u:hunter2@db/r.sock",
        "redis+unix://u:hunter2@",
        "redis+unix://u:hunter2@/",
        "redis+unix://u:hunter2@/r.sock?sentinel=main",
        "redis+unix:///"
        "0123456789012345678901234567890123456789012345678901234567890123456789"
        "0123456789012345678901234567890123456789hunter2",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(t); i++) {
        struct redis_uri uri;
        struct tsec_err err = { 0 };
        const tsec_rc rc = redis_uri_parse(t[i], &uri, &err);

        CU_ASSERT_EQUAL(rc.code, TSEC_E_CONFIG);
        if (rc.code != TSEC_E_CONFIG) {
            (void)fprintf(stderr, "taken: %s\n", t[i]);
        }
        CU_ASSERT_PTR_NULL(strstr(err.detail, "hunter2"));
        CU_ASSERT_TRUE(strlen(err.detail) > 20);
        CU_ASSERT_STRING_EQUAL(uri.password, "");
    }
}

static void
tls_is_refused_with_what_to_do(void)
{
    struct redis_uri uri;
    struct tsec_err err = { 0 };

    CU_ASSERT_EQUAL(redis_uri_parse("rediss://db:6380/0", &uri, &err).code, TSEC_E_CONFIG);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "stunnel"));
}

static void
a_place_reads_as_it_was_written(void)
{
    static const char *const good[] = { "a:1", "127.0.0.1:65535", "[::1]:9", "vsock:16:5000" };
    static const char *const bad[] = {
        "", ":1", "a", "a:", "a:0", "a/b:1", "a b:1", "[a:1", "u@a:1"
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(good); i++) {
        struct redis_place place;
        char text[REDIS_PLACE_TEXT];

        CU_ASSERT_TRUE(redis_place_parse(tsec_span_str(good[i]), 0, &place));
        redis_place_text(&place, text);
        CU_ASSERT_STRING_EQUAL(text, good[i]);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        struct redis_place place;

        CU_ASSERT_FALSE(redis_place_parse(tsec_span_str(bad[i]), 0, &place));
    }
}

static const struct test_case cases[] = {
    { "what a URI says is taken", what_a_uri_says_is_taken },
    { "what is wrong is refused without the password",
      what_is_wrong_is_refused_without_the_password },
    { "TLS is refused with what to do", tls_is_refused_with_what_to_do },
    { "a place reads as it was written", a_place_reads_as_it_was_written },
};

TEST_MAIN("redis_uri", cases)

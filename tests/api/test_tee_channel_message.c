/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/double/channel_bench.h"
#include "tests/test.h"

static struct api_bench b;
static struct channel_bench c;

static void
begin(void)
{
    api_bench_open(&b, "mem:channel");
    channel_bench_init(&c, &b);
    channel_bench_open(&c, NULL);
}

static void
end(void)
{
    channel_bench_done(&c);
    api_bench_close(&b);
}

static void
a_request_inside_is_answered_as_one_outside(void)
{
    begin();
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/secret/data/a", "{\"data\":{\"k\":\"v1\"}}"),
                    200);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/secret/data/a", b.root, NULL), 200);
    CU_ASSERT_STRING_EQUAL(channel_bench_str(&c, "data.data.k"), "v1");
    CU_ASSERT_TRUE(c.reply.has_audit_index);
    CU_ASSERT_EQUAL(
        channel_bench_call(&c, "PUT", "/v1/secret/data/b", b.root, "{\"data\":{\"k\":\"v2\"}}"),
        200);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/secret/data/b", NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.data.k"), "v2");
    end();
}

static void
query_and_escapes_are_read_as_outside(void)
{
    begin();
    CU_ASSERT_EQUAL(
        channel_bench_call(&c, "POST", "/v1/secret/data/a%20b", b.root, "{\"data\":{\"k\":\"1\"}}"),
        200);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/secret/metadata/?list=true", b.root, NULL),
                    200);
    CU_ASSERT_STRING_EQUAL(channel_bench_str(&c, "data.keys.0"), "a b");
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/secret/data/a%20b?version=9", b.root, NULL),
                    404);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/secret/data/%2e%2e/x", b.root, NULL), 400);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/secret//x", b.root, NULL), 400);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "secret", b.root, NULL), 400);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "NONE", "/v1/secret/data/a", b.root, NULL), 405);
    end();
}

static void
method_and_path_may_be_hidden(void)
{
    const struct amc_inner_request both = { .method = tsec_span_str("GET"),
                                            .path = tsec_span_str("/v1/sys/health") };
    const struct amc_inner_request neither = { .token = tsec_span_str("t") };

    begin();
    CU_ASSERT_EQUAL(channel_bench_hidden(&c, "GET", "/v1/sys/version", NULL, NULL), 200);
    CU_ASSERT_EQUAL(channel_bench_send(&c, "GET", "/v1/sys/version", &both), 400);
    CU_ASSERT_EQUAL(channel_bench_send(&c, "POST", AMC_INNER_PATH, &neither), 400);
    CU_ASSERT_EQUAL(channel_bench_hidden(&c, "POST", AMC_INNER_PATH, NULL, NULL), 403);
    end();
}

static void
what_fails_inside_is_said_inside(void)
{
    begin();
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/secret/data/a", NULL, NULL), 403);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/secret/data/a", "wrong", NULL), 403);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/secret/data/none", b.root, NULL), 404);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", "/v1/sys/version", b.root, NULL), 405);
    CU_ASSERT_STRING_EQUAL(channel_bench_str(&c, "code"), "method");
    CU_ASSERT_TRUE(c.reply.allow.len > 0);
    end();
}

static void
members_have_no_characters_that_headers_have_not(void)
{
    const struct amc_inner_request bad[] = {
        { .token = tsec_span_str("a b") },
        { .wrap_ttl = tsec_span_str("1h\r\n") },
        { .idempotency_key = tsec_span_str("\x01") },
        { .content_type = tsec_span_str("a\nb") },
    };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(channel_bench_send(&c, "GET", "/v1/sys/health", &bad[i]), 400);
    }
    end();
}

static void
headers_of_a_request_stand_inside(void)
{
    struct amc_inner_request wrapped = { .wrap_ttl = tsec_span_str("60") };

    begin();
    wrapped.token = tsec_span_str(b.root);
    CU_ASSERT_EQUAL(channel_bench_send(&c, "GET", "/v1/auth/token/lookup-self", &wrapped), 200);
    CU_ASSERT_TRUE(strlen(channel_bench_str(&c, "wrap_info.token")) > 10);
    end();
}

/* ---- what is no message of this channel ---- */

static void
a_message_counts_once(void)
{
    begin();
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/sys/version", NULL, NULL), 200);
    CU_ASSERT_EQUAL(channel_bench_post(&c, (const char *)c.sent.ptr), 403);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "code"), "channel_replay");
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/sys/version", NULL, NULL), 200);
    end();
}

static void
replace(char *text, const char *from, const char *to)
{
    char *at = strstr(text, from);

    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    CU_ASSERT_EQUAL_FATAL(strlen(from), strlen(to));
    memcpy(at, to, strlen(to));
}

static void
a_message_that_was_altered_does_nothing_and_harms_nothing(void)
{
    static const char *const changes[][2] = {
        { "\"m\":\"GET\"", "\"m\":\"PUT\"" },
        { "sys/version", "sys/versiom" },
        { "\"s\":1", "\"s\":7" },
    };

    begin();
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/sys/version", NULL, NULL), 200);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(changes); i++) {
        char *copy = strdup((const char *)c.sent.ptr);

        CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
        replace(copy, changes[i][0], changes[i][1]);
        replace(copy, i == 2 ? "\"e\":0" : "\"s\":1", i == 2 ? "\"e\":0" : "\"s\":9");
        CU_ASSERT_EQUAL(channel_bench_post(&c, copy), 403);
        CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "code"), "channel_message");
        free(copy);
    }
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/sys/version", NULL, NULL), 200);
    CU_ASSERT_EQUAL(channels_counts(b.channels).message_refused_total, 3);
    end();
}

static void
keys_that_are_not_there_open_nothing(void)
{
    begin();
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/sys/version", NULL, NULL), 200);
    replace((char *)c.sent.ptr, "\"e\":0", "\"e\":1");
    CU_ASSERT_EQUAL(channel_bench_post(&c, (const char *)c.sent.ptr), 403);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "code"), "channel_epoch");
    end();
}

static void
what_is_no_message_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "{}",
        "[]",
        "{\"e\":0,\"s\":0,\"m\":\"GET\",\"p\":\"/v1/a\",\"c\":\"AAAA\"}",
        "{\"e\":-1,\"s\":1,\"m\":\"GET\",\"p\":\"/v1/a\",\"c\":\"AAAA\"}",
        "{\"e\":\"0\",\"s\":1,\"m\":\"GET\",\"p\":\"/v1/a\",\"c\":\"AAAA\"}",
        "{\"e\":0,\"s\":1,\"s\":2,\"m\":\"GET\",\"p\":\"/v1/a\",\"c\":\"AAAA\"}",
        "{\"e\":0,\"s\":1,\"m\":\"ABCDEFGHIJKLMNOPQ\",\"p\":\"/v1/a\",\"c\":\"AAAA\"}",
        "{\"e\":0,\"s\":1,\"m\":\"GET\",\"p\":\"/v1/a\",\"c\":\"AA==\"}",
    };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(channel_bench_post(&c, bad[i]), 400);
    }
    CU_ASSERT_EQUAL(
        channel_bench_post(&c, "{\"e\":0,\"s\":1,\"m\":\"GET\",\"p\":\"/v1/a\",\"c\":\"AAAA\"}"),
        403);
    end();
}

static void
an_unknown_channel_is_not_found(void)
{
    static const char body[] = "{\"e\":0,\"s\":1,\"m\":\"GET\",\"p\":\"/v1/a\",\"c\":\"AAAA\"}";
    static const char *const paths[] = {
        "/v1/tee/channel/AAAAAAAAAAAAAAAAAAAAAA/msg",
        "/v1/tee/channel/AAAA/msg",
        "/v1/tee/channel/%/msg",
    };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(paths); i++) {
        CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, paths[i], NULL, body), 404);
        CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "code"), "channel_unknown");
    }
    end();
}

/* ---- what belongs where ---- */

static void
a_channel_does_not_go_through_a_channel(void)
{
    static const char *const outside[] = {
        "/v1/tee/channel",
        "/v1/tee/channel/AAAAAAAAAAAAAAAAAAAAAA/finish",
        "/v1/tee/channel/AAAAAAAAAAAAAAAAAAAAAA/msg",
    };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(outside); i++) {
        CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", outside[i], b.root, "{}"), 400);
    }
    end();
}

static void
what_is_for_the_peer_is_not_there_outside(void)
{
    static const char *const inside[] = { "rekey", "reattest", "ticket", "close" };
    char path[64];

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(inside); i++) {
        (void)snprintf(path, sizeof(path), "/v1/tee/channel/%s", inside[i]);
        CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, path, "{}"), 404);
    }
    end();
}

static void
closing_ends_it(void)
{
    begin();
    CU_ASSERT_EQUAL(channels_counts(b.channels).open, 1);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", "/v1/tee/channel/close", NULL, NULL), 204);
    CU_ASSERT_EQUAL(channels_counts(b.channels).open, 0);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/sys/version", NULL, NULL), -404);
    end();
}

static void
a_large_body_goes_through_both_ways(void)
{
    enum { LEN = 300 * 1024 };
    char *body = malloc(LEN + 64);

    CU_ASSERT_PTR_NOT_NULL_FATAL(body);
    (void)snprintf(body, LEN, "{\"data\":{\"k\":\"");
    memset(body + strlen(body), 'x', LEN);
    (void)snprintf(body + LEN, 64, "\"}}");
    begin();
    CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", "/v1/secret/data/big", b.root, body), 200);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/secret/data/big", b.root, NULL), 200);
    CU_ASSERT_TRUE(strlen(channel_bench_str(&c, "data.data.k")) > LEN - 64);
    end();
    free(body);
}

static const struct test_case cases[] = {
    { "a request inside is answered as one outside", a_request_inside_is_answered_as_one_outside },
    { "query and escapes are read as outside", query_and_escapes_are_read_as_outside },
    { "method and path may be hidden", method_and_path_may_be_hidden },
    { "what fails inside is said inside", what_fails_inside_is_said_inside },
    { "members have no characters that headers have not",
      members_have_no_characters_that_headers_have_not },
    { "headers of a request stand inside", headers_of_a_request_stand_inside },
    { "a message counts once", a_message_counts_once },
    { "a message that was altered does nothing and harms nothing",
      a_message_that_was_altered_does_nothing_and_harms_nothing },
    { "keys that are not there open nothing", keys_that_are_not_there_open_nothing },
    { "what is no message is refused", what_is_no_message_is_refused },
    { "an unknown channel is not found", an_unknown_channel_is_not_found },
    { "a channel does not go through a channel", a_channel_does_not_go_through_a_channel },
    { "what is for the peer is not there outside", what_is_for_the_peer_is_not_there_outside },
    { "closing ends it", closing_ends_it },
    { "a large body goes through both ways", a_large_body_goes_through_both_ways },
};

TEST_MAIN("api/tee_channel_message", cases)

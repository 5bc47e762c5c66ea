/* SPDX-License-Identifier: Apache-2.0 */
#include "client/lib/channel.h"
#include "tests/client/tees_double.h"
#include "tests/test.h"

/** A connection and a server to it. */
struct pair {
    struct tees_double *d;
    struct tees *tees;
    struct tees_channel *channel;
    struct tees_error error;
};

static struct pair
pair_of(bool attested)
{
    struct pair pair = { .d = tees_double_new() };
    struct tees_options options;

    tees_double_options(pair.d, attested, &options);
    CU_ASSERT_EQUAL_FATAL(tees_open(&options, &pair.tees, &pair.error), TEES_OK);
    return pair;
}

static enum tees_result
open_it(struct pair *pair, const char *role)
{
    return tees_channel_open(pair->tees, role, &pair->channel, &pair->error);
}

static void
pair_done(struct pair *pair)
{
    tees_channel_close(pair->channel);
    tees_close(pair->tees);
    tees_double_free(pair->d);
}

static enum tees_result
get(struct pair *pair, const char *path, struct tees_bytes *reply)
{
    const struct tees_request request = { .method = "GET", .path = path };
    int status = 0;
    const enum tees_result result =
        tees_channel_request(pair->channel, &request, &status, reply, &pair->error);

    CU_ASSERT_EQUAL(status, result == TEES_OK ? 200 : 0);
    return result;
}

static bool
says(struct tees_bytes *reply, const char *text)
{
    const bool found = reply->data != NULL && strstr((const char *)reply->data, text) != NULL;

    tees_bytes_free(reply);
    return found;
}

static void
an_operator_sees_who_answers_and_brings_a_token(void)
{
    struct pair pair = pair_of(false);
    struct tees_server server = { .struct_size = (uint32_t)sizeof(server) };
    const struct tees_request request = { .method = "POST",
                                          .path = "/v1/secret/data/a",
                                          .token = "tok",
                                          .body = "{\"x\":1}",
                                          .body_len = 7 };
    struct tees_bytes reply = { NULL, 0 };
    int status = 0;

    CU_ASSERT_EQUAL_FATAL(open_it(&pair, NULL), TEES_OK);
    CU_ASSERT_FALSE(pair.d->peer_attested);
    CU_ASSERT_EQUAL(tees_channel_server(pair.channel, &server, &pair.error), TEES_OK);
    CU_ASSERT_STRING_EQUAL(server.allowed_by, pair.d->measurement);
    CU_ASSERT_STRING_EQUAL(server.identity_key, pair.d->identity);
    CU_ASSERT_EQUAL(tees_channel_request(pair.channel, &request, &status, &reply, &pair.error),
                    TEES_OK);
    CU_ASSERT_TRUE(says(&reply, "{\"method\":\"POST\",\"path\":\"/v1/secret/data/a\","
                                "\"inner_path\":\"\",\"token\":\"tok\",\"idempotency\":true,"
                                "\"body\":\"{\\\"x\\\":1}\"}"));
    CU_ASSERT_EQUAL(get(&pair, "sys/health", &reply), TEES_OK);
    CU_ASSERT_TRUE(says(&reply, "\"path\":\"/v1/sys/health\""));
    CU_ASSERT_EQUAL(tees_channel_session(pair.channel, &reply, &pair.error), TEES_OK);
    CU_ASSERT_TRUE(says(&reply, "\"rekey_after\":3600"));
    tees_channel_close(pair.channel);
    pair.channel = NULL;
    CU_ASSERT_TRUE(pair.d->closed);
    pair_done(&pair);
}

static void
a_function_attests_and_asks_for_its_role(void)
{
    struct pair pair = pair_of(true);

    CU_ASSERT_EQUAL_FATAL(open_it(&pair, "shop"), TEES_OK);
    CU_ASSERT_TRUE(pair.d->peer_attested);
    CU_ASSERT_STRING_EQUAL(pair.d->role, "shop");
    pair_done(&pair);
}

static void
nobody_between_sees_what_is_asked(void)
{
    struct pair pair = pair_of(false);
    const struct tees_request request = { .method = "GET",
                                          .path = "secret/data/x7",
                                          .hide_path = 1 };
    struct tees_bytes reply = { NULL, 0 };

    CU_ASSERT_EQUAL_FATAL(open_it(&pair, NULL), TEES_OK);
    CU_ASSERT_EQUAL(tees_channel_request(pair.channel, &request, NULL, &reply, &pair.error),
                    TEES_OK);
    CU_ASSERT_TRUE(says(&reply, "\"inner_path\":\"/v1/secret/data/x7\""));
    CU_ASSERT_PTR_NULL(strstr(pair.d->server->requests[pair.d->server->requests_len - 1], "x7"));
    pair_done(&pair);
}

static void
a_server_that_lies_gets_no_evidence_of_ours(void)
{
    static const struct {
        enum tees_lie lie;
        const char *reason;
        size_t requests; /* that were sent, finish not among them */
    } lies[] = {
        { LIE_BINDING, "binding", 2 },
        { LIE_MODE, "mode", 2 },
        { LIE_TEXT, "protocol", 1 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(lies); i++) {
        struct pair pair = pair_of(true);

        pair.d->lie = lies[i].lie;
        CU_ASSERT_NOT_EQUAL(open_it(&pair, "shop"), TEES_OK);
        CU_ASSERT_STRING_EQUAL(pair.error.reason, lies[i].reason);
        CU_ASSERT_PTR_NULL(pair.channel);
        CU_ASSERT_EQUAL(pair.d->server->requests_len, lies[i].requests);
        pair_done(&pair);
    }
}

static void
a_session_that_was_altered_is_none(void)
{
    struct pair pair = pair_of(true);

    pair.d->lie = LIE_FIN;
    CU_ASSERT_NOT_EQUAL(open_it(&pair, NULL), TEES_OK);
    CU_ASSERT_PTR_NULL(pair.channel);
    pair_done(&pair);
}

static void
another_identity_than_the_expected_one_is_refused(void)
{
    struct pair pair = pair_of(false);
    struct tees_double *other = tees_double_new();
    struct tees_options options;
    struct tees *tees = NULL;

    tees_double_options(pair.d, false, &options);
    options.server_identity = other->identity;
    CU_ASSERT_EQUAL_FATAL(tees_open(&options, &tees, &pair.error), TEES_OK);
    CU_ASSERT_EQUAL(tees_channel_open(tees, NULL, &pair.channel, &pair.error), TEES_REFUSED);
    CU_ASSERT_EQUAL(pair.error.http_status, 403);
    CU_ASSERT_PTR_NULL(pair.channel);
    tees_close(tees);
    tees_double_free(other);
    pair_done(&pair);
}

static void
a_reply_that_was_altered_or_is_another_is_refused(void)
{
    static const enum tees_lie lies[] = { LIE_REPLY, LIE_OLD_REPLY };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(lies); i++) {
        struct pair pair = pair_of(false);
        struct tees_bytes reply = { NULL, 0 };

        CU_ASSERT_EQUAL_FATAL(open_it(&pair, NULL), TEES_OK);
        CU_ASSERT_EQUAL(get(&pair, "secret/data/a", &reply), TEES_OK);
        tees_bytes_free(&reply);
        pair.d->lie = lies[i];
        CU_ASSERT_EQUAL(get(&pair, "secret/data/a", &reply), TEES_PROTOCOL);
        CU_ASSERT_STRING_EQUAL(pair.error.reason, "message");
        CU_ASSERT_PTR_NULL(reply.data);
        pair.d->lie = LIE_NONE;
        pair_done(&pair);
    }
}

static void
a_channel_that_the_server_forgot_is_over(void)
{
    struct pair pair = pair_of(false);
    struct tees_bytes reply = { NULL, 0 };
    size_t requests;

    CU_ASSERT_EQUAL_FATAL(open_it(&pair, NULL), TEES_OK);
    pair.d->lie = LIE_GONE;
    CU_ASSERT_EQUAL(get(&pair, "secret/data/a", &reply), TEES_CLOSED);
    requests = pair.d->server->requests_len;
    pair.d->lie = LIE_NONE;
    CU_ASSERT_EQUAL(get(&pair, "secret/data/a", &reply), TEES_CLOSED);
    CU_ASSERT_EQUAL(tees_channel_rekey(pair.channel, &pair.error), TEES_CLOSED);
    CU_ASSERT_EQUAL(pair.d->server->requests_len, requests); /* and is not asked any more */
    pair_done(&pair);
}

static void
what_is_no_request_is_not_sent(void)
{
    static const struct tees_request wrong[] = {
        { .method = "HEAD", .path = "a" },
        { .method = NULL, .path = "a" },
        { .method = "GET", .path = NULL },
        { .method = "POST", .path = "tee/channel/rekey" },
        { .method = "POST", .path = "/v1/tee/channel/close" },
    };
    struct pair pair = pair_of(false);
    size_t requests;

    CU_ASSERT_EQUAL_FATAL(open_it(&pair, NULL), TEES_OK);
    requests = pair.d->server->requests_len;
    for (size_t i = 0; i < TSEC_ARRAY_LEN(wrong); i++) {
        CU_ASSERT_EQUAL(tees_channel_request(pair.channel, &wrong[i], NULL, NULL, &pair.error),
                        TEES_INVALID);
    }
    CU_ASSERT_EQUAL(pair.d->server->requests_len, requests);
    CU_ASSERT_EQUAL(tees_channel_open(pair.tees, "shop", &pair.channel, &pair.error),
                    TEES_INVALID); /* a role without a TEE */
    pair_done(&pair);
}

static const struct test_case cases[] = {
    { "an operator sees who answers and brings a token",
      an_operator_sees_who_answers_and_brings_a_token },
    { "a function attests and asks for its role", a_function_attests_and_asks_for_its_role },
    { "nobody between sees what is asked", nobody_between_sees_what_is_asked },
    { "a server that lies gets no evidence of ours", a_server_that_lies_gets_no_evidence_of_ours },
    { "a session that was altered is none", a_session_that_was_altered_is_none },
    { "another identity than the expected one is refused",
      another_identity_than_the_expected_one_is_refused },
    { "a reply that was altered or is another is refused",
      a_reply_that_was_altered_or_is_another_is_refused },
    { "a channel that the server forgot is over", a_channel_that_the_server_forgot_is_over },
    { "what is no request is not sent", what_is_no_request_is_not_sent },
};

TEST_MAIN("client/lib/channel_open", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "client/http.h"

#include <stdio.h>

#include "crypto/crypto.h"
#include "tests/client/server_double.h"
#include "tests/test.h"

static struct cli_settings
settings_for(const struct server_double *server)
{
    return (struct cli_settings){
        .address = server->address, .timeout_s = 5, .retries = 2, .retry_wait_ms = 1
    };
}

static tsec_rc
ask(const struct cli_settings *settings, const struct cli_request *request, struct cli_reply *reply)
{
    TSEC_AUTO(cli_http_free) struct cli_http *http = NULL;
    struct tsec_err err = { 0 };

    TSEC_TRY(cli_http_new(settings, &http, &err));
    return cli_http_do(http, request, reply, &err);
}

static bool
has_line(const char *request, const char *line)
{
    char full[256];

    (void)snprintf(full, sizeof(full), "\r\n%s\r\n", line);
    return strstr(request, full) != NULL;
}

static void
check_exact_request(bool tcp)
{
    static const struct double_reply script[] = { { 200, NULL, "{\"data\":{}}", 0 } };
    struct server_double *server = server_double_new(script, 1, tcp);
    const struct cli_settings settings = settings_for(server);
    const struct cli_request request = {
        .method = "PUT",
        .path = "secret/data/a b/\xc3\xa9?x",
        .query = "version=2",
        .token = tsec_span_str("hvs.token"),
        .body = tsec_span_str("{\"data\":{\"k\":\"v\"}}"),
    };
    CLI_AUTO_REPLY struct cli_reply reply;

    cli_reply_init(&reply);
    CU_ASSERT_FALSE_FATAL(tsec_failed(ask(&settings, &request, &reply)));
    CU_ASSERT_EQUAL(reply.status, 200);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&reply.body), "{\"data\":{}}"));
    server_double_stop(server);
    const char *seen = server->requests[0];

    CU_ASSERT_EQUAL(server->requests_len, 1);
    CU_ASSERT_PTR_EQUAL(strstr(seen, "PUT /v1/secret/data/a%20b/%C3%A9%3Fx?version=2 HTTP/1.1\r\n"),
                        seen);
    CU_ASSERT_TRUE(has_line(seen, "X-Vault-Token: hvs.token"));
    CU_ASSERT_TRUE(has_line(seen, "X-Vault-Request: true"));
    CU_ASSERT_TRUE(has_line(seen, "Content-Type: application/json"));
    CU_ASSERT_TRUE(has_line(seen, "Content-Length: 18"));
    CU_ASSERT_PTR_NOT_NULL(strstr(seen, "\r\nIdempotency-Key: "));
    CU_ASSERT_PTR_NULL(strstr(seen, "Expect:"));
    CU_ASSERT_PTR_NOT_NULL(strstr(seen, "\r\n\r\n{\"data\":{\"k\":\"v\"}}"));
    server_double_free(server);
}

static void
a_request_is_what_it_says_over_tcp(void)
{
    check_exact_request(true);
}

static void
a_request_is_what_it_says_over_a_unix_socket(void)
{
    check_exact_request(false);
}

static void
a_read_carries_no_body_and_no_key(void)
{
    static const struct double_reply script[] = { { 204, NULL, NULL, 0 } };
    struct server_double *server = server_double_new(script, 1, false);
    const struct cli_settings settings = settings_for(server);
    const struct cli_request request = { .method = "GET", .path = "sys/mounts" };
    CLI_AUTO_REPLY struct cli_reply reply;

    cli_reply_init(&reply);
    CU_ASSERT_FALSE(tsec_failed(ask(&settings, &request, &reply)));
    CU_ASSERT_EQUAL(reply.status, 204);
    CU_ASSERT_EQUAL(reply.body.len, 0);
    server_double_stop(server);
    CU_ASSERT_PTR_NULL(strstr(server->requests[0], "Idempotency-Key"));
    CU_ASSERT_PTR_NULL(strstr(server->requests[0], "Content-"));
    CU_ASSERT_PTR_NULL(strstr(server->requests[0], "X-Vault-Token"));
    server_double_free(server);
}

static const char *
key_of(const char *request, char out[37])
{
    const char *at = strstr(request, "Idempotency-Key: ");

    (void)snprintf(out, 37, "%s", at == NULL ? "" : at + 17);
    return out;
}

static void
a_busy_server_is_asked_again_with_the_same_key(void)
{
    static const struct double_reply script[] = {
        { 503, NULL, "{\"errors\":[\"busy\"]}", 0 },
        { 429, NULL, "{}", 0 },
        { 200, NULL, "{\"ok\":1}", 0 },
    };
    struct server_double *server = server_double_new(script, 3, false);
    const struct cli_settings settings = settings_for(server);
    const struct cli_request request = { .method = "POST",
                                         .path = "a",
                                         .body = tsec_span_str("{}") };
    CLI_AUTO_REPLY struct cli_reply reply;
    char first[37];
    char last[37];

    cli_reply_init(&reply);
    CU_ASSERT_FALSE(tsec_failed(ask(&settings, &request, &reply)));
    CU_ASSERT_EQUAL(reply.status, 200);
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&reply.body), "{\"ok\":1}"));
    server_double_stop(server);
    CU_ASSERT_EQUAL_FATAL(server->requests_len, 3);
    CU_ASSERT_EQUAL(strlen(key_of(server->requests[0], first)), 36);
    CU_ASSERT_STRING_EQUAL(key_of(server->requests[2], last), first);
    server_double_free(server);
}

static void
what_the_server_decided_is_not_asked_again(void)
{
    static const int statuses[] = { 200, 400, 403, 404, 405, 501 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(statuses); i++) {
        const struct double_reply script[] = { { statuses[i], NULL, "{}", 0 } };
        struct server_double *server = server_double_new(script, 1, false);
        const struct cli_settings settings = settings_for(server);
        const struct cli_request request = { .method = "GET", .path = "a" };
        CLI_AUTO_REPLY struct cli_reply reply;

        cli_reply_init(&reply);
        CU_ASSERT_FALSE(tsec_failed(ask(&settings, &request, &reply)));
        CU_ASSERT_EQUAL(reply.status, statuses[i]);
        server_double_stop(server);
        CU_ASSERT_EQUAL(server->requests_len, 1);
        server_double_free(server);
    }
}

static void
retries_end(void)
{
    static const struct double_reply script[] = {
        { 503, NULL, "{}", 0 },
        { 503, NULL, "{}", 0 },
        { 503, NULL, "{}", 0 },
        { 200, NULL, "{}", 0 },
    };
    struct server_double *server = server_double_new(script, 4, false);
    const struct cli_settings settings = settings_for(server);
    const struct cli_request request = { .method = "GET", .path = "a" };
    CLI_AUTO_REPLY struct cli_reply reply;

    cli_reply_init(&reply);
    CU_ASSERT_FALSE(tsec_failed(ask(&settings, &request, &reply)));
    CU_ASSERT_EQUAL(reply.status, 503);
    server_double_stop(server);
    CU_ASSERT_EQUAL(server->requests_len, 3);
    server_double_free(server);
}

static void
a_redirect_is_not_followed(void)
{
    static const struct double_reply script[] = {
        { 307, "Location: http://127.0.0.1:9/v1/a\r\n", "{}", 0 },
    };
    struct server_double *server = server_double_new(script, 1, false);
    const struct cli_settings settings = settings_for(server);
    const struct cli_request request = { .method = "GET",
                                         .path = "a",
                                         .token = tsec_span_str("t") };
    CLI_AUTO_REPLY struct cli_reply reply;

    cli_reply_init(&reply);
    CU_ASSERT_FALSE(tsec_failed(ask(&settings, &request, &reply)));
    CU_ASSERT_EQUAL(reply.status, 307);
    server_double_free(server);
}

static void
nobody_there_is_unavailable(void)
{
    const struct cli_settings settings = {
        .address = "unix:///nowhere/at/all", .timeout_s = 5, .retries = 1, .retry_wait_ms = 1
    };
    const struct cli_request request = { .method = "GET", .path = "a" };
    CLI_AUTO_REPLY struct cli_reply reply;

    cli_reply_init(&reply);
    CU_ASSERT_EQUAL(ask(&settings, &request, &reply).code, TSEC_E_UNAVAILABLE);
}

static void
an_address_of_another_kind_is_refused(void)
{
    static const char *const addresses[] = { "ftp://x", "127.0.0.1:8200", "", "unix://x",
                                             "file:///etc/passwd" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(addresses); i++) {
        const struct cli_settings settings = { .address = addresses[i], .timeout_s = 5 };
        struct cli_http *http = NULL;

        CU_ASSERT_EQUAL(cli_http_new(&settings, &http, NULL).code, TSEC_E_INVALID);
        CU_ASSERT_PTR_NULL(http);
    }
}

static const struct test_case cases[] = {
    { "a request is what it says over TCP", a_request_is_what_it_says_over_tcp },
    { "a request is what it says over a Unix socket",
      a_request_is_what_it_says_over_a_unix_socket },
    { "a read carries no body and no key", a_read_carries_no_body_and_no_key },
    { "a busy server is asked again with the same key",
      a_busy_server_is_asked_again_with_the_same_key },
    { "what the server decided is not asked again", what_the_server_decided_is_not_asked_again },
    { "retries end", retries_end },
    { "a redirect is not followed", a_redirect_is_not_followed },
    { "nobody there is unavailable", nobody_there_is_unavailable },
    { "an address of another kind is refused", an_address_of_another_kind_is_refused },
};

int
main(void)
{
    if (tsec_failed(tsec_crypto_setup(NULL)) || tsec_failed(cli_http_setup(NULL))) {
        return TEST_FAIL;
    }
    return test_main("client/http", cases, TSEC_ARRAY_LEN(cases));
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/respond.h"

#include <unistd.h>

#include "gateway/cors.h"

#include "tests/gateway/rig.h"
#include "tests/test.h"

#define CRLF      "\r\n"
#define GET(path) "GET " path " HTTP/1.1" CRLF "Host: a" CRLF CRLF

static void
header_is(const struct rig_reply *reply, const char *name, const char *expected)
{
    char value[256];

    if (expected == NULL) {
        CU_ASSERT_PTR_NULL(rig_header(reply, name, value));
        return;
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(rig_header(reply, name, value));
    CU_ASSERT_STRING_EQUAL(value, expected);
}

static const struct {
    const char *request;
    int status;
    const char *type;
    const char *cache;
    const char *audit;
    const char *allow;
    const char *retry;
} replies[] = {
    { GET("/hello"), 200, "application/json", "no-store", NULL, NULL, NULL },
    { GET("/none"), 204, "application/json", "no-store", NULL, NULL, NULL },
    { GET("/public"), 200, "text/plain", NULL, NULL, NULL, NULL },
    { GET("/audited"), 200, "application/json", "no-store", "18446744073709551615", NULL, NULL },
    { GET("/busy"), 503, "application/json", "no-store", NULL, NULL, "7" },
    { GET("/unset"), 500, "application/json", "no-store", NULL, NULL, NULL },
    { GET("/huge"), 503, "application/json", "no-store", NULL, NULL, "1" },
    { "BREW /hello HTTP/1.1" CRLF "Host: a" CRLF CRLF, 405, "application/json", "no-store", NULL,
      CORS_METHODS, NULL },
    { "OPTIONS /hello HTTP/1.1" CRLF "Host: a" CRLF CRLF, 204, "application/json", "no-store", NULL,
      CORS_METHODS, NULL },
    { "OPTIONS * HTTP/1.1" CRLF "Host: a" CRLF CRLF, 204, "application/json", "no-store", NULL,
      CORS_METHODS, NULL },
};

static void
replies_carry_what_the_table_says(void)
{
    const struct gateway_options options = { .hsts_max_age_s = 60 };
    struct rig_reply reply;
    char first[256] = "";
    char id[256];
    struct rig rig;

    rig_start(&rig, &options);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(replies); i++) {
        rig_ask_text(&rig, replies[i].request, &reply);
        CU_ASSERT_EQUAL(reply.status, replies[i].status);
        header_is(&reply, "Content-Type", replies[i].type);
        header_is(&reply, "Cache-Control", replies[i].cache);
        header_is(&reply, "TEE-Secrets-Audit-Index", replies[i].audit);
        header_is(&reply, "Allow", replies[i].allow);
        header_is(&reply, "Retry-After", replies[i].retry);
        header_is(&reply, "Strict-Transport-Security", NULL); /* never without TLS */
        header_is(&reply, "Access-Control-Allow-Origin", NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(rig_header(&reply, "X-Request-Id", id));
        CU_ASSERT_EQUAL(strlen(id), API_REQUEST_ID_LEN);
        CU_ASSERT_STRING_NOT_EQUAL(id, first);
        memcpy(first, id, sizeof(first));
    }
    rig_stop(&rig);
}

static void
head_is_get_without_the_body(void)
{
    const struct gateway_options options = { 0 };
    struct rig_reply reply;
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    fd = rig_connect(&rig);
    rig_send_text(fd, "HEAD /hello HTTP/1.1" CRLF "Host: a" CRLF CRLF);
    rig_read(fd, true, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    header_is(&reply, "Content-Length", "15");
    rig_send_text(fd, GET("/hello")); /* and the connection is in step */
    rig_read(fd, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    CU_ASSERT_STRING_EQUAL(reply.body, "{\"hello\":true}\n");
    (void)close(fd);
    rig_stop(&rig);
}

static void
a_page_of_a_configured_origin_may_read_replies(void)
{
    static const char *const origins[] = { "https://dash.example" };
    const struct gateway_options options = { .cors_origins = origins, .cors_origin_count = 1 };
    struct rig_reply reply;
    struct rig rig;

    rig_start(&rig, &options);
    rig_ask_text(&rig,
                 "OPTIONS /hello HTTP/1.1" CRLF "Host: a" CRLF "Origin: https://dash.example" CRLF
                 "Access-Control-Request-Method: LIST" CRLF CRLF,
                 &reply);
    CU_ASSERT_EQUAL(reply.status, 204);
    header_is(&reply, "Access-Control-Allow-Origin", "https://dash.example");
    header_is(&reply, "Access-Control-Allow-Methods", CORS_METHODS);
    header_is(&reply, "Access-Control-Allow-Headers", CORS_REQUEST_HEADERS);
    header_is(&reply, "Access-Control-Allow-Credentials", NULL);
    header_is(&reply, "Vary", "Origin");
    rig_ask_text(&rig,
                 "GET /hello HTTP/1.1" CRLF "Host: a" CRLF "Origin: https://dash.example" CRLF CRLF,
                 &reply);
    header_is(&reply, "Access-Control-Allow-Origin", "https://dash.example");
    header_is(&reply, "Access-Control-Expose-Headers", CORS_REPLY_HEADERS);
    header_is(&reply, "Access-Control-Allow-Methods", NULL);
    rig_ask_text(&rig,
                 "GET /hello HTTP/1.1" CRLF "Host: a" CRLF "Origin: https://evil.example" CRLF CRLF,
                 &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    header_is(&reply, "Access-Control-Allow-Origin", NULL);
    CU_ASSERT_EQUAL(rig_asked(), 2); /* the preflight is not the API's business */
    rig_stop(&rig);
}

static void
a_large_reply_arrives_whole(void)
{
    const struct gateway_options options = { 0 };
    struct rig_reply reply;
    struct rig rig;

    rig_start(&rig, &options);
    rig_ask_text(&rig, GET("/large"), &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    CU_ASSERT_EQUAL(reply.body_len, RIG_LARGE);
    rig_stop(&rig);
}

static const struct test_case cases[] = {
    { "replies carry what the table says", replies_carry_what_the_table_says },
    { "HEAD is GET without the body", head_is_get_without_the_body },
    { "a page of a configured origin may read replies",
      a_page_of_a_configured_origin_may_read_replies },
    { "a large reply arrives whole", a_large_reply_arrives_whole },
};

TEST_MAIN("gateway/respond", cases)

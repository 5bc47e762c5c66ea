/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/request_head.h"

#include <stdio.h>
#include <unistd.h>

#include "tests/gateway/rig.h"
#include "tests/test.h"

#define CRLF "\r\n"
#define END  "\r\n\r\n"

struct wire_case {
    const char *what;
    const char *bytes;
    size_t len;
    int status; /* 0: closed without a word */
};

#define WIRE(what, bytes, status)                    \
    {                                                \
        (what), (bytes), sizeof(bytes) - 1, (status) \
    }

static const struct wire_case wires[] = {
    WIRE("a plain request", "GET /echo HTTP/1.1" CRLF "Host: a" END, 200),
    WIRE("many headers and tabs",
         "GET /echo?a=b&c=d HTTP/1.1" CRLF "Host:a" CRLF "X:\t y" CRLF "Z:" CRLF "W: v \t" END,
         200),
    WIRE("HTTP/1.0", "GET /echo HTTP/1.0" END, 200),
    WIRE("a length of nothing", "POST /echo HTTP/1.1" CRLF "Host: a" CRLF "Content-Length: 0" END,
         200),
    WIRE("LIST", "LIST /echo HTTP/1.1" CRLF "Host: a" END, 200),
    /* refused by the guard */
    WIRE("an unknown method", "BREW /echo HTTP/1.1" CRLF "Host: a" END, 405),
    WIRE("no Host", "GET /echo HTTP/1.1" END, 400),
    WIRE("two hosts", "GET /echo HTTP/1.1" CRLF "Host: a" CRLF "Host: b" END, 400),
    WIRE("a bare LF", "GET /echo HTTP/1.1\nHost: a" END, 400),
    WIRE("a bare LF between headers", "GET /echo HTTP/1.1" CRLF "Host: a\nX: y" END, 400),
    WIRE("a folded header", "GET /echo HTTP/1.1" CRLF "Host: a" CRLF "X: y" CRLF " z" END, 400),
    WIRE("a NUL in a value", "GET /echo HTTP/1.1" CRLF "Host: a" CRLF "X-Vault-Token: t\0u" END,
         400),
    WIRE("a NUL in the last value", "GET /echo HTTP/1.1" CRLF "Host: a\0b" END, 400),
    WIRE("a NUL in the target", "GET /echo\0x HTTP/1.1" CRLF "Host: a" END, 400),
    WIRE("%00 in the target", "GET /echo%00x HTTP/1.1" CRLF "Host: a" END, 400),
    WIRE("two blanks before the target", "GET  /echo HTTP/1.1" CRLF "Host: a" END, 400),
    WIRE("two blanks before the version", "GET /echo  HTTP/1.1" CRLF "Host: a" END, 400),
    WIRE("a blank in the target", "GET /ec ho HTTP/1.1" CRLF "Host: a" END, 400),
    WIRE("a blank before the colon", "GET /echo HTTP/1.1" CRLF "Host : a" END, 400),
    WIRE("a dot segment", "GET /a/../echo HTTP/1.1" CRLF "Host: a" END, 400),
    WIRE("an escaped dot segment", "GET /a/%2e%2e/echo HTTP/1.1" CRLF "Host: a" END, 400),
    WIRE("an empty segment", "GET //echo HTTP/1.1" CRLF "Host: a" END, 400),
    WIRE("an absolute target", "GET http://a/echo HTTP/1.1" CRLF "Host: a" END, 400),
    WIRE("an authority", "CONNECT a:443 HTTP/1.1" CRLF "Host: a" END, 400),
    WIRE("length and chunked",
         "POST /echo HTTP/1.1" CRLF "Host: a" CRLF "Content-Length: 5" CRLF
         "Transfer-Encoding: chunked" END "0" END,
         400),
    WIRE("two lengths",
         "POST /echo HTTP/1.1" CRLF "Host: a" CRLF "Content-Length: 5" CRLF "Content-Length: 6" END
         "123456",
         400),
    WIRE("gzip, chunked",
         "POST /echo HTTP/1.1" CRLF "Host: a" CRLF "Transfer-Encoding: gzip, chunked" END "0" END,
         400),
    WIRE("chunked with a blank after it",
         "POST /echo HTTP/1.1" CRLF "Host: a" CRLF "Transfer-Encoding: chunked x" END "0" END, 400),
    WIRE("two tokens",
         "GET /echo HTTP/1.1" CRLF "Host: a" CRLF "X-Vault-Token: t" CRLF "x-vault-token: u" END,
         400),
    WIRE("a list that is no boolean", "GET /echo?list=maybe HTTP/1.1" CRLF "Host: a" END, 400),
};

/* What libmicrohttpd answers before the gateway is asked. */
static const struct wire_case not_ours[] = {
    WIRE("no blank", "GET" END, 0),
    WIRE("a blank after the version", "GET /echo HTTP/1.1 " CRLF "Host: a" END, 400),
    WIRE("no version", "GET /echo" CRLF "Host: a" END, 400),
    WIRE("HTTP/2", "PRI * HTTP/2.0" END "SM" END, 505),
    WIRE("a header without a colon", "GET /echo HTTP/1.1" CRLF "Host: a" CRLF "X" END, 400),
    WIRE("a NUL in a name", "GET /echo HTTP/1.1" CRLF "Host: a" CRLF "X\0Y: z" END, 400),
    WIRE("a length of letters", "POST /echo HTTP/1.1" CRLF "Host: a" CRLF "Content-Length: ten" END,
         400),
    WIRE("TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" END, 0),
};

static bool
is_json_error(const struct rig_reply *reply)
{
    char value[256];

    return strncmp(reply->body, "{\"errors\":[", 11) == 0
           && reply->body[reply->body_len - 1] == '\n'
           && rig_header(reply, "Content-Type", value) != NULL
           && strcmp(value, "application/json") == 0
           && rig_header(reply, "X-Request-Id", value) != NULL
           && strstr(reply->body, value) != NULL;
}

static void
bytes_on_the_wire_get_what_the_table_says(void)
{
    const struct gateway_options options = { 0 };
    struct rig_reply reply;
    struct rig rig;

    rig_start(&rig, &options);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(wires); i++) {
        rig_ask(&rig, wires[i].bytes, wires[i].len, &reply);
        if (reply.status != wires[i].status) {
            (void)printf("\n    %s: %d, not %d\n", wires[i].what, reply.status, wires[i].status);
        }
        CU_ASSERT_EQUAL(reply.status, wires[i].status);
        if (reply.status >= 400 && !is_json_error(&reply)) {
            (void)printf("\n    %s: %s\n", wires[i].what, reply.body);
            CU_FAIL("not an error of ours");
        }
    }
    CU_ASSERT_EQUAL(rig_asked(), 5); /* the API saw none of the refused */
    rig_stop(&rig);
}

static void
what_is_no_http_closes_the_connection(void)
{
    const struct gateway_options options = { 0 };
    struct rig_reply reply;
    struct rig rig;

    rig_start(&rig, &options);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(not_ours); i++) {
        const int fd = rig_connect(&rig);

        rig_send(fd, not_ours[i].bytes, not_ours[i].len);
        rig_read(fd, false, &reply);
        if (reply.status != not_ours[i].status) {
            (void)printf("\n    %s: %d, not %d\n", not_ours[i].what, reply.status,
                         not_ours[i].status);
        }
        CU_ASSERT_EQUAL(reply.status, not_ours[i].status);
        CU_ASSERT_TRUE(rig_closed(fd));
        (void)close(fd);
    }
    CU_ASSERT_EQUAL(rig_asked(), 0);
    rig_stop(&rig);
}

static void
a_refused_connection_takes_no_second_request(void)
{
    const struct gateway_options options = { 0 };
    struct rig_reply reply;
    struct rig rig;
    int fd;

    rig_start(&rig, &options);
    fd = rig_connect(&rig);
    rig_send_text(fd, "POST /echo HTTP/1.1" CRLF "Host: a" CRLF "Content-Length: 5" CRLF
                      "Transfer-Encoding: chunked" END "0" END "GET /smuggled HTTP/1.1" CRLF
                      "Host: a" END);
    rig_read(fd, false, &reply);
    CU_ASSERT_EQUAL(reply.status, 400);
    CU_ASSERT_TRUE(rig_closed(fd));
    CU_ASSERT_EQUAL(rig_asked(), 0);
    (void)close(fd);
    rig_stop(&rig);
}

static void
what_the_api_is_given(void)
{
    const struct gateway_options options = { 0 };
    struct rig_reply reply;
    struct rig rig;

    rig_start(&rig, &options);
    rig_ask_text(&rig,
                 "GET /echo/%C3%A4/b%20c/?list=true&x=1%2B1 HTTP/1.1" CRLF "Host: a" CRLF
                 "Authorization: Bearer s.abc" CRLF "X-Vault-Namespace: root" CRLF
                 "Content-Type: text/plain" END,
                 &reply);
    CU_ASSERT_EQUAL(reply.status, 200);
    CU_ASSERT_STRING_EQUAL(
        reply.body, "method=7 path=/echo/\xc3\xa4/b c/ remote=127.0.0.1 tls=0 list=true x=1+1"
                    " token=s.abc namespace=root type=text/plain len=0 body=\n");
    rig_stop(&rig);
}

static void
a_long_path_and_large_headers_are_told_in_json(void)
{
    const struct gateway_options options = { 0 };
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(64 * 1024);
    struct rig_reply reply;
    struct rig rig;

    rig_start(&rig, &options);
    for (size_t len = 2000; len <= 10000; len += 4000) {
        tsec_buf_reset(&text);
        tsec_buf_put_str(&text, "GET /echo/");
        memset(tsec_buf_extend(&text, len), 'a', len);
        tsec_buf_put_str(&text, " HTTP/1.1" CRLF "Host: a" END);
        rig_ask(&rig, (const char *)text.ptr, text.len, &reply);
        CU_ASSERT_EQUAL(reply.status, len == 2000 ? 200 : 414);
        CU_ASSERT_TRUE(reply.status == 200 || is_json_error(&reply));
    }
    for (size_t len = 8000; len <= 12000; len += 2000) {
        tsec_buf_reset(&text);
        tsec_buf_put_str(&text, "GET /echo HTTP/1.1" CRLF "Host: a" CRLF "X: ");
        memset(tsec_buf_extend(&text, len), 'a', len);
        tsec_buf_put_str(&text, END);
        rig_ask(&rig, (const char *)text.ptr, text.len, &reply);
        CU_ASSERT_EQUAL(reply.status, len == 8000 ? 200 : 431);
        CU_ASSERT_TRUE(reply.status == 200 || is_json_error(&reply));
    }
    rig_stop(&rig);
}

static void
a_head_past_the_pool_is_refused_by_libmicrohttpd(void)
{
    const struct gateway_options options = { 0 };
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(64 * 1024);
    struct rig_reply reply;
    struct rig rig;

    rig_start(&rig, &options);
    tsec_buf_put_str(&text, "GET /echo HTTP/1.1" CRLF "Host: a" CRLF "X: ");
    memset(tsec_buf_extend(&text, 40000), 'a', 40000);
    tsec_buf_put_str(&text, END);
    rig_ask(&rig, (const char *)text.ptr, text.len, &reply);
    CU_ASSERT_TRUE(reply.status == 431 || reply.status == 0);
    CU_ASSERT_EQUAL(rig_asked(), 0);
    rig_stop(&rig);
}

static void
a_source_that_asks_too_often_is_told_when_to_come_back(void)
{
    const struct gateway_options options = { .rate_per_s = 1, .rate_burst = 2 };
    static const char text[] = "GET /hello HTTP/1.1" CRLF "Host: a" END;
    struct rig_reply reply;
    struct rig rig;
    char value[256];

    rig_start(&rig, &options);
    for (int i = 0; i < 2; i++) {
        rig_ask_text(&rig, text, &reply);
        CU_ASSERT_EQUAL(reply.status, 200);
    }
    rig_ask_text(&rig, text, &reply);
    CU_ASSERT_EQUAL(reply.status, 429);
    CU_ASSERT_PTR_NOT_NULL_FATAL(rig_header(&reply, "Retry-After", value));
    CU_ASSERT_STRING_EQUAL(value, "1");
    CU_ASSERT_TRUE(is_json_error(&reply));
    CU_ASSERT_EQUAL(rig_asked(), 2);
    rig_stop(&rig);
}

static const struct test_case cases[] = {
    { "bytes on the wire get what the table says", bytes_on_the_wire_get_what_the_table_says },
    { "what is no HTTP closes the connection", what_is_no_http_closes_the_connection },
    { "a refused connection takes no second request",
      a_refused_connection_takes_no_second_request },
    { "what the API is given", what_the_api_is_given },
    { "a long path and large headers are told in JSON",
      a_long_path_and_large_headers_are_told_in_json },
    { "a head past the pool is refused by libmicrohttpd",
      a_head_past_the_pool_is_refused_by_libmicrohttpd },
    { "a source that asks too often is told when to come back",
      a_source_that_asks_too_often_is_told_when_to_come_back },
};

TEST_MAIN("gateway/request_head", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/guard.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/test.h"

#define HOST "Host: a"

struct head_case {
    const char *what;
    const char *method;
    const char *version;
    const char *headers[8]; /* "Name: value" */
    enum tsec_code code;    /* TSEC_OK_CODE: taken */
};

static const struct head_case cases_[] = {
    /* taken */
    { "a plain GET", "GET", "HTTP/1.1", { HOST }, TSEC_OK_CODE },
    { "HTTP/1.0 without Host", "GET", "HTTP/1.0", { NULL }, TSEC_OK_CODE },
    { "an own method", "LIST", "HTTP/1.1", { HOST }, TSEC_OK_CODE },
    { "a method of 16 characters", "ABCDEFGHIJKLMNOP", "HTTP/1.1", { HOST }, TSEC_OK_CODE },
    { "a host with a port", "GET", "HTTP/1.1", { "Host: [::1]:8200" }, TSEC_OK_CODE },
    { "an empty host", "GET", "HTTP/1.1", { "Host: " }, TSEC_OK_CODE },
    { "chunked", "PUT", "HTTP/1.1", { HOST, "transfer-encoding: CHUNKED" }, TSEC_OK_CODE },
    { "a length", "PUT", "HTTP/1.1", { HOST, "Content-Length: 0012" }, TSEC_OK_CODE },
    { "the same token twice over",
      "GET",
      "HTTP/1.1",
      { HOST, "X-Vault-Token: s.x", "Authorization: bearer s.x" },
      TSEC_OK_CODE },
    { "a proxy's basic authentication beside a token",
      "GET",
      "HTTP/1.1",
      { HOST, "X-Vault-Token: s.x", "Authorization: Basic eDp5" },
      TSEC_OK_CODE },
    { "an unknown header twice", "GET", "HTTP/1.1", { HOST, "Via: a", "Via: b" }, TSEC_OK_CODE },
    { "a tab in a value", "GET", "HTTP/1.1", { HOST, "X-A: a\tb" }, TSEC_OK_CODE },
    { "bytes past ASCII in a value", "GET", "HTTP/1.1", { HOST, "X-A: \xc3\xa4" }, TSEC_OK_CODE },
    { "Expect", "PUT", "HTTP/1.1", { HOST, "Expect: 100-Continue" }, TSEC_OK_CODE },
    /* refused */
    { "no Host", "GET", "HTTP/1.1", { "X-A: b" }, TSEC_E_INVALID },
    { "another version", "GET", "HTTP/1.2", { HOST }, TSEC_E_INVALID },
    { "no version", "GET", "", { HOST }, TSEC_E_INVALID },
    { "an empty method", "", "HTTP/1.1", { HOST }, TSEC_E_INVALID },
    { "a method of 17 characters", "ABCDEFGHIJKLMNOPQ", "HTTP/1.1", { HOST }, TSEC_E_INVALID },
    { "a method that is no token", "GE(T", "HTTP/1.1", { HOST }, TSEC_E_INVALID },
    { "a host with a path", "GET", "HTTP/1.1", { "Host: a/b" }, TSEC_E_INVALID },
    { "a host with user", "GET", "HTTP/1.1", { "Host: u@b" }, TSEC_E_INVALID },
    { "two hosts in one", "GET", "HTTP/1.1", { "Host: a, b" }, TSEC_E_INVALID },
    { "a space before the colon", "GET", "HTTP/1.1", { HOST, "X-A : b" }, TSEC_E_INVALID },
    { "an empty name", "GET", "HTTP/1.1", { HOST, ": b" }, TSEC_E_INVALID },
    { "a control character in a value",
      "GET",
      "HTTP/1.1",
      { HOST, "X-A: a\x01z" },
      TSEC_E_INVALID },
    { "DEL in a value", "GET", "HTTP/1.1", { HOST, "X-A: a\x7fz" }, TSEC_E_INVALID },
    { "CR in a value", "GET", "HTTP/1.1", { HOST, "X-A: a\rz" }, TSEC_E_INVALID },
    { "length and chunked",
      "PUT",
      "HTTP/1.1",
      { HOST, "Content-Length: 3", "Transfer-Encoding: chunked" },
      TSEC_E_INVALID },
    { "another coding first",
      "PUT",
      "HTTP/1.1",
      { HOST, "Transfer-Encoding: gzip, chunked" },
      TSEC_E_INVALID },
    { "xchunked", "PUT", "HTTP/1.1", { HOST, "Transfer-Encoding: xchunked" }, TSEC_E_INVALID },
    { "chunked in HTTP/1.0", "PUT", "HTTP/1.0", { "Transfer-Encoding: chunked" }, TSEC_E_INVALID },
    { "two codings",
      "PUT",
      "HTTP/1.1",
      { HOST, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked" },
      TSEC_E_INVALID },
    { "two lengths, even alike",
      "PUT",
      "HTTP/1.1",
      { HOST, "Content-Length: 3", "content-length: 3" },
      TSEC_E_INVALID },
    { "a signed length", "PUT", "HTTP/1.1", { HOST, "Content-Length: +3" }, TSEC_E_INVALID },
    { "a negative length", "PUT", "HTTP/1.1", { HOST, "Content-Length: -3" }, TSEC_E_INVALID },
    { "a list of lengths", "PUT", "HTTP/1.1", { HOST, "Content-Length: 3, 3" }, TSEC_E_INVALID },
    { "an empty length", "PUT", "HTTP/1.1", { HOST, "Content-Length: " }, TSEC_E_INVALID },
    { "a length past 64 bits",
      "PUT",
      "HTTP/1.1",
      { HOST, "Content-Length: 18446744073709551616" },
      TSEC_E_INVALID },
    { "two hosts", "GET", "HTTP/1.1", { HOST, "host: b" }, TSEC_E_INVALID },
    { "two tokens",
      "GET",
      "HTTP/1.1",
      { HOST, "X-Vault-Token: a", "x-vault-token: a" },
      TSEC_E_INVALID },
    { "two authorizations",
      "GET",
      "HTTP/1.1",
      { HOST, "Authorization: Bearer a", "Authorization: Bearer a" },
      TSEC_E_INVALID },
    { "two namespaces",
      "GET",
      "HTTP/1.1",
      { HOST, "X-Vault-Namespace: a", "X-Vault-Namespace: b" },
      TSEC_E_INVALID },
    { "two wrap times",
      "GET",
      "HTTP/1.1",
      { HOST, "X-Vault-Wrap-TTL: 1", "X-Vault-Wrap-TTL: 2" },
      TSEC_E_INVALID },
    { "two content types",
      "PUT",
      "HTTP/1.1",
      { HOST, "Content-Type: a", "Content-Type: b" },
      TSEC_E_INVALID },
    { "two idempotency keys",
      "PUT",
      "HTTP/1.1",
      { HOST, "Idempotency-Key: a", "Idempotency-Key: b" },
      TSEC_E_INVALID },
    { "tokens that differ",
      "GET",
      "HTTP/1.1",
      { HOST, "X-Vault-Token: s.x", "Authorization: Bearer s.y" },
      TSEC_E_INVALID },
    { "a space in a token", "GET", "HTTP/1.1", { HOST, "X-Vault-Token: a b" }, TSEC_E_INVALID },
    { "a token past ASCII",
      "GET",
      "HTTP/1.1",
      { HOST, "X-Vault-Token: a\xc3\xa4" },
      TSEC_E_INVALID },
    { "another expectation", "PUT", "HTTP/1.1", { HOST, "Expect: 200-ok" }, TSEC_E_INVALID },
};

static struct gateway_head
feed(const struct head_case *c)
{
    struct gateway_head head;

    gateway_guard_begin(&head, tsec_span_str(c->method), tsec_span_str(c->version));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(c->headers) && c->headers[i] != NULL; i++) {
        const char *colon = strchr(c->headers[i], ':');

        (void)gateway_guard_header(&head, tsec_span(c->headers[i], (size_t)(colon - c->headers[i])),
                                   tsec_span_str(colon + 2));
    }
    (void)gateway_guard_end(&head);
    return head;
}

static void
heads_are_taken_or_refused_as_the_table_says(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(cases_); i++) {
        const struct gateway_head head = feed(&cases_[i]);
        const enum tsec_code code = head.refused ? head.refusal.code : TSEC_OK_CODE;

        if (code != cases_[i].code) {
            (void)printf("\n    %s: %d, not %d\n", cases_[i].what, (int)code, (int)cases_[i].code);
        }
        CU_ASSERT_EQUAL(code, cases_[i].code);
        CU_ASSERT_TRUE(!head.refused || head.refusal.sentence != NULL);
    }
}

static void
more_headers_than_64_are_refused(void)
{
    struct gateway_head head;

    gateway_guard_begin(&head, tsec_span_str("GET"), tsec_span_str("HTTP/1.1"));
    CU_ASSERT_TRUE(gateway_guard_header(&head, tsec_span_str("Host"), tsec_span_str("a")));
    for (int i = 1; i < GATEWAY_HEADERS_MAX; i++) {
        CU_ASSERT_TRUE(gateway_guard_header(&head, tsec_span_str("X"), tsec_span_str("y")));
    }
    CU_ASSERT_FALSE(gateway_guard_header(&head, tsec_span_str("X"), tsec_span_str("y")));
    CU_ASSERT_FALSE(gateway_guard_end(&head));
    CU_ASSERT_EQUAL(head.refusal.code, TSEC_E_HEADERS_LARGE);
}

static void
more_header_bytes_than_8_kib_are_refused(void)
{
    static char value[GATEWAY_HEADER_BYTES_MAX];
    struct gateway_head head;

    memset(value, 'v', sizeof(value));
    gateway_guard_begin(&head, tsec_span_str("GET"), tsec_span_str("HTTP/1.1"));
    CU_ASSERT_TRUE(gateway_guard_header(&head, tsec_span_str("Host"), tsec_span_str("a")));
    CU_ASSERT_TRUE(
        gateway_guard_header(&head, tsec_span_str("X"), tsec_span(value, sizeof(value) - 16)));
    CU_ASSERT_FALSE(gateway_guard_header(&head, tsec_span_str("X"), tsec_span(value, 16)));
    CU_ASSERT_FALSE(gateway_guard_end(&head));
    CU_ASSERT_EQUAL(head.refusal.code, TSEC_E_HEADERS_LARGE);
}

static void
a_taken_head_says_what_follows(void)
{
    const struct head_case chunked = { "",
                                       "PUT",
                                       "HTTP/1.1",
                                       { HOST, "Transfer-Encoding:  chunked ",
                                         "Authorization: BEARER  s.t " },
                                       TSEC_OK_CODE };
    const struct head_case length = {
        "", "PUT", "HTTP/1.1", { HOST, "Content-Length: 42", "X-Vault-Token: own" }, TSEC_OK_CODE
    };
    struct gateway_head head = feed(&chunked);

    CU_ASSERT_FALSE_FATAL(head.refused);
    CU_ASSERT_TRUE(head.chunked);
    CU_ASSERT_TRUE(gateway_head_has_body(&head));
    CU_ASSERT_TRUE(tsec_span_is(head.token, "s.t"));
    head = feed(&length);
    CU_ASSERT_FALSE_FATAL(head.refused);
    CU_ASSERT_FALSE(head.chunked);
    CU_ASSERT_EQUAL(head.content_length, 42);
    CU_ASSERT_TRUE(tsec_span_is(head.token, "own"));
}

static void
a_name_has_the_characters_of_a_token_and_no_other(void)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    for (unsigned c = 0; c < 256; c++) {
        const char byte = (char)c;
        const bool token = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
                           || (c >= 'a' && c <= 'z') || (c != 0 && strchr(others, (int)c) != NULL);
        struct gateway_head head;

        gateway_guard_begin(&head, tsec_span_str("GET"), tsec_span_str("HTTP/1.1"));
        CU_ASSERT_EQUAL(gateway_guard_header(&head, tsec_span(&byte, 1), tsec_span_str("v")),
                        token);
    }
}

static void
the_first_refusal_stays(void)
{
    const struct head_case c = { "", "GET", "HTTP/1.1", { "X-A : b", HOST, HOST }, TSEC_E_INVALID };
    const struct gateway_head head = feed(&c);

    CU_ASSERT_TRUE(head.refused);
    CU_ASSERT_PTR_NOT_NULL(strstr(head.refusal.sentence, "name"));
}

/* The buffer as libmicrohttpd leaves it: every CR LF is two NULs, the blank and the colon one. */
struct framed {
    const char *bytes;
    size_t name_at; /* of the one header */
    size_t name_len;
    size_t value_at;
    bool fine;
};

static void
framing_shows_in_the_gaps(void)
{
    /* method at 0, target at 4, version at 7 in all */
    static const struct framed frames[] = {
        { "GET\0/a\0HTTP/1.1\0\0Host\0 a\0\0\0\0", 17, 4, 23, true },
        { "GET\0/a\0HTTP/1.1\0\0Host\0a\0\0\0\0", 17, 4, 22, true },
        { "GET\0/a\0HTTP/1.1\0Host\0 a\0\0\0\0", 16, 4, 22, false },      /* LF ends the first */
        { "GET\0/a\0HTTP/1.1\0\0Host\0 a\0x\0\0\0\0", 17, 4, 23, false }, /* NUL in the value */
        { "GET\0/a\0HTTP/1.1\0\0X\0\0\0Host\0 a\0\0\0\0", 22, 4, 28, false }, /* one left out */
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(frames); i++) {
        const struct framed *f = &frames[i];
        const struct tsec_span method = tsec_span(f->bytes, 3);
        const struct tsec_span version = tsec_span(f->bytes + 7, 8);
        struct gateway_head head;

        gateway_guard_begin(&head, method, version);
        gateway_guard_frame(&head, method, tsec_span(f->bytes + 4, 2), version);
        (void)gateway_guard_header(&head, tsec_span(f->bytes + f->name_at, f->name_len),
                                   tsec_span_str(f->bytes + f->value_at));
        CU_ASSERT_EQUAL(gateway_guard_end(&head), f->fine);
    }
}

static void
a_request_line_with_gaps_is_refused(void)
{
    static const char line[] = "GET\0 /a\0HTTP/1.1\0\0"; /* two blanks */
    struct gateway_head head;

    gateway_guard_begin(&head, tsec_span(line, 3), tsec_span(line + 8, 8));
    gateway_guard_frame(&head, tsec_span(line, 3), tsec_span(line + 5, 2), tsec_span(line + 8, 8));
    CU_ASSERT_FALSE(gateway_guard_end(&head));
}

static const struct test_case cases[] = {
    { "heads are taken or refused as the table says",
      heads_are_taken_or_refused_as_the_table_says },
    { "more headers than 64 are refused", more_headers_than_64_are_refused },
    { "more header bytes than 8 KiB are refused", more_header_bytes_than_8_kib_are_refused },
    { "a taken head says what follows", a_taken_head_says_what_follows },
    { "a name has the characters of a token and no other",
      a_name_has_the_characters_of_a_token_and_no_other },
    { "the first refusal stays", the_first_refusal_stays },
    { "framing shows in the gaps", framing_shows_in_the_gaps },
    { "a request line with gaps is refused", a_request_line_with_gaps_is_refused },
};

TEST_MAIN("gateway/guard", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/guard.h"

#include <strings.h>

#include "api/request.h"

struct known_header {
    const char *name;
    uint8_t len;
    enum gateway_header header;
};

#define KNOWN(text, header)                \
    {                                      \
        (text), sizeof(text) - 1, (header) \
    }

/* None of these may come twice: a proxy and this server could each believe another one. */
static const struct known_header known[] = {
    KNOWN("Host", GATEWAY_HOST),
    KNOWN("Origin", GATEWAY_ORIGIN),
    KNOWN("Expect", GATEWAY_EXPECT),
    KNOWN("Content-Type", GATEWAY_CONTENT_TYPE),
    KNOWN("Authorization", GATEWAY_AUTHORIZATION),
    KNOWN("X-Vault-Token", GATEWAY_TOKEN),
    KNOWN("Content-Length", GATEWAY_CONTENT_LENGTH),
    KNOWN("Idempotency-Key", GATEWAY_IDEMPOTENCY_KEY),
    KNOWN("X-Vault-Wrap-TTL", GATEWAY_WRAP_TTL),
    KNOWN("Transfer-Encoding", GATEWAY_TRANSFER_ENCODING),
    KNOWN("X-Vault-Namespace", GATEWAY_NAMESPACE),
    KNOWN("Access-Control-Request-Method", GATEWAY_CORS_METHOD),
};

static bool
refuse(struct gateway_head *head, enum tsec_code code, const char *sentence)
{
    if (!head->refused) {
        head->refused = true;
        (void)api_turn_down(&head->refusal, code, sentence);
    }
    return false;
}

/* tchar of RFC 9110 section 5.6.2, a bit per character: every byte of every name is asked */
static bool
is_token_char(uint8_t c)
{
    static const uint64_t set[4] = { UINT64_C(0x03ff6cfa00000000), UINT64_C(0x57ffffffc7fffffe), 0,
                                     0 };

    return ((set[c / 64] >> (c % 64)) & 1) != 0;
}

static bool
is_token(struct tsec_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_token_char(text.ptr[i])) {
            return false;
        }
    }
    return text.len > 0;
}

static struct tsec_span
trim(struct tsec_span text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t')) {
        text = tsec_span(text.ptr + 1, text.len - 1);
    }
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t')) {
        text.len--;
    }
    return text;
}

static bool
is_nocase(struct tsec_span text, const char *name, size_t len)
{
    return text.len == len && strncasecmp((const char *)text.ptr, name, len) == 0;
}

void
gateway_guard_begin(struct gateway_head *head, struct tsec_span method, struct tsec_span version)
{
    *head = (struct gateway_head){ .http_1_1 = tsec_span_is(version, "HTTP/1.1") };
    if (!head->http_1_1 && !tsec_span_is(version, "HTTP/1.0")) {
        (void)refuse(head, TSEC_E_INVALID, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    }
    if (method.len > GATEWAY_METHOD_MAX || !is_token(method)) {
        (void)refuse(head, TSEC_E_INVALID, "the method is not a short token");
    }
}

void
gateway_guard_frame(struct gateway_head *head, struct tsec_span method, struct tsec_span target,
                    struct tsec_span version)
{
    if (method.ptr + method.len + 1 != target.ptr || target.ptr + target.len + 1 != version.ptr
        || version.ptr[version.len] != '\0' || version.ptr[version.len + 1] != '\0') {
        (void)refuse(head, TSEC_E_INVALID, "the request line is malformed");
        return;
    }
    head->next_line = version.ptr + version.len + 2;
}

static bool
frame_header(struct gateway_head *head, struct tsec_span name, struct tsec_span value)
{
    if (head->next_line == NULL) {
        return true;
    }
    if (name.ptr != head->next_line || value.ptr[value.len] != '\0'
        || value.ptr[value.len + 1] != '\0') {
        return refuse(head, TSEC_E_INVALID,
                      "a header line is folded, has a NUL, or does not end in CR LF");
    }
    head->next_line = value.ptr + value.len + 2;
    return true;
}

static bool
note_known(struct gateway_head *head, enum gateway_header header, struct tsec_span value)
{
    if (gateway_head_has(head, header)) {
        return refuse(head, TSEC_E_INVALID, "a header that may come once came twice");
    }
    head->seen |= UINT32_C(1) << header;
    head->values[header] = value;
    return true;
}

bool
gateway_guard_header(struct gateway_head *head, struct tsec_span name, struct tsec_span value)
{
    head->count++;
    head->bytes += name.len + value.len + 4;
    if (head->refused || !frame_header(head, name, value)) {
        return false;
    }
    if (head->count > GATEWAY_HEADERS_MAX || head->bytes > GATEWAY_HEADER_BYTES_MAX) {
        return refuse(head, TSEC_E_HEADERS_LARGE, NULL);
    }
    if (!is_token(name)) {
        return refuse(head, TSEC_E_INVALID, "a header name is not a token");
    }
    if (!api_field_ok(value)) {
        return refuse(head, TSEC_E_INVALID, "a header value has a control character");
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        if (is_nocase(name, known[i].name, known[i].len)) {
            return note_known(head, known[i].header, trim(value));
        }
    }
    return true;
}

static bool
check_host(struct gateway_head *head)
{
    const struct tsec_span host = head->values[GATEWAY_HOST];

    if (head->http_1_1 && !gateway_head_has(head, GATEWAY_HOST)) {
        return refuse(head, TSEC_E_INVALID, "the Host header is missing");
    }
    for (size_t i = 0; i < host.len; i++) {
        const uint8_t c = host.ptr[i];

        if (!is_token_char(c) && c != ':' && c != '[' && c != ']') {
            return refuse(head, TSEC_E_INVALID, "the Host header is malformed");
        }
    }
    return true;
}

static bool
parse_length(struct gateway_head *head, struct tsec_span digits)
{
    uint64_t n = 0;

    if (digits.len == 0 || digits.len > 18) { /* 18 digits fit 64 bits */
        return refuse(head, TSEC_E_INVALID, "the Content-Length is malformed");
    }
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.ptr[i] < '0' || digits.ptr[i] > '9') {
            return refuse(head, TSEC_E_INVALID, "the Content-Length is malformed");
        }
        n = n * 10 + (uint64_t)(digits.ptr[i] - '0');
    }
    head->content_length = n;
    return true;
}

/* RFC 9112 section 6.3, without what it only tolerates */
static bool
check_length(struct gateway_head *head)
{
    const bool length = gateway_head_has(head, GATEWAY_CONTENT_LENGTH);

    if (gateway_head_has(head, GATEWAY_TRANSFER_ENCODING)) {
        if (length) {
            return refuse(head, TSEC_E_INVALID,
                          "Content-Length and Transfer-Encoding exclude each other");
        }
        if (!head->http_1_1 || !is_nocase(head->values[GATEWAY_TRANSFER_ENCODING], "chunked", 7)) {
            return refuse(head, TSEC_E_INVALID, "the only Transfer-Encoding taken is chunked");
        }
        head->chunked = true;
        return true;
    }
    return !length || parse_length(head, head->values[GATEWAY_CONTENT_LENGTH]);
}

static struct tsec_span
bearer(struct tsec_span authorization)
{
    static const char scheme[] = "Bearer ";
    const size_t len = sizeof(scheme) - 1;

    if (authorization.len < len || strncasecmp((const char *)authorization.ptr, scheme, len) != 0) {
        return tsec_span(NULL, 0); /* another scheme is some proxy's business */
    }
    return trim(tsec_span(authorization.ptr + len, authorization.len - len));
}

static bool
check_token(struct gateway_head *head)
{
    const struct tsec_span own = head->values[GATEWAY_TOKEN];
    const struct tsec_span other = bearer(head->values[GATEWAY_AUTHORIZATION]);

    if (own.len > 0 && other.len > 0 && !tsec_ct_equal(own, other)) {
        return refuse(head, TSEC_E_INVALID, "X-Vault-Token and Authorization differ");
    }
    head->token = own.len > 0 ? own : other;
    if (!api_token_ok(head->token)) {
        return refuse(head, TSEC_E_INVALID, "the token has characters that no token has");
    }
    return true;
}

bool
gateway_guard_end(struct gateway_head *head)
{
    if (head->refused || !check_host(head) || !check_length(head) || !check_token(head)) {
        return false;
    }
    if (gateway_head_has(head, GATEWAY_EXPECT)
        && !is_nocase(head->values[GATEWAY_EXPECT], "100-continue", 12)) {
        return refuse(head, TSEC_E_INVALID, "the only expectation met is 100-continue");
    }
    return true;
}

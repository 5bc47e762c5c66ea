/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gateway/guard.h
 * @brief The strict reading of a request head that libmicrohttpd already parsed laxly.
 *
 * libmicrohttpd 0.9.75 takes both Content-Length and Transfer-Encoding, repeated lengths, hosts and
 * tokens, header lines folded or ended by a bare LF, and cuts a value at a NUL.  Any of these lets
 * two programs on one path read two different requests, so each is refused here, before a route is
 * looked up.  Pure: no connection, no clock, no lock.
 *
 * Use: begin, header for each field in order, end.  The first refusal stays.
 */
#ifndef TSEC_GATEWAY_GUARD_H
#define TSEC_GATEWAY_GUARD_H

#include "api/refusal.h"
#include "base/span.h"

enum {
    GATEWAY_METHOD_MAX = 16,
    GATEWAY_HEADERS_MAX = 64,
    GATEWAY_HEADER_BYTES_MAX = 8 * 1024,
};

enum gateway_header {
    GATEWAY_HOST = 0,
    GATEWAY_CONTENT_LENGTH,
    GATEWAY_TRANSFER_ENCODING,
    GATEWAY_AUTHORIZATION,
    GATEWAY_TOKEN,
    GATEWAY_NAMESPACE,
    GATEWAY_WRAP_TTL,
    GATEWAY_CONTENT_TYPE,
    GATEWAY_IDEMPOTENCY_KEY,
    GATEWAY_EXPECT,
    GATEWAY_ORIGIN,
    GATEWAY_CORS_METHOD,
    GATEWAY_HEADER_COUNT,
};

struct gateway_head {
    struct tsec_span values[GATEWAY_HEADER_COUNT]; /* without white space around them */
    uint32_t seen;                                 /* bit per enum gateway_header */
    unsigned count;
    size_t bytes;
    bool http_1_1;
    bool refused;
    struct api_refusal refusal;
    /** Where the next header line begins if the head is framed by CRLF alone; NULL: not looked at.
     *  See gateway_guard_frame(). */
    const uint8_t *next_line;
    /* filled by end */
    bool chunked;
    uint64_t content_length;
    struct tsec_span token;
};

void gateway_guard_begin(struct gateway_head *head, struct tsec_span method,
                         struct tsec_span version);

/**
 * Also demands that the request line and the header lines lie one after the other, each ended by
 * what was CR LF.  libmicrohttpd parses in place: it overwrites both bytes by NUL and hands out
 * pointers into one buffer, so a bare LF, a folded line, a NUL within a value and a doubled space
 * all show as a gap of another size.  The pointers must be those that libmicrohttpd gave; `target`
 * is the raw one, and each value is followed by two readable bytes.
 */
void gateway_guard_frame(struct gateway_head *head, struct tsec_span method,
                         struct tsec_span target, struct tsec_span version);

/** False: refused, now or before. */
bool gateway_guard_header(struct gateway_head *head, struct tsec_span name, struct tsec_span value);
/** The checks that need the whole head; false: head->refusal says why. */
bool gateway_guard_end(struct gateway_head *head);

static inline bool
gateway_head_has(const struct gateway_head *head, enum gateway_header header)
{
    return (head->seen & (UINT32_C(1) << header)) != 0;
}

/** Whether a body follows the head. */
static inline bool
gateway_head_has_body(const struct gateway_head *head)
{
    return head->chunked || head->content_length > 0;
}

#endif

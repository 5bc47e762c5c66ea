/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file base/span.h
 * @brief Borrowed bytes, and the comparisons that are allowed on them.
 *
 * A span never owns and is never a C string.
 */
#ifndef TSEC_BASE_SPAN_H
#define TSEC_BASE_SPAN_H

#include <stdbool.h>
#include <string.h>

#include <tsec/plugin.h>

#define TSEC_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static inline struct tsec_span
tsec_span(const void *ptr, size_t len)
{
    return (struct tsec_span){ (const uint8_t *)ptr, len };
}

static inline struct tsec_span
tsec_span_str(const char *text)
{
    return tsec_span(text, text == NULL ? 0 : strlen(text));
}

/** For public bytes: names, paths, numbers.  Stops at the first difference. */
bool tsec_span_equal(struct tsec_span a, struct tsec_span b);
bool tsec_span_is(struct tsec_span a, const char *text);
/** memcmp order, a prefix before what it begins. */
int tsec_span_compare(struct tsec_span a, struct tsec_span b);
bool tsec_span_starts(struct tsec_span a, struct tsec_span prefix);
/** Nothing but zero bytes, or none at all. */
bool tsec_span_zero(struct tsec_span a);

/** The white space of JSON (RFC 8259), and of hex and base64 text here. */
static inline bool
tsec_is_space(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/** For secret bytes: time depends on the lengths only. */
bool tsec_ct_equal(struct tsec_span a, struct tsec_span b);

/** Valid UTF-8 (no surrogates, no overlong forms, at most U+10FFFF). */
bool tsec_utf8_valid(struct tsec_span text);
/** Valid UTF-8 without control characters (C0, DEL, C1): may go into a log or a claim as it is. */
bool tsec_text_plain(struct tsec_span text);
/** Length (1..4) of the valid UTF-8 sequence at the start of `text`; 0 when there is none. */
size_t tsec_utf8_step(struct tsec_span text);

#endif

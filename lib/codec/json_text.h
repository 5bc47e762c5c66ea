/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec/json_text.h
 * @brief The inside of JSON strings: runs without anything special, and characters one by one.
 *
 * Shared by the JSON files of this folder; nothing here allocates.
 */
#ifndef TSEC_CODEC_JSON_TEXT_H
#define TSEC_CODEC_JSON_TEXT_H

#include "base/span.h"

/** How many bytes at the start of `text` are printable ASCII other than '"' and '\\'. */
size_t tsec_json_plain(struct tsec_span text);

/** One character of a string: UTF-8, at most four bytes. */
struct tsec_json_char {
    uint8_t bytes[4];
    size_t len;
};

/** Takes one character off the front of the inside of a string, and unescapes it.  False when
 *  `inside` is empty or begins with what no string may hold: a control character, a quote, invalid
 *  UTF-8, a bad escape, a lone surrogate.  The character may be NUL, from \u0000. */
bool tsec_json_char_take(struct tsec_span *inside, struct tsec_json_char *out);

/** Without the first `n` bytes; `n` is at most the length. */
static inline struct tsec_span
tsec_json_from(struct tsec_span text, size_t n)
{
    return text.len == 0 ? text : tsec_span(text.ptr + n, text.len - n);
}

static inline struct tsec_span
tsec_json_skip_space(struct tsec_span text)
{
    size_t n = 0;

    while (n < text.len && tsec_is_space(text.ptr[n])) {
        n++;
    }
    return tsec_json_from(text, n);
}

#endif

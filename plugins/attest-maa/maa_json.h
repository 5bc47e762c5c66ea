/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file maa_json.h
 * @brief Members of JSON objects picked out in one pass, and read as exactly the type that they
 * must have: no number comes as a string, no truth as a number.
 *
 * Works in place on text that has passed tsec_json_check(); builds no tree.
 */
#ifndef ATTEST_MAA_MAA_JSON_H
#define ATTEST_MAA_MAA_JSON_H

#include "base/base64.h"
#include "codec/json_scan.h"

enum { MAA_PICK_MAX = 255 };
/** At most MAA_PICK_MAX names.  values[i]: the value of names[i], an empty span when there is none.
 * Names are plain ASCII and case counts; an escaped spelling of a name is that name.  Not an
 * object: all are empty. */
void maa_pick(struct tsec_span object, const struct tsec_span *names, size_t n,
              struct tsec_span *values);
enum { MAA_STRING_MAX = 64 * 1024 };
#define MAA_NAME(text)                            \
    {                                             \
        (const uint8_t *)(text), sizeof(text) - 1 \
    }

static inline bool
maa_has(struct tsec_span value)
{
    return value.len > 0;
}

/* Each is false when the value is not exactly that.  `value` is as it stands, with quotes. */

bool maa_bool(struct tsec_span value, bool *out);
/** Digits only, 0..max. */
bool maa_number(struct tsec_span value, uint64_t max, uint64_t *out);
/** What a string says: borrowed, or when something in it is escaped in `copy`. */
bool maa_string(struct tsec_span value, struct tsec_buf *copy, struct tsec_span *out);
/** A string of 2 * len hex digits. */
bool maa_hex(struct tsec_span value, uint8_t *out, size_t len);
/** A string of base64 of that kind, strictly; appended. */
bool maa_base64(struct tsec_span value, enum tsec_base64_kind kind, struct tsec_buf *out);
/** A raw value for an account that people read and others store: at most 80 bytes of printable
 *  ASCII, or words that say what it is. */
struct tsec_span maa_shown(struct tsec_span value);
#define MAA_SHOW(value) (int)maa_shown(value).len, (const char *)maa_shown(value).ptr
/** Whether it is a string that says `text`. */
bool maa_says(struct tsec_span value, const char *text);

#endif

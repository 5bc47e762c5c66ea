/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec/json_scan.h
 * @brief RFC 8259 text checked and walked in place: no tree, no copy, no conversion.
 *
 * This is how a secret's `data` passes through the server: checked once, then carried byte for
 * byte, so that every digit survives and the JSON library never holds it.
 *
 * tsec_json_check() accepts exactly one value with white space around it; refuses invalid UTF-8,
 * lone surrogate escapes, \u0000 (but see `nul`), raw control characters, depth past `depth_max`,
 * more than `members_max` members and elements in all, duplicate member names (compared after
 * unescaping), and trailing bytes.  Errors give the byte offset and never quote the input.
 *
 * The walking functions may only be used on text that passed the check.
 */
#ifndef TSEC_CODEC_JSON_SCAN_H
#define TSEC_CODEC_JSON_SCAN_H

#include "base/buf.h"

struct tsec_json_limits {
    unsigned depth_max; /* at most 64 */
    size_t members_max;
    bool nul; /* takes \u0000 in values, which are no C strings then; in names never */
};

#define TSEC_JSON_LIMITS_DEFAULT \
    ((struct tsec_json_limits){ .depth_max = 32, .members_max = 65536 })

/** TSEC_E_INVALID: not JSON, or past a limit. */
TSEC_MUST_CHECK tsec_rc tsec_json_check(struct tsec_span text,
                                        const struct tsec_json_limits *limits,
                                        struct tsec_err *err);

enum tsec_json_type {
    TSEC_JSON_NONE = 0, /* nothing there */
    TSEC_JSON_OBJECT,
    TSEC_JSON_ARRAY,
    TSEC_JSON_STRING,
    TSEC_JSON_NUMBER,
    TSEC_JSON_TRUE,
    TSEC_JSON_FALSE,
    TSEC_JSON_NULL,
};

/** The value without the white space around it. */
struct tsec_span tsec_json_trim(struct tsec_span text);
enum tsec_json_type tsec_json_type_of(struct tsec_span value);

struct tsec_json_walk {
    struct tsec_span rest;
};

struct tsec_json_member {
    struct tsec_span name_raw; /* with quotes and escapes */
    struct tsec_span value;    /* trimmed */
};

/** Over an object's members or an array's elements (name_raw empty), in order. */
struct tsec_json_walk tsec_json_walk(struct tsec_span value);
bool tsec_json_next(struct tsec_json_walk *walk, struct tsec_json_member *out);

/** The member of that (plain ASCII) name; TSEC_JSON_NONE and an empty span when absent. */
enum tsec_json_type tsec_json_member(struct tsec_span object, const char *name,
                                     struct tsec_span *value);
/** Whether a raw string (with quotes) says `text`, after unescaping. */
bool tsec_json_string_is(struct tsec_span raw, struct tsec_span text);
bool tsec_json_strings_equal(struct tsec_span raw_a, struct tsec_span raw_b);
/** Appends the unescaped text of a raw string. */
void tsec_json_unescape(struct tsec_buf *out, struct tsec_span raw);
/** A number without fraction or exponent, or (weak) a string of one; false otherwise. */
bool tsec_json_to_i64(struct tsec_span value, int64_t *out);

/** RFC 7396 merge of `patch` into `target` (empty: absent), appended to `out`.  Both checked. */
void tsec_json_merge(struct tsec_buf *out, struct tsec_span target, struct tsec_span patch);
/** The object with every leaf replaced by null, down to `depth` levels (0: all), as KV's subkeys
 *  answers. */
void tsec_json_subkeys(struct tsec_buf *out, struct tsec_span object, unsigned depth);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec/json_out.h
 * @brief JSON written straight into a buffer: commas and escapes are this module's business.
 *
 * No tree, no allocation but the buffer's.  Strings must be UTF-8 (invalid bytes come out as
 * U+FFFD).  Escapes what RFC 8259 demands, and nothing else.
 */
#ifndef TSEC_CODEC_JSON_OUT_H
#define TSEC_CODEC_JSON_OUT_H

#include "base/buf.h"

enum { TSEC_JSON_OUT_DEPTH = 32 };

struct tsec_json_out {
    struct tsec_buf *buf;
    unsigned depth;
    bool member;                        /* a key was written, its value is due */
    bool some[TSEC_JSON_OUT_DEPTH + 1]; /* the container at this depth has an element */
};

struct tsec_json_out tsec_json_out(struct tsec_buf *buf);

void tsec_json_object(struct tsec_json_out *out);
void tsec_json_object_end(struct tsec_json_out *out);
void tsec_json_array(struct tsec_json_out *out);
void tsec_json_array_end(struct tsec_json_out *out);
void tsec_json_key(struct tsec_json_out *out, const char *key);
void tsec_json_key_span(struct tsec_json_out *out, struct tsec_span key);
void tsec_json_str(struct tsec_json_out *out, const char *text); /* NULL: null */
void tsec_json_span(struct tsec_json_out *out, struct tsec_span text);
void tsec_json_int(struct tsec_json_out *out, int64_t n);
void tsec_json_bool(struct tsec_json_out *out, bool b);
void tsec_json_null(struct tsec_json_out *out);
/** Bytes that are one JSON value already, verbatim. */
void tsec_json_raw(struct tsec_json_out *out, struct tsec_span json);
/** RFC 3339; 0 gives "" as KV does for a time that is not set. */
void tsec_json_time(struct tsec_json_out *out, int64_t ns);

/* key and value in one */
void tsec_json_put_str(struct tsec_json_out *out, const char *key, const char *text);
void tsec_json_put_span(struct tsec_json_out *out, const char *key, struct tsec_span text);
void tsec_json_put_int(struct tsec_json_out *out, const char *key, int64_t n);
void tsec_json_put_bool(struct tsec_json_out *out, const char *key, bool b);
void tsec_json_put_null(struct tsec_json_out *out, const char *key);
void tsec_json_put_raw(struct tsec_json_out *out, const char *key, struct tsec_span json);
void tsec_json_put_time(struct tsec_json_out *out, const char *key, int64_t ns);

#endif

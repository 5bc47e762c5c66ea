/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_out.h"

#include "base/clock.h"
#include "codec/json_text.h"

struct tsec_json_out
tsec_json_out(struct tsec_buf *buf)
{
    return (struct tsec_json_out){ .buf = buf };
}

/* Every value and key comes through here: the comma, unless it is the first. */
static void
begin(struct tsec_json_out *out)
{
    if (out->member) {
        out->member = false;
        return;
    }
    if (out->some[out->depth]) {
        tsec_buf_put_byte(out->buf, ',');
    }
    out->some[out->depth] = true;
}

static void
open_container(struct tsec_json_out *out, uint8_t bracket)
{
    begin(out);
    if (out->depth == TSEC_JSON_OUT_DEPTH) {
        out->buf->failed = true;
        return;
    }
    tsec_buf_put_byte(out->buf, bracket);
    out->some[++out->depth] = false;
}

/* A close without an open, or between a key and its value, is our bug: what was written is no JSON,
 * so it must not leave. */
static void
close_container(struct tsec_json_out *out, uint8_t bracket)
{
    if (out->depth == 0 || out->member) {
        out->buf->failed = true;
        return;
    }
    out->depth--;
    tsec_buf_put_byte(out->buf, bracket);
}

void
tsec_json_object(struct tsec_json_out *out)
{
    open_container(out, '{');
}

void
tsec_json_object_end(struct tsec_json_out *out)
{
    close_container(out, '}');
}

void
tsec_json_array(struct tsec_json_out *out)
{
    open_container(out, '[');
}

void
tsec_json_array_end(struct tsec_json_out *out)
{
    close_container(out, ']');
}

static void
put_escape(struct tsec_buf *buf, uint8_t c)
{
    static const char hex[] = "0123456789abcdef";
    static const char from[] = "\"\\\b\f\n\r\t";
    static const char to[] = "\"\\bfnrt";
    const char *at = memchr(from, c, sizeof(from) - 1);

    if (at != NULL) {
        const uint8_t pair[2] = { '\\', (uint8_t)to[at - from] };

        tsec_buf_put(buf, pair, sizeof(pair));
        return;
    }

    const uint8_t six[6] = { '\\', 'u', '0', '0', (uint8_t)hex[c >> 4], (uint8_t)hex[c & 15] };

    tsec_buf_put(buf, six, sizeof(six));
}

/* The byte that ended a plain run, or the sequence that it begins. */
static size_t
put_special(struct tsec_buf *buf, struct tsec_span text)
{
    if (text.ptr[0] < 0x80) {
        put_escape(buf, text.ptr[0]);
        return 1;
    }

    const size_t step = tsec_utf8_step(text);

    if (step == 0) {
        tsec_buf_put(buf, "\xef\xbf\xbd", 3); /* U+FFFD */
        return 1;
    }
    tsec_buf_put(buf, text.ptr, step);
    return step;
}

static void
put_string(struct tsec_buf *buf, struct tsec_span text)
{
    if (text.len < SIZE_MAX - 2) {
        tsec_buf_reserve(buf, text.len + 2);
    }
    tsec_buf_put_byte(buf, '"');
    while (text.len > 0) {
        const size_t run = tsec_json_plain(text);

        tsec_buf_put(buf, text.ptr, run);
        text = tsec_json_from(text, run);
        if (text.len > 0) {
            text = tsec_json_from(text, put_special(buf, text));
        }
    }
    tsec_buf_put_byte(buf, '"');
}

void
tsec_json_key_span(struct tsec_json_out *out, struct tsec_span key)
{
    if (out->member) {
        out->buf->failed = true; /* a key without a value: our bug, as above */
        return;
    }
    begin(out);
    put_string(out->buf, key);
    tsec_buf_put_byte(out->buf, ':');
    out->member = true;
}

void
tsec_json_key(struct tsec_json_out *out, const char *key)
{
    tsec_json_key_span(out, tsec_span_str(key));
}

void
tsec_json_span(struct tsec_json_out *out, struct tsec_span text)
{
    begin(out);
    put_string(out->buf, text);
}

void
tsec_json_raw(struct tsec_json_out *out, struct tsec_span json)
{
    begin(out);
    tsec_buf_put_span(out->buf, json);
}

void
tsec_json_null(struct tsec_json_out *out)
{
    tsec_json_raw(out, tsec_span("null", 4));
}

void
tsec_json_str(struct tsec_json_out *out, const char *text)
{
    if (text == NULL) {
        tsec_json_null(out);
        return;
    }
    tsec_json_span(out, tsec_span_str(text));
}

void
tsec_json_int(struct tsec_json_out *out, int64_t n)
{
    begin(out);
    if (n < 0) {
        tsec_buf_put_byte(out->buf, '-');
    }
    tsec_buf_put_u64(out->buf, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

void
tsec_json_bool(struct tsec_json_out *out, bool b)
{
    tsec_json_raw(out, tsec_span_str(b ? "true" : "false"));
}

void
tsec_json_time(struct tsec_json_out *out, int64_t ns)
{
    char text[TSEC_RFC3339_LEN] = "";

    if (ns != 0) {
        tsec_rfc3339(ns, text);
    }
    tsec_json_str(out, text);
}

void
tsec_json_put_str(struct tsec_json_out *out, const char *key, const char *text)
{
    tsec_json_key(out, key);
    tsec_json_str(out, text);
}

void
tsec_json_put_span(struct tsec_json_out *out, const char *key, struct tsec_span text)
{
    tsec_json_key(out, key);
    tsec_json_span(out, text);
}

void
tsec_json_put_int(struct tsec_json_out *out, const char *key, int64_t n)
{
    tsec_json_key(out, key);
    tsec_json_int(out, n);
}

void
tsec_json_put_bool(struct tsec_json_out *out, const char *key, bool b)
{
    tsec_json_key(out, key);
    tsec_json_bool(out, b);
}

void
tsec_json_put_null(struct tsec_json_out *out, const char *key)
{
    tsec_json_key(out, key);
    tsec_json_null(out);
}

void
tsec_json_put_raw(struct tsec_json_out *out, const char *key, struct tsec_span json)
{
    tsec_json_key(out, key);
    tsec_json_raw(out, json);
}

void
tsec_json_put_time(struct tsec_json_out *out, const char *key, int64_t ns)
{
    tsec_json_key(out, key);
    tsec_json_time(out, ns);
}

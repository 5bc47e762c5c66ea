/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

enum { LINE_MAX_LEN = 4096, VALUE_MAX = 512, TAIL_ROOM = 32 };

static struct tsec_log_options options = { .fd = STDERR_FILENO,
                                           .format = TSEC_LOG_KEY_VALUE,
                                           .clock = &tsec_clock_system };
static atomic_int wanted = TSEC_LOG_INFO;

/* A line is made on the stack: a log line must come out when there is no memory left. */
struct line {
    size_t len;
    size_t max;
    bool full; /* something did not fit */
    bool json;
    char text[LINE_MAX_LEN];
};

void
tsec_log_setup(const struct tsec_log_options *given)
{
    options = *given;
    tsec_log_set_level(given->level);
}

void
tsec_log_set_level(enum tsec_log_level level)
{
    atomic_store_explicit(&wanted, (int)level, memory_order_relaxed);
}

bool
tsec_log_wants(enum tsec_log_level level)
{
    return (int)level <= atomic_load_explicit(&wanted, memory_order_relaxed);
}

static void
put(struct line *line, const void *bytes, size_t len)
{
    if (line->full || len > line->max - line->len) {
        line->full = true;
        return;
    }
    memcpy(line->text + line->len, bytes, len);
    line->len += len;
}

static void
put_str(struct line *line, const char *text)
{
    put(line, text, strlen(text));
}

/* U+2028 and U+2029 end a line for some readers; U+0080 to U+009f are control characters. */
static bool
is_control(struct tsec_span c)
{
    return (c.len == 1 && (c.ptr[0] < 0x20 || c.ptr[0] == 0x7f))
           || (c.len == 2 && c.ptr[0] == 0xc2 && c.ptr[1] < 0xa0)
           || (c.len == 3 && c.ptr[0] == 0xe2 && c.ptr[1] == 0x80 && (c.ptr[2] & 0xfe) == 0xa8);
}

static unsigned
code_point(struct tsec_span c)
{
    return c.len == 1   ? c.ptr[0]
           : c.len == 2 ? (c.ptr[0] & 0x1fu) << 6 | (c.ptr[1] & 0x3fu)
                        : (c.ptr[0] & 0x0fu) << 12 | (c.ptr[1] & 0x3fu) << 6 | (c.ptr[2] & 0x3fu);
}

/* One character as it stands in a JSON string; returns how many bytes of the input it took. */
static size_t
put_char(struct line *line, struct tsec_span text)
{
    const size_t step = tsec_utf8_step(text);
    const struct tsec_span c = tsec_span(text.ptr, step);
    char escape[8];

    if (step == 0) {
        put_str(line, "\xef\xbf\xbd"); /* U+FFFD */
        return 1;
    }
    if (is_control(c)) {
        (void)snprintf(escape, sizeof(escape), "\\u%04x", code_point(c) & 0xffffu);
        put_str(line, escape);
        return step;
    }
    if (c.ptr[0] == '"' || c.ptr[0] == '\\') {
        put_str(line, "\\");
    }
    put(line, c.ptr, step);
    return step;
}

static void
put_quoted(struct line *line, struct tsec_span text)
{
    const size_t len = text.len < VALUE_MAX ? text.len : VALUE_MAX;

    put_str(line, "\"");
    for (size_t at = 0; at < len;) {
        at += put_char(line, tsec_span(text.ptr + at, text.len - at));
    }
    put_str(line, len < text.len ? "...\"" : "\"");
}

/* Whether a value may stand without quotes in key=value. */
static bool
is_bare(struct tsec_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        const uint8_t c = text.ptr[i];

        if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '=') {
            return false;
        }
    }
    return text.len > 0 && text.len <= VALUE_MAX;
}

/* A key is a constant of ours. */
static void
put_key(struct line *line, const char *key)
{
    if (line->json) {
        put_str(line, line->len == 0 ? "{\"" : ",\"");
        put_str(line, key);
        put_str(line, "\":");
        return;
    }
    put_str(line, line->len == 0 ? "" : " ");
    put_str(line, key);
    put_str(line, "=");
}

static void
put_text(struct line *line, const char *key, struct tsec_span text)
{
    put_key(line, key);
    if (!line->json && is_bare(text)) {
        put(line, text.ptr, text.len);
        return;
    }
    put_quoted(line, text);
}

static void
put_number(struct line *line, const char *key, int64_t n)
{
    char digits[24];

    put_key(line, key);
    (void)snprintf(digits, sizeof(digits), "%lld", (long long)n);
    put_str(line, digits);
}

static const char *
level_name(enum tsec_log_level level)
{
    return level <= TSEC_LOG_ERR    ? "error"
           : level <= TSEC_LOG_WARN ? "warn"
           : level <= TSEC_LOG_INFO ? "info"
                                    : "debug";
}

/* A field that does not fit is left out as a whole, and the line says so. */
static void
put_fields(struct line *line, const struct tsec_log_field *fields, size_t n)
{
    bool cut = false;

    for (size_t i = 0; i < n; i++) {
        const size_t before = line->len;

        if (fields[i].kind == TSEC_FIELD_NUMBER) {
            put_number(line, fields[i].key, fields[i].number);
        } else {
            put_text(line, fields[i].key, fields[i].text);
        }
        if (line->full) {
            line->len = before;
            line->full = false;
            cut = true;
        }
    }
    line->max = sizeof(line->text);
    if (cut) {
        put_number(line, "cut", 1);
    }
}

static void
write_line(const struct line *line)
{
    ssize_t n;

    do {
        n = write(options.fd, line->text, line->len);
    } while (n < 0 && errno == EINTR);
    /* a log that cannot be written to cannot be told so either */
}

void
tsec_log_fields(enum tsec_log_level level, const char *msg, const struct tsec_log_field *fields,
                size_t n)
{
    char time[TSEC_RFC3339_LEN];
    struct line line;

    if (!tsec_log_wants(level)) {
        return;
    }
    line.len = 0;
    line.max = sizeof(line.text) - TAIL_ROOM;
    line.full = false;
    line.json = options.format == TSEC_LOG_JSON;
    tsec_rfc3339(tsec_clock_real_ns(options.clock), time);
    put_text(&line, "time", tsec_span_str(time));
    put_text(&line, "level", tsec_span_str(level_name(level)));
    put_text(&line, "msg", tsec_span_str(msg));
    put_fields(&line, fields, n);
    put_str(&line, line.json ? "}\n" : "\n");
    write_line(&line);
}

/* Where the tree was built is nobody's business. */
static const char *
in_tree(const char *file)
{
    while (file[0] == '.' && file[1] == '.' && file[2] == '/') {
        file += 3;
    }
    return file;
}

void
tsec_log_err(const char *msg, const struct tsec_err *err)
{
    const struct tsec_error_info *info = tsec_error_info(err->code);
    const enum tsec_log_level level = info->blame == TSEC_BLAME_SELF   ? TSEC_LOG_ERR
                                      : info->blame == TSEC_BLAME_PEER ? TSEC_LOG_WARN
                                                                       : TSEC_LOG_INFO;

    tsec_log(level, msg, TSEC_F_STR("code", info->slug),
             TSEC_F_STR("file", in_tree(err->file == NULL ? "" : err->file)),
             TSEC_F_INT("line", err->line), TSEC_F_STR("detail", err->detail));
}

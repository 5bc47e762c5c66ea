/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file base/log.h
 * @brief One line per event, as key=value or JSON, on a file descriptor.
 *
 * A value is escaped so that no client can forge a line: control characters, quotes and invalid
 * UTF-8 never come out as they went in.  Nobody passes a secret here.  Any thread; one write(2) per
 * line.  Nothing below server/api logs: library code returns errors.
 */
#ifndef TSEC_BASE_LOG_H
#define TSEC_BASE_LOG_H

#include "base/clock.h"
#include "base/err.h"
#include "base/span.h"

enum tsec_log_format { TSEC_LOG_KEY_VALUE = 1, TSEC_LOG_JSON = 2 };

struct tsec_log_options {
    int fd;
    enum tsec_log_format format;
    enum tsec_log_level level; /* lines above it are dropped */
    const struct tsec_clock *clock;
};

/** Set once at start, before other threads; the default is key=value, INFO, stderr. */
void tsec_log_setup(const struct tsec_log_options *options);
/** May change at any time. */
void tsec_log_set_level(enum tsec_log_level level);
bool tsec_log_wants(enum tsec_log_level level);

/** A field of a line: text or number. */
struct tsec_log_field {
    const char *key;
    enum { TSEC_FIELD_TEXT = 1, TSEC_FIELD_NUMBER } kind;
    struct tsec_span text;
    int64_t number;
};

#define TSEC_F_SPAN(k, v) ((struct tsec_log_field){ (k), TSEC_FIELD_TEXT, (v), 0 })
#define TSEC_F_STR(k, v)  ((struct tsec_log_field){ (k), TSEC_FIELD_TEXT, tsec_span_str(v), 0 })
#define TSEC_F_INT(k, v) \
    ((struct tsec_log_field){ (k), TSEC_FIELD_NUMBER, { NULL, 0 }, (int64_t)(v) })

/** `msg` is a constant sentence; what varies is in the fields. */
void tsec_log_fields(enum tsec_log_level level, const char *msg,
                     const struct tsec_log_field *fields, size_t n);

/* clang-format off */
/* C11 has no variadic macro whose variable part may be absent: the one is chosen by counting. */
#define TSEC_LOG_PLAIN(level, msg) tsec_log_fields((level), (msg), NULL, 0)
#define TSEC_LOG_WITH(level, msg, ...)                                                           \
    tsec_log_fields((level), (msg), (const struct tsec_log_field[]){ __VA_ARGS__ },              \
                    sizeof((const struct tsec_log_field[]){ __VA_ARGS__ })                       \
                        / sizeof(struct tsec_log_field))
#define TSEC_LOG_PICK(level, msg, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, name, ...) name

/** Up to twelve fields after the message:
 *  tsec_log(TSEC_LOG_INFO, "listening", TSEC_F_STR("address", a), TSEC_F_INT("port", p)); */
#define tsec_log(...)                                                                            \
    TSEC_LOG_PICK(__VA_ARGS__, TSEC_LOG_WITH, TSEC_LOG_WITH, TSEC_LOG_WITH, TSEC_LOG_WITH,       \
                  TSEC_LOG_WITH, TSEC_LOG_WITH, TSEC_LOG_WITH, TSEC_LOG_WITH, TSEC_LOG_WITH,     \
                  TSEC_LOG_WITH, TSEC_LOG_WITH, TSEC_LOG_WITH, TSEC_LOG_PLAIN, 0)(__VA_ARGS__)
/* clang-format on */

/** A failure: code, where it was found, detail; at the level of whose fault it is. */
void tsec_log_err(const char *msg, const struct tsec_err *err);

#endif

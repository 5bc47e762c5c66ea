/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file base/err.h
 * @brief One result type, one table of errors.
 */
#ifndef TSEC_BASE_ERR_H
#define TSEC_BASE_ERR_H

#include <stdbool.h>

#include <tsec/plugin.h>

enum tsec_blame {
    TSEC_BLAME_SELF,   /* our bug, or our machine: page someone */
    TSEC_BLAME_PEER,   /* a service we depend on: retry, then warn */
    TSEC_BLAME_CLIENT, /* a violation from outside: count, never page */
};

struct tsec_error_info {
    enum tsec_code code;
    int http_status;
    enum tsec_blame blame;
    const char *slug; /* the name in lower case: "not_found" */
    const char *title;
};

#define TSEC_OK ((tsec_rc){ 0 })

static inline bool
tsec_failed(tsec_rc rc)
{
    return rc.code != TSEC_OK_CODE;
}

static inline tsec_rc
tsec_rc_of(enum tsec_code code)
{
    return (tsec_rc){ (int32_t)code };
}

/** Never NULL: an unknown code reads as TSEC_E_INTERNAL. */
const struct tsec_error_info *tsec_error_info(int32_t code);

/** Record and return.  `err` may be NULL. */
TSEC_MUST_CHECK __attribute__((format(printf, 5, 6))) tsec_rc
tsec_fail_at(struct tsec_err *err, enum tsec_code code, const char *file, int line, const char *fmt,
             ...);

#define TSEC_FAIL(err, code, ...) tsec_fail_at((err), (code), __FILE__, __LINE__, __VA_ARGS__)

/** The only macro of the tree that returns: pass a failure up. */
#define TSEC_TRY(expr)                   \
    do {                                 \
        const tsec_rc tsec_rc_ = (expr); \
        if (tsec_failed(tsec_rc_)) {     \
            return tsec_rc_;             \
        }                                \
    } while (0)

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file boot/doctor_report.h
 * @brief What a look at a machine found, line by line, and what to do about it; as text and as
 * JSON.
 *
 * It decides nothing and never holds a secret: what is written is what checks say for people.
 */
#ifndef TSEC_BOOT_DOCTOR_REPORT_H
#define TSEC_BOOT_DOCTOR_REPORT_H

#include "base/buf.h"

enum doctor_state {
    DOCTOR_OK = 1,
    DOCTOR_WARN, /* it runs, and somebody should know */
    DOCTOR_FAIL, /* it does not start, or does not do what it is for */
};

enum { DOCTOR_CHECK_LEN = 32, DOCTOR_TEXT_LEN = 400, DOCTOR_LINES_MAX = 192 };

struct doctor_line {
    enum doctor_state state;
    char check[DOCTOR_CHECK_LEN]; /* "store", "device" */
    char found[DOCTOR_TEXT_LEN];
    char advice[DOCTOR_TEXT_LEN]; /* "" : nothing to do */
};

/** Zero-filled: nothing yet. */
struct doctor_report {
    struct doctor_line lines[DOCTOR_LINES_MAX];
    size_t len;
    size_t warned;
    size_t failed;
};

/** Longer texts are cut; past the last line only the counts go on.  `advice` may be NULL. */
__attribute__((format(printf, 5, 6))) void doctor_say(struct doctor_report *report,
                                                      enum doctor_state state, const char *check,
                                                      const char *advice, const char *fmt, ...);

/** "ok    store: …", with "      do: …" below what is not ok, and a line that counts. */
void doctor_print(const struct doctor_report *report, struct tsec_buf *out);
/** {"checks":[{"check":…,"state":"ok","found":…,"advice":…}],"ok":n,"warn":n,"fail":n} */
void doctor_print_json(const struct doctor_report *report, struct tsec_buf *out);

#endif

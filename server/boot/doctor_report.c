/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/doctor_report.h"

#include <stdio.h>

#include "codec/json_out.h"

static const char *const names[] = { "?", "ok", "warn", "fail" };

void
doctor_say(struct doctor_report *report, enum doctor_state state, const char *check,
           const char *advice, const char *fmt, ...)
{
    struct doctor_line spare;
    const bool fits = report->len < DOCTOR_LINES_MAX;
    struct doctor_line *line = fits ? &report->lines[report->len++] : &spare;
    va_list args;

    line->state = state;
    (void)snprintf(line->check, sizeof(line->check), "%s", check);
    (void)snprintf(line->advice, sizeof(line->advice), "%s",
                   advice == NULL || state == DOCTOR_OK ? "" : advice);
    va_start(args, fmt);
    (void)vsnprintf(line->found, sizeof(line->found), fmt, args);
    va_end(args);
    report->warned += state == DOCTOR_WARN ? 1 : 0;
    report->failed += state == DOCTOR_FAIL ? 1 : 0;
}

static size_t
good(const struct doctor_report *report)
{
    size_t n = 0;

    for (size_t i = 0; i < report->len; i++) {
        n += report->lines[i].state == DOCTOR_OK ? 1 : 0;
    }
    return n;
}

void
doctor_print(const struct doctor_report *report, struct tsec_buf *out)
{
    for (size_t i = 0; i < report->len; i++) {
        const struct doctor_line *line = &report->lines[i];

        tsec_buf_printf(out, "%-4s  %s: %s\n", names[line->state], line->check, line->found);
        if (line->advice[0] != '\0') {
            tsec_buf_printf(out, "      do: %s\n", line->advice);
        }
    }
    tsec_buf_printf(out, "%zu ok, %zu to know, %zu wrong\n", good(report), report->warned,
                    report->failed);
}

void
doctor_print_json(const struct doctor_report *report, struct tsec_buf *out)
{
    struct tsec_json_out json = tsec_json_out(out);

    tsec_json_object(&json);
    tsec_json_key(&json, "checks");
    tsec_json_array(&json);
    for (size_t i = 0; i < report->len; i++) {
        const struct doctor_line *line = &report->lines[i];

        tsec_json_object(&json);
        tsec_json_put_str(&json, "check", line->check);
        tsec_json_put_str(&json, "state", names[line->state]);
        tsec_json_put_str(&json, "found", line->found);
        tsec_json_put_str(&json, "advice", line->advice);
        tsec_json_object_end(&json);
    }
    tsec_json_array_end(&json);
    tsec_json_put_int(&json, "ok", (int64_t)good(report));
    tsec_json_put_int(&json, "warn", (int64_t)report->warned);
    tsec_json_put_int(&json, "fail", (int64_t)report->failed);
    tsec_json_object_end(&json);
    tsec_buf_put_str(out, "\n");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/span.h"

static const struct tsec_reason_info reasons[] = {
    { TSEC_REASON_NONE, "", "", "" },
#define TSEC_REASON(name, slug, title, advice) { TSEC_REASON_##name, slug, title, advice },
#include <tsec/reasons.def>
#undef TSEC_REASON
};

const struct tsec_reason_info *
tsec_reason_info(uint32_t reason)
{
    return &reasons[reason < TSEC_ARRAY_LEN(reasons) ? reason : TSEC_REASON_NONE];
}

/* The next free line; the last one is kept for the failure, which must never be lost. */
static struct tsec_check *
next_line(struct tsec_checks *checks, bool ok)
{
    if (checks == NULL || checks->reason != TSEC_REASON_NONE
        || checks->len >= TSEC_CHECKS_MAX - (ok ? 1 : 0)) {
        return NULL;
    }
    return &checks->items[checks->len++];
}

/* Details quote evidence, and end up in logs and on terminals: what is no character (a cut may
 * leave half of one), or controls a terminal, reads '?'. */
static void
make_printable(char *text)
{
    const size_t len = strlen(text);
    size_t at = 0;

    while (at < len) {
        const uint8_t *c = (const uint8_t *)text + at;
        const size_t step = tsec_utf8_step(tsec_span(c, len - at));

        if (step == 0 || !tsec_text_plain(tsec_span(c, step))) {
            memset(text + at, '?', step == 0 ? 1 : step);
        }
        at += step == 0 ? 1 : step;
    }
}

void
tsec_check_ok(struct tsec_checks *checks, const char *name, const char *fmt, ...)
{
    struct tsec_check *check = next_line(checks, true);
    va_list ap;

    if (check == NULL) {
        return;
    }
    (void)snprintf(check->name, sizeof(check->name), "%s", name);
    check->ok = true;
    va_start(ap, fmt);
    (void)vsnprintf(check->detail, sizeof(check->detail), fmt, ap);
    va_end(ap);
    make_printable(check->detail);
}

static void
note_failure(struct tsec_checks *checks, enum tsec_reason reason, const char *name,
             const char *detail)
{
    struct tsec_check *check = next_line(checks, false);

    if (check == NULL) {
        return;
    }
    (void)snprintf(check->name, sizeof(check->name), "%s", name);
    check->ok = false; /* a verifier that went back a few lines may have left one that held */
    (void)snprintf(check->detail, sizeof(check->detail), "%s", detail);
    checks->reason = (uint32_t)reason;
}

static enum tsec_code
code_of(enum tsec_reason reason)
{
    if (reason == TSEC_REASON_INTERNAL) {
        return TSEC_E_INTERNAL;
    }
    return reason == TSEC_REASON_MALFORMED ? TSEC_E_INVALID : TSEC_E_DENIED;
}

tsec_rc
tsec_check_failed(struct tsec_checks *checks, enum tsec_reason reason, const char *name,
                  struct tsec_err *err, const char *fmt, ...)
{
    char detail[sizeof(checks->items[0].detail)];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(detail, sizeof(detail), fmt, ap);
    va_end(ap);
    make_printable(detail);
    note_failure(checks, reason, name, detail);

    const tsec_rc rc = TSEC_FAIL(err, code_of(reason), "%s: %s", name, detail);

    if (err != NULL) {
        make_printable(err->detail);
    }
    return rc;
}

tsec_rc
tsec_check_passed_on(struct tsec_checks *checks, enum tsec_reason reason, const char *name,
                     struct tsec_err *err)
{
    char detail[sizeof(err->detail)];

    (void)snprintf(detail, sizeof(detail), "%s", err == NULL ? "failed" : err->detail);
    return tsec_check_failed(checks, reason, name, err, "%s", detail);
}

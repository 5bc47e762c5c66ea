/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/account.h"

#include <stdio.h>
#include <string.h>

#include "appraisal/report.h"

static void
show(const struct tsec_checks *checks)
{
    for (size_t i = 0; i < checks->len; i++) {
        (void)fprintf(stderr, "    %s %s: %s\n", checks->items[i].ok ? "ok    " : "FAILED",
                      checks->items[i].name, checks->items[i].detail);
    }
}

/* How many held, from the first on. */
static size_t
held(const struct tsec_checks *checks)
{
    size_t n = 0;

    while (n < checks->len && checks->items[n].ok) {
        n++;
    }
    return n;
}

bool
account_refused(const struct tsec_checks *checks, tsec_rc rc, enum tsec_reason reason,
                const char *check)
{
    const int32_t code = reason == TSEC_REASON_MALFORMED ? TSEC_E_INVALID : TSEC_E_DENIED;

    if (rc.code == code && checks->reason == (uint32_t)reason && checks->len > 0
        && held(checks) == checks->len - 1
        && strcmp(checks->items[checks->len - 1].name, check) == 0) {
        return true;
    }
    (void)fprintf(stderr, "\n    wanted %s by %s; got code %d, %s\n",
                  tsec_reason_info(reason)->slug, check, rc.code,
                  tsec_reason_info(checks->reason)->slug);
    show(checks);
    return false;
}

bool
account_genuine(const struct tsec_checks *checks, tsec_rc rc)
{
    if (!tsec_failed(rc) && checks->reason == TSEC_REASON_NONE && checks->len > 0
        && held(checks) == checks->len) {
        return true;
    }
    (void)fprintf(stderr, "\n    not genuine: code %d, %s\n", rc.code,
                  tsec_reason_info(checks->reason)->slug);
    show(checks);
    return false;
}

bool
account_ends_with(const struct tsec_checks *checks, const char *words)
{
    return checks->len > 0 && strstr(checks->items[checks->len - 1].detail, words) != NULL;
}

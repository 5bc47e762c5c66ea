/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file audit/strangers.h
 * @brief Refusals of callers without a valid token, counted: one entry per source, reason and
 * minute, so that strangers cannot grow the ledger.
 *
 * Bounded: past STRANGERS_MAX sources in a minute the rest share one entry, "other".  Any thread.
 */
#ifndef TSEC_AUDIT_STRANGERS_H
#define TSEC_AUDIT_STRANGERS_H

#include "base/cleanup.h"
#include "base/err.h"

enum { STRANGERS_MAX = 256, STRANGER_REMOTE_MAX = 63, STRANGER_REASON_MAX = 31 };

struct stranger {
    char remote[STRANGER_REMOTE_MAX + 1];
    char reason[STRANGER_REASON_MAX + 1];
    uint64_t count;
};

struct strangers;

TSEC_MUST_CHECK tsec_rc strangers_new(struct strangers **out, struct tsec_err *err);
void strangers_free(struct strangers *strangers);
TSEC_DEFINE_AUTO(struct strangers, strangers_free)

void strangers_count(struct strangers *strangers, const char *remote, const char *reason);
/** Gives back what was taken and could not be told. */
void strangers_return(struct strangers *strangers, const struct stranger *stranger);
/** Takes out what was counted, once a minute has passed since the last time or `now` is set. */
size_t strangers_take(struct strangers *strangers, int64_t mono_ns, bool now,
                      struct stranger out[STRANGERS_MAX]);

#endif

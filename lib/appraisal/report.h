/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file appraisal/report.h
 * @brief The account of a verification as it is written down: one line per check, the failure last.
 *
 * `checks` may be NULL everywhere: then only the result is given.
 */
#ifndef TSEC_APPRAISAL_REPORT_H
#define TSEC_APPRAISAL_REPORT_H

#include <tsec/attest.h>

#include "base/err.h"

struct tsec_reason_info {
    enum tsec_reason reason;
    const char *slug; /* "no-endorsement" */
    const char *title;
    const char *advice;
};

/** Never NULL: TSEC_REASON_NONE and unknown values have an empty slug. */
const struct tsec_reason_info *tsec_reason_info(uint32_t reason);

/** Notes that a check held. */
__attribute__((format(printf, 3, 4))) void tsec_check_ok(struct tsec_checks *checks,
                                                         const char *name, const char *fmt, ...);
/** Notes the failure and returns it: TSEC_E_INVALID for TSEC_REASON_MALFORMED, TSEC_E_INTERNAL for
 *  TSEC_REASON_INTERNAL, TSEC_E_DENIED for all others.  `err` gets "name: text".  May be passed on
 *  and noted again by a caller: only the first failure counts. */
TSEC_MUST_CHECK __attribute__((format(printf, 5, 6))) tsec_rc
tsec_check_failed(struct tsec_checks *checks, enum tsec_reason reason, const char *name,
                  struct tsec_err *err, const char *fmt, ...);
/** A failure that a lower layer has already worded in `err`, noted under `name`. */
TSEC_MUST_CHECK tsec_rc tsec_check_passed_on(struct tsec_checks *checks, enum tsec_reason reason,
                                             const char *name, struct tsec_err *err);

#endif

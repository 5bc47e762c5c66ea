/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tcb_verdict.h
 * @brief What Intel says of one level of a platform, a quoting enclave or a TDX module: status,
 * date, advisories; and how the verdicts on them become one.
 */
#ifndef ATTEST_MAA_TCB_VERDICT_H
#define ATTEST_MAA_TCB_VERDICT_H

#include <tsec/attest.h>

#include "base/buf.h"

/** The advisories are owned: tcb_verdict_done(). */
struct tcb_verdict {
    enum tsec_tcb_status status; /* never NONE or UNKNOWN, nor a relaunch */
    int64_t date;                /* seconds since 1970 */
    char *advisories;            /* "INTEL-SA-00615,INTEL-SA-00657", or NULL */
};

/** The members of a level, as they stand in it: empty spans for those that are not there. */
struct tcb_members {
    struct tsec_span tcb;
    struct tsec_span status;
    struct tsec_span date;
    struct tsec_span advisories;
};
struct tcb_members tcb_members_of(struct tsec_span level);

/** From a level's tcbStatus, tcbDate and advisoryIDs.  A status that Intel does not name is
 *  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc tcb_verdict_of(const struct tcb_members *level, struct tcb_verdict *out,
                                       struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc tcb_verdict_read(struct tsec_span level, struct tcb_verdict *out,
                                         struct tsec_err *err);
void tcb_verdict_done(struct tcb_verdict *verdict);

/** For levels that are told apart by one number: those of enclaves and of TDX modules. */
struct tcb_svn_level {
    uint16_t svn;
    struct tcb_verdict verdict;
};
struct tcb_svn_levels {
    struct tcb_svn_level *items; /* from the highest to the lowest */
    size_t len;
};
/** Of an object's tcbLevels. */
TSEC_MUST_CHECK tsec_rc tcb_svn_levels_read(struct tsec_span object, struct tcb_svn_levels *out,
                                            struct tsec_err *err);
void tcb_svn_levels_done(struct tcb_svn_levels *levels);
/** The first that `svn` reaches; NULL when it reaches none. */
const struct tcb_verdict *tcb_svn_levels_find(const struct tcb_svn_levels *levels, uint16_t svn);

/** The elements of an object's array: *len of them, at least `min` and at most `max`. */
TSEC_MUST_CHECK tsec_rc tcb_array(struct tsec_span object, const char *name, size_t min, size_t max,
                                  struct tsec_span *array, size_t *len, struct tsec_err *err);

/** Intel's convergence: what becomes of a platform's status by that of a component of it (QE, TDX
 *  module), which is UpToDate, OutOfDate or Revoked; any other counts as OutOfDate. */
enum tsec_tcb_status tcb_converge(enum tsec_tcb_status platform, enum tsec_tcb_status component);

#endif

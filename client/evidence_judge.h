/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/evidence_judge.h
 * @brief One piece of evidence judged: genuine, and of a measurement that is allowed, or refused
 * for a reason.
 *
 * The verdict is a function of the bytes, what is asked, the collateral and the time.  It begins as
 * a refusal and becomes "genuine" in one place, when every check has held.
 */
#ifndef TSEC_CLIENT_EVIDENCE_JUDGE_H
#define TSEC_CLIENT_EVIDENCE_JUDGE_H

#include "appraisal/expr.h"
#include "appraisal/report.h"
#include "client/evidence_statement.h"
#include "client/evidence_verifier.h"

struct evidence_ask {
    const char *format;
    struct tsec_span evidence;
    struct tsec_expectation expect; /* its account is the verdict's own */
    int64_t at;
    const struct tsec_expr *allowed; /* none: any measurement will do */
    const char *const *allowed_text;
    size_t allowed_len;
    const char *undecodable; /* why the evidence could not be taken out of its encoding, or NULL */
    const struct evidence_statement *statement; /* what it is bound to; NULL: not asked */
    bool allow_simulated;
    const char *collateral_unknown; /* a named file that is no collateral, or NULL */
};

struct evidence_verdict {
    bool genuine;
    const struct tsec_reason_info *reason;
    struct tsec_claims claims; /* proven when genuine, and otherwise only what the bytes say */
    struct tsec_checks checks;
    size_t allowed_by;           /* which expression matched; of no meaning without any */
    struct tsec_buf differences; /* of each expression, when none matched: two lines */
};

/** NULL: no memory. */
struct evidence_verdict *evidence_judge(const struct evidence_verifier *verifier,
                                        const struct evidence_ask *ask);
void evidence_verdict_free(struct evidence_verdict *verdict);
TSEC_DEFINE_AUTO(struct evidence_verdict, evidence_verdict_free)

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file attest/admission.h
 * @brief Whether genuine evidence is admitted: the server's policy on claims that a plugin has
 * verified.
 *
 * It repeats what a plugin was asked to refuse (debug, TCB, age, window): a verifier with a fault
 * in one of these must not be enough.  What is missing is never taken for good.
 */
#ifndef TSEC_ATTEST_ADMISSION_H
#define TSEC_ATTEST_ADMISSION_H

#include "attest/allowlist.h"

enum { ADMISSION_SKEW_S = 300 };

struct admission_policy {
    bool allow_debug;
    bool allow_simulated;
    bool require_revocation; /* SGX and TDX, whose vendor issues CRLs */
    uint32_t allow_tcb;      /* TSEC_TCB_BIT()s besides UpToDate */
    int64_t max_age_s;       /* 0: as long as the certificates hold */
};

/** Whether formats of this kind have CRLs that must have been looked at. */
bool admission_has_crls(const char *tee);

/** Notes each rule in `checks`; the failure, with its reason, last.  *index: the entry that admits;
 *  SIZE_MAX when a setting does instead.  TSEC_E_DENIED. */
TSEC_MUST_CHECK tsec_rc admission_decide(const struct admission_policy *policy,
                                         const struct allowlist *list,
                                         const struct tsec_claims *claims, int64_t now,
                                         struct tsec_checks *checks, size_t *index,
                                         struct tsec_err *err);

#endif

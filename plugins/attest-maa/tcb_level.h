/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tcb_level.h
 * @brief Which level of TCB info a platform has reached, and what follows from it: Intel's
 * algorithm, TDX modules included.
 *
 * Intel: "SGX and TDX Quote Verification", TCB evaluation (steps 4.1.2.5.18 of its
 * QuoteVerificationLibrary).
 */
#ifndef ATTEST_MAA_TCB_LEVEL_H
#define ATTEST_MAA_TCB_LEVEL_H

#include "quote_parse.h"
#include "tcb_info.h"

struct tcb_input {
    const struct tcb_info *info;  /* of the quote's TEE */
    const struct pck_ext *pck;    /* what the platform is certified to have */
    const struct quote *quote;    /* what the TDX module says of itself */
    const struct tcb_verdict *qe; /* NULL: not known */
};

struct tcb_result {
    enum tsec_tcb_status status;
    int64_t date;          /* the earliest of the levels that count */
    char advisories[1024]; /* of all of them, each once */
    size_t level;          /* index in the TCB info */
    bool partly_unknown;   /* the QE's part: what it comes to may be worse than the status */
    /** Of TDX: the module's version, and its status when it has levels of its own; else NONE. */
    uint8_t module_version;
    enum tsec_tcb_status module_status;
};

/** Whether the TDX module is Intel's and of a version that the TCB info knows.  TSEC_E_DENIED. */
TSEC_MUST_CHECK tsec_rc tcb_module_match(const struct tcb_info *info, const struct quote *quote,
                                         struct tsec_err *err);

/** TSEC_E_DENIED: no level fits.  The status is never better than what it rests on: without a
 *  verdict on the QE it is UNKNOWN where it would be UP_TO_DATE, and partly unknown in any case. */
TSEC_MUST_CHECK tsec_rc tcb_evaluate(const struct tcb_input *in, struct tcb_result *out,
                                     struct tsec_err *err);

#endif

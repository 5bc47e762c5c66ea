/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/fuzz/verdict.h
 * @brief What must hold of every verdict, whatever the evidence: the contract of tsec/attest.h.
 */
#ifndef TSEC_TESTS_FUZZ_VERDICT_H
#define TSEC_TESTS_FUZZ_VERDICT_H

#include "base/err.h"
#include "tests/fuzz/parcel.h"

/** A verifier under test, as its harness calls it. */
struct verdict_subject {
    /** At `now`, and with the subject's cache when `cached`. */
    tsec_rc (*verify)(const struct parcel *parcel, const struct tsec_expectation *expect,
                      int64_t now, bool cached, struct tsec_claims *claims, struct tsec_err *err);
    tsec_rc (*decode)(const struct parcel *parcel, struct tsec_claims *claims,
                      struct tsec_err *err);
    bool needs_anchors; /* without them nothing is ever genuine */
};

/** Verifies and decodes, and aborts when the contract is broken.  `expect` has what the harness
 *  adds to the parcel's own expectations. */
void verdict_of(const struct verdict_subject *subject, const struct parcel *parcel,
                struct tsec_expectation expect);

/** While it is set every signature holds (believe.c). */
extern bool verdict_believe;

#endif

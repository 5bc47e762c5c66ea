/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file snp_expect.h
 * @brief What a relying party expects of a bare SNP report, which has one field for it,
 * report_data: no nonce, no key, no time.
 *
 * An expectation that the evidence has no place for is never met.
 */
#ifndef ATTEST_MAA_SNP_EXPECT_H
#define ATTEST_MAA_SNP_EXPECT_H

#include "snp_report.h"
#include "verifier.h"

/** Notes "binding", "nonce", "public-key" and "age", as far as they are expected. */
TSEC_MUST_CHECK tsec_rc snp_expect_check(const struct snp_report *report,
                                         const struct tsec_expectation *expect,
                                         struct tsec_err *err);

/** Whether a field of fixed length is `expected` with zeros behind it. */
bool snp_expect_padded(struct tsec_span field, struct tsec_span expected);
/** Notes the failure: expected and seen, in hex, as much as there is room for. */
TSEC_MUST_CHECK tsec_rc snp_expect_differs(struct tsec_checks *checks, enum tsec_reason reason,
                                           const char *name, const char *field,
                                           struct tsec_span expected, struct tsec_span seen,
                                           struct tsec_err *err);
/** A key is expected of evidence that has none. */
TSEC_MUST_CHECK tsec_rc snp_expect_no_key(const struct tsec_expectation *expect,
                                          struct tsec_err *err);
/** An age is expected of evidence that has no time: its freshness is that of what it is bound to.
 */
TSEC_MUST_CHECK tsec_rc snp_expect_age(const struct tsec_expectation *expect, bool fresh,
                                       struct tsec_err *err);

#endif

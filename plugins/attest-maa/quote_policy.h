/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file quote_policy.h
 * @brief What a relying party demands of a quote that is genuine: not in debug mode, bound to what
 * it expects, of a platform whose TCB status it allows.
 */
#ifndef ATTEST_MAA_QUOTE_POLICY_H
#define ATTEST_MAA_QUOTE_POLICY_H

#include "quote_parse.h"

/** Notes "debug", and "attributes" of an enclave that may ask for keys of the platform or a TD that
 *  has a service TD. */
TSEC_MUST_CHECK tsec_rc quote_policy_debug(const struct quote *quote,
                                           const struct tsec_expectation *expect,
                                           struct tsec_err *err);
/** Notes "binding", "nonce", "public-key" and "age", as far as they are expected. */
TSEC_MUST_CHECK tsec_rc quote_policy_expect(const struct quote *quote,
                                            const struct tsec_expectation *expect,
                                            struct tsec_err *err);
/** Notes "tcb".  UpToDate is always allowed, Revoked never; `partly_unknown`: the status may be
 * worse still, so that UNKNOWN must be allowed as well. */
TSEC_MUST_CHECK tsec_rc quote_policy_tcb(enum tsec_tcb_status status, bool partly_unknown,
                                         const struct tsec_expectation *expect,
                                         struct tsec_err *err);

#endif

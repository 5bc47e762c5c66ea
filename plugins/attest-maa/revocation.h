/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file revocation.h
 * @brief Whether a certificate of Intel's is on a CRL of its issuer.
 *
 * Every CRL in the collateral that the issuer signed counts: on one of them is revoked, whatever
 * its age.  To be good, a certificate needs one that is current.
 */
#ifndef ATTEST_MAA_REVOCATION_H
#define ATTEST_MAA_REVOCATION_H

#include "quote_time.h"

enum revocation {
    REVOCATION_UNKNOWN = 0, /* no CRL of that issuer */
    REVOCATION_GOOD,
    REVOCATION_REVOKED,
    REVOCATION_FORGED, /* those that name the issuer are not signed by it */
    REVOCATION_EXPIRED,
    REVOCATION_NOT_YET_VALID,
};

/** `issuer` has been checked.  *window: of the CRL that decides. */
enum revocation revocation_of(const struct verifier_input *in, const struct tsec_cert *issuer,
                              const struct tsec_cert *cert, struct quote_window *window);

/** The same, noted as a failure under "revocation" unless it is GOOD or UNKNOWN; narrows *window
 *  when GOOD, and sets *checked to false when UNKNOWN (which expect->require_revocation refuses).
 */
TSEC_MUST_CHECK tsec_rc revocation_check(const struct verifier_input *in,
                                         const struct tsec_cert *issuer,
                                         const struct tsec_cert *cert, bool *checked,
                                         struct quote_window *window, struct tsec_err *err);

#endif

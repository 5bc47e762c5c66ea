/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file nitro_verify.h
 * @brief AWS Nitro attestation documents, of enclaves and of NitroTPM, verified.
 *
 * A function of its arguments; the cache only remembers which chains have been checked.  AWS:
 * "Verifying the root of trust", "Cryptographic attestation" in the Nitro Enclaves User Guide.
 *
 * Two members of the expectation say nothing here.  allow_tcb: AWS states no TCB status.
 * require_revocation: AWS says to verify these chains without CRLs, and what it would take to act
 * on one is short: a leaf lives for three hours.  claims->revocation_checked stays false.
 */
#ifndef ATTEST_NITRO_VERIFY_H
#define ATTEST_NITRO_VERIFY_H

#include <tsec/attest.h>

#include "base/memo.h"
#include "nitro_root.h"

enum { NITRO_SKEW_S = 300 }; /* how far the host's clock may be ahead */

/** What remembers the chains that have been checked. */
TSEC_MUST_CHECK tsec_rc nitro_memo_new(struct tsec_memo **out, struct tsec_err *err);

struct nitro_input {
    const uint8_t *root;        /* SHA-256; nitro_root_pinned but in tests */
    struct tsec_memo *chains;   /* NULL: check everything each time */
    struct tsec_span kept_root; /* its DER, for documents without it; may be empty */
    struct tsec_span evidence;
    const struct tsec_expectation *expect;
    int64_t now;
    struct tsec_claims *claims; /* initialised by the verifier */
};

/** As tsec/attest.h says of verify(), with the account in expect->checks. */
TSEC_MUST_CHECK tsec_rc nitro_verify(const struct nitro_input *in, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc nitro_decode(struct tsec_span evidence, struct tsec_claims *claims,
                                     struct tsec_err *err);

#endif

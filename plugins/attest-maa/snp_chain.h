/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file snp_chain.h
 * @brief Whether AMD vouches for a VCEK or VLEK: its certificate, the ASK or ASVK that signed it,
 * and the ARK, both of which are known by their digests; and the ARK's revocation list.
 *
 * AMD has no revocation list for VCEKs and VLEKs themselves: what it can revoke is an ASK or ASVK.
 */
#ifndef ATTEST_MAA_SNP_CHAIN_H
#define ATTEST_MAA_SNP_CHAIN_H

#include "snp_vek.h"
#include "verifier.h"

struct snp_chain {
    int64_t not_before; /* all of it holds from here ... */
    int64_t not_after;  /* ... to here */
    bool revocation_checked;
};

/** Notes "chain" and "revocation".  in->cache may remember that the signatures hold; what time and
 *  revocation lists say is asked each time. */
TSEC_MUST_CHECK tsec_rc snp_chain_check(const struct verifier_input *in, const struct snp_vek *vek,
                                        struct snp_chain *out, struct tsec_err *err);

#endif

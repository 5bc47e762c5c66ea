/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file nitro_claims.h
 * @brief What an attestation document says, in the vocabulary of all TEEs.
 */
#ifndef ATTEST_NITRO_CLAIMS_H
#define ATTEST_NITRO_CLAIMS_H

#include <tsec/attest.h>

#include "nitro_doc.h"

#define NITRO_FORMAT "nitro"

/** All but not_before and not_after, which are the certificates'.
 *
 *  The primary measurement of an enclave is PCR0 (its whole image).  Of an instance with NitroTPM
 *  it is PCR4, what was booted: PCR0 there is AWS's firmware, the same for everyone's instances.
 *  PCR4 says nothing of the kernel's command line (PCR12), so no bare entry of an allowlist admits
 *  an instance. */
void nitro_claims_fill(const struct nitro_doc *doc, struct tsec_claims *claims);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file nitro_chain.h
 * @brief The certificates of an attestation document, from the pinned root to the key that signed.
 *
 * A chain that held is remembered by a digest of all its certificates; whether it holds at `now` is
 * asked anew each time.
 */
#ifndef ATTEST_NITRO_CHAIN_H
#define ATTEST_NITRO_CHAIN_H

#include "crypto/x509.h"
#include "nitro_doc.h"
#include "nitro_verify.h"

/** What is left of a chain once it has been checked.  Immutable. */
struct nitro_chain {
    struct tsec_cert *leaf;
    size_t len;         /* certificates, root and leaf included */
    int64_t not_before; /* all of them hold from here ... */
    int64_t not_after;  /* ... to here */
};

/** Notes "root", "chain" and "revocation" in the account, and the window in the claims.  Until
 *  nitro_chain_release(). */
TSEC_MUST_CHECK tsec_rc nitro_chain_verify(const struct nitro_input *in,
                                           const struct nitro_doc *doc,
                                           const struct nitro_chain **out, struct tsec_err *err);
/** `memo` as in the input; NULL for a chain is harmless. */
void nitro_chain_release(struct tsec_memo *memo, const struct nitro_chain *chain);

#endif

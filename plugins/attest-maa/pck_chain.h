/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pck_chain.h
 * @brief The chain that comes with a quote: PCK certificate, Platform or Processor CA, Intel's
 * root, whose key is pinned.
 */
#ifndef ATTEST_MAA_PCK_CHAIN_H
#define ATTEST_MAA_PCK_CHAIN_H

#include "pck_ext.h"
#include "quote_memo.h"
#include "quote_time.h"

struct pck_chain {
    struct quote_fact fact;
    struct tsec_cert *root;
    struct tsec_cert *ca;
    struct tsec_cert *pck;
    struct pck_ext ext;
    struct quote_window window;
};

/** P-256 and ecdsa-with-SHA256 in all of Intel's chains. */
extern const struct tsec_chain_rules pck_chain_rules;

/** Checked, at in->now too; held until pck_chain_release().  Notes "root" and "chain". */
TSEC_MUST_CHECK tsec_rc pck_chain_get(const struct verifier_input *in, struct tsec_span pem,
                                      const struct pck_chain **out, struct tsec_err *err);
void pck_chain_release(const struct verifier_input *in, const struct pck_chain *chain);

/** A fault of tsec_chain_verify() noted under `name`; `err` says which certificate. */
TSEC_MUST_CHECK tsec_rc pck_chain_fault(const struct verifier_input *in,
                                        enum tsec_chain_fault fault, const char *name,
                                        struct tsec_err *err);

/** Only read, for those who judge nothing.  False: no chain of three with SGX extensions. */
bool pck_chain_peek(struct tsec_span pem, struct pck_ext *out);

#endif

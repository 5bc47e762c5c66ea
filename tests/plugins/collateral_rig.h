/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file collateral_rig.h
 * @brief Things that are collateral, for the tests of how it is recognised; signed by nobody that
 * matters.
 */
#ifndef TESTS_COLLATERAL_RIG_H
#define TESTS_COLLATERAL_RIG_H

#include "base/buf.h"
#include "collateral.h"

/** One certificate and one CRL; the bytes live as long as the program. */
struct tsec_span rig_cert(unsigned serial);
struct tsec_span rig_crl(void);

extern const char rig_tcb_info[]; /* bare, of SGX */
extern const char rig_identity[]; /* bare, of TDX */
/** 128 hex digits. */
extern const char rig_signature_hex[];

/** What is in a set, as "certs crls docs signatures". */
const char *rig_counts(const struct collateral *set);
/** Adds `text` to a new set and gives its counts; "refused" when it is no collateral. */
const char *rig_counts_of(struct tsec_span item);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file collateral_doc.h
 * @brief What one of Intel's JSON documents is for and when it holds: the few members by which it
 * is found again.  Its levels are read when it is used (tcb_info.h, qe_identity.h).
 */
#ifndef ATTEST_MAA_COLLATERAL_DOC_H
#define ATTEST_MAA_COLLATERAL_DOC_H

#include "collateral.h"

/** Whether a JSON object (that passed tsec_json_check()) has the shape of such a document. */
bool collateral_doc_is(struct tsec_span object);

/** Everything but the signature.  *ours: false for an enclave identity of an enclave that makes no
 *  quotes (Intel signs those as well).  TSEC_E_INVALID: a member is missing or not as it must be.
 *  `body` has passed tsec_json_check() and is borrowed. */
TSEC_MUST_CHECK tsec_rc collateral_doc_read(struct tsec_span body, struct collateral_doc *out,
                                            bool *ours, struct tsec_err *err);

/* For those who read the rest of it. */

/** A string of exactly 2 * len hex digits. */
bool collateral_doc_hex(struct tsec_span object, const char *name, uint8_t *out, size_t len);
/** A non-negative number that fits. */
bool collateral_doc_number(struct tsec_span object, const char *name, uint64_t max, uint64_t *out);
/** The text of a member without escapes, without its quotes; .ptr is NULL when it is no such. */
struct tsec_span collateral_doc_text(struct tsec_span object, const char *name);
/* The same of values that have been found. */
struct tsec_span collateral_doc_text_of(struct tsec_span value);
bool collateral_doc_number_of(struct tsec_span value, uint64_t max, uint64_t *out);

#endif

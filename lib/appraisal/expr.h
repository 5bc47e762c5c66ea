/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file appraisal/expr.h
 * @brief Measurement expressions: which code may attest, in one line.
 *
 *     bare         96 hex digits (Nitro PCR0, SNP measurement, MRTD) or 64 (MRENCLAVE)
 *     conjunction  TEE:CLAIM=VALUE,CLAIM>=NUMBER,...     every part must hold
 *
 * Numbers may be written 0x...; true and false are those words.  A claim that the evidence does not
 * have matches nothing.  A measurement of all zeroes is never an entry: a debug TEE shows that.
 * Whether debug and simulated evidence is admitted is decided apart; a bare entry is never about a
 * simulated TEE.
 */
#ifndef TSEC_APPRAISAL_EXPR_H
#define TSEC_APPRAISAL_EXPR_H

#include <tsec/attest.h>

#include "base/buf.h"

enum { TSEC_EXPR_PARTS = 32 };

struct tsec_expr_part {
    char name[32];
    bool at_least; /* >= and not = */
    uint8_t kind;  /* enum tsec_claim_kind */
    uint64_t number;
    size_t len;
    uint8_t value[64];
};

struct tsec_expr {
    char tee[16]; /* "": bare */
    size_t parts_len;
    struct tsec_expr_part parts[TSEC_EXPR_PARTS]; /* bare: one, named "measurement" */
};

/** TSEC_E_CONFIG says what is wrong with it. */
TSEC_MUST_CHECK tsec_rc tsec_expr_parse(struct tsec_span text, struct tsec_expr *out,
                                        struct tsec_err *err);

/** Whether it holds.  When not, and `why` is given, appends the first difference: "pcr1: allowed
 *  ab12…, evidence has cd34…". */
bool tsec_expr_match(const struct tsec_expr *expr, const struct tsec_claims *claims,
                     struct tsec_buf *why);

/** How near the evidence comes, for choosing which entry to talk about: 0 is another TEE, otherwise
 *  1 and as many as parts hold. */
size_t tsec_expr_nearness(const struct tsec_expr *expr, const struct tsec_claims *claims);

/** Something an operator should know about an entry that is taken all the same, or NULL: PCR0
 *  without PCR1 and PCR2 (AWS: PCR0 alone does not tell two images apart), MRSIGNER without
 * prod_id. */
const char *tsec_expr_warning(const struct tsec_expr *expr);

#endif

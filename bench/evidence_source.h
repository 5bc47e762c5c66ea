/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file bench/evidence_source.h
 * @brief Where cases come from, and what those who make them use.
 */
#ifndef BENCH_EVIDENCE_SOURCE_H
#define BENCH_EVIDENCE_SOURCE_H

#include "bench/evidence_case.h"

/** The first of $TSEC_VECTORS that holds; NULL when there is none. */
struct evidence_case *evidence_vectors_load(const char *kind);
struct evidence_case *evidence_minted_load(const char *kind);

/** Empty, with the pinned roots. */
struct evidence_case *evidence_case_new(const char *kind);
/** One item of collateral more, to be filled; NULL when there is no room. */
struct tsec_buf *evidence_case_more(struct evidence_case *c);
/** Makes what a server keeps, and verifies both ways. */
bool evidence_case_holds(struct evidence_case *c);
TSEC_MUST_CHECK tsec_rc evidence_case_keep(struct evidence_case *c, struct tsec_err *err);
/** Of a token, out of itself: here nobody is to be convinced. */
void evidence_case_read_issuer(struct evidence_case *c);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file quote_claims.h
 * @brief What a quote says, in claims.
 */
#ifndef ATTEST_MAA_QUOTE_CLAIMS_H
#define ATTEST_MAA_QUOTE_CLAIMS_H

#include "pck_ext.h"
#include "quote_parse.h"

/** Initialises them and fills in what the quote itself says. */
void quote_claims_fill(const struct quote *quote, struct tsec_claims *claims);
/** What its PCK certificate says of the platform. */
void quote_claims_add_pck(const struct pck_ext *ext, struct tsec_claims *claims);

/** The report's bit, or (TDX) any of the attributes under which a TD is not to be trusted. */
bool quote_is_debug(const struct quote *quote);
/** 64 bytes. */
struct tsec_span quote_report_data(const struct quote *quote);

#endif

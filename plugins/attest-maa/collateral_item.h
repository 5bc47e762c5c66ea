/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file collateral_item.h
 * @brief How things get into a set, for the files that recognise them.
 *
 * What is there already is passed over.  All are TSEC_E_TOO_LARGE when the set is full.
 */
#ifndef ATTEST_MAA_COLLATERAL_ITEM_H
#define ATTEST_MAA_COLLATERAL_ITEM_H

#include "collateral.h"

/** A certificate or CRL, exactly.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc collateral_put_der(struct collateral *set, struct tsec_span der,
                                           struct tsec_err *err);
/** Every block of a PEM text.  TSEC_E_INVALID: none, or one of another kind. */
TSEC_MUST_CHECK tsec_rc collateral_put_pem(struct collateral *set, struct tsec_span text,
                                           struct tsec_err *err);
/** `body`: the document's JSON, checked; `signature`: 64 bytes, or none. */
TSEC_MUST_CHECK tsec_rc collateral_put_doc(struct collateral *set, struct tsec_span body,
                                           struct tsec_span signature, struct tsec_err *err);
/** 64 bytes. */
TSEC_MUST_CHECK tsec_rc collateral_put_signature(struct collateral *set, struct tsec_span bytes,
                                                 struct tsec_err *err);
/** Whatever a JSON text holds (collateral_json.c).  TSEC_E_INVALID: no JSON, or nothing in it. */
TSEC_MUST_CHECK tsec_rc collateral_put_json(struct collateral *set, struct tsec_span text,
                                            struct tsec_err *err);
/** The same as collateral_add(), but that a failure may leave a part behind. */
TSEC_MUST_CHECK tsec_rc collateral_put_any(struct collateral *set, struct tsec_span item,
                                           struct tsec_err *err);

/* Forms of text */
bool collateral_is_hex(struct tsec_span text);
/** Percent-encoded PEM, as the issuer chains come in HTTP headers. */
bool collateral_is_pct_pem(struct tsec_span text);
TSEC_MUST_CHECK tsec_rc collateral_put_pct_pem(struct collateral *set, struct tsec_span text,
                                               struct tsec_err *err);

#endif

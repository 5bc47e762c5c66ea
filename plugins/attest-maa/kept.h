/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kept.h
 * @brief What an open plugin keeps for all verifications: collateral and token keys.
 *
 * Two parts: what was given (files at the start, collateral_add()) stays; what was fetched is
 * replaced as a whole.  A verification holds a view, which never changes; whoever adds something
 * makes a new one beside it, so that nobody waits for more than a pointer.
 *
 * Any thread may call anything but new and free.
 */
#ifndef ATTEST_MAA_KEPT_H
#define ATTEST_MAA_KEPT_H

#include "collateral.h"
#include "maa_jwks.h"

struct kept;

/** What is kept at one moment; either may be NULL. */
struct kept_view {
    const struct collateral *collateral;
    const struct maa_jwks *keys;
};

TSEC_MUST_CHECK tsec_rc kept_new(struct kept **out, struct tsec_err *err);
/** No view may be held any more. */
void kept_free(struct kept *kept);
TSEC_DEFINE_AUTO(struct kept, kept_free)

const struct kept_view *kept_hold(struct kept *kept);
void kept_release(struct kept *kept, const struct kept_view *view);

/** Adds one item of collateral.  TSEC_E_INVALID, TSEC_E_TOO_LARGE: as collateral_add(); then all is
 *  as it was. */
TSEC_MUST_CHECK tsec_rc kept_give(struct kept *kept, struct tsec_span item, struct tsec_err *err);
/** Adds a whole set. */
TSEC_MUST_CHECK tsec_rc kept_give_set(struct kept *kept, const struct collateral *set,
                                      struct tsec_err *err);
/** Replaces the given token keys.  TSEC_E_INVALID: no JWKS, or one without a key of use. */
TSEC_MUST_CHECK tsec_rc kept_give_keys(struct kept *kept, struct tsec_span jwks,
                                       struct tsec_err *err);
/** Replaces what was fetched; an empty `jwks` keeps the keys that are there.  Fetched keys go
 *  before given ones. */
TSEC_MUST_CHECK tsec_rc kept_fetched(struct kept *kept, const struct collateral *set,
                                     struct tsec_span jwks, struct tsec_err *err);

#endif

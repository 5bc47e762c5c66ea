/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/transit_signing.h
 * @brief How a request wants something signed or verified: hash, scheme, salt, form, nonce.
 */
#ifndef TSEC_API_TRANSIT_SIGNING_H
#define TSEC_API_TRANSIT_SIGNING_H

#include "api/transit_plan.h"

/** Into plan->how and plan->marshaling; `url_hash` wins over the body's.  TSEC_E_INVALID with a
 *  sentence. */
TSEC_MUST_CHECK tsec_rc transit_signing_read(struct transit_plan *plan,
                                             const struct transit_body *body,
                                             struct tsec_span url_hash, struct tsec_err *err);
/** Whether a key of the plan's type can be used like that.  Answers 400 and fails. */
TSEC_MUST_CHECK tsec_rc transit_signing_suits(struct api_call *call,
                                              const struct transit_plan *plan);

/** The hash that the path, hash_algorithm or algorithm names. */
TSEC_MUST_CHECK tsec_rc transit_hash_name(struct transit_plan *plan,
                                          const struct transit_body *body,
                                          struct tsec_span url_hash, struct tsec_span *out,
                                          struct tsec_err *err);

/** How signatures of that form travel. */
enum tsec_base64_kind transit_signing_base64(const struct transit_plan *plan);
/** About what verifying takes. */
unsigned transit_verify_us(const struct transit_plan *plan, const struct transit_item *item);

#endif

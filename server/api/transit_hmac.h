/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/transit_hmac.h
 * @brief Verifying an HMAC, which shares its path with verifying a signature.
 */
#ifndef TSEC_API_TRANSIT_HMAC_H
#define TSEC_API_TRANSIT_HMAC_H

#include "api/transit_plan.h"

extern const struct transit_kind transit_hmac_verification;

/** {"valid":…} of any verification. */
void transit_put_verdict(const struct transit_plan *plan, const struct transit_item *item,
                         struct tsec_json_out *out);

#endif

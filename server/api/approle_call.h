/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/approle_call.h
 * @brief What the operations of an approle mount begin with: where they are, and on which role.
 */
#ifndef TSEC_API_APPROLE_CALL_H
#define TSEC_API_APPROLE_CALL_H

#include "api/envelope.h"
#include "api/routes.h"
#include "core/approle.h"

struct approle_at approle_call_at(struct api_call *call);
/** The role of the template's first variable; TSEC_E_NOT_FOUND without a reply. */
TSEC_MUST_CHECK tsec_rc approle_call_role(struct api_call *call, const struct approle_at *at,
                                          const struct approle **out, struct tsec_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/wrap.h
 * @brief Replies that are put away for a wrapping token, and taken out again.
 */
#ifndef TSEC_API_WRAP_H
#define TSEC_API_WRAP_H

#include "api/call.h"
#include "core/wrapping.h"

/** Keeps the wrapping and answers with its token. */
TSEC_MUST_CHECK tsec_rc api_wrap_reply(struct api_call *call, const struct wrapping *wrapping,
                                       struct tsec_err *err);
/** The reply as it was, under this request's id. */
TSEC_MUST_CHECK tsec_rc api_unwrap_reply(struct api_call *call, const struct wrapping *wrapping,
                                         struct tsec_err *err);

#endif

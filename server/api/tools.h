/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/tools.h
 * @brief Random bytes and hashes for those who ask, under sys/tools/ and in every transit mount.
 */
#ifndef TSEC_API_TOOLS_H
#define TSEC_API_TOOLS_H

#include "api/call.h"

/** {"random_bytes"}; `bytes` of the path, empty: the body's. */
TSEC_MUST_CHECK tsec_rc api_tool_random(struct api_call *call, struct tsec_span bytes,
                                        struct tsec_err *err);
/** {"sum"}; `algorithm` of the path, empty: the body's. */
TSEC_MUST_CHECK tsec_rc api_tool_hash(struct api_call *call, struct tsec_span algorithm,
                                      struct tsec_err *err);

#endif

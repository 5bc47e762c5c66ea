/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/read_as.h
 * @brief A secret read for somebody who has no token, but what a token would be: as the same GET
 * with that token would be answered, decision and all.
 */
#ifndef TSEC_API_READ_AS_H
#define TSEC_API_READ_AS_H

#include "api/call.h"

/** What came of it. */
struct api_reading {
    const char *path;   /* as the policies and the audit log know it; in the arena */
    const char *reason; /* of a refusal; static: "path", "policy", "absent" */
};

/** `target`: a path of a kv mount without "/v1/", as in a request line ("secret/data/a?version=2").
 *  Appends what the read would have answered.  TSEC_E_DENIED: it would not, whatever the reason;
 *  nothing is appended, and the reply of `call` is as it was. */
TSEC_MUST_CHECK tsec_rc api_read_as(struct api_call *call, const struct token *token,
                                    const char *target, struct tsec_buf *out,
                                    struct api_reading *reading, struct tsec_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/target.h
 * @brief The request target, from raw bytes to a path and parameters, or refused.
 *
 * Only the origin form is taken.  The path is decoded exactly once and never normalised: what a
 * proxy and this server could read differently (empty, "." and ".." segments, plain or escaped, a
 * NUL, a control character, a backslash) is refused.  Pure: no connection, no clock, no lock.
 */
#ifndef TSEC_API_TARGET_H
#define TSEC_API_TARGET_H

#include "api/refusal.h"
#include "api/request.h"

enum {
    API_PATH_MAX = 2048, /* of the target's path, as sent */
    API_QUERY_MAX = 4096,
    API_PARAMS_MAX = 32,
};

struct api_target {
    const char *path;
    const struct api_param *query;
    size_t query_len;
};

/** Path and parameters are in the arena. */
bool api_target_parse(struct tsec_span raw, struct tsec_arena *arena, struct api_target *out,
                      struct api_refusal *refusal);

/** The method a token names; API_METHOD_UNSET: none of ours. */
enum api_method api_method_of(struct tsec_span token);

/** GET ?list=true is LIST, GET ?scan=true is SCAN, for clients behind a proxy that knows neither
 *  method.  Refuses a value that is no boolean, and both at once. */
bool api_method_apply_query(const struct api_target *target, enum api_method *method,
                            struct api_refusal *refusal);

#endif

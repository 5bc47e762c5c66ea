/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/refusal.h
 * @brief Why a request does not get as far as the API: a code and a sentence of ours.
 *
 * The sentence never quotes the request.
 */
#ifndef TSEC_API_REFUSAL_H
#define TSEC_API_REFUSAL_H

#include "base/err.h"

struct api_refusal {
    enum tsec_code code;
    const char *sentence; /* static */
};

/** Fills the refusal and is false, so that a check can return it. */
static inline bool
api_turn_down(struct api_refusal *refusal, enum tsec_code code, const char *sentence)
{
    *refusal = (struct api_refusal){ .code = code, .sentence = sentence };
    return false;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file gateway/refusal.h
 * @brief Why a request does not get as far as the API: a code and a sentence of ours.
 *
 * The sentence never quotes the request.
 */
#ifndef TSEC_GATEWAY_REFUSAL_H
#define TSEC_GATEWAY_REFUSAL_H

#include "base/err.h"

struct gateway_refusal {
    enum tsec_code code;
    const char *sentence; /* static */
};

/** Fills the refusal and is false, so that a check can return it. */
static inline bool
gateway_refuse(struct gateway_refusal *refusal, enum tsec_code code, const char *sentence)
{
    *refusal = (struct gateway_refusal){ .code = code, .sentence = sentence };
    return false;
}

#endif

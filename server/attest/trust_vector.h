/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file attest/trust_vector.h
 * @brief An appraisal in the words of AR4SI (draft-ietf-rats-ar4si): a claim for each thing that
 * can be trusted or not, and the tier that follows.
 *
 * 0 is "no claim": what was not looked at is never said to be good.
 */
#ifndef TSEC_ATTEST_TRUST_VECTOR_H
#define TSEC_ATTEST_TRUST_VECTOR_H

#include <tsec/attest.h>

#include "codec/json_out.h"

enum trust_tier {
    TRUST_NONE = 0,
    TRUST_AFFIRMING = 2,
    TRUST_WARNING = 32,
    TRUST_CONTRAINDICATED = 96,
};

struct trust_vector {
    int8_t instance_identity;
    int8_t configuration;
    int8_t executables;
    int8_t file_system;
    int8_t hardware;
    int8_t runtime_opaque;
    int8_t storage_opaque;
    int8_t sourced_data;
};

/** Of evidence that was admitted; `listed`: by an entry that names its measurement, and not by a
 *  setting alone. */
struct trust_vector trust_vector_admitted(const struct tsec_claims *claims, bool listed);
/** Of evidence that was refused; its claims are not believed. */
struct trust_vector trust_vector_refused(enum tsec_reason reason);

/** As good as its worst claim, and no better than `most`. */
enum trust_tier trust_vector_tier(const struct trust_vector *vector, enum trust_tier most);
const char *trust_tier_name(enum trust_tier tier);
/** One JSON object. */
void trust_vector_json(const struct trust_vector *vector, struct tsec_json_out *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/fuzz/maa_input.h
 * @brief What the harnesses of attest-maa's verifiers share: a parcel as one of them wants it.
 *
 * With PARCEL_OWN the anchors are the digests of ARK, ASK and ASVK (of every product), of Intel's
 * key and of Azure's TPM root, 32 bytes each; what is missing is zero.
 */
#ifndef TSEC_TESTS_FUZZ_MAA_INPUT_H
#define TSEC_TESTS_FUZZ_MAA_INPUT_H

#include "attest-maa/verifier.h"
#include "tests/fuzz/parcel.h"

/** Anchors and collateral of a parcel; those items that are no collateral are left aside. */
struct maa_input {
    struct verifier_anchors anchors;
    struct collateral *collateral;
};

void maa_input_open(const struct parcel *parcel, struct maa_input *out);
void maa_input_done(struct maa_input *input);

/** As a verifier wants it; without a cache when `cache` is NULL. */
struct verifier_input maa_input_verifier(const struct maa_input *input,
                                         struct verifier_cache *cache, const struct parcel *parcel,
                                         const struct tsec_expectation *expect, int64_t now,
                                         struct tsec_claims *claims);

#endif

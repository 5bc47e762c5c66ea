/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/vectors/flips.h
 * @brief One piece of genuine evidence, and the claim that it is no longer that when any one bit of
 * what was signed is another.
 */
#ifndef TSEC_TESTS_FLIPS_H
#define TSEC_TESTS_FLIPS_H

#include "verifier.h"

struct flips {
    char format[16]; /* "nitro", "snp", "az-vtpm", "sgx", "tdx", "maa" */
    int64_t now;
    struct tsec_buf evidence;
    struct collateral *collateral; /* NULL: none */
    const uint8_t *nitro_root;     /* the pinned one, or a minted one */
    const struct verifier_anchors *anchors;
    struct tsec_buf jwks;
    char issuer[256];
    bool strict; /* neither debug nor a TCB status but UpToDate is allowed */
};

/** Empty, with room. */
void flips_init(struct flips *flips, const char *format, int64_t now);
void flips_done(struct flips *flips);

/** Whether it is genuine as it stands. */
bool flips_genuine(const struct flips *flips);
/** Verifies it with each byte of the signed parts changed in one bit, or with TSEC_FLIPS=all in
 *  each of its eight, and asserts that every one is refused.  At least `least` changes. */
void flips_run(struct flips *flips, size_t least);

#endif

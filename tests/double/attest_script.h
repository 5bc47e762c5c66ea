/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/double/attest_script.h
 * @brief A verifier that says what a test tells it to: for tests of what judges its claims.
 *
 * It accepts the formats "script" and "sgx", makes nothing, and remembers what it was asked.
 */
#ifndef TSEC_TESTS_ATTEST_SCRIPT_H
#define TSEC_TESTS_ATTEST_SCRIPT_H

#include <tsec/attest.h>

struct attest_script {
    /* what verify() is to say */
    int32_t code;            /* 0: genuine */
    enum tsec_reason reason; /* noted in the account */
    struct tsec_claims claims;
    int32_t health;
    int32_t refreshed; /* what refresh() says */

    /* what it was asked */
    unsigned calls;
    unsigned refreshes;
    struct tsec_expectation expect; /* its spans are gone, but for: */
    uint8_t binding[64];
    size_t binding_len;
    int64_t now;
};

extern struct attest_script attest_script;
extern const struct tsec_attest_ops attest_script_ops;

/** Genuine from now on: Nitro claims with PCR0, 1 and 2 of 0xab, 0xbc and 0xcd. */
void attest_script_genuine(int64_t now);

#define ATTEST_SCRIPT_48(digits)                                                                   \
    digits digits digits digits digits digits digits digits digits digits digits digits digits     \
        digits digits digits digits digits digits digits digits digits digits digits digits digits \
            digits digits digits digits digits digits digits digits digits digits digits digits    \
                digits digits digits digits digits digits digits digits digits digits
#define ATTEST_SCRIPT_PCRS                                          \
    "nitro:pcr0=" ATTEST_SCRIPT_48("ab") ",pcr1=" ATTEST_SCRIPT_48( \
        "bc") ",pcr2=" ATTEST_SCRIPT_48("cd")

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/fuzz/fuzz.h
 * @brief What a fuzz harness defines, and how it says that something is wrong.
 */
#ifndef TSEC_TESTS_FUZZ_FUZZ_H
#define TSEC_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/** Called by libFuzzer, or by driver.c, with one input after another in one process. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Not assert(): it stays when NDEBUG is set. */
#define FUZZ_ASSERT(claim)                                                                   \
    do {                                                                                     \
        if (!(claim)) {                                                                      \
            (void)fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #claim); \
            abort();                                                                         \
        }                                                                                    \
    } while (0)

#endif

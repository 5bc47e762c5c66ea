/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/vectors/flips_ranges.h
 * @brief Which bytes of evidence are signed, or are the signature: by the vendors' layouts, and not
 * by the parsers under test.
 */
#ifndef TSEC_TESTS_FLIPS_RANGES_H
#define TSEC_TESTS_FLIPS_RANGES_H

#include "base/span.h"

enum { FLIPS_RANGES = 256 };

struct flips_ranges {
    struct {
        size_t at;
        size_t len;
    } items[FLIPS_RANGES];
    size_t len;
};

/** Of genuine evidence; asserts that its form is known. */
void flips_signed(const char *format, struct tsec_span evidence, struct flips_ranges *out);

#endif

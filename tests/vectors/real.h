/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/vectors/real.h
 * @brief Real evidence out of the folder that TSEC_VECTORS names, by its manifest.
 */
#ifndef TSEC_TESTS_REAL_H
#define TSEC_TESTS_REAL_H

#include "tests/vectors/flips.h"

/** Whether it is there. */
bool real_open(void);
void real_close(void);

/** The next item of that kind of the manifest ("nitro", "sev-snp", "sgx", "maa") that is said to be
 *  valid, from *at on; false at the end.  With `hcl` the HCL report instead of the SNP report. */
bool real_next(const char *kind, bool hcl, size_t *at, struct flips *out);

#endif

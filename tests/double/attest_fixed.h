/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/double/attest_fixed.h
 * @brief A TEE that keeps its root key in this process: for tests of what stands on attest.h.
 *
 * The wrapping of a root key is the key under a fixed mask, so that it opens after a "restart";
 * nothing of it is secret.  It says that it is simulated.
 */
#ifndef TSEC_TESTS_ATTEST_FIXED_H
#define TSEC_TESTS_ATTEST_FIXED_H

#include <tsec/attest.h>

extern const struct tsec_attest_ops attest_fixed_ops;

/** From now on root_key_open() gives another key, as another TEE would. */
void attest_fixed_be_another(bool another);

#endif

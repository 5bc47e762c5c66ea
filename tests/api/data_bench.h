/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/api/data_bench.h
 * @brief What tests of encrypting, signing and the like ask of a transit mount, besides
 * transit_bench.h.
 */
#ifndef TSEC_TESTS_DATA_BENCH_H
#define TSEC_TESTS_DATA_BENCH_H

#include "tests/api/transit_bench.h"

/** The status of a POST below the mount. */
__attribute__((format(printf, 2, 3))) int data_postf(const char *path, const char *fmt, ...);
/** Makes a key; it must succeed. */
void data_key(const char *name, const char *settings);
void data_rotate(const char *name);
void data_config(const char *name, const char *settings);

/** A text of the last reply's data, copied: it stays. NULL-terminated, static for each `slot` < 8.
 */
const char *data_keep(unsigned slot, const char *path);
const char *data_str(const char *path); /* below "data" */

/** The decrypted plaintext (base64), or the refusal. */
const char *data_decrypted(const char *name, const char *ciphertext);

#endif

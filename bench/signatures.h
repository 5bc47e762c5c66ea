/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file bench/signatures.h
 * @brief The signature checks that a verification makes, taken down as it makes them, and made
 * again by OpenSSL alone: what no verifier of the same evidence can be faster than.
 *
 * The calls are caught by the linker (--wrap): tsec_pubkey_verify(), and the two that make a key
 * out of bare numbers.  One thread.
 */
#ifndef BENCH_SIGNATURES_H
#define BENCH_SIGNATURES_H

#include "crypto/pubkey.h"

struct signatures;

/** Takes down what is checked from here to signatures_end(). */
void signatures_begin(void);
/** `keys_inside`: keys of bare numbers come with the evidence, and are decoded each time here too;
 *  otherwise they are ready, like those of certificates. */
struct signatures *signatures_end(bool keys_inside);
void signatures_free(struct signatures *list);
TSEC_DEFINE_AUTO(struct signatures, signatures_free)

size_t signatures_len(const struct signatures *list);
size_t signatures_keys(const struct signatures *list);
/** All of it once, with contexts that are ready; the program ends when one does not hold. */
void signatures_check(const struct signatures *list);

/** From here on calls are timed: seconds spent in them up to signatures_timed(). */
void signatures_time(void);
double signatures_timed(void);

double bench_seconds(void);

#endif

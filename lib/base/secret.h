/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file base/secret.h
 * @brief Memory for keys and plaintext.
 *
 * The bytes lie in pages of their own, between two pages that cannot be
 * touched; the pages are locked, left out of core dumps, wiped in a forked
 * child, and zeroed before they are given back.  There is no function that
 * copies a secret into ordinary memory, compares one by memcmp(), or prints one.
 */
#ifndef TSEC_BASE_SECRET_H
#define TSEC_BASE_SECRET_H

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/err.h"

struct tsec_secret;

/** Zero-filled. TSEC_E_NO_MEMORY also when the pages cannot be locked. */
TSEC_MUST_CHECK tsec_rc tsec_secret_new(size_t len, struct tsec_secret **out, struct tsec_err *err);

/** Zeroes, unlocks and frees. NULL is harmless. */
void tsec_secret_free(struct tsec_secret *secret);

size_t tsec_secret_len(const struct tsec_secret *secret);

/** The bytes, for as long as the secret lives. */
uint8_t *tsec_secret_bytes(struct tsec_secret *secret);

/** In a time that depends on the lengths only. */
bool tsec_secret_equal(const struct tsec_secret *a, const struct tsec_secret *b);

TSEC_DEFINE_AUTO(struct tsec_secret, tsec_secret_free)

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/rand.h
 * @brief Random bytes from OpenSSL's DRBG, which hardware entropy can be mixed into.
 */
#ifndef TSEC_CRYPTO_RAND_H
#define TSEC_CRYPTO_RAND_H

#include "base/err.h"
#include "base/span.h"

/** For keys: from the DRBG directly.  A failing DRBG aborts the process: nothing may go on without
 *  randomness. */
void tsec_rand_bytes(uint8_t *out, size_t len);
/** For nonces and identifiers: drawn in blocks per thread (a block is wiped as it is used, and a
 *  forked child draws anew). */
void tsec_rand_nonce(uint8_t *out, size_t len);
/** Adds bytes from a TEE's source to the DRBG's state; counted as no entropy. */
void tsec_rand_mix(struct tsec_span bytes);
/** `len` characters of [0-9A-Za-z], each uniform, and a NUL. */
void tsec_rand_base62(char *out, size_t len);
/** A random (version 4) UUID, 36 characters and a NUL. */
void tsec_rand_uuid(char out[37]);

#endif

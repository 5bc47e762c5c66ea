/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/locked.h
 * @brief Small secrets, many of them: bytes in the heap that tsec_crypto_lock_heap() set up.
 *
 * A tsec_secret takes three pages; this takes the next power of two.  The heap's pages are locked
 * and left out of core files; it is shared with the private numbers of key pairs and never grows.
 * In a program that set none up (the command line, tests) the bytes come from the ordinary heap,
 * and are wiped all the same when they are given back.
 */
#ifndef TSEC_CRYPTO_LOCKED_H
#define TSEC_CRYPTO_LOCKED_H

#include "base/err.h"

enum { TSEC_LOCKED_MAX = 64 * 1024 };

/** `len` zero bytes, 1 to TSEC_LOCKED_MAX.  TSEC_E_NO_MEMORY: the heap is full. */
TSEC_MUST_CHECK tsec_rc tsec_locked_new(size_t len, uint8_t **out, struct tsec_err *err);
/** Wipes.  NULL is harmless; `len` as it was asked for. */
void tsec_locked_free(uint8_t *bytes, size_t len);

#endif

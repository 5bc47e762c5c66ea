/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file base/arena.h
 * @brief Memory of one request: allocated in steps, zeroed and given back at once.
 *
 * What is allocated here is aligned for any type and zero-filled.  Nothing is freed singly.  One
 * thread at a time.
 */
#ifndef TSEC_BASE_ARENA_H
#define TSEC_BASE_ARENA_H

#include "base/cleanup.h"
#include "base/err.h"
#include "base/span.h"

struct tsec_arena;

/** `max`: all that may ever be handed out, in bytes. */
TSEC_MUST_CHECK tsec_rc tsec_arena_new(size_t max, struct tsec_arena **out, struct tsec_err *err);
/** Zeroes everything.  NULL is harmless. */
void tsec_arena_free(struct tsec_arena *arena);
/** Zeroes what was used and keeps the first block, for the next request. */
void tsec_arena_reset(struct tsec_arena *arena);

/** NULL past the ceiling or out of memory. */
void *tsec_arena_alloc(struct tsec_arena *arena, size_t len);
/** A copy, with a NUL after it that is not counted; NULL as above. */
char *tsec_arena_dup(struct tsec_arena *arena, struct tsec_span bytes);
char *tsec_arena_printf(struct tsec_arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

TSEC_DEFINE_AUTO(struct tsec_arena, tsec_arena_free)

#endif

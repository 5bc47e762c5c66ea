/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file base/memo.h
 * @brief Remembers results of costly checks: a bounded map from 32-byte keys to immutable values
 * that many threads share.
 *
 * It changes no result, only what it costs: the key is a digest of all that the value follows from.
 * When it is full, the value that was not asked for longest makes room.  Keys are spread with a
 * secret of the process, so that nobody can crowd one bucket.
 *
 * Any thread may call anything but new and free.
 */
#ifndef TSEC_BASE_MEMO_H
#define TSEC_BASE_MEMO_H

#include "base/cleanup.h"
#include "base/err.h"

enum { TSEC_MEMO_KEY_LEN = 32 };

struct tsec_memo;

/** `max` values, at least 1; `free_value` for each that is forgotten and no longer held. */
TSEC_MUST_CHECK tsec_rc tsec_memo_new(size_t max, void (*free_value)(void *value),
                                      struct tsec_memo **out, struct tsec_err *err);
/** Nothing may be held any more. */
void tsec_memo_free(struct tsec_memo *memo);
TSEC_DEFINE_AUTO(struct tsec_memo, tsec_memo_free)

/** The value, held until it is released; NULL when there is none, and always with `memo` NULL. */
const void *tsec_memo_get(struct tsec_memo *memo, const uint8_t key[TSEC_MEMO_KEY_LEN]);
/** Takes `value` over and returns what stands under the key now, held: the value, or an earlier one
 *  (then `value` has been freed).  Without memory it returns `value`, held but not remembered.
 *  Never to be called with `memo` NULL: who has no memo keeps the value and frees it. */
const void *tsec_memo_put(struct tsec_memo *memo, const uint8_t key[TSEC_MEMO_KEY_LEN],
                          void *value);
/** Of what get or put gave, once for each time it was given.  With `memo` or `value` NULL does
 *  nothing. */
void tsec_memo_release(struct tsec_memo *memo, const void *value);
/** How many are remembered now. */
size_t tsec_memo_len(struct tsec_memo *memo);

#endif

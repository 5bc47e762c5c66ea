/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/slots.h
 * @brief Idle contexts of a key that many threads use at once.  Nothing outside lib/crypto includes
 * it.
 *
 * Contexts belong to the key, not to the thread: a slot holds an idle one, a thread takes it by an
 * atomic exchange, starting at the slot of its own ordinal, and puts it back.  Threads therefore
 * meet on a slot only when there are more of them than slots, nothing waits, and freeing the key
 * frees (and so wipes) every context at once: no thread keeps a copy.
 */
#ifndef TSEC_CRYPTO_SLOTS_H
#define TSEC_CRYPTO_SLOTS_H

#include <stdbool.h>

struct tsec_slots;

/** NULL when there is no memory. */
struct tsec_slots *tsec_slots_new(void);
/** `done` frees what is idle; nobody uses the slots any more.  NULL is harmless. */
void tsec_slots_free(struct tsec_slots *slots, void (*done)(void *item));
/** NULL when none is idle. */
void *tsec_slots_take(struct tsec_slots *slots);
/** False when all slots are full: the item is still the caller's. */
bool tsec_slots_put(struct tsec_slots *slots, void *item);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/slots.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "crypto/internal.h"

enum { SLOTS = 8, CACHE_LINE = 64 };

struct slot {
    _Atomic(void *) idle;
    char apart[CACHE_LINE - sizeof(void *)];
};

struct tsec_slots {
    struct slot slot[SLOTS];
};

struct tsec_slots *
tsec_slots_new(void)
{
    return calloc(1, sizeof(struct tsec_slots));
}

void
tsec_slots_free(struct tsec_slots *slots, void (*done)(void *item))
{
    if (slots == NULL) {
        return;
    }
    for (size_t i = 0; i < SLOTS; i++) {
        void *item = atomic_load_explicit(&slots->slot[i].idle, memory_order_acquire);

        if (item != NULL) {
            done(item);
        }
    }
    free(slots);
}

void *
tsec_slots_take(struct tsec_slots *slots)
{
    const unsigned first = tsec_thread()->ordinal;

    for (unsigned i = 0; i < SLOTS; i++) {
        _Atomic(void *) *idle = &slots->slot[(first + i) % SLOTS].idle;

        if (atomic_load_explicit(idle, memory_order_relaxed) != NULL) {
            void *item = atomic_exchange_explicit(idle, NULL, memory_order_acquire);

            if (item != NULL) {
                return item;
            }
        }
    }
    return NULL;
}

bool
tsec_slots_put(struct tsec_slots *slots, void *item)
{
    const unsigned first = tsec_thread()->ordinal;

    for (unsigned i = 0; i < SLOTS; i++) {
        void *none = NULL;

        if (atomic_compare_exchange_strong_explicit(&slots->slot[(first + i) % SLOTS].idle, &none,
                                                    item, memory_order_release,
                                                    memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/faults/lin/memo.h"

#include <stdlib.h>

enum { FIRST_SIZE = 1024 };

/* The finaliser of splitmix64. */
uint64_t
lin_mix(uint64_t n)
{
    n += UINT64_C(0x9e3779b97f4a7c15);
    n = (n ^ (n >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    n = (n ^ (n >> 27)) * UINT64_C(0x94d049bb133111eb);
    return n ^ (n >> 31);
}

static bool
empty(const struct lin_hash *slot)
{
    return slot->a == 0 && slot->b == 0;
}

/* Where the hash is, or the free slot where it would be. */
static struct lin_hash *
find(const struct lin_memo *memo, struct lin_hash hash)
{
    size_t i = (size_t)hash.a & (memo->size - 1);

    while (!empty(&memo->slots[i]) && (memo->slots[i].a != hash.a || memo->slots[i].b != hash.b)) {
        i = (i + 1) & (memo->size - 1);
    }
    return &memo->slots[i];
}

static bool
grow(struct lin_memo *memo)
{
    struct lin_memo bigger = { .limit = memo->limit, .used = memo->used };

    bigger.size = memo->size == 0 ? FIRST_SIZE : memo->size * 2;
    bigger.slots = calloc(bigger.size, sizeof(*bigger.slots));
    if (bigger.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < memo->size; i++) {
        if (!empty(&memo->slots[i])) {
            *find(&bigger, memo->slots[i]) = memo->slots[i];
        }
    }
    free(memo->slots);
    *memo = bigger;
    return true;
}

bool
lin_memo_add(struct lin_memo *memo, struct lin_hash hash)
{
    if (empty(&hash)) {
        hash.b = 1;
    }
    if (memo->used >= memo->limit || (memo->used >= memo->size / 2 && !grow(memo))) {
        memo->full = true;
        return false;
    }

    struct lin_hash *slot = find(memo, hash);

    if (!empty(slot)) {
        return false;
    }
    *slot = hash;
    memo->used++;
    return true;
}

void
lin_memo_clear(struct lin_memo *memo)
{
    free(memo->slots);
    *memo = (struct lin_memo){ .limit = memo->limit };
}

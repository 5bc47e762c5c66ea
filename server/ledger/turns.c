/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/turns.h"

#include "base/clock.h"

enum { WAIT_COMMITS = 3 };
#define WAIT_MIN_NS (2 * TSEC_NS_PER_S / 1000)
#define WAIT_MAX_NS (30 * TSEC_NS_PER_S / 1000)

void
turns_init(struct turns *turns)
{
    *turns = (struct turns){ .due = TURNS_MOST, .between = TURNS_MOST };
}

void
turns_committed(struct turns *turns, int64_t began_ns, int64_t now_ns)
{
    struct turns *t = turns;
    const int64_t took = now_ns - began_ns;

    /* A pause in which another could have come is a turn given already. */
    if (began_ns - t->ended_ns > WAIT_MIN_NS && t->between == TURNS_MOST) {
        t->due = t->between;
    }
    t->commit_ns = t->commit_ns == 0 ? took : (7 * t->commit_ns + took) / 8;
    t->ended_ns = now_ns;
    if (t->due > 0 && --t->due == 0) {
        int64_t wait = WAIT_COMMITS * t->commit_ns;

        wait = wait < WAIT_MIN_NS ? WAIT_MIN_NS : wait > WAIT_MAX_NS ? WAIT_MAX_NS : wait;
        t->until_ns = now_ns + wait;
    }
}

void
turns_met(struct turns *turns)
{
    turns->between = 1;
    turns->due = 1;
    turns->until_ns = 0;
}

bool
turns_waiting(struct turns *turns, int64_t now_ns)
{
    struct turns *t = turns;

    if (t->until_ns == 0) {
        return false;
    }
    if (now_ns < t->until_ns) {
        return true;
    }
    t->until_ns = 0;
    t->between = t->between >= TURNS_MOST / 4 ? TURNS_MOST : 4 * t->between;
    t->due = t->between;
    return false;
}

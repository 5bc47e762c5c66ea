/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/turns.h"

#include "base/clock.h"

/* Another's turn is its attempt that fails, reading what was written, and the attempt that does
 * not: two commits, a little more. */
enum { WAIT_COMMITS = 4, PATIENCE_MOST = 16, RARER = 8 };
#define WAIT_MIN_NS (2 * TSEC_NS_PER_S / 1000)
#define WAIT_MAX_NS (400 * TSEC_NS_PER_S / 1000)
#define LOOK_MIN_NS (TSEC_NS_PER_S / 4000)

void
turns_init(struct turns *turns)
{
    *turns = (struct turns){ .due = TURNS_MOST, .between = TURNS_MOST, .patience = 1, .needed = 1 };
}

static int64_t
wait_ns(const struct turns *t)
{
    const int64_t wait = WAIT_COMMITS * t->commit_ns;

    return t->patience * (wait < WAIT_MIN_NS ? WAIT_MIN_NS : wait);
}

void
turns_committed(struct turns *turns, int64_t began_ns, int64_t now_ns)
{
    struct turns *t = turns;
    const int64_t took = now_ns - began_ns;

    /* A pause in which another could have come is a turn given already. */
    if (began_ns - t->ended_ns > wait_ns(t) && t->between == TURNS_MOST) {
        t->due = t->between * t->patience;
    }
    /* Soon up, slowly down: a disk that has been slow is slow for others too. */
    if (t->commit_ns == 0) {
        t->commit_ns = took;
    } else {
        t->commit_ns =
            took > t->commit_ns ? (t->commit_ns + took) / 2 : (7 * t->commit_ns + took) / 8;
    }
    t->ended_ns = now_ns;
    if (t->due > 0 && --t->due == 0) {
        const int64_t wait = wait_ns(t);

        t->until_ns = now_ns + (wait > WAIT_MAX_NS ? WAIT_MAX_NS : wait);
    }
}

void
turns_met(struct turns *turns, int64_t now_ns)
{
    struct turns *t = turns;

    if (t->until_ns != 0) { /* twice as long as it took */
        const int64_t unit = wait_ns(t) / t->patience;
        const unsigned most = t->patience;

        t->needed = 1;
        while (t->needed < most && t->needed * unit < 2 * (now_ns - t->ended_ns)) {
            t->needed *= 2;
        }
    }
    t->patience = t->needed;
    t->between = 1;
    t->due = 1;
    t->until_ns = 0;
}

int64_t
turns_look_ns(const struct turns *turns)
{
    const int64_t look = turns->commit_ns / 8;

    return look < LOOK_MIN_NS ? LOOK_MIN_NS : look;
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
    if (t->between < TURNS_MOST) {
        t->between *= RARER;
    } else if (t->patience < PATIENCE_MOST) {
        t->patience *= 2;
    } else {
        t->patience = 1;
        t->needed = 1;
    }
    /* A longer wait is earned by more commits, so that a server alone loses the same share. */
    t->due = t->between == TURNS_MOST ? t->between * t->patience : t->between;
    return false;
}

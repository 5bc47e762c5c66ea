/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ledger/turns.h
 * @brief When a server that appends to a shared log gives way to others.
 *
 * Whoever commits knows the end of the log at once and would be first again: others, who first have
 * to read what was written, would never come through.  So after some commits it waits for a moment,
 * and looks whether another comes.  How many commits is learnt: one after another server was met,
 * four times as many after each wait that was for nothing, up to TURNS_MOST; until then each wait
 * is twice as long, because one that is only slow is soon lost for long.
 *
 * Plain arithmetic on the caller's times; one thread.
 */
#ifndef TSEC_LEDGER_TURNS_H
#define TSEC_LEDGER_TURNS_H

#include <stdbool.h>
#include <stdint.h>

enum { TURNS_MOST = 64 };

struct turns {
    unsigned due;      /* commits until the next wait */
    unsigned between;  /* commits between two waits */
    unsigned patience; /* that many times the usual wait */
    int64_t commit_ns; /* how long a commit takes, about */
    int64_t ended_ns;  /* when the last one did */
    int64_t until_ns;  /* the wait under way ends; 0: none is */
};

void turns_init(struct turns *turns);

/** A commit of ours took from `began_ns` to `now_ns`. */
void turns_committed(struct turns *turns, int64_t began_ns, int64_t now_ns);
/** Somebody else's commit was met. */
void turns_met(struct turns *turns);
/** Whether this is a moment to give way. */
bool turns_waiting(struct turns *turns, int64_t now_ns);
/** How long until one looks again whether another came. */
int64_t turns_look_ns(const struct turns *turns);

#endif

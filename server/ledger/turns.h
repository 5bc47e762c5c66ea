/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ledger/turns.h
 * @brief When a server that appends to a shared log gives way to others.
 *
 * Whoever commits knows the end of the log at once and would be first again: others, who first have
 * to read what was written, would never come through.  So after some commits it waits for a moment,
 * and looks whether another comes.  How many commits is learnt: one after another server was met,
 * eight times as many after each wait that was for nothing, up to TURNS_MOST.
 *
 * How long, too: another may have much to read and to do again, where this one's commits are small.
 * When they are rare each wait for nothing makes the next twice as long, up to a bound and then
 * from the beginning; and once another came they are as long as that took, and as long again.
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
    unsigned patience; /* that many times the usual wait is the next */
    unsigned needed;   /* the same, of what another took */
    int64_t commit_ns; /* how long a commit takes, about */
    int64_t ended_ns;  /* when the last one did */
    int64_t until_ns;  /* the wait under way ends; 0: none is */
};

void turns_init(struct turns *turns);

/** A commit of ours took from `began_ns` to `now_ns`. */
void turns_committed(struct turns *turns, int64_t began_ns, int64_t now_ns);
/** Somebody else's commit was met. */
void turns_met(struct turns *turns, int64_t now_ns);
/** Whether this is a moment to give way. */
bool turns_waiting(struct turns *turns, int64_t now_ns);
/** How long until one looks again whether another came. */
int64_t turns_look_ns(const struct turns *turns);

#endif

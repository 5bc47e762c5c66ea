/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/sim/history.h
 * @brief What was asked of servers and what they answered, and whether a log explains it.
 *
 * The log decides: executed one by one in its order, the calls that stand in it must have given
 * the answers that were given.  And it must keep the order of real time: a call that was answered
 * before another was made stands before it.
 */
#ifndef TSEC_TESTS_SIM_HISTORY_H
#define TSEC_TESTS_SIM_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HISTORY_KEYS = 6, HISTORY_CALLS = 512, HISTORY_WHY = 160 };

enum call_verb {
    CALL_PUT = 1,
    CALL_CAS, /* puts if the value is `expect` */
    CALL_GET,
    CALL_DELETE,
    CALL_SWAP,   /* two keys change values */
    CALL_LIST,   /* a bit for each key that is there */
    CALL_REFUSE, /* puts, and fails: nothing may come of it */
    CALL_KEYS,   /* something about encryption keys */
    CALL_LOOK,   /* a get that leaves no trace in the log */
};
const char *call_verb_name(enum call_verb verb);

/** Values are numbers: that of the call that put it, 0 for none. */
struct call {
    uint32_t id; /* from 1 */
    enum call_verb verb;
    unsigned key;
    unsigned other;  /* of a swap; of CALL_KEYS, what is done */
    uint32_t expect; /* of a compare-and-set */
    unsigned node;

    bool answered;
    int32_t code; /* 0, or a code of tsec/errors.def */
    uint64_t index;
    uint32_t saw[2];  /* what was there before */
    unsigned branch;  /* the database that was there at the answer */
    uint64_t end;     /* how long its log was then */
    uint64_t made_at; /* moments count up */
    uint64_t answered_at;
};

struct history {
    struct call calls[HISTORY_CALLS];
    size_t len;
    uint64_t moment;
};

/** NULL: there is room for no more. */
struct call *history_call(struct history *history);
/** By its number; NULL: no such call. */
struct call *history_find(struct history *history, uint32_t id);
void history_answer(struct history *history, struct call *call, int32_t code, uint64_t index);

/** One database's log: for each leaf the call that it tells of, or 0. */
struct history_log {
    const uint32_t *calls;
    uint64_t size;
    unsigned branch;
    unsigned parent;    /* the branch that it was copied from; itself when from none */
    uint64_t fork_size; /* how long the log was then */
};

struct history_state {
    uint32_t values[HISTORY_KEYS];
};

/** What the keys are after all of the log. */
void history_play(struct history *history, const struct history_log *log,
                  struct history_state *out);
/** False: it does not explain what was answered; `why` has HISTORY_WHY bytes. */
bool history_check(struct history *history, const struct history_log *log, char *why);

#endif

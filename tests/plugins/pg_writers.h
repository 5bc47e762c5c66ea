/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/plugins/pg_writers.h
 * @brief Writers that commit to a store while something happens to its database, and whether each
 * commit became what its answer said.
 *
 * Done: both of its records are there.  Refused: none is.  Unknown: both or none.
 */
#ifndef TSEC_TESTS_PG_WRITERS_H
#define TSEC_TESTS_PG_WRITERS_H

#include <pthread.h>
#include <stdatomic.h>

#include "tests/plugins/pg_trial.h"

enum { PG_WRITERS = 4 };

struct pg_writer;

struct pg_round {
    struct pg_trial trial;
    struct tsec_store *store;
    struct pg_writer *writers;
    pthread_t threads[PG_WRITERS];
    atomic_bool stop;
    unsigned counts[4];
};

/** In a new schema; `hosts`: NULL, or "HOST:PORT,HOST:PORT" instead of the trial's socket. */
void pg_round_begin(struct pg_round *round, const char *hosts);
/** Until each writer has had so many further answers. */
void pg_round_run(struct pg_round *round, unsigned commits);
/** Stops the writers, waits until the store works, and looks at every commit. */
void pg_round_end(struct pg_round *round);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file tests/plugins/relay.h
 * @brief A bad network: a TCP port that passes on what it is told to, late, or not at all.
 */
#ifndef TSEC_TESTS_RELAY_H
#define TSEC_TESTS_RELAY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum relay_mode {
    RELAY_PASS,
    RELAY_HOLD, /* nothing passes; connections stay */
    RELAY_DEAF, /* questions pass, answers are thrown away */
};

enum { RELAY_PAIRS = 32 };

struct relay {
    int port; /* where it listens */
    int target;
    int listener;
    pthread_t thread;
    atomic_int mode;
    atomic_int delay_ms;  /* before each piece, either way */
    atomic_size_t cut_at; /* a connection ends when so many more bytes went up; 0: never */
    atomic_bool cut;      /* all connections end, once */
    atomic_bool stop;
    atomic_size_t accepted; /* connections so far */
    int pairs[RELAY_PAIRS][2];
};

/** Before the TCP port `target` of this machine. */
bool relay_open(struct relay *relay, int target);
void relay_close(struct relay *relay);
/** Ends every connection, and returns when that is done. */
void relay_cut(struct relay *relay);

#endif

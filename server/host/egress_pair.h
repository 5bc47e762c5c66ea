/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file host/egress_pair.h
 * @brief Two sockets whose bytes are carried across, both ways, until each side has said its last.
 *
 * Looks at no byte; holds at most EGRESS_HOLD of each direction, and reads no more until the other
 * side takes them.  One thread.
 */
#ifndef TSEC_HOST_EGRESS_PAIR_H
#define TSEC_HOST_EGRESS_PAIR_H

#include <poll.h>

#include "base/err.h"

enum { EGRESS_HOLD = 16 * 1024 };

/** From one socket to the other. */
struct egress_way {
    uint8_t *bytes; /* EGRESS_HOLD */
    size_t from;
    size_t to;
    bool ended; /* the reader has read the end */
    bool shut;  /* and the writer was told */
};

struct egress_pair {
    int near; /* the client in this process */
    int far;  /* the target */
    bool connected;
    struct egress_way out; /* near to far */
    struct egress_way in;
};

/** Takes both sockets, also when it fails. */
TSEC_MUST_CHECK tsec_rc egress_pair_open(int near, int far, struct egress_pair *pair,
                                         struct tsec_err *err);
/** Closes both; with `broken` the near one by a reset, so that nobody takes it for an end. */
void egress_pair_close(struct egress_pair *pair, bool broken);

/** What to wait for: two entries, near and far. */
void egress_pair_wants(const struct egress_pair *pair, struct pollfd waits[2]);

enum egress_step {
    EGRESS_GOES_ON,
    EGRESS_DONE,        /* both sides have ended */
    EGRESS_BROKEN,      /* a side went away */
    EGRESS_UNREACHABLE, /* the target was never there */
};
/** Carries what can be carried now.  `why`: the errno of EGRESS_UNREACHABLE. */
enum egress_step egress_pair_step(struct egress_pair *pair, const struct pollfd waits[2], int *why);

#endif

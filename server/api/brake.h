/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file api/brake.h
 * @brief Who sealed the server: only that token, or a restart, lets it go on.
 *
 * Sealing is the emergency brake, and while it is on no token can be looked up.  What is kept is a
 * salted hash, in memory only.  Any thread.
 */
#ifndef TSEC_API_BRAKE_H
#define TSEC_API_BRAKE_H

#include <pthread.h>

#include "crypto/hash.h"

struct brake {
    pthread_mutex_t lock;
    bool on;
    uint64_t pulls;
    uint8_t salt[16];
    uint8_t hash[TSEC_SHA256_LEN];
};

void brake_init(struct brake *brake);
void brake_done(struct brake *brake);

void brake_pull(struct brake *brake, struct tsec_span token);
/** Whether this token may let it go; true also when nobody pulled it.  *pull: for brake_release().
 */
bool brake_yields(struct brake *brake, struct tsec_span token, uint64_t *pull);
/** Lets that pull go, and no later one. */
void brake_release(struct brake *brake, uint64_t pull);

#endif

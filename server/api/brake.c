/* SPDX-License-Identifier: Apache-2.0 */
#include "api/brake.h"

#include "crypto/rand.h"

void
brake_init(struct brake *brake)
{
    *brake = (struct brake){ .on = false };
    (void)pthread_mutex_init(&brake->lock, NULL);
}

void
brake_done(struct brake *brake)
{
    (void)pthread_mutex_destroy(&brake->lock);
}

static void
hash_of(const struct brake *brake, struct tsec_span token, uint8_t hash[TSEC_SHA256_LEN])
{
    const struct tsec_span parts[] = { tsec_span(brake->salt, sizeof(brake->salt)), token };

    tsec_hash_parts(TSEC_SHA256, parts, TSEC_ARRAY_LEN(parts), hash);
}

void
brake_pull(struct brake *brake, struct tsec_span token)
{
    (void)pthread_mutex_lock(&brake->lock);
    tsec_rand_bytes(brake->salt, sizeof(brake->salt));
    hash_of(brake, token, brake->hash);
    brake->on = true;
    brake->pulls++;
    (void)pthread_mutex_unlock(&brake->lock);
}

bool
brake_yields(struct brake *brake, struct tsec_span token, uint64_t *pull)
{
    uint8_t hash[TSEC_SHA256_LEN];

    (void)pthread_mutex_lock(&brake->lock);
    hash_of(brake, token, hash);
    *pull = brake->pulls;

    const bool yields = !brake->on
                        || tsec_ct_equal(tsec_span(hash, sizeof(hash)),
                                         tsec_span(brake->hash, sizeof(brake->hash)));

    (void)pthread_mutex_unlock(&brake->lock);
    return yields;
}

void
brake_release(struct brake *brake, uint64_t pull)
{
    (void)pthread_mutex_lock(&brake->lock);
    brake->on = brake->on && brake->pulls != pull;
    (void)pthread_mutex_unlock(&brake->lock);
}

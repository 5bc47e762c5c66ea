/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/transit_cache.h
 * @brief Versions of keys, parsed and ready for use: bounded, shared by all threads; never written
 * anywhere.
 *
 * An entry is found by its key's id and its number, and both name the same bytes for ever
 * (core/transit_key.h), so nothing here is ever out of date; whether a key may still be used is
 * said by its row, which is read first.  Look-ups in different shards do not meet.  Entries go when
 * there are too many, when they were not used for a while, when their key is deleted, and all at
 * once when the server seals; whoever holds one keeps it until it is released, and the last to let
 * go wipes it.  What of it lies in locked memory: core/transit_material.h.
 */
#ifndef TSEC_CORE_TRANSIT_CACHE_H
#define TSEC_CORE_TRANSIT_CACHE_H

#include "base/clock.h"
#include "core/transit_key.h"

struct transit_cache;
struct transit_material; /* core/transit_crypt.h uses it */

struct transit_cache_options {
    size_t max_bytes;   /* of memory of any kind, about; 0: 2 MiB */
    int64_t max_age_ns; /* since its last use; 0: ten minutes */
    const struct tsec_clock *clock;
};
TSEC_MUST_CHECK tsec_rc transit_cache_new(const struct transit_cache_options *options,
                                          struct transit_cache **out, struct tsec_err *err);
/** Nothing may be held any more. */
void transit_cache_free(struct transit_cache *cache);
TSEC_DEFINE_AUTO(struct transit_cache, transit_cache_free)

/** The version, from the cache or else from its row.  Released by transit_material_release(), by
 *  any thread, also after the transaction.  Errors as transit_key_version().  cache NULL: parsed
 *  each time. */
TSEC_MUST_CHECK tsec_rc transit_cache_get(struct transit_cache *cache, struct txn *txn,
                                          const char *mount, const struct transit_key *key,
                                          int64_t number, const struct transit_material **out,
                                          struct tsec_err *err);
void transit_material_release(const struct transit_material *material);

/** Of a key that is being deleted. */
void transit_cache_drop(struct transit_cache *cache, const struct transit_key *key);
/** What has not been used for a while; call it about once a second. */
void transit_cache_sweep(struct transit_cache *cache);
/** Everything. */
void transit_cache_clear(struct transit_cache *cache);

struct transit_cache_stats {
    size_t entries;
    size_t bytes;
    uint64_t hits;
    uint64_t misses;
};
void transit_cache_stats(struct transit_cache *cache, struct transit_cache_stats *out);

#endif

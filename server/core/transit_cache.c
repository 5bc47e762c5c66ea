/* SPDX-License-Identifier: Apache-2.0 */
#include "core/transit_cache.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/transit_material.h"

enum {
    SHARDS = 16, /* all versions of a key are in one */
    DEFAULT_BYTES = 2 * 1024 * 1024,
    ENTRY_BYTES = 2048, /* about; decides how many buckets there are */
    BUCKETS_MIN = 16,
};
#define DEFAULT_AGE_NS (600 * TSEC_NS_PER_S)

struct entry {
    char id[TRANSIT_ID_LEN];
    const struct transit_material *material; /* one of its holders */
    int64_t used_ns;
    struct entry *next; /* in the bucket */
    struct entry *newer;
    struct entry *older;
};

struct shard {
    pthread_mutex_t lock; /* guards all of it; held for a look-up, never while keys are parsed or
                             freed */
    struct entry **buckets;
    struct entry *newest;
    struct entry *oldest;
    struct transit_cache_stats stats;
    char apart[64];
};

struct transit_cache {
    struct shard shards[SHARDS];
    size_t buckets;   /* of each, a power of two */
    size_t max_bytes; /* likewise */
    int64_t max_age_ns;
    const struct tsec_clock *clock;
    /* Moves before anything is dropped: what was parsed from before that is not kept. */
    atomic_uint_fast64_t epoch;
};

/* An id is random: its digits are as good a hash as any. */
static uint64_t
hash_id(const char *id)
{
    uint64_t bits = 0;

    for (size_t i = 0; i < 16; i++) {
        const uint64_t digit = (uint64_t)(id[i] <= '9' ? id[i] - '0' : id[i] - 'a' + 10);

        bits = bits << 4 | (digit & 15);
    }
    return bits;
}

static struct shard *
shard_of(struct transit_cache *cache, const char *id)
{
    return &cache->shards[hash_id(id) % SHARDS];
}

static struct entry **
bucket_of(const struct transit_cache *cache, const struct shard *shard, const char *id,
          int64_t number)
{
    const uint64_t hash = hash_id(id) / SHARDS + (uint64_t)number;

    return &shard->buckets[hash & (cache->buckets - 1)];
}

static bool
is_of(const struct entry *entry, const char *id)
{
    return tsec_span_equal(tsec_span(entry->id, TRANSIT_ID_LEN), tsec_span(id, TRANSIT_ID_LEN));
}

/* The link that leads to the entry, or to NULL at the end of its bucket. */
static struct entry **
find(const struct transit_cache *cache, const struct shard *shard, const char *id, int64_t number)
{
    struct entry **link = bucket_of(cache, shard, id, number);

    while (*link != NULL
           && !(transit_material_number((*link)->material) == number && is_of(*link, id))) {
        link = &(*link)->next;
    }
    return link;
}

static void
list_leave(struct shard *shard, const struct entry *entry)
{
    *(entry->newer == NULL ? &shard->newest : &entry->newer->older) = entry->older;
    *(entry->older == NULL ? &shard->oldest : &entry->older->newer) = entry->newer;
}

static void
list_enter(struct shard *shard, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = shard->newest;
    *(shard->newest == NULL ? &shard->oldest : &shard->newest->newer) = entry;
    shard->newest = entry;
}

static size_t
entry_bytes(const struct entry *entry)
{
    return sizeof(*entry) + transit_material_bytes(entry->material);
}

/* Out of the shard, and on to `gone`, chained by `next`. */
static void
remove_entry(struct transit_cache *cache, struct shard *shard, struct entry *entry,
             struct entry **gone)
{
    struct entry **link = find(cache, shard, entry->id, transit_material_number(entry->material));

    assert(*link == entry);
    *link = entry->next;
    list_leave(shard, entry);
    shard->stats.entries--;
    shard->stats.bytes -= entry_bytes(entry);
    entry->next = *gone;
    *gone = entry;
}

/* With no lock held: wiping takes a while. */
static void
free_gone(struct entry *gone)
{
    while (gone != NULL) {
        struct entry *next = gone->next;

        transit_material_release(gone->material);
        free(gone);
        gone = next;
    }
}

static bool
shard_init(struct shard *shard, size_t buckets)
{
    shard->buckets = calloc(buckets, sizeof(*shard->buckets));
    if (shard->buckets == NULL) {
        return false;
    }
    if (pthread_mutex_init(&shard->lock, NULL) != 0) {
        free(shard->buckets);
        shard->buckets = NULL;
        return false;
    }
    return true;
}

tsec_rc
transit_cache_new(const struct transit_cache_options *options, struct transit_cache **out,
                  struct tsec_err *err)
{
    TSEC_AUTO(transit_cache_free) struct transit_cache *cache = calloc(1, sizeof(*cache));

    if (cache == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "cache of keys");
    }
    cache->max_bytes = (options->max_bytes == 0 ? DEFAULT_BYTES : options->max_bytes) / SHARDS;
    cache->max_age_ns = options->max_age_ns == 0 ? DEFAULT_AGE_NS : options->max_age_ns;
    cache->clock = options->clock == NULL ? &tsec_clock_system : options->clock;
    cache->buckets = BUCKETS_MIN;
    while (cache->buckets * ENTRY_BYTES < cache->max_bytes) {
        cache->buckets *= 2;
    }
    for (size_t i = 0; i < SHARDS; i++) {
        if (!shard_init(&cache->shards[i], cache->buckets)) {
            return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "cache of keys");
        }
    }
    *out = TSEC_TAKE(cache);
    return TSEC_OK;
}

void
transit_cache_free(struct transit_cache *cache)
{
    if (cache == NULL) {
        return;
    }
    for (size_t i = 0; i < SHARDS && cache->shards[i].buckets != NULL; i++) {
        struct shard *shard = &cache->shards[i];
        struct entry *gone = NULL;

        while (shard->oldest != NULL) {
            remove_entry(cache, shard, shard->oldest, &gone);
        }
        free_gone(gone);
        (void)pthread_mutex_destroy(&shard->lock);
        free(shard->buckets);
    }
    free(cache);
}

/* Held, and used just now; NULL: not there.  With the lock held. */
static const struct transit_material *
look_up(struct transit_cache *cache, struct shard *shard, const char *id, int64_t number)
{
    struct entry *entry = *find(cache, shard, id, number);

    if (entry == NULL) {
        return NULL;
    }
    entry->used_ns = tsec_clock_mono_ns(cache->clock);
    list_leave(shard, entry);
    list_enter(shard, entry);
    return transit_material_hold(entry->material);
}

static const struct transit_material *
get_cached(struct transit_cache *cache, const char *id, int64_t number)
{
    struct shard *shard = shard_of(cache, id);

    (void)pthread_mutex_lock(&shard->lock);

    const struct transit_material *found = look_up(cache, shard, id, number);

    shard->stats.hits += found == NULL ? 0 : 1;
    shard->stats.misses += found == NULL ? 1 : 0;
    (void)pthread_mutex_unlock(&shard->lock);
    return found;
}

static void
insert(struct transit_cache *cache, struct shard *shard, struct entry *fresh, struct entry **gone)
{
    struct entry **bucket =
        bucket_of(cache, shard, fresh->id, transit_material_number(fresh->material));

    fresh->next = *bucket;
    *bucket = fresh;
    list_enter(shard, fresh);
    shard->stats.entries++;
    shard->stats.bytes += entry_bytes(fresh);
    while (shard->stats.bytes > cache->max_bytes) {
        remove_entry(cache, shard, shard->oldest, gone);
    }
}

uint64_t
transit_cache_epoch(struct transit_cache *cache)
{
    return atomic_load(&cache->epoch);
}

const struct transit_material *
transit_cache_put(struct transit_cache *cache, const char *id,
                  const struct transit_material *material, uint64_t epoch)
{
    struct shard *shard = shard_of(cache, id);
    struct entry *fresh = calloc(1, sizeof(*fresh));
    struct entry *gone = NULL;

    if (fresh == NULL) {
        return material;
    }
    memcpy(fresh->id, id, TRANSIT_ID_LEN);
    fresh->material = material;
    fresh->used_ns = tsec_clock_mono_ns(cache->clock);
    (void)pthread_mutex_lock(&shard->lock);

    const struct transit_material *other =
        look_up(cache, shard, id, transit_material_number(material));

    if (other == NULL && atomic_load(&cache->epoch) == epoch) {
        (void)transit_material_hold(material);
        insert(cache, shard, fresh, &gone);
        fresh = NULL;
    }
    (void)pthread_mutex_unlock(&shard->lock);
    free(fresh);
    free_gone(gone);
    if (other != NULL) {
        transit_material_release(material);
    }
    return other == NULL ? material : other;
}

/* Those last used before `before`. */
static void
forget(struct transit_cache *cache, int64_t before)
{
    for (size_t i = 0; i < SHARDS; i++) {
        struct shard *shard = &cache->shards[i];
        struct entry *gone = NULL;

        (void)pthread_mutex_lock(&shard->lock);
        while (shard->oldest != NULL && shard->oldest->used_ns < before) {
            remove_entry(cache, shard, shard->oldest, &gone);
        }
        (void)pthread_mutex_unlock(&shard->lock);
        free_gone(gone);
    }
}

/* A full locked heap is a reason to forget what nobody is using just now. */
static tsec_rc
parse(struct transit_cache *cache, enum transit_type type, const struct transit_version *version,
      const struct transit_material **out, struct tsec_err *err)
{
    tsec_rc rc = transit_material_new(type, version, out, err);

    if (rc.code == TSEC_E_NO_MEMORY && cache != NULL) {
        forget(cache, INT64_MAX);
        rc = transit_material_new(type, version, out, err);
    }
    return rc;
}

tsec_rc
transit_cache_get(struct transit_cache *cache, struct txn *txn, const char *mount,
                  const struct transit_key *key, int64_t number,
                  const struct transit_material **out, struct tsec_err *err)
{
    if (number < transit_key_oldest(key) || number > key->latest) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "no such key version");
    }

    const struct transit_material *found =
        cache == NULL ? NULL : get_cached(cache, key->id, number);

    if (found != NULL) {
        *out = found;
        return TSEC_OK;
    }

    const uint64_t epoch = cache == NULL ? 0 : transit_cache_epoch(cache);
    struct transit_version version = { 0 };
    const struct transit_material *parsed = NULL;

    TSEC_TRY(transit_key_version(txn, mount, key, number, &version, err));
    TSEC_TRY(parse(cache, transit_key_type(key), &version, &parsed, err));
    *out = cache == NULL ? parsed : transit_cache_put(cache, key->id, parsed, epoch);
    return TSEC_OK;
}

void
transit_cache_drop(struct transit_cache *cache, const struct transit_key *key)
{
    struct entry *gone = NULL;

    if (cache == NULL) {
        return;
    }

    struct shard *shard = shard_of(cache, key->id);

    (void)atomic_fetch_add(&cache->epoch, 1);
    (void)pthread_mutex_lock(&shard->lock);
    for (struct entry *entry = shard->oldest, *newer = NULL; entry != NULL; entry = newer) {
        newer = entry->newer;
        if (is_of(entry, key->id)) {
            remove_entry(cache, shard, entry, &gone);
        }
    }
    (void)pthread_mutex_unlock(&shard->lock);
    free_gone(gone);
}

void
transit_cache_sweep(struct transit_cache *cache)
{
    if (cache != NULL) {
        forget(cache, tsec_clock_mono_ns(cache->clock) - cache->max_age_ns);
    }
}

void
transit_cache_clear(struct transit_cache *cache)
{
    if (cache != NULL) {
        (void)atomic_fetch_add(&cache->epoch, 1);
        forget(cache, INT64_MAX);
    }
}

void
transit_cache_stats(struct transit_cache *cache, struct transit_cache_stats *out)
{
    *out = (struct transit_cache_stats){ 0 };
    for (size_t i = 0; cache != NULL && i < SHARDS; i++) {
        struct shard *shard = &cache->shards[i];

        (void)pthread_mutex_lock(&shard->lock);
        out->entries += shard->stats.entries;
        out->bytes += shard->stats.bytes;
        out->hits += shard->stats.hits;
        out->misses += shard->stats.misses;
        (void)pthread_mutex_unlock(&shard->lock);
    }
}

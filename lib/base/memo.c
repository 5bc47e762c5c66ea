/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memo.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/siphash.h"
#include "base/span.h"

/* In the table of values as long as it is remembered or held; in the table of keys and in the list
 * while it is remembered. */
struct entry {
    uint8_t key[TSEC_MEMO_KEY_LEN];
    void *value;
    size_t held;
    bool remembered;
    struct entry *next_key;
    struct entry *next_value;
    struct entry *newer;
    struct entry *older;
};

struct tsec_memo {
    pthread_mutex_t lock; /* guards all but what is set once */
    void (*free_value)(void *value);
    size_t max;
    uint64_t seed[2];
    size_t mask;
    struct entry **by_key;
    struct entry **by_value; /* what release() is given is a value */
    struct entry *newest;
    struct entry *oldest;
    size_t len;
};

static size_t
key_slot(const struct tsec_memo *memo, const uint8_t *key)
{
    return (size_t)tsec_siphash(memo->seed, tsec_span(key, TSEC_MEMO_KEY_LEN)) & memo->mask;
}

static size_t
value_slot(const struct tsec_memo *memo, const void *value)
{
    const uintptr_t address = (uintptr_t)value;

    return (size_t)tsec_siphash(memo->seed, tsec_span(&address, sizeof(address))) & memo->mask;
}

tsec_rc
tsec_memo_new(size_t max, void (*free_value)(void *value), struct tsec_memo **out,
              struct tsec_err *err)
{
    size_t slots = 1;
    struct tsec_memo *memo = calloc(1, sizeof(*memo));

    assert(max >= 1);
    while (slots < max && slots <= SIZE_MAX / 4) {
        slots *= 2;
    }
    if (memo != NULL) {
        memo->by_key = calloc(slots, sizeof(memo->by_key[0]));
        memo->by_value = calloc(slots, sizeof(memo->by_value[0]));
    }
    if (memo == NULL || memo->by_key == NULL || memo->by_value == NULL
        || getrandom(memo->seed, sizeof(memo->seed), 0) != (ssize_t)sizeof(memo->seed)
        || pthread_mutex_init(&memo->lock, NULL) != 0) {
        if (memo != NULL) {
            free(memo->by_key);
            free(memo->by_value);
        }
        free(memo);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "memo of %zu values", max);
    }
    memo->mask = slots - 1;
    memo->max = max;
    memo->free_value = free_value;
    *out = memo;
    return TSEC_OK;
}

void
tsec_memo_free(struct tsec_memo *memo)
{
    if (memo == NULL) {
        return;
    }
    while (memo->oldest != NULL) {
        struct entry *entry = memo->oldest;

        assert(entry->held == 0);
        memo->oldest = entry->newer;
        memo->free_value(entry->value);
        free(entry);
    }
    (void)pthread_mutex_destroy(&memo->lock);
    free(memo->by_key);
    free(memo->by_value);
    free(memo);
}

static struct entry *
find_key(const struct tsec_memo *memo, size_t slot, const uint8_t *key)
{
    const struct tsec_span wanted = tsec_span(key, TSEC_MEMO_KEY_LEN);
    struct entry *entry = memo->by_key[slot];

    while (entry != NULL && !tsec_span_equal(tsec_span(entry->key, sizeof(entry->key)), wanted)) {
        entry = entry->next_key;
    }
    return entry;
}

static void
list_remove(struct tsec_memo *memo, const struct entry *entry)
{
    *(entry->newer == NULL ? &memo->newest : &entry->newer->older) = entry->older;
    *(entry->older == NULL ? &memo->oldest : &entry->older->newer) = entry->newer;
}

static void
list_add_newest(struct tsec_memo *memo, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = memo->newest;
    *(memo->newest == NULL ? &memo->oldest : &memo->newest->newer) = entry;
    memo->newest = entry;
}

/* Another holder of one that is remembered, which has just been asked for. */
static const void *
hold(struct tsec_memo *memo, struct entry *entry)
{
    list_remove(memo, entry);
    list_add_newest(memo, entry);
    entry->held++;
    return entry->value;
}

const void *
tsec_memo_get(struct tsec_memo *memo, const uint8_t key[TSEC_MEMO_KEY_LEN])
{
    if (memo == NULL) {
        return NULL;
    }

    const size_t slot = key_slot(memo, key);
    const void *value = NULL;

    (void)pthread_mutex_lock(&memo->lock);

    struct entry *entry = find_key(memo, slot, key);

    if (entry != NULL) {
        value = hold(memo, entry);
    }
    (void)pthread_mutex_unlock(&memo->lock);
    return value;
}

static void
leave_values(struct tsec_memo *memo, const struct entry *entry)
{
    struct entry **link = &memo->by_value[value_slot(memo, entry->value)];

    while (*link != entry) {
        link = &(*link)->next_value;
    }
    *link = entry->next_value;
}

/* Forgets the one asked for longest ago.  Returned when nobody holds it, for the caller to free. */
static struct entry *
forget_oldest(struct tsec_memo *memo)
{
    struct entry *entry = memo->oldest;
    struct entry **link = &memo->by_key[key_slot(memo, entry->key)];

    while (*link != entry) {
        link = &(*link)->next_key;
    }
    *link = entry->next_key;
    list_remove(memo, entry);
    entry->remembered = false;
    memo->len--;
    if (entry->held > 0) {
        return NULL;
    }
    leave_values(memo, entry);
    return entry;
}

static void
remember(struct tsec_memo *memo, size_t slot, struct entry *entry)
{
    const size_t at = value_slot(memo, entry->value);

    entry->held = 1;
    entry->remembered = true;
    entry->next_key = memo->by_key[slot];
    memo->by_key[slot] = entry;
    entry->next_value = memo->by_value[at];
    memo->by_value[at] = entry;
    list_add_newest(memo, entry);
    memo->len++;
}

/* Values are freed with the lock given back: that may take long. */
static void
entry_free(const struct tsec_memo *memo, struct entry *entry)
{
    if (entry != NULL) {
        memo->free_value(entry->value);
        free(entry);
    }
}

const void *
tsec_memo_put(struct tsec_memo *memo, const uint8_t key[TSEC_MEMO_KEY_LEN], void *value)
{
    assert(memo != NULL && value != NULL);

    const size_t slot = key_slot(memo, key);
    struct entry *fresh = calloc(1, sizeof(*fresh));
    struct entry *gone = NULL;
    const void *stands = value;

    if (fresh == NULL) {
        return value; /* release() does not know it, and frees it */
    }
    memcpy(fresh->key, key, TSEC_MEMO_KEY_LEN);
    fresh->value = value;
    (void)pthread_mutex_lock(&memo->lock);

    struct entry *earlier = find_key(memo, slot, key);

    if (earlier != NULL) {
        stands = hold(memo, earlier);
        gone = fresh;
    } else {
        if (memo->len == memo->max) {
            gone = forget_oldest(memo);
        }
        remember(memo, slot, fresh);
    }
    (void)pthread_mutex_unlock(&memo->lock);
    entry_free(memo, gone);
    return stands;
}

/* One holder less.  *known: whether it is a value of the memo's. */
static struct entry *
let_go(struct tsec_memo *memo, const void *value, bool *known)
{
    struct entry *entry = memo->by_value[value_slot(memo, value)];

    while (entry != NULL && entry->value != value) {
        entry = entry->next_value;
    }
    *known = entry != NULL;
    if (entry == NULL) {
        return NULL;
    }
    assert(entry->held > 0);
    entry->held--;
    if (entry->held > 0 || entry->remembered) {
        return NULL;
    }
    leave_values(memo, entry);
    return entry;
}

void
tsec_memo_release(struct tsec_memo *memo, const void *value)
{
    bool known = true;

    if (memo == NULL || value == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&memo->lock);

    struct entry *gone = let_go(memo, value, &known);

    (void)pthread_mutex_unlock(&memo->lock);
    entry_free(memo, gone);
    if (!known) {
        memo->free_value((void *)(uintptr_t)value);
    }
}

size_t
tsec_memo_len(struct tsec_memo *memo)
{
    if (memo == NULL) {
        return 0;
    }
    (void)pthread_mutex_lock(&memo->lock);

    const size_t len = memo->len;

    (void)pthread_mutex_unlock(&memo->lock);
    return len;
}

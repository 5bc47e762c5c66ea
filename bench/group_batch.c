/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/random.h>

#include "group_store.h"

enum { KEYS = 10000, KEY_LEN = 33, VALUE_MAX = 1 << 16, SEGMENT_MAX = 1 << 20 };

static uint8_t value[GROUP_OPS_MAX][VALUE_MAX];
static uint8_t key[GROUP_OPS_MAX][KEY_LEN];
static uint8_t segment[SEGMENT_MAX];
static uint8_t segment_key[9];
static uint8_t head_key[KEY_LEN];
static uint8_t head[8];

static void
put_u64(uint8_t *at, uint64_t number)
{
    for (unsigned i = 0; i < 8; i++) {
        at[i] = (uint8_t)(number >> (56 - 8 * i));
    }
}

/* Keys are hashes, as the server's are: neighbours in time are none in the index.  New bytes in
 * every row, or the database might notice that nothing changes. */
static void
next_row(size_t i, size_t row_bytes, uint64_t counter, struct group_row *out)
{
    const uint64_t n = counter * 7919 % KEYS;

    key[i][0] = 'r';
    for (uint64_t at = 0; at < 4; at++) {
        const uint64_t word = (n + 1) * UINT64_C(0x9e3779b97f4a7c15) + at;

        memcpy(key[i] + 1 + 8 * at, &word, sizeof(word));
    }
    memcpy(value[i], &counter, sizeof(counter));
    *out = (struct group_row){ { key[i], KEY_LEN }, { value[i], row_bytes } };
}

bool
group_commit(struct group_store *store, const struct group_shape *shape, size_t ops)
{
    static struct group_row rows[GROUP_OPS_MAX + 2];
    static uint64_t counter;
    size_t n = 0;

    if (ops == 0 || ops > GROUP_OPS_MAX || ops * shape->leaf_bytes > SEGMENT_MAX
        || shape->row_bytes > VALUE_MAX || (shape->row_bytes > 0 && shape->row_bytes < 8)) {
        return false;
    }
    if (counter == 0
        && (getrandom(segment, 256, 0) < 0 || getrandom(value, VALUE_MAX, 0) < 0
            || getrandom(head_key, sizeof(head_key), 0) < 0
            || getrandom(&counter, 4, 0) < 0)) { /* never where an earlier run began */
        return false;
    }
    for (size_t i = 0; i < ops; i++) {
        counter++;
        if (shape->row_bytes > 0) {
            next_row(i, shape->row_bytes, counter, &rows[n++]);
        }
    }
    memcpy(segment, &counter, sizeof(counter));
    segment_key[0] = 'e';
    put_u64(segment_key + 1, counter);
    rows[n++] = (struct group_row){ { segment_key, sizeof(segment_key) },
                                    { segment, ops * shape->leaf_bytes } };
    head_key[0] = 'h';
    put_u64(head, counter);
    rows[n++] = (struct group_row){ { head_key, sizeof(head_key) }, { head, sizeof(head) } };
    return store->kind->commit(store, rows, n);
}

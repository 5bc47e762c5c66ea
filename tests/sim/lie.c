/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sim/lie.h"

#include <stdlib.h>
#include <string.h>

static size_t
key_of_any(const struct database *db, struct sim_random *random, uint8_t key[TSEC_STORE_KEY_MAX])
{
    const uint32_t n = sim_random_below(random, (uint32_t)database_len(db));
    struct database_record record;

    if (!database_nth(db, n, &record)) {
        return 0;
    }
    memcpy(key, record.key.ptr, record.key.len);
    return record.key.len;
}

bool
lie_draw(struct lie *lie, const struct database *db, struct sim_random *random)
{
    lie->kind = (enum lie_kind)sim_random_below(random, LIE_KINDS);
    lie->bit = (uint32_t)(sim_random_next(random) >> 32);
    lie->key_len = key_of_any(db, random, lie->key);
    lie->other_len = key_of_any(db, random, lie->other);
    return lie->key_len > 0;
}

void
lie_apply(const struct lie *lie, struct database *db)
{
    const struct tsec_span key = tsec_span(lie->key, lie->key_len);
    struct database_record record;
    struct database_record other;
    uint8_t *value;

    if (!database_find(db, key, &record)) {
        return;
    }
    if (lie->kind == LIE_HIDE) {
        database_delete(db, key);
    } else if (lie->kind == LIE_SWAP) {
        if (database_find(db, tsec_span(lie->other, lie->other_len), &other)) {
            database_put(db, key, other.value);
        }
    } else if (record.value.len > 0) {
        const size_t cut = lie->kind == LIE_CUT ? 1 : 0;
        const size_t bit = lie->bit % (8 * record.value.len);

        value = malloc(record.value.len);
        if (value == NULL) {
            abort();
        }
        memcpy(value, record.value.ptr, record.value.len);
        if (lie->kind == LIE_FLIP) {
            value[bit / 8] = (uint8_t)(value[bit / 8] ^ (1U << (bit % 8)));
        }
        database_put(db, key, tsec_span(value, record.value.len - cut));
        free(value);
    }
}

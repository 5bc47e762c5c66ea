/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing.  A row's home is its rk read as a fraction of the table, so that rows which come
 * in the store's order fill it from one end to the other. */
#include "state/row_index.h"

#include <stdlib.h>

enum { ROOM_MIN = 64 };

void
row_index_done(struct row_index *index)
{
    free(index->slots);
    *index = (struct row_index){ .slots = NULL };
}

static size_t
home_of(const struct row_index *index, const uint8_t *rk)
{
    const uint64_t h =
        (uint64_t)rk[0] << 24 | (uint64_t)rk[1] << 16 | (uint64_t)rk[2] << 8 | (uint64_t)rk[3];

    return (size_t)((h * (uint64_t)index->cap) >> 32);
}

static size_t
next_of(const struct row_index *index, size_t at)
{
    return at + 1 == index->cap ? 0 : at + 1;
}

/* Where the row is, or the free slot where it would be. */
static size_t
slot_of(const struct row_index *index, const uint8_t *rk)
{
    const struct tsec_span key = tsec_span(rk, ROW_KEY_LEN);
    size_t at = home_of(index, rk);

    while (index->slots[at] != NULL
           && !tsec_span_equal(tsec_span(index->slots[at]->rk, ROW_KEY_LEN), key)) {
        at = next_of(index, at);
    }
    return at;
}

/* At most two thirds are taken. */
tsec_rc
row_index_reserve(struct row_index *index, size_t more, struct tsec_err *err)
{
    const size_t needed = ROOM_MIN + (index->len + more) + (index->len + more) / 2;
    const size_t larger = index->cap + index->cap / 2;
    struct row_index grown = { .cap = needed > larger ? needed : larger };

    if (needed <= index->cap) {
        return TSEC_OK;
    }
    if (grown.cap <= UINT32_MAX) {
        grown.slots = calloc(grown.cap, sizeof(struct row *));
    }
    if (grown.slots == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "index of rows");
    }
    for (size_t i = 0; i < index->cap; i++) {
        if (index->slots[i] != NULL) {
            row_index_put(&grown, index->slots[i]);
        }
    }
    free(index->slots);
    *index = grown;
    return TSEC_OK;
}

struct row *
row_index_find(const struct row_index *index, const uint8_t rk[ROW_KEY_LEN])
{
    return index->len == 0 ? NULL : index->slots[slot_of(index, rk)];
}

void
row_index_put(struct row_index *index, struct row *row)
{
    const size_t at = slot_of(index, row->rk);

    index->len += index->slots[at] == NULL ? 1 : 0;
    index->slots[at] = row;
}

/* Whether a row whose home is `home` is still found from there when it moves from `at` to the gap
 * before it. */
static bool
may_move(size_t home, size_t gap, size_t at)
{
    return gap < at ? home <= gap || home > at : home <= gap && home > at;
}

void
row_index_remove(struct row_index *index, const uint8_t rk[ROW_KEY_LEN])
{
    size_t gap = index->len == 0 ? 0 : slot_of(index, rk);

    if (index->len == 0 || index->slots[gap] == NULL) {
        return;
    }
    for (size_t at = next_of(index, gap); index->slots[at] != NULL; at = next_of(index, at)) {
        if (may_move(home_of(index, index->slots[at]->rk), gap, at)) {
            index->slots[gap] = index->slots[at];
            gap = at;
        }
    }
    index->slots[gap] = NULL;
    index->len--;
}

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file state/row_index.h
 * @brief From a blinded key to the resident row: what the ledger and the store call it, to what
 * memory has.
 *
 * It borrows the rows, so that a row is taken out of it, or replaced in it, before it may be freed.
 * About a pointer and a half for each row.  No locking: it belongs to the one who writes.
 */
#ifndef TSEC_STATE_ROW_INDEX_H
#define TSEC_STATE_ROW_INDEX_H

#include "state/table.h"

struct row_index {
    struct row **slots;
    size_t cap;
    size_t len;
};

void row_index_done(struct row_index *index);

/** Room for that many more; after it, so many row_index_put() cannot fail. */
TSEC_MUST_CHECK tsec_rc row_index_reserve(struct row_index *index, size_t more,
                                          struct tsec_err *err);
/** NULL: there is none. */
struct row *row_index_find(const struct row_index *index, const uint8_t rk[ROW_KEY_LEN]);
/** In the place of the one with the same rk.  There must be room. */
void row_index_put(struct row_index *index, struct row *row);
void row_index_remove(struct row_index *index, const uint8_t rk[ROW_KEY_LEN]);

#endif

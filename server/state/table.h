/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file state/table.h
 * @brief Rows in memory, sealed as they are in the store, found by logical key and in key order.
 *
 * A row is immutable and counted: whoever read it may keep it while it is replaced.  A table is
 * either the base (what is committed) or an overlay over one (what a batch has staged), in which a
 * slot without a row says that the key is gone.  No locking: the owner has it.
 */
#ifndef TSEC_STATE_TABLE_H
#define TSEC_STATE_TABLE_H

#include <stdatomic.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/span.h"
#include "sealed/row.h"

struct txn_object_type;

struct row {
    atomic_uint refs;
    uint8_t class;
    uint16_t group_len;
    uint64_t version;
    uint64_t group_version;
    uint8_t rk[ROW_KEY_LEN];
    uint8_t hash[TSEC_SHA256_LEN];
    _Atomic(void *) object; /* decoded, by type */
    _Atomic(const struct txn_object_type *) type;
    size_t key_len;
    size_t blob_len;
    uint8_t bytes[]; /* key, blob */
};

/** Room for a key and a blob; one reference. */
TSEC_MUST_CHECK tsec_rc row_new(struct tsec_span key, size_t blob_len, struct row **out,
                                struct tsec_err *err);
struct row *row_ref(struct row *row);
void row_unref(struct row *row); /* NULL is harmless */
TSEC_DEFINE_AUTO(struct row, row_unref)

static inline struct tsec_span
row_key(const struct row *row)
{
    return tsec_span(row->bytes, row->key_len);
}

static inline struct tsec_span
row_blob(const struct row *row)
{
    return tsec_span(row->bytes + row->key_len, row->blob_len);
}

struct table;

struct slot_entry {
    struct tsec_span key; /* valid while the slot is */
    struct row *row;      /* borrowed; NULL in an overlay: gone */
};

TSEC_MUST_CHECK tsec_rc table_new(struct table **out, struct tsec_err *err);
void table_free(struct table *table);
TSEC_DEFINE_AUTO(struct table, table_free)

size_t table_len(const struct table *table);

/** False: the table does not know the key. */
bool table_find(const struct table *table, struct tsec_span key, struct slot_entry *out);
/** Takes a reference of its own.  row NULL: remembers that the key is gone. */
TSEC_MUST_CHECK tsec_rc table_set(struct table *table, struct tsec_span key, struct row *row,
                                  struct tsec_err *err);
void table_remove(struct table *table, struct tsec_span key);
/** The first key greater than `after` (`or_equal`: not less). */
bool table_next(const struct table *table, struct tsec_span after, bool or_equal,
                struct slot_entry *out);
void table_clear(struct table *table);

#endif

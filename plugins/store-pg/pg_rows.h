/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file pg_rows.h
 * @brief Reading records, through one connection that the caller holds.
 *
 * Hands each record on as it arrives and keeps none: memory is bounded by one record.  The caller
 * has set the connection's deadline; what waits for the visitor does not count.
 */
#ifndef STORE_PG_PG_ROWS_H
#define STORE_PG_PG_ROWS_H

#include <tsec/store.h>

#include "codec/store_check.h"
#include "pg_conn.h"

/** How many records one statement of a scan asks for. */
enum { PG_PAGE_ROWS = 1024 };

struct pg_visitor {
    tsec_store_visit_fn visit;
    void *ctx;
    size_t visited;
    bool failed; /* the failure is the visitor's own: not to be tried again */
};

/** Calls the visitor with the key and its value, or not at all. */
TSEC_MUST_CHECK tsec_rc pg_rows_get(struct pg_conn *conn, struct tsec_span key,
                                    struct pg_visitor *visitor, struct tsec_err *err);
/** In any order, each that is there once. */
TSEC_MUST_CHECK tsec_rc pg_rows_get_many(struct pg_conn *conn, const struct tsec_span *keys,
                                         size_t n, struct pg_visitor *visitor,
                                         struct tsec_err *err);
/** In the order of the keys, at most `limit`. */
TSEC_MUST_CHECK tsec_rc pg_rows_scan(struct pg_conn *conn, const struct tsec_store_bounds *bounds,
                                     size_t limit, struct pg_visitor *visitor,
                                     struct tsec_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rows.h
 * @brief The records of the table, through one connection that the caller holds.
 *
 * Begins and ends no transaction for writing.  Every statement is reset before a function returns:
 * one that is not keeps a read transaction open, and the log from being written back.
 */
#ifndef STORE_SQLITE_ROWS_H
#define STORE_SQLITE_ROWS_H

#include <tsec/store.h>

#include "codec/store_check.h"
#include "conn.h"

struct rows_visitor {
    tsec_store_visit_fn visit;
    void *ctx;
};

/** TSEC_E_NOT_FOUND; TSEC_E_TAMPERED: a value that no commit can have stored. */
TSEC_MUST_CHECK tsec_rc rows_get(struct conn *reader, struct tsec_span key,
                                 const struct tsec_sink *out, struct tsec_err *err);
/** Nothing is visited when the key is not there. */
TSEC_MUST_CHECK tsec_rc rows_visit(struct conn *reader, struct tsec_span key,
                                   const struct rows_visitor *visitor, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc rows_scan(struct conn *reader, const struct tsec_store_bounds *bounds,
                                  size_t limit, const struct rows_visitor *visitor,
                                  struct tsec_err *err);
/** One operation, within the caller's transaction.  TSEC_E_CONFLICT: not there as
 *  it was expected to be, or not. */
TSEC_MUST_CHECK tsec_rc rows_apply(struct conn *writer, const struct tsec_store_op *op,
                                   struct tsec_err *err);

#endif

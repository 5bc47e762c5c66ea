/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file redis_rows.h
 * @brief The records: the operations of the store contract as scripts and their answers.
 *
 * Keeps no answer longer than its page.  Arguments were checked before.
 */
#ifndef STORE_REDIS_ROWS_H
#define STORE_REDIS_ROWS_H

#include <tsec/store.h>

#include "codec/store_check.h"
#include "redis_call.h"

enum {
    REDIS_PAGE_ROWS = 512,
    REDIS_PAGE_BYTES = 1024 * 1024, /* a page ends with the row that reaches it */
};

struct redis_visitor {
    tsec_store_visit_fn visit;
    void *ctx;
};

/** TSEC_E_NOT_FOUND; TSEC_E_TAMPERED: a value that no commit can have stored. */
TSEC_MUST_CHECK tsec_rc redis_rows_get(struct redis_caller *caller, struct tsec_span key,
                                       const struct tsec_sink *out, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc redis_rows_many(struct redis_caller *caller, const struct tsec_span *keys,
                                        size_t n, const struct redis_visitor *visitor,
                                        struct tsec_err *err);
/** Page by page, each as it is at one moment. */
TSEC_MUST_CHECK tsec_rc redis_rows_scan(struct redis_caller *caller,
                                        const struct tsec_store_bounds *bounds, size_t limit,
                                        const struct redis_visitor *visitor, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc redis_rows_commit(struct redis_caller *caller,
                                          const struct tsec_store_op *ops, size_t n,
                                          struct tsec_err *err);

#endif

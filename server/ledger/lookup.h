/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file ledger/lookup.h
 * @brief Many keys of a store at once, whether or not the store has a question for that.
 */
#ifndef TSEC_LEDGER_LOOKUP_H
#define TSEC_LEDGER_LOOKUP_H

#include <tsec/store.h>

#include "base/err.h"

/** As get_many() of the store; of one that has none, each key is asked for by itself. */
TSEC_MUST_CHECK tsec_rc store_get_many(const struct tsec_store_ops *ops, struct tsec_store *store,
                                       const struct tsec_span *keys, size_t n,
                                       tsec_store_visit_fn visit, void *ctx, struct tsec_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/measurements.h
 * @brief Allowed measurements that an operator signed: a list that replaces the one before it, with
 * a sequence number that only grows.
 *
 * The effective list is the configuration's and this one together.  One row, sys/measurements.
 *
 * The document that is signed is JSON, hashed as it stands:
 *
 *     {"type":"tee-secrets/measurements/1","ledger":ORIGIN,"sequence":N,"measurements":[EXPR…]}
 */
#ifndef TSEC_CORE_MEASUREMENTS_H
#define TSEC_CORE_MEASUREMENTS_H

#include "core/record.h"

enum { MEASUREMENTS_MAX = 4096, MEASUREMENTS_DOC_MAX = 500 * 1024 };

struct measurements {
    int64_t sequence;            /* 0: none was ever signed */
    struct tsec_strings entries; /* sorted */
    const char *signer;          /* SHA-256 of the operator key's SPKI, hex */
    int64_t updated_ns;
    struct tsec_span document; /* as it was signed */
    struct tsec_span signature;
};

/** Never fails for want of a row: then the list is empty. */
TSEC_MUST_CHECK tsec_rc measurements_read(struct txn *txn, const struct measurements **out,
                                          struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc measurements_store(struct txn *txn, const struct measurements *list,
                                           struct tsec_err *err);
bool measurements_has(const struct measurements *list, const char *entry);

/** The document's members, strictly.  TSEC_E_INVALID: a sentence for the operator in err's detail.
 *  In `arena`. */
TSEC_MUST_CHECK tsec_rc measurements_parse(struct tsec_arena *arena, struct tsec_span document,
                                           const char *ledger, struct measurements *out,
                                           struct tsec_err *err);

#endif

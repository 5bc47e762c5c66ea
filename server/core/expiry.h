/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/expiry.h
 * @brief An index of rows by the time they end, so that a sweep touches only what is due.
 *
 * Nothing is valid because its index row is still there: whoever reads a row looks at its own time.
 * Rows "sys/expiry/<second, 16 hex digits>/<name>"; a token's name is "t" and its tag, other names
 * begin with "r" and the payload lists the rows that go.
 */
#ifndef TSEC_CORE_EXPIRY_H
#define TSEC_CORE_EXPIRY_H

#include "core/record.h"

/** The first second at which something that ends at `at_ns` is over. */
uint64_t expiry_second(int64_t at_ns);

TSEC_MUST_CHECK tsec_rc expiry_put_token(struct txn *txn, int64_t at_ns,
                                         const uint8_t tag[RECORD_TAG_LEN], struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc expiry_drop_token(struct txn *txn, int64_t at_ns,
                                          const uint8_t tag[RECORD_TAG_LEN], struct tsec_err *err);
/** `name` identifies the group of rows: hexadecimal or a UUID. */
TSEC_MUST_CHECK tsec_rc expiry_put_rows(struct txn *txn, int64_t at_ns, const char *name,
                                        struct tsec_strings rows, struct tsec_err *err);
TSEC_MUST_CHECK tsec_rc expiry_drop_rows(struct txn *txn, int64_t at_ns, const char *name,
                                         struct tsec_err *err);

struct expiry_due {
    bool is_token;
    uint8_t tag[RECORD_TAG_LEN];
    struct tsec_strings rows;
    struct tsec_span key; /* the index row itself */
};

/** What is due now, oldest first, at most `limit`; in the transaction's arena. */
TSEC_MUST_CHECK tsec_rc expiry_due(struct txn *txn, size_t limit, struct expiry_due **out,
                                   size_t *n, struct tsec_err *err);

#endif

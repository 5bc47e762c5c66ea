/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file core/idempotency.h
 * @brief The answers of writes that came with an Idempotency-Key, kept for a day.
 *
 * The answer is kept in the transaction of the write itself: both are there, or neither.  A key
 * belongs to one token and one path; with another body it is refused.  Rows "sys/idem/<tag>".
 */
#ifndef TSEC_CORE_IDEMPOTENCY_H
#define TSEC_CORE_IDEMPOTENCY_H

#include "core/keys.h"
#include "core/token.h"

enum { IDEMPOTENCY_KEY_MAX = 255, IDEMPOTENCY_REPLY_MAX = 64 * 1024, IDEMPOTENCY_S = 24 * 3600 };

struct idempotency_ask {
    const struct token *token;
    const char *operation;
    const char *path;
    struct tsec_span key;
    struct tsec_span body;
};

struct idempotency_answer {
    uint8_t body_hash[RECORD_TAG_LEN];
    struct tsec_span reply;
    int64_t status;
    int64_t kept_ns;
};

/** Printable ASCII of 1 to IDEMPOTENCY_KEY_MAX characters. */
bool idempotency_key_valid(struct tsec_span key);
/** TSEC_E_NOT_FOUND: first time.  TSEC_E_CONFLICT: the key came with another body. */
TSEC_MUST_CHECK tsec_rc idempotency_find(struct txn *txn, const struct core_keys *keys,
                                         const struct idempotency_ask *ask,
                                         const struct idempotency_answer **out,
                                         struct tsec_err *err);
/** Answers longer than IDEMPOTENCY_REPLY_MAX are not kept. */
TSEC_MUST_CHECK tsec_rc idempotency_keep(struct txn *txn, const struct core_keys *keys,
                                         const struct idempotency_ask *ask, int status,
                                         struct tsec_span reply, struct tsec_err *err);

#endif

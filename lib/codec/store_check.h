/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec/store_check.h
 * @brief The limits of tsec/store.h, checked the same way by every store plugin.
 *
 * Looks at the arguments only; never touches a database.
 */
#ifndef TSEC_CODEC_STORE_CHECK_H
#define TSEC_CODEC_STORE_CHECK_H

#include <tsec/store.h>

#include "base/err.h"
#include "base/span.h"

/** TSEC_E_INVALID: not 1..TSEC_STORE_KEY_MAX bytes. */
TSEC_MUST_CHECK tsec_rc tsec_store_check_key(struct tsec_span key, struct tsec_err *err);

/** TSEC_E_INVALID: the prefix or the key to start after is longer than a key can be. */
TSEC_MUST_CHECK tsec_rc tsec_store_check_range(struct tsec_span prefix, struct tsec_span after,
                                               struct tsec_err *err);

/** TSEC_E_INVALID: more than TSEC_STORE_OPS_MAX operations, an unknown verb or expectation, a key
 *  or a value out of bounds, a key that stands there twice. */
TSEC_MUST_CHECK tsec_rc tsec_store_check_ops(const struct tsec_store_op *ops, size_t n,
                                             struct tsec_err *err);

/** TSEC_E_INVALID: more than TSEC_STORE_KEYS_MAX keys, or one that cannot be. */
TSEC_MUST_CHECK tsec_rc tsec_store_check_keys(const struct tsec_span *keys, size_t n,
                                              struct tsec_err *err);

enum { TSEC_STORE_BOUND_MAX = TSEC_STORE_KEY_MAX + 1 };

/** The keys a scan visits are those with from <= key < to. */
struct tsec_store_bounds {
    uint8_t from[TSEC_STORE_BOUND_MAX];
    size_t from_len;
    uint8_t to[TSEC_STORE_BOUND_MAX];
    size_t to_len;
};

/** Of a range that passed tsec_store_check_range(). */
void tsec_store_bounds(struct tsec_span prefix, struct tsec_span after,
                       struct tsec_store_bounds *out);

#endif

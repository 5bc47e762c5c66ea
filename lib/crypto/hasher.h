/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/hasher.h
 * @brief A digest of what comes piece by piece and is too long to keep.
 *
 * For all that is at hand at once there is tsec_hash_parts().
 */
#ifndef TSEC_CRYPTO_HASHER_H
#define TSEC_CRYPTO_HASHER_H

#include "crypto/hash.h"

struct tsec_hasher;

/** TSEC_E_INVALID: no such hash. */
TSEC_MUST_CHECK tsec_rc tsec_hasher_new(enum tsec_hash hash, struct tsec_hasher **out,
                                        struct tsec_err *err);
void tsec_hasher_add(struct tsec_hasher *hasher, struct tsec_span piece);
/** `out` has tsec_hash_len() bytes.  Nothing is added afterwards. */
void tsec_hasher_end(struct tsec_hasher *hasher, uint8_t *out);
void tsec_hasher_free(struct tsec_hasher *hasher);
TSEC_DEFINE_AUTO(struct tsec_hasher, tsec_hasher_free)

#endif

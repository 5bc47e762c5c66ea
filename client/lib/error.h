/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file client/lib/error.h
 * @brief How a failure leaves the library: a result, a word and a sentence.
 */
#ifndef TSEC_CLIENT_LIB_ERROR_H
#define TSEC_CLIENT_LIB_ERROR_H

#include "base/buf.h"
#include "client/lib/tee-secrets.h"

/** Records and returns.  `reason`: one word, or NULL for the result's own name. */
__attribute__((format(printf, 4, 5))) enum tees_result tees_fail(struct tees_error *error,
                                                                 enum tees_result result,
                                                                 const char *reason,
                                                                 const char *fmt, ...);
/** What came from below, as `result`; want of memory stays that. */
enum tees_result tees_fail_err(struct tees_error *error, enum tees_result result,
                               const char *reason, const struct tsec_err *err);
/** The bytes move into memory of the caller's, and the buffer is empty then. */
enum tees_result tees_give(struct tsec_buf *buf, struct tees_bytes *out, struct tees_error *error);

/** TEES_AUTO_BYTES struct tees_bytes b = { NULL, 0 }; */
#define TEES_AUTO_BYTES __attribute__((cleanup(tees_bytes_free)))

#endif

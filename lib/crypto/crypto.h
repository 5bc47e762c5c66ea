/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/crypto.h
 * @brief One-time set-up of the cryptographic library.
 *
 * Every algorithm is fetched once here; the other modules of this folder use what was fetched and
 * never look one up by name per call.
 */
#ifndef TSEC_CRYPTO_CRYPTO_H
#define TSEC_CRYPTO_CRYPTO_H

#include "base/err.h"

/** Idempotent; before any thread uses this folder. */
TSEC_MUST_CHECK tsec_rc tsec_crypto_setup(struct tsec_err *err);

#endif

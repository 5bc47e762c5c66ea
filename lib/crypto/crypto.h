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

/** Instead of it, for a library in the process of somebody else, whose cryptographic library is set
 *  up as they please: SHA-256, SHA-384, SHA-512 and randomness are there; what else is not fails
 *  where it is used.  TSEC_E_INTERNAL: not even those are. */
TSEC_MUST_CHECK tsec_rc tsec_crypto_setup_guest(struct tsec_err *err);
/** A guest puts these around what it does: errors that this leaves in the library's queue are not
 *  its host's, who reads that queue. */
void tsec_crypto_enter(void);
void tsec_crypto_leave(void);

/** From here on private numbers of key pairs (crypto/pair.h says which) are kept in `bytes` (a
 * power of two) of locked pages that are left out of core files.  Once, after the set-up and before
 * there are such keys.  Keys may fill three quarters; the library's generators need some, too.
 *  TSEC_E_NO_MEMORY: the pages cannot be locked; there is then no such heap.  TSEC_E_INVALID: no
 *  such size.  TSEC_E_CONFLICT: there is one already. */
TSEC_MUST_CHECK tsec_rc tsec_crypto_lock_heap(size_t bytes, struct tsec_err *err);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/pubkey_internal.h
 * @brief A public key of somebody else as the modules of this folder see it.  Nothing outside
 * lib/crypto includes it.
 */
#ifndef TSEC_CRYPTO_PUBKEY_INTERNAL_H
#define TSEC_CRYPTO_PUBKEY_INTERNAL_H

#include <stdatomic.h>

#include <openssl/evp.h>

#include "crypto/pubkey.h"

enum { PUBKEY_HALF_MAX = 66 }; /* of a coordinate: P-521 */

struct tsec_pubkey {
    enum tsec_pubkey_kind kind;
    unsigned bits;
    EVP_PKEY *pkey;
    /** By enum tsec_sigalg: a context made ready by the first verification, of which later ones
     *  take a copy.  Never verified with after it is here, so that threads may copy it at once. */
    _Atomic(EVP_PKEY_CTX *) ready[TSEC_SIG_EDDSA + 1];
};

#endif

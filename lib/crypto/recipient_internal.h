/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/recipient_internal.h
 * @brief A recipient as the modules of this folder see it.  Nothing outside lib/crypto includes it.
 */
#ifndef TSEC_CRYPTO_RECIPIENT_INTERNAL_H
#define TSEC_CRYPTO_RECIPIENT_INTERNAL_H

#include "crypto/jwe.h"
#include "crypto/pair.h"

struct tsec_recipient {
    struct tsec_pair *pair;
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file nitro_root.h
 * @brief The certificate of AWS Nitro Enclaves Root-G1, recognised by its digest and by nothing
 * else.
 */
#ifndef ATTEST_NITRO_ROOT_H
#define ATTEST_NITRO_ROOT_H

#include "base/buf.h"
#include "crypto/hash.h"

/** SHA-256 of its DER, as AWS publishes it ("Verifying the root of trust"). */
extern const uint8_t nitro_root_pinned[TSEC_SHA256_LEN];

bool nitro_root_is(struct tsec_span der, const uint8_t sha256[TSEC_SHA256_LEN]);

/** Whether the item is that certificate, as DER, hex or one block of a PEM file; its DER is then
 * put into `der` (reset first). */
bool nitro_root_find(struct tsec_span item, const uint8_t sha256[TSEC_SHA256_LEN],
                     struct tsec_buf *der);

#endif

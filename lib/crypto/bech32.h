/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/bech32.h
 * @brief Bech32 (BIP 173) of 32-byte keys, as age writes them: without BIP 173's limit of 90
 * characters, and without tables or branches on the data, which may be a private key.
 */
#ifndef TSEC_CRYPTO_BECH32_H
#define TSEC_CRYPTO_BECH32_H

#include "base/err.h"
#include "base/span.h"

enum { TSEC_BECH32_DATA_LEN = 52 + 6 /* digits of 32 bytes, checksum */, TSEC_BECH32_HRP_MAX = 32 };

/** `hrp` in lower case; writes strlen(hrp) + 1 + TSEC_BECH32_DATA_LEN characters and a NUL. */
void tsec_bech32_encode(const char *hrp, const uint8_t bytes[32], char *out);
/** All lower case or all upper case, with this human-readable part; false (and zeroes) otherwise.
 */
bool tsec_bech32_decode(const char *hrp, struct tsec_span text, uint8_t out[32]);

#endif

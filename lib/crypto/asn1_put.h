/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/asn1_put.h
 * @brief The DER (X.690) of keys and signatures, written.  Nothing outside lib/crypto includes it.
 *
 * Private keys are written with it: contents stand in a tsec_buf, which wipes, and are never copied
 * anywhere else.
 */
#ifndef TSEC_CRYPTO_ASN1_PUT_H
#define TSEC_CRYPTO_ASN1_PUT_H

#include "base/buf.h"

/** One element with those contents, shorter than 64 KiB. */
void tsec_asn1_put(struct tsec_buf *out, uint8_t tag, struct tsec_span contents);
/** An INTEGER of that magnitude, whose leading zeroes do not count. */
void tsec_asn1_put_magnitude(struct tsec_buf *out, struct tsec_span big_endian);
/** A BIT STRING of whole bytes. */
void tsec_asn1_put_bytes(struct tsec_buf *out, struct tsec_span bytes);

#endif

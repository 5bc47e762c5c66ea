/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file crypto/asn1.h
 * @brief The DER (X.690) that keys, certificates and CRLs are made of, read in place from the
 * front.  Nothing outside lib/crypto includes it.
 *
 * What codec/der.h refuses is refused; nothing recurses and nothing is copied.  Functions that take
 * something off the front change nothing when they fail.
 */
#ifndef TSEC_CRYPTO_ASN1_H
#define TSEC_CRYPTO_ASN1_H

#include "base/span.h"

enum {
    ASN1_TAG_BOOLEAN = 0x01,
    ASN1_TAG_INTEGER = 0x02,
    ASN1_TAG_BITS = 0x03,
    ASN1_TAG_OCTETS = 0x04,
    ASN1_TAG_OID = 0x06,
    ASN1_TAG_UTC_TIME = 0x17,
    ASN1_TAG_TIME = 0x18,
    ASN1_TAG_SEQUENCE = 0x30,
    ASN1_TAG_SET = 0x31,
    ASN1_TAG_FIELD = 0xa0, /* [0], explicit */
};

/** Whether an element with that tag is next. */
static inline bool
tsec_asn1_at(struct tsec_span der, uint8_t tag)
{
    return der.len > 0 && der.ptr[0] == tag;
}

/** The next element whatever it is: its contents, and (unless NULL) all of it. */
bool tsec_asn1_next(struct tsec_span *der, struct tsec_span *contents, struct tsec_span *whole);
/** The contents of the next element, which must have that tag. */
bool tsec_asn1_take(struct tsec_span *der, uint8_t tag, struct tsec_span *contents);
/** The same, with its head. */
bool tsec_asn1_take_whole(struct tsec_span *der, uint8_t tag, struct tsec_span *whole);
/** A non-negative INTEGER: its magnitude without leading zeroes (empty for 0). */
bool tsec_asn1_take_magnitude(struct tsec_span *der, struct tsec_span *out);
/** A BOOLEAN of value FALSE when there is none. */
bool tsec_asn1_take_bool(struct tsec_span *der, bool *out);
/** A BIT STRING of whole bytes. */
bool tsec_asn1_take_bytes(struct tsec_span *der, struct tsec_span *out);
/** UTCTime or GeneralizedTime as RFC 5280 section 4.1.2.5 wants them: seconds and Z. */
bool tsec_asn1_take_time(struct tsec_span *der, int64_t *seconds);

#endif

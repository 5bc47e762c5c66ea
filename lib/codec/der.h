/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file codec/der.h
 * @brief DER (X.690) read in place: what stands inside the vendors' certificate extensions.
 *
 * Definite, shortest lengths and low tag numbers only.  Certificates themselves are
 * crypto/x509.h's.
 */
#ifndef TSEC_CODEC_DER_H
#define TSEC_CODEC_DER_H

#include "base/err.h"
#include "base/span.h"

enum {
    TSEC_DER_INTEGER = 0x02,
    TSEC_DER_OCTETS = 0x04,
    TSEC_DER_OID = 0x06,
    TSEC_DER_UTF8 = 0x0c,
    TSEC_DER_IA5 = 0x16,
    TSEC_DER_ENUMERATED = 0x0a,
    TSEC_DER_SEQUENCE = 0x30,
};

struct tsec_der {
    struct tsec_span rest;
};

/** Takes the next element off the front: its tag, and its contents.  TSEC_E_INVALID. */
TSEC_MUST_CHECK tsec_rc tsec_der_next(struct tsec_der *der, uint8_t *tag, struct tsec_span *value,
                                      struct tsec_err *err);
/** The same, when it must have that tag. */
TSEC_MUST_CHECK tsec_rc tsec_der_take(struct tsec_der *der, uint8_t tag, struct tsec_span *value,
                                      struct tsec_err *err);
/** A non-negative INTEGER's contents that fit. */
TSEC_MUST_CHECK tsec_rc tsec_der_u64(struct tsec_span value, uint64_t *out, struct tsec_err *err);
/** Whether an OID's contents are the dotted text ("1.2.840.113741.1.13.1"). */
bool tsec_der_oid_is(struct tsec_span value, const char *dotted);

#endif

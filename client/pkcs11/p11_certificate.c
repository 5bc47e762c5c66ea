/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_certificate.h"

#include "codec/der.h"

enum { TAG_VERSION = 0xa0 };

/** The next element with its head, which must have that tag. */
static tsec_rc
take_whole(struct tsec_der *der, uint8_t tag, struct tsec_span *whole, struct tsec_err *err)
{
    const struct tsec_span before = der->rest;
    struct tsec_span value;

    TSEC_TRY(tsec_der_take(der, tag, &value, err));
    *whole = tsec_span(before.ptr, before.len - der->rest.len);
    return TSEC_OK;
}

tsec_rc
p11_certificate_parse(struct tsec_span der, struct p11_certificate *out, struct tsec_err *err)
{
    struct tsec_der outer = { der };
    struct tsec_der body;
    struct tsec_der tbs;
    struct tsec_span passed;

    *out = (struct p11_certificate){ .der = der };
    TSEC_TRY(tsec_der_take(&outer, TSEC_DER_SEQUENCE, &body.rest, err));
    if (outer.rest.len != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "certificate: something behind it");
    }
    TSEC_TRY(tsec_der_take(&body, TSEC_DER_SEQUENCE, &tbs.rest, err));
    if (tbs.rest.len > 0 && tbs.rest.ptr[0] == TAG_VERSION) {
        TSEC_TRY(take_whole(&tbs, TAG_VERSION, &passed, err));
    }
    TSEC_TRY(take_whole(&tbs, TSEC_DER_INTEGER, &out->serial, err));
    TSEC_TRY(take_whole(&tbs, TSEC_DER_SEQUENCE, &passed, err)); /* signature algorithm */
    TSEC_TRY(take_whole(&tbs, TSEC_DER_SEQUENCE, &out->issuer, err));
    TSEC_TRY(take_whole(&tbs, TSEC_DER_SEQUENCE, &passed, err)); /* validity */
    TSEC_TRY(take_whole(&tbs, TSEC_DER_SEQUENCE, &out->subject, err));
    return take_whole(&tbs, TSEC_DER_SEQUENCE, &out->spki, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pair_ecdsa.h"

#include "crypto/asn1.h"
#include "crypto/asn1_put.h"

enum { SEQUENCE_MAX = 2 * (PAIR_HALF_MAX + 3) };

tsec_rc
tsec_ecdsa_put_der(struct tsec_buf *out, const uint8_t *rs, size_t half, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf numbers = TSEC_BUF_INIT(SEQUENCE_MAX);

    tsec_asn1_put_magnitude(&numbers, tsec_span(rs, half));
    tsec_asn1_put_magnitude(&numbers, tsec_span(rs + half, half));
    TSEC_TRY(tsec_buf_check(&numbers, err));
    tsec_asn1_put(out, ASN1_TAG_SEQUENCE, tsec_buf_span(&numbers));
    return tsec_buf_check(out, err);
}

/* An INTEGER in DER of either sign; 0 bytes or a needless first byte is none. */
static bool
take_integer(struct tsec_span *der, struct tsec_span *out)
{
    if (!tsec_asn1_take(der, ASN1_TAG_INTEGER, out) || out->len == 0) {
        return false;
    }

    const bool high = out->len > 1 && (out->ptr[1] & 0x80) != 0;

    return out->len == 1 || !((out->ptr[0] == 0 && !high) || (out->ptr[0] == 0xff && high));
}

static bool
place(struct tsec_span integer, uint8_t *out, size_t half)
{
    if ((integer.ptr[0] & 0x80) != 0) {
        return false;
    }
    if (integer.ptr[0] == 0) {
        integer = tsec_span(integer.ptr + 1, integer.len - 1);
    }
    if (integer.len > half) {
        return false;
    }
    memset(out, 0, half - integer.len);
    if (integer.len > 0) {
        memcpy(out + (half - integer.len), integer.ptr, integer.len);
    }
    return true;
}

enum tsec_ecdsa_der
tsec_ecdsa_take_der(struct tsec_span der, uint8_t *rs, size_t half)
{
    struct tsec_span numbers = { NULL, 0 };
    struct tsec_span r = { NULL, 0 };
    struct tsec_span s = { NULL, 0 };

    if (!tsec_asn1_take(&der, ASN1_TAG_SEQUENCE, &numbers) || der.len != 0
        || !take_integer(&numbers, &r) || !take_integer(&numbers, &s) || numbers.len != 0) {
        return TSEC_ECDSA_DER_NONE;
    }
    return place(r, rs, half) && place(s, rs + half, half) ? TSEC_ECDSA_DER_READ
                                                           : TSEC_ECDSA_DER_TOO_LONG;
}

tsec_rc
tsec_ecdsa_sign(const struct tsec_pair *pair, const struct tsec_signing *how,
                struct tsec_span input, struct tsec_buf *sig, int *recovery_id,
                struct tsec_err *err)
{
    const size_t half = pair->type->half;
    uint8_t bytes[PAIR_DIGEST_MAX];
    uint8_t rs[PAIR_RAW_MAX];
    struct tsec_span digest = { NULL, 0 };

    TSEC_TRY(tsec_pair_digest(how, input, bytes, &digest, err));
    TSEC_TRY(pair->type->curve->sign(pair, how, digest, rs, recovery_id, err));
    if (how->form == TSEC_FORM_RAW) {
        tsec_buf_put(sig, rs, 2 * half);
        return tsec_buf_check(sig, err);
    }
    return tsec_ecdsa_put_der(sig, rs, half, err);
}

static tsec_rc
take_form(enum tsec_pair_form form, struct tsec_span sig, uint8_t *rs, size_t half,
          struct tsec_err *err)
{
    if (form == TSEC_FORM_RAW) {
        if (sig.len != 2 * half) {
            return TSEC_FAIL(err, TSEC_E_INVALID,
                             "a signature of %zu bytes, where r and s have %zu", sig.len, 2 * half);
        }
        memcpy(rs, sig.ptr, sig.len);
        return TSEC_OK;
    }
    switch (tsec_ecdsa_take_der(sig, rs, half)) {
    case TSEC_ECDSA_DER_READ:
        return TSEC_OK;
    case TSEC_ECDSA_DER_TOO_LONG:
        return TSEC_FAIL(err, TSEC_E_DENIED, "signature does not hold");
    case TSEC_ECDSA_DER_NONE:
    default:
        return TSEC_FAIL(err, TSEC_E_INVALID, "supplied signature is invalid");
    }
}

tsec_rc
tsec_ecdsa_verify(const struct tsec_pair *pair, const struct tsec_signing *how,
                  struct tsec_span input, struct tsec_span sig, struct tsec_err *err)
{
    uint8_t bytes[PAIR_DIGEST_MAX];
    uint8_t rs[PAIR_RAW_MAX];
    struct tsec_span digest = { NULL, 0 };

    TSEC_TRY(tsec_pair_digest(how, input, bytes, &digest, err));
    TSEC_TRY(take_form(how->form, sig, rs, pair->type->half, err));
    return pair->type->curve->verify(pair, how, digest, rs, err);
}

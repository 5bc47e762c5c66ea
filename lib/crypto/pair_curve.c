/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/asn1.h"
#include "crypto/asn1_put.h"
#include "crypto/pair_ecdsa.h"
#include "crypto/pair_internal.h"

/* Keys on curves: ECPrivateKey (RFC 5915) and the uncompressed point (SEC 1 section 2.3.3), which
 * is the same DER whichever library does the arithmetic. */

enum { PARAMETERS = 0xa0, PUBLIC_KEY = 0xa1 };

static tsec_rc
take_point(struct tsec_pair *pair, struct tsec_span point, struct tsec_err *err)
{
    if (point.len != pair->type->point_len || point.ptr[0] != 0x04) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "the public key is not an uncompressed point (04, x, y) of %s",
                         pair->type->name);
    }
    memcpy(pair->point, point.ptr, point.len);
    return TSEC_OK;
}

static tsec_rc
generate(struct tsec_pair *pair, struct tsec_err *err)
{
    return pair->type->curve->generate(pair, err);
}

static tsec_rc
set_public(struct tsec_pair *pair, struct tsec_span key, struct tsec_err *err)
{
    TSEC_TRY(take_point(pair, key, err));
    return pair->type->curve->set_point(pair, err);
}

/* ---- ECPrivateKey, read ---- */

struct ec_private {
    struct tsec_span scalar;
    struct tsec_span curve; /* with its head; NULL: left out */
    struct tsec_span point; /* NULL: left out */
};

static bool
take_field(struct tsec_span *key, uint8_t tag, struct tsec_span *inside)
{
    return !tsec_asn1_at(*key, tag) || tsec_asn1_take(key, tag, inside);
}

static bool
read_ec_private(struct tsec_span der, struct ec_private *out)
{
    struct tsec_span key = { NULL, 0 };
    struct tsec_span version = { NULL, 0 };
    struct tsec_span bits = { NULL, 0 };

    return tsec_asn1_take(&der, ASN1_TAG_SEQUENCE, &key) && der.len == 0
           && tsec_asn1_take_magnitude(&key, &version)
           && tsec_span_equal(version, tsec_span("\1", 1))
           && tsec_asn1_take(&key, ASN1_TAG_OCTETS, &out->scalar)
           && take_field(&key, PARAMETERS, &out->curve) && take_field(&key, PUBLIC_KEY, &bits)
           && key.len == 0
           && (bits.ptr == NULL || (tsec_asn1_take_bytes(&bits, &out->point) && bits.len == 0));
}

/* RFC 5915 wants the order's length exactly; some writers leave leading zeroes out or put more in.
 * False when it does not fit. */
static bool
pad(struct tsec_span scalar, uint8_t *out, size_t len)
{
    const size_t extra = scalar.len > len ? scalar.len - len : 0;

    if (!tsec_span_zero(tsec_span(scalar.ptr, extra)) || scalar.len == 0) {
        return false;
    }
    scalar = tsec_span(scalar.ptr + extra, scalar.len - extra);
    memset(out, 0, len);
    memcpy(out + (len - scalar.len), scalar.ptr, scalar.len);
    return true;
}

static tsec_rc
choose_point(struct tsec_pair *pair, struct tsec_span inside, struct tsec_span beside,
             struct tsec_span *out, struct tsec_err *err)
{
    if (inside.ptr != NULL && beside.ptr != NULL && !tsec_span_equal(inside, beside)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the PKCS #8 key holds two different public keys");
    }
    *out = inside.ptr != NULL ? inside : beside;
    return out->ptr == NULL ? TSEC_OK : take_point(pair, *out, err);
}

static tsec_rc
set_private(struct tsec_pair *pair, struct tsec_span key, struct tsec_span point, bool check,
            struct tsec_err *err)
{
    struct ec_private read = { .point = { NULL, 0 } };
    uint8_t scalar[PAIR_HALF_MAX];

    if (!read_ec_private(key, &read)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the private key is not ECPrivateKey (RFC 5915)");
    }
    if (read.curve.ptr != NULL && !tsec_span_equal(read.curve, pair->type->oid)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the private key names another curve than %s",
                         pair->type->name);
    }
    TSEC_TRY(choose_point(pair, read.point, point, &point, err));
    if (!pad(read.scalar, scalar, pair->type->half)) {
        explicit_bzero(scalar, sizeof(scalar));
        return TSEC_FAIL(err, TSEC_E_INVALID, "the private number is too long for %s",
                         pair->type->name);
    }

    const tsec_rc rc = pair->type->curve->set_scalar(pair, scalar, point, check, err);

    explicit_bzero(scalar, sizeof(scalar));
    return rc;
}

/* ---- written ---- */

static tsec_rc
put_scalar(const struct tsec_pair *pair, struct tsec_buf *out, struct tsec_err *err)
{
    uint8_t scalar[PAIR_HALF_MAX];
    const tsec_rc rc = pair->type->curve->scalar(pair, scalar, err);

    if (!tsec_failed(rc)) {
        tsec_asn1_put(out, ASN1_TAG_OCTETS, tsec_span(scalar, pair->type->half));
    }
    explicit_bzero(scalar, sizeof(scalar));
    return rc;
}

/* `alone`: nothing around it says which curve it is. */
static tsec_rc
put_ec_private(const struct tsec_pair *pair, bool alone, struct tsec_buf *out, struct tsec_err *err)
{
    static const uint8_t version[] = { 0x02, 0x01, 0x01 };
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    TSEC_AUTO_BUF struct tsec_buf bits = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

    tsec_buf_put(&key, version, sizeof(version));
    TSEC_TRY(put_scalar(pair, &key, err));
    if (alone) {
        tsec_asn1_put(&key, PARAMETERS, pair->type->oid);
    }
    tsec_asn1_put_bytes(&bits, tsec_pair_point_span(pair));
    TSEC_TRY(tsec_buf_check(&bits, err));
    tsec_asn1_put(&key, PUBLIC_KEY, tsec_buf_span(&bits));
    TSEC_TRY(tsec_buf_check(&key, err));
    tsec_asn1_put(out, ASN1_TAG_SEQUENCE, tsec_buf_span(&key));
    return tsec_buf_check(out, err);
}

static tsec_rc
put_private(const struct tsec_pair *pair, struct tsec_buf *out, struct tsec_err *err)
{
    return put_ec_private(pair, false, out, err);
}

static tsec_rc
put_traditional(const struct tsec_pair *pair, struct tsec_buf *out, struct tsec_err *err)
{
    return put_ec_private(pair, true, out, err);
}

static tsec_rc
put_public(const struct tsec_pair *pair, struct tsec_buf *out, struct tsec_err *err)
{
    tsec_buf_put_span(out, tsec_pair_point_span(pair));
    return tsec_buf_check(out, err);
}

const struct tsec_pair_family tsec_family_curve = {
    .generate = generate,
    .set_private = set_private,
    .set_public = set_public,
    .put_private = put_private,
    .put_public = put_public,
    .put_traditional = put_traditional,
    .sign = tsec_ecdsa_sign,
    .verify = tsec_ecdsa_verify,
};

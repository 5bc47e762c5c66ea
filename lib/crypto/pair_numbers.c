/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pair_numbers.h"

#include "crypto/asn1.h"
#include "crypto/asn1_put.h"
#include "crypto/pair_internal.h"

enum { EC_POINT = 0xa1 /* [1] of ECPrivateKey (RFC 5915) */, UNCOMPRESSED = 0x04 };

/* ---- read ---- */

static bool
read_point(const struct tsec_pair_type *type, struct tsec_span key, struct tsec_pair_numbers *out)
{
    if (key.len != type->point_len) {
        return false;
    }
    if (type->curve == NULL) {
        out->x = key;
        return true;
    }
    out->x = tsec_span(key.ptr + 1, type->half);
    out->y = tsec_span(key.ptr + 1 + type->half, type->half);
    return key.ptr[0] == UNCOMPRESSED;
}

static bool
read_spki(const struct tsec_pair_type *type, struct tsec_span der, struct tsec_pair_numbers *out)
{
    struct tsec_span info = { NULL, 0 };
    struct tsec_span skipped = { NULL, 0 };
    struct tsec_span key = { NULL, 0 };

    if (!tsec_asn1_take(&der, ASN1_TAG_SEQUENCE, &info)
        || !tsec_asn1_take(&info, ASN1_TAG_SEQUENCE, &skipped)
        || !tsec_asn1_take_bytes(&info, &key)) {
        return false;
    }
    if (type->point_len > 0) {
        return read_point(type, key, out);
    }
    return tsec_asn1_take(&key, ASN1_TAG_SEQUENCE, &info)
           && tsec_asn1_take_magnitude(&info, &out->n) && tsec_asn1_take_magnitude(&info, &out->e);
}

/* RSAPrivateKey (RFC 8017, appendix A.1.2), from behind n and e. */
static bool
read_rsa(struct tsec_span der, struct tsec_pair_numbers *out)
{
    struct tsec_span key = { NULL, 0 };
    struct tsec_span skipped = { NULL, 0 };
    struct tsec_span *const rest[] = { &out->secret, &out->p,  &out->q,
                                       &out->dp,     &out->dq, &out->qinv };
    bool ok =
        tsec_asn1_take(&der, ASN1_TAG_SEQUENCE, &key) && tsec_asn1_take_magnitude(&key, &skipped)
        && tsec_asn1_take_magnitude(&key, &skipped) && tsec_asn1_take_magnitude(&key, &skipped);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rest) && ok; i++) {
        ok = tsec_asn1_take_magnitude(&key, rest[i]);
    }
    return ok;
}

static bool
read_pkcs8(const struct tsec_pair_type *type, struct tsec_span der, struct tsec_pair_numbers *out)
{
    struct tsec_span info = { NULL, 0 };
    struct tsec_span skipped = { NULL, 0 };
    struct tsec_span key = { NULL, 0 };

    if (!tsec_asn1_take(&der, ASN1_TAG_SEQUENCE, &info)
        || !tsec_asn1_take_magnitude(&info, &skipped)
        || !tsec_asn1_take(&info, ASN1_TAG_SEQUENCE, &skipped)
        || !tsec_asn1_take(&info, ASN1_TAG_OCTETS, &key)) {
        return false;
    }
    if (type->point_len == 0) {
        return read_rsa(key, out);
    }
    if (type->curve == NULL) {
        return tsec_asn1_take(&key, ASN1_TAG_OCTETS, &out->secret);
    }
    return tsec_asn1_take(&key, ASN1_TAG_SEQUENCE, &info)
           && tsec_asn1_take_magnitude(&info, &skipped)
           && tsec_asn1_take(&info, ASN1_TAG_OCTETS, &out->secret);
}

tsec_rc
tsec_pair_numbers(enum tsec_pair_kind kind, struct tsec_span pkcs8, struct tsec_span spki,
                  struct tsec_pair_numbers *out, struct tsec_err *err)
{
    const struct tsec_pair_type *type = tsec_pair_type(kind);

    *out = (struct tsec_pair_numbers){ .secret = { NULL, 0 } };
    if (type == NULL || !read_spki(type, spki, out)
        || (pkcs8.len > 0 && !read_pkcs8(type, pkcs8, out))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not a key pair of kind %d", (int)kind);
    }
    return TSEC_OK;
}

/* ---- written ---- */

/* With as many leading zeroes as make it `len` long. */
static void
put_fixed(struct tsec_buf *out, struct tsec_span number, size_t len)
{
    while (number.len > len && number.ptr[0] == 0) {
        number = tsec_span(number.ptr + 1, number.len - 1);
    }
    if (number.len == 0 || number.len > len) {
        out->failed = true;
        return;
    }
    for (size_t i = number.len; i < len; i++) {
        tsec_buf_put_byte(out, 0);
    }
    tsec_buf_put_span(out, number);
}

/* Of Ed25519: bytes, not a number. */
static void
put_exact(struct tsec_buf *out, struct tsec_span bytes, size_t len)
{
    out->failed |= bytes.len != len;
    tsec_buf_put_span(out, bytes);
}

static void
put_point(const struct tsec_pair_type *type, const struct tsec_pair_numbers *numbers,
          struct tsec_buf *out)
{
    if (type->curve != NULL) {
        tsec_buf_put_byte(out, UNCOMPRESSED);
        put_fixed(out, numbers->x, type->half);
        put_fixed(out, numbers->y, type->half);
    } else {
        put_exact(out, numbers->x, type->point_len);
    }
}

static void
put_magnitudes(struct tsec_buf *out, const struct tsec_span *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out->failed |= numbers[i].len == 0;
        tsec_asn1_put_magnitude(out, numbers[i]);
    }
}

static void
put_ec_private(const struct tsec_pair_type *type, const struct tsec_pair_numbers *numbers,
               struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf scalar = TSEC_BUF_INIT(PAIR_HALF_MAX);
    TSEC_AUTO_BUF struct tsec_buf point = TSEC_BUF_INIT(PAIR_POINT_MAX);
    TSEC_AUTO_BUF struct tsec_buf bits = TSEC_BUF_INIT(PAIR_POINT_MAX + 16);
    static const uint8_t version = 1;

    put_fixed(&scalar, numbers->secret, type->half);
    put_point(type, numbers, &point);
    tsec_asn1_put_bytes(&bits, tsec_buf_span(&point));
    tsec_asn1_put_magnitude(out, tsec_span(&version, 1));
    tsec_asn1_put(out, ASN1_TAG_OCTETS, tsec_buf_span(&scalar));
    tsec_asn1_put(out, EC_POINT, tsec_buf_span(&bits));
    out->failed |= scalar.failed || point.failed;
}

static void
put_private(const struct tsec_pair_type *type, const struct tsec_pair_numbers *numbers,
            struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

    if (type->point_len == 0) {
        const struct tsec_span all[] = { numbers->n, numbers->e,  numbers->secret, numbers->p,
                                         numbers->q, numbers->dp, numbers->dq,     numbers->qinv };

        tsec_asn1_put_magnitude(&key, tsec_span(NULL, 0));
        put_magnitudes(&key, all, TSEC_ARRAY_LEN(all));
        tsec_asn1_put(out, ASN1_TAG_SEQUENCE, tsec_buf_span(&key));
    } else if (type->curve != NULL) {
        put_ec_private(type, numbers, &key);
        tsec_asn1_put(out, ASN1_TAG_SEQUENCE, tsec_buf_span(&key));
    } else {
        put_exact(&key, numbers->secret, type->half);
        tsec_asn1_put(out, ASN1_TAG_OCTETS, tsec_buf_span(&key));
    }
    out->failed |= key.failed;
}

static tsec_rc
finish(const struct tsec_pair_type *type, struct tsec_buf *info, struct tsec_buf *out,
       struct tsec_err *err)
{
    if (info->failed) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "numbers that make no %s key", type->name);
    }
    tsec_asn1_put(out, ASN1_TAG_SEQUENCE, tsec_buf_span(info));
    return tsec_buf_check(out, err);
}

tsec_rc
tsec_pair_numbers_pkcs8(enum tsec_pair_kind kind, const struct tsec_pair_numbers *numbers,
                        struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    TSEC_AUTO_BUF struct tsec_buf info = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    const struct tsec_pair_type *type = tsec_pair_type(kind);

    if (type == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "key pair of kind %d", (int)kind);
    }
    put_private(type, numbers, &key);
    tsec_asn1_put_magnitude(&info, tsec_span(NULL, 0));
    tsec_buf_put_span(&info, type->algorithm);
    tsec_asn1_put(&info, ASN1_TAG_OCTETS, tsec_buf_span(&key));
    info.failed |= key.failed;
    return finish(type, &info, out, err);
}

tsec_rc
tsec_pair_numbers_spki(enum tsec_pair_kind kind, const struct tsec_pair_numbers *numbers,
                       struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf numbers_der = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    TSEC_AUTO_BUF struct tsec_buf info = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    const struct tsec_pair_type *type = tsec_pair_type(kind);

    if (type == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "key pair of kind %d", (int)kind);
    }
    if (type->point_len == 0) {
        put_magnitudes(&numbers_der, (const struct tsec_span[]){ numbers->n, numbers->e }, 2);
        tsec_asn1_put(&key, ASN1_TAG_SEQUENCE, tsec_buf_span(&numbers_der));
    } else {
        put_point(type, numbers, &key);
    }
    tsec_buf_put_span(&info, type->algorithm);
    tsec_asn1_put_bytes(&info, tsec_buf_span(&key));
    info.failed |= key.failed || numbers_der.failed;
    return finish(type, &info, out, err);
}

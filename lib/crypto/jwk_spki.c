/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "codec/json_scan.h"
#include "crypto/asn1.h"
#include "crypto/asn1_put.h"
#include "crypto/jwe.h"
#include "crypto/pair_internal.h"

/* A public JWK (RFC 7517, RFC 7518 section 6) written as SubjectPublicKeyInfo, in the one way DER
 * has.  Whether the numbers are a key is asked of the key that is read from it. */

enum { JWK_MAX = 16 * 1024, MODULUS_MAX = 512, EXPONENT_MAX = 8, KEY_MAX = 1024 };

static tsec_rc
number(struct tsec_span jwk, const char *name, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(JWK_MAX);
    struct tsec_span raw = { NULL, 0 };

    if (tsec_json_member(jwk, name, &raw) != TSEC_JSON_STRING) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the JWK has no \"%s\"", name);
    }
    tsec_json_unescape(&text, raw);
    TSEC_TRY(tsec_buf_check(&text, err));
    if (tsec_failed(tsec_base64_decode(out, TSEC_BASE64_URL, tsec_buf_span(&text), NULL))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "\"%s\" of the JWK is no base64url of its length",
                         name);
    }
    return TSEC_OK;
}

static tsec_rc
put_spki(const struct tsec_pair_type *type, const struct tsec_buf *key, struct tsec_buf *spki,
         struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf info = TSEC_BUF_INIT(KEY_MAX);

    tsec_buf_put_span(&info, type->algorithm);
    tsec_asn1_put_bytes(&info, tsec_buf_span(key));
    TSEC_TRY(tsec_buf_check(&info, err));
    tsec_asn1_put(spki, ASN1_TAG_SEQUENCE, tsec_buf_span(&info));
    return tsec_buf_check(spki, err);
}

/* RFC 7518 section 6.2.1.2: a coordinate has the curve's length, with its leading zeroes. */
static tsec_rc
put_ec(struct tsec_span jwk, struct tsec_buf *spki, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf point = TSEC_BUF_INIT(PAIR_POINT_MAX);
    const struct tsec_pair_type *type = tsec_pair_type(TSEC_PAIR_P384);
    struct tsec_span crv = { NULL, 0 };

    (void)tsec_json_member(jwk, "crv", &crv);
    if (tsec_json_string_is(crv, tsec_span_str("P-256"))) {
        type = tsec_pair_type(TSEC_PAIR_P256);
    } else if (!tsec_json_string_is(crv, tsec_span_str("P-384"))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the JWK's curve is neither P-384 nor P-256");
    }
    tsec_buf_put_byte(&point, 0x04);
    TSEC_TRY(number(jwk, "x", &point, err));
    if (point.len != 1 + type->half) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the JWK's \"x\" is not of its curve's length");
    }
    TSEC_TRY(number(jwk, "y", &point, err));
    if (point.len != type->point_len) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the JWK's \"y\" is not of its curve's length");
    }
    return put_spki(type, &point, spki, err);
}

/* RFC 7518 section 6.3.1.1: no leading zeroes. */
static tsec_rc
put_rsa(struct tsec_span jwk, struct tsec_buf *spki, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf n = TSEC_BUF_INIT(MODULUS_MAX);
    TSEC_AUTO_BUF struct tsec_buf e = TSEC_BUF_INIT(EXPONENT_MAX);
    TSEC_AUTO_BUF struct tsec_buf inside = TSEC_BUF_INIT(KEY_MAX);
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(KEY_MAX);

    TSEC_TRY(number(jwk, "n", &n, err));
    TSEC_TRY(number(jwk, "e", &e, err));
    if (n.len == 0 || n.ptr[0] == 0 || e.len == 0 || e.ptr[0] == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a number of the JWK begins with zeroes");
    }
    tsec_asn1_put_magnitude(&inside, tsec_buf_span(&n));
    tsec_asn1_put_magnitude(&inside, tsec_buf_span(&e));
    TSEC_TRY(tsec_buf_check(&inside, err));
    tsec_asn1_put(&key, ASN1_TAG_SEQUENCE, tsec_buf_span(&inside));
    TSEC_TRY(tsec_buf_check(&key, err));
    return put_spki(tsec_pair_type(TSEC_PAIR_RSA2048), &key, spki, err);
}

tsec_rc
tsec_jwk_to_spki(struct tsec_span jwk, struct tsec_buf *spki, struct tsec_err *err)
{
    const struct tsec_json_limits limits = { .depth_max = 8, .members_max = 64 };
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(KEY_MAX);
    struct tsec_span value = { NULL, 0 };

    if (jwk.len > JWK_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a JWK of %zu bytes", jwk.len);
    }
    TSEC_TRY(tsec_json_check(jwk, &limits, err));
    jwk = tsec_json_trim(jwk);
    if (tsec_json_type_of(jwk) != TSEC_JSON_OBJECT) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a JWK is a JSON object");
    }
    if (tsec_json_member(jwk, "d", &value) != TSEC_JSON_NONE) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the JWK has a private number: it must not be sent");
    }
    if (tsec_json_member(jwk, "kty", &value) == TSEC_JSON_STRING
        && tsec_json_string_is(value, tsec_span_str("EC"))) {
        TSEC_TRY(put_ec(jwk, &der, err));
    } else if (tsec_json_type_of(value) == TSEC_JSON_STRING
               && tsec_json_string_is(value, tsec_span_str("RSA"))) {
        TSEC_TRY(put_rsa(jwk, &der, err));
    } else {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the JWK's \"kty\" is neither EC nor RSA");
    }
    TSEC_TRY(tsec_jwe_recipient_check(tsec_buf_span(&der), err));
    tsec_buf_put_span(spki, tsec_buf_span(&der));
    return tsec_buf_check(spki, err);
}

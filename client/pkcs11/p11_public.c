/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_public.h"

#include "base/base64.h"
#include "codec/der.h"
#include "codec/pem.h"

enum { TAG_BITS = 0x03, TAG_PRINTABLE = 0x13, ED25519_LEN = 32 };

#define RSA_OID     "1.2.840.113549.1.1.1"
#define EC_OID      "1.2.840.10045.2.1"
#define ED25519_OID "1.3.101.112"

static const struct {
    enum tsec_pair_kind kind;
    const char *type;
    const char *oid;
    size_t coordinate_len;
} curves[] = {
    { TSEC_PAIR_P256, "ecdsa-p256", "1.2.840.10045.3.1.7", 32 },
    { TSEC_PAIR_P384, "ecdsa-p384", "1.3.132.0.34", 48 },
    { TSEC_PAIR_P521, "ecdsa-p521", "1.3.132.0.35", 66 },
    { TSEC_PAIR_SECP256K1, "ecdsa-secp256k1", "1.3.132.0.10", 32 },
};
static const struct {
    enum tsec_pair_kind kind;
    const char *type;
    unsigned long bits;
} moduli[] = {
    { TSEC_PAIR_RSA2048, "rsa-2048", 2048 },
    { TSEC_PAIR_RSA3072, "rsa-3072", 3072 },
    { TSEC_PAIR_RSA4096, "rsa-4096", 4096 },
};

#define BAD(err, what) TSEC_FAIL((err), TSEC_E_INVALID, "public key: " what)

/** The next element with its head. */
static tsec_rc
take_whole(struct tsec_der *der, struct tsec_span *whole, struct tsec_err *err)
{
    const struct tsec_span before = der->rest;
    struct tsec_span value;
    uint8_t tag = 0;

    TSEC_TRY(tsec_der_next(der, &tag, &value, err));
    *whole = tsec_span(before.ptr, before.len - der->rest.len);
    return TSEC_OK;
}

static tsec_rc
read_curve(struct tsec_der *algorithm, struct tsec_span key, struct p11_public *out,
           struct tsec_err *err)
{
    struct tsec_der again;
    struct tsec_span oid;

    TSEC_TRY(take_whole(algorithm, &out->params, err));
    again.rest = out->params;
    TSEC_TRY(tsec_der_take(&again, TSEC_DER_OID, &oid, err));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(curves); i++) {
        if (tsec_der_oid_is(oid, curves[i].oid)) {
            if (key.len != 1 + 2 * curves[i].coordinate_len || key.ptr[0] != 0x04) {
                return BAD(err, "no uncompressed point of its curve");
            }
            out->kind = curves[i].kind;
            out->type = CKK_EC;
            out->usual = p11_public_is_usual(curves[i].type);
            out->point = key;
            out->signature_len = 2 * curves[i].coordinate_len;
            return TSEC_OK;
        }
    }
    return BAD(err, "a curve that is not known here");
}

static tsec_rc
take_magnitude(struct tsec_der *der, struct tsec_span *out, struct tsec_err *err)
{
    TSEC_TRY(tsec_der_take(der, TSEC_DER_INTEGER, out, err));
    if (out->len == 0 || (out->ptr[0] & 0x80) != 0) {
        return BAD(err, "a number that is not positive");
    }
    while (out->len > 1 && out->ptr[0] == 0) {
        *out = tsec_span(out->ptr + 1, out->len - 1);
    }
    return TSEC_OK;
}

static tsec_rc
read_rsa(struct tsec_span key, struct p11_public *out, struct tsec_err *err)
{
    struct tsec_der outer = { key };
    struct tsec_der inner;

    TSEC_TRY(tsec_der_take(&outer, TSEC_DER_SEQUENCE, &inner.rest, err));
    TSEC_TRY(take_magnitude(&inner, &out->modulus, err));
    TSEC_TRY(take_magnitude(&inner, &out->exponent, err));
    if (outer.rest.len != 0 || inner.rest.len != 0) {
        return BAD(err, "something behind it");
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(moduli); i++) {
        if (out->modulus.len * 8 == moduli[i].bits && (out->modulus.ptr[0] & 0x80) != 0) {
            out->kind = moduli[i].kind;
            out->type = CKK_RSA;
            out->usual = true;
            out->signature_len = out->modulus.len;
            return TSEC_OK;
        }
    }
    return BAD(err, "a modulus of a size that is not known here");
}

tsec_rc
p11_public_parse(struct tsec_span spki, struct p11_public *out, struct tsec_err *err)
{
    struct tsec_der outer = { spki };
    struct tsec_der inner;
    struct tsec_der algorithm;
    struct tsec_span oid_whole;
    struct tsec_span oid;
    struct tsec_span bits;

    *out = (struct p11_public){ .spki = spki };
    TSEC_TRY(tsec_der_take(&outer, TSEC_DER_SEQUENCE, &inner.rest, err));
    TSEC_TRY(tsec_der_take(&inner, TSEC_DER_SEQUENCE, &algorithm.rest, err));
    TSEC_TRY(tsec_der_take(&inner, TAG_BITS, &bits, err));
    oid_whole = algorithm.rest;
    TSEC_TRY(tsec_der_take(&algorithm, TSEC_DER_OID, &oid, err));
    if (outer.rest.len != 0 || inner.rest.len != 0 || bits.len < 2 || bits.ptr[0] != 0) {
        return BAD(err, "no SubjectPublicKeyInfo");
    }
    const struct tsec_span key = tsec_span(bits.ptr + 1, bits.len - 1);

    if (tsec_der_oid_is(oid, EC_OID)) {
        return read_curve(&algorithm, key, out, err);
    }
    if (tsec_der_oid_is(oid, RSA_OID)) {
        return read_rsa(key, out, err);
    }
    if (!tsec_der_oid_is(oid, ED25519_OID) || key.len != ED25519_LEN) {
        return BAD(err, "an algorithm that is not known here");
    }
    out->kind = TSEC_PAIR_ED25519;
    out->type = CKK_EC_EDWARDS;
    out->params = tsec_span(oid_whole.ptr, oid_whole.len - algorithm.rest.len);
    out->point = key;
    out->signature_len = 2 * (size_t)ED25519_LEN;
    return TSEC_OK;
}

tsec_rc
p11_public_read(struct tsec_span text, struct tsec_buf *spki, struct tsec_err *err)
{
    /* RFC 8410 section 4: SEQUENCE { SEQUENCE { 1.3.101.112 }, BIT STRING of 32 bytes } */
    static const uint8_t ed25519[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                       0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };
    struct tsec_span label;
    bool found = false;

    tsec_buf_reset(spki);
    if (tsec_span_starts(text, tsec_span_str("-----BEGIN "))) {
        TSEC_TRY(tsec_pem_next(&text, &label, spki, &found, err));
        return found && tsec_span_is(label, "PUBLIC KEY") ? TSEC_OK : BAD(err, "other PEM");
    }
    tsec_buf_put(spki, ed25519, sizeof(ed25519));
    TSEC_TRY(tsec_base64_decode(spki, TSEC_BASE64_STD, text, err));
    return spki->len == sizeof(ed25519) + ED25519_LEN ? TSEC_OK : BAD(err, "not 32 bytes");
}

/* Ed25519 is asked for by its OID or, as PKCS #11 3.0 has it, by its name. */
static bool
is_ed25519(uint8_t tag, struct tsec_span value)
{
    return tag == TSEC_DER_OID ? tsec_der_oid_is(value, ED25519_OID)
                               : tag == TAG_PRINTABLE && tsec_span_is(value, "edwards25519");
}

const char *
p11_public_type_named(struct tsec_span params)
{
    struct tsec_der der = { params };
    struct tsec_span value;
    uint8_t tag = 0;

    if (tsec_failed(tsec_der_next(&der, &tag, &value, NULL)) || der.rest.len != 0) {
        return NULL;
    }
    if (is_ed25519(tag, value)) {
        return "ed25519";
    }
    for (size_t i = 0; tag == TSEC_DER_OID && i < TSEC_ARRAY_LEN(curves); i++) {
        if (tsec_der_oid_is(value, curves[i].oid)) {
            return curves[i].type;
        }
    }
    return NULL;
}

const char *
p11_public_type_sized(unsigned long bits)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(moduli); i++) {
        if (moduli[i].bits == bits) {
            return moduli[i].type;
        }
    }
    return NULL;
}

bool
p11_public_is_usual(const char *transit_type)
{
    return strcmp(transit_type, "ed25519") != 0 && strcmp(transit_type, "ecdsa-secp256k1") != 0;
}

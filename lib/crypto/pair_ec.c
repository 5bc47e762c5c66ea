/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pair_ec.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

#include "crypto/internal.h"
#include "crypto/pair_ecdsa.h"

enum { DER_MAX = 2 * (PAIR_HALF_MAX + 3) + 3 };

const EC_GROUP *
tsec_ec_group(const struct tsec_pair *pair)
{
    return tsec_algs()->groups[pair->type->kind - TSEC_PAIR_P256];
}

/* ---- keys ---- */

static tsec_rc
read_point(struct tsec_pair *pair, struct tsec_err *err)
{
    size_t len = 0;

    if (EVP_PKEY_get_octet_string_param(pair->pkey, OSSL_PKEY_PARAM_PUB_KEY, pair->point,
                                        sizeof(pair->point), &len)
            != 1
        || len != pair->type->point_len || pair->point[0] != 0x04) {
        return tsec_pair_failed(err, TSEC_E_INTERNAL, "public part of a key");
    }
    return TSEC_OK;
}

static tsec_rc
generate(struct tsec_pair *pair, struct tsec_err *err)
{
    pair->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "EC", pair->type->name);
    if (pair->pkey == NULL) {
        return tsec_pair_failed(err, TSEC_E_INTERNAL, "key on a curve cannot be made");
    }
    return read_point(pair, err);
}

/* The point of a scalar, which must be in 1..n-1. */
static bool
point_of(const EC_GROUP *group, const uint8_t *scalar, size_t half, uint8_t *point,
         size_t point_len)
{
    BIGNUM *d = BN_secure_new();
    EC_POINT *p = EC_POINT_new(group);
    bool ok = d != NULL && p != NULL && BN_bin2bn(scalar, (int)half, d) != NULL;

    if (ok) {
        BN_set_flags(d, BN_FLG_CONSTTIME);
        ok = !BN_is_zero(d) && BN_ucmp(d, EC_GROUP_get0_order(group)) < 0
             && EC_POINT_mul(group, p, d, NULL, NULL, NULL) == 1
             && EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED, point, point_len, NULL)
                    == point_len;
    }
    EC_POINT_clear_free(p);
    BN_clear_free(d);
    return ok;
}

/* No DER of a private key goes through the library: its decoders leave a copy behind in freed
 * memory. */
static EVP_PKEY *
private_pkey(const struct tsec_pair *pair, uint8_t *native)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                                         (char *)(uintptr_t)pair->type->name, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)pair->point,
                                          pair->type->point_len),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, native, pair->type->half),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *pkey = NULL;

    if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1) {
        (void)EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params);
    }
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

static tsec_rc
set_scalar(struct tsec_pair *pair, const uint8_t *scalar, struct tsec_span point, bool check,
           struct tsec_err *err)
{
    const struct tsec_pair_type *type = pair->type;
    uint8_t native[PAIR_HALF_MAX];
    uint8_t own[PAIR_POINT_MAX];

    if (check || point.len == 0) {
        if (!point_of(tsec_ec_group(pair), scalar, type->half, own, type->point_len)) {
            return tsec_pair_failed(err, TSEC_E_INVALID,
                                    "the private number is not between 1 and the curve's order");
        }
        if (point.len != 0 && !tsec_span_equal(point, tsec_span(own, type->point_len))) {
            return TSEC_FAIL(err, TSEC_E_INVALID,
                             "the public key in the PKCS #8 key is not the private key's");
        }
        memcpy(pair->point, own, type->point_len);
    }
    tsec_pair_native(scalar, native, type->half);
    pair->pkey = private_pkey(pair, native);
    explicit_bzero(native, sizeof(native));
    return pair->pkey != NULL ? TSEC_OK
                              : tsec_pair_failed(err, TSEC_E_INVALID, "not a key on that curve");
}

/* The library refuses a point that is not on the curve; these curves have cofactor 1, so that no
 * further check of the group is needed. */
static tsec_rc
set_point(struct tsec_pair *pair, struct tsec_err *err)
{
    pair->pkey = EVP_PKEY_dup(tsec_algs()->curves[pair->type->kind - TSEC_PAIR_P256]);
    if (pair->pkey == NULL
        || EVP_PKEY_set1_encoded_public_key(pair->pkey, pair->point, pair->type->point_len) != 1) {
        return tsec_pair_failed(err, TSEC_E_INVALID, "the public key is not a point on the curve");
    }
    return TSEC_OK;
}

static tsec_rc
scalar_of(const struct tsec_pair *pair, uint8_t *out, struct tsec_err *err)
{
    const int half = (int)pair->type->half;
    BIGNUM *d = BN_secure_new();
    const bool ok = d != NULL
                    && EVP_PKEY_get_bn_param(pair->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &d) == 1
                    && BN_bn2binpad(d, out, half) == half;

    BN_clear_free(d);
    return ok ? TSEC_OK : tsec_pair_failed(err, TSEC_E_INTERNAL, "private part of a key");
}

/* ---- ECDSA ---- */

/* The nonce: BN_generate_dsa_nonce() hashes the private key, the digest and randomness. */
static tsec_rc
sign_hedged(const struct tsec_pair *pair, struct tsec_span digest, uint8_t *rs,
            struct tsec_err *err)
{
    uint8_t der[DER_MAX];
    size_t len = sizeof(der);
    struct tsec_pair_contexts *c = tsec_pair_take(pair);
    bool ok = c != NULL;

    if (ok && c->sign == NULL) {
        c->sign = EVP_PKEY_CTX_new_from_pkey(NULL, pair->pkey, NULL);
        ok = c->sign != NULL && EVP_PKEY_sign_init(c->sign) == 1;
    }
    if (!ok || EVP_PKEY_sign(c->sign, der, &len, digest.ptr, digest.len) != 1
        || tsec_ecdsa_take_der(tsec_span(der, len), rs, pair->type->half) != TSEC_ECDSA_DER_READ) {
        tsec_pair_drop(c);
        return tsec_pair_failed(err, TSEC_E_INTERNAL, "ECDSA signing");
    }
    tsec_pair_put(pair, c);
    return TSEC_OK;
}

/* s and n - s are equally good; nothing here is secret. */
static bool
lower_s(const struct tsec_pair *pair, const uint8_t *raw_s, uint8_t *out, bool *was_low)
{
    const int half = (int)pair->type->half;
    const BIGNUM *n = EC_GROUP_get0_order(tsec_ec_group(pair));
    BIGNUM *s = BN_bin2bn(raw_s, half, NULL);
    BIGNUM *other = BN_new();
    bool ok = s != NULL && other != NULL && BN_sub(other, n, s) == 1;

    if (ok) {
        *was_low = BN_cmp(s, other) <= 0;
        ok = BN_bn2binpad(*was_low ? s : other, out, half) == half;
    }
    BN_free(s);
    BN_free(other);
    return ok;
}

static tsec_rc
sign(const struct tsec_pair *pair, const struct tsec_signing *how, struct tsec_span digest,
     uint8_t *rs, int *recovery_id, struct tsec_err *err)
{
    uint8_t *s = rs + pair->type->half;
    bool was_low = false;

    *recovery_id = -1;
    if (how->nonce == TSEC_NONCE_RFC6979) {
        TSEC_TRY(tsec_ec_sign_rfc6979(pair, how->hash, digest, rs, err));
    } else {
        TSEC_TRY(sign_hedged(pair, digest, rs, err));
    }
    if (how->low_s && !lower_s(pair, s, s, &was_low)) {
        return tsec_pair_failed(err, TSEC_E_INTERNAL, "ECDSA signing");
    }
    return TSEC_OK;
}

static tsec_rc
verify(const struct tsec_pair *pair, const struct tsec_signing *how, struct tsec_span digest,
       const uint8_t *rs, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(DER_MAX);
    uint8_t low[PAIR_RAW_MAX];
    bool was_low = false;

    /* An s beyond the order is refused here as well: what it would be lowered to is negative. */
    if (how->low_s && (!lower_s(pair, rs + pair->type->half, low, &was_low) || !was_low)) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "s is greater than half the order");
    }
    TSEC_TRY(tsec_ecdsa_put_der(&der, rs, pair->type->half, err));

    struct tsec_pair_contexts *c = tsec_pair_take(pair);
    bool ok = c != NULL;

    if (ok && c->verify == NULL) {
        c->verify = EVP_PKEY_CTX_new_from_pkey(NULL, pair->pkey, NULL);
        ok = c->verify != NULL && EVP_PKEY_verify_init(c->verify) == 1;
    }
    if (!ok) {
        tsec_pair_drop(c);
        return tsec_pair_failed(err, TSEC_E_INTERNAL, "ECDSA verification");
    }
    if (EVP_PKEY_verify(c->verify, der.ptr, der.len, digest.ptr, digest.len) != 1) {
        tsec_pair_drop(c);
        return tsec_pair_failed(err, TSEC_E_DENIED, "signature does not hold");
    }
    tsec_pair_put(pair, c);
    return TSEC_OK;
}

const struct tsec_curve_ops tsec_curve_openssl = {
    .generate = generate,
    .set_scalar = set_scalar,
    .set_point = set_point,
    .scalar = scalar_of,
    .sign = sign,
    .verify = verify,
    .agree = tsec_ec_agree,
};

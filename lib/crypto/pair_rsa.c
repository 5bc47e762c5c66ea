/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/params.h>

#include "crypto/asn1.h"
#include "crypto/asn1_put.h"
#include "crypto/pair_internal.h"
#include "crypto/pair_rsa.h"

/* RSAPrivateKey and RSAPublicKey (RFC 8017 appendix A.1), two primes. */

enum { NUMBERS = 8, PUBLIC_NUMBERS = 2, N = 0, E, D, P, Q, D_P, D_Q, Q_INVERSE, E_BYTES_MAX = 8 };

static const char *const names[NUMBERS] = {
    OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
    OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
    OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
    OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

static tsec_rc
generate(struct tsec_pair *pair, struct tsec_err *err)
{
    pair->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)pair->type->bits);
    return pair->pkey != NULL ? TSEC_OK
                              : tsec_pair_failed(err, TSEC_E_INTERNAL, "RSA key cannot be made");
}

/* ---- numbers to a key ---- */

static unsigned
bits_of(struct tsec_span magnitude)
{
    unsigned bits = (unsigned)magnitude.len * 8;

    if (magnitude.len == 0) {
        return 0;
    }
    for (unsigned top = magnitude.ptr[0]; (top & 0x80) == 0; top <<= 1) {
        bits--;
    }
    return bits;
}

static bool
is_odd(struct tsec_span magnitude)
{
    return magnitude.len > 0 && (magnitude.ptr[magnitude.len - 1] & 1) != 0;
}

/* FIPS 186-5 section 5.1 wants 2^16 < e < 2^256; beyond 64 bits the library refuses to verify. */
static tsec_rc
check_public(const struct tsec_pair *pair, const struct tsec_span *number, struct tsec_err *err)
{
    const unsigned e_bits = bits_of(number[E]);

    if (bits_of(number[N]) != pair->type->bits) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the RSA modulus has %u bits, where %s has %u",
                         bits_of(number[N]), pair->type->name, pair->type->bits);
    }
    if (!is_odd(number[N])) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the RSA modulus is even");
    }
    if (!is_odd(number[E]) || e_bits < 17 || number[E].len > E_BYTES_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "the RSA exponent must be odd, at least 65537, and at most 64 bits");
    }
    return TSEC_OK;
}

static EVP_PKEY *
from_numbers(const struct tsec_span *number, size_t n, struct tsec_buf *native)
{
    OSSL_PARAM params[NUMBERS + 1];
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *pkey = NULL;

    for (size_t i = 0; i < n; i++) {
        uint8_t *bytes = tsec_buf_extend(native, number[i].len);

        if (bytes == NULL) {
            EVP_PKEY_CTX_free(ctx);
            return NULL;
        }
        tsec_pair_native(number[i].ptr, bytes, number[i].len);
        params[i] = OSSL_PARAM_construct_BN(names[i], bytes, number[i].len);
    }
    params[n] = OSSL_PARAM_construct_end();
    if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1) {
        (void)EVP_PKEY_fromdata(ctx, &pkey, n == NUMBERS ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                                params);
    }
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

static tsec_rc
make(struct tsec_pair *pair, const struct tsec_span *number, size_t n, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf native = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    size_t len = 0;

    for (size_t i = 0; i < n; i++) {
        len += number[i].len;
    }
    tsec_buf_reserve(&native, len); /* which then stays where it is */
    TSEC_TRY(tsec_buf_check(&native, err));
    pair->pkey = from_numbers(number, n, &native);
    return pair->pkey != NULL ? TSEC_OK : tsec_pair_failed(err, TSEC_E_INVALID, "not an RSA key");
}

/* ---- private ---- */

static bool
read_private(struct tsec_span der, struct tsec_span *number)
{
    struct tsec_span key = { NULL, 0 };
    struct tsec_span version = { NULL, 0 };
    bool ok = tsec_asn1_take(&der, ASN1_TAG_SEQUENCE, &key) && der.len == 0
              && tsec_asn1_take_magnitude(&key, &version) && version.len == 0;

    for (size_t i = 0; ok && i < NUMBERS; i++) {
        ok = tsec_asn1_take_magnitude(&key, &number[i]) && number[i].len != 0;
    }
    return ok && key.len == 0;
}

/* An exponent of the Chinese remainders: d mod (prime - 1), and the inverse of e there. */
static bool
exponent_belongs(BIGNUM *const number[NUMBERS], int prime, int exponent, BN_CTX *ctx)
{
    BIGNUM *less = BN_CTX_get(ctx);
    BIGNUM *is = BN_CTX_get(ctx);

    return is != NULL && BN_copy(less, number[prime]) != NULL && BN_sub_word(less, 1) == 1
           && BN_mod(is, number[D], less, ctx) == 1 && BN_cmp(is, number[exponent]) == 0
           && BN_mod_mul(is, number[exponent], number[E], less, ctx) == 1 && BN_is_one(is);
}

static bool
belong_together(BIGNUM *const number[NUMBERS], BN_CTX *ctx)
{
    BIGNUM *is = BN_CTX_get(ctx);

    return is != NULL && BN_check_prime(number[P], ctx, NULL) == 1
           && BN_check_prime(number[Q], ctx, NULL) == 1
           && BN_mul(is, number[P], number[Q], ctx) == 1 && BN_cmp(is, number[N]) == 0
           && exponent_belongs(number, P, D_P, ctx) && exponent_belongs(number, Q, D_Q, ctx)
           && BN_cmp(number[Q_INVERSE], number[P]) < 0
           && BN_mod_mul(is, number[Q_INVERSE], number[Q], number[P], ctx) == 1 && BN_is_one(is);
}

/* That the primes are prime, that n is their product, and that d and the rest belong to e.  The
 * library's own check leaves what it computes, the remainders of d among it, in memory that it
 * frees; a BN_CTX wipes what it lends. */
static tsec_rc
check_private(const struct tsec_pair *pair, const struct tsec_span *number, struct tsec_err *err)
{
    BN_CTX *ctx = BN_CTX_new();
    BIGNUM *lent[NUMBERS];
    bool holds = ctx != NULL;

    if (holds) {
        BN_CTX_start(ctx);
    }
    for (size_t i = 0; holds && i < NUMBERS; i++) {
        lent[i] = BN_CTX_get(ctx);
        holds = lent[i] != NULL && BN_bin2bn(number[i].ptr, (int)number[i].len, lent[i]) != NULL;
    }
    holds = holds && belong_together(lent, ctx);
    if (ctx != NULL) {
        BN_CTX_end(ctx);
    }
    BN_CTX_free(ctx);
    if (!holds) {
        return tsec_pair_failed(err, TSEC_E_INVALID,
                                "the numbers of the RSA key do not belong together");
    }
    if (bits_of(number[P]) != pair->type->bits / 2 || bits_of(number[Q]) != pair->type->bits / 2) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the RSA primes are not half the modulus each");
    }
    return TSEC_OK;
}

static tsec_rc
set_private(struct tsec_pair *pair, struct tsec_span key, struct tsec_span point, bool check,
            struct tsec_err *err)
{
    struct tsec_span number[NUMBERS];

    if (!read_private(key, number)) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "the private key is not RSAPrivateKey (RFC 8017) of two primes");
    }
    if (point.ptr != NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a PKCS #8 key of RSA holds no second public key");
    }
    TSEC_TRY(check_public(pair, number, err));
    TSEC_TRY(make(pair, number, NUMBERS, err));
    return check ? check_private(pair, number, err) : TSEC_OK;
}

static tsec_rc
set_public(struct tsec_pair *pair, struct tsec_span key, struct tsec_err *err)
{
    struct tsec_span number[PUBLIC_NUMBERS];
    struct tsec_span inside = { NULL, 0 };

    if (!tsec_asn1_take(&key, ASN1_TAG_SEQUENCE, &inside) || key.len != 0
        || !tsec_asn1_take_magnitude(&inside, &number[N])
        || !tsec_asn1_take_magnitude(&inside, &number[E]) || inside.len != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the RSA public key is not two numbers");
    }
    TSEC_TRY(check_public(pair, number, err));
    return make(pair, number, PUBLIC_NUMBERS, err);
}

/* ---- a key to numbers ---- */

static tsec_rc
put_number(const struct tsec_pair *pair, const char *name, struct tsec_buf *out,
           struct tsec_err *err)
{
    BIGNUM *number = BN_secure_new();
    tsec_rc rc;

    if (number != NULL && EVP_PKEY_get_bn_param(pair->pkey, name, &number) == 1) {
        TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
        uint8_t *raw = tsec_buf_extend(&bytes, (size_t)BN_num_bytes(number));

        if (raw != NULL) {
            (void)BN_bn2bin(number, raw);
            tsec_asn1_put_magnitude(out, tsec_buf_span(&bytes));
        }
        rc = tsec_buf_check(&bytes, err);
    } else {
        rc = tsec_pair_failed(err, TSEC_E_INTERNAL, "numbers of an RSA key");
    }
    BN_clear_free(number);
    return rc;
}

static tsec_rc
put_numbers(const struct tsec_pair *pair, size_t n, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf inside = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

    if (n == NUMBERS) {
        tsec_asn1_put_magnitude(&inside, tsec_span(NULL, 0)); /* version: two primes */
    }
    for (size_t i = 0; i < n; i++) {
        TSEC_TRY(put_number(pair, names[i], &inside, err));
    }
    TSEC_TRY(tsec_buf_check(&inside, err));
    tsec_asn1_put(out, ASN1_TAG_SEQUENCE, tsec_buf_span(&inside));
    return tsec_buf_check(out, err);
}

static tsec_rc
put_private(const struct tsec_pair *pair, struct tsec_buf *out, struct tsec_err *err)
{
    return put_numbers(pair, NUMBERS, out, err);
}

static tsec_rc
put_public(const struct tsec_pair *pair, struct tsec_buf *out, struct tsec_err *err)
{
    return put_numbers(pair, PUBLIC_NUMBERS, out, err);
}

const struct tsec_pair_family tsec_family_rsa = {
    .generate = generate,
    .set_private = set_private,
    .set_public = set_public,
    .put_private = put_private,
    .put_public = put_public,
    .put_traditional = put_private,
    .sign = tsec_rsa_sign,
    .verify = tsec_rsa_verify,
};

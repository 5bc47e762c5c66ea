/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pair_ec.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include "crypto/rfc6979.h"

/* OpenSSL 3.0 cannot be asked for the nonces of RFC 6979 (3.2 can), but its older interface takes
 * 1/k and r from its caller and does the rest in its own constant-time way.  That interface is
 * deprecated, hence no warnings about that in this file. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

struct nonce_numbers {
    BIGNUM *k;
    BIGNUM *inverse;
    BIGNUM *r;
    BIGNUM *x;
    EC_POINT *point;
    BN_CTX *ctx;
};

static bool
numbers_new(struct nonce_numbers *n, const EC_GROUP *group)
{
    n->k = BN_secure_new();
    n->inverse = BN_secure_new();
    n->r = BN_new();
    n->x = BN_new();
    n->point = EC_POINT_new(group);
    n->ctx = BN_CTX_secure_new();
    return n->k != NULL && n->inverse != NULL && n->r != NULL && n->x != NULL && n->point != NULL
           && n->ctx != NULL;
}

static void
numbers_free(struct nonce_numbers *n)
{
    BN_clear_free(n->k);
    BN_clear_free(n->inverse);
    BN_clear_free(n->r);
    BN_clear_free(n->x);
    EC_POINT_clear_free(n->point);
    BN_CTX_free(n->ctx);
}

/* 1/k = k^(n-2) (the order is prime), whose exponent is public and whose base is not looked at. */
static bool
invert(struct nonce_numbers *n, const BIGNUM *order)
{
    BIGNUM *exponent = BN_dup(order);
    const bool ok =
        exponent != NULL && BN_sub_word(exponent, 2) == 1
        && BN_mod_exp_mont_consttime(n->inverse, n->k, exponent, order, n->ctx, NULL) == 1;

    BN_free(exponent);
    return ok;
}

/* r is 0 in the one case in 2^256 that asks for another k. */
static bool
prepare(struct nonce_numbers *n, const EC_GROUP *group, const uint8_t *k, size_t len)
{
    const BIGNUM *order = EC_GROUP_get0_order(group);

    if (BN_bin2bn(k, (int)len, n->k) == NULL) {
        return false;
    }
    BN_set_flags(n->k, BN_FLG_CONSTTIME);
    return EC_POINT_mul(group, n->point, n->k, NULL, NULL, n->ctx) == 1
           && EC_POINT_get_affine_coordinates(group, n->point, n->x, NULL, n->ctx) == 1
           && BN_nnmod(n->r, n->x, order, n->ctx) == 1 && invert(n, order);
}

/* Into `bytes`, as many as the order has. */
static bool
order_of(const EC_GROUP *group, uint8_t bytes[TSEC_RFC6979_ORDER_MAX], struct tsec_span *out)
{
    const BIGNUM *order = EC_GROUP_get0_order(group);
    const int len = BN_num_bytes(order);

    if (len > TSEC_RFC6979_ORDER_MAX) {
        return false;
    }
    *out = tsec_span(bytes, (size_t)len);
    return BN_bn2bin(order, bytes) == len;
}

enum attempt { SIGNED, AGAIN, BROKEN };

static enum attempt
attempt(const struct tsec_pair *pair, struct nonce_numbers *n, struct tsec_span digest, uint8_t *rs)
{
    const int half = (int)pair->type->half;
    EC_KEY *key = (EC_KEY *)(uintptr_t)EVP_PKEY_get0_EC_KEY(pair->pkey);

    if (key == NULL) {
        return BROKEN;
    }
    if (BN_is_zero(n->r)) {
        return AGAIN;
    }

    ECDSA_SIG *sig = ECDSA_do_sign_ex(digest.ptr, (int)digest.len, n->inverse, n->r, key);

    if (sig == NULL) { /* s is 0? */
        return ERR_GET_REASON(ERR_peek_last_error()) == EC_R_NEED_NEW_SETUP_VALUES ? AGAIN : BROKEN;
    }

    const bool ok = BN_bn2binpad(ECDSA_SIG_get0_r(sig), rs, half) == half
                    && BN_bn2binpad(ECDSA_SIG_get0_s(sig), rs + half, half) == half;

    ECDSA_SIG_free(sig);
    return ok ? SIGNED : BROKEN;
}

static tsec_rc
sign_with(const struct tsec_pair *pair, struct tsec_rfc6979 *nonces, struct tsec_span digest,
          uint8_t *rs, struct tsec_err *err)
{
    const EC_GROUP *group = tsec_ec_group(pair);
    struct nonce_numbers numbers = { .k = NULL };
    uint8_t k[TSEC_RFC6979_ORDER_MAX];
    enum attempt result = AGAIN;

    while (result == AGAIN) {
        tsec_rfc6979_next(nonces, k);

        const bool ok =
            numbers_new(&numbers, group) && prepare(&numbers, group, k, pair->type->half);

        explicit_bzero(k, sizeof(k));
        result = ok ? attempt(pair, &numbers, digest, rs) : BROKEN;
        numbers_free(&numbers);
    }
    return result == SIGNED ? TSEC_OK : tsec_pair_failed(err, TSEC_E_INTERNAL, "ECDSA signing");
}

tsec_rc
tsec_ec_sign_rfc6979(const struct tsec_pair *pair, enum tsec_hash hash, struct tsec_span digest,
                     uint8_t *rs, struct tsec_err *err)
{
    struct tsec_span order = { NULL, 0 };
    struct tsec_rfc6979 nonces;
    uint8_t bytes[TSEC_RFC6979_ORDER_MAX];
    uint8_t x[PAIR_HALF_MAX];

    if (!order_of(tsec_ec_group(pair), bytes, &order)) {
        return tsec_pair_failed(err, TSEC_E_INTERNAL, "order of a curve");
    }

    tsec_rc rc = pair->type->curve->scalar(pair, x, err);

    if (!tsec_failed(rc)) {
        rc = tsec_rfc6979_begin(&nonces, hash, order, x, digest, err);
    }
    explicit_bzero(x, sizeof(x));
    if (!tsec_failed(rc)) {
        rc = sign_with(pair, &nonces, digest, rs, err);
        tsec_rfc6979_end(&nonces);
    }
    return rc;
}

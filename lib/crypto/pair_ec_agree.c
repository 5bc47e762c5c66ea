/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pair_ec.h"

#include <openssl/bn.h>

#include "crypto/internal.h"

/* The library's fast methods for P-256 and P-521 leave the number that a point is multiplied by in
 * memory that they free unwiped (not so with the generator, which signing uses).  Its general
 * method, a ladder that takes the same steps for every number, wipes: so this is on the general
 * curves, which takes five times as long as EVP_PKEY_derive(). */

struct agreement {
    BIGNUM *scalar;
    BIGNUM *x;
    EC_POINT *peer;
    EC_POINT *product;
    BN_CTX *ctx;
};

static bool
multiply(struct agreement *a, const EC_GROUP *group, const uint8_t *scalar,
         const struct tsec_pair *peer, uint8_t *x)
{
    const int half = (int)peer->type->half;

    a->scalar = BN_secure_new();
    a->x = BN_secure_new();
    a->peer = EC_POINT_new(group);
    a->product = EC_POINT_new(group);
    a->ctx = BN_CTX_secure_new();
    if (a->scalar == NULL || a->x == NULL || a->peer == NULL || a->product == NULL || a->ctx == NULL
        || BN_bin2bn(scalar, half, a->scalar) == NULL) {
        return false;
    }
    BN_set_flags(a->scalar, BN_FLG_CONSTTIME);
    /* Reading the point checks that it is on the curve; a cofactor of 1 leaves nothing else. */
    return EC_POINT_oct2point(group, a->peer, peer->point, peer->type->point_len, a->ctx) == 1
           && EC_POINT_mul(group, a->product, NULL, a->peer, a->scalar, a->ctx) == 1
           && EC_POINT_get_affine_coordinates(group, a->product, a->x, NULL, a->ctx) == 1
           && BN_bn2binpad(a->x, x, half) == half;
}

tsec_rc
tsec_ec_agree(const struct tsec_pair *own, const struct tsec_pair *peer, uint8_t *x,
              struct tsec_err *err)
{
    const EC_GROUP *group = tsec_algs()->plain_groups[own->type->kind - TSEC_PAIR_P256];
    struct agreement a = { .scalar = NULL };
    uint8_t scalar[PAIR_HALF_MAX];

    TSEC_TRY(own->type->curve->scalar(own, scalar, err));

    const bool ok = multiply(&a, group, scalar, peer, x);

    explicit_bzero(scalar, sizeof(scalar));
    BN_clear_free(a.scalar);
    BN_clear_free(a.x);
    EC_POINT_clear_free(a.peer);
    EC_POINT_clear_free(a.product);
    BN_CTX_free(a.ctx);
    return ok ? TSEC_OK : tsec_pair_failed(err, TSEC_E_INVALID, "key agreement gives no secret");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdlib.h>

#include <secp256k1.h>
#include <secp256k1_ecdh.h>
#include <secp256k1_recovery.h>

#include "crypto/internal.h"
#include "crypto/locked.h"
#include "crypto/pair_internal.h"
#include "crypto/rand.h"
#include "crypto/rfc6979.h"

enum { LEN = 32, POINT_LEN = 65, STACK_LEN = 8192 };

static const uint8_t order[LEN] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
};

struct own {
    secp256k1_pubkey point;
    uint8_t *scalar; /* in the locked heap; NULL: a public key */
};

static secp256k1_context *context;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Blinded once, and from then on only read: threads share it. */
static void
make_context(void)
{
    uint8_t seed[LEN];

    context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    tsec_rand_bytes(seed, sizeof(seed));
    if (context == NULL || secp256k1_context_randomize(context, seed) != 1) {
        tsec_crypto_abort("secp256k1");
    }
    explicit_bzero(seed, sizeof(seed));
}

static const secp256k1_context *
ready(void)
{
    if (pthread_once(&once, make_context) != 0) {
        tsec_crypto_abort("secp256k1");
    }
    return context;
}

/* After each call that takes a private key: version 0.2 of the library leaves the number on the
 * stack, where the compiler found its wiping useless.  It goes 3.7 KiB deep. */
static __attribute__((noinline)) void
wipe_stack(void)
{
    uint8_t below[STACK_LEN];

    explicit_bzero(below, sizeof(below));
}

static bool
make_point(struct own *own)
{
    const bool ok = secp256k1_ec_pubkey_create(ready(), &own->point, own->scalar) == 1;

    wipe_stack();
    return ok;
}

static const struct own *
own_of(const struct tsec_pair *pair)
{
    return pair->own;
}

static void
done(struct tsec_pair *pair)
{
    struct own *own = pair->own;

    if (own != NULL) {
        tsec_locked_free(own->scalar, LEN);
        free(own);
        pair->own = NULL;
    }
}

static tsec_rc
new_own(struct tsec_pair *pair, bool with_scalar, struct own **out, struct tsec_err *err)
{
    struct own *own = calloc(1, sizeof(*own));

    if (own == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "key pair");
    }
    pair->own = own; /* done() frees it */
    *out = own;
    return with_scalar ? tsec_locked_new(LEN, &own->scalar, err) : TSEC_OK;
}

/* `point` from the library's form to ours. */
static void
put_point(const secp256k1_pubkey *point, uint8_t out[POINT_LEN])
{
    size_t len = POINT_LEN;

    (void)secp256k1_ec_pubkey_serialize(ready(), out, &len, point, SECP256K1_EC_UNCOMPRESSED);
}

static tsec_rc
generate(struct tsec_pair *pair, struct tsec_err *err)
{
    struct own *own = NULL;

    TSEC_TRY(new_own(pair, true, &own, err));
    do {
        tsec_rand_bytes(own->scalar, LEN);
    } while (!make_point(own));
    put_point(&own->point, pair->point);
    return TSEC_OK;
}

static tsec_rc
set_point(struct tsec_pair *pair, struct tsec_err *err)
{
    struct own *own = NULL;

    TSEC_TRY(new_own(pair, false, &own, err));
    /* the library would also take the hybrid form, which is nobody's public key today */
    if (pair->point[0] != 0x04
        || secp256k1_ec_pubkey_parse(ready(), &own->point, pair->point, POINT_LEN) != 1) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the public key is not a point of secp256k1");
    }
    return TSEC_OK;
}

static tsec_rc
set_scalar(struct tsec_pair *pair, const uint8_t *scalar, struct tsec_span point, bool check,
           struct tsec_err *err)
{
    struct own *own = NULL;
    uint8_t made[POINT_LEN];

    const bool fits = secp256k1_ec_seckey_verify(ready(), scalar) == 1;

    wipe_stack();
    if (!fits) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the private key is not in 1 to n - 1");
    }
    if (point.len > 0 && !check) {
        TSEC_TRY(set_point(pair, err));
        own = pair->own;
        TSEC_TRY(tsec_locked_new(LEN, &own->scalar, err));
        memcpy(own->scalar, scalar, LEN);
        return TSEC_OK;
    }
    TSEC_TRY(new_own(pair, true, &own, err));
    memcpy(own->scalar, scalar, LEN);
    if (!make_point(own)) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "secp256k1");
    }
    put_point(&own->point, made);
    if (point.len > 0 && !tsec_span_equal(point, tsec_span(made, sizeof(made)))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "public and private key do not belong together");
    }
    memcpy(pair->point, made, sizeof(made));
    return TSEC_OK;
}

static tsec_rc
copy_scalar(const struct tsec_pair *pair, uint8_t *out, struct tsec_err *err)
{
    if (own_of(pair)->scalar == NULL) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "the private part of a public key");
    }
    memcpy(out, own_of(pair)->scalar, LEN);
    return TSEC_OK;
}

/* The leftmost 32 bytes, or fewer with zeroes before them: bits2int of RFC 6979 section 2.3.2. */
static void
to_number(struct tsec_span digest, uint8_t out[LEN])
{
    const size_t pad = digest.len < LEN ? LEN - digest.len : 0;

    memset(out, 0, pad);
    memcpy(out + pad, digest.ptr, LEN - pad);
}

/* What our own nonces come from; see nonce(). */
struct deterministic {
    enum tsec_hash hash;
    struct tsec_span digest;
};

/* A secp256k1_nonce_function.  The library's own is RFC 6979 with HMAC-SHA-256 over a number of 32
 * bytes, which it is for SHA-256 alone; digests of other hashes have their own HMAC. */
static int
nonce(unsigned char *out, const unsigned char *number, const unsigned char *scalar,
      const unsigned char *algorithm, void *data, unsigned attempt)
{
    const struct deterministic *from = data;
    struct tsec_rfc6979 g;

    (void)number;
    (void)algorithm;
    if (tsec_failed(tsec_rfc6979_begin(&g, from->hash, tsec_span(order, sizeof(order)), scalar,
                                       from->digest, NULL))) {
        return 0;
    }
    for (unsigned i = 0; i <= attempt; i++) {
        tsec_rfc6979_next(&g, out);
    }
    tsec_rfc6979_end(&g);
    return 1;
}

/* Hedged: RFC 6979 section 3.6, with 32 fresh bytes. */
static bool
sign_number(const struct own *own, const struct tsec_signing *how, struct tsec_span digest,
            secp256k1_ecdsa_recoverable_signature *sig)
{
    struct deterministic from = { how->hash, digest };
    uint8_t number[LEN];
    uint8_t fresh[LEN];
    bool ok = false;

    to_number(digest, number);
    if (how->nonce == TSEC_NONCE_RFC6979) {
        ok = secp256k1_ecdsa_sign_recoverable(ready(), sig, number, own->scalar, nonce, &from) == 1;
    } else {
        tsec_rand_bytes(fresh, sizeof(fresh));
        ok = secp256k1_ecdsa_sign_recoverable(ready(), sig, number, own->scalar,
                                              secp256k1_nonce_function_rfc6979, fresh)
             == 1;
        explicit_bzero(fresh, sizeof(fresh));
    }
    wipe_stack();
    return ok;
}

static tsec_rc
sign(const struct tsec_pair *pair, const struct tsec_signing *how, struct tsec_span digest,
     uint8_t *rs, int *recovery_id, struct tsec_err *err)
{
    secp256k1_ecdsa_recoverable_signature sig;

    if (own_of(pair)->scalar == NULL) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "a public key does not sign");
    }
    if (!sign_number(own_of(pair), how, digest, &sig)) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "secp256k1");
    }
    (void)secp256k1_ecdsa_recoverable_signature_serialize_compact(ready(), rs, recovery_id, &sig);
    return TSEC_OK;
}

/* The library holds only signatures with a low s for true; others' may have a high one. */
static tsec_rc
verify(const struct tsec_pair *pair, const struct tsec_signing *how, struct tsec_span digest,
       const uint8_t *rs, struct tsec_err *err)
{
    secp256k1_ecdsa_signature sig;
    uint8_t number[LEN];

    if (secp256k1_ecdsa_signature_parse_compact(ready(), &sig, rs) != 1) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "r or s is out of range");
    }

    const bool was_high = secp256k1_ecdsa_signature_normalize(ready(), &sig, &sig) == 1;

    if (was_high && how->low_s) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "s is greater than half the order");
    }
    to_number(digest, number);
    if (secp256k1_ecdsa_verify(ready(), &sig, number, &own_of(pair)->point) != 1) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "not a signature of this key");
    }
    return TSEC_OK;
}

/* A secp256k1_ecdh_hash_function that is none. */
static int
x_alone(unsigned char *out, const unsigned char *x, const unsigned char *y, void *data)
{
    (void)y;
    (void)data;
    memcpy(out, x, LEN);
    return 1;
}

static tsec_rc
agree(const struct tsec_pair *own, const struct tsec_pair *peer, uint8_t *x, struct tsec_err *err)
{
    const bool ok =
        own_of(own)->scalar != NULL
        && secp256k1_ecdh(ready(), x, &own_of(peer)->point, own_of(own)->scalar, x_alone, NULL)
               == 1;

    wipe_stack();
    return ok ? TSEC_OK : TSEC_FAIL(err, TSEC_E_INTERNAL, "secp256k1");
}

const struct tsec_curve_ops tsec_curve_secp256k1 = {
    .generate = generate,
    .set_scalar = set_scalar,
    .set_point = set_point,
    .scalar = copy_scalar,
    .sign = sign,
    .verify = verify,
    .agree = agree,
    .done = done,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pubkey.h"

#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/params.h>

#include "crypto/asn1.h"
#include "crypto/internal.h"
#include "crypto/pubkey_internal.h"

enum {
    RSA_BITS_MIN = 2048,
    RSA_BITS_MAX = 8192,
    RSA_E_MAX = 8, /* bytes */
};

struct form {
    enum tsec_pubkey_kind kind;
    int curve; /* -1: Ed25519 */
    unsigned bits;
    size_t raw_len; /* of the point with its leading 04, or of the raw key */
    const uint8_t *spki;
    size_t spki_len;
};

/* What stands before the raw key: RFC 5480 section 2 with a named curve and an uncompressed point,
 * RFC 8410 section 4.  Other encodings of the same key, explicit curve parameters above all, are
 * refused. */
static const uint8_t spki_p256[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                     0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                     0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00 };
static const uint8_t spki_p384[] = { 0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                     0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
                                     0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00 };
static const uint8_t spki_p521[] = { 0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                     0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81,
                                     0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00 };
static const uint8_t spki_ed25519[] = { 0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                        0x2b, 0x65, 0x70, 0x03, 0x21, 0x00 };

static const struct form forms[] = {
    { TSEC_PUBKEY_P256, TSEC_CURVE_P256, 256, 65, spki_p256, sizeof(spki_p256) },
    { TSEC_PUBKEY_P384, TSEC_CURVE_P384, 384, 97, spki_p384, sizeof(spki_p384) },
    { TSEC_PUBKEY_P521, TSEC_CURVE_P521, 521, 133, spki_p521, sizeof(spki_p521) },
    { TSEC_PUBKEY_ED25519, -1, 256, 32, spki_ed25519, sizeof(spki_ed25519) },
};

/* rsaEncryption with NULL parameters (RFC 3279 section 2.3.1). */
static const uint8_t rsa_algorithm[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                         0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };

void
tsec_pubkey_free(struct tsec_pubkey *key)
{
    if (key != NULL) {
        for (size_t i = 0; i < TSEC_ARRAY_LEN(key->ready); i++) {
            EVP_PKEY_CTX_free(atomic_load_explicit(&key->ready[i], memory_order_acquire));
        }
        EVP_PKEY_free(key->pkey);
        free(key);
    }
}

enum tsec_pubkey_kind
tsec_pubkey_kind_of(const struct tsec_pubkey *key)
{
    return key->kind;
}

unsigned
tsec_pubkey_bits(const struct tsec_pubkey *key)
{
    return key->bits;
}

/* Takes `pkey`, which may be NULL: then the making of it failed. */
static tsec_rc
wrap(enum tsec_pubkey_kind kind, unsigned bits, EVP_PKEY *pkey, struct tsec_pubkey **out,
     struct tsec_err *err)
{
    if (pkey == NULL) {
        ERR_clear_error();
        return TSEC_FAIL(err, TSEC_E_INVALID, "not a public key of its kind");
    }

    struct tsec_pubkey *key = calloc(1, sizeof(*key));

    if (key == NULL) {
        EVP_PKEY_free(pkey);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "public key");
    }
    key->kind = kind;
    key->bits = bits;
    key->pkey = pkey;
    *out = key;
    return TSEC_OK;
}

/* The library refuses a point that is not on the curve; these curves have cofactor 1, so that no
 * further check of the group is needed. */
static EVP_PKEY *
ec_pkey(int curve, struct tsec_span point)
{
    EVP_PKEY *pkey = EVP_PKEY_dup(tsec_algs()->curves[curve]);

    if (pkey != NULL && EVP_PKEY_set1_encoded_public_key(pkey, point.ptr, point.len) != 1) {
        EVP_PKEY_free(pkey);
        return NULL;
    }
    return pkey;
}

static tsec_rc
from_raw(const struct form *form, struct tsec_span raw, struct tsec_pubkey **out,
         struct tsec_err *err)
{
    EVP_PKEY *pkey = NULL;

    if (form->curve < 0) {
        pkey = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, raw.ptr, raw.len);
    } else if (raw.ptr[0] == 0x04) {
        pkey = ec_pkey(form->curve, raw);
    }
    return wrap(form->kind, form->bits, pkey, out, err);
}

tsec_rc
tsec_pubkey_from_point(enum tsec_pubkey_kind kind, struct tsec_span xy, struct tsec_pubkey **out,
                       struct tsec_err *err)
{
    uint8_t raw[2 * PUBKEY_HALF_MAX + 1];

    for (size_t i = 0; i < TSEC_ARRAY_LEN(forms); i++) {
        const struct form *f = &forms[i];

        if (f->kind == kind && f->curve >= 0 && xy.len == f->raw_len - 1) {
            raw[0] = 0x04;
            memcpy(raw + 1, xy.ptr, xy.len);
            return from_raw(f, tsec_span(raw, f->raw_len), out, err);
        }
    }
    return TSEC_FAIL(err, TSEC_E_INVALID, "not a point of a curve that is used here");
}

/* ---- RSA ---- */

static struct tsec_span
magnitude(struct tsec_span number)
{
    while (number.len > 0 && number.ptr[0] == 0) {
        number = tsec_span(number.ptr + 1, number.len - 1);
    }
    return number;
}

/* Zero when the numbers are not a key to be relied on. */
static unsigned
rsa_bits(struct tsec_span n, struct tsec_span e)
{
    if (n.len < RSA_BITS_MIN / 8 || n.len > RSA_BITS_MAX / 8 || e.len == 0 || e.len > RSA_E_MAX) {
        return 0;
    }

    unsigned bits = (unsigned)n.len * 8;

    for (unsigned top = n.ptr[0]; (top & 0x80) == 0; top <<= 1) {
        bits--;
    }

    const bool e_fits = (e.ptr[e.len - 1] & 1) != 0 && (e.len > 1 || e.ptr[0] >= 3);

    return bits >= RSA_BITS_MIN && (n.ptr[n.len - 1] & 1) != 0 && e_fits ? bits : 0;
}

static EVP_PKEY *
rsa_pkey(struct tsec_span n, struct tsec_span e)
{
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    BIGNUM *bn = BN_bin2bn(n.ptr, (int)n.len, NULL);
    BIGNUM *be = BN_bin2bn(e.ptr, (int)e.len, NULL);
    OSSL_PARAM *params = NULL;

    if (bld != NULL && bn != NULL && be != NULL
        && OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, bn) == 1
        && OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, be) == 1) {
        params = OSSL_PARAM_BLD_to_param(bld);
    }

    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *pkey = NULL;

    if (ctx != NULL && params != NULL && EVP_PKEY_fromdata_init(ctx) == 1) {
        (void)EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params);
    }
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(bld);
    BN_free(bn);
    BN_free(be);
    return pkey;
}

tsec_rc
tsec_pubkey_from_rsa(struct tsec_span n, struct tsec_span e, struct tsec_pubkey **out,
                     struct tsec_err *err)
{
    const struct tsec_span modulus = magnitude(n);
    const struct tsec_span exponent = magnitude(e);
    const unsigned bits = rsa_bits(modulus, exponent);

    if (bits == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "an RSA key of %zu bytes with an exponent of %zu bytes is not taken",
                         modulus.len, exponent.len);
    }
    return wrap(TSEC_PUBKEY_RSA, bits, rsa_pkey(modulus, exponent), out, err);
}

static tsec_rc
from_rsa_spki(struct tsec_span der, struct tsec_pubkey **out, struct tsec_err *err)
{
    const struct tsec_span algorithm = tsec_span(rsa_algorithm, sizeof(rsa_algorithm));
    struct tsec_span spki = { NULL, 0 };
    struct tsec_span bits = { NULL, 0 };
    struct tsec_span numbers = { NULL, 0 };
    struct tsec_span n = { NULL, 0 };
    struct tsec_span e = { NULL, 0 };

    if (!tsec_asn1_take(&der, ASN1_TAG_SEQUENCE, &spki) || der.len != 0
        || !tsec_span_starts(spki, algorithm)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "public key of an unknown kind or encoding");
    }
    spki = tsec_span(spki.ptr + algorithm.len, spki.len - algorithm.len);
    if (!tsec_asn1_take_bytes(&spki, &bits) || spki.len != 0
        || !tsec_asn1_take(&bits, ASN1_TAG_SEQUENCE, &numbers) || bits.len != 0
        || !tsec_asn1_take_magnitude(&numbers, &n) || !tsec_asn1_take_magnitude(&numbers, &e)
        || numbers.len != 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "RSA key that is not two numbers");
    }
    return tsec_pubkey_from_rsa(n, e, out, err);
}

tsec_rc
tsec_pubkey_from_spki(struct tsec_span der, struct tsec_pubkey **out, struct tsec_err *err)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(forms); i++) {
        const struct form *f = &forms[i];

        if (der.len == f->spki_len + f->raw_len
            && tsec_span_starts(der, tsec_span(f->spki, f->spki_len))) {
            return from_raw(f, tsec_span(der.ptr + f->spki_len, f->raw_len), out, err);
        }
    }
    return from_rsa_spki(der, out, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/core_names.h>

#include "crypto/asn1.h"
#include "crypto/asn1_put.h"
#include "crypto/pair_internal.h"

enum { SEED_LEN = 32, SIG_LEN = 64 };

static tsec_rc
read_point(struct tsec_pair *pair, struct tsec_err *err)
{
    size_t len = sizeof(pair->point);

    if (EVP_PKEY_get_raw_public_key(pair->pkey, pair->point, &len) != 1
        || len != pair->type->point_len) {
        return tsec_pair_failed(err, TSEC_E_INTERNAL, "public part of an Ed25519 key");
    }
    return TSEC_OK;
}

static tsec_rc
generate(struct tsec_pair *pair, struct tsec_err *err)
{
    pair->pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (pair->pkey == NULL) {
        return tsec_pair_failed(err, TSEC_E_INTERNAL, "Ed25519 key cannot be made");
    }
    return read_point(pair, err);
}

/* The library puts a seed it is given into ordinary memory, and the copy of a key into the locked
 * heap; what is freed is wiped in both. */
tsec_rc
tsec_pair_set_seed(struct tsec_pair *pair, const uint8_t seed[32], struct tsec_err *err)
{
    EVP_PKEY *given = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL, seed, SEED_LEN);

    pair->pkey = given == NULL ? NULL : EVP_PKEY_dup(given);
    EVP_PKEY_free(given);
    if (pair->pkey == NULL) {
        return tsec_pair_failed(err, TSEC_E_INTERNAL, "Ed25519 key cannot be made");
    }
    return read_point(pair, err);
}

/* RFC 8410 section 7: CurvePrivateKey is an OCTET STRING.  The public key is computed, never
 * believed. */
static tsec_rc
set_private(struct tsec_pair *pair, struct tsec_span key, struct tsec_span point, bool check,
            struct tsec_err *err)
{
    struct tsec_span seed = { NULL, 0 };

    (void)check;
    if (!tsec_asn1_take(&key, ASN1_TAG_OCTETS, &seed) || key.len != 0 || seed.len != SEED_LEN) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the Ed25519 private key is not a seed of 32 bytes");
    }
    TSEC_TRY(tsec_pair_set_seed(pair, seed.ptr, err));
    if (point.ptr != NULL && !tsec_span_equal(point, tsec_pair_point_span(pair))) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "the public key in the PKCS #8 key is not the private key's");
    }
    return TSEC_OK;
}

static tsec_rc
set_public(struct tsec_pair *pair, struct tsec_span key, struct tsec_err *err)
{
    if (key.len != pair->type->point_len) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "an Ed25519 public key of %zu bytes", key.len);
    }
    pair->pkey = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, key.ptr, key.len);
    if (pair->pkey == NULL) {
        return tsec_pair_failed(err, TSEC_E_INVALID, "not an Ed25519 public key");
    }
    memcpy(pair->point, key.ptr, key.len);
    return TSEC_OK;
}

static tsec_rc
put_private(const struct tsec_pair *pair, struct tsec_buf *out, struct tsec_err *err)
{
    uint8_t seed[SEED_LEN];
    size_t len = sizeof(seed);
    /* EVP_PKEY_get_raw_private_key() leaves a copy behind in memory that it frees. */
    const bool ok = EVP_PKEY_get_octet_string_param(pair->pkey, OSSL_PKEY_PARAM_PRIV_KEY, seed,
                                                    sizeof(seed), &len)
                        == 1
                    && len == sizeof(seed);

    if (ok) {
        tsec_asn1_put(out, ASN1_TAG_OCTETS, tsec_span(seed, sizeof(seed)));
    }
    explicit_bzero(seed, sizeof(seed));
    return ok ? tsec_buf_check(out, err)
              : tsec_pair_failed(err, TSEC_E_INTERNAL, "private part of an Ed25519 key");
}

static tsec_rc
put_public(const struct tsec_pair *pair, struct tsec_buf *out, struct tsec_err *err)
{
    tsec_buf_put_span(out, tsec_pair_point_span(pair));
    return tsec_buf_check(out, err);
}

static tsec_rc
put_traditional(const struct tsec_pair *pair, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf octets = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    struct tsec_span seed = { NULL, 0 };

    TSEC_TRY(put_private(pair, &octets, err));

    struct tsec_span rest = tsec_buf_span(&octets);

    if (!tsec_asn1_take(&rest, ASN1_TAG_OCTETS, &seed)) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "private part of an Ed25519 key");
    }
    tsec_buf_put_span(out, seed);
    tsec_buf_put_span(out, tsec_pair_point_span(pair));
    return tsec_buf_check(out, err);
}

/* ---- signing ---- */

static EVP_MD_CTX *
ready(const struct tsec_pair *pair, EVP_MD_CTX **slot, bool sign)
{
    if (*slot != NULL) {
        return *slot;
    }
    *slot = EVP_MD_CTX_new();
    if (*slot == NULL) {
        return NULL;
    }
    return (sign ? EVP_DigestSignInit_ex(*slot, NULL, NULL, NULL, NULL, pair->pkey, NULL)
                 : EVP_DigestVerifyInit_ex(*slot, NULL, NULL, NULL, NULL, pair->pkey, NULL))
                   == 1
               ? *slot
               : NULL;
}

static tsec_rc
sign(const struct tsec_pair *pair, const struct tsec_signing *how, struct tsec_span input,
     struct tsec_buf *sig, int *recovery_id, struct tsec_err *err)
{
    uint8_t raw[SIG_LEN];
    size_t len = sizeof(raw);
    struct tsec_pair_contexts *c = tsec_pair_take(pair);
    EVP_MD_CTX *md = c == NULL ? NULL : ready(pair, &c->md_sign, true);

    (void)how;
    *recovery_id = -1;
    if (md == NULL || EVP_DigestSign(md, raw, &len, input.ptr, input.len) != 1
        || len != sizeof(raw)) {
        tsec_pair_drop(c);
        return tsec_pair_failed(err, TSEC_E_INTERNAL, "Ed25519 signing");
    }
    tsec_pair_put(pair, c);
    tsec_buf_put(sig, raw, sizeof(raw));
    return TSEC_OK;
}

static tsec_rc
verify(const struct tsec_pair *pair, const struct tsec_signing *how, struct tsec_span input,
       struct tsec_span sig, struct tsec_err *err)
{
    (void)how;
    if (sig.len != SIG_LEN) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "an Ed25519 signature of %zu bytes", sig.len);
    }

    struct tsec_pair_contexts *c = tsec_pair_take(pair);
    EVP_MD_CTX *md = c == NULL ? NULL : ready(pair, &c->md_verify, false);

    if (md == NULL) {
        tsec_pair_drop(c);
        return tsec_pair_failed(err, TSEC_E_INTERNAL, "Ed25519 verification");
    }
    if (EVP_DigestVerify(md, sig.ptr, sig.len, input.ptr, input.len) != 1) {
        tsec_pair_drop(c);
        return tsec_pair_failed(err, TSEC_E_DENIED, "signature does not hold");
    }
    tsec_pair_put(pair, c);
    return TSEC_OK;
}

const struct tsec_pair_family tsec_family_ed25519 = {
    .generate = generate,
    .set_private = set_private,
    .set_public = set_public,
    .put_private = put_private,
    .put_public = put_public,
    .put_traditional = put_traditional,
    .sign = sign,
    .verify = verify,
};

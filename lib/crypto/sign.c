/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sign.h"

#include <openssl/bn.h>
#include <openssl/ec.h>

#include "crypto/internal.h"
#include "crypto/key_internal.h"

enum { DER_MAX = 2 * (KEY_PRIVATE_MAX + 3) + 3, RAW_MAX = 2 * KEY_PRIVATE_MAX };

/* ---- r ‖ s and DER ---- */

static bool
raw_from_der(const uint8_t *der, size_t len, size_t half, uint8_t *raw)
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
    const bool ok = sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), raw, (int)half) == (int)half
                    && BN_bn2binpad(ECDSA_SIG_get0_s(sig), raw + half, (int)half) == (int)half;

    ECDSA_SIG_free(sig);
    return ok;
}

/* Zero when that failed. */
static size_t
der_from_raw(const uint8_t *raw, size_t half, uint8_t der[DER_MAX])
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, (int)half, NULL);
    BIGNUM *s = BN_bin2bn(raw + half, (int)half, NULL);
    int len = 0;

    if (sig == NULL || r == NULL || s == NULL) {
        BN_free(r);
        BN_free(s);
    } else if (ECDSA_SIG_set0(sig, r, s) == 1 && i2d_ECDSA_SIG(sig, NULL) <= DER_MAX) {
        len = i2d_ECDSA_SIG(sig, &der);
    }
    ECDSA_SIG_free(sig);
    return len < 0 ? 0 : (size_t)len;
}

/* ---- signing ---- */

static tsec_rc
ecdsa_sign(const struct tsec_key *key, enum tsec_hash hash, struct tsec_span message,
           struct tsec_buf *out, struct tsec_err *err)
{
    const size_t half = key->form->private_len;
    uint8_t digest[TSEC_SHA512_LEN];
    uint8_t der[DER_MAX];
    uint8_t raw[RAW_MAX];
    size_t len = sizeof(der);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);

    tsec_hash_parts(hash, &message, 1, digest);

    const bool ok = ctx != NULL && EVP_PKEY_sign_init(ctx) == 1
                    && EVP_PKEY_sign(ctx, der, &len, digest, tsec_hash_len(hash)) == 1
                    && raw_from_der(der, len, half, raw);

    EVP_PKEY_CTX_free(ctx);
    if (!ok) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "ECDSA signing");
    }
    tsec_buf_put(out, raw, 2 * half);
    return tsec_buf_check(out, err);
}

static tsec_rc
ed25519_sign(const struct tsec_key *key, struct tsec_span message, struct tsec_buf *out,
             struct tsec_err *err)
{
    uint8_t sig[TSEC_ED25519_SIG_LEN];
    size_t len = sizeof(sig);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const bool ok =
        ctx != NULL && EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, key->pkey, NULL) == 1
        && EVP_DigestSign(ctx, sig, &len, message.ptr, message.len) == 1 && len == sizeof(sig);

    EVP_MD_CTX_free(ctx);
    if (!ok) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "Ed25519 signing");
    }
    tsec_buf_put(out, sig, sizeof(sig));
    return tsec_buf_check(out, err);
}

static bool
known_hash(enum tsec_hash hash)
{
    return hash >= TSEC_SHA224 && hash <= TSEC_SHA512;
}

tsec_rc
tsec_sign(const struct tsec_key *key, enum tsec_hash hash, struct tsec_span message,
          struct tsec_buf *sig, struct tsec_err *err)
{
    if (!key->is_private) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "no private key to sign with");
    }
    if (key->form->kind == TSEC_KEY_ED25519) {
        return ed25519_sign(key, message, sig, err);
    }
    if (!tsec_key_is_ec(key) || !known_hash(hash)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "this key does not sign, or not with this hash");
    }
    return ecdsa_sign(key, hash, message, sig, err);
}

/* ---- verifying ---- */

static bool
ecdsa_holds(const struct tsec_key *key, enum tsec_hash hash, struct tsec_span message,
            struct tsec_span sig)
{
    const size_t half = key->form->private_len;
    uint8_t digest[TSEC_SHA512_LEN];
    uint8_t der[DER_MAX];
    size_t len = 0;

    if (sig.len != 2 * half || (len = der_from_raw(sig.ptr, half, der)) == 0) {
        return false;
    }

    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);

    tsec_hash_parts(hash, &message, 1, digest);

    const bool ok = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1
                    && EVP_PKEY_verify(ctx, der, len, digest, tsec_hash_len(hash)) == 1;

    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static bool
ed25519_holds(const struct tsec_key *key, struct tsec_span message, struct tsec_span sig)
{
    if (sig.len != TSEC_ED25519_SIG_LEN) {
        return false;
    }

    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const bool ok = ctx != NULL
                    && EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, key->pkey, NULL) == 1
                    && EVP_DigestVerify(ctx, sig.ptr, sig.len, message.ptr, message.len) == 1;

    EVP_MD_CTX_free(ctx);
    return ok;
}

tsec_rc
tsec_verify(const struct tsec_key *key, enum tsec_hash hash, struct tsec_span message,
            struct tsec_span sig, struct tsec_err *err)
{
    bool holds = false;

    if (key->form->kind == TSEC_KEY_ED25519) {
        holds = ed25519_holds(key, message, sig);
    } else if (tsec_key_is_ec(key) && known_hash(hash)) {
        holds = ecdsa_holds(key, hash, message, sig);
    } else {
        return TSEC_FAIL(err, TSEC_E_INVALID, "this key does not verify, or not with this hash");
    }
    return holds ? TSEC_OK : TSEC_FAIL(err, TSEC_E_DENIED, "signature does not hold");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chacha.h"

#include "crypto/internal.h"

enum { INPUT_MAX = 1 << 30 };

static bool
seal(EVP_CIPHER_CTX *ctx, const uint8_t *key, const uint8_t *nonce, struct tsec_span plain,
     uint8_t *out)
{
    int n = 0;

    return ctx != NULL
           && EVP_EncryptInit_ex2(ctx, tsec_algs()->chacha20_poly1305, key, nonce, NULL) == 1
           && (plain.len == 0 || EVP_EncryptUpdate(ctx, out, &n, plain.ptr, (int)plain.len) == 1)
           && EVP_EncryptFinal_ex(ctx, out + plain.len, &n) == 1
           && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TSEC_CHACHA_TAG_LEN, out + plain.len)
                  == 1;
}

tsec_rc
tsec_chacha_seal(const uint8_t key[TSEC_CHACHA_KEY_LEN], const uint8_t nonce[TSEC_CHACHA_NONCE_LEN],
                 struct tsec_span plain, uint8_t *out, struct tsec_err *err)
{
    if (plain.len > INPUT_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "seal of %zu bytes", plain.len);
    }

    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    const bool ok = seal(ctx, key, nonce, plain, out);

    EVP_CIPHER_CTX_free(ctx);
    return ok ? TSEC_OK : TSEC_FAIL(err, TSEC_E_INTERNAL, "ChaCha20-Poly1305 seal");
}

static bool
open_with(EVP_CIPHER_CTX *ctx, const uint8_t *key, const uint8_t *nonce, struct tsec_span cipher,
          uint8_t *out)
{
    uint8_t tag[TSEC_CHACHA_TAG_LEN];
    uint8_t none[16];
    int n = 0;

    memcpy(tag, cipher.ptr + cipher.len, sizeof(tag));
    return ctx != NULL
           && EVP_DecryptInit_ex2(ctx, tsec_algs()->chacha20_poly1305, key, nonce, NULL) == 1
           && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) == 1
           && (cipher.len == 0 || EVP_DecryptUpdate(ctx, out, &n, cipher.ptr, (int)cipher.len) == 1)
           && EVP_DecryptFinal_ex(ctx, none, &n) == 1;
}

tsec_rc
tsec_chacha_open(const uint8_t key[TSEC_CHACHA_KEY_LEN], const uint8_t nonce[TSEC_CHACHA_NONCE_LEN],
                 struct tsec_span sealed, uint8_t *out, struct tsec_err *err)
{
    if (sealed.len < TSEC_CHACHA_TAG_LEN || sealed.len > INPUT_MAX) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "sealed text of %zu bytes", sealed.len);
    }

    const struct tsec_span cipher = { sealed.ptr, sealed.len - TSEC_CHACHA_TAG_LEN };
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    const bool ok = open_with(ctx, key, nonce, cipher, out);

    EVP_CIPHER_CTX_free(ctx);
    if (!ok && cipher.len > 0) {
        explicit_bzero(out, cipher.len);
    }
    return ok ? TSEC_OK : TSEC_FAIL(err, TSEC_E_TAMPERED, "does not authenticate");
}

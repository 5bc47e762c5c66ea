/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/keywrap.h"

#include "crypto/internal.h"

/* RFC 5649: whole blocks of eight bytes, and one more that holds the length and a constant. */
enum { BLOCK = 8, PLAIN_MAX = 65536, WRAPPED_MIN = 2 * BLOCK, WRAPPED_MAX = PLAIN_MAX + BLOCK };

static EVP_CIPHER_CTX *
context(const EVP_CIPHER *cipher, const uint8_t *key, bool wrapping)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

    if (ctx == NULL) {
        return NULL;
    }
    EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    if (EVP_CipherInit_ex2(ctx, cipher, key, NULL, wrapping, NULL) != 1) {
        EVP_CIPHER_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

tsec_rc
tsec_kwp_wrap(const uint8_t key[TSEC_KWP_KEY_LEN], struct tsec_span plain, struct tsec_buf *out,
              struct tsec_err *err)
{
    if (plain.len == 0 || plain.len > PLAIN_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a key of %zu bytes cannot be wrapped", plain.len);
    }

    const size_t start = out->len;
    const size_t len = (plain.len + BLOCK - 1) / BLOCK * BLOCK + BLOCK;
    uint8_t *wrapped = tsec_buf_extend(out, len);

    if (wrapped == NULL) {
        return tsec_buf_check(out, err);
    }

    EVP_CIPHER_CTX *ctx = context(tsec_algs()->aes_256_kwp, key, true);
    int n = 0;
    const bool ok = ctx != NULL
                    && EVP_CipherUpdate(ctx, wrapped, &n, plain.ptr, (int)plain.len) == 1
                    && (size_t)n == len;

    EVP_CIPHER_CTX_free(ctx); /* clears the schedule */
    if (!ok) {
        tsec_buf_truncate(out, start);
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "key wrap");
    }
    return TSEC_OK;
}

tsec_rc
tsec_kwp_unwrap(const uint8_t key[TSEC_KWP_KEY_LEN], struct tsec_span wrapped, struct tsec_buf *out,
                struct tsec_err *err)
{
    if (wrapped.len < WRAPPED_MIN || wrapped.len > WRAPPED_MAX || wrapped.len % BLOCK != 0) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a wrapped key of %zu bytes", wrapped.len);
    }

    const size_t start = out->len;
    uint8_t *plain = tsec_buf_extend(out, wrapped.len); /* the library writes padding too */

    if (plain == NULL) {
        return tsec_buf_check(out, err);
    }

    EVP_CIPHER_CTX *ctx = context(tsec_algs()->aes_256_kwp, key, false);

    if (ctx == NULL) {
        tsec_buf_truncate(out, start);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "key unwrap");
    }

    int n = 0;
    const bool ok = EVP_CipherUpdate(ctx, plain, &n, wrapped.ptr, (int)wrapped.len) == 1 && n > 0;

    EVP_CIPHER_CTX_free(ctx);
    tsec_buf_truncate(out, ok ? start + (size_t)n : start);
    return ok ? TSEC_OK : TSEC_FAIL(err, TSEC_E_TAMPERED, "not wrapped under this key");
}

/* ---- RFC 3394 ---- */

tsec_rc
tsec_kw_wrap(const uint8_t key[TSEC_KW_KEY_LEN], const uint8_t plain[TSEC_KW_KEY_LEN],
             uint8_t wrapped[TSEC_KW_WRAPPED_LEN], struct tsec_err *err)
{
    EVP_CIPHER_CTX *ctx = context(tsec_algs()->aes_256_kw, key, true);
    int n = 0;
    const bool ok = ctx != NULL && EVP_CipherUpdate(ctx, wrapped, &n, plain, TSEC_KW_KEY_LEN) == 1
                    && n == TSEC_KW_WRAPPED_LEN;

    EVP_CIPHER_CTX_free(ctx);
    return ok ? TSEC_OK : TSEC_FAIL(err, TSEC_E_INTERNAL, "key wrap");
}

tsec_rc
tsec_kw_unwrap(const uint8_t key[TSEC_KW_KEY_LEN], struct tsec_span wrapped,
               uint8_t plain[TSEC_KW_KEY_LEN], struct tsec_err *err)
{
    uint8_t room[TSEC_KW_WRAPPED_LEN]; /* the library writes more than it gives */

    if (wrapped.len != TSEC_KW_WRAPPED_LEN) {
        memset(plain, 0, TSEC_KW_KEY_LEN);
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "a wrapped key of %zu bytes", wrapped.len);
    }

    EVP_CIPHER_CTX *ctx = context(tsec_algs()->aes_256_kw, key, false);
    int n = 0;
    const bool ok = ctx != NULL
                    && EVP_CipherUpdate(ctx, room, &n, wrapped.ptr, (int)wrapped.len) == 1
                    && n == TSEC_KW_KEY_LEN;

    EVP_CIPHER_CTX_free(ctx);
    memset(plain, 0, TSEC_KW_KEY_LEN);
    if (ok) {
        memcpy(plain, room, TSEC_KW_KEY_LEN);
    }
    explicit_bzero(room, sizeof(room));
    return ok ? TSEC_OK : TSEC_FAIL(err, TSEC_E_TAMPERED, "not wrapped under this key");
}

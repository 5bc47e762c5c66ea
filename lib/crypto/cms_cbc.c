/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cms_internal.h"

#include <limits.h>

#include "crypto/internal.h"

static bool
run(bool encrypting, const uint8_t *key, const uint8_t *iv, struct tsec_span in, uint8_t *out,
    size_t *len)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n = 0;
    int last = 0;
    const bool ok =
        ctx != NULL
        && EVP_CipherInit_ex2(ctx, tsec_algs()->aes_256_cbc, key, iv, encrypting, NULL) == 1
        && EVP_CipherUpdate(ctx, out, &n, in.ptr, (int)in.len) == 1
        && EVP_CipherFinal_ex(ctx, out + n, &last) == 1;

    EVP_CIPHER_CTX_free(ctx); /* clears the schedule, and the block it held back */
    *len = ok ? (size_t)n + (size_t)last : 0;
    return ok;
}

tsec_rc
tsec_cms_cbc_encrypt(const uint8_t key[CMS_CEK_LEN], const uint8_t iv[CMS_BLOCK],
                     struct tsec_span plain, struct tsec_buf *out, struct tsec_err *err)
{
    const size_t start = out->len;
    size_t len = 0;

    if (plain.len > INT_MAX - CMS_BLOCK) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "%zu bytes to encrypt", plain.len);
    }

    uint8_t *sealed = tsec_buf_extend(out, plain.len + CMS_BLOCK);

    if (sealed == NULL) {
        return tsec_buf_check(out, err);
    }

    const bool ok = run(true, key, iv, plain, sealed, &len);

    tsec_buf_truncate(out, start + len);
    return ok ? TSEC_OK : TSEC_FAIL(err, TSEC_E_INTERNAL, "AES-256-CBC");
}

tsec_rc
tsec_cms_cbc_decrypt(const uint8_t key[CMS_CEK_LEN], const uint8_t iv[CMS_BLOCK],
                     struct tsec_span sealed, struct tsec_buf *out, struct tsec_err *err)
{
    const size_t start = out->len;
    size_t len = 0;

    if (sealed.len == 0 || sealed.len % CMS_BLOCK != 0 || sealed.len > INT_MAX - CMS_BLOCK) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "%zu bytes of AES-256-CBC", sealed.len);
    }

    uint8_t *plain = tsec_buf_extend(out, sealed.len + CMS_BLOCK);

    if (plain == NULL) {
        return tsec_buf_check(out, err);
    }

    const bool ok = run(false, key, iv, sealed, plain, &len);

    tsec_buf_truncate(out, start + len);
    return ok ? TSEC_OK : TSEC_FAIL(err, TSEC_E_TAMPERED, "does not decrypt");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "crypto/internal.h"
#include "crypto/pair_internal.h"

/* RSAES-OAEP (RFC 8017 section 7.1), MGF1 with the same hash. */

enum { LABEL_MAX = 64 * 1024 };

static tsec_rc
check(const struct tsec_pair *pair, enum tsec_hash hash, struct tsec_span label,
      struct tsec_err *err)
{
    if (!tsec_pair_kind_is_rsa(pair->type->kind)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "an %s key does not encrypt", pair->type->name);
    }
    if (!tsec_hash_is(hash)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "RSA-OAEP with hash %d", (int)hash);
    }
    if (label.len > LABEL_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "an RSA-OAEP label of %zu bytes", label.len);
    }
    return TSEC_OK;
}

static bool
set_up(EVP_PKEY_CTX *ctx, enum tsec_hash hash, struct tsec_span label, bool encrypting)
{
    char *md = (char *)(uintptr_t)EVP_MD_get0_name(tsec_algs()->md[hash]);
    char mode[] = OSSL_PKEY_RSA_PAD_MODE_OAEP;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_PAD_MODE, mode, 0),
        OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, md, 0),
        OSSL_PARAM_construct_utf8_string(OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, md, 0),
        OSSL_PARAM_construct_end(),
        OSSL_PARAM_construct_end(),
    };

    if (label.len > 0) {
        params[3] = OSSL_PARAM_construct_octet_string(OSSL_ASYM_CIPHER_PARAM_OAEP_LABEL,
                                                      (void *)(uintptr_t)label.ptr, label.len);
    }
    return ctx != NULL
           && (encrypting ? EVP_PKEY_encrypt_init_ex(ctx, params)
                          : EVP_PKEY_decrypt_init_ex(ctx, params))
                  == 1;
}

tsec_rc
tsec_pair_encrypt(const struct tsec_pair *pair, enum tsec_hash hash, struct tsec_span label,
                  struct tsec_span plain, struct tsec_buf *out, struct tsec_err *err)
{
    uint8_t sealed[TSEC_PAIR_SIG_MAX];
    size_t len = sizeof(sealed);

    TSEC_TRY(check(pair, hash, label, err));

    const size_t most = pair->type->half - 2 * tsec_hash_len(hash) - 2;

    if (plain.len > most) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%zu bytes to encrypt, where at most %zu fit",
                         plain.len, most);
    }

    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pair->pkey, NULL);
    const bool ok = set_up(ctx, hash, label, true)
                    && EVP_PKEY_encrypt(ctx, sealed, &len, plain.ptr, plain.len) == 1;

    EVP_PKEY_CTX_free(ctx);
    if (!ok) {
        return tsec_pair_failed(err, TSEC_E_INTERNAL, "RSA encryption");
    }
    tsec_buf_put(out, sealed, len);
    return tsec_buf_check(out, err);
}

tsec_rc
tsec_pair_decrypt(const struct tsec_pair *pair, enum tsec_hash hash, struct tsec_span label,
                  struct tsec_span sealed, struct tsec_buf *out, struct tsec_err *err)
{
    uint8_t plain[TSEC_PAIR_SIG_MAX];
    size_t len = sizeof(plain);

    TSEC_TRY(check(pair, hash, label, err));
    if (!pair->is_private) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "this %s key is a public key only", pair->type->name);
    }

    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pair->pkey, NULL);
    const bool ready = set_up(ctx, hash, label, false);
    const bool opened = ready && sealed.len == pair->type->half
                        && EVP_PKEY_decrypt(ctx, plain, &len, sealed.ptr, sealed.len) == 1;

    EVP_PKEY_CTX_free(ctx);
    if (opened) {
        tsec_buf_put(out, plain, len);
    }
    explicit_bzero(plain, sizeof(plain));
    if (!ready) {
        return tsec_pair_failed(err, TSEC_E_INTERNAL, "RSA decryption");
    }
    /* The library's reason tells what of the padding was wrong: nobody is to learn it. */
    ERR_clear_error();
    return opened ? tsec_buf_check(out, err) : TSEC_FAIL(err, TSEC_E_TAMPERED, "does not decrypt");
}

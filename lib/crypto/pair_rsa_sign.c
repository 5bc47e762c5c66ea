/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/rsa.h>

#include "crypto/internal.h"
#include "crypto/pair_rsa.h"

enum { PKCS1_OVERHEAD = 11, RSA_LEN_MAX = TSEC_PAIR_SIG_MAX };

/* ---- what is asked for ---- */

/* PKCS #1 v1.5 over bytes that the caller has encoded: nothing is hashed. */
static tsec_rc
check_unhashed(const struct tsec_pair *pair, const struct tsec_signing *how, struct tsec_span input,
               struct tsec_err *err)
{
    if (how->scheme != TSEC_SCHEME_PKCS1 || !how->prehashed) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "without a hash algorithm there is only PKCS #1 v1.5 of prehashed input");
    }
    if (input.len > pair->type->half - PKCS1_OVERHEAD) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "%zu bytes do not fit into a signature of %s",
                         input.len, pair->type->name);
    }
    return TSEC_OK;
}

static tsec_rc
check_salt(const struct tsec_pair *pair, const struct tsec_signing *how, struct tsec_err *err)
{
    const size_t most = pair->type->half - tsec_hash_len(how->hash) - 2;

    if (how->salt_len < TSEC_SALT_HASH || (how->salt_len > 0 && (size_t)how->salt_len > most)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a salt of %d bytes, where at most %zu fit",
                         how->salt_len, most);
    }
    return TSEC_OK;
}

static tsec_rc
prepare_input(const struct tsec_pair *pair, const struct tsec_signing *how, struct tsec_span *input,
              uint8_t *digest, struct tsec_err *err)
{
    if ((int)how->hash == TSEC_HASH_NONE) {
        return check_unhashed(pair, how, *input, err);
    }
    TSEC_TRY(tsec_pair_digest(how, *input, digest, input, err));
    return how->scheme == TSEC_SCHEME_PSS ? check_salt(pair, how, err) : TSEC_OK;
}

/* ---- the library's context ---- */

static int
salt_of(const struct tsec_signing *how, bool signing)
{
    switch (how->salt_len) {
    case TSEC_SALT_AUTO:
        return signing ? RSA_PSS_SALTLEN_MAX : RSA_PSS_SALTLEN_AUTO;
    case TSEC_SALT_HASH:
        return RSA_PSS_SALTLEN_DIGEST;
    default:
        return how->salt_len;
    }
}

/* MGF1 takes the signature's hash unless told otherwise. */
static bool
set_up(EVP_PKEY_CTX *ctx, const struct tsec_signing *how, bool signing)
{
    const EVP_MD *md = (int)how->hash == TSEC_HASH_NONE ? NULL : tsec_algs()->md[how->hash];

    if (ctx == NULL || (signing ? EVP_PKEY_sign_init(ctx) : EVP_PKEY_verify_init(ctx)) != 1) {
        return false;
    }
    if (how->scheme == TSEC_SCHEME_PKCS1) {
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1
               && (md == NULL || EVP_PKEY_CTX_set_signature_md(ctx, md) == 1);
    }
    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1
           && EVP_PKEY_CTX_set_signature_md(ctx, md) == 1
           && EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, salt_of(how, signing)) == 1;
}

static bool
is_same(const struct tsec_signing *a, const struct tsec_signing *b)
{
    return a->hash == b->hash && a->scheme == b->scheme && a->salt_len == b->salt_len;
}

/* Setting one up takes a fifth of a verification; most callers of a key want the same again. */
static EVP_PKEY_CTX *
ready(const struct tsec_pair *pair, struct tsec_pair_contexts *c, const struct tsec_signing *how,
      bool signing)
{
    EVP_PKEY_CTX **ctx = signing ? &c->sign : &c->verify;
    struct tsec_signing *set_for = signing ? &c->sign_how : &c->verify_how;

    if (*ctx != NULL && is_same(set_for, how)) {
        return *ctx;
    }
    EVP_PKEY_CTX_free(*ctx);
    *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pair->pkey, NULL);
    *set_for = *how;
    return set_up(*ctx, how, signing) ? *ctx : NULL;
}

tsec_rc
tsec_rsa_sign(const struct tsec_pair *pair, const struct tsec_signing *how, struct tsec_span input,
              struct tsec_buf *sig, int *recovery_id, struct tsec_err *err)
{
    uint8_t digest[PAIR_DIGEST_MAX];
    uint8_t raw[RSA_LEN_MAX];
    size_t len = sizeof(raw);

    *recovery_id = -1;
    TSEC_TRY(prepare_input(pair, how, &input, digest, err));

    struct tsec_pair_contexts *c = tsec_pair_take(pair);
    EVP_PKEY_CTX *ctx = c == NULL ? NULL : ready(pair, c, how, true);

    if (ctx == NULL || EVP_PKEY_sign(ctx, raw, &len, input.ptr, input.len) != 1) {
        tsec_pair_drop(c);
        return tsec_pair_failed(err, TSEC_E_INTERNAL, "RSA signing");
    }
    tsec_pair_put(pair, c);
    tsec_buf_put(sig, raw, len);
    return tsec_buf_check(sig, err);
}

tsec_rc
tsec_rsa_verify(const struct tsec_pair *pair, const struct tsec_signing *how,
                struct tsec_span input, struct tsec_span sig, struct tsec_err *err)
{
    uint8_t digest[PAIR_DIGEST_MAX];

    TSEC_TRY(prepare_input(pair, how, &input, digest, err));
    if (sig.len != pair->type->half) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "a signature of %zu bytes, where %s has %zu", sig.len,
                         pair->type->name, pair->type->half);
    }

    struct tsec_pair_contexts *c = tsec_pair_take(pair);
    EVP_PKEY_CTX *ctx = c == NULL ? NULL : ready(pair, c, how, false);

    if (ctx == NULL) {
        tsec_pair_drop(c);
        return tsec_pair_failed(err, TSEC_E_INTERNAL, "RSA verification");
    }
    if (EVP_PKEY_verify(ctx, sig.ptr, sig.len, input.ptr, input.len) != 1) {
        tsec_pair_drop(c);
        return tsec_pair_failed(err, TSEC_E_DENIED, "signature does not hold");
    }
    tsec_pair_put(pair, c);
    return TSEC_OK;
}

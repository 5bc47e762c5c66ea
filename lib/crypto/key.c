/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#include "crypto/internal.h"
#include "crypto/key_internal.h"

void
tsec_key_free(struct tsec_key *key)
{
    if (key != NULL) {
        EVP_PKEY_free(key->pkey); /* clears the private part */
        free(key);
    }
}

tsec_rc
tsec_key_share(const struct tsec_key *key, struct tsec_key **out, struct tsec_err *err)
{
    struct tsec_key *shared = malloc(sizeof(*shared));

    if (shared == NULL || EVP_PKEY_up_ref(key->pkey) != 1) {
        free(shared);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "key");
    }
    *shared = *key;
    *out = shared;
    return TSEC_OK;
}

enum tsec_key_kind
tsec_key_kind_of(const struct tsec_key *key)
{
    return key->form->kind;
}

static bool
read_public(struct tsec_key *key)
{
    size_t len = 0;

    if (!tsec_key_is_ec(key)) {
        len = sizeof(key->public_key);
        return EVP_PKEY_get_raw_public_key(key->pkey, key->public_key, &len) == 1
               && len == key->form->public_len;
    }
    return EVP_PKEY_get_octet_string_param(key->pkey, OSSL_PKEY_PARAM_PUB_KEY, key->public_key,
                                           sizeof(key->public_key), &len)
               == 1
           && len == key->form->public_len && key->public_key[0] == 0x04;
}

/* Takes `pkey`, which may be NULL: then the making of it failed. */
static tsec_rc
wrap(const struct tsec_key_form *form, EVP_PKEY *pkey, bool is_private, struct tsec_key **out,
     struct tsec_err *err)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *k = NULL;

    if (pkey == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "not a key of kind %s",
                         form->group != NULL ? form->group : form->name);
    }
    k = calloc(1, sizeof(*k));
    if (k == NULL) {
        EVP_PKEY_free(pkey);
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "key");
    }
    k->form = form;
    k->pkey = pkey;
    k->is_private = is_private;
    if (!read_public(k)) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "public part of a key");
    }
    *out = TSEC_TAKE(k);
    return TSEC_OK;
}

static EVP_PKEY *
ec_from_data(const struct tsec_key_form *form, const OSSL_PARAM *params, int selection)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, form->name, NULL);
    EVP_PKEY *pkey = NULL;

    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1
        || EVP_PKEY_fromdata(ctx, &pkey, selection, (OSSL_PARAM *)(uintptr_t)params) != 1) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

/* On the curve by construction: the decoding of a point checks its equation, and the cofactor of
 * both curves is 1. */
static EVP_PKEY *
ec_public(const struct tsec_key_form *form, const uint8_t *point)
{
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)form->group,
                                         0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)point,
                                          form->public_len),
        OSSL_PARAM_construct_end()
    };

    return point[0] == 0x04 ? ec_from_data(form, params, EVP_PKEY_PUBLIC_KEY) : NULL;
}

/* The public point of a scalar in 1..n-1. */
static bool
ec_point_of(const struct tsec_key_form *form, const BIGNUM *scalar, uint8_t *point)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(form->curve);
    EC_POINT *p = group == NULL ? NULL : EC_POINT_new(group);
    const bool ok = p != NULL && !BN_is_zero(scalar)
                    && BN_ucmp(scalar, EC_GROUP_get0_order(group)) < 0
                    && EC_POINT_mul(group, p, scalar, NULL, NULL, NULL) == 1
                    && EC_POINT_point2oct(group, p, POINT_CONVERSION_UNCOMPRESSED, point,
                                          form->public_len, NULL)
                           == form->public_len;

    EC_POINT_free(p);
    EC_GROUP_free(group);
    return ok;
}

static EVP_PKEY *
ec_private(const struct tsec_key_form *form, const uint8_t *raw)
{
    uint8_t point[KEY_PUBLIC_MAX];
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *scalar = BN_secure_new();
    OSSL_PARAM *params = NULL;
    EVP_PKEY *pkey = NULL;

    if (build != NULL && scalar != NULL && BN_bin2bn(raw, (int)form->private_len, scalar) != NULL) {
        BN_set_flags(scalar, BN_FLG_CONSTTIME);
        if (ec_point_of(form, scalar, point)
            && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, form->group, 0)
                   == 1
            && OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point,
                                                form->public_len)
                   == 1
            && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1
            && (params = OSSL_PARAM_BLD_to_param(build)) != NULL) {
            pkey = ec_from_data(form, params, EVP_PKEY_KEYPAIR);
        }
    }
    OSSL_PARAM_free(params); /* clears what came from the secure BIGNUM */
    OSSL_PARAM_BLD_free(build);
    BN_clear_free(scalar);
    return pkey;
}

tsec_rc
tsec_key_generate(enum tsec_key_kind kind, struct tsec_key **out, struct tsec_err *err)
{
    const struct tsec_key_form *form = tsec_key_form(kind);

    if (form == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "key of kind %d", (int)kind);
    }
    return wrap(form,
                form->group == NULL ? EVP_PKEY_Q_keygen(NULL, NULL, form->name)
                                    : EVP_PKEY_Q_keygen(NULL, NULL, form->name, form->group),
                true, out, err);
}

tsec_rc
tsec_key_from_private(enum tsec_key_kind kind, struct tsec_span raw, struct tsec_key **out,
                      struct tsec_err *err)
{
    const struct tsec_key_form *form = tsec_key_form(kind);

    if (form == NULL || raw.len != form->private_len) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "private key of %zu bytes", raw.len);
    }
    return wrap(form,
                form->group != NULL
                    ? ec_private(form, raw.ptr)
                    : EVP_PKEY_new_raw_private_key_ex(NULL, form->name, NULL, raw.ptr, raw.len),
                true, out, err);
}

tsec_rc
tsec_key_from_public(enum tsec_key_kind kind, struct tsec_span raw, struct tsec_key **out,
                     struct tsec_err *err)
{
    const struct tsec_key_form *form = tsec_key_form(kind);

    if (form == NULL || raw.len != form->public_len) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "public key of %zu bytes", raw.len);
    }
    return wrap(form,
                form->group != NULL
                    ? ec_public(form, raw.ptr)
                    : EVP_PKEY_new_raw_public_key_ex(NULL, form->name, NULL, raw.ptr, raw.len),
                false, out, err);
}

tsec_rc
tsec_key_public(const struct tsec_key *key, struct tsec_buf *out, struct tsec_err *err)
{
    tsec_buf_put(out, key->public_key, key->form->public_len);
    return tsec_buf_check(out, err);
}

static bool
read_private(const struct tsec_key *key, uint8_t raw[KEY_PRIVATE_MAX])
{
    const int want = (int)key->form->private_len;
    size_t len = KEY_PRIVATE_MAX;
    BIGNUM *scalar = NULL;

    if (!tsec_key_is_ec(key)) {
        /* EVP_PKEY_get_raw_private_key() leaves a copy behind in memory that it frees. */
        return EVP_PKEY_get_octet_string_param(key->pkey, OSSL_PKEY_PARAM_PRIV_KEY, raw, len, &len)
                   == 1
               && len == (size_t)want;
    }

    const bool ok = EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &scalar) == 1
                    && BN_bn2binpad(scalar, raw, want) == want;

    BN_clear_free(scalar);
    return ok;
}

tsec_rc
tsec_key_private(const struct tsec_key *key, struct tsec_buf *out, struct tsec_err *err)
{
    uint8_t raw[KEY_PRIVATE_MAX];
    const bool ok = key->is_private && read_private(key, raw);

    if (ok) {
        tsec_buf_put(out, raw, key->form->private_len);
    }
    explicit_bzero(raw, sizeof(raw));
    return ok ? tsec_buf_check(out, err) : TSEC_FAIL(err, TSEC_E_INVALID, "no private key");
}

tsec_rc
tsec_key_pem(const struct tsec_key *key, struct tsec_buf *out, struct tsec_err *err)
{
    BIO *bio = key->is_private ? BIO_new(BIO_s_secmem()) : NULL; /* cleared when freed */
    char *text = NULL;
    const bool ok =
        bio != NULL
        && PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) == 1;
    const long len = ok ? BIO_get_mem_data(bio, &text) : 0;

    if (len > 0) {
        tsec_buf_put(out, text, (size_t)len);
    }
    BIO_free(bio);
    return len > 0 ? tsec_buf_check(out, err) : TSEC_FAIL(err, TSEC_E_INVALID, "no private key");
}

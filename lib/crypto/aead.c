/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/aead.h"

#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "crypto/internal.h"
#include "crypto/slots.h"

enum { INPUT_MAX = 1 << 30 };

struct contexts {
    EVP_CIPHER_CTX *text;
    EVP_CIPHER_CTX *ecb; /* XAES: derives the key of a message */
};

static const struct form {
    uint8_t key_len;
    uint8_t nonce_len;
} forms[] = {
    [TSEC_AES_256_GCM] = { 32, TSEC_GCM_NONCE_LEN },
    [TSEC_XAES_256_GCM] = { 32, TSEC_XAES_NONCE_LEN },
    [TSEC_AES_128_GCM] = { 16, TSEC_GCM_NONCE_LEN },
    [TSEC_CHACHA20_POLY1305] = { 32, TSEC_GCM_NONCE_LEN },
};

struct tsec_aead_key {
    enum tsec_aead alg;
    uint8_t key[TSEC_AEAD_KEY_LEN];
    uint8_t k1[16];          /* XAES: the CMAC subkey */
    struct tsec_slots *idle; /* of struct contexts */
};

size_t
tsec_aead_key_len(enum tsec_aead alg)
{
    return (size_t)alg < TSEC_ARRAY_LEN(forms) ? forms[alg].key_len : 0;
}

size_t
tsec_aead_nonce_len(enum tsec_aead alg)
{
    return (size_t)alg < TSEC_ARRAY_LEN(forms) ? forms[alg].nonce_len : 0;
}

static void
contexts_free(void *idle)
{
    struct contexts *c = idle;

    if (c != NULL) {
        EVP_CIPHER_CTX_free(c->text); /* clears the schedule */
        EVP_CIPHER_CTX_free(c->ecb);
        free(c);
    }
}

static const EVP_CIPHER *
cipher_of(enum tsec_aead alg)
{
    const struct tsec_algs *algs = tsec_algs();

    if (alg == TSEC_CHACHA20_POLY1305) {
        return algs->chacha20_poly1305;
    }
    return alg == TSEC_AES_128_GCM ? algs->aes_128_gcm : algs->aes_256_gcm;
}

static bool
contexts_key(struct contexts *c, enum tsec_aead alg, const uint8_t *key)
{
    if (c->text == NULL || (alg == TSEC_XAES_256_GCM && c->ecb == NULL)) {
        return false;
    }
    if (alg != TSEC_XAES_256_GCM) {
        return EVP_EncryptInit_ex2(c->text, cipher_of(alg), key, NULL, NULL) == 1;
    }
    return EVP_EncryptInit_ex2(c->text, cipher_of(alg), NULL, NULL, NULL) == 1
           && EVP_EncryptInit_ex2(c->ecb, tsec_algs()->aes_256_ecb, key, NULL, NULL) == 1
           && EVP_CIPHER_CTX_set_padding(c->ecb, 0) == 1;
}

static struct contexts *
contexts_new(enum tsec_aead alg, const uint8_t *key)
{
    struct contexts *c = calloc(1, sizeof(*c));

    if (c == NULL) {
        return NULL;
    }
    c->text = EVP_CIPHER_CTX_new();
    c->ecb = alg == TSEC_XAES_256_GCM ? EVP_CIPHER_CTX_new() : NULL;
    if (!contexts_key(c, alg, key)) {
        contexts_free(c);
        return NULL;
    }
    return c;
}

static struct contexts *
take(const struct tsec_aead_key *key)
{
    struct contexts *c = tsec_slots_take(key->idle);

    return c != NULL ? c : contexts_new(key->alg, key->key);
}

static void
put(const struct tsec_aead_key *key, struct contexts *c)
{
    if (!tsec_slots_put(key->idle, c)) {
        contexts_free(c);
    }
}

/* Both blocks of a key derivation, or one block, in one call. */
static bool
ecb(const struct contexts *c, const uint8_t *in, uint8_t *out, int len)
{
    int n = 0;

    return EVP_EncryptUpdate(c->ecb, out, &n, in, len) == 1 && n == len;
}

/* K1 of CMAC (SP 800-38B section 6.1): AES-256(K, 0) doubled in GF(2^128). */
static bool
derive_k1(struct tsec_aead_key *key, const struct contexts *c)
{
    static const uint8_t zero[16];
    uint8_t l[16];

    if (!ecb(c, zero, l, sizeof(l))) {
        return false;
    }
    for (size_t i = 0; i < 16; i++) {
        key->k1[i] = (uint8_t)(l[i] << 1 | (i < 15 ? l[i + 1] >> 7 : 0));
    }
    key->k1[15] ^= (uint8_t)(-(l[0] >> 7) & 0x87);
    explicit_bzero(l, sizeof(l));
    return true;
}

tsec_rc
tsec_aead_key_new(enum tsec_aead alg, const uint8_t *key, struct tsec_aead_key **out,
                  struct tsec_err *err)
{
    const size_t len = tsec_aead_key_len(alg);

    if (len == 0) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "AEAD %d", (int)alg);
    }

    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *k = calloc(1, sizeof(*k));

    if (k == NULL || (k->idle = tsec_slots_new()) == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "AEAD key");
    }
    k->alg = alg;
    memcpy(k->key, key, len);

    struct contexts *c = contexts_new(alg, k->key);

    if (c == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "AEAD context");
    }
    if (alg == TSEC_XAES_256_GCM && !derive_k1(k, c)) {
        contexts_free(c);
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "AEAD subkey");
    }
    put(k, c);
    *out = TSEC_TAKE(k);
    return TSEC_OK;
}

void
tsec_aead_key_free(struct tsec_aead_key *key)
{
    if (key == NULL) {
        return;
    }
    tsec_slots_free(key->idle, contexts_free);
    explicit_bzero(key, sizeof(*key));
    free(key);
}

/* C2SP XAES-256-GCM: Kx = AES(K, (0 ‖ 1 ‖ 'X' ‖ 0 ‖ N[:12]) ^ K1) ‖ the same with 2. */
static bool
set_message_key(const struct tsec_aead_key *key, const struct contexts *c, const uint8_t *nonce)
{
    uint8_t m[32];
    uint8_t kx[TSEC_AEAD_KEY_LEN];

    for (uint8_t half = 0; half < 2; half++) {
        const uint8_t head[4] = { 0, (uint8_t)(half + 1), 'X', 0 };
        uint8_t *block = m + (size_t)16 * half;

        memcpy(block, head, sizeof(head));
        memcpy(block + sizeof(head), nonce, 12);
        for (size_t i = 0; i < 16; i++) {
            block[i] ^= key->k1[i];
        }
    }

    const bool ok =
        ecb(c, m, kx, sizeof(m)) && EVP_EncryptInit_ex2(c->text, NULL, kx, NULL, NULL) == 1;

    explicit_bzero(m, sizeof(m));
    explicit_bzero(kx, sizeof(kx));
    return ok;
}

/* The 12-byte nonce for the cipher itself, with the key of this message set; NULL when that failed.
 */
static const uint8_t *
begin(const struct tsec_aead_key *key, const struct contexts *c, const uint8_t *nonce)
{
    if (key->alg != TSEC_XAES_256_GCM) {
        return nonce;
    }
    return set_message_key(key, c, nonce) ? nonce + 12 : NULL;
}

static bool
seal(EVP_CIPHER_CTX *ctx, const uint8_t *iv, struct tsec_span aad, struct tsec_span plain,
     uint8_t *out)
{
    OSSL_PARAM tag[] = { OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG,
                                                           out + plain.len, TSEC_AEAD_TAG_LEN),
                         OSSL_PARAM_construct_end() };
    uint8_t none[16];
    int n = 0;

    return iv != NULL && EVP_EncryptInit_ex2(ctx, NULL, NULL, iv, NULL) == 1
           && (aad.len == 0 || EVP_EncryptUpdate(ctx, NULL, &n, aad.ptr, (int)aad.len) == 1)
           && (plain.len == 0 || EVP_EncryptUpdate(ctx, out, &n, plain.ptr, (int)plain.len) == 1)
           && EVP_EncryptFinal_ex(ctx, none, &n) == 1 && EVP_CIPHER_CTX_get_params(ctx, tag) == 1;
}

tsec_rc
tsec_aead_seal(const struct tsec_aead_key *key, const uint8_t *nonce, struct tsec_span aad,
               struct tsec_span plain, uint8_t *out, struct tsec_err *err)
{
    if (plain.len > INPUT_MAX || aad.len > INPUT_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "AEAD seal of %zu bytes", plain.len);
    }

    struct contexts *c = take(key);

    if (c == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "AEAD context");
    }
    if (!seal(c->text, begin(key, c, nonce), aad, plain, out)) {
        contexts_free(c); /* its state is unknown */
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "AEAD seal");
    }
    put(key, c);
    return TSEC_OK;
}

enum opened { OPENED, FORGED, BROKEN };

static enum opened
open_with(EVP_CIPHER_CTX *ctx, const uint8_t *iv, struct tsec_span aad, struct tsec_span cipher,
          uint8_t *out)
{
    uint8_t tag[TSEC_AEAD_TAG_LEN];
    OSSL_PARAM params[] = { OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag,
                                                              sizeof(tag)),
                            OSSL_PARAM_construct_end() };
    uint8_t none[16];
    int n = 0;

    memcpy(tag, cipher.ptr + cipher.len, sizeof(tag));
    if (iv == NULL || EVP_DecryptInit_ex2(ctx, NULL, NULL, iv, params) != 1
        || (aad.len > 0 && EVP_DecryptUpdate(ctx, NULL, &n, aad.ptr, (int)aad.len) != 1)
        || (cipher.len > 0 && EVP_DecryptUpdate(ctx, out, &n, cipher.ptr, (int)cipher.len) != 1)) {
        return BROKEN;
    }
    return EVP_DecryptFinal_ex(ctx, none, &n) == 1 ? OPENED : FORGED;
}

tsec_rc
tsec_aead_open(const struct tsec_aead_key *key, const uint8_t *nonce, struct tsec_span aad,
               struct tsec_span sealed, uint8_t *out, struct tsec_err *err)
{
    if (sealed.len < TSEC_AEAD_TAG_LEN) {
        return TSEC_FAIL(err, TSEC_E_TAMPERED, "AEAD text of %zu bytes", sealed.len);
    }
    if (sealed.len > INPUT_MAX || aad.len > INPUT_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "AEAD open of %zu bytes", sealed.len);
    }

    const struct tsec_span cipher = { sealed.ptr, sealed.len - TSEC_AEAD_TAG_LEN };
    struct contexts *c = take(key);

    if (c == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "AEAD context");
    }

    const enum opened result = open_with(c->text, begin(key, c, nonce), aad, cipher, out);

    if (result != OPENED && cipher.len > 0) {
        explicit_bzero(out, cipher.len);
    }
    if (result == BROKEN) {
        contexts_free(c);
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "AEAD open");
    }
    put(key, c);
    return result == OPENED ? TSEC_OK : TSEC_FAIL(err, TSEC_E_TAMPERED, "does not authenticate");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/signatures.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "crypto/hash.h"
#include "crypto/pubkey_internal.h"

enum { CHECKS_MAX = 64, KEYS_MAX = 64, SIG_MAX = 1024 };

enum mode { MODE_OFF, MODE_RECORD, MODE_TIME };

/* A key made of bare numbers: a point, or n and e. */
struct bare {
    const struct tsec_pubkey *made;
    bool rsa;
    uint8_t *numbers;
    size_t len;
    size_t n_len;
    EVP_PKEY *empty; /* of the curve */
};

struct check {
    EVP_PKEY *pkey;
    const struct tsec_pubkey *owner;
    const struct bare *inside; /* decoded each time; NULL: ready */
    EVP_PKEY_CTX *ready;
    const EVP_MD *md;
    int padding; /* 0: none */
    uint8_t *message;
    size_t message_len;
    uint8_t signature[SIG_MAX];
    size_t signature_len;
};

struct signatures {
    struct check checks[CHECKS_MAX];
    size_t len;
    struct bare keys[KEYS_MAX];
    size_t keys_len;
    EVP_MD_CTX *hashing;
};

static struct signatures *list;
static enum mode mode;
static double inside_s;

static void
need(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "bench: %s\n", what);
        exit(1);
    }
}

double
bench_seconds(void)
{
    struct timespec t = { .tv_sec = 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *
copy(struct tsec_span bytes)
{
    void *out = malloc(bytes.len + 1);

    need(out != NULL, "no memory");
    if (bytes.len > 0) {
        memcpy(out, bytes.ptr, bytes.len);
    }
    return out;
}

/* ---- taking down ---- */

static const struct {
    const char *md;
    int padding;
    size_t half; /* of r ‖ s; 0: as it is */
} forms[] = {
    [TSEC_SIG_ES256] = { "SHA256", 0, 32 },
    [TSEC_SIG_ES384] = { "SHA384", 0, 48 },
    [TSEC_SIG_ES256_DER] = { "SHA256", 0, 0 },
    [TSEC_SIG_ES384_DER] = { "SHA384", 0, 0 },
    [TSEC_SIG_RS256] = { "SHA256", RSA_PKCS1_PADDING, 0 },
    [TSEC_SIG_RS384] = { "SHA384", RSA_PKCS1_PADDING, 0 },
    [TSEC_SIG_PS256] = { "SHA256", RSA_PKCS1_PSS_PADDING, 0 },
    [TSEC_SIG_PS384] = { "SHA384", RSA_PKCS1_PSS_PADDING, 0 },
};

static void
put_signature(struct check *c, size_t half, struct tsec_span signature)
{
    uint8_t *out = c->signature;

    need(signature.len <= SIG_MAX, "a signature is too long");
    if (half == 0) {
        memcpy(c->signature, signature.ptr, signature.len);
        c->signature_len = signature.len;
        return;
    }

    ECDSA_SIG *sig = ECDSA_SIG_new();

    need(ECDSA_SIG_set0(sig, BN_bin2bn(signature.ptr, (int)half, NULL),
                        BN_bin2bn(signature.ptr + half, (int)half, NULL))
             == 1,
         "r and s");
    c->signature_len = (size_t)i2d_ECDSA_SIG(sig, &out);
    ECDSA_SIG_free(sig);
}

static void
take_down(const struct tsec_pubkey *key, enum tsec_sigalg alg, struct tsec_span message,
          struct tsec_span signature)
{
    need(list->len < CHECKS_MAX && (size_t)alg < TSEC_ARRAY_LEN(forms) && forms[alg].md != NULL,
         "a signature of a kind that is not measured here");

    struct check *c = &list->checks[list->len++];

    (void)EVP_PKEY_up_ref(key->pkey);
    c->pkey = key->pkey;
    c->owner = key;
    c->md = EVP_get_digestbyname(forms[alg].md);
    c->padding = forms[alg].padding;
    c->message = copy(message);
    c->message_len = message.len;
    put_signature(c, forms[alg].half, signature);
}

static struct bare *
take_down_key(const struct tsec_pubkey *made, struct tsec_span first, struct tsec_span second)
{
    need(list->keys_len < KEYS_MAX, "too many keys");

    struct bare *b = &list->keys[list->keys_len++];

    b->made = made;
    b->len = first.len + second.len;
    b->n_len = first.len;
    b->numbers = malloc(b->len + 1);
    need(b->numbers != NULL, "no memory");
    memcpy(b->numbers, first.ptr, first.len);
    if (second.len > 0) {
        memcpy(b->numbers + first.len, second.ptr, second.len);
    }
    return b;
}

/* ---- the calls that the linker hands over ---- */

tsec_rc __real_tsec_pubkey_verify(const struct tsec_pubkey *key, enum tsec_sigalg alg,
                                  struct tsec_span message, struct tsec_span signature,
                                  struct tsec_err *err);
tsec_rc __wrap_tsec_pubkey_verify(const struct tsec_pubkey *key, enum tsec_sigalg alg,
                                  struct tsec_span message, struct tsec_span signature,
                                  struct tsec_err *err);
tsec_rc __real_tsec_pubkey_from_point(enum tsec_pubkey_kind kind, struct tsec_span xy,
                                      struct tsec_pubkey **out, struct tsec_err *err);
tsec_rc __wrap_tsec_pubkey_from_point(enum tsec_pubkey_kind kind, struct tsec_span xy,
                                      struct tsec_pubkey **out, struct tsec_err *err);
tsec_rc __real_tsec_pubkey_from_rsa(struct tsec_span n, struct tsec_span e,
                                    struct tsec_pubkey **out, struct tsec_err *err);
tsec_rc __wrap_tsec_pubkey_from_rsa(struct tsec_span n, struct tsec_span e,
                                    struct tsec_pubkey **out, struct tsec_err *err);

tsec_rc
__wrap_tsec_pubkey_verify(const struct tsec_pubkey *key, enum tsec_sigalg alg,
                          struct tsec_span message, struct tsec_span signature,
                          struct tsec_err *err)
{
    if (mode == MODE_OFF) {
        return __real_tsec_pubkey_verify(key, alg, message, signature, err);
    }

    const double began = bench_seconds();
    const tsec_rc rc = __real_tsec_pubkey_verify(key, alg, message, signature, err);

    inside_s += bench_seconds() - began;
    if (mode == MODE_RECORD && !tsec_failed(rc)) {
        take_down(key, alg, message, signature);
    }
    return rc;
}

tsec_rc
__wrap_tsec_pubkey_from_point(enum tsec_pubkey_kind kind, struct tsec_span xy,
                              struct tsec_pubkey **out, struct tsec_err *err)
{
    const double began = mode == MODE_OFF ? 0 : bench_seconds();
    const tsec_rc rc = __real_tsec_pubkey_from_point(kind, xy, out, err);

    inside_s += mode == MODE_OFF ? 0 : bench_seconds() - began;
    if (mode == MODE_RECORD && !tsec_failed(rc)) {
        const uint8_t uncompressed = 0x04;

        (void)take_down_key(*out, tsec_span(&uncompressed, 1), xy);
    }
    return rc;
}

tsec_rc
__wrap_tsec_pubkey_from_rsa(struct tsec_span n, struct tsec_span e, struct tsec_pubkey **out,
                            struct tsec_err *err)
{
    const double began = mode == MODE_OFF ? 0 : bench_seconds();
    const tsec_rc rc = __real_tsec_pubkey_from_rsa(n, e, out, err);

    inside_s += mode == MODE_OFF ? 0 : bench_seconds() - began;
    if (mode == MODE_RECORD && !tsec_failed(rc)) {
        take_down_key(*out, n, e)->rsa = true;
    }
    return rc;
}

/* ---- life ---- */

void
signatures_begin(void)
{
    list = calloc(1, sizeof(*list));
    need(list != NULL, "no memory");
    list->hashing = EVP_MD_CTX_new();
    mode = MODE_RECORD;
}

static EVP_PKEY_CTX *
ready(const struct check *c, EVP_PKEY *pkey)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    bool ok = ctx != NULL && EVP_PKEY_verify_init(ctx) == 1;

    if (ok && c->padding != 0) {
        ok = EVP_PKEY_CTX_set_rsa_padding(ctx, c->padding) == 1
             && EVP_PKEY_CTX_set_signature_md(ctx, c->md) == 1
             && (c->padding != RSA_PKCS1_PSS_PADDING
                 || EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1);
    }
    need(ok, "a context");
    return ctx;
}

/* The curve of a key without its point, so that only the point is decoded each time. */
static void
empty_key(struct bare *b, EVP_PKEY *pkey)
{
    if (b->rsa || b->empty != NULL) {
        return;
    }
    b->empty = EVP_PKEY_new();
    need(b->empty != NULL && EVP_PKEY_copy_parameters(b->empty, pkey) == 1, "a curve");
}

static void
drop(struct check *c)
{
    EVP_PKEY_free(c->pkey);
    free(c->message);
}

static bool
is_same(const struct check *a, const struct check *b)
{
    return tsec_span_equal(tsec_span(a->message, a->message_len),
                           tsec_span(b->message, b->message_len))
           && tsec_span_equal(tsec_span(a->signature, a->signature_len),
                              tsec_span(b->signature, b->signature_len))
           && EVP_PKEY_eq(a->pkey, b->pkey) == 1;
}

/* What is checked twice need be checked but once. */
static void
drop_repeated(struct signatures *done)
{
    size_t kept = 0;

    for (size_t i = 0; i < done->len; i++) {
        bool repeated = false;

        for (size_t k = 0; k < kept && !repeated; k++) {
            repeated = is_same(&done->checks[k], &done->checks[i]);
        }
        if (repeated) {
            drop(&done->checks[i]);
        } else {
            done->checks[kept++] = done->checks[i];
        }
    }
    done->len = kept;
}

struct signatures *
signatures_end(bool keys_inside)
{
    struct signatures *done = list;

    mode = MODE_OFF;
    list = NULL;
    drop_repeated(done);
    for (size_t i = 0; i < done->len; i++) {
        struct check *c = &done->checks[i];

        for (size_t k = 0; keys_inside && k < done->keys_len; k++) {
            if (done->keys[k].made == c->owner) {
                empty_key(&done->keys[k], c->pkey);
                c->inside = &done->keys[k];
            }
        }
        c->ready = ready(c, c->pkey);
        c->md = EVP_MD_fetch(NULL, EVP_MD_get0_name(c->md), NULL);
        need(c->md != NULL, "a hash");
    }
    return done;
}

void
signatures_free(struct signatures *done)
{
    if (done == NULL) {
        return;
    }
    for (size_t i = 0; i < done->len; i++) {
        EVP_PKEY_CTX_free(done->checks[i].ready);
        EVP_MD_free((EVP_MD *)(uintptr_t)done->checks[i].md);
        drop(&done->checks[i]);
    }
    for (size_t i = 0; i < done->keys_len; i++) {
        EVP_PKEY_free(done->keys[i].empty);
        free(done->keys[i].numbers);
    }
    EVP_MD_CTX_free(done->hashing);
    free(done);
}

size_t
signatures_len(const struct signatures *done)
{
    return done->len;
}

size_t
signatures_keys(const struct signatures *done)
{
    size_t n = 0;

    for (size_t i = 0; i < done->len; i++) {
        n += done->checks[i].inside != NULL ? 1 : 0;
    }
    return n;
}

/* ---- the ceiling ---- */

static EVP_PKEY *
decode_rsa(const struct bare *b)
{
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(b->numbers, (int)b->n_len, NULL);
    BIGNUM *e = BN_bin2bn(b->numbers + b->n_len, (int)(b->len - b->n_len), NULL);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *pkey = NULL;

    (void)OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n);
    (void)OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e);

    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);

    (void)EVP_PKEY_fromdata_init(ctx);
    (void)EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params);
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(bld);
    BN_free(n);
    BN_free(e);
    return pkey;
}

static EVP_PKEY *
decode(const struct bare *b)
{
    if (b->rsa) {
        return decode_rsa(b);
    }

    EVP_PKEY *pkey = EVP_PKEY_dup(b->empty);

    need(EVP_PKEY_set1_encoded_public_key(pkey, b->numbers, b->len) == 1, "a point");
    return pkey;
}

void
signatures_check(const struct signatures *done)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    for (size_t i = 0; i < done->len; i++) {
        const struct check *c = &done->checks[i];
        EVP_PKEY *pkey = c->inside != NULL ? decode(c->inside) : NULL;
        EVP_PKEY_CTX *ctx = pkey != NULL ? ready(c, pkey) : c->ready;

        need(EVP_DigestInit_ex2(done->hashing, c->md, NULL) == 1
                 && EVP_DigestUpdate(done->hashing, c->message, c->message_len) == 1
                 && EVP_DigestFinal_ex(done->hashing, digest, &len) == 1
                 && EVP_PKEY_verify(ctx, c->signature, c->signature_len, digest, len) == 1,
             "a signature does not hold");
        if (pkey != NULL) {
            EVP_PKEY_CTX_free(ctx);
            EVP_PKEY_free(pkey);
        }
    }
}

void
signatures_time(void)
{
    inside_s = 0;
    mode = MODE_TIME;
}

double
signatures_timed(void)
{
    mode = MODE_OFF;
    return inside_s;
}

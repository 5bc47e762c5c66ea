/* SPDX-License-Identifier: Apache-2.0 */
/* What users' keys do, against the bare libraries doing the same with keys and contexts that are
 * ready: OpenSSL, and libsecp256k1.  Processor time of one thread; the two take turns, so that a
 * machine that drifts drifts for both.  Nonces are hedged in both, where the library can do so.
 * keys [ROUNDS] [MILLISECONDS], a line each: what, our µs, bare µs, median, least and greatest
 * ratio of rates. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "core/transit_crypt.h"
#include "crypto/crypto.h"
#include "crypto/rand.h"

enum { ROUNDS_MAX = 64, BATCH = 8, PLAIN_LEN = 1024, IV_LEN = 12, TAG_LEN = 16 };

struct subject {
    const char *what;
    enum tsec_pair_kind kind; /* 0: a cipher */
    enum transit_type cipher;
    const char *name; /* of the cipher, as OpenSSL has it */
    bool verify;
    struct tsec_pair *pair;
    const struct transit_material *material;
    struct tsec_buf sig;
    struct tsec_buf out;
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *ready;
    EVP_MD_CTX *hashing; /* Ed25519: signing or verifying */
    EVP_MD *md;
    EVP_CIPHER_CTX *sealing;
    secp256k1_context *curve;
    secp256k1_pubkey point;
    uint8_t scalar[32];
};

static const uint8_t message[PLAIN_LEN] = "a message of a kibibyte, which is zeroes after this";
static const struct tsec_signing how = { .hash = TSEC_SHA256, .salt_len = TSEC_SALT_HASH };

static void
need(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "bench: %s\n", what);
        exit(1);
    }
}

static double
core_seconds(void)
{
    struct timespec t = { .tv_sec = 0 };

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- ours ---- */

static void
ours(struct subject *s)
{
    const struct tsec_span text = tsec_span(message, sizeof(message));
    const struct transit_params params = { .derived = false };

    tsec_buf_reset(&s->out);
    if (s->material != NULL) {
        need(!tsec_failed(transit_encrypt(s->material, &params, text, &s->out, NULL)), "encrypt");
    } else if (s->verify) {
        need(!tsec_failed(tsec_pair_verify(s->pair, &how, text, tsec_buf_span(&s->sig), NULL)),
             "verify");
    } else {
        need(!tsec_failed(tsec_pair_sign(s->pair, &how, text, &s->out, NULL, NULL)), "sign");
    }
}

/* ---- bare ---- */

static void
digest(const struct subject *s, uint8_t *out)
{
    unsigned len = 0;

    need(EVP_DigestInit_ex2(s->hashing, s->md, NULL) == 1
             && EVP_DigestUpdate(s->hashing, message, sizeof(message)) == 1
             && EVP_DigestFinal_ex(s->hashing, out, &len) == 1,
         "hash");
}

/* Random bytes cost by the call. */
static void
draw_iv(uint8_t out[IV_LEN])
{
    static uint8_t drawn[IV_LEN * 256];
    static size_t used = sizeof(drawn);

    if (used == sizeof(drawn)) {
        need(RAND_bytes(drawn, sizeof(drawn)) == 1, "random bytes");
        used = 0;
    }
    memcpy(out, drawn + used, IV_LEN);
    used += IV_LEN;
}

static void
bare_cipher(const struct subject *s)
{
    uint8_t out[IV_LEN + PLAIN_LEN + TAG_LEN];
    int n = 0;

    draw_iv(out);
    need(EVP_EncryptInit_ex2(s->sealing, NULL, NULL, out, NULL) == 1
             && EVP_EncryptUpdate(s->sealing, out + IV_LEN, &n, message, sizeof(message)) == 1
             && EVP_EncryptFinal_ex(s->sealing, out + IV_LEN + n, &n) == 1
             && EVP_CIPHER_CTX_ctrl(s->sealing, EVP_CTRL_AEAD_GET_TAG, TAG_LEN,
                                    out + IV_LEN + PLAIN_LEN)
                    == 1,
         "bare encrypt");
}

static void
bare_ed25519(const struct subject *s)
{
    uint8_t sig[64];
    size_t len = sizeof(sig);

    need(s->verify
             ? EVP_DigestVerify(s->hashing, s->sig.ptr, s->sig.len, message, sizeof(message)) == 1
             : EVP_DigestSign(s->hashing, sig, &len, message, sizeof(message)) == 1,
         "bare Ed25519");
}

static void
bare_secp256k1(const struct subject *s)
{
    secp256k1_ecdsa_recoverable_signature signature;
    secp256k1_ecdsa_signature parsed;
    uint8_t hash[TSEC_SHA256_LEN];
    uint8_t fresh[32];
    uint8_t rs[64];
    int id = 0;

    digest(s, hash);
    if (s->verify) {
        need(secp256k1_ecdsa_signature_parse_der(s->curve, &parsed, s->sig.ptr, s->sig.len) == 1
                 && secp256k1_ecdsa_verify(s->curve, &parsed, hash, &s->point) == 1,
             "bare secp256k1");
        return;
    }
    need(RAND_bytes(fresh, sizeof(fresh)) == 1
             && secp256k1_ecdsa_sign_recoverable(s->curve, &signature, hash, s->scalar, NULL, fresh)
                    == 1
             && secp256k1_ecdsa_recoverable_signature_serialize_compact(s->curve, rs, &id,
                                                                        &signature)
                    == 1,
         "bare secp256k1");
}

static void
bare(struct subject *s)
{
    uint8_t hash[TSEC_SHA256_LEN];
    uint8_t sig[TSEC_PAIR_SIG_MAX];
    size_t len = sizeof(sig);

    if (s->sealing != NULL) {
        bare_cipher(s);
    } else if (s->kind == TSEC_PAIR_ED25519) {
        bare_ed25519(s);
    } else if (s->curve != NULL) {
        bare_secp256k1(s);
    } else {
        digest(s, hash);
        need(s->verify ? EVP_PKEY_verify(s->ready, s->sig.ptr, s->sig.len, hash, sizeof(hash)) == 1
                       : EVP_PKEY_sign(s->ready, sig, &len, hash, sizeof(hash)) == 1,
             "bare signature");
    }
}

/* ---- made ready ---- */

static void
ready_secp256k1(struct subject *s, struct tsec_span pkcs8)
{
    const size_t scalar_at = 33; /* behind the heads of PKCS #8 and ECPrivateKey, long and short */
    uint8_t seed[32];

    tsec_rand_bytes(seed, sizeof(seed));
    s->curve = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    need(secp256k1_context_randomize(s->curve, seed) == 1, "secp256k1");
    memcpy(s->scalar, pkcs8.ptr + scalar_at, sizeof(s->scalar));
    need(secp256k1_ec_pubkey_create(s->curve, &s->point, s->scalar) == 1, "secp256k1");
}

static void
ready_openssl(struct subject *s)
{
    s->ready = EVP_PKEY_CTX_new_from_pkey(NULL, s->pkey, NULL);

    bool ok = s->ready != NULL
              && (s->verify ? EVP_PKEY_verify_init(s->ready) : EVP_PKEY_sign_init(s->ready)) == 1;

    if (ok && tsec_pair_kind_is_rsa(s->kind)) {
        ok = EVP_PKEY_CTX_set_rsa_padding(s->ready, RSA_PKCS1_PSS_PADDING) == 1
             && EVP_PKEY_CTX_set_signature_md(s->ready, s->md) == 1
             && EVP_PKEY_CTX_set_rsa_pss_saltlen(s->ready, RSA_PSS_SALTLEN_DIGEST) == 1;
    }
    need(ok, "a context");
}

static void
ready_pair(struct subject *s)
{
    TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    const unsigned char *at = NULL;

    need(!tsec_failed(tsec_pair_generate(s->kind, &s->pair, NULL))
             && !tsec_failed(tsec_pair_pkcs8(s->pair, &pkcs8, NULL))
             && !tsec_failed(tsec_pair_sign(s->pair, &how, tsec_span(message, sizeof(message)),
                                            &s->sig, NULL, NULL)),
         "a key pair");
    at = pkcs8.ptr;
    s->pkey = d2i_AutoPrivateKey(NULL, &at, (long)pkcs8.len);
    need(s->pkey != NULL, "a key pair");
    if (s->kind == TSEC_PAIR_SECP256K1) {
        ready_secp256k1(s, tsec_buf_span(&pkcs8));
    } else if (s->kind == TSEC_PAIR_ED25519) {
        need((s->verify ? EVP_DigestVerifyInit_ex(s->hashing, NULL, NULL, NULL, NULL, s->pkey, NULL)
                        : EVP_DigestSignInit_ex(s->hashing, NULL, NULL, NULL, NULL, s->pkey, NULL))
                 == 1,
             "Ed25519");
    } else {
        ready_openssl(s);
    }
}

static void
ready_cipher(struct subject *s)
{
    static const uint8_t raw[32] = { 1, 2, 3 };
    const size_t len = s->cipher == TRANSIT_AES128_GCM96 ? 16 : sizeof(raw);
    const struct transit_version version = {
        .number = 1,
        .material = tsec_span(raw, len),
        .hmac_key = tsec_span(raw, sizeof(raw)),
    };
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, s->name, NULL);

    need(!tsec_failed(transit_material_new(s->cipher, &version, &s->material, NULL)), "a key");
    s->sealing = EVP_CIPHER_CTX_new();
    need(EVP_EncryptInit_ex2(s->sealing, cipher, raw, NULL, NULL) == 1, "a cipher");
    EVP_CIPHER_free(cipher);
}

static void
make_ready(struct subject *s)
{
    tsec_buf_init(&s->sig, TSEC_PAIR_SIG_MAX);
    tsec_buf_init(&s->out, (size_t)4 * PLAIN_LEN);
    s->md = EVP_MD_fetch(NULL, "SHA256", NULL);
    s->hashing = EVP_MD_CTX_new();
    if (s->cipher != 0) {
        ready_cipher(s);
    } else {
        ready_pair(s);
    }
}

static void
done(struct subject *s)
{
    tsec_pair_free(s->pair);
    if (s->material != NULL) {
        transit_material_release(s->material);
    }
    tsec_buf_done(&s->sig);
    tsec_buf_done(&s->out);
    EVP_PKEY_CTX_free(s->ready);
    EVP_PKEY_free(s->pkey);
    EVP_MD_CTX_free(s->hashing);
    EVP_MD_free(s->md);
    EVP_CIPHER_CTX_free(s->sealing);
    if (s->curve != NULL) {
        secp256k1_context_destroy(s->curve);
    }
}

/* ---- measured ---- */

/* Seconds of processor time per operation. */
static double
slice(struct subject *s, void (*run)(struct subject *s), double seconds)
{
    const double began = core_seconds();
    double now = began;
    double n = 0;

    while (now - began < seconds) {
        for (int i = 0; i < BATCH; i++) {
            run(s);
        }
        n += BATCH;
        now = core_seconds();
    }
    return (now - began) / n;
}

static int
by_size(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void
measure(struct subject *s, int rounds, double seconds)
{
    double our_s[ROUNDS_MAX];
    double bare_s[ROUNDS_MAX];
    double ratio[ROUNDS_MAX];

    make_ready(s);
    (void)slice(s, ours, seconds / 4);
    (void)slice(s, bare, seconds / 4);
    for (int i = 0; i < rounds; i++) {
        our_s[i] = slice(s, ours, seconds);
        bare_s[i] = slice(s, bare, seconds);
        ratio[i] = bare_s[i] / our_s[i];
    }
    qsort(our_s, (size_t)rounds, sizeof(double), by_size);
    qsort(bare_s, (size_t)rounds, sizeof(double), by_size);
    qsort(ratio, (size_t)rounds, sizeof(double), by_size);
    (void)printf("%s\t%.2f\t%.2f\t%.3f\t%.3f\t%.3f\n", s->what, our_s[rounds / 2] * 1e6,
                 bare_s[rounds / 2] * 1e6, ratio[rounds / 2], ratio[0], ratio[rounds - 1]);
    (void)fflush(stdout);
    done(s);
}

int
main(int argc, char **argv)
{
    static struct subject subjects[] = {
        { .what = "Ed25519 sign", .kind = TSEC_PAIR_ED25519 },
        { .what = "Ed25519 verify", .kind = TSEC_PAIR_ED25519, .verify = true },
        { .what = "ECDSA P-256 sign", .kind = TSEC_PAIR_P256 },
        { .what = "ECDSA P-256 verify", .kind = TSEC_PAIR_P256, .verify = true },
        { .what = "ECDSA secp256k1 sign", .kind = TSEC_PAIR_SECP256K1 },
        { .what = "ECDSA secp256k1 verify", .kind = TSEC_PAIR_SECP256K1, .verify = true },
        { .what = "RSA-2048 PSS sign", .kind = TSEC_PAIR_RSA2048 },
        { .what = "RSA-2048 PSS verify", .kind = TSEC_PAIR_RSA2048, .verify = true },
        { .what = "AES-256-GCM of 1 KiB", .cipher = TRANSIT_AES256_GCM96, .name = "AES-256-GCM" },
        { .what = "ChaCha20-Poly1305 of 1 KiB",
          .cipher = TRANSIT_CHACHA20_POLY1305,
          .name = "ChaCha20-Poly1305" },
    };
    const long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 15;
    const long ms = argc > 2 ? strtol(argv[2], NULL, 10) : 40;

    need(rounds >= 1 && rounds <= ROUNDS_MAX && ms >= 1 && ms <= 10000,
         "usage: keys [ROUNDS] [MILLISECONDS]");
    need(!tsec_failed(tsec_crypto_setup(NULL))
             && !tsec_failed(tsec_crypto_lock_heap(1 << 20, NULL)),
         "the cryptographic library");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(subjects); i++) {
        measure(&subjects[i], (int)rounds, (double)ms / 1000);
    }
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/aead.h"

#include <pthread.h>

#include "tests/crypto/vector.h"

static struct tsec_aead_key *
key_of(enum tsec_aead alg, const struct vector *raw)
{
    struct tsec_aead_key *key = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_aead_key_new(alg, raw->bytes, &key, NULL)));
    return key;
}

static void
seals_to_and_opens(enum tsec_aead alg, const struct vector *raw, const uint8_t *nonce,
                   struct tsec_span aad, struct tsec_span plain, const char *sealed)
{
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *key = key_of(alg, raw);
    uint8_t out[VECTOR_MAX];

    for (int again = 0; again < 3; again++) { /* contexts are used again */
        CU_ASSERT_FALSE(tsec_failed(tsec_aead_seal(key, nonce, aad, plain, out, NULL)));
        CU_ASSERT_TRUE(vector_is(tsec_span(out, plain.len + TSEC_AEAD_TAG_LEN), sealed));
        CU_ASSERT_FALSE(tsec_failed(tsec_aead_open(
            key, nonce, aad, tsec_span(out, plain.len + TSEC_AEAD_TAG_LEN), out, NULL)));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_span(out, plain.len), plain));
    }
}

/* C2SP XAES-256-GCM, "Test Vectors": one for each value of the top bit of L. */
static void
published_xaes_256_gcm(void)
{
    const uint8_t *nonce = (const uint8_t *)"ABCDEFGHIJKLMNOPQRSTUVWX";
    const struct tsec_span plain = tsec_span_str("XAES-256-GCM");
    const struct vector key1 = vector_of(0x01, 32);
    const struct vector key3 = vector_of(0x03, 32);

    seals_to_and_opens(TSEC_XAES_256_GCM, &key1, nonce, tsec_span(NULL, 0), plain,
                       "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271");
    seals_to_and_opens(TSEC_XAES_256_GCM, &key3, nonce, tsec_span_str("c2sp.org/XAES-256-GCM"),
                       plain, "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d");
}

/* McGrew and Viega, test cases 13 and 16. */
static void
published_aes_256_gcm(void)
{
    const struct vector zero = vector_of(0, 32);
    const struct vector key =
        vector("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    const struct vector nonce = vector("cafebabefacedbaddecaf888");
    const struct vector aad = vector("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    const struct vector plain =
        vector("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
               "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");

    seals_to_and_opens(TSEC_AES_256_GCM, &zero, zero.bytes, tsec_span(NULL, 0), tsec_span(NULL, 0),
                       "530f8afbc74536b9a963b4f1c4cb738b");
    seals_to_and_opens(TSEC_AES_256_GCM, &key, nonce.bytes, vector_span(&aad), vector_span(&plain),
                       "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                       "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                       "76fc6ece0f4e1768cddf8853bb2d551b");
}

/* The same authors' test cases 1 and 4. */
static void
published_aes_128_gcm(void)
{
    const struct vector zero = vector_of(0, 16);
    const struct vector key = vector("feffe9928665731c6d6a8f9467308308");
    const struct vector nonce = vector("cafebabefacedbaddecaf888");
    const struct vector aad = vector("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    const struct vector plain =
        vector("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
               "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");

    seals_to_and_opens(TSEC_AES_128_GCM, &zero, zero.bytes, tsec_span(NULL, 0), tsec_span(NULL, 0),
                       "58e2fccefa7e3061367f1d57a4e7455a");
    seals_to_and_opens(TSEC_AES_128_GCM, &key, nonce.bytes, vector_span(&aad), vector_span(&plain),
                       "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
                       "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc"
                       "3221a5db94fae95ae7121a47");
}

/* RFC 8439 section 2.8.2. */
static void
published_chacha20_poly1305(void)
{
    const struct vector key =
        vector("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    const struct vector nonce = vector("070000004041424344454647");
    const struct vector aad = vector("50515253c0c1c2c3c4c5c6c7");
    const struct tsec_span plain =
        tsec_span_str("Ladies and Gentlemen of the class of '99: If I could offer you only one tip "
                      "for the future, sunscreen would be it.");

    seals_to_and_opens(TSEC_CHACHA20_POLY1305, &key, nonce.bytes, vector_span(&aad), plain,
                       "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
                       "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
                       "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
                       "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd060"
                       "0691");
}

static bool
refused(const struct tsec_aead_key *key, const uint8_t *nonce, struct tsec_span aad,
        struct tsec_span sealed)
{
    static const uint8_t zero[64];
    uint8_t out[64];

    memset(out, 0x5a, sizeof(out));
    return tsec_aead_open(key, nonce, aad, sealed, out, NULL).code == TSEC_E_TAMPERED
           && (sealed.len < TSEC_AEAD_TAG_LEN
               || memcmp(out, zero, sealed.len - TSEC_AEAD_TAG_LEN) == 0);
}

static void
every_flipped_bit_is_refused_and_nothing_comes_out(void)
{
    static const enum tsec_aead algs[] = { TSEC_AES_256_GCM, TSEC_XAES_256_GCM, TSEC_AES_128_GCM,
                                           TSEC_CHACHA20_POLY1305 };
    const struct vector raw = vector_of(0x42, 32);

    for (size_t a = 0; a < TSEC_ARRAY_LEN(algs); a++) {
        TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *key = key_of(algs[a], &raw);
        uint8_t nonce[24] = { 1, 2, 3 };
        uint8_t text[20 + TSEC_AEAD_TAG_LEN] = { 9, 9 };
        const size_t nonce_len = tsec_aead_nonce_len(algs[a]);
        const struct tsec_span aad = tsec_span_str("where");
        const struct tsec_span sealed = tsec_span(text, sizeof(text));

        CU_ASSERT_FALSE_FATAL(
            tsec_failed(tsec_aead_seal(key, nonce, aad, tsec_span(text, 20), text, NULL)));
        for (size_t bit = 0; bit < sizeof(text) * 8; bit++) {
            text[bit / 8] ^= (uint8_t)(1 << bit % 8);
            CU_ASSERT_TRUE(refused(key, nonce, aad, sealed));
            text[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t bit = 0; bit < nonce_len * 8; bit++) {
            nonce[bit / 8] ^= (uint8_t)(1 << bit % 8);
            CU_ASSERT_TRUE(refused(key, nonce, aad, sealed));
            nonce[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        CU_ASSERT_TRUE(refused(key, nonce, tsec_span_str("wherE"), sealed));
        CU_ASSERT_TRUE(refused(key, nonce, tsec_span(NULL, 0), sealed));
        CU_ASSERT_TRUE(refused(key, nonce, aad, tsec_span(text, sizeof(text) - 1)));
        CU_ASSERT_TRUE(refused(key, nonce, aad, tsec_span(text, 15)));
        CU_ASSERT_TRUE(refused(key, nonce, aad, tsec_span(text, 0)));
        CU_ASSERT_FALSE(tsec_failed(tsec_aead_open(key, nonce, aad, sealed, text, NULL)));
    }
}

static void
an_unknown_algorithm_is_refused(void)
{
    static const int unknown[] = { 0, -1, TSEC_CHACHA20_POLY1305 + 1 };
    const struct vector raw = vector_of(1, 32);
    struct tsec_aead_key *key = NULL;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(unknown); i++) {
        const enum tsec_aead alg = (enum tsec_aead)unknown[i];

        CU_ASSERT_EQUAL(tsec_aead_key_new(alg, raw.bytes, &key, NULL).code, TSEC_E_INVALID);
        CU_ASSERT_PTR_NULL(key);
        CU_ASSERT_EQUAL(tsec_aead_key_len(alg), 0);
        CU_ASSERT_EQUAL(tsec_aead_nonce_len(alg), 0);
    }
}

static void
each_algorithm_says_how_long_its_keys_and_nonces_are(void)
{
    CU_ASSERT_EQUAL(tsec_aead_key_len(TSEC_AES_128_GCM), 16);
    CU_ASSERT_EQUAL(tsec_aead_key_len(TSEC_AES_256_GCM), TSEC_AEAD_KEY_LEN);
    CU_ASSERT_EQUAL(tsec_aead_key_len(TSEC_XAES_256_GCM), TSEC_AEAD_KEY_LEN);
    CU_ASSERT_EQUAL(tsec_aead_key_len(TSEC_CHACHA20_POLY1305), TSEC_AEAD_KEY_LEN);
    CU_ASSERT_EQUAL(tsec_aead_nonce_len(TSEC_AES_128_GCM), TSEC_GCM_NONCE_LEN);
    CU_ASSERT_EQUAL(tsec_aead_nonce_len(TSEC_CHACHA20_POLY1305), TSEC_GCM_NONCE_LEN);
    CU_ASSERT_EQUAL(tsec_aead_nonce_len(TSEC_XAES_256_GCM), TSEC_XAES_NONCE_LEN);
}

/* A key of one algorithm is none of another, not even where the bytes would do. */
static void
what_one_algorithm_sealed_no_other_opens(void)
{
    static const enum tsec_aead algs[] = { TSEC_AES_256_GCM, TSEC_XAES_256_GCM, TSEC_AES_128_GCM,
                                           TSEC_CHACHA20_POLY1305 };
    const struct vector raw = vector_of(0x42, 32);
    const uint8_t nonce[24] = { 7 };
    const struct tsec_span none = tsec_span(NULL, 0);

    for (size_t a = 0; a < TSEC_ARRAY_LEN(algs); a++) {
        TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *sealer = key_of(algs[a], &raw);
        uint8_t text[20 + TSEC_AEAD_TAG_LEN];

        CU_ASSERT_FALSE_FATAL(
            tsec_failed(tsec_aead_seal(sealer, nonce, none, tsec_span(raw.bytes, 20), text, NULL)));
        for (size_t b = 0; b < TSEC_ARRAY_LEN(algs); b++) {
            TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *opener = key_of(algs[b], &raw);

            CU_ASSERT_EQUAL(refused(opener, nonce, none, tsec_span(text, sizeof(text))), a != b);
        }
    }
}

enum { THREADS = 12 /* more than a key has slots */ };

struct work {
    struct tsec_aead_key *const *keys;
    size_t n;
    uint8_t id;
    bool ok;
};

static bool
there_and_back(const struct tsec_aead_key *key, uint8_t id, unsigned round)
{
    uint8_t nonce[24] = { id, (uint8_t)round, (uint8_t)(round >> 8) };
    uint8_t text[100 + TSEC_AEAD_TAG_LEN];
    const struct tsec_span aad = tsec_span(&id, 1);
    bool same = true;

    memset(text, id, sizeof(text));
    if (tsec_failed(tsec_aead_seal(key, nonce, aad, tsec_span(text, 100), text, NULL))
        || tsec_failed(
            tsec_aead_open(key, nonce, aad, tsec_span(text, sizeof(text)), text, NULL))) {
        return false;
    }
    for (size_t i = 0; i < 100; i++) {
        same = same && text[i] == id;
    }
    return same;
}

static void *
work(void *arg)
{
    struct work *w = arg;

    w->ok = true;
    for (unsigned round = 0; round < 500 && w->ok; round++) {
        for (size_t i = 0; i < w->n && w->ok; i++) {
            w->ok = there_and_back(w->keys[i], w->id, round);
        }
    }
    return NULL;
}

static void
many_threads_share_a_key(void)
{
    const struct vector raw = vector_of(0x42, 32);
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *gcm = key_of(TSEC_AES_256_GCM, &raw);
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *xaes = key_of(TSEC_XAES_256_GCM, &raw);
    TSEC_AUTO(tsec_aead_key_free)
    struct tsec_aead_key *chacha = key_of(TSEC_CHACHA20_POLY1305, &raw);
    struct tsec_aead_key *const keys[] = { gcm, xaes, chacha };
    pthread_t thread[THREADS];
    struct work w[THREADS];

    for (size_t i = 0; i < THREADS; i++) {
        w[i] = (struct work){ keys, TSEC_ARRAY_LEN(keys), (uint8_t)(i + 1), false };
        CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, work, &w[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL(pthread_join(thread[i], NULL), 0);
        CU_ASSERT_TRUE(w[i].ok);
    }
}

static const struct test_case cases[] = {
    { "published XAES-256-GCM", published_xaes_256_gcm },
    { "published AES-256-GCM", published_aes_256_gcm },
    { "published AES-128-GCM", published_aes_128_gcm },
    { "published ChaCha20-Poly1305", published_chacha20_poly1305 },
    { "each algorithm says how long its keys and nonces are",
      each_algorithm_says_how_long_its_keys_and_nonces_are },
    { "every flipped bit is refused and nothing comes out",
      every_flipped_bit_is_refused_and_nothing_comes_out },
    { "an unknown algorithm is refused", an_unknown_algorithm_is_refused },
    { "what one algorithm sealed no other opens", what_one_algorithm_sealed_no_other_opens },
    { "many threads share a key", many_threads_share_a_key },
};

TEST_MAIN("crypto/aead", cases)

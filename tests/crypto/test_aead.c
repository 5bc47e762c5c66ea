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
    static const enum tsec_aead algs[] = { TSEC_AES_256_GCM, TSEC_XAES_256_GCM };
    const struct vector raw = vector_of(0x42, 32);

    for (size_t a = 0; a < TSEC_ARRAY_LEN(algs); a++) {
        TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *key = key_of(algs[a], &raw);
        uint8_t nonce[24] = { 1, 2, 3 };
        uint8_t text[20 + TSEC_AEAD_TAG_LEN] = { 9, 9 };
        const size_t nonce_len = algs[a] == TSEC_AES_256_GCM ? 12 : 24;
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
    const struct vector raw = vector_of(1, 32);
    struct tsec_aead_key *key = NULL;

    CU_ASSERT_EQUAL(tsec_aead_key_new((enum tsec_aead)3, raw.bytes, &key, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_PTR_NULL(key);
}

enum { THREADS = 12 /* more than a key has slots */ };

struct work {
    const struct tsec_aead_key *gcm;
    const struct tsec_aead_key *xaes;
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
        w->ok = there_and_back(w->gcm, w->id, round) && there_and_back(w->xaes, w->id, round);
    }
    return NULL;
}

static void
many_threads_share_a_key(void)
{
    const struct vector raw = vector_of(0x42, 32);
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *gcm = key_of(TSEC_AES_256_GCM, &raw);
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *xaes = key_of(TSEC_XAES_256_GCM, &raw);
    pthread_t thread[THREADS];
    struct work w[THREADS];

    for (size_t i = 0; i < THREADS; i++) {
        w[i] = (struct work){ gcm, xaes, (uint8_t)(i + 1), false };
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
    { "every flipped bit is refused and nothing comes out",
      every_flipped_bit_is_refused_and_nothing_comes_out },
    { "an unknown algorithm is refused", an_unknown_algorithm_is_refused },
    { "many threads share a key", many_threads_share_a_key },
};

TEST_MAIN("crypto/aead", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hash.h"

#include <pthread.h>

#include "tests/crypto/vector.h"

/* FIPS 180-4, the examples with "abc" and with two blocks. */
static void
published_digests(void)
{
    static const struct {
        enum tsec_hash hash;
        const char *text;
        const char *digest;
    } known[] = {
        { TSEC_SHA224, "abc", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7" },
        { TSEC_SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { TSEC_SHA256, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { TSEC_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
        { TSEC_SHA384, "abc",
          "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
          "8086072ba1e7cc2358baeca134c825a7" },
        { TSEC_SHA512, "abc",
          "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
          "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        const struct tsec_span text = tsec_span_str(known[i].text);
        uint8_t out[TSEC_SHA512_LEN];

        tsec_hash_parts(known[i].hash, &text, 1, out);
        CU_ASSERT_TRUE(vector_is(tsec_span(out, tsec_hash_len(known[i].hash)), known[i].digest));
    }
}

static void
parts_hash_like_their_concatenation(void)
{
    static const char text[] = "the quick brown fox";
    uint8_t whole[TSEC_SHA384_LEN];
    uint8_t parted[TSEC_SHA384_LEN];

    tsec_sha384(tsec_span_str(text), whole);
    for (size_t cut = 0; cut < sizeof(text); cut++) {
        const struct tsec_span parts[] = { tsec_span(text, cut), tsec_span(NULL, 0),
                                           tsec_span(text + cut, sizeof(text) - 1 - cut) };

        tsec_hash_parts(TSEC_SHA384, parts, TSEC_ARRAY_LEN(parts), parted);
        CU_ASSERT_EQUAL(memcmp(whole, parted, sizeof(whole)), 0);
    }
}

static void *
hash_a_lot(void *arg)
{
    bool *ok = arg;
    uint8_t out[TSEC_SHA256_LEN];

    for (unsigned i = 0; i < 2000; i++) {
        tsec_sha256(tsec_span_str("abc"), out);
        *ok = *ok
              && vector_is(tsec_span(out, sizeof(out)),
                           "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
    return NULL;
}

static void
threads_do_not_disturb_each_other(void)
{
    pthread_t thread[4];
    bool ok[4] = { true, true, true, true };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(thread); i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, hash_a_lot, &ok[i]), 0);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(thread); i++) {
        CU_ASSERT_EQUAL(pthread_join(thread[i], NULL), 0);
        CU_ASSERT_TRUE(ok[i]);
    }
}

static const struct test_case cases[] = {
    { "published digests", published_digests },
    { "parts hash like their concatenation", parts_hash_like_their_concatenation },
    { "threads do not disturb each other", threads_do_not_disturb_each_other },
};

TEST_MAIN("crypto/hash", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/hash.h"

#include <pthread.h>

#include "tests/crypto/vector.h"

/* FIPS 180-4 and FIPS 202: the examples with nothing, with "abc" and with two blocks. */
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
        { TSEC_SHA1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
        { TSEC_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
        { TSEC_SHA1, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "84983e441c3bd26ebaae4aa1f95129e5e54670f1" },
        { TSEC_SHA3_224, "", "6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7" },
        { TSEC_SHA3_224, "abc", "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf" },
        { TSEC_SHA3_224, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "8a24108b154ada21c9fd5574494479ba5c7e7ab76ef264ead0fcce33" },
        { TSEC_SHA3_256, "", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a" },
        { TSEC_SHA3_256, "abc",
          "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532" },
        { TSEC_SHA3_256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "41c0dba2a9d6240849100376a8235e2c82e1b9998a999e21db32dd97496d3376" },
        { TSEC_SHA3_384, "",
          "0c63a75b845e4f7d01107d852e4c2485c51a50aaaa94fc61995e71bbee983a2a"
          "c3713831264adb47fb6bd1e058d5f004" },
        { TSEC_SHA3_384, "abc",
          "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b2"
          "98d88cea927ac7f539f1edf228376d25" },
        { TSEC_SHA3_384, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "991c665755eb3a4b6bbdfb75c78a492e8c56a22c5c4d7e429bfdbc32b9d4ad5a"
          "a04a1f076e62fea19eef51acd0657c22" },
        { TSEC_SHA3_512, "",
          "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a6"
          "15b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26" },
        { TSEC_SHA3_512, "abc",
          "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
          "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0" },
        { TSEC_SHA3_512, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "04a371e84ecfb5b8b77cb48610fca8182dd457ce6f326a0fd3d7ec2f1e91636d"
          "ee691fbe0c985302ba1b0d8dc78c086346b533b49c030d99a27daf1139d6e75e" },
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
    const struct tsec_span all = tsec_span_str(text);
    uint8_t whole[TSEC_SHA512_LEN];
    uint8_t parted[TSEC_SHA512_LEN];

    for (int i = TSEC_SHA224; i < TSEC_HASHES; i++) {
        const enum tsec_hash hash = (enum tsec_hash)i;

        tsec_hash_parts(hash, &all, 1, whole);
        for (size_t cut = 0; cut < sizeof(text); cut++) {
            const struct tsec_span parts[] = { tsec_span(text, cut), tsec_span(NULL, 0),
                                               tsec_span(text + cut, sizeof(text) - 1 - cut) };

            tsec_hash_parts(hash, parts, TSEC_ARRAY_LEN(parts), parted);
            CU_ASSERT_EQUAL(memcmp(whole, parted, tsec_hash_len(hash)), 0);
        }
    }
}

static void
hashes_have_names_and_lengths(void)
{
    static const struct {
        const char *name;
        enum tsec_hash hash;
        size_t len;
        size_t block;
    } known[] = {
        { "sha1", TSEC_SHA1, 20, 64 },          { "sha2-224", TSEC_SHA224, 28, 64 },
        { "sha2-256", TSEC_SHA256, 32, 64 },    { "sha2-384", TSEC_SHA384, 48, 128 },
        { "sha2-512", TSEC_SHA512, 64, 128 },   { "sha3-224", TSEC_SHA3_224, 28, 144 },
        { "sha3-256", TSEC_SHA3_256, 32, 136 }, { "sha3-384", TSEC_SHA3_384, 48, 104 },
        { "sha3-512", TSEC_SHA3_512, 64, 72 },
    };

    CU_ASSERT_EQUAL(TSEC_ARRAY_LEN(known), TSEC_HASHES - 1);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        enum tsec_hash hash = 0;

        CU_ASSERT_TRUE(tsec_hash_named(tsec_span_str(known[i].name), &hash));
        CU_ASSERT_EQUAL(hash, known[i].hash);
        CU_ASSERT_TRUE(tsec_hash_is(hash));
        CU_ASSERT_EQUAL(tsec_hash_len(hash), known[i].len);
        CU_ASSERT_EQUAL(tsec_hash_block(hash), known[i].block);
    }
}

static void
other_names_and_numbers_are_no_hash(void)
{
    static const char *const names[] = { "",         "sha",       "SHA1",     "sha256",   "sha2-",
                                         "sha2-255", "sha2-2560", "sha3-25",  "md5",      "none",
                                         " sha1",    "sha1 ",     "sha3_256", "sha2-256/" };
    enum tsec_hash hash = TSEC_SHA384;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(names); i++) {
        CU_ASSERT_FALSE(tsec_hash_named(tsec_span_str(names[i]), &hash));
    }
    CU_ASSERT_FALSE(tsec_hash_named(tsec_span("sha1", 5), &hash)); /* with its NUL */
    CU_ASSERT_EQUAL(hash, TSEC_SHA384);
    CU_ASSERT_FALSE(tsec_hash_is((enum tsec_hash)0));
    CU_ASSERT_FALSE(tsec_hash_is((enum tsec_hash)TSEC_HASHES));
    CU_ASSERT_FALSE(tsec_hash_is((enum tsec_hash) - 1));
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
    { "hashes have names and lengths", hashes_have_names_and_lengths },
    { "other names and numbers are no hash", other_names_and_numbers_are_no_hash },
    { "threads do not disturb each other", threads_do_not_disturb_each_other },
};

TEST_MAIN("crypto/hash", cases)

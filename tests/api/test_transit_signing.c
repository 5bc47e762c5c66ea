/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/data_bench.h"

#include <stdio.h>

#define HI     "\"input\":\"aGk=\""
/* SHA-256 of "hi". */
#define DIGEST "\"input\":\"j0NDRmSPa5bfid2pAcUXaxCm2Dlh3TwayItZstwyeqQ=\",\"prehashed\":true"

static const char *signature; /* the last one */

/* Signs and verifies with the same members. */
static const char *
round_trip(const char *sign, const char *verify, const char *members)
{
    if (data_postf(sign, "{" HI "%s}", members) != 200) {
        return api_bench_error(&tb);
    }
    signature = data_keep(6, "signature");
    if (data_postf(verify, "{" HI ",\"signature\":\"%s\"%s}", signature, members) != 200) {
        return api_bench_error(&tb);
    }
    return tb_at("data.valid");
}

static const char *
check(const char *members)
{
    return data_postf("verify/k", "{" HI ",\"signature\":\"%s\"%s}", signature, members) == 200
               ? tb_at("data.valid")
               : api_bench_error(&tb);
}

static void
any_hash_will_do_and_the_path_wins(void)
{
    static const char *const hashes[] = { "sha1",     "sha2-224", "sha2-256",
                                          "sha2-384", "sha2-512", "sha3-224",
                                          "sha3-256", "sha3-384", "sha3-512" };
    char sign[64];
    char verify[64];
    char member[96];

    tb_begin();
    data_key("k", "{\"type\":\"ecdsa-p256\"}");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(hashes); i++) {
        (void)snprintf(sign, sizeof(sign), "sign/k/%s", hashes[i]);
        (void)snprintf(verify, sizeof(verify), "verify/k/%s", hashes[i]);
        CU_ASSERT_STRING_EQUAL(
            round_trip(sign, "verify/k/sha2-256", ",\"hash_algorithm\":\"none\""),
            strcmp(hashes[i], "sha2-256") == 0 ? "true" : "false");
        CU_ASSERT_STRING_EQUAL(round_trip(sign, verify, ",\"hash_algorithm\":\"sha2-224\""),
                               "true");
        (void)snprintf(member, sizeof(member), ",\"hash_algorithm\":\"%s\"", hashes[i]);
        CU_ASSERT_STRING_EQUAL(round_trip("sign/k", "verify/k", member), "true");
        (void)snprintf(member, sizeof(member), ",\"algorithm\":\"%s\"", hashes[i]);
        CU_ASSERT_STRING_EQUAL(round_trip("sign/k", verify, member), "true");
    }
    CU_ASSERT_STRING_EQUAL(round_trip("sign/k/md5", "verify/k", ""),
                           "invalid hash algorithm \"md5\"");
    CU_ASSERT_STRING_EQUAL(round_trip("sign/k", "verify/k", ",\"algorithm\":\"keccak\""),
                           "invalid hash algorithm \"keccak\"");
    tb_end();
}

static void
a_digest_may_be_sent_instead(void)
{
    static const char *const types[] = { "ecdsa-p256", "ecdsa-secp256k1", "rsa-2048" };
    char body[64];

    tb_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        char path[64];

        (void)snprintf(body, sizeof(body), "{\"type\":\"%s\"}", types[i]);
        data_key(types[i], body);
        (void)snprintf(path, sizeof(path), "sign/%s", types[i]);
        EXPECT(200, tb_post(path, "{" DIGEST "}"));
        (void)snprintf(path, sizeof(path), "verify/%s", types[i]);
        EXPECT(200, data_postf(path, "{" HI ",\"signature\":\"%s\"}", data_keep(0, "signature")));
        EXPECT_AT("data.valid", "true");
        (void)snprintf(path, sizeof(path), "sign/%s", types[i]);
        EXPECT(400, tb_post(path, "{" HI ",\"prehashed\":true}"));
        EXPECT(400, tb_post(path, "{" DIGEST ",\"hash_algorithm\":\"sha2-512\"}"));
    }
    tb_end();
}

static void
rsa_has_two_schemes_and_salts(void)
{
    tb_begin();
    data_key("k", "{\"type\":\"rsa-2048\"}");
    CU_ASSERT_STRING_EQUAL(round_trip("sign/k", "verify/k", ""), "true");
    CU_ASSERT_STRING_EQUAL(check(",\"signature_algorithm\":\"pss\""), "true");
    CU_ASSERT_STRING_EQUAL(check(",\"signature_algorithm\":\"pkcs1v15\""), "false");
    CU_ASSERT_STRING_EQUAL(check(",\"salt_length\":\"hash\""), "false"); /* auto is the longest */
    CU_ASSERT_STRING_EQUAL(
        round_trip("sign/k", "verify/k", ",\"signature_algorithm\":\"pkcs1v15\""), "true");
    CU_ASSERT_STRING_EQUAL(check(",\"signature_algorithm\":\"pss\""), "false");
    CU_ASSERT_STRING_EQUAL(round_trip("sign/k", "verify/k", ",\"salt_length\":\"hash\""), "true");
    CU_ASSERT_STRING_EQUAL(check(",\"salt_length\":32"), "true");
    CU_ASSERT_STRING_EQUAL(check(",\"salt_length\":\"auto\""), "true");
    CU_ASSERT_STRING_EQUAL(check(",\"salt_length\":\"31\""), "false");
    CU_ASSERT_STRING_EQUAL(round_trip("sign/k", "verify/k", ",\"salt_length\":0"), "true");
    tb_end();
}

static void
no_hash_at_all_is_for_pkcs1(void)
{
    static const char only[] =
        "hash_algorithm=none requires both prehashed=true and signature_algorithm=pkcs1v15";

    tb_begin();
    data_key("k", "{\"type\":\"rsa-2048\"}");
    CU_ASSERT_STRING_EQUAL(round_trip("sign/k/none", "verify/k/none",
                                      ",\"prehashed\":true,\"signature_algorithm\":\"pkcs1v15\""),
                           "true");
    CU_ASSERT_STRING_EQUAL(round_trip("sign/k/none", "verify/k", ",\"prehashed\":true"), only);
    CU_ASSERT_STRING_EQUAL(
        round_trip("sign/k/none", "verify/k", ",\"signature_algorithm\":\"pkcs1v15\""), only);
    tb_end();
}

static void
options_that_are_none_are_refused(void)
{
    static const struct {
        const char *members;
        const char *error;
    } table[] = {
        { ",\"marshaling_algorithm\":\"xx\"", "invalid marshaling type \"xx\"" },
        { ",\"signature_algorithm\":\"pkcs7\"", "unsupported rsa signature algorithm pkcs7" },
        { ",\"salt_length\":\"long\"", "salt length neither 'auto', 'hash', nor an int" },
        { ",\"salt_length\":-5", "salt length is invalid: -5" },
        { ",\"prehashed\":\"perhaps\"",
          "error converting input for field \"prehashed\": expected true or false" },
        { ",\"low_s\":3", "error converting input for field \"low_s\": expected true or false" },
        { ",\"context\":7", "error converting input for field \"context\": expected a string" },
        { ",\"key_version\":\"x\"",
          "error converting input for field \"key_version\": expected a whole number" },
    };

    tb_begin();
    data_key("k", "{\"type\":\"rsa-2048\"}");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        CU_ASSERT_STRING_EQUAL(round_trip("sign/k", "verify/k", table[i].members), table[i].error);
    }
    EXPECT(400, tb_post("sign/k", "{" HI ",\"salt_length\":4000}"));
    tb_end();
}

/* Of n and order - n one is low: over many signatures half would be high. */
static void
low_s_is_low(void)
{
    tb_begin();
    data_key("k", "{\"type\":\"ecdsa-p256\"}");
    for (int i = 0; i < 24; i++) {
        CU_ASSERT_STRING_EQUAL(
            round_trip("sign/k", "verify/k", ",\"low_s\":true,\"marshaling_algorithm\":\"raw\""),
            "true");
    }
    tb_end();
}

static const struct test_case cases[] = {
    { "any hash will do and the path wins", any_hash_will_do_and_the_path_wins },
    { "a digest may be sent instead", a_digest_may_be_sent_instead },
    { "RSA has two schemes and salts", rsa_has_two_schemes_and_salts },
    { "no hash at all is for PKCS #1", no_hash_at_all_is_for_pkcs1 },
    { "options that are none are refused", options_that_are_none_are_refused },
    { "low s is low", low_s_is_low },
};

TEST_MAIN("api/transit_signing", cases)

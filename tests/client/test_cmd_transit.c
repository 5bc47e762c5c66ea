/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/span.h"
#include "client/transit.h"
#include "tests/client/cmd_case.h"
#include "tests/client/run_cli.h"
#include "tests/client/server_double.h"
#include "tests/test.h"

#define CIPHERTEXT "{\"data\":{\"ciphertext\":\"vault:v2:eA==\",\"key_version\":2}}"
#define SIGNATURE  "{\"data\":{\"signature\":\"vault:v1:c2ln\",\"key_version\":1}}"
#define KEY                                                                              \
    "{\"data\":{\"name\":\"k\",\"type\":\"ecdsa-p256\",\"keys\":{\"1\":{\"public_key\":" \
    "\"old\"},\"2\":{\"public_key\":\"-----BEGIN PUBLIC KEY-----\\nnew\\n\"}}}}"

static const struct cmd_case encryption[] = {
    { "transit encrypt k", "hello", "POST /v1/transit/encrypt/k ", "{\"plaintext\":\"aGVsbG8=\"}",
      200, CIPHERTEXT, 0, "vault:v2:eA==\n" },
    { "transit encrypt -mount=a/b -key-version=1 -context=Yw== -aad=YWQ= k -", "",
      "POST /v1/a/b/encrypt/k ",
      "{\"plaintext\":\"\",\"key_version\":\"1\",\"context\":\"Yw==\",\"associated_data\":\"YWQ="
      "\"}",
      200, CIPHERTEXT, 0, "vault:v2:" },
    { "transit encrypt -field=key_version k", "x", "POST /v1/transit/encrypt/k ",
      "{\"plaintext\":\"eA==\"}", 200, CIPHERTEXT, 0, "2" },
    { "transit encrypt -format=json k", "x", "POST /v1/transit/encrypt/k ",
      "{\"plaintext\":\"eA==\"}", 200, CIPHERTEXT, 0, "\"ciphertext\": \"vault:v2:eA==\"" },
    { "transit encrypt a/b", "x", NULL, NULL, 0, NULL, 1, "-mount" },
    { "transit encrypt", "x", NULL, NULL, 0, NULL, 1, "Usage" },
    { "transit encrypt k /nonexistent", "", NULL, NULL, 0, NULL, 1, "cannot open" },
    { "transit decrypt k", "vault:v2:eA==\n", "POST /v1/transit/decrypt/k ",
      "{\"ciphertext\":\"vault:v2:eA==\"}", 200, "{\"data\":{\"plaintext\":\"aGVsbG8=\"}}", 0,
      "hello" },
    { "transit decrypt k", "junk", "POST /v1/transit/decrypt/k ", "{\"ciphertext\":\"junk\"}", 400,
      "{\"errors\":[\"invalid ciphertext: no prefix\"]}", 2, "no prefix" },
    { "transit decrypt k", "vault:v1:", "POST /v1/transit/decrypt/k ",
      "{\"ciphertext\":\"vault:v1:\"}", 200, "{\"data\":{\"plaintext\":\"?\"}}", 2, "not base64" },
    { "transit decrypt k", "\xff\xfe", NULL, NULL, 0, NULL, 1, "is text" },
    { "transit rewrap k", "vault:v1:eA==", "POST /v1/transit/rewrap/k ",
      "{\"ciphertext\":\"vault:v1:eA==\"}", 200, CIPHERTEXT, 0, "vault:v2:eA==\n" },
    { "transit datakey -bits=128 -plaintext k", "", "POST /v1/transit/datakey/plaintext/k ",
      "{\"bits\":\"128\"}", 200, "{\"data\":{\"plaintext\":\"cA==\"}}", 0, "plaintext    cA==" },
    { "transit datakey k", "", "POST /v1/transit/datakey/wrapped/k ", "{}", 200, CIPHERTEXT, 0,
      "ciphertext" },
    { "transit random", "", "POST /v1/transit/random ", "{\"bytes\":\"32\"}", 200,
      "{\"data\":{\"random_bytes\":\"cg==\"}}", 0, "cg==\n" },
    { "transit random -encoding=hex 2", "", "POST /v1/transit/random ",
      "{\"format\":\"hex\",\"bytes\":\"2\"}", 200, "{\"data\":{\"random_bytes\":\"00ff\"}}", 0,
      "00ff\n" },
    { "transit hash", "abc", NULL, NULL, 0, NULL, 0,
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n" },
    { "transit hash -hash=sha3-256", "abc", NULL, NULL, 0, NULL, 0,
      "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532\n" },
    { "transit hash -hash=md5", "abc", NULL, NULL, 0, NULL, 1, "no hash md5" },
};

static const struct cmd_case signing[] = {
    { "transit sign k", "hello", "POST /v1/transit/sign/k ", "{\"input\":\"aGVsbG8=\"}", 200,
      SIGNATURE, 0, "vault:v1:c2ln\n" },
    { "transit sign -hash=sha2-512 -algorithm=pkcs1v15 -marshaling=jws -key-version=3 -prehashed "
      "-deterministic -low-s -salt=hash -context=Yw== k -",
      "hello", "POST /v1/transit/sign/k ",
      "{\"input\":\"aGVsbG8=\",\"hash_algorithm\":\"sha2-512\",\"signature_algorithm\":"
      "\"pkcs1v15\","
      "\"salt_length\":\"hash\",\"marshaling_algorithm\":\"jws\",\"context\":\"Yw==\","
      "\"key_version\":\"3\",\"prehashed\":true,\"deterministic\":true,\"low_s\":true}",
      200, SIGNATURE, 0, "vault:v1:" },
    { "transit verify -signature=vault:v1:c2ln k", "hello", "POST /v1/transit/verify/k ",
      "{\"input\":\"aGVsbG8=\",\"signature\":\"vault:v1:c2ln\"}", 200,
      "{\"data\":{\"valid\":true}}", 0, "valid\n" },
    { "transit verify -hmac=vault:v1:c2ln k", "hello", "POST /v1/transit/verify/k ",
      "{\"input\":\"aGVsbG8=\",\"hmac\":\"vault:v1:c2ln\"}", 200, "{\"data\":{\"valid\":false}}", 2,
      "not valid\n" },
    { "transit verify -format=json -signature=s k", "hello", "POST /v1/transit/verify/k ",
      "{\"input\":\"aGVsbG8=\",\"signature\":\"s\"}", 200, "{\"data\":{\"valid\":false}}", 2,
      "\"valid\": false" },
    { "transit verify k", "hello", NULL, NULL, 0, NULL, 1, "is needed" },
    { "transit verify -signature=a -hmac=b k", "hello", NULL, NULL, 0, NULL, 1, "is needed" },
    { "transit hmac -hash=sha2-384 k", "hello", "POST /v1/transit/hmac/k ",
      "{\"input\":\"aGVsbG8=\",\"algorithm\":\"sha2-384\"}", 200,
      "{\"data\":{\"hmac\":\"vault:v1:bQ==\"}}", 0, "vault:v1:bQ==\n" },
};

static const struct cmd_case keys[] = {
    { "transit keys list", "", "GET /v1/transit/keys?list=true", NULL, 200,
      "{\"data\":{\"keys\":[\"a\",\"b\"]}}", 0, "a\nb\n" },
    { "transit keys list", "", "GET /v1/transit/keys?list=true", NULL, 404, "{\"errors\":[]}", 2,
      "No value" },
    { "transit keys create -type=ed25519 -auto-rotate=24h -exportable k", "",
      "POST /v1/transit/keys/k ",
      "{\"type\":\"ed25519\",\"auto_rotate_period\":\"24h\",\"exportable\":true}", 200, KEY, 0,
      "Success! The key is there: k" },
    { "transit keys create -type=x k", "", "POST /v1/transit/keys/k ", "{\"type\":\"x\"}", 400,
      "{\"errors\":[\"unknown key type x\"]}", 2, "unknown key type" },
    { "transit keys config -deletion-allowed -min-decryption-version=2 k", "",
      "POST /v1/transit/keys/k/config ",
      "{\"min_decryption_version\":\"2\",\"deletion_allowed\":true}", 200, KEY, 0,
      "Configured: k" },
    { "transit keys config -deletion-allowed=false k", "", "POST /v1/transit/keys/k/config ",
      "{\"deletion_allowed\":false}", 200, KEY, 0, "Configured: k" },
    { "transit keys rotate k", "", "POST /v1/transit/keys/k/rotate ", "{}", 200, KEY, 0,
      "Rotated: k" },
    { "transit keys trim k", "", NULL, NULL, 0, NULL, 1, "is needed" },
    { "transit keys trim -min-available-version=3 k", "", "POST /v1/transit/keys/k/trim ",
      "{\"min_available_version\":\"3\"}", 200, KEY, 0, "Trimmed: k" },
    { "transit keys read k", "", "GET /v1/transit/keys/k ", NULL, 200, KEY, 0, "ecdsa-p256" },
    { "transit keys public k", "", "GET /v1/transit/keys/k ", NULL, 200, KEY, 0,
      "-----BEGIN PUBLIC KEY-----\nnew\n" },
    { "transit keys public k", "", "GET /v1/transit/keys/k ", NULL, 200,
      "{\"data\":{\"keys\":{\"1\":1700000000}}}", 2, "no public key" },
    { "transit keys delete k", "", "DELETE /v1/transit/keys/k ", NULL, 204, NULL, 0, "Deleted: k" },
    { "transit keys export -version=2 -encoding=der signing-key k", "",
      "GET /v1/transit/export/signing-key/k/2?format=der ", NULL, 200,
      "{\"data\":{\"keys\":{\"2\":\"eA==\"}}}", 0, "keys" },
    { "transit keys export -encoding=something-else signing-key k", "", NULL, NULL, 0, NULL, 1,
      "-encoding is" },
    { "transit keys backup k", "", "GET /v1/transit/backup/k ", NULL, 200,
      "{\"data\":{\"backup\":\"YmFja3Vw\"}}", 0, "YmFja3Vw\n" },
    { "transit keys restore -name=n -force -", "YmFja3Vw\n", "POST /v1/transit/restore/n ",
      "{\"backup\":\"YmFja3Vw\",\"force\":true}", 204, NULL, 0, "Restored" },
    { "transit keys csr -version=2 k", "", "POST /v1/transit/keys/k/csr ", "{\"version\":\"2\"}",
      200, "{\"data\":{\"csr\":\"-----BEGIN\"}}", 0, "-----BEGIN\n" },
    { "transit keys chain k -", "PEM", "POST /v1/transit/keys/k/set-certificate ",
      "{\"certificate_chain\":\"PEM\"}", 204, NULL, 0, "belongs to k" },
    { "transit keys import k -", "x", NULL, NULL, 0, NULL, 1, "-type is needed" },
    { "transit keys import -type=rsa-2048 k -",
      "-----BEGIN RSA PRIVATE KEY-----\neA==\n"
      "-----END RSA PRIVATE KEY-----\n",
      NULL, NULL, 0, NULL, 1, "pkcs8 -topk8" },
    { "transit keys import -type=aes256-gcm96 k -", "x", "GET /v1/transit/wrapping_key ", NULL, 200,
      "{\"data\":{\"public_key\":\"nonsense\"}}", 2, "no RSA-4096" },
    { "transit keys attestation -nonce=0102 k", "",
      "GET /v1/transit/keys/k/attestation?nonce=AQI%3D ", NULL, 200,
      "{\"data\":{\"format\":\"nitro\"}}", 0, "nitro" },
    { "transit keys attestation -nonce=zz k", "", NULL, NULL, 0, NULL, 1, "is hex" },
};

static void
data_goes_through_keys(void)
{
    cmd_cases_run(encryption, TSEC_ARRAY_LEN(encryption));
}

static void
data_is_signed_and_verified(void)
{
    cmd_cases_run(signing, TSEC_ARRAY_LEN(signing));
}

static void
keys_are_made_and_changed(void)
{
    cmd_cases_run(keys, TSEC_ARRAY_LEN(keys));
}

/* ---- data of more than a request takes ---- */

static char big[128];

/* 2 MiB of 'a', whose SHA-256 is known from elsewhere. */
static void
write_big(const char *home)
{
    static char block[64 * 1024];
    FILE *out;

    (void)snprintf(big, sizeof(big), "%s/big", home);
    memset(block, 'a', sizeof(block));
    out = fopen(big, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    for (int i = 0; i < 32; i++) {
        CU_ASSERT_EQUAL(fwrite(block, 1, sizeof(block), out), sizeof(block));
    }
    CU_ASSERT_EQUAL(fclose(out), 0);
}

static void
run_big(const char *command, const struct double_reply *script, size_t n, struct cli_run *run,
        struct server_double **out)
{
    struct server_double *server = server_double_new(script, n, false);
    char line[256];

    (void)snprintf(line, sizeof(line), "%s %s", command, big);
    (void)setenv("TEE_SECRETS_ADDR", server->address, 1);
    run_cli(line, "", run);
    server_double_stop(server);
    *out = server;
}

static void
of_a_large_file_the_hash_is_signed(void)
{
    static const struct double_reply script[] = { { 200, NULL, KEY, 0 },
                                                  { 200, NULL, SIGNATURE, 0 } };
    static struct cli_run run;
    struct server_double *server;

    write_big(run_cli_home());
    run_big("transit sign k", script, 2, &run, &server);
    CU_ASSERT_EQUAL(run.status, 0);
    CU_ASSERT_EQUAL_FATAL(server->requests_len, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(server->requests[0], "GET /v1/transit/keys/k "));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(server->requests[1],
               "{\"input\":\"UlbsGPEWJAJZBdBX1r77A9d7JDURrF937V4CIc5thLU=\",\"prehashed\":true}"));
    server_double_free(server);
    run_cli_home_done();
}

static void
a_key_that_signs_messages_gets_no_hash_instead(void)
{
    static const struct double_reply ed25519[] = {
        { 200, NULL, "{\"data\":{\"type\":\"ed25519\"}}", 0 },
    };
    static const struct double_reply secret[] = { { 403, NULL, "{\"errors\":[\"no\"]}", 0 } };
    static struct cli_run run;
    struct server_double *server;

    write_big(run_cli_home());
    run_big("transit sign k", ed25519, 1, &run, &server);
    CU_ASSERT_EQUAL(run.status, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.err, "signs the data itself"));
    server_double_free(server);
    run_big("transit sign k", secret, 1, &run, &server);
    CU_ASSERT_EQUAL(run.status, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.err, "depends on the key's type"));
    server_double_free(server);
    run_big("transit hmac k", secret, 0, &run, &server);
    CU_ASSERT_EQUAL(run.status, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.err, "one request takes"));
    server_double_free(server);
    run_cli_home_done();
}

static void
hashing_takes_any_size(void)
{
    static struct cli_run run;
    char line[256];

    write_big(run_cli_home());
    (void)snprintf(line, sizeof(line), "transit hash %s", big);
    run_cli(line, "", &run);
    CU_ASSERT_EQUAL(run.status, 0);
    CU_ASSERT_STRING_EQUAL(run.out,
                           "5256ec18f11624025905d057d6befb03d77b243511ac5f77ed5e0221ce6d84b5\n");
    run_cli_home_done();
}

static const struct test_case cases[] = {
    { "data goes through keys", data_goes_through_keys },
    { "data is signed and verified", data_is_signed_and_verified },
    { "keys are made and changed", keys_are_made_and_changed },
    { "of a large file the hash is signed", of_a_large_file_the_hash_is_signed },
    { "a key that signs messages gets no hash instead",
      a_key_that_signs_messages_gets_no_hash_instead },
    { "hashing takes any size", hashing_takes_any_size },
};

TEST_MAIN("client/cmd_transit", cases)

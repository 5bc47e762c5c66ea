/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/transit_bench.h"

#include <stdio.h>

#include "base/base64.h"
#include "base/hex.h"
#include "crypto/hash.h"

#define NONCE "AAECAwQFBgcICQoLDA0ODw=="

static json_t *statement;
static struct tsec_buf bytes;

static void
decode(const char *text, struct tsec_buf *out)
{
    tsec_buf_done(out);
    tsec_buf_init(out, 65536);
    CU_ASSERT_EQUAL_FATAL(tsec_base64_decode(out, TSEC_BASE64_STD, tsec_span_str(text), NULL).code,
                          0);
}

/* Asks for it, and takes the statement out of the reply. */
static void
attest(const char *path)
{
    EXPECT(200, tb_get(path));
    decode(tb_text("data.statement"), &bytes);
    json_decref(statement);
    statement = json_loadb((const char *)bytes.ptr, bytes.len, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(statement);
}

static const char *
says(const char *member)
{
    const char *text = json_string_value(json_object_get(statement, member));

    return text == NULL ? "(absent)" : text;
}

static bool
set(const char *member)
{
    const json_t *it = json_object_get(json_object_get(statement, "settings"), member);

    CU_ASSERT_TRUE(json_is_boolean(it));
    return json_is_true(it);
}

static void
done(void)
{
    json_decref(statement);
    statement = NULL;
    tsec_buf_done(&bytes);
    tb_end();
}

static void
the_statement_says_which_key_it_is_and_what_it_may_do(void)
{
    tb_begin();
    tb_make("k", "ecdsa-p256", ",\"exportable\":true");
    EXPECT(200, tb_post("keys/k/rotate", NULL));

    const char *public_key = tb_text("data.keys.2.public_key");
    const char *made = tb_text("data.keys.2.creation_time");

    attest("keys/k/attestation?nonce=" NONCE);
    CU_ASSERT_STRING_EQUAL(says("type"), "tee-secrets/key-attestation/1");
    CU_ASSERT_STRING_EQUAL(says("nonce"), NONCE);
    CU_ASSERT_STRING_EQUAL(says("mount"), "transit/");
    CU_ASSERT_STRING_EQUAL(says("name"), "k");
    CU_ASSERT_EQUAL(strlen(says("id")), 32);
    CU_ASSERT_STRING_EQUAL(says("key_type"), "ecdsa-p256");
    CU_ASSERT_TRUE(set("exportable"));
    CU_ASSERT_FALSE(set("allow_plaintext_backup"));
    CU_ASSERT_FALSE(set("deletion_allowed"));
    CU_ASSERT_FALSE(set("derived"));
    CU_ASSERT_FALSE(set("convergent_encryption"));
    CU_ASSERT_FALSE(set("imported_key"));
    CU_ASSERT_FALSE(set("attested_only"));
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(statement, "latest_version")), 2);

    const json_t *versions = json_object_get(statement, "versions");
    const json_t *second = json_array_get(versions, 1);
    const char *spki = json_string_value(json_object_get(second, "public_key"));
    char line[65];

    CU_ASSERT_EQUAL(json_array_size(versions), 2);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(second, "version")), 2);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(second, "origin")), "generated");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(second, "created_time")), made);
    (void)snprintf(line, sizeof(line), "%s", spki);
    CU_ASSERT_PTR_NOT_NULL(strstr(public_key, line));
    done();
}

static void
it_names_the_server_s_keys_and_configuration(void)
{
    char vkey[256];
    char identity[512];
    char digest[128];

    tb_begin();
    CU_ASSERT_EQUAL(api_bench_call(&tb, API_GET, "/v1/tee/info", NULL, NULL), 200);
    (void)snprintf(vkey, sizeof(vkey), "%s", api_bench_str(&tb, "ledger_vkey"));
    (void)snprintf(identity, sizeof(identity), "%s", api_bench_str(&tb, "identity_key"));
    (void)snprintf(digest, sizeof(digest), "%s", api_bench_str(&tb, "config_digest"));
    CU_ASSERT_TRUE(strlen(vkey) > 40);
    tb_make("k", "aes256-gcm96", "");
    attest("keys/k/attestation?nonce=" NONCE);
    CU_ASSERT_STRING_EQUAL(says("ledger_vkey"), vkey);
    CU_ASSERT_STRING_EQUAL(says("identity_key"), identity);
    CU_ASSERT_STRING_EQUAL(says("config_digest"), digest);
    CU_ASSERT_TRUE(strlen(says("ledger_origin")) > 0);

    const json_t *first = json_array_get(json_object_get(statement, "versions"), 0);

    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(first, "public_key")), "");
    done();
}

/* As docs/formats.md has it, done again here. */
static void
the_evidence_is_bound_to_the_statement(void)
{
    static const char tag[] = "tee-secrets/key-attestation/1";
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(4096);
    uint8_t digest[TSEC_SHA512_LEN];
    uint8_t binding[TSEC_SHA512_LEN];
    const struct tsec_span parts[] = { tsec_span(tag, strlen(tag) + 1),
                                       tsec_span(digest, sizeof(digest)) };
    struct tsec_span whole;
    char hex[2 * TSEC_SHA512_LEN + 1];

    tb_begin();
    tb_make("k", "ed25519", "");
    attest("keys/k/attestation?nonce=" NONCE);
    whole = tsec_buf_span(&bytes);
    tsec_hash_parts(TSEC_SHA512, &whole, 1, digest);
    tsec_hash_parts(TSEC_SHA512, parts, 2, binding);
    tsec_hex_encode(tsec_span(binding, sizeof(binding)), hex);
    CU_ASSERT_STRING_EQUAL(tb_text("data.binding"), hex);
    CU_ASSERT_STRING_EQUAL(tb_text("data.format"), "fixed");
    decode(tb_text("data.evidence"), &evidence); /* which is the binding, of this TEE */
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&evidence), tsec_span(binding, sizeof(binding))));
    done();
}

static void
another_nonce_is_another_statement(void)
{
    tb_begin();
    tb_make("k", "ed25519", "");
    attest("keys/k/attestation?nonce=" NONCE);

    const char *binding = tb_text("data.binding");

    attest("keys/k/attestation?nonce=AAAAAAAAAAA=");
    CU_ASSERT_STRING_NOT_EQUAL(tb_text("data.binding"), binding);
    CU_ASSERT_STRING_EQUAL(says("nonce"), "AAAAAAAAAAA=");
    done();
}

static void
what_lacks_a_nonce_or_a_key_is_refused(void)
{
    tb_begin();
    tb_make("k", "ed25519", "");
    EXPECT_REFUSED("nonce must be base64 of at least 8 bytes", tb_get("keys/k/attestation"));
    EXPECT(400, tb_get("keys/k/attestation?nonce="));
    EXPECT(400, tb_get("keys/k/attestation?nonce=AAAA"));
    EXPECT(400, tb_get("keys/k/attestation?nonce=!!!!!!!!!!!!"));
    EXPECT_NOTHING(tb_get("keys/x/attestation?nonce=" NONCE));
    EXPECT(403, tb_call_as(NULL, API_GET, "keys/k/attestation?nonce=" NONCE, NULL));
    EXPECT(405, tb_post("keys/k/attestation", "{}"));
    done();
}

static const struct test_case cases[] = {
    { "the statement says which key it is and what it may do",
      the_statement_says_which_key_it_is_and_what_it_may_do },
    { "it names the server's keys and configuration",
      it_names_the_server_s_keys_and_configuration },
    { "the evidence is bound to the statement", the_evidence_is_bound_to_the_statement },
    { "another nonce is another statement", another_nonce_is_another_statement },
    { "what lacks a nonce or a key is refused", what_lacks_a_nonce_or_a_key_is_refused },
};

TEST_MAIN("api/transit_attest", cases)

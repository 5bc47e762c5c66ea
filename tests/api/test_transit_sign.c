/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/data_bench.h"

#include <stdio.h>

#include "base/base64.h"

#define HI "\"input\":\"aGk=\""
static const char BODY[] = "{" HI "}";

/* The bytes after the prefix; -1: not base64 of that kind. */
static int
signature_len(enum tsec_base64_kind kind)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(4096);
    const char *text = strrchr(data_str("signature"), ':');

    return text == NULL
                   || tsec_failed(tsec_base64_decode(&bytes, kind, tsec_span_str(text + 1), NULL))
               ? -1
               : (int)bytes.len;
}

static const char *
verdict(const char *name, const char *more)
{
    char path[96];

    (void)snprintf(path, sizeof(path), "verify/%s", name);
    if (data_postf(path, "{" HI ",\"signature\":\"%s\"%s}", data_keep(7, "signature"), more)
        != 200) {
        return api_bench_error(&tb);
    }
    return tb_at("data");
}

static void
every_type_that_signs_makes_what_verifies(void)
{
    static const char *const types[] = { "ed25519",    "ecdsa-p256",      "ecdsa-p384",
                                         "ecdsa-p521", "ecdsa-secp256k1", "rsa-2048" };
    char settings[64];
    char path[64];

    tb_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        (void)snprintf(settings, sizeof(settings), "{\"type\":\"%s\"}", types[i]);
        data_key(types[i], settings);
        (void)snprintf(path, sizeof(path), "sign/%s", types[i]);
        EXPECT(200, tb_post(path, BODY));
        EXPECT_AT("data.key_version", "1");
        CU_ASSERT_EQUAL(strncmp(data_str("signature"), "vault:v1:", 9), 0);
        CU_ASSERT_STRING_EQUAL(verdict(types[i], ""), "{\"valid\":true}");
    }
    tb_end();
}

static void
curves_marshal_as_der_or_as_r_and_s(void)
{
    static const struct {
        const char *type;
        int len;
    } table[] = {
        { "ecdsa-p256", 64 },      { "ecdsa-p384", 96 }, { "ecdsa-p521", 132 },
        { "ecdsa-secp256k1", 64 }, { "ed25519", 64 },
    };
    char body[96];
    char path[64];

    tb_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        (void)snprintf(body, sizeof(body), "{\"type\":\"%s\"}", table[i].type);
        data_key(table[i].type, body);
        (void)snprintf(path, sizeof(path), "sign/%s", table[i].type);
        EXPECT(200, tb_post(path, "{" HI ",\"marshaling_algorithm\":\"jws\"}"));
        CU_ASSERT_EQUAL(signature_len(TSEC_BASE64_URL), table[i].len);
        CU_ASSERT_PTR_NULL(strchr(data_str("signature"), '='));
        CU_ASSERT_STRING_EQUAL(verdict(table[i].type, ",\"marshaling_algorithm\":\"jws\""),
                               "{\"valid\":true}");
        EXPECT(200, tb_post(path, "{" HI ",\"marshaling_algorithm\":\"raw\"}"));
        CU_ASSERT_EQUAL(signature_len(TSEC_BASE64_STD), table[i].len);
        CU_ASSERT_STRING_EQUAL(verdict(table[i].type, ",\"marshaling_algorithm\":\"raw\""),
                               "{\"valid\":true}");
    }
    tb_end();
}

static void
ethereum_gets_its_65_bytes_and_a_recovery_id(void)
{
    tb_begin();
    data_key("e", "{\"type\":\"ecdsa-secp256k1\"}");
    data_key("p", "{\"type\":\"ecdsa-p256\"}");
    EXPECT(200, tb_post("sign/e", BODY));
    CU_ASSERT_TRUE(json_is_integer(api_bench_at(&tb, "data.recovery_id")));
    CU_ASSERT_TRUE(api_bench_int(&tb, "data.recovery_id") <= 3);
    EXPECT(200, tb_post("sign/e", "{" HI ",\"ethereum\":true}"));
    CU_ASSERT_EQUAL(signature_len(TSEC_BASE64_STD), 65);
    CU_ASSERT_STRING_EQUAL(verdict("e", ",\"marshaling_algorithm\":\"ethereum\""),
                           "{\"valid\":true}");
    EXPECT(200, tb_post("sign/e", "{" HI ",\"marshaling_algorithm\":\"raw\"}"));
    CU_ASSERT_STRING_EQUAL(verdict("e", ",\"ethereum\":true"), "supplied signature is invalid");
    EXPECT_REFUSED("marshaling type ethereum requires a key of type ecdsa-secp256k1",
                   tb_post("sign/p", "{" HI ",\"ethereum\":true}"));
    EXPECT(200, tb_post("sign/p", BODY));
    EXPECT_AT("data.recovery_id", "(absent)");
    tb_end();
}

static void
signatures_differ_unless_asked_to_be_the_same(void)
{
    static const char *const types[] = { "ecdsa-p256", "ecdsa-secp256k1" };
    static const char same[] = "{" HI ",\"deterministic\":true}";
    char body[64];
    char path[64];

    tb_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        const char *first;

        (void)snprintf(body, sizeof(body), "{\"type\":\"%s\"}", types[i]);
        data_key(types[i], body);
        (void)snprintf(path, sizeof(path), "sign/%s", types[i]);
        EXPECT(200, tb_post(path, same));
        first = data_keep(0, "signature");
        EXPECT(200, tb_post(path, same));
        CU_ASSERT_STRING_EQUAL(data_str("signature"), first);
        EXPECT(200, tb_post(path, BODY));
        CU_ASSERT_STRING_NOT_EQUAL(data_str("signature"), first);
    }
    tb_end();
}

static void
a_derived_key_signs_with_a_key_of_its_own_for_each_context(void)
{
    char first[64];

    tb_begin();
    data_key("d", "{\"type\":\"ed25519\",\"derived\":true}");
    EXPECT(400, tb_post("sign/d", BODY));
    CU_ASSERT_TRUE(tb_says("missing 'context' for key derivation"));
    EXPECT(200, tb_post("sign/d", "{" HI ",\"context\":\"YQ==\"}"));
    (void)snprintf(first, sizeof(first), "%s", data_str("public_key"));
    CU_ASSERT_EQUAL(strlen(first), 44);
    CU_ASSERT_STRING_EQUAL(verdict("d", ",\"context\":\"YQ==\""), "{\"valid\":true}");
    EXPECT(200, tb_post("sign/d", "{" HI ",\"context\":\"Yg==\"}"));
    CU_ASSERT_STRING_NOT_EQUAL(data_str("public_key"), first);
    CU_ASSERT_STRING_EQUAL(verdict("d", ",\"context\":\"YQ==\""), "{\"valid\":false}");
    tb_end();
}

static void
the_version_is_the_latest_or_the_one_asked_for(void)
{
    tb_begin();
    data_key("k", "{\"type\":\"ed25519\"}");
    data_rotate("k");
    EXPECT(200, tb_post("sign/k", BODY));
    EXPECT_AT("data.key_version", "2");
    EXPECT(200, tb_post("sign/k", "{" HI ",\"key_version\":1}"));
    CU_ASSERT_EQUAL(strncmp(data_str("signature"), "vault:v1:", 9), 0);
    CU_ASSERT_STRING_EQUAL(verdict("k", ""), "{\"valid\":true}");
    EXPECT_REFUSED("requested version for signing is higher than the latest key version",
                   tb_post("sign/k", "{" HI ",\"key_version\":3}"));
    EXPECT_REFUSED("requested version for signing is negative",
                   tb_post("sign/k", "{" HI ",\"key_version\":-1}"));
    data_config("k", "{\"min_encryption_version\":2}");
    EXPECT_REFUSED("requested version for signing is less than the minimum encryption key version",
                   tb_post("sign/k", "{" HI ",\"key_version\":1}"));
    tb_end();
}

static void
what_cannot_be_signed_is_refused(void)
{
    tb_begin();
    data_key("a", NULL);
    data_key("k", "{\"type\":\"ecdsa-p256\"}");
    EXPECT_REFUSED("signing key not found", tb_post("sign/none", BODY));
    EXPECT(404, api_bench_root(&tb, API_GET, "/v1/transit/keys/none", NULL));
    EXPECT_REFUSED("key type aes256-gcm96 does not support signing", tb_post("sign/a", BODY));
    EXPECT_REFUSED("unable to decode input as base64", tb_post("sign/k", "{\"input\":\"a\"}"));
    EXPECT(200, tb_post("sign/k", "{}")); /* the empty message, as with Vault */
    tb_end();
}

/* A key `to` that is the public part of `from`. */
static void
import_public(const char *from, const char *to, const char *type)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(8192);
    char path[64];

    (void)snprintf(path, sizeof(path), "/v1/transit/keys/%s", from);
    EXPECT(200, api_bench_root(&tb, API_GET, path, NULL));
    tsec_buf_printf(&body, "{\"type\":\"%s\",\"public_key\":\"", type);
    for (const char *c = data_str("keys.1.public_key"); *c != '\0'; c++) {
        tsec_buf_put_str(&body, *c == '\n' ? "\\n" : (char[2]){ *c, '\0' });
    }
    tsec_buf_put_str(&body, "\"}");
    tsec_buf_put_byte(&body, 0);
    (void)snprintf(path, sizeof(path), "keys/%s/import", to);
    CU_ASSERT_FATAL(tb_post(path, (const char *)body.ptr) < 300);
}

static void
a_public_key_alone_verifies_and_encrypts_only(void)
{
    const char *kept;

    tb_begin();
    data_key("s", "{\"type\":\"ecdsa-p256\"}");
    import_public("s", "sp", "ecdsa-p256");
    EXPECT(200, tb_post("sign/s", BODY));
    CU_ASSERT_STRING_EQUAL(verdict("sp", ""), "{\"valid\":true}");
    EXPECT_REFUSED("requested version for signing does not contain a private part",
                   tb_post("sign/sp", BODY));

    data_key("r", "{\"type\":\"rsa-2048\"}");
    import_public("r", "rp", "rsa-2048");
    EXPECT(200, tb_post("encrypt/rp", "{\"plaintext\":\"aGk=\"}"));
    kept = data_keep(0, "ciphertext");
    CU_ASSERT_STRING_EQUAL(data_decrypted("r", kept), "aGk=");
    CU_ASSERT_STRING_EQUAL(
        data_decrypted("rp", kept),
        "cannot decrypt ciphertext, key version does not have a private counterpart");
    tb_end();
}

static const struct test_case cases[] = {
    { "every type that signs makes what verifies", every_type_that_signs_makes_what_verifies },
    { "curves marshal as DER or as r and s", curves_marshal_as_der_or_as_r_and_s },
    { "Ethereum gets its 65 bytes and a recovery id",
      ethereum_gets_its_65_bytes_and_a_recovery_id },
    { "signatures differ unless asked to be the same",
      signatures_differ_unless_asked_to_be_the_same },
    { "a derived key signs with a key of its own for each context",
      a_derived_key_signs_with_a_key_of_its_own_for_each_context },
    { "the version is the latest or the one asked for",
      the_version_is_the_latest_or_the_one_asked_for },
    { "a public key alone verifies and encrypts only",
      a_public_key_alone_verifies_and_encrypts_only },
    { "what cannot be signed is refused", what_cannot_be_signed_is_refused },
};

TEST_MAIN("api/transit_sign", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/transit_bench.h"

#include <stdio.h>

#include "base/base64.h"
#include "codec/pem.h"
#include "crypto/pair.h"

/* What stands in the reply for version 1, as PKCS #8 that gives this public key. */
static void
expect_pair(const char *pem, enum tsec_pair_kind kind, const char *public_pem)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(8192);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(8192);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(8192);
    struct tsec_span rest = tsec_span_str(pem);
    struct tsec_span label;
    bool found = false;

    CU_ASSERT_EQUAL_FATAL(tsec_pem_next(&rest, &label, &der, &found, NULL).code, 0);
    CU_ASSERT_TRUE_FATAL(found);
    CU_ASSERT_TRUE(tsec_span_is(label, "PRIVATE KEY"));
    CU_ASSERT_EQUAL_FATAL(tsec_pair_import(kind, tsec_buf_span(&der), &pair, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(tsec_pair_spki(pair, &spki, NULL).code, 0);
    tsec_pem_append(&text, "PUBLIC KEY", tsec_buf_span(&spki));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&text), public_pem));
}

static size_t
bytes_of(const char *base64)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(8192);

    return tsec_failed(tsec_base64_decode(&bytes, TSEC_BASE64_STD, tsec_span_str(base64), NULL))
               ? 0
               : bytes.len;
}

static void
private_keys_come_out_in_the_forms_asked_for(void)
{
    static const struct {
        const char *type;
        enum tsec_pair_kind kind;
        const char *begins; /* by default */
    } pairs[] = {
        { "ecdsa-p256", TSEC_PAIR_P256, "-----BEGIN EC PRIVATE KEY-----\n" },
        { "ecdsa-p384", TSEC_PAIR_P384, "-----BEGIN EC PRIVATE KEY-----\n" },
        { "ecdsa-secp256k1", TSEC_PAIR_SECP256K1, "-----BEGIN EC PRIVATE KEY-----\n" },
        { "rsa-2048", TSEC_PAIR_RSA2048, "-----BEGIN RSA PRIVATE KEY-----\n" },
    };

    tb_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(pairs); i++) {
        const char *public_key;
        char path[128];

        tb_make(pairs[i].type, pairs[i].type, ",\"exportable\":true");
        public_key = tb_text("data.keys.1.public_key");
        (void)snprintf(path, sizeof(path), "export/signing-key/%s", pairs[i].type);
        EXPECT(200, tb_get(path));
        CU_ASSERT_STRING_EQUAL(tb_text("data.name"), pairs[i].type);
        CU_ASSERT_STRING_EQUAL(tb_text("data.type"), pairs[i].type);
        CU_ASSERT_TRUE(strncmp(tb_text("data.keys.1"), pairs[i].begins, strlen(pairs[i].begins))
                       == 0);
        (void)snprintf(path, sizeof(path), "export/signing-key/%s/latest?format=pem",
                       pairs[i].type);
        EXPECT(200, tb_get(path));
        expect_pair(tb_text("data.keys.1"), pairs[i].kind, public_key);
        (void)snprintf(path, sizeof(path), "export/signing-key/%s/1?format=der", pairs[i].type);
        EXPECT(200, tb_get(path));
        CU_ASSERT_TRUE(bytes_of(tb_text("data.keys.1")) > 64);
        (void)snprintf(path, sizeof(path), "export/signing-key/%s?format=raw", pairs[i].type);
        EXPECT(400, tb_get(path));
    }
    tb_make("ed", "ed25519", ",\"exportable\":true");
    EXPECT(200, tb_get("export/signing-key/ed"));
    CU_ASSERT_EQUAL(bytes_of(tb_text("data.keys.1")), 64);
    tb_end();
}

static void
symmetric_keys_come_out_as_their_bytes(void)
{
    tb_begin();
    tb_make("a", "aes256-gcm96", ",\"exportable\":true");
    tb_make("b", "aes128-gcm96", ",\"exportable\":true");
    tb_make("h", "hmac", ",\"exportable\":true,\"key_size\":48");
    EXPECT(200, tb_get("export/encryption-key/a"));
    CU_ASSERT_EQUAL(bytes_of(tb_text("data.keys.1")), 32);
    EXPECT(200, tb_get("export/encryption-key/b?format=raw"));
    CU_ASSERT_EQUAL(bytes_of(tb_text("data.keys.1")), 16);
    EXPECT(200, tb_get("export/hmac-key/h"));
    CU_ASSERT_EQUAL(bytes_of(tb_text("data.keys.1")), 48);
    EXPECT(200, tb_get("export/hmac-key/a"));
    CU_ASSERT_EQUAL(bytes_of(tb_text("data.keys.1")), 32);
    EXPECT(400, tb_get("export/encryption-key/a?format=pem"));
    EXPECT(400, tb_get("export/signing-key/a"));
    EXPECT(400, tb_get("export/public-key/a"));
    tb_end();
}

static void
private_parts_of_a_key_that_is_not_exportable_stay(void)
{
    static const char *const kinds[] = { "signing-key", "hmac-key", "encryption-key" };

    tb_begin();
    tb_make("k", "ecdsa-p256", "");

    const char *public_key = tb_text("data.keys.1.public_key");

    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        char path[128];

        (void)snprintf(path, sizeof(path), "export/%s/k", kinds[i]);
        EXPECT_REFUSED("private key material is not exportable", tb_get(path));
        (void)snprintf(path, sizeof(path), "export/%s/k/1", kinds[i]);
        EXPECT_REFUSED("private key material is not exportable", tb_get(path));
        CU_ASSERT_FALSE(tb_says("BEGIN"));
    }
    EXPECT(200, tb_get("export/public-key/k"));
    CU_ASSERT_TRUE(strncmp(tb_text("data.keys.1"), public_key, 100) == 0);
    EXPECT_REFUSED("selected key version does not have a certificate chain imported",
                   tb_get("export/certificate-chain/k"));
    tb_end();
}

static void
who_is_not_served_by_a_key_does_not_get_it(void)
{
    tb_begin();
    tb_make("k", "ecdsa-p256", ",\"exportable\":true,\"attested_only\":true");
    EXPECT(403, tb_get("export/signing-key/k"));
    EXPECT(403, tb_get("export/signing-key/k/latest"));
    EXPECT(403, tb_get("export/hmac-key/k"));
    EXPECT(200, tb_get("export/public-key/k"));
    tb_end();
}

static void
one_version_or_all(void)
{
    tb_begin();
    tb_make("k", "ed25519", "");
    for (int i = 0; i < 3; i++) {
        EXPECT(200, tb_post("keys/k/rotate", NULL));
    }
    EXPECT(200, tb_post("keys/k/config", "{\"min_decryption_version\":2}"));
    EXPECT(200, tb_get("export/public-key/k"));
    EXPECT_AT("data.keys.1", "(absent)");
    CU_ASSERT_TRUE(api_bench_has(&tb, "data.keys.2"));
    CU_ASSERT_TRUE(api_bench_has(&tb, "data.keys.4"));

    const char *third = tb_at("data.keys.3");
    const char *fourth = tb_at("data.keys.4");

    EXPECT(200, tb_get("export/public-key/k/3"));
    EXPECT_AT("data.keys.3", third);
    EXPECT_AT("data.keys.4", "(absent)");
    EXPECT(200, tb_get("export/public-key/k/v3"));
    EXPECT_AT("data.keys.3", third);
    EXPECT(200, tb_get("export/public-key/k/latest"));
    EXPECT_AT("data.keys.4", fourth);
    EXPECT_REFUSED("version for export is below minimum decryption version",
                   tb_get("export/public-key/k/1"));
    EXPECT_REFUSED("version does not exist or cannot be found", tb_get("export/public-key/k/5"));
    EXPECT_REFUSED("invalid key version", tb_get("export/public-key/k/x"));
    EXPECT_REFUSED("invalid key version", tb_get("export/public-key/k/v"));
    EXPECT(400, tb_get("export/public-key/k/0"));
    EXPECT(400, tb_get("export/public-key/k/-1"));
    tb_end();
}

static void
what_is_no_export_is_refused(void)
{
    tb_begin();
    tb_make("k", "ed25519", ",\"exportable\":true");
    EXPECT_REFUSED("invalid export type: key", tb_get("export/key/k"));
    EXPECT_REFUSED("invalid format: jwk", tb_get("export/signing-key/k?format=jwk"));
    EXPECT_REFUSED("encryption not supported for the key", tb_get("export/encryption-key/k"));
    EXPECT_NOTHING(tb_get("export/signing-key/x"));
    EXPECT_NOTHING(tb_get("export/signing-key/x/1"));
    EXPECT(405, tb_post("export/signing-key/k", "{}"));
    EXPECT(404, tb_get("export/signing-key"));
    tb_end();
}

static const struct test_case cases[] = {
    { "private keys come out in the forms asked for",
      private_keys_come_out_in_the_forms_asked_for },
    { "symmetric keys come out as their bytes", symmetric_keys_come_out_as_their_bytes },
    { "private parts of a key that is not exportable stay",
      private_parts_of_a_key_that_is_not_exportable_stay },
    { "who is not served by a key does not get it", who_is_not_served_by_a_key_does_not_get_it },
    { "one version or all", one_version_or_all },
    { "what is no export is refused", what_is_no_export_is_refused },
};

TEST_MAIN("api/transit_export", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/transit_bench.h"

#include <stdio.h>

#include "base/base64.h"
#include "codec/pem.h"
#include "crypto/keywrap.h"
#include "crypto/pair.h"
#include "crypto/rand.h"

static struct tsec_pair *wrapping;

/* Asks for the mount's wrapping key. */
static void
fetch_wrapping(void)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    struct tsec_span rest;
    struct tsec_span label;
    bool found = false;

    EXPECT(200, tb_get("wrapping_key"));
    rest = tsec_span_str(tb_text("data.public_key"));
    CU_ASSERT_EQUAL_FATAL(tsec_pem_next(&rest, &label, &spki, &found, NULL).code, 0);
    CU_ASSERT_TRUE_FATAL(found);
    tsec_pair_free(wrapping);
    CU_ASSERT_EQUAL_FATAL(
        tsec_pair_from_spki(TSEC_PAIR_RSA4096, tsec_buf_span(&spki), &wrapping, NULL).code, 0);
}

static void
done(void)
{
    tsec_pair_free(wrapping);
    wrapping = NULL;
    tb_end();
}

/* What a client sends: the key under an ephemeral one, that one under the wrapping key. */
static const char *
wrap(struct tsec_span key, enum tsec_hash hash, const char *more)
{
    static char body[16384];
    TSEC_AUTO_BUF struct tsec_buf both = TSEC_BUF_INIT(8192);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(16384);
    uint8_t ephemeral[TSEC_KWP_KEY_LEN];

    tsec_rand_bytes(ephemeral, sizeof(ephemeral));
    CU_ASSERT_EQUAL_FATAL(tsec_pair_encrypt(wrapping, hash, tsec_span(NULL, 0),
                                            tsec_span(ephemeral, sizeof(ephemeral)), &both, NULL)
                              .code,
                          0);
    CU_ASSERT_EQUAL_FATAL(tsec_kwp_wrap(ephemeral, key, &both, NULL).code, 0);
    tsec_base64_append(&text, TSEC_BASE64_STD, tsec_buf_span(&both));
    (void)snprintf(body, sizeof(body), "{\"ciphertext\":\"%.*s\"%s}", (int)text.len,
                   (const char *)text.ptr, more);
    return body;
}

static struct tsec_pair *
new_pair(enum tsec_pair_kind kind, struct tsec_buf *pkcs8, char *public_pem, size_t size)
{
    struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(4096);

    tsec_buf_init(pkcs8, TSEC_PAIR_PKCS8_MAX);
    CU_ASSERT_EQUAL_FATAL(tsec_pair_generate(kind, &pair, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(tsec_pair_pkcs8(pair, pkcs8, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(tsec_pair_spki(pair, &spki, NULL).code, 0);
    tsec_pem_append(&pem, "PUBLIC KEY", tsec_buf_span(&spki));
    (void)snprintf(public_pem, size, "%.*s", (int)pem.len, (const char *)pem.ptr);
    return pair;
}

static void
the_wrapping_key_is_made_once(void)
{
    tb_begin();
    EXPECT(400, tb_post("keys/k/import", "{\"ciphertext\":\"AAAA\"}"));
    EXPECT(200, tb_get("wrapping_key"));

    const char *first = tb_text("data.public_key");

    CU_ASSERT_TRUE(strncmp(first, "-----BEGIN PUBLIC KEY-----\n", 27) == 0);
    EXPECT(200, tb_get("wrapping_key"));
    CU_ASSERT_STRING_EQUAL(tb_text("data.public_key"), first);
    EXPECT_NOTHING(tb_list("keys/"));
    done();
}

static void
keys_come_in_wrapped(void)
{
    static const struct {
        const char *type;
        enum tsec_pair_kind kind;
    } pairs[] = {
        { "ecdsa-p256", TSEC_PAIR_P256 },
        { "ecdsa-secp256k1", TSEC_PAIR_SECP256K1 },
        { "rsa-2048", TSEC_PAIR_RSA2048 },
    };
    static const uint8_t bytes[32] = { 1, 2, 3 };

    tb_begin();
    fetch_wrapping();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(pairs); i++) {
        TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(0);
        char public_pem[2048];
        char more[64];
        char path[64];

        tsec_pair_free(new_pair(pairs[i].kind, &pkcs8, public_pem, sizeof(public_pem)));
        (void)snprintf(path, sizeof(path), "keys/%s/import", pairs[i].type);
        (void)snprintf(more, sizeof(more), ",\"type\":\"%s\"", pairs[i].type);
        EXPECT(204, tb_post(path, wrap(tsec_buf_span(&pkcs8), TSEC_SHA256, more)));
        (void)snprintf(path, sizeof(path), "keys/%s", pairs[i].type);
        EXPECT(200, tb_get(path));
        CU_ASSERT_STRING_EQUAL(tb_text("data.keys.1.public_key"), public_pem);
        EXPECT_AT("data.imported_key", "true");
        EXPECT_AT("data.imported_key_allow_rotation", "false");
    }
    EXPECT(204, tb_post("keys/s/import", wrap(tsec_span(bytes, sizeof(bytes)), TSEC_SHA1,
                                              ",\"hash_function\":\"sha1\",\"exportable\":true")));
    EXPECT(200, tb_get("export/encryption-key/s"));
    EXPECT_AT("data.keys.1", "\"AQIDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"");
    EXPECT(204, tb_post("keys/t/import",
                        wrap(tsec_span(bytes, 16), TSEC_SHA512,
                             ",\"hash_function\":\"SHA512\",\"type\":\"aes128-gcm96\"")));
    EXPECT(204, tb_post("keys/h/import", wrap(tsec_span(bytes, sizeof(bytes)), TSEC_SHA256,
                                              ",\"type\":\"hmac\",\"allow_rotation\":\"true\"")));
    EXPECT(200, tb_get("keys/h"));
    EXPECT_AT("data.imported_key_allow_rotation", "true");
    done();
}

static void
what_does_not_unwrap_is_refused(void)
{
    static const uint8_t bytes[64] = { 9 };
    TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(0);
    char public_pem[2048];

    tb_begin();
    fetch_wrapping();
    tsec_pair_free(new_pair(TSEC_PAIR_P256, &pkcs8, public_pem, sizeof(public_pem)));
    EXPECT(400, tb_post("keys/k/import", wrap(tsec_span(bytes, 31), TSEC_SHA256, "")));
    EXPECT(400, tb_post("keys/k/import", wrap(tsec_span(bytes, 32), TSEC_SHA256,
                                              ",\"never_exportable\":true,"
                                              "\"exportable\":true")));
    EXPECT(400, tb_post("keys/k/import", wrap(tsec_span(bytes, 32), TSEC_SHA384, "")));
    EXPECT(400, tb_post("keys/k/import",
                        wrap(tsec_span(bytes, 64), TSEC_SHA256, ",\"type\":\"ecdsa-p256\"")));
    EXPECT(400, tb_post("keys/k/import",
                        wrap(tsec_buf_span(&pkcs8), TSEC_SHA256, ",\"type\":\"ecdsa-p384\"")));
    EXPECT(400, tb_post("keys/k/import",
                        wrap(tsec_buf_span(&pkcs8), TSEC_SHA256, ",\"type\":\"ecdsa-secp256k1\"")));
    EXPECT_REFUSED("unknown hash function: md5",
                   tb_post("keys/k/import",
                           wrap(tsec_span(bytes, 32), TSEC_SHA256, ",\"hash_function\":\"md5\"")));
    EXPECT_REFUSED(
        "unknown key type x",
        tb_post("keys/k/import", wrap(tsec_span(bytes, 32), TSEC_SHA256, ",\"type\":\"x\"")));
    EXPECT_REFUSED("import cannot be used on keys with convergent encryption enabled",
                   tb_post("keys/k/import", wrap(tsec_span(bytes, 32), TSEC_SHA256,
                                                 ",\"convergent_encryption\":false")));
    EXPECT_REFUSED(
        "only one of the following fields, ciphertext and public_key, can be set",
        tb_post("keys/k/import", wrap(tsec_span(bytes, 32), TSEC_SHA256, ",\"public_key\":\"x\"")));
    EXPECT_REFUSED("allow_rotation must be set to true if auto-rotation is enabled",
                   tb_post("keys/k/import", wrap(tsec_span(bytes, 32), TSEC_SHA256,
                                                 ",\"auto_rotate_period\":\"2h\"")));
    EXPECT_REFUSED("ciphertext or public_key must be given", tb_post("keys/k/import", "{}"));
    EXPECT_REFUSED("failed to base64-decode ciphertext",
                   tb_post("keys/k/import", "{\"ciphertext\":\"!\"}"));
    EXPECT(400, tb_post("keys/k/import", "{\"ciphertext\":\"\"}"));
    EXPECT(400, tb_post("keys/k/import", "{\"ciphertext\":\"AAAA\"}"));
    EXPECT_NOTHING(tb_get("keys/k"));
    done();
}

/* No wrapping key is made for these. */
static void
public_keys_come_in_alone_and_sign_nothing(void)
{
    TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(0);
    char public_pem[2048];
    char body[4096];

    tb_begin();
    tsec_pair_free(new_pair(TSEC_PAIR_P256, &pkcs8, public_pem, sizeof(public_pem)));
    (void)snprintf(body, sizeof(body), "{\"type\":\"ecdsa-p256\",\"public_key\":\"%s\"}",
                   tb_quote(public_pem));
    EXPECT(204, tb_post("keys/k/import", body));
    EXPECT(200, tb_get("keys/k"));
    CU_ASSERT_STRING_EQUAL(tb_text("data.keys.1.public_key"), public_pem);
    EXPECT_AT("data.never_exportable", "false");
    EXPECT(400, tb_post("sign/k", "{\"input\":\"aGVsbG8=\"}"));
    EXPECT_REFUSED("requested version for signing does not contain a private part",
                   tb_post("keys/k/csr", "{}"));
    EXPECT_REFUSED("the import path cannot be used with an existing key; use import-version to "
                   "rotate an existing imported key",
                   tb_post("keys/k/import", body));
    (void)snprintf(body, sizeof(body), "{\"type\":\"ecdsa-p384\",\"public_key\":\"%s\"}",
                   tb_quote(public_pem));
    EXPECT(400, tb_post("keys/x/import", body));
    (void)snprintf(body, sizeof(body), "{\"type\":\"aes256-gcm96\",\"public_key\":\"%s\"}",
                   tb_quote(public_pem));
    EXPECT_REFUSED("provided type does not support public_key import",
                   tb_post("keys/x/import", body));
    EXPECT(400, tb_post("keys/x/import", "{\"type\":\"ecdsa-p256\",\"public_key\":\"AAAA\"}"));
    EXPECT(400, tb_post("keys/x/import", "{\"type\":\"ecdsa-p256\",\"public_key\":\"\"}"));
    (void)snprintf(body, sizeof(body),
                   "{\"type\":\"ecdsa-p256\",\"public_key\":\"%s\",\"never_exportable\":true,"
                   "\"exportable\":true}",
                   tb_quote(public_pem));
    EXPECT(400, tb_post("keys/x/import", body));
    EXPECT_NOTHING(tb_get("keys/x"));
    (void)snprintf(body, sizeof(body),
                   "{\"type\":\"ecdsa-p256\",\"public_key\":\"%s\",\"never_exportable\":\"1\"}",
                   tb_quote(public_pem));
    EXPECT(204, tb_post("keys/x/import", body));
    EXPECT(200, tb_get("keys/x"));
    EXPECT_AT("data.never_exportable", "true");
    EXPECT(400, tb_post("keys/x/config", "{\"exportable\":true}"));
    done();
}

static void
further_versions_come_to_imported_keys_only(void)
{
    TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(0);
    TSEC_AUTO_BUF struct tsec_buf second = TSEC_BUF_INIT(0);
    char first_pem[2048];
    char second_pem[2048];
    char body[4096];

    tb_begin();
    tsec_pair_free(new_pair(TSEC_PAIR_P256, &pkcs8, first_pem, sizeof(first_pem)));
    tsec_pair_free(new_pair(TSEC_PAIR_P256, &second, second_pem, sizeof(second_pem)));
    (void)snprintf(body, sizeof(body), "{\"type\":\"ecdsa-p256\",\"public_key\":\"%s\"}",
                   tb_quote(first_pem));
    EXPECT(204, tb_post("keys/k/import", body));
    (void)snprintf(body, sizeof(body), "{\"public_key\":\"%s\"}", tb_quote(second_pem));
    EXPECT(204, tb_post("keys/k/import_version", body));
    EXPECT(200, tb_get("keys/k"));
    EXPECT_AT("data.latest_version", "2");
    CU_ASSERT_STRING_EQUAL(tb_text("data.keys.1.public_key"), first_pem);
    CU_ASSERT_STRING_EQUAL(tb_text("data.keys.2.public_key"), second_pem);
    tb_make("own", "ecdsa-p256", "");
    EXPECT_REFUSED("the import_version endpoint can only be used with an imported key",
                   tb_post("keys/own/import_version", body));
    EXPECT_REFUSED("no key found with name x; to import a new key, use the import/ endpoint",
                   tb_post("keys/x/import_version", body));
    (void)snprintf(body, sizeof(body), "{\"public_key\":\"%s\",\"version\":1}",
                   tb_quote(second_pem));
    EXPECT(400, tb_post("keys/k/import_version", body));
    EXPECT(400, tb_post("keys/k/rotate", NULL));
    done();
}

static const struct test_case cases[] = {
    { "the wrapping key is made once", the_wrapping_key_is_made_once },
    { "keys come in wrapped", keys_come_in_wrapped },
    { "what does not unwrap is refused", what_does_not_unwrap_is_refused },
    { "public keys come in alone and sign nothing", public_keys_come_in_alone_and_sign_nothing },
    { "further versions come to imported keys only", further_versions_come_to_imported_keys_only },
};

TEST_MAIN("api/transit_import", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/transit_bench.h"

#include <stdio.h>

/* The body that derives from `base` with the other side's public key. */
static const char *
ask(const char *base, const char *peer_pem, const char *more)
{
    static char body[4096];

    (void)snprintf(body, sizeof(body), "{\"base_key_name\":\"%s\",\"peer_public_key\":\"%s\"%s}",
                   base, tb_quote(peer_pem), more);
    return body;
}

static const char *
public_key(const char *name)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "keys/%s", name);
    EXPECT(200, tb_get(path));
    return tb_text("data.keys.1.public_key");
}

/* What one encrypts the other decrypts. */
static void
expect_same(const char *one, const char *other)
{
    char path[64];
    char body[512];

    (void)snprintf(path, sizeof(path), "encrypt/%s", one);
    EXPECT(200, tb_post(path, "{\"plaintext\":\"aGVsbG8=\"}"));
    (void)snprintf(body, sizeof(body), "{\"ciphertext\":\"%s\"}", tb_text("data.ciphertext"));
    (void)snprintf(path, sizeof(path), "decrypt/%s", other);
    EXPECT(200, tb_post(path, body));
    EXPECT_AT("data.plaintext", "\"aGVsbG8=\"");
}

static void
both_sides_derive_one_key(void)
{
    static const char *const curves[] = { "ecdsa-p256", "ecdsa-p384", "ecdsa-p521",
                                          "ecdsa-secp256k1" };
    static const char *const types[] = { "aes256-gcm96", "aes128-gcm96", "chacha20-poly1305",
                                         "xaes256-gcm" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(curves); i++) {
        const char *a;
        const char *b;
        char more[64];

        tb_begin();
        tb_make("a", curves[i], "");
        tb_make("b", curves[i], "");
        a = public_key("a");
        b = public_key("b");
        (void)snprintf(more, sizeof(more), ",\"derived_key_type\":\"%s\"", types[i]);
        EXPECT(204, tb_post("derive-key/ab", ask("a", b, more)));
        EXPECT(204, tb_post("derive-key/ba", ask("b", a, more)));
        expect_same("ab", "ba");
        EXPECT(200, tb_get("keys/ab"));
        CU_ASSERT_STRING_EQUAL(tb_text("data.type"), types[i]);
        EXPECT_AT("data.imported_key", "true");
        EXPECT_AT("data.exportable", "false");
        EXPECT_AT("data.imported_key_allow_rotation", "false");
        EXPECT(400, tb_post("keys/ab/rotate", "{}"));
        tb_end();
    }
}

static void
another_version_is_another_key(void)
{
    const char *b;

    tb_begin();
    tb_make("a", "ecdsa-p256", "");
    tb_make("b", "ecdsa-p256", "");
    EXPECT(200, tb_post("keys/a/rotate", NULL));
    b = public_key("b");
    EXPECT(204, tb_post("derive-key/first", ask("a", b, ",\"base_key_version\":\"1\"")));
    EXPECT(204, tb_post("derive-key/second", ask("a", b, ",\"base_key_version\":2")));
    EXPECT(204, tb_post("derive-key/latest", ask("a", b, ",\"base_key_version\":0")));
    expect_same("second", "latest");
    EXPECT(200, tb_post("encrypt/first", "{\"plaintext\":\"aGVsbG8=\"}"));

    char body[512];

    (void)snprintf(body, sizeof(body), "{\"ciphertext\":\"%s\"}", tb_text("data.ciphertext"));
    EXPECT(400, tb_post("decrypt/second", body));
    EXPECT(200, tb_post("keys/a/config", "{\"min_decryption_version\":2}"));
    EXPECT(400, tb_post("derive-key/x", ask("a", b, ",\"base_key_version\":1")));
    tb_end();
}

static void
what_cannot_be_derived_is_refused(void)
{
    const char *p256;
    const char *p384;
    const char *ed25519;

    tb_begin();
    tb_make("a", "ecdsa-p256", "");
    tb_make("b", "ecdsa-p256", "");
    tb_make("c", "ecdsa-p384", "");
    tb_make("e", "ed25519", "");
    tb_make("s", "aes256-gcm96", "");
    p256 = public_key("b");
    p384 = public_key("c");
    ed25519 = public_key("e");
    EXPECT_REFUSED("specified base key not found", tb_post("derive-key/x", ask("none", p256, "")));
    EXPECT_REFUSED("base key type ed25519 does not support key agreement",
                   tb_post("derive-key/x", ask("e", p256, "")));
    EXPECT_REFUSED("base key type aes256-gcm96 does not support key agreement",
                   tb_post("derive-key/x", ask("s", p256, "")));
    EXPECT_REFUSED("peer public key not provided",
                   tb_post("derive-key/x", "{\"base_key_name\":\"a\"}"));
    EXPECT_REFUSED("key derivation algorithm x not supported",
                   tb_post("derive-key/x", ask("a", p256, ",\"key_derivation_algorithm\":\"x\"")));
    EXPECT_REFUSED("unknown key type hmac",
                   tb_post("derive-key/x", ask("a", p256, ",\"derived_key_type\":\"hmac\"")));
    EXPECT_REFUSED("unknown key type x",
                   tb_post("derive-key/x", ask("a", p256, ",\"derived_key_type\":\"x\"")));
    EXPECT_REFUSED("requested version of the base key is negative",
                   tb_post("derive-key/x", ask("a", p256, ",\"base_key_version\":-1")));
    EXPECT_REFUSED("requested version of the base key is higher than the latest key version",
                   tb_post("derive-key/x", ask("a", p256, ",\"base_key_version\":2")));
    EXPECT(400, tb_post("derive-key/x", ask("a", p384, "")));
    EXPECT(400, tb_post("derive-key/x", ask("a", ed25519, "")));
    EXPECT_REFUSED("failed to parse supplied peer public key PEM",
                   tb_post("derive-key/x", ask("a", "no key", "")));
    EXPECT_NOTHING(tb_get("keys/x"));
    EXPECT_REFUSED("key \"b\" already exists", tb_post("derive-key/b", ask("a", p256, "")));
    EXPECT(404, tb_post("derive-key/-x", ask("a", p256, "")));
    tb_end();
}

static void
it_is_a_use_of_the_base_key(void)
{
    const char *b;

    tb_begin();
    tb_make("a", "ecdsa-p256", ",\"max_uses\":1");
    tb_make("b", "ecdsa-p256", "");
    b = public_key("b");
    EXPECT(204, tb_post("derive-key/x", ask("a", b, "")));
    EXPECT(403, tb_post("derive-key/y", ask("a", b, "")));
    EXPECT(200, tb_get("keys/a"));
    EXPECT_AT("data.uses_left", "0");
    EXPECT(200, tb_post("keys/b/config", "{\"attested_only\":true}"));
    EXPECT(403, tb_post("derive-key/y", ask("b", b, "")));
    EXPECT_NOTHING(tb_get("keys/y"));
    tb_end();
}

static void
policies_are_asked_about_both_keys(void)
{
    char new_only[TOKEN_TEXT_MAX + 1];
    char both[TOKEN_TEXT_MAX + 1];
    const char *body;

    tb_begin();
    tb_make("a", "ecdsa-p256", "");
    tb_make("b", "ecdsa-p256", "");
    body = ask("a", public_key("b"), "");
    tb_token("path \"transit/derive-key/mine-*\" { capabilities = [\"create\", \"update\"] }",
             new_only);
    EXPECT(403, tb_call_as(new_only, API_POST, "derive-key/mine-1", body));
    EXPECT_NOTHING(tb_get("keys/mine-1"));
    EXPECT(403, tb_call_as(new_only, API_POST, "derive-key/mine-1", ask("none", "x", "")));
    tb_token("path \"transit/derive-key/mine-*\" { capabilities = [\"create\", \"update\"] } "
             "path \"transit/derive-key/a\" { capabilities = [\"update\"] }",
             both);
    body = ask("a", public_key("b"), "");
    EXPECT(204, tb_call_as(both, API_POST, "derive-key/mine-1", body));
    EXPECT(403, tb_call_as(both, API_POST, "derive-key/mine-2", ask("b", "x", "")));
    tb_end();
}

static const struct test_case cases[] = {
    { "both sides derive one key", both_sides_derive_one_key },
    { "another version is another key", another_version_is_another_key },
    { "what cannot be derived is refused", what_cannot_be_derived_is_refused },
    { "it is a use of the base key", it_is_a_use_of_the_base_key },
    { "policies are asked about both keys", policies_are_asked_about_both_keys },
};

TEST_MAIN("api/transit_derive", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/transit_bench.h"

#include <stdio.h>
#include <stdlib.h>

#define OUT ",\"exportable\":true,\"allow_plaintext_backup\":true"

static const char *
with(const char *backup, const char *more)
{
    static char body[32768];

    (void)snprintf(body, sizeof(body), "{\"backup\":\"%s\"%s}", backup, more);
    return body;
}

static void
encrypt(const char *name, char ciphertext[256])
{
    char path[64];

    (void)snprintf(path, sizeof(path), "encrypt/%s", name);
    EXPECT(200, tb_post(path, "{\"plaintext\":\"aGVsbG8=\"}"));
    (void)snprintf(ciphertext, 256, "%s", tb_text("data.ciphertext"));
}

static void
expect_decrypts(const char *name, const char *ciphertext)
{
    char path[64];
    char body[512];

    (void)snprintf(path, sizeof(path), "decrypt/%s", name);
    (void)snprintf(body, sizeof(body), "{\"ciphertext\":\"%s\"}", ciphertext);
    EXPECT(200, tb_post(path, body));
    EXPECT_AT("data.plaintext", "\"aGVsbG8=\"");
}

static void
what_was_backed_up_comes_back_whole(void)
{
    char first[256];
    char second[256];
    const char *backup;

    tb_begin();
    tb_make("k", "aes256-gcm96", OUT);
    encrypt("k", first);
    EXPECT(200, tb_post("keys/k/rotate", NULL));
    encrypt("k", second);
    EXPECT(200, tb_get("backup/k"));
    backup = tb_text("data.backup");
    EXPECT(200, tb_post("keys/k/config", "{\"deletion_allowed\":true}"));
    EXPECT(204, tb_delete("keys/k"));
    EXPECT(204, tb_post("restore", with(backup, "")));
    expect_decrypts("k", first);
    expect_decrypts("k", second);
    EXPECT(200, tb_get("keys/k"));
    EXPECT_AT("data.latest_version", "2");
    EXPECT(204, tb_post("restore/other", with(backup, "")));
    expect_decrypts("other", first);
    tb_end();
}

static void
a_key_that_is_there_is_replaced_only_by_force(void)
{
    char before[256];
    char after[256];
    const char *backup;

    tb_begin();
    tb_make("k", "aes256-gcm96", OUT);
    encrypt("k", before);
    EXPECT(200, tb_get("backup/k"));
    backup = tb_text("data.backup");
    EXPECT_REFUSED("key \"k\" already exists", tb_post("restore", with(backup, "")));
    EXPECT_REFUSED("key \"k\" already exists", tb_post("restore/k", with(backup, "")));
    EXPECT(200, tb_post("keys/k/rotate", NULL));
    encrypt("k", after);
    EXPECT(204, tb_post("restore", with(backup, ",\"force\":\"true\"")));
    expect_decrypts("k", before);
    EXPECT(200, tb_get("keys/k"));
    EXPECT_AT("data.latest_version", "1");

    char body[512];

    (void)snprintf(body, sizeof(body), "{\"ciphertext\":\"%s\"}", after);
    EXPECT(400, tb_post("decrypt/k", body));
    tb_end();
}

static void
pairs_come_back_and_an_attestation_says_that_they_were_outside(void)
{
    const char *public_key;
    const char *backup;

    tb_begin();
    tb_make("k", "ecdsa-secp256k1", OUT);
    public_key = tb_text("data.keys.1.public_key");
    EXPECT(200, tb_get("backup/k"));
    backup = tb_text("data.backup");
    EXPECT(204, tb_post("restore/copy", with(backup, "")));
    EXPECT(200, tb_get("keys/copy"));
    CU_ASSERT_STRING_EQUAL(tb_text("data.keys.1.public_key"), public_key);
    EXPECT(200, tb_get("keys/copy/attestation?nonce=AAECAwQFBgcICQoLDA0ODw=="));
    /* base64 of `"origin":"imported"` at one of its three places. */
    CU_ASSERT_TRUE(tb_says("Im9yaWdpbiI6ImltcG9ydGVk") || tb_says("JvcmlnaW4iOiJpbXBvcnRlZC")
                   || tb_says("ib3JpZ2luIjoiaW1wb3J0ZWQi"));
    CU_ASSERT_FALSE(tb_says("Im9yaWdpbiI6ImdlbmVyYXRlZC") || tb_says("JvcmlnaW4iOiJnZW5lcmF0ZWQi")
                    || tb_says("ib3JpZ2luIjoiZ2VuZXJhdGVk"));
    tb_end();
}

static void
both_settings_must_allow_a_backup(void)
{
    tb_begin();
    tb_make("k", "aes256-gcm96", "");
    EXPECT_REFUSED("exporting is disallowed on the policy", tb_get("backup/k"));
    EXPECT(200, tb_post("keys/k/config", "{\"exportable\":true}"));
    EXPECT_REFUSED("plaintext backup is disallowed on the policy", tb_get("backup/k"));
    EXPECT(200, tb_post("keys/k/config", "{\"allow_plaintext_backup\":true}"));
    EXPECT(200, tb_get("backup/k"));
    EXPECT(200, tb_post("keys/k/config", "{\"attested_only\":true}"));
    EXPECT(403, tb_get("backup/k"));
    EXPECT_NOTHING(tb_get("backup/x"));
    tb_end();
}

static void
what_is_no_backup_is_refused(void)
{
    static const char *const bad[] = {
        "{}",
        "{\"backup\":\"\"}",
        "{\"backup\":\"!\"}",
        "{\"backup\":\"e30=\"}",
        "{\"backup\":\"eyJwb2xpY3kiOnt9fQ==\"}",
        "{\"backup\":\"AAAA\"}",
        "{\"backup\":5}",
        "[]",
    };

    tb_begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        EXPECT(400, tb_post("restore", bad[i]));
        CU_ASSERT_TRUE(api_bench_error(&tb)[0] != '\0');
        EXPECT(400, tb_post("restore/k", bad[i]));
    }
    EXPECT(404, tb_post("restore/-k", "{\"backup\":\"e30=\"}"));
    EXPECT(404, tb_post("restore/a/b", "{\"backup\":\"e30=\"}"));
    EXPECT_NOTHING(tb_list("keys/"));
    tb_end();
}

static const struct test_case cases[] = {
    { "what was backed up comes back whole", what_was_backed_up_comes_back_whole },
    { "a key that is there is replaced only by force",
      a_key_that_is_there_is_replaced_only_by_force },
    { "pairs come back and an attestation says that they were outside",
      pairs_come_back_and_an_attestation_says_that_they_were_outside },
    { "both settings must allow a backup", both_settings_must_allow_a_backup },
    { "what is no backup is refused", what_is_no_backup_is_refused },
};

TEST_MAIN("api/transit_backup", cases)

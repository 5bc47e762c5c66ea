/* SPDX-License-Identifier: Apache-2.0 */
/* Backups that OpenBao's own code wrote (sdk/helper/keysutil 2.4.0, tests/core/openbao/): what was
 * encrypted, signed and authenticated there is opened and verified here.  Each key was rotated
 * once, with min_decryption_version 2, so that version 1 stands in the archive alone; aes256-gcm96
 * was trimmed to version 2. */
#include <stdio.h>

#include "base/base64.h"
#include "codec/json_scan.h"
#include "core/transit_backup_form.h"
#include "core/transit_crypt.h"
#include "core/transit_transfer.h"
#include "tests/test.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))
enum { FIXTURE_MAX = 64 * 1024 };

static const char plain[] = "a message";
static struct tsec_arena *arena;

struct fixture {
    struct tsec_span json;
    const char *backup;
    const char *ciphertext; /* without "vault:v2:"; NULL: this type does not encrypt */
    const char *signature;
    struct transit_backup_key key;
    const struct transit_material *latest;
};

static const char *
member(const struct fixture *f, const char *name)
{
    static const char prefix[] = "vault:v2:";
    const char *text = NULL;

    OK(backup_text(f->json, name, arena, &text, NULL));
    return text != NULL && strncmp(text, prefix, strlen(prefix)) == 0 ? text + strlen(prefix)
                                                                      : text;
}

static struct tsec_span
load(const char *type)
{
    const char *path = tsec_arena_printf(arena, SOURCE_DIR "/tests/core/openbao/%s.json", type);
    char *text = tsec_arena_alloc(arena, FIXTURE_MAX);
    FILE *in = fopen(path, "rbe");
    size_t len;

    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    len = fread(text, 1, FIXTURE_MAX, in);
    (void)fclose(in);
    return tsec_span(text, len);
}

static struct fixture
begin(const char *type)
{
    const struct tsec_json_limits limits = TSEC_JSON_LIMITS_DEFAULT;
    struct fixture f = { .latest = NULL };

    OK(tsec_arena_new(8 << 20, &arena, NULL));
    f.json = load(type);
    OK(tsec_json_check(f.json, &limits, NULL));
    f.backup = member(&f, "backup");
    f.ciphertext = member(&f, "ciphertext");
    f.signature = member(&f, "signature");
    OK(transit_backup_read(tsec_span_str(f.backup), 1, arena, &f.key, NULL));
    CU_ASSERT_STRING_EQUAL(f.key.key.type_name, type);
    CU_ASSERT_STRING_EQUAL(f.key.key.name, type);
    OK(transit_material_new(transit_key_type(&f.key.key), &f.key.versions[f.key.versions_len - 1],
                            &f.latest, NULL));
    return f;
}

static void
end(struct fixture *f)
{
    transit_material_release(f->latest);
    tsec_arena_free(arena);
}

static struct transit_params
params_of(const struct fixture *f)
{
    struct transit_params params = { .derived = f->key.key.derived,
                                     .convergent = f->key.key.convergent };

    if (params.derived) {
        params.context = tsec_span_str("context");
    }
    return params;
}

static void
expect_opens(const struct fixture *f)
{
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf opened = TSEC_BUF_INIT(4096);
    const struct transit_params params = params_of(f);

    OK(tsec_base64_decode(&sealed, TSEC_BASE64_STD, tsec_span_str(f->ciphertext), NULL));
    OK(transit_decrypt(f->latest, &params, tsec_buf_span(&sealed), &opened, NULL));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&opened), plain));
    if (params.convergent) {
        tsec_buf_reset(&opened);
        OK(transit_encrypt(f->latest, &params, tsec_span_str(plain), &opened, NULL));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&opened), tsec_buf_span(&sealed)));
    }
}

static void
expect_verifies(const struct fixture *f)
{
    static const uint8_t digest[TSEC_SHA256_LEN];
    const struct tsec_signing how = { .hash = TSEC_SHA256,
                                      .prehashed = true,
                                      .salt_len = TSEC_SALT_AUTO };
    const struct transit_params params = params_of(f);
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

    OK(tsec_base64_decode(&sig, TSEC_BASE64_STD, tsec_span_str(f->signature), NULL));
    OK(transit_verify(f->latest, &params, &how, tsec_span(digest, sizeof(digest)),
                      tsec_buf_span(&sig), NULL));
}

static void
expect_authenticates(const struct fixture *f)
{
    uint8_t mac[TSEC_SHA256_LEN];
    char text[TSEC_BASE64_LEN(sizeof(mac)) + 1];

    OK(transit_hmac(f->latest, TSEC_SHA256, tsec_span_str(plain), mac, NULL));
    tsec_base64_encode(TSEC_BASE64_STD, tsec_span(mac, sizeof(mac)), text);
    CU_ASSERT_STRING_EQUAL(text, member(f, "hmac"));
}

static void
what_openbao_did_holds_here(void)
{
    static const char *const types[] = { "aes128-gcm96", "aes256-gcm96", "chacha20-poly1305",
                                         "ed25519",      "ecdsa-p256",   "ecdsa-p384",
                                         "ecdsa-p521",   "rsa-2048",     "hmac" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(types); i++) {
        struct fixture f = begin(types[i]);
        const struct transit_traits *traits = transit_traits(transit_key_type(&f.key.key));

        CU_ASSERT_EQUAL(traits->encrypts, f.ciphertext != NULL);
        CU_ASSERT_EQUAL(traits->signs, f.signature != NULL);
        if (f.ciphertext != NULL) {
            expect_opens(&f);
        }
        if (f.signature != NULL) {
            expect_verifies(&f);
        }
        expect_authenticates(&f);
        end(&f);
    }
}

static void
settings_and_versions_are_openbaos(void)
{
    struct fixture f = begin("ecdsa-p384");

    CU_ASSERT_EQUAL(f.key.key.latest, 2);
    CU_ASSERT_EQUAL(f.key.key.min_decryption, 2);
    CU_ASSERT_EQUAL(f.key.key.min_available, 0);
    CU_ASSERT_EQUAL_FATAL(f.key.versions_len, 2);
    CU_ASSERT_TRUE(f.key.key.exportable && f.key.key.plaintext_backup);
    CU_ASSERT_FALSE(f.key.key.derived || f.key.key.imported || f.key.key.deletion_allowed);
    CU_ASSERT_TRUE(f.key.versions[0].created_ns > INT64_C(1700000000) * 1000000000);
    CU_ASSERT_TRUE(f.key.versions[1].created_ns >= f.key.versions[0].created_ns);
    CU_ASSERT_FALSE(tsec_span_equal(f.key.versions[0].material, f.key.versions[1].material));
    CU_ASSERT_TRUE(f.key.versions[0].imported);
    end(&f);
    f = begin("aes256-gcm96");
    CU_ASSERT_EQUAL(f.key.key.min_available, 2);
    CU_ASSERT_EQUAL(f.key.key.min_encryption, 2);
    CU_ASSERT_EQUAL_FATAL(f.key.versions_len, 1);
    CU_ASSERT_EQUAL(f.key.versions[0].number, 2);
    end(&f);
    f = begin("hmac");
    CU_ASSERT_EQUAL(f.key.key.key_size, 48);
    end(&f);
}

static const struct test_case cases[] = {
    { "what OpenBao did holds here", what_openbao_did_holds_here },
    { "settings and versions are OpenBao's", settings_and_versions_are_openbaos },
};

TEST_MAIN("core/transit_openbao", cases)

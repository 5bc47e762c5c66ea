/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "crypto/sign.h"
#include "tests/crypto/tool.h"
#include "tests/test.h"

enum { PEM_MAX = 8192 };
static const int64_t start = INT64_C(1750000000);

static void
refused_are_other_keys_names_and_lifetimes(void)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *p256 = NULL;
    TSEC_AUTO(tsec_key_free) struct tsec_key *ed = NULL;
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(PEM_MAX);
    static const char *const names[] = { "",    "a,DNS:b",  "a b",       "a\n",
                                         "a/b", "\xc3\xa9", "email:x@y", "*;x" };

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(TSEC_KEY_P256, &p256, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(TSEC_KEY_ED25519, &ed, NULL)));
    CU_ASSERT_EQUAL(tsec_self_signed(ed, "localhost", start, 30, &pem, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_self_signed(p256, "localhost", start, 0, &pem, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_self_signed(p256, "localhost", -1, 1, &pem, NULL).code, TSEC_E_INVALID);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(names); i++) {
        CU_ASSERT_EQUAL(tsec_self_signed(p256, names[i], start, 30, &pem, NULL).code,
                        TSEC_E_INVALID);
    }
    CU_ASSERT_EQUAL(pem.len, 0);
}

static bool
verifies(const char *path, const char *check, const char *name, int64_t at)
{
    char time[32];
    const char *const argv[] = { "openssl", "verify",   "-x509_strict", "-CAfile",
                                 path,      "-purpose", "sslserver",    "-attime",
                                 time,      check,      name,           path,
                                 NULL };

    (void)snprintf(time, sizeof(time), "%lld", (long long)at);
    return tool_run(argv) == 0;
}

static void
openssl_takes_it_for_its_name_and_time(void)
{
    static const struct {
        enum tsec_key_kind kind;
        const char *name;
        const char *check;
        const char *other;
    } made[] = {
        { TSEC_KEY_P256, "secrets.example.com", "-verify_hostname", "other.example.com" },
        { TSEC_KEY_P384, "127.0.0.1", "-verify_ip", "127.0.0.2" },
        { TSEC_KEY_P256, "::1", "-verify_ip", "::2" },
        { TSEC_KEY_P256,
          "a-name-longer-than-a-common-name.that-is-sixty-four-characters.secrets.example.com",
          "-verify_hostname", "example.com" },
    };
    struct tool_dir dir;
    char path[128];

    tool_dir_make(&dir);
    tool_path(&dir, "cert", path);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(made); i++) {
        TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
        TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(PEM_MAX);
        const int64_t day = 86400;

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(made[i].kind, &key, NULL)));
        CU_ASSERT_FALSE_FATAL(
            tsec_failed(tsec_self_signed(key, made[i].name, start, 30, &pem, NULL)));
        tool_write(path, tsec_buf_span(&pem));
        CU_ASSERT_TRUE(verifies(path, made[i].check, made[i].name, start));
        /* the last second is start + 30 * day - 1, which openssl takes for expired */
        CU_ASSERT_TRUE(verifies(path, made[i].check, made[i].name, start + 30 * day - 2));
        CU_ASSERT_FALSE(verifies(path, made[i].check, made[i].name, start - 1));
        CU_ASSERT_FALSE(verifies(path, made[i].check, made[i].name, start + 30 * day));
        CU_ASSERT_FALSE(verifies(path, made[i].check, made[i].other, start));
    }
    tool_dir_remove(&dir);
}

static void
openssl_reads_the_private_key(void)
{
    struct tool_dir dir;
    char path[128];

    tool_dir_make(&dir);
    tool_path(&dir, "key", path);
    for (int kind = TSEC_KEY_ED25519; kind <= TSEC_KEY_X25519; kind++) {
        const char *const argv[] = { "openssl", "pkey", "-in", path, "-check", "-noout", NULL };
        TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
        TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(PEM_MAX);

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate((enum tsec_key_kind)kind, &key, NULL)));
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_pem(key, &pem, NULL)));
        tool_write(path, tsec_buf_span(&pem));
        CU_ASSERT_EQUAL(tool_run(argv), 0);
    }
    tool_dir_remove(&dir);
}

static const struct test_case cases[] = {
    { "refused are other keys, names and lifetimes", refused_are_other_keys_names_and_lifetimes },
    { "openssl takes it for its name and time", openssl_takes_it_for_its_name_and_time },
    { "openssl reads the private key", openssl_reads_the_private_key },
};

int
main(void)
{
    static const char *const probe[] = { "openssl", "version", NULL };

    if (tool_run(probe) == TOOL_MISSING) {
        (void)puts("skipped: the openssl command is not installed");
        return TEST_SKIP;
    }
    return test_main("crypto/cert", cases, TSEC_ARRAY_LEN(cases));
}

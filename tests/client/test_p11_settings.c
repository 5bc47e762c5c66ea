/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/client/run_cli.h"
#include "tests/test.h"

static char path[128];

static const char *
write_file(const char *text)
{
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/pkcs11.conf", getenv("HOME"));
    f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fputs(text, f);
    (void)fclose(f);
    return path;
}

static struct p11_settings *
load(const char *reserved)
{
    struct p11_settings *settings = NULL;
    struct tsec_err err = { 0 };

    CU_ASSERT_FALSE_FATAL(tsec_failed(p11_settings_load(reserved, &settings, &err)));
    return settings;
}

static void
without_anything_there_are_defaults(void)
{
    struct tsec_span key;
    size_t at = 0;

    (void)run_cli_home();
    TSEC_AUTO(p11_settings_free) struct p11_settings *s = load(NULL);
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(CLI_TOKEN_MAX);

    CU_ASSERT_STRING_EQUAL(p11_settings_server(s)->address, CLI_DEFAULT_ADDRESS);
    CU_ASSERT_STRING_EQUAL(p11_settings_mount(s), "transit");
    CU_ASSERT_FALSE(p11_settings_all_versions(s));
    CU_ASSERT_FALSE(p11_settings_next_key(s, &at, &key));
    CU_ASSERT_FALSE(tsec_failed(p11_settings_token(s, &token, NULL)));
    CU_ASSERT_EQUAL(token.len, 0);
    run_cli_home_done();
}

static void
a_file_is_read_and_the_environment_comes_before_it(void)
{
    char reserved[160];
    struct tsec_span key;
    size_t at = 0;

    (void)run_cli_home();
    (void)snprintf(reserved, sizeof(reserved), "conf=%s",
                   write_file("# which server\n\n  address = https://file \nmount=/deep/mount/\n"
                              "keys = a, b ,,c\nversions=all\r\ntimeout = 5s\nca_cert ="));
    (void)setenv("VAULT_ADDR", "https://environment", 1);
    TSEC_AUTO(p11_settings_free) struct p11_settings *s = load(reserved);

    CU_ASSERT_STRING_EQUAL(p11_settings_server(s)->address, "https://environment");
    CU_ASSERT_STRING_EQUAL(p11_settings_mount(s), "deep/mount");
    CU_ASSERT_TRUE(p11_settings_all_versions(s));
    CU_ASSERT_EQUAL(p11_settings_server(s)->timeout_s, 5);
    CU_ASSERT_PTR_NULL(p11_settings_server(s)->ca_cert);
    for (const char *want = "abc"; *want != '\0'; want++) {
        CU_ASSERT_TRUE_FATAL(p11_settings_next_key(s, &at, &key));
        CU_ASSERT_TRUE(key.len == 1 && key.ptr[0] == (uint8_t)*want);
    }
    CU_ASSERT_FALSE(p11_settings_next_key(s, &at, &key));
    (void)unsetenv("VAULT_ADDR");
    CU_ASSERT_STRING_EQUAL(p11_settings_server(s)->address, "https://environment");
    run_cli_home_done();
}

static void
without_names_the_usual_keys_are_shown_and_with_a_star_all(void)
{
    static const struct {
        const char *keys;
        bool lists;
        bool usual;
        bool unusual;
        bool other;
    } table[] = { { "", true, true, false, true },
                  { "*", true, true, true, true },
                  { "a,b", false, true, true, false } };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        (void)run_cli_home();
        (void)setenv("TEE_SECRETS_PKCS11_KEYS", table[i].keys, 1);
        TSEC_AUTO(p11_settings_free) struct p11_settings *s = load(NULL);

        CU_ASSERT_EQUAL(p11_settings_lists(s), table[i].lists);
        CU_ASSERT_EQUAL(p11_settings_shows(s, tsec_span_str("b"), true), table[i].usual);
        CU_ASSERT_EQUAL(p11_settings_shows(s, tsec_span_str("b"), false), table[i].unusual);
        CU_ASSERT_EQUAL(p11_settings_shows(s, tsec_span_str("ab"), true), table[i].other);
        (void)unsetenv("TEE_SECRETS_PKCS11_KEYS");
        run_cli_home_done();
    }
}

static void
a_file_is_found_by_the_environment(void)
{
    (void)run_cli_home();
    (void)setenv("TEE_SECRETS_PKCS11_CONF", write_file("mount = found\n"), 1);
    TSEC_AUTO(p11_settings_free) struct p11_settings *s = load(NULL);

    CU_ASSERT_STRING_EQUAL(p11_settings_mount(s), "found");
    (void)unsetenv("TEE_SECRETS_PKCS11_CONF");
    run_cli_home_done();
}

static void
what_is_no_setting_is_refused(void)
{
    static const char *const bad[] = {
        "mount\n",           "colour = red\n", "versions = some\n", "timeout = soon\n",
        "timeout = 99999\n", "mount = /\n",    "mount = a\001b\n",  "token = t.in-the-file\n",
    };

    (void)run_cli_home();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        TSEC_AUTO(p11_settings_free) struct p11_settings *s = NULL;
        char reserved[160];

        (void)snprintf(reserved, sizeof(reserved), "conf=%s", write_file(bad[i]));
        CU_ASSERT_EQUAL(p11_settings_load(reserved, &s, NULL).code, TSEC_E_CONFIG);
        CU_ASSERT_PTR_NULL(s);
    }
    TSEC_AUTO(p11_settings_free) struct p11_settings *s = NULL;

    CU_ASSERT_EQUAL(p11_settings_load("configdir='sql:/tmp'", &s, NULL).code, TSEC_E_CONFIG);
    CU_ASSERT_EQUAL(p11_settings_load("conf=/nowhere/at/all", &s, NULL).code, TSEC_E_NOT_FOUND);
    run_cli_home_done();
}

static void
a_token_comes_from_the_environment_or_else_its_file(void)
{
    char text[256];

    (void)run_cli_home();
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(CLI_TOKEN_MAX);
    char token_path[160];

    (void)snprintf(token_path, sizeof(token_path), "%s/token", getenv("HOME"));
    (void)snprintf(text, sizeof(text), "token_file = %s\n", token_path);
    (void)setenv("TEE_SECRETS_PKCS11_CONF", write_file(text), 1);
    TSEC_AUTO(p11_settings_free) struct p11_settings *s = load(NULL);

    CU_ASSERT_TRUE(tsec_failed(p11_settings_token(s, &token, NULL)));
    FILE *f = fopen(token_path, "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fputs("t.file\n", f);
    (void)fclose(f);
    CU_ASSERT_FALSE(tsec_failed(p11_settings_token(s, &token, NULL)));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&token), "t.file"));
    (void)setenv("VAULT_TOKEN", "t.environment", 1);
    TSEC_AUTO(p11_settings_free) struct p11_settings *other = load(NULL);

    CU_ASSERT_FALSE(tsec_failed(p11_settings_token(other, &token, NULL)));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&token), "t.environment"));
    (void)unsetenv("VAULT_TOKEN");
    CU_ASSERT_FALSE(tsec_failed(p11_settings_token(other, &token, NULL)));
    CU_ASSERT_EQUAL(token.len, 0); /* and not what the file has */
    (void)unsetenv("TEE_SECRETS_PKCS11_CONF");
    (void)unlink(token_path);
    run_cli_home_done();
}

static const struct test_case cases[] = {
    { "without anything there are defaults", without_anything_there_are_defaults },
    { "a file is read, and the environment comes before it",
      a_file_is_read_and_the_environment_comes_before_it },
    { "without names the usual keys are shown, and with a star all",
      without_names_the_usual_keys_are_shown_and_with_a_star_all },
    { "a file is found by the environment", a_file_is_found_by_the_environment },
    { "what is no setting is refused", what_is_no_setting_is_refused },
    { "a token comes from the environment, or else its file",
      a_token_comes_from_the_environment_or_else_its_file },
};
TEST_MAIN("PKCS #11: settings", cases)

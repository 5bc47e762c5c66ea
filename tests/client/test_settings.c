/* SPDX-License-Identifier: Apache-2.0 */
#include "client/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/client/run_cli.h"
#include "tests/test.h"

static void
write_home(const char *name, const char *text)
{
    char path[128];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/%s", getenv("HOME"), name);
    f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fputs(text, f);
    (void)fclose(f);
}

static bool
token_is(const char *want)
{
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(CLI_TOKEN_MAX + 1);

    return !tsec_failed(cli_token_load(&token, NULL)) && tsec_span_is(tsec_buf_span(&token), want);
}

static void
our_names_come_before_vaults_and_both_before_the_default(void)
{
    struct cli_settings s;

    (void)run_cli_home();
    CU_ASSERT_FALSE(tsec_failed(cli_settings_load(&s, NULL)));
    CU_ASSERT_STRING_EQUAL(s.address, "https://127.0.0.1:8200");
    CU_ASSERT_FALSE(s.skip_verify);
    (void)setenv("VAULT_ADDR", "https://v", 1);
    (void)setenv("VAULT_SKIP_VERIFY", "true", 1);
    CU_ASSERT_FALSE(tsec_failed(cli_settings_load(&s, NULL)));
    CU_ASSERT_STRING_EQUAL(s.address, "https://v");
    CU_ASSERT_TRUE(s.skip_verify);
    (void)setenv("TEE_SECRETS_ADDR", "https://t", 1);
    CU_ASSERT_FALSE(tsec_failed(cli_settings_load(&s, NULL)));
    CU_ASSERT_STRING_EQUAL(s.address, "https://t");
    (void)setenv("TEE_SECRETS_CLIENT_TIMEOUT", "soon", 1);
    CU_ASSERT_EQUAL(cli_settings_load(&s, NULL).code, TSEC_E_INVALID);
    (void)setenv("TEE_SECRETS_CLIENT_TIMEOUT", "5s", 1);
    CU_ASSERT_FALSE(tsec_failed(cli_settings_load(&s, NULL)));
    CU_ASSERT_EQUAL(s.timeout_s, 5);
    (void)unsetenv("TEE_SECRETS_CLIENT_TIMEOUT");
    run_cli_home_done();
}

static void
a_token_is_found_where_it_was_kept(void)
{
    (void)run_cli_home();
    CU_ASSERT_TRUE(token_is(""));
    write_home(".vault-token", "from-vault\n");
    CU_ASSERT_TRUE(token_is("from-vault"));
    CU_ASSERT_FALSE(tsec_failed(cli_token_store(tsec_span_str("ours"), NULL)));
    CU_ASSERT_TRUE(token_is("ours"));
    (void)setenv("VAULT_TOKEN", "environment", 1);
    CU_ASSERT_TRUE(token_is("environment"));
    run_cli_home_done();
}

static void
a_kept_token_is_the_owners_alone(void)
{
    char path[128];
    struct stat st;

    (void)run_cli_home();
    write_home(".tee-secrets-token", "old");
    (void)snprintf(path, sizeof(path), "%s/.tee-secrets-token", getenv("HOME"));
    (void)chmod(path, 0644);
    CU_ASSERT_FALSE(tsec_failed(cli_token_store(tsec_span_str("new"), NULL)));
    CU_ASSERT_EQUAL_FATAL(stat(path, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    CU_ASSERT_TRUE(token_is("new"));
    run_cli_home_done();
}

static void
what_no_header_can_carry_is_no_token(void)
{
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(CLI_TOKEN_MAX + 1);

    (void)run_cli_home();
    CU_ASSERT_FALSE(cli_token_valid(tsec_span_str("")));
    CU_ASSERT_FALSE(cli_token_valid(tsec_span_str("a b")));
    CU_ASSERT_FALSE(cli_token_valid(tsec_span_str("a\r\nX: y")));
    CU_ASSERT_FALSE(cli_token_valid(tsec_span_str("\xc3\xa9")));
    CU_ASSERT_TRUE(cli_token_valid(tsec_span_str("hvs.CAES-_+/=")));
    (void)setenv("TEE_SECRETS_TOKEN", "a\nb", 1);
    CU_ASSERT_EQUAL(cli_token_load(&token, NULL).code, TSEC_E_INVALID);
    run_cli_home_done();
}

static const struct test_case cases[] = {
    { "our names come before Vault's, and both before the default",
      our_names_come_before_vaults_and_both_before_the_default },
    { "a token is found where it was kept", a_token_is_found_where_it_was_kept },
    { "a kept token is the owner's alone", a_kept_token_is_the_owners_alone },
    { "what no header can carry is no token", what_no_header_can_carry_is_no_token },
};

TEST_MAIN("client/settings", cases)

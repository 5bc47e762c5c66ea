/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/client/p11_double.h"
#include "tests/test.h"

static char token_file[160];

static void
write_token(const char *token)
{
    FILE *f = fopen(token_file, "w");

    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    (void)fputs(token, f);
    (void)fclose(f);
}

struct rig {
    struct p11_double d;
    struct p11_settings *settings;
    struct p11_server *server;
};

/** The token comes from a file. */
static void
rig_start(struct rig *rig)
{
    p11_double_start(&rig->d);
    (void)unsetenv("TEE_SECRETS_TOKEN");
    (void)snprintf(token_file, sizeof(token_file), "%s/token", getenv("HOME"));
    write_token("t.good");
    (void)setenv("TEE_SECRETS_PKCS11_TOKEN_FILE", token_file, 1);
    CU_ASSERT_FALSE_FATAL(tsec_failed(p11_settings_load(NULL, &rig->settings, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(p11_server_new(rig->settings, &rig->server, NULL)));
}

static void
rig_stop(struct rig *rig)
{
    p11_server_free(rig->server);
    p11_settings_free(rig->settings);
    (void)unlink(token_file);
    p11_double_stop(&rig->d);
}

static ck_rv_t
list(struct rig *rig)
{
    CLI_AUTO_REPLY struct cli_reply reply;

    cli_reply_init(&reply);
    return p11_server_ask(rig->server, "LIST", "transit/keys", tsec_span(NULL, 0), &reply);
}

static void
a_token_that_was_renewed_is_found_again(void)
{
    struct rig rig;

    rig_start(&rig);
    CU_ASSERT_TRUE(p11_server_is_trusted(rig.server));
    CU_ASSERT_EQUAL(list(&rig), CKR_OK);
    rig.d.token = "t.renewed";
    CU_ASSERT_EQUAL(list(&rig), CKR_USER_NOT_LOGGED_IN);
    CU_ASSERT_EQUAL(rig.d.asked, 2); /* it is the same still: nothing to try again */
    write_token("t.renewed\n");
    CU_ASSERT_EQUAL(list(&rig), CKR_OK);
    CU_ASSERT_EQUAL(rig.d.asked, 4);
    CU_ASSERT_EQUAL(list(&rig), CKR_OK);
    CU_ASSERT_EQUAL(rig.d.asked, 5);
    rig_stop(&rig);
}

static void
a_token_can_be_renewed_before_it_is_refused(void)
{
    struct rig rig;

    rig_start(&rig);
    write_token("t.next");
    p11_server_renew(rig.server);
    rig.d.token = "t.next";
    CU_ASSERT_EQUAL(list(&rig), CKR_OK);
    CU_ASSERT_EQUAL(rig.d.asked, 1);
    (void)unlink(token_file);
    p11_server_renew(rig.server);
    CU_ASSERT_EQUAL(list(&rig), CKR_OK);
    CU_ASSERT_EQUAL(p11_server_use(rig.server, tsec_span_str("t.pin")), CKR_OK);
    write_token("t.next");
    p11_server_renew(rig.server);
    CU_ASSERT_EQUAL(list(&rig), CKR_USER_NOT_LOGGED_IN);
    rig_stop(&rig);
}

static void
a_token_of_a_log_in_is_not_replaced(void)
{
    struct rig rig;

    rig_start(&rig);
    CU_ASSERT_EQUAL(p11_server_use(rig.server, tsec_span_str("t.wrong")), CKR_OK);
    CU_ASSERT_EQUAL(list(&rig), CKR_USER_NOT_LOGGED_IN);
    CU_ASSERT_EQUAL(rig.d.asked, 1);
    p11_server_use_own(rig.server);
    CU_ASSERT_EQUAL(list(&rig), CKR_OK);
    CU_ASSERT_EQUAL(p11_server_use(rig.server, tsec_span_str("with space")), CKR_PIN_INVALID);
    CU_ASSERT_EQUAL(p11_server_use(rig.server, tsec_span_str("")), CKR_PIN_INVALID);
    CU_ASSERT_EQUAL(list(&rig), CKR_OK);
    rig_stop(&rig);
}

/** 0: the token is still there without its file, and a log-in is not. */
static int
child(struct rig *rig)
{
    p11_server_forked(rig->server);
    if (list(rig) != CKR_OK) {
        return 1;
    }
    if (p11_server_use(rig->server, tsec_span_str("t.good")) != CKR_OK || list(rig) != CKR_OK) {
        return 2;
    }
    p11_server_forked(rig->server);
    return p11_server_has_token(rig->server) ? 3 : 0;
}

static void
after_a_fork_the_token_stays_even_when_its_file_is_gone(void)
{
    struct rig rig;
    int status = -1;

    rig_start(&rig);
    CU_ASSERT_EQUAL(list(&rig), CKR_OK);
    (void)unlink(token_file);
    const pid_t pid = fork();

    if (pid == 0) {
        _exit(child(&rig));
    }
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    CU_ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CU_ASSERT_EQUAL(list(&rig), CKR_OK);
    rig_stop(&rig);
}

static const struct test_case cases[] = {
    { "a token that was renewed is found again", a_token_that_was_renewed_is_found_again },
    { "a token can be renewed before it is refused", a_token_can_be_renewed_before_it_is_refused },
    { "a token of a log-in is not replaced", a_token_of_a_log_in_is_not_replaced },
    { "after a fork the token stays, even when its file is gone",
      after_a_fork_the_token_stays_even_when_its_file_is_gone },
};
TEST_MAIN("PKCS #11: the server", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "client/lib/config.h"
#include "crypto/crypto.h"
#include "tests/test.h"

static const char *const allow[] = { "sim:svn>=1", NULL };

static enum tees_result
opened(const struct tees_options *options, struct tees_error *error)
{
    struct tees *tees = NULL;
    const enum tees_result result = tees_open(options, &tees, error);

    CU_ASSERT_TRUE((tees != NULL) == (result == TEES_OK));
    tees_close(tees);
    return result;
}

static struct tees_options
plain(void)
{
    struct tees_options options;

    tees_options_init(&options);
    options.address = "https://127.0.0.1:1";
    options.server_allow = allow;
    return options;
}

static void
options_as_they_begin_need_an_address_and_a_measurement(void)
{
    struct tees_error error = { .result = TEES_OK };
    struct tees_options options;

    tees_options_init(&options);
    CU_ASSERT_EQUAL(opened(&options, &error), TEES_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "address"));
    options.address = "https://127.0.0.1:1";
    CU_ASSERT_EQUAL(opened(&options, &error), TEES_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "server_allow"));
    options = plain();
    CU_ASSERT_EQUAL(opened(&options, &error), TEES_OK);
    options.struct_size = 0;
    CU_ASSERT_EQUAL(opened(&options, NULL), TEES_INVALID);
}

static void
what_cannot_be_meant_is_refused(void)
{
    static const char *const bad[] = { "sim:", NULL };
    static const char *const odd[] = { "state_dir", NULL };
    static const char *const none[] = { NULL };
    struct {
        const char *says;
        struct tees_options options;
    } cases[] = {
        { "address", plain() },   { "server_allow", plain() }, { "server_allow", plain() },
        { "identity", plain() },  { "identity", plain() },     { "allow_tcb", plain() },
        { "allow_tcb", plain() }, { "ca_cert", plain() },      { "state_dir", plain() },
    };

    cases[0].options.address = "ftp://host";
    cases[1].options.server_allow = bad;
    cases[2].options.server_allow = none;
    cases[3].options.server_identity = "not base64";
    cases[4].options.server_identity = "";
    cases[5].options.allow_tcb = "Revoked";
    cases[6].options.allow_tcb = "UpToDate,Whatever";
    cases[7].options.ca_cert = "/ca.pem";
    cases[7].options.tls_by_evidence = 1;
    cases[8].options.plugin_settings = odd;
    for (size_t i = 0; i < TSEC_ARRAY_LEN(cases); i++) {
        struct tees_error error = { .result = TEES_OK };

        CU_ASSERT_EQUAL(opened(&cases[i].options, &error), TEES_INVALID);
        CU_ASSERT_PTR_NOT_NULL(strstr(error.message, cases[i].says));
    }
}

static void
everything_is_copied(void)
{
    char address[] = "https://host:1";
    char expression[] = "sim:svn>=1";
    char identity[] = "AAEC";
    const char *list[] = { expression, NULL };
    struct tees_options options = plain();
    struct tees_config config = { .arena = NULL };
    struct tees_error error = { .result = TEES_OK };

    options.address = address;
    options.server_allow = list;
    options.server_identity = identity;
    options.allow_tcb = "OutOfDate";
    CU_ASSERT_EQUAL_FATAL(tees_config_read(&options, &config, &error), TEES_OK);
    memset(address, 'x', sizeof(address) - 1);
    memset(expression, 'x', sizeof(expression) - 1);
    memset(identity, 'x', sizeof(identity) - 1);
    CU_ASSERT_STRING_EQUAL(config.settings.address, "https://host:1");
    CU_ASSERT_STRING_EQUAL(config.allowed_text[0], "sim:svn>=1");
    CU_ASSERT_TRUE(config.identity.len == 3 && config.identity.ptr[2] == 2);
    CU_ASSERT_EQUAL(config.allow_tcb, TSEC_TCB_BIT(TSEC_TCB_UP_TO_DATE)
                                          | TSEC_TCB_BIT(TSEC_TCB_NONE)
                                          | TSEC_TCB_BIT(TSEC_TCB_OUT_OF_DATE));
    CU_ASSERT_STRING_EQUAL(config.auth_mount, "attest");
    tees_config_done(&config);
}

static void
a_plugin_that_is_not_there_says_so(void)
{
    struct tees_options options = plain();
    struct tees_error error = { .result = TEES_OK };

    options.plugin = "attest-nothing";
    options.plugin_dir = "/nonexistent";
    CU_ASSERT_EQUAL(opened(&options, &error), TEES_EVIDENCE);
    CU_ASSERT_STRING_EQUAL(error.reason, "plugin");
    options.plugin_dir = PLUGIN_DIR;
    CU_ASSERT_EQUAL(opened(&options, &error), TEES_EVIDENCE);
    options.plugin = "attest-nitro"; /* is there, and has no device here */
    CU_ASSERT_EQUAL(opened(&options, &error), TEES_EVIDENCE);
}

static void
results_have_names(void)
{
    CU_ASSERT_STRING_EQUAL(tees_result_name(TEES_OK), "ok");
    CU_ASSERT_STRING_EQUAL(tees_result_name(TEES_UNTRUSTED), "untrusted");
    CU_ASSERT_STRING_EQUAL(tees_result_name((enum tees_result)77), "internal");
    CU_ASSERT_TRUE(strlen(tees_version()) > 0);
}

static const struct test_case cases[] = {
    { "options as they begin need an address and a measurement",
      options_as_they_begin_need_an_address_and_a_measurement },
    { "what cannot be meant is refused", what_cannot_be_meant_is_refused },
    { "everything is copied", everything_is_copied },
    { "a plugin that is not there says so", a_plugin_that_is_not_there_says_so },
    { "results have names", results_have_names },
};

TEST_MAIN("client/lib/config", cases)

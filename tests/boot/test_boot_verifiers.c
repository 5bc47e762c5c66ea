/* SPDX-License-Identifier: Apache-2.0 */
#include "boot/boot_internal.h"
#include "tests/conf/sample.h"
#include "tests/double/temp_dir.h"

static struct tsec_conf *conf;

static void
configure(const char *attestation, const char *plugins_dir)
{
    struct tsec_err err = { 0 };
    char text[2048];

    (void)snprintf(text, sizeof(text),
                   "backend:\n  type: tee\n  tee:\n    provider: simulated\n"
                   "    attestation: {allow_simulated: true%s}\n"
                   "    storage: {database_uri: \"sqlite:x\"}\n"
                   "plugins: {dir: \"%s\"}\nstate_dir: \"%s\"\n",
                   attestation, plugins_dir, temp_dir());
    if (tsec_failed(sample_parse(text, &conf, &err))) {
        (void)printf("%s\n", err.detail);
    }
    CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
}

static tsec_rc
up(struct boot *boot, struct tsec_err *err)
{
    *boot = (struct boot){ .conf = conf };
    TSEC_TRY(boot_open_attest(boot, err));
    return boot_open_verifiers(boot, err);
}

static void
down(struct boot *boot)
{
    boot_close_verifiers(boot);
    boot_close_plugins(boot);
    conf_free(conf);
    conf = NULL;
}

static void
what_is_installed_verifies_without_being_asked(void)
{
    struct boot boot;

    configure("", PLUGIN_DIR);
    CU_ASSERT_FALSE_FATAL(tsec_failed(up(&boot, NULL)));
    CU_ASSERT_STRING_EQUAL(verifiers_formats(boot.verifiers)[0], "sim-v1");
    CU_ASSERT_EQUAL(verifiers_len(boot.verifiers), 3);
    CU_ASSERT_TRUE(verifiers_find(boot.verifiers, "nitro", NULL, NULL));
    CU_ASSERT_TRUE(verifiers_find(boot.verifiers, "snp", NULL, NULL));
    down(&boot);
}

static void
what_is_named_is_loaded_and_nothing_else(void)
{
    struct boot boot;

    configure(", verifiers: [simulated, aws_nitro]", PLUGIN_DIR);
    CU_ASSERT_FALSE_FATAL(tsec_failed(up(&boot, NULL)));
    CU_ASSERT_EQUAL(verifiers_len(boot.verifiers), 2);
    CU_ASSERT_TRUE(verifiers_find(boot.verifiers, "nitro", NULL, NULL));
    CU_ASSERT_FALSE(verifiers_find(boot.verifiers, "snp", NULL, NULL));
    down(&boot);
}

/* A verifier's settings: what it is lent by name. */
static const char *
lent(const struct boot *boot, const char *plugin, const char *key)
{
    for (size_t i = 0; i < boot->further_len; i++) {
        const struct boot_plugin *p = &boot->further[i].plugin;

        if (strcmp(p->plugin->name, plugin) == 0) {
            return p->services.host.setting(p->services.host.ctx, key);
        }
    }
    return NULL;
}

static void
a_verifier_is_lent_the_issuer_and_no_place_for_keys(void)
{
    struct boot boot;

    configure("}\n    azure_cc: {attestation_url: \"https://test.attest.azure.net\"", PLUGIN_DIR);
    CU_ASSERT_FALSE_FATAL(tsec_failed(up(&boot, NULL)));
    CU_ASSERT_STRING_EQUAL(lent(&boot, "attest-maa", "issuer"), "https://test.attest.azure.net");
    CU_ASSERT_PTR_NULL(lent(&boot, "attest-maa", "state_dir"));
    CU_ASSERT_PTR_NULL(lent(&boot, "attest-nitro", "issuer"));
    down(&boot);
}

static void
a_named_plugin_that_is_missing_stops_the_start(void)
{
    struct boot boot = { .conf = NULL };
    struct tsec_err err = { 0 };

    configure(", verifiers: [aws_nitro]", temp_dir());
    boot.conf = conf;
    CU_ASSERT_EQUAL(boot_open_verifier(&boot, "aws_nitro", false, &err).code, TSEC_E_PLUGIN);
    CU_ASSERT_FALSE(tsec_failed(boot_open_verifier(&boot, "aws_nitro", true, &err)));
    CU_ASSERT_EQUAL(boot.further_len, 0);
    CU_ASSERT_EQUAL(boot_open_verifier(&boot, "other", true, &err).code, TSEC_E_CONFIG);
    conf_free(conf);
    conf = NULL;
}

static void
the_policy_is_that_of_the_configuration_and_can_be_exchanged(void)
{
    struct admission_policy policy;
    struct boot boot;
    struct tsec_conf *first;

    configure(", allow_tcb: [OutOfDate, unknown], max_evidence_age: 1m, require_revocation: false",
              PLUGIN_DIR);
    CU_ASSERT_FALSE_FATAL(tsec_failed(up(&boot, NULL)));
    policy = appraiser_policy(boot.appraiser);
    CU_ASSERT_EQUAL(policy.allow_tcb,
                    TSEC_TCB_BIT(TSEC_TCB_OUT_OF_DATE) | TSEC_TCB_BIT(TSEC_TCB_UNKNOWN));
    CU_ASSERT_EQUAL(policy.max_age_s, 60);
    CU_ASSERT_TRUE(policy.allow_simulated && !policy.allow_debug && !policy.require_revocation);
    first = conf;
    configure("", PLUGIN_DIR);
    CU_ASSERT_FALSE(tsec_failed(boot_set_policy(&boot, conf, NULL)));
    policy = appraiser_policy(boot.appraiser);
    CU_ASSERT_TRUE(policy.allow_tcb == 0 && policy.max_age_s == 300 && policy.require_revocation);
    CU_ASSERT_EQUAL(appraiser_generation(boot.appraiser), 2);
    conf_free(first);
    down(&boot);
}

static const struct test_case cases[] = {
    { "what is installed verifies without being asked",
      what_is_installed_verifies_without_being_asked },
    { "what is named is loaded and nothing else", what_is_named_is_loaded_and_nothing_else },
    { "a verifier is lent the issuer and no place for keys",
      a_verifier_is_lent_the_issuer_and_no_place_for_keys },
    { "a named plugin that is missing stops the start",
      a_named_plugin_that_is_missing_stops_the_start },
    { "the policy is that of the configuration and can be exchanged",
      the_policy_is_that_of_the_configuration_and_can_be_exchanged },
};

TEST_MAIN("boot/verifiers", cases)

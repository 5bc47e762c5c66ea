/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/check.h"

#include "tests/conf/sample.h"

#define TEE(rest) "backend:\n  type: tee\n  tee:\n" rest

static void
what_settings_demand_of_each_other_is_checked(void)
{
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        { "log: {level: info}\n", "f.yaml: backend.type: is missing" },
        { TEE("    storage: {database_uri: \"sqlite:x\"}\n"),
          "f.yaml: backend.tee.provider: is missing" },
        { TEE("    provider: simulated\n"),
          "f.yaml: backend.tee.storage.database_uri: is missing" },
        { TEE("    provider: simulated\n    storage: {database_uri: \"sqlite:x\"}\n"),
          "f.yaml:4:5: backend.tee.provider: simulated protects nothing; to try it out set "
          "backend.tee.attestation.allow_simulated: true" },
        { TEE("    provider: azure_cc\n    storage: {database_uri: \"sqlite:x\"}\n"),
          "f.yaml: backend.tee.azure_cc.tee_type: provider azure_cc needs it: sgx or sevsnp" },
        { TEE("    provider: aws_nitro\n    storage: {database_uri: \"mysql://secret@db\"}\n"),
          "f.yaml:5:15: backend.tee.storage.database_uri: must begin with postgresql://, redis://, "
          "redis+unix:// or sqlite:" },
        { TEE("    provider: aws_nitro\n    storage: {database_uri: \"sqlite:\"}\n"),
          "f.yaml:5:15: backend.tee.storage.database_uri: must begin with postgresql://, redis://, "
          "redis+unix:// or sqlite:" },
        { TEE("    provider: aws_nitro\n    storage: {database_uri: \"sqlite:x\"}\n"
              "    attestation: {verification_service: \"http://x\"}\n"),
          "f.yaml:6:19: backend.tee.attestation.verification_service: must begin with https://" },
        { TEE("    provider: aws_nitro\n    storage: {database_uri: \"sqlite:x\"}\n"
              "    attestation: {verification_issuer: \"x\"}\n"),
          "f.yaml:6:19: backend.tee.attestation.verification_issuer: is without a "
          "verification_service" },
        { TEE("    provider: aws_nitro\n    storage: {database_uri: \"sqlite:x\"}\n"
              "    azure_cc: {attestation_url: \"ftp://x\"}\n"),
          "f.yaml:6:16: backend.tee.azure_cc.attestation_url: must begin with https://" },
        { SAMPLE "root_key: {slots: [sim, nitro-kms]}\n",
          "f.yaml:7:25: root_key.slots: provider simulated cannot open \"nitro-kms\"" },
        { SAMPLE "audit: {recipients: [\"age1nonsense\"]}\n",
          "f.yaml:7:22: audit.recipients: not an age public key (age1...)" },
        { SAMPLE "auth: {operator_recipient: \"ssh-ed25519 AAAA\"}\n",
          "f.yaml:7:8: auth.operator_recipient: not an age public key (age1...)" },
        { SAMPLE "audit: {origin: \"a b\"}\n",
          "f.yaml:7:9: audit.origin: must be printable ASCII without spaces and \"+\"" },
        { SAMPLE "plugins: {dir: here}\n", "f.yaml:7:11: plugins.dir: must be an absolute path" },
        { SAMPLE "auth: {default_token_ttl: 2h, max_token_ttl: 1h}\n",
          "f.yaml:7:8: auth.default_token_ttl: is more than auth.max_token_ttl" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        CU_ASSERT_TRUE(sample_refused(rows[i].text, rows[i].message));
    }
}

static void
what_only_one_suite_supports_takes_no_other_name(void)
{
    CU_ASSERT_TRUE(sample_refused(
        SAMPLE "    secure_channel: {key_exchange: \"ECDHE-P256\"}\n",
        "f.yaml:7:36: backend.tee.secure_channel.key_exchange: unknown value \"ECDHE-P256\"; did "
        "you mean \"ECDHE-P384\"?"));
    CU_ASSERT_TRUE(sample_refused(
        SAMPLE "    secure_channel: {cipher: \"RC4\"}\n",
        "f.yaml:7:30: backend.tee.secure_channel.cipher: unknown value \"RC4\"; it is one of "
        "AES-256-GCM"));
}

static void
auditors_are_age_keys_and_their_absence_is_said(void)
{
    TSEC_AUTO(conf_free) struct tsec_conf *none = sample_loaded(SAMPLE);
    TSEC_AUTO(conf_free) struct tsec_conf *one =
        sample_loaded(SAMPLE "audit: {recipients: [\"" SAMPLE_AGE "\"]}\n");

    CU_ASSERT_PTR_NOT_NULL_FATAL(none);
    CU_ASSERT_PTR_NOT_NULL_FATAL(one);
    CU_ASSERT_TRUE(sample_warns(none, "no auditor is named"));
    CU_ASSERT_FALSE(sample_warns(one, "no auditor is named"));
}

static void
what_has_no_effect_yet_is_said(void)
{
    TSEC_AUTO(conf_free) struct tsec_conf *conf =
        sample_loaded(SAMPLE "cache: {bytes: 1000000}\naudit: {reads: buffered}\n");
    TSEC_AUTO(conf_free) struct tsec_conf *silent = sample_loaded(SAMPLE);

    CU_ASSERT_PTR_NOT_NULL_FATAL(conf);
    CU_ASSERT_PTR_NOT_NULL_FATAL(silent);
    CU_ASSERT_TRUE(sample_warns(conf, "cache.bytes: has no effect in this version"));
    CU_ASSERT_TRUE(sample_warns(conf, "audit.reads: only strict is done in this version"));
    CU_ASSERT_FALSE(sample_warns(silent, "in this version"));
}

static const struct test_case cases[] = {
    { "what settings demand of each other is checked",
      what_settings_demand_of_each_other_is_checked },
    { "what only one suite supports takes no other name",
      what_only_one_suite_supports_takes_no_other_name },
    { "auditors are age keys and their absence is said",
      auditors_are_age_keys_and_their_absence_is_said },
    { "what has no effect yet is said", what_has_no_effect_yet_is_said },
};

TEST_MAIN("conf/check", cases)

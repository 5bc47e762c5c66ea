/* SPDX-License-Identifier: Apache-2.0 */
#include "client/evidence_verifier.h"

#include "crypto/crypto.h"
#include "tests/client/evidence_double.h"
#include "tests/test.h"

static void
each_format_has_a_verifier_that_also_decodes(void)
{
    static const char *const formats[] = { "nitro", "snp", "sgx", "tdx", "az-snp-vtpm", "maa" };
    struct tsec_err err = { 0 };

    CU_ASSERT_EQUAL_FATAL(tsec_crypto_setup(&err).code, 0);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(formats); i++) {
        TSEC_AUTO(evidence_verifier_free) struct evidence_verifier *verifier = NULL;

        CU_ASSERT_EQUAL_FATAL(
            evidence_verifier_open(evidence_plugins, NULL, formats[i], &verifier, &err).code, 0);
        CU_ASSERT_TRUE(TSEC_HAS(verifier->ops, decode));
        CU_ASSERT_TRUE(evidence_verifier_takes_collateral(verifier));
    }
}

static void
the_simulated_one_trusts_whom_it_is_told_to(void)
{
    static const struct evidence_setting nonsense[] = { { "trusted_roots", "/nonexistent" },
                                                        { NULL, NULL } };
    static const struct evidence_setting nothing[] = { { "trusted_roots", NULL }, { NULL, NULL } };
    TSEC_AUTO(evidence_verifier_free) struct evidence_verifier *verifier = NULL;
    struct evidence_verifier *none = NULL;

    CU_ASSERT_EQUAL_FATAL(
        evidence_verifier_open(evidence_plugins, nothing, "sim-v1", &verifier, NULL).code, 0);
    CU_ASSERT_FALSE(evidence_verifier_takes_collateral(verifier));
    CU_ASSERT_NOT_EQUAL(
        evidence_verifier_open(evidence_plugins, nonsense, "sim-v1", &none, NULL).code, 0);
    CU_ASSERT_PTR_NULL(none);
}

static void
an_unknown_format_has_none(void)
{
    static const char *const formats[] = { "", "sim", "NITRO", "nitro ", "json" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(formats); i++) {
        struct evidence_verifier *verifier = NULL;
        struct tsec_err err = { 0 };

        CU_ASSERT_EQUAL(
            evidence_verifier_open(evidence_plugins, NULL, formats[i], &verifier, &err).code,
            TSEC_E_NOT_FOUND);
        CU_ASSERT_PTR_NULL(verifier);
    }
}

static void
a_plugin_finds_a_host_that_has_a_clock_and_nothing_else(void)
{
    TSEC_AUTO(evidence_verifier_free) struct evidence_verifier *verifier = NULL;
    struct tsec_err err = { 0 };

    CU_ASSERT_EQUAL_FATAL(
        evidence_verifier_open(evidence_double_small_plugins, NULL, "nitro", &verifier, &err).code,
        0);
    CU_ASSERT_PTR_NOT_NULL(verifier->attest);
    CU_ASSERT_FALSE(evidence_verifier_takes_collateral(verifier));
}

static const struct test_case cases[] = {
    { "each format has a verifier that also decodes",
      each_format_has_a_verifier_that_also_decodes },
    { "the simulated one trusts whom it is told to", the_simulated_one_trusts_whom_it_is_told_to },
    { "an unknown format has none", an_unknown_format_has_none },
    { "a plugin finds a host that has a clock and nothing else",
      a_plugin_finds_a_host_that_has_a_clock_and_nothing_else },
};

TEST_MAIN("client/evidence_verifier", cases)

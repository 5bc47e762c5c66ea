/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_sources.h"

#include <string.h>

#include "base/span.h"
#include "tests/test.h"

static struct maa_sources sources;

static const struct maa_source *
find(const char *name)
{
    for (size_t i = 0; i < sources.len; i++) {
        if (strcmp(sources.items[i].name, name) == 0) {
            return &sources.items[i];
        }
    }
    return NULL;
}

static void
list(const struct maa_settings *settings, size_t fmspcs)
{
    static uint8_t fmspc[MAA_FMSPCS][MAA_FMSPC_LEN];

    for (size_t i = 0; i < MAA_FMSPCS; i++) {
        fmspc[i][0] = (uint8_t)i;
    }
    maa_sources_list(settings, (const uint8_t(*)[MAA_FMSPC_LEN])fmspc, fmspcs, &sources);
}

static void
nothing_is_fetched_that_is_not_set(void)
{
    const struct maa_settings settings = { .issuer = NULL };

    list(&settings, 3);
    CU_ASSERT_EQUAL(sources.len, 0);
}

static void
keys_come_from_the_issuer_alone(void)
{
    const struct maa_settings settings = { .issuer = "https://a" };

    list(&settings, 3);
    CU_ASSERT_EQUAL(sources.len, 1);
    CU_ASSERT_STRING_EQUAL(find(MAA_JWKS_NAME)->url, "https://a/certs");
    CU_ASSERT_FALSE(find(MAA_JWKS_NAME)->may_lack);
}

static void
intels_documents_are_those_of_the_machines(void)
{
    const struct maa_settings settings = { .intel_url = "https://i/sgx/certification/v4" };

    list(&settings, 2);
    CU_ASSERT_STRING_EQUAL(find("sgx-tcb-010000000000")->url,
                           "https://i/sgx/certification/v4/tcb?fmspc=010000000000");
    CU_ASSERT_STRING_EQUAL(find("tdx-tcb-000000000000")->url,
                           "https://i/tdx/certification/v4/tcb?fmspc=000000000000");
    CU_ASSERT_STRING_EQUAL(find("sgx-qe-identity")->url,
                           "https://i/sgx/certification/v4/qe/identity");
    CU_ASSERT_STRING_EQUAL(find("pck-crl-platform")->url,
                           "https://i/sgx/certification/v4/pckcrl?ca=platform&encoding=der");
    CU_ASSERT_PTR_NOT_NULL(find("intel-root-crl"));
    CU_ASSERT_PTR_NULL(find("sgx-tcb-020000000000"));
}

static void
all_that_can_be_set_has_room(void)
{
    const struct maa_settings settings = { .issuer = "https://a",
                                           .intel_url = "https://i/sgx/certification/v4",
                                           .intel_root_crl_url = "https://r/root.der",
                                           .amd_url = "https://k" };

    list(&settings, MAA_FMSPCS);
    CU_ASSERT_EQUAL(sources.len, 1 + 2 * (MAA_FMSPCS + 1) + 2 + 1 + 12);
    CU_ASSERT_STRING_EQUAL(find("intel-root-crl")->url, "https://r/root.der");
    CU_ASSERT_STRING_EQUAL(find("amd-vlek-chain-Genoa")->url, "https://k/vlek/v1/Genoa/cert_chain");
    CU_ASSERT_STRING_EQUAL(find("amd-vcek-crl-Milan")->url, "https://k/vcek/v1/Milan/crl");
}

static const struct test_case cases[] = {
    { "nothing is fetched that is not set", nothing_is_fetched_that_is_not_set },
    { "keys come from the issuer alone", keys_come_from_the_issuer_alone },
    { "Intel's documents are those of the machines", intels_documents_are_those_of_the_machines },
    { "all that can be set has room", all_that_can_be_set_has_room },
};

TEST_MAIN("maa-sources", cases)

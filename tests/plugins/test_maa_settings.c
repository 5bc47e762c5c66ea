/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_settings.h"

#include <string.h>

#include "base/span.h"
#include "tests/double/fake_host.h"
#include "tests/test.h"

static struct maa_settings got;

static tsec_rc
read_one(const char *key, const char *value)
{
    const char *const settings[] = { key, value, NULL };
    struct fake_host host;

    fake_host_init(&host, settings);
    return maa_settings_read(&host.host, &got, NULL);
}

static void
nothing_has_to_be_set(void)
{
    CU_ASSERT_EQUAL(read_one(NULL, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_PTR_NULL(got.issuer);
    CU_ASSERT_PTR_NULL(got.collateral_cache);
    CU_ASSERT_EQUAL(got.fmspc_len, 0);
    CU_ASSERT_EQUAL(read_one("collateral_dir", "").code, TSEC_OK_CODE);
    CU_ASSERT_PTR_NULL(got.collateral_dir);
}

static void
urls_are_https_and_exact(void)
{
    static const char *const keys[] = { "issuer", "intel_url", "amd_url", "intel_root_crl_url" };
    static const char *const bad[] = { "http://a",    "https://",    "https://a/",   "a",
                                       "https://a b", "https://a?x", "https://u@a",  "https://a#b",
                                       "HTTPS://a",   "file:///etc", "https://a\"b", " https://a" };

    for (size_t k = 0; k < TSEC_ARRAY_LEN(keys); k++) {
        CU_ASSERT_EQUAL(read_one(keys[k], "https://shared.weu.attest.azure.net").code,
                        TSEC_OK_CODE);
        for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
            CU_ASSERT_EQUAL(read_one(keys[k], bad[i]).code, TSEC_E_CONFIG);
        }
    }
}

static void
machines_are_numbers_of_twelve_digits(void)
{
    static const char *const bad[] = { "00906ed5000", "00906ed500000", "00906ed5000g",
                                       "00906ed50000;00906ed50000" };

    CU_ASSERT_EQUAL(read_one("fmspc", "00906ED50000, 00a065510000,").code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(got.fmspc_len, 2);
    CU_ASSERT_EQUAL(got.fmspc[0][2], 0x6e);
    CU_ASSERT_EQUAL(got.fmspc[1][1], 0xa0);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(read_one("fmspc", bad[i]).code, TSEC_E_CONFIG);
    }
}

static void
too_many_machines_are_refused(void)
{
    char text[(MAA_FMSPCS + 1) * 13 + 1] = "";

    for (size_t i = 0; i <= MAA_FMSPCS; i++) {
        memcpy(text + 13 * i, "00906ed50000,", 14);
    }
    CU_ASSERT_EQUAL(read_one("fmspc", text).code, TSEC_E_CONFIG);
    text[(size_t)13 * MAA_FMSPCS] = '\0';
    CU_ASSERT_EQUAL(read_one("fmspc", text).code, TSEC_OK_CODE);
}

static void
keys_without_an_issuer_are_nobodys(void)
{
    CU_ASSERT_EQUAL(read_one("jwks_file", "/etc/keys.json").code, TSEC_E_CONFIG);
}

static const struct test_case cases[] = {
    { "nothing has to be set", nothing_has_to_be_set },
    { "URLs are HTTPS and exact", urls_are_https_and_exact },
    { "machines are numbers of twelve digits", machines_are_numbers_of_twelve_digits },
    { "too many machines are refused", too_many_machines_are_refused },
    { "keys without an issuer are nobody's", keys_without_an_issuer_are_nobodys },
};

TEST_MAIN("maa-settings", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "attest-sim/sim_config.h"

#include <string.h>

#include "crypto/crypto.h"
#include "tests/double/fake_host.h"
#include "tests/test.h"

static int32_t
read_one(const char *key, const char *value, struct sim_config *out, struct tsec_err *err)
{
    const char *settings[] = { key, value, NULL };
    struct fake_host host;

    fake_host_init(&host, settings);
    return sim_config_read(&host.host, out, err).code;
}

static void
nothing_set_is_a_verifier_with_a_measurement(void)
{
    struct sim_config config;
    struct tsec_err err = { 0 };
    static const uint8_t zero[SIM_MEASUREMENT_LEN];

    CU_ASSERT_EQUAL_FATAL(tsec_crypto_setup(NULL).code, 0);
    CU_ASSERT_EQUAL(read_one("other", "x", &config, &err), 0);
    CU_ASSERT_PTR_NULL(config.state_dir);
    CU_ASSERT_PTR_NULL(config.trusted_roots);
    CU_ASSERT_FALSE(config.debug);
    CU_ASSERT_EQUAL(config.svn, 0);
    CU_ASSERT_FALSE(tsec_span_equal(tsec_span(config.measurement, sizeof(zero)),
                                    tsec_span(zero, sizeof(zero))));
}

static void
each_setting_is_read_or_refused_by_name(void)
{
    static char digits[98];
    static const struct {
        const char *key;
        const char *value;
        bool fine;
    } t[] = {
        { "debug", "true", true },
        { "debug", "false", true },
        { "debug", "", false },
        { "debug", "TRUE", false },
        { "debug", "1", false },
        { "svn", "0", true },
        { "svn", "42", true },
        { "svn", "900719925474099", true },
        { "svn", "", false },
        { "svn", "-1", false },
        { "svn", "4x", false },
        { "svn", " 4", false },
        { "svn", "99999999999999999999", false },
        { "measurement", "", false },
        { "measurement", "abcd", false },
    };
    struct sim_config config;

    for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        struct tsec_err err = { 0 };
        const int32_t code = read_one(t[i].key, t[i].value, &config, &err);

        CU_ASSERT_EQUAL(code, t[i].fine ? 0 : TSEC_E_CONFIG);
        CU_ASSERT_TRUE(t[i].fine || strstr(err.detail, t[i].key) != NULL);
    }
    memset(digits, '7', 96);
    CU_ASSERT_EQUAL(read_one("measurement", digits, &config, NULL), 0);
    CU_ASSERT_EQUAL(config.measurement[47], 0x77);
    digits[96] = '7';
    CU_ASSERT_EQUAL(read_one("measurement", digits, &config, NULL), TSEC_E_CONFIG);
    digits[96] = '\0';
    digits[5] = 'g';
    CU_ASSERT_EQUAL(read_one("measurement", digits, &config, NULL), TSEC_E_CONFIG);
    CU_ASSERT_EQUAL(read_one("svn", "42", &config, NULL), 0);
    CU_ASSERT_EQUAL(config.svn, 42);
}

static const struct test_case cases[] = {
    { "nothing set is a verifier with a measurement",
      nothing_set_is_a_verifier_with_a_measurement },
    { "each setting is read, or refused by name", each_setting_is_read_or_refused_by_name },
};

TEST_MAIN("attest-sim/config", cases)

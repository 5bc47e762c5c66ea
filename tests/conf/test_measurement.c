/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/measurement.h"

#include "tests/test.h"

#define H16 "0123456789abcdef"
#define H64 H16 H16 H16 H16
#define H96 H64 H16 H16
#define Z16 "0000000000000000"
#define Z64 Z16 Z16 Z16 Z16

static void
each_way_to_write_an_entry_is_known(void)
{
    static const struct {
        const char *text;
        enum conf_measurement kind;
    } rows[] = {
        { H96, CONF_MEASUREMENT_BARE },
        { H64, CONF_MEASUREMENT_BARE },
        { "nitro:pcr0=" H96 ",pcr1=" H96 ",pcr8=" H96, CONF_MEASUREMENT_CONJUNCTION },
        { "nitro:pcr3=" Z64 Z16 Z16, CONF_MEASUREMENT_CONJUNCTION },
        { "sgx:mrsigner=" H64 ",prod_id=1,svn>=3", CONF_MEASUREMENT_CONJUNCTION },
        { "snp:measurement=" H96 ",id_key=" H96 ",svn>=2", CONF_MEASUREMENT_CONJUNCTION },
        { "azure-cvm:pcr23=" H64, CONF_MEASUREMENT_CONJUNCTION },
        { "sim:measurement=" H96, CONF_MEASUREMENT_CONJUNCTION },
        { "fleet@/etc/tee-secrets/fleet.list", CONF_MEASUREMENT_FILE },
        { "fleet@C:x", CONF_MEASUREMENT_FILE },
        { "measurement1", CONF_MEASUREMENT_NAME },
        { "deadbeef", CONF_MEASUREMENT_NAME },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        enum conf_measurement kind = 0;
        const char *warning = "";

        CU_ASSERT_FALSE(tsec_failed(conf_measurement_kind(rows[i].text, &kind, &warning, NULL)));
        CU_ASSERT_EQUAL(kind, rows[i].kind);
    }
}

static void
a_slip_of_the_pen_is_not_taken_for_a_name(void)
{
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        { H64 "0", "65 hex digits; a measurement has 96 or 64" },
        { H16 H16, "32 hex digits; a measurement has 96 or 64" },
        { Z64, "all zeroes is what a debug TEE shows" },
        { "nitro:pcr0=" Z64 Z16 Z16, "all zeroes is what a debug TEE shows" },
        { "sgx:mrenclave=" Z64, "all zeroes is what a debug TEE shows" },
        { "nitr:pcr0=" H96, "\"nitr\" is no TEE; it is one of nitro, nitro-tpm, snp, "
                            "azure-cvm, sgx, tdx, sim" },
        { "nitro:pcr32=" H96, "nitro has no claim \"pcr32\"" },
        { "nitro:pcr01=" H96, "nitro has no claim \"pcr01\"" },
        { "nitro:pcr=" H96, "nitro has no claim \"pcr\"" },
        { "nitro:mrsigner=" H64, "nitro has no claim \"mrsigner\"" },
        { "nitro:pcr0=" H64, "pcr0 must be = and 96 hex digits" },
        { "nitro:pcr0>=" H96, "pcr0 must be = and 96 hex digits" },
        { "nitro:pcr0", "\"pcr0\" is not CLAIM=VALUE" },
        { "nitro:", "\"\" is not CLAIM=VALUE" },
        { "nitro:pcr1=" H96 ",", "\"\" is not CLAIM=VALUE" },
        { "sgx:svn>=x", "svn must be a number" },
        { "sgx:svn>=", "svn must be a number" },
        { "sgx:=1", "\"=1\" is not CLAIM=VALUE" },
        { "two words", "must be 96 or 64 hex digits, TEE:CLAIM=VALUE,..., or name@file" },
        { "name@", "must be 96 or 64 hex digits, TEE:CLAIM=VALUE,..., or name@file" },
        { "@file", "must be 96 or 64 hex digits, TEE:CLAIM=VALUE,..., or name@file" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        enum conf_measurement kind = 0;
        const char *warning = NULL;
        struct tsec_err err = { 0 };

        CU_ASSERT_EQUAL(conf_measurement_kind(rows[i].text, &kind, &warning, &err).code,
                        TSEC_E_CONFIG);
        CU_ASSERT_STRING_EQUAL(err.detail, rows[i].message);
    }
}

static void
an_entry_that_admits_more_than_it_seems_comes_with_a_warning(void)
{
    enum conf_measurement kind = 0;
    const char *warning = NULL;

    CU_ASSERT_FALSE(tsec_failed(conf_measurement_kind(H96, &kind, &warning, NULL)));
    CU_ASSERT_PTR_NOT_NULL(warning);
    CU_ASSERT_FALSE(tsec_failed(
        conf_measurement_kind("nitro:pcr0=" H96 ",pcr1=" H96 ",pcr2=" H96, &kind, &warning, NULL)));
    CU_ASSERT_PTR_NULL(warning);
}

static const struct test_case cases[] = {
    { "each way to write an entry is known", each_way_to_write_an_entry_is_known },
    { "a slip of the pen is not taken for a name", a_slip_of_the_pen_is_not_taken_for_a_name },
    { "an entry that admits more than it seems comes with a warning",
      an_entry_that_admits_more_than_it_seems_comes_with_a_warning },
};

TEST_MAIN("conf/measurement", cases)

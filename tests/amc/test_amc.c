/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/amc.h"

#include "tests/test.h"

static void
names_of_layouts_are_read_as_they_are_written(void)
{
    static const char *const names[] = {
        [AMC_RAW48] = "raw48", [AMC_MAA32] = "maa32", [AMC_TPM32] = "tpm32"
    };

    for (int i = AMC_RAW48; i <= AMC_TPM32; i++) {
        enum amc_layout layout = AMC_RAW48;

        CU_ASSERT_STRING_EQUAL(amc_layout_name((enum amc_layout)i), names[i]);
        CU_ASSERT_TRUE(amc_layout_parse(tsec_span_str(names[i]), &layout));
        CU_ASSERT_EQUAL(layout, (enum amc_layout)i);
    }
}

static void
other_names_are_no_layout(void)
{
    static const char *const names[] = { "", "raw", "RAW48", "raw48 ", "raw64", "none" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(names); i++) {
        enum amc_layout layout = AMC_RAW48;

        CU_ASSERT_FALSE(amc_layout_parse(tsec_span_str(names[i]), &layout));
    }
}

static void
a_format_has_its_layout(void)
{
    static const struct {
        const char *format;
        enum amc_layout layout;
    } rows[] = {
        { "nitro", AMC_RAW48 },       { "snp", AMC_RAW48 },         { "sgx", AMC_RAW48 },
        { "tdx", AMC_RAW48 },         { "sim-v1", AMC_RAW48 },      { "maa", AMC_MAA32 },
        { "az-snp-vtpm", AMC_TPM32 }, { "az-tdx-vtpm", AMC_TPM32 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        CU_ASSERT_EQUAL(amc_layout_of(rows[i].format), rows[i].layout);
    }
}

static const struct test_case cases[] = {
    { "names of layouts are read as they are written",
      names_of_layouts_are_read_as_they_are_written },
    { "other names are no layout", other_names_are_no_layout },
    { "a format has its layout", a_format_has_its_layout },
};

TEST_MAIN("amc/amc", cases)

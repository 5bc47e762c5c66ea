/* SPDX-License-Identifier: Apache-2.0 */
#include "snp_report.h"

#include "tests/mint/mint_snp.h"
#include "tests/test.h"

static struct snp_report
parsed(const uint8_t bytes[static MINT_SNP_REPORT_LEN])
{
    struct snp_report report;

    CU_ASSERT_EQUAL_FATAL(
        snp_report_parse(tsec_span(bytes, MINT_SNP_REPORT_LEN), &report, NULL).code, 0);
    return report;
}

static void
every_field_is_read_from_its_place(void)
{
    uint8_t bytes[MINT_SNP_REPORT_LEN];
    struct snp_report r;

    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (uint8_t)(i * 7 + (i >> 8));
    }
    memcpy(bytes, (const uint8_t[]){ 3, 0, 0, 0 }, 4);
    r = parsed(bytes);
    CU_ASSERT_EQUAL(r.version, 3);
    CU_ASSERT_EQUAL(r.guest_svn & 0xff, bytes[4]);
    CU_ASSERT_EQUAL(r.guest_svn >> 24, bytes[7]);
    CU_ASSERT_EQUAL(r.policy >> 56, bytes[0x0f]);
    CU_ASSERT_PTR_EQUAL(r.family_id.ptr, bytes + 0x10);
    CU_ASSERT_PTR_EQUAL(r.image_id.ptr, bytes + 0x20);
    CU_ASSERT_EQUAL(r.vmpl & 0xff, bytes[0x30]);
    CU_ASSERT_EQUAL(r.signature_algo >> 24, bytes[0x37]);
    CU_ASSERT_PTR_EQUAL(r.current_tcb.ptr, bytes + 0x38);
    CU_ASSERT_EQUAL(r.platform_info >> 56, bytes[0x47]);
    CU_ASSERT_PTR_EQUAL(r.report_data.ptr, bytes + 0x50);
    CU_ASSERT_PTR_EQUAL(r.measurement.ptr, bytes + 0x90);
    CU_ASSERT_PTR_EQUAL(r.host_data.ptr, bytes + 0xc0);
    CU_ASSERT_PTR_EQUAL(r.id_key_digest.ptr, bytes + 0xe0);
    CU_ASSERT_PTR_EQUAL(r.author_key_digest.ptr, bytes + 0x110);
    CU_ASSERT_PTR_EQUAL(r.report_id.ptr, bytes + 0x140);
    CU_ASSERT_PTR_EQUAL(r.reported_tcb.ptr, bytes + 0x180);
    CU_ASSERT_EQUAL(r.family, bytes[0x188]);
    CU_ASSERT_EQUAL(r.model, bytes[0x189]);
    CU_ASSERT_EQUAL(r.stepping, bytes[0x18a]);
    CU_ASSERT_PTR_EQUAL(r.chip_id.ptr, bytes + 0x1a0);
    CU_ASSERT_PTR_EQUAL(r.committed_tcb.ptr, bytes + 0x1e0);
    CU_ASSERT_PTR_EQUAL(r.launch_tcb.ptr, bytes + 0x1f0);
    CU_ASSERT_EQUAL(r.signed_bytes.len, 0x2a0);
    CU_ASSERT_PTR_EQUAL(r.r.ptr, bytes + 0x2a0);
    CU_ASSERT_PTR_EQUAL(r.s.ptr, bytes + 0x2e8);
    CU_ASSERT_PTR_EQUAL(r.behind_signature.ptr + r.behind_signature.len, bytes + sizeof(bytes));
}

static void
flags_are_taken_apart(void)
{
    uint8_t bytes[MINT_SNP_REPORT_LEN] = { 2 };
    struct snp_report r;

    bytes[MINT_SNP_FLAGS] = 1 | 2 | 7 << 2;
    r = parsed(bytes);
    CU_ASSERT_TRUE(r.author_key && r.mask_chip_key);
    CU_ASSERT_EQUAL(r.signing_key, SNP_KEY_NONE);
    CU_ASSERT_EQUAL(r.flags_reserved, 0);
    bytes[MINT_SNP_FLAGS] = 1 << 2;
    bytes[MINT_SNP_FLAGS + 1] = 1;
    r = parsed(bytes);
    CU_ASSERT_FALSE(r.author_key || r.mask_chip_key);
    CU_ASSERT_EQUAL(r.signing_key, SNP_KEY_VLEK);
    CU_ASSERT_EQUAL(r.flags_reserved, 8);
}

static void
versions_2_to_5_are_known_and_no_others(void)
{
    uint8_t bytes[MINT_SNP_REPORT_LEN] = { 0 };
    struct snp_report r;

    for (unsigned version = 0; version < 9; version++) {
        bytes[0] = (uint8_t)version;
        CU_ASSERT_EQUAL(snp_report_parse(tsec_span(bytes, sizeof(bytes)), &r, NULL).code == 0,
                        version >= 2 && version <= 5);
    }
    bytes[0] = 2;
    bytes[3] = 1;
    CU_ASSERT_EQUAL(snp_report_parse(tsec_span(bytes, sizeof(bytes)), &r, NULL).code,
                    TSEC_E_INVALID);
}

static void
another_length_is_refused(void)
{
    uint8_t bytes[MINT_SNP_REPORT_LEN + 1] = { 2 };
    struct snp_report r;

    CU_ASSERT_EQUAL(snp_report_parse(tsec_span(NULL, 0), &r, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(snp_report_parse(tsec_span(bytes, 4), &r, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(snp_report_parse(tsec_span(bytes, sizeof(bytes) - 2), &r, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(snp_report_parse(tsec_span(bytes, sizeof(bytes)), &r, NULL).code,
                    TSEC_E_INVALID);
}

static void
products_are_told_by_cpuid_from_version_3_on(void)
{
    static const struct {
        uint8_t version;
        uint8_t family;
        uint8_t model;
        enum snp_product product;
    } cases[] = {
        { 3, 0x19, 0x00, SNP_MILAN },   { 3, 0x19, 0x01, SNP_MILAN },
        { 3, 0x19, 0x0f, SNP_MILAN },   { 3, 0x19, 0x10, SNP_GENOA },
        { 4, 0x19, 0x1f, SNP_GENOA },   { 5, 0x19, 0xa0, SNP_GENOA },
        { 5, 0x19, 0xaf, SNP_GENOA },   { 5, 0x1a, 0x00, SNP_TURIN },
        { 5, 0x1a, 0x11, SNP_TURIN },   { 5, 0x1a, 0x12, SNP_UNKNOWN },
        { 3, 0x19, 0x20, SNP_UNKNOWN }, { 3, 0x19, 0x9f, SNP_UNKNOWN },
        { 3, 0x19, 0xb0, SNP_UNKNOWN }, { 3, 0x17, 0x01, SNP_UNKNOWN },
        { 2, 0x19, 0x01, SNP_UNKNOWN },
    };
    uint8_t bytes[MINT_SNP_REPORT_LEN] = { 0 };
    struct snp_report r;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(cases); i++) {
        bytes[0] = cases[i].version;
        bytes[MINT_SNP_CPUID] = cases[i].family;
        bytes[MINT_SNP_CPUID + 1] = cases[i].model;
        r = parsed(bytes);
        CU_ASSERT_EQUAL(snp_report_product(&r), cases[i].product);
    }
    CU_ASSERT_EQUAL(snp_product_of(tsec_span_str("Turin")), SNP_TURIN);
    CU_ASSERT_EQUAL(snp_product_of(tsec_span_str("Naples")), SNP_UNKNOWN);
    CU_ASSERT_EQUAL(snp_product_of(tsec_span_str("")), SNP_UNKNOWN);
    CU_ASSERT_STRING_EQUAL(snp_product_name(SNP_GENOA), "Genoa");
}

static void
versions_of_firmware_stand_elsewhere_on_turin(void)
{
    const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
    char text[SNP_TCB_TEXT_LEN];
    struct snp_tcb tcb = snp_tcb_read(SNP_MILAN, tsec_span(bytes, sizeof(bytes)));

    snp_tcb_text(SNP_MILAN, &tcb, text);
    CU_ASSERT_STRING_EQUAL(text, "bl 1 tee 2 snp 7 ucode 8");
    tcb = snp_tcb_read(SNP_TURIN, tsec_span(bytes, sizeof(bytes)));
    snp_tcb_text(SNP_TURIN, &tcb, text);
    CU_ASSERT_STRING_EQUAL(text, "fmc 1 bl 2 tee 3 snp 4 ucode 8");
}

/* As one number the first would be the smaller. */
static void
versions_are_compared_one_by_one(void)
{
    const struct snp_tcb old = { .bootloader = 9, .tee = 0, .snp = 8, .microcode = 115 };
    const struct snp_tcb newer = { .bootloader = 3, .tee = 0, .snp = 24, .microcode = 219 };
    const struct snp_tcb both = { .bootloader = 9, .tee = 0, .snp = 24, .microcode = 219 };

    CU_ASSERT_FALSE(snp_tcb_at_most(&old, &newer));
    CU_ASSERT_FALSE(snp_tcb_at_most(&newer, &old));
    CU_ASSERT_TRUE(snp_tcb_at_most(&old, &both) && snp_tcb_at_most(&newer, &both));
    CU_ASSERT_TRUE(snp_tcb_equal(&both, &both));
    CU_ASSERT_FALSE(snp_tcb_equal(&old, &both));
}

static const struct test_case cases[] = {
    { "every field is read from its place", every_field_is_read_from_its_place },
    { "flags are taken apart", flags_are_taken_apart },
    { "versions 2 to 5 are known, and no others", versions_2_to_5_are_known_and_no_others },
    { "another length is refused", another_length_is_refused },
    { "products are told by CPUID, from version 3 on",
      products_are_told_by_cpuid_from_version_3_on },
    { "versions of firmware stand elsewhere on Turin",
      versions_of_firmware_stand_elsewhere_on_turin },
    { "versions are compared one by one", versions_are_compared_one_by_one },
};

TEST_MAIN("snp_report", cases)

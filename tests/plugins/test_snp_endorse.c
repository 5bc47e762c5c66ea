/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/snp_rig.h"

static void
every_product_version_and_kind_of_key_is_verified(void)
{
    static const char *const products[] = { "Milan", "Genoa", "Turin" };

    for (size_t p = 0; p < TSEC_ARRAY_LEN(products); p++) {
        for (unsigned version = 2; version <= 5; version++) {
            for (unsigned vlek = 0; vlek < 2; vlek++) {
                SNP_AUTO_RIG struct snp_rig rig;

                snp_rig_init(&rig, products[p], vlek == 1, version);
                snp_rig_endorse(&rig);
                SNP_GENUINE(&rig);
                CU_ASSERT_STRING_EQUAL(rig.claims.hardware_model, products[p]);
            }
        }
    }
}

/* Section 6.3, 22: hwID is not chip_id; SPL mismatch. */
static void
certificates_of_other_chips_and_firmware_are_no_endorsement(void)
{
    SNP_AUTO_RIG struct snp_rig rig;
    struct mint_snp_vek vek;

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_add_roots(&rig, "Milan");
    SNP_REFUSED(&rig, NO_ENDORSEMENT, "vek");
    CU_ASSERT_PTR_NOT_NULL(strstr(
        snp_rig_detail(&rig, "vek-source"),
        "https://kdsintf.amd.com/vcek/v1/Milan/c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7"
        "d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
        "?blSPL=4&teeSPL=0&snpSPL=24&ucodeSPL=219"));
    vek = rig.vek;
    vek.chip[63] ^= 1;
    snp_rig_add_vek(&rig, &vek);
    SNP_REFUSED(&rig, NO_ENDORSEMENT, "vek");
    CU_ASSERT_PTR_NOT_NULL(strstr(snp_rig_detail(&rig, "vek"), "one is of chip c0c1c2c3c4c5c6c7"));
    vek = rig.vek;
    vek.tcb.snp = 23;
    snp_rig_add_vek(&rig, &vek);
    SNP_REFUSED(&rig, NO_ENDORSEMENT, "vek");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(snp_rig_detail(&rig, "vek"), "one of this chip is of bl 4 tee 0 snp 23 ucode 219"));
    snp_rig_add_vek(&rig, &rig.vek);
    SNP_GENUINE(&rig);
}

static void
turins_certificate_is_asked_for_by_its_short_id(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Turin", false, 5);
    SNP_REFUSED(&rig, NO_ENDORSEMENT, "vek");
    CU_ASSERT_STRING_EQUAL(snp_rig_detail(&rig, "vek-source"),
                           "https://kdsintf.amd.com/vcek/v1/Turin/c0c1c2c3c4c5c6c7?fmcSPL=1&blSPL=4"
                           "&teeSPL=0&snpSPL=24&ucodeSPL=219");
}

/* A report of version 2 does not say its product, its certificate does; from version 3 on both
 * must say the same. */
static void
the_products_must_agree(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    rig.report[MINT_SNP_CPUID + 1] = 0x11; /* Genoa */
    snp_rig_sign(&rig);
    SNP_REFUSED(&rig, NO_ENDORSEMENT, "vek");
    CU_ASSERT_PTR_NOT_NULL(strstr(snp_rig_detail(&rig, "vek"), "one is of Milan"));
    rig.report[MINT_SNP_CPUID + 1] = 0x30;
    snp_rig_sign(&rig);
    SNP_REFUSED(&rig, NO_ENDORSEMENT, "product");
}

/* A report says which kind of key signed it, and the other kind's certificate does not count. */
static void
a_vlek_is_no_vcek(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", true, 3);
    snp_rig_endorse(&rig);
    SNP_GENUINE(&rig);
    rig.report[MINT_SNP_FLAGS] = 0;
    snp_rig_sign(&rig);
    SNP_REFUSED(&rig, NO_ENDORSEMENT, "vek");
    CU_ASSERT_PTR_NOT_NULL(strstr(snp_rig_detail(&rig, "vek"), "0 VCEKs at hand"));
}

/* Forged certificates of the very chip, before and behind the genuine one. */
static void
foreign_certificates_do_not_matter(void)
{
    for (unsigned genuine_at = 0; genuine_at < 3; genuine_at++) {
        SNP_AUTO_RIG struct snp_rig rig;
        struct mint_snp_vek forged;

        snp_rig_init(&rig, "Milan", false, 3);
        forged = rig.vek;
        forged.signer = mint_snp_ca_key(MINT_SNP_ASVK);
        for (unsigned i = 0; i < 3; i++) {
            snp_rig_add_vek(&rig, i == genuine_at ? &rig.vek : &forged);
            forged.not_after++;
        }
        SNP_REFUSED(&rig, NO_ENDORSEMENT, "chain");
        snp_rig_add_roots(&rig, "Genoa");
        snp_rig_add_roots(&rig, "Milan");
        SNP_GENUINE(&rig);
        CU_ASSERT_EQUAL(rig.claims.not_after, rig.vek.not_after);
    }
}

static void
a_report_that_another_key_signed_is_refused(void)
{
    SNP_AUTO_RIG struct snp_rig rig;
    TSEC_AUTO(mint_key_free) struct mint_key *other = mint_key(TSEC_PUBKEY_P384);

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    mint_snp_sign(other, rig.report);
    SNP_REFUSED(&rig, SIGNATURE, "signature");
    memset(rig.report + MINT_SNP_SIGNATURE, 0, 144);
    SNP_REFUSED(&rig, SIGNATURE, "signature");
}

static void
every_signed_byte_is_signed(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    rig.cached = true;
    for (size_t i = 0; i < MINT_SNP_REPORT_LEN; i++) {
        rig.report[i] ^= 0x10;
        CU_ASSERT_TRUE(tsec_failed(snp_rig_run(&rig)));
        rig.report[i] ^= 0x10;
    }
    SNP_GENUINE(&rig);
}

static void
bytes_beside_the_signature_must_be_zero(void)
{
    static const size_t places[] = { MINT_SNP_SIGNATURE + 48,  MINT_SNP_SIGNATURE + 71,
                                     MINT_SNP_SIGNATURE + 120, MINT_SNP_SIGNATURE + 143,
                                     MINT_SNP_SIGNATURE + 144, MINT_SNP_REPORT_LEN - 1 };
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(places); i++) {
        rig.report[places[i]] = 1;
        SNP_REFUSED(&rig, SIGNATURE, "signature");
        CU_ASSERT_PTR_NOT_NULL(strstr(snp_rig_detail(&rig, "signature"), "must be zero"));
        rig.report[places[i]] = 0;
    }
}

static void
another_signature_algorithm_is_refused(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    rig.report[MINT_SNP_ALGORITHM] = 2;
    snp_rig_sign(&rig);
    SNP_REFUSED(&rig, ALGORITHM, "algorithm");
    rig.report[MINT_SNP_ALGORITHM] = 0;
    snp_rig_sign(&rig);
    SNP_REFUSED(&rig, ALGORITHM, "algorithm");
}

/* Section 6.3, 23: MASK_CHIP_KEY; and the signing keys that are none. */
static void
reports_without_a_signing_key_are_refused(void)
{
    static const uint8_t flags[] = { 2 /* MASK_CHIP_KEY */, 7 << 2, 2 << 2, 6 << 2, 1 << 5 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(flags); i++) {
        SNP_AUTO_RIG struct snp_rig rig;

        snp_rig_init(&rig, "Milan", false, 3);
        snp_rig_endorse(&rig);
        rig.report[MINT_SNP_FLAGS] = flags[i];
        snp_rig_sign(&rig);
        SNP_REFUSED(&rig, POLICY, "signing-key");
    }
}

/* The host's mask is about the chip's key, not about a VLEK. */
static void
a_vlek_signs_where_the_chips_key_is_masked(void)
{
    SNP_AUTO_RIG struct snp_rig rig;

    snp_rig_init(&rig, "Milan", true, 3);
    snp_rig_endorse(&rig);
    rig.report[MINT_SNP_FLAGS] |= 2;
    snp_rig_sign(&rig);
    SNP_GENUINE(&rig);
}

static const struct test_case cases[] = {
    { "every product, version and kind of key is verified",
      every_product_version_and_kind_of_key_is_verified },
    { "certificates of other chips and firmware are no endorsement",
      certificates_of_other_chips_and_firmware_are_no_endorsement },
    { "Turin's certificate is asked for by its short id",
      turins_certificate_is_asked_for_by_its_short_id },
    { "the products must agree", the_products_must_agree },
    { "a VLEK is no VCEK", a_vlek_is_no_vcek },
    { "foreign certificates do not matter", foreign_certificates_do_not_matter },
    { "a report that another key signed is refused", a_report_that_another_key_signed_is_refused },
    { "every signed byte is signed", every_signed_byte_is_signed },
    { "bytes beside the signature must be zero", bytes_beside_the_signature_must_be_zero },
    { "another signature algorithm is refused", another_signature_algorithm_is_refused },
    { "reports without a signing key are refused", reports_without_a_signing_key_are_refused },
    { "a VLEK signs where the chip's key is masked", a_vlek_signs_where_the_chips_key_is_masked },
};

TEST_MAIN("snp_endorse", cases)

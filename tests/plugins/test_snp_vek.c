/* SPDX-License-Identifier: Apache-2.0 */
#include "snp_vek.h"

#include "tests/plugins/snp_rig.h"

#define OID "1.3.6.1.4.1.3704.1."

static struct tsec_cert *
minted(const struct mint_snp_vek *vek)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(16384);
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P384);
    struct tsec_cert *cert = NULL;

    mint_snp_vek_cert(vek, key, &der);
    CU_ASSERT_EQUAL_FATAL(tsec_cert_parse(tsec_buf_span(&der), &cert, NULL).code, 0);
    return cert;
}

static bool
reads(const struct mint_snp_vek *vek)
{
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = minted(vek);
    struct snp_vek out;

    return snp_vek_read(cert, vek->vlek ? SNP_KEY_VLEK : SNP_KEY_VCEK, &out, NULL).code == 0;
}

static void
a_vcek_says_product_chip_and_firmware(void)
{
    struct mint_snp_vek spec;
    struct snp_vek vek;

    mint_snp_vek_init(&spec, "Genoa", false);
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = minted(&spec);

    CU_ASSERT_EQUAL_FATAL(snp_vek_read(cert, SNP_KEY_VCEK, &vek, NULL).code, 0);
    CU_ASSERT_EQUAL(vek.product, SNP_GENOA);
    CU_ASSERT_EQUAL(vek.tcb.bootloader, 4);
    CU_ASSERT_EQUAL(vek.tcb.snp, 24);
    CU_ASSERT_EQUAL(vek.tcb.microcode, 219); /* two bytes of INTEGER */
    CU_ASSERT_TRUE(tsec_span_equal(vek.hwid, tsec_span(spec.chip, 64)));
    CU_ASSERT_EQUAL(vek.csp_id.len, 0);
    CU_ASSERT_TRUE(snp_vek_is(cert, SNP_KEY_VCEK));
    CU_ASSERT_FALSE(snp_vek_is(cert, SNP_KEY_VLEK));
    CU_ASSERT_FALSE(snp_vek_is(cert, SNP_KEY_NONE));
}

static void
a_vlek_says_the_cloud_provider_instead(void)
{
    struct mint_snp_vek spec;
    struct snp_vek vek;

    mint_snp_vek_init(&spec, "Milan", true);
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = minted(&spec);

    CU_ASSERT_EQUAL_FATAL(snp_vek_read(cert, SNP_KEY_VLEK, &vek, NULL).code, 0);
    CU_ASSERT_EQUAL(vek.product, SNP_MILAN);
    CU_ASSERT_TRUE(tsec_span_is(vek.csp_id, "CN=cc-test-1.example.com"));
    CU_ASSERT_EQUAL(vek.hwid.len, 0);
    CU_ASSERT_EQUAL(snp_vek_read(cert, SNP_KEY_VCEK, &vek, NULL).code, TSEC_E_INVALID);
}

static void
a_chip_id_may_be_wrapped_and_turins_is_short(void)
{
    struct mint_snp_vek spec;
    struct snp_vek vek;

    mint_snp_vek_init(&spec, "Turin", false);
    spec.chip_wrapped = true;
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = minted(&spec);

    CU_ASSERT_EQUAL_FATAL(snp_vek_read(cert, SNP_KEY_VCEK, &vek, NULL).code, 0);
    CU_ASSERT_EQUAL(vek.product, SNP_TURIN);
    CU_ASSERT_EQUAL(vek.tcb.fmc, 1);
    CU_ASSERT_TRUE(tsec_span_equal(vek.hwid, tsec_span(spec.chip, 8)));
    mint_snp_vek_init(&spec, "Milan", false);
    spec.chip_wrapped = true;
    CU_ASSERT_TRUE(reads(&spec));
    spec.chip_len = 63;
    CU_ASSERT_FALSE(reads(&spec));
    spec.chip_wrapped = false;
    CU_ASSERT_FALSE(reads(&spec));
    spec.chip_len = 0;
    CU_ASSERT_FALSE(reads(&spec));
}

static void
an_extension_that_is_missing_or_no_number_is_refused(void)
{
    static const char *const oids[] = { OID "3.1", OID "3.2", OID "3.3",
                                        OID "3.8", OID "3.9", OID "4" };
    struct mint_snp_vek spec;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(oids); i++) {
        mint_snp_vek_init(&spec, "Turin", false);
        CU_ASSERT_TRUE(reads(&spec));
        spec.without = oids[i];
        CU_ASSERT_FALSE(reads(&spec));
        spec.without = NULL;
        spec.instead = oids[i];
        CU_ASSERT_FALSE(reads(&spec));
    }
    mint_snp_vek_init(&spec, "Milan", true);
    spec.without = OID "5";
    CU_ASSERT_FALSE(reads(&spec));
    spec.without = NULL;
    spec.csp_id = "";
    CU_ASSERT_FALSE(reads(&spec));
    spec.csp_id = "CN=a\nb";
    CU_ASSERT_FALSE(reads(&spec));
    spec.csp_id = "\xff\xfe";
    CU_ASSERT_FALSE(reads(&spec));
}

static void
an_issuer_that_is_no_product_is_refused(void)
{
    static const char *const issuers[] = { "SEV-Naples", "SEV-", "Milan", "SEV-Milan2",
                                           "SEV-VLEK-Milan" };
    struct mint_snp_vek spec;

    mint_snp_vek_init(&spec, "Milan", false);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(issuers); i++) {
        spec.issuer_cn = issuers[i];
        CU_ASSERT_FALSE(reads(&spec));
    }
}

/* Fit of one certificate and a report of that product, with one byte of the report changed. */
static enum snp_fit
fit(const struct mint_snp_vek *spec, const char *of, size_t at)
{
    struct mint_snp_vek other;
    struct snp_report report;
    struct snp_vek vek;
    uint8_t bytes[MINT_SNP_REPORT_LEN];

    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = minted(spec);
    mint_snp_vek_init(&other, of, spec->vlek);
    mint_snp_report(3, &other, bytes);
    bytes[at] ^= at == 0 ? 0 : 1;
    CU_ASSERT_EQUAL_FATAL(snp_report_parse(tsec_span(bytes, sizeof(bytes)), &report, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(
        snp_vek_read(cert, spec->vlek ? SNP_KEY_VLEK : SNP_KEY_VCEK, &vek, NULL).code, 0);
    return snp_vek_fit(&vek, &report);
}

static void
it_fits_its_own_product_chip_and_firmware_only(void)
{
    struct mint_snp_vek spec;

    mint_snp_vek_init(&spec, "Milan", false);
    CU_ASSERT_EQUAL(fit(&spec, "Milan", 0), SNP_FITS);
    CU_ASSERT_EQUAL(fit(&spec, "Genoa", 0), SNP_FIT_NO_PRODUCT);
    CU_ASSERT_EQUAL(fit(&spec, "Milan", MINT_SNP_CHIP_ID + 63), SNP_FIT_NO_CHIP);
    CU_ASSERT_EQUAL(fit(&spec, "Milan", MINT_SNP_REPORTED_TCB), SNP_FIT_NO_TCB);
    CU_ASSERT_EQUAL(fit(&spec, "Milan", MINT_SNP_REPORTED_TCB + 1), SNP_FIT_NO_TCB);
    CU_ASSERT_EQUAL(fit(&spec, "Milan", MINT_SNP_REPORTED_TCB + 6), SNP_FIT_NO_TCB);
    CU_ASSERT_EQUAL(fit(&spec, "Milan", MINT_SNP_REPORTED_TCB + 7), SNP_FIT_NO_TCB);
    mint_snp_vek_init(&spec, "Turin", false);
    CU_ASSERT_EQUAL(fit(&spec, "Turin", 0), SNP_FITS);
    CU_ASSERT_EQUAL(fit(&spec, "Turin", MINT_SNP_REPORTED_TCB), SNP_FIT_NO_TCB);
    /* zeros must stand behind a short id */
    CU_ASSERT_EQUAL(fit(&spec, "Turin", MINT_SNP_CHIP_ID + 8), SNP_FIT_NO_CHIP);
}

/* A masked chip id is no chip id. */
static void
zeroes_are_no_chip(void)
{
    struct mint_snp_vek spec;
    struct snp_report report;
    struct snp_vek vek;
    uint8_t bytes[MINT_SNP_REPORT_LEN];

    mint_snp_vek_init(&spec, "Milan", false);
    memset(spec.chip, 0, sizeof(spec.chip));
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = minted(&spec);
    mint_snp_report(3, &spec, bytes);
    CU_ASSERT_EQUAL_FATAL(snp_report_parse(tsec_span(bytes, sizeof(bytes)), &report, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(snp_vek_read(cert, SNP_KEY_VCEK, &vek, NULL).code, 0);
    CU_ASSERT_EQUAL(snp_vek_fit(&vek, &report), SNP_FIT_NO_CHIP);
}

static const struct test_case cases[] = {
    { "a VCEK says product, chip and firmware", a_vcek_says_product_chip_and_firmware },
    { "a VLEK says the cloud provider instead", a_vlek_says_the_cloud_provider_instead },
    { "a chip id may be wrapped, and Turin's is short",
      a_chip_id_may_be_wrapped_and_turins_is_short },
    { "an extension that is missing or no number is refused",
      an_extension_that_is_missing_or_no_number_is_refused },
    { "an issuer that is no product is refused", an_issuer_that_is_no_product_is_refused },
    { "it fits its own product, chip and firmware only",
      it_fits_its_own_product_chip_and_firmware_only },
    { "zeroes are no chip", zeroes_are_no_chip },
};

TEST_MAIN("snp_vek", cases)

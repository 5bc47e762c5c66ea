/* SPDX-License-Identifier: Apache-2.0 */
#include "snp_table.h"

#include "tests/plugins/snp_rig.h"

enum { EVIDENCE_MAX = 64 * 1024, ENTRY_LEN = 24 };

/* A report with VCEK, ASK and ARK behind it. */
static void
extended(struct snp_rig *rig, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf vcek = TSEC_BUF_INIT(16384);

    snp_rig_add_roots(rig, rig->vek.product);
    mint_snp_vek_cert(&rig->vek, rig->key, &vcek);
    const struct tsec_span ders[] = { tsec_buf_span(&vcek),
                                      tsec_cert_der(collateral_cert(rig->set, MINT_SNP_ASK)),
                                      tsec_cert_der(collateral_cert(rig->set, MINT_SNP_ARK)) };

    tsec_buf_put(out, rig->report, sizeof(rig->report));
    mint_snp_table(ders, TSEC_ARRAY_LEN(ders), out);
    collateral_free(rig->set);
    CU_ASSERT_EQUAL_FATAL(collateral_new(&rig->set, NULL).code, 0);
}

static void
a_table_behind_the_report_is_collateral(void)
{
    SNP_AUTO_RIG struct snp_rig rig;
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(EVIDENCE_MAX);

    snp_rig_init(&rig, "Milan", false, 3);
    extended(&rig, &evidence);
    SNP_REFUSED(&rig, NO_ENDORSEMENT, "vek");
    CU_ASSERT_TRUE(snp_rig_genuine(&rig, snp_rig_verify(&rig, tsec_buf_span(&evidence))));
    memset(tsec_buf_extend(&evidence, 4096), 0, 4096); /* a page is a page */
    CU_ASSERT_TRUE(snp_rig_genuine(&rig, snp_rig_verify(&rig, tsec_buf_span(&evidence))));
}

static void
what_the_host_puts_into_the_table_is_not_believed(void)
{
    SNP_AUTO_RIG struct snp_rig rig;
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(EVIDENCE_MAX);

    snp_rig_init(&rig, "Milan", false, 3);
    rig.vek.signer = mint_snp_ca_key(MINT_SNP_ARK);
    extended(&rig, &evidence);
    CU_ASSERT_TRUE(snp_rig_refused(&rig, snp_rig_verify(&rig, tsec_buf_span(&evidence)),
                                   TSEC_REASON_CHAIN, "chain"));
}

static void
entries_that_are_no_certificate_are_passed_over(void)
{
    SNP_AUTO_RIG struct snp_rig rig;
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(EVIDENCE_MAX);

    snp_rig_init(&rig, "Milan", false, 3);
    extended(&rig, &evidence);
    evidence.ptr[MINT_SNP_REPORT_LEN] ^= 1; /* the VCEK's GUID */
    CU_ASSERT_TRUE(snp_rig_refused(&rig, snp_rig_verify(&rig, tsec_buf_span(&evidence)),
                                   TSEC_REASON_NO_ENDORSEMENT, "vek"));
    snp_rig_add_vek(&rig, &rig.vek);
    CU_ASSERT_TRUE(snp_rig_genuine(&rig, snp_rig_verify(&rig, tsec_buf_span(&evidence))));
    evidence.ptr[MINT_SNP_REPORT_LEN] ^= 1;
    evidence.ptr[MINT_SNP_REPORT_LEN + 4 * ENTRY_LEN] ^= 0xff; /* the VCEK's first byte */
    CU_ASSERT_TRUE(snp_rig_genuine(&rig, snp_rig_verify(&rig, tsec_buf_span(&evidence))));
}

static void
both_byte_orders_of_a_guid_are_known(void)
{
    /* a8074bc2-a25a-483e-aae6-39c045a0b8a1 (VLEK), as text has it, then as UEFI has it */
    static const uint8_t guids[][16] = {
        { 0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8,
          0xa1 },
        { 0xc2, 0x4b, 0x07, 0xa8, 0x5a, 0xa2, 0x3e, 0x48, 0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8,
          0xa1 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(guids); i++) {
        TSEC_AUTO_BUF struct tsec_buf table = TSEC_BUF_INIT(EVIDENCE_MAX);
        TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(16384);
        TSEC_AUTO(collateral_free) struct collateral *set = NULL;

        mint_snp_ca("Milan", MINT_SNP_ASVK, NULL, &der);
        const struct tsec_span one = tsec_buf_span(&der);

        mint_snp_table(&one, 1, &table);
        memcpy(table.ptr, guids[i], sizeof(guids[i]));
        CU_ASSERT_EQUAL_FATAL(collateral_new(&set, NULL).code, 0);
        CU_ASSERT_EQUAL(snp_table_read(tsec_buf_span(&table), set, NULL).code, 0);
        CU_ASSERT_EQUAL(collateral_certs(set), 1);
    }
}

static void
malformed(struct tsec_span table)
{
    SNP_AUTO_RIG struct snp_rig rig;
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(EVIDENCE_MAX);

    snp_rig_init(&rig, "Milan", false, 3);
    snp_rig_endorse(&rig);
    tsec_buf_put(&evidence, rig.report, sizeof(rig.report));
    tsec_buf_put_span(&evidence, table);
    CU_ASSERT_TRUE(snp_rig_refused(&rig, snp_rig_verify(&rig, tsec_buf_span(&evidence)),
                                   TSEC_REASON_MALFORMED, "table"));
}

/* Section 6.3, 6: a trailing byte. */
static void
tables_whose_lengths_do_not_hold_are_refused(void)
{
    uint8_t table[40 * ENTRY_LEN + 1] = { 0 };

    malformed(tsec_span(table, 1));
    malformed(tsec_span(table, ENTRY_LEN - 1));
    table[ENTRY_LEN] = 1; /* bytes that no entry covers */
    malformed(tsec_span(table, ENTRY_LEN + 1));
    table[ENTRY_LEN] = 0;
    table[0] = 1; /* an entry, and no end */
    malformed(tsec_span(table, ENTRY_LEN));
    table[16] = 3 * ENTRY_LEN; /* from the end on, of one byte */
    table[20] = 1;
    malformed(tsec_span(table, 3 * ENTRY_LEN));
    table[16] = 0xff; /* offset and length whose sum would wrap */
    table[17] = table[18] = table[19] = 0xff;
    malformed(tsec_span(table, 3 * ENTRY_LEN));
    memset(table + 16, 0, 8);
    for (size_t i = 0; i < 40; i++) {
        table[i * ENTRY_LEN] = 1; /* more entries than are read */
    }
    table[39 * ENTRY_LEN] = 0;
    malformed(tsec_span(table, 40 * ENTRY_LEN));
}

/* As many loose signatures as a set holds: collateral too, and quickly made. */
static struct collateral *
full_set(uint8_t mark)
{
    struct collateral *set = NULL;
    uint8_t item[64] = { mark };

    CU_ASSERT_EQUAL_FATAL(collateral_new(&set, NULL).code, 0);
    do {
        item[63]++;
    } while (collateral_add(set, tsec_span(item, sizeof(item)), NULL).code == 0);
    return set;
}

/* What is kept and what comes beside the evidence may both be full; what comes within is then too
 * much, and the account says so. */
static void
more_than_is_taken_is_refused(void)
{
    SNP_AUTO_RIG struct snp_rig rig;
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(EVIDENCE_MAX);
    TSEC_AUTO(collateral_free) struct collateral *kept = full_set(1);
    TSEC_AUTO(collateral_free) struct collateral *beside = full_set(2);
    const uint8_t within[64] = { 3 };
    const struct tsec_span one = tsec_span(within, sizeof(within));

    snp_rig_init(&rig, "Milan", false, 3);
    collateral_free(rig.set);
    rig.set = NULL;
    CU_ASSERT_EQUAL_FATAL(collateral_join(kept, beside, &rig.set, NULL).code, 0);
    tsec_buf_put(&evidence, rig.report, sizeof(rig.report));
    mint_snp_table(&one, 1, &evidence);
    CU_ASSERT_TRUE(snp_rig_refused(&rig, snp_rig_verify(&rig, tsec_buf_span(&evidence)),
                                   TSEC_REASON_COLLATERAL, "certificates"));
}

static const struct test_case cases[] = {
    { "a table behind the report is collateral", a_table_behind_the_report_is_collateral },
    { "what the host puts into the table is not believed",
      what_the_host_puts_into_the_table_is_not_believed },
    { "entries that are no certificate are passed over",
      entries_that_are_no_certificate_are_passed_over },
    { "both byte orders of a GUID are known", both_byte_orders_of_a_guid_are_known },
    { "tables whose lengths do not hold are refused",
      tables_whose_lengths_do_not_hold_are_refused },
    { "more than is taken is refused", more_than_is_taken_is_refused },
};

TEST_MAIN("snp_table", cases)

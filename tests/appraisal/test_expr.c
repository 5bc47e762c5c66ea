/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal/expr.h"

#include <stdio.h>
#include <string.h>

#include "tests/test.h"

#define H16  "0123456789abcdef"
#define H32  H16 H16
#define H64  H32 H32
#define H96  H64 H32
#define H128 H64 H64
#define Z16  "0000000000000000"
#define Z32  Z16 Z16
#define Z64  Z32 Z32
#define Z96  Z64 Z32

static void
every_claim_of_every_tee_can_be_named(void)
{
    static const char *const rows[] = {
        H96,
        H64,
        "nitro:pcr0=" H96 ",pcr1=" H96 ",pcr2=" H96 ",pcr31=" Z96 ",module_id=i-1-enc2",
        "nitro-tpm:pcr4=" H96 ",pcr23=" Z96,
        "snp:measurement=" H96 ",id_key=" H96 ",author_key=" Z96 ",family_id=" H32 ",image_id=" H32
        ",host_data=" H64 ",report_id=" H64 ",chip_id=" H128
        ",svn>=2,policy=0x30000,vmpl=0,signing_key=VCEK,csp_id=x,tcb_bootloader>=4,tcb_tee>=0,"
        "tcb_snp>=22,tcb_microcode>=213,tcb_fmc=0,platform_info=1,smt_allowed=true,"
        "migration_allowed=false",
        "azure-cvm:measurement=" H96 ",pcr0=" H64 ",pcr23=" Z64 ",vm_id=0-1,secure_boot=true,"
        "compliance_status=azure-compliant-cvm,policy_hash=" H64,
        "sgx:mrenclave=" H64 ",mrsigner=" H64 ",prod_id=1,svn>=3,attributes=" H32 ",config_id=" H128
        ",config_svn>=1,family_id=" H32 ",ext_prod_id=" H32 ",fmspc=00906ed50000,qe_svn>=5,"
        "pce_svn>=10,cpu_svn=" H32 ",attestation_type=sgx",
        "tdx:mrtd=" H96 ",mrseam=" H96 ",rtmr0=" H96 ",rtmr3=" Z96 ",td_attributes=" H16
        ",xfam=" H16 ",mrconfigid=" Z96 ",mrowner=" Z96 ",mrownerconfig=" Z96 ",tee_tcb_svn=" H32
        ",fmspc=00906ed50000",
        "sim:measurement=" H96 ",svn>=1",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        struct tsec_expr expr;
        struct tsec_err err = { 0 };

        CU_ASSERT_FALSE(tsec_failed(tsec_expr_parse(tsec_span_str(rows[i]), &expr, &err)));
        CU_ASSERT_STRING_EQUAL(err.detail, "");
    }
}

static void
parts_are_read_as_they_are_written(void)
{
    struct tsec_expr e;

    CU_ASSERT_FALSE(tsec_failed(tsec_expr_parse(
        tsec_span_str("snp:svn>=3,policy=0x3001f,id_key=" H96 ",signing_key=VLEK,smt_allowed=true"),
        &e, NULL)));
    CU_ASSERT_STRING_EQUAL(e.tee, "snp");
    CU_ASSERT_EQUAL_FATAL(e.parts_len, 5);
    CU_ASSERT_TRUE(e.parts[0].at_least && e.parts[0].number == 3);
    CU_ASSERT_TRUE(!e.parts[1].at_least && e.parts[1].number == 0x3001f);
    CU_ASSERT_TRUE(e.parts[2].len == 48 && e.parts[2].value[1] == 0x23);
    CU_ASSERT_TRUE(e.parts[3].kind == TSEC_CLAIM_TEXT && e.parts[3].len == 4);
    CU_ASSERT_TRUE(e.parts[4].kind == TSEC_CLAIM_BOOL && e.parts[4].number == 1);
}

static void
a_slip_of_the_pen_is_refused_in_words(void)
{
    static const struct {
        const char *text;
        const char *message;
    } rows[] = {
        { "", "empty; write TEE:CLAIM=VALUE,... or hex digits" },
        { H64 "0", "65 hex digits; a measurement has 96 or 64" },
        { Z96, "all zeroes is what a debug TEE shows" },
        { "x" H32 H16 H16 H16 H16 H16 H16 "yz:", "" },
        { "nitr:pcr0=" H96, "\"nitr\" is no TEE; it is one of nitro, nitro-tpm, snp, azure-cvm, "
                            "sgx, tdx, sim" },
        { "nitro:pcr32=" H96, "nitro has no claim \"pcr32\"" },
        { "nitro-tpm:pcr24=" H96, "nitro-tpm has no claim \"pcr24\"" },
        { "azure-cvm:pcr24=" H64, "azure-cvm has no claim \"pcr24\"" },
        { "snp:pcr0=" H96, "snp has no claim \"pcr0\"" },
        { "sim:pcr0=" H96, "sim has no claim \"pcr0\"" },
        { "nitro:pcr01=" H96, "nitro has no claim \"pcr01\"" },
        { "nitro:pcr=" H96, "nitro has no claim \"pcr\"" },
        { "nitro:PCR0=" H96, "nitro has no claim \"PCR0\"" },
        { "nitro:pcr0 =" H96, "nitro has no claim \"pcr0 \"" },
        { "nitro:pcr0==" H96, "pcr0 must be = and 96 hex digits" },
        { "nitro:pcr0>=" H96, "pcr0 must be = and 96 hex digits" },
        { "nitro:pcr0=" H64, "pcr0 must be = and 96 hex digits" },
        { "nitro:pcr2=" Z96, "all zeroes is what a debug TEE shows" },
        { "nitro-tpm:pcr4=" Z96, "all zeroes is what a debug TEE shows" },
        { "nitro:pcr3=" H96 ",pcr3=" H96, "names pcr3 twice" },
        { "nitro:pcr1=" H96 ",", "\"\" is not CLAIM=VALUE" },
        { "nitro:", "\"\" is not CLAIM=VALUE" },
        { "sgx:=1", "\"=1\" is not CLAIM=VALUE" },
        { "sgx:svn>=", "svn must be a number" },
        { "sgx:svn=-1", "svn must be a number" },
        { "sgx:svn=12345678901234567890", "svn must be a number" },
        { "snp:policy=0x", "policy must be a number" },
        { "snp:policy=0x11112222333344445", "policy must be a number" },
        { "snp:policy=1f", "policy must be a number" },
        { "snp:smt_allowed=1", "smt_allowed must be = and true or false" },
        { "snp:smt_allowed>=true", "smt_allowed must be = and true or false" },
        { "snp:signing_key=", "signing_key must be = and a word of at most 64 letters" },
        { "snp:signing_key>=VCEK", "signing_key must be = and a word of at most 64 letters" },
        { "snp:csp_id=a b", "csp_id must be = and a word of at most 64 letters" },
        { "tdx:mrtd=" Z96, "all zeroes is what a debug TEE shows" },
        { "sgx:mrsigner=" Z64, "all zeroes is what a debug TEE shows" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        struct tsec_expr expr;
        struct tsec_err err = { 0 };

        CU_ASSERT_EQUAL(tsec_expr_parse(tsec_span_str(rows[i].text), &expr, &err).code,
                        TSEC_E_CONFIG);
        if (rows[i].message[0] != '\0') {
            CU_ASSERT_STRING_EQUAL(err.detail, rows[i].message);
        }
    }
}

static void
the_number_of_parts_is_bounded(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(65536);
    struct tsec_expr expr;
    struct tsec_err err = { 0 };

    tsec_buf_put_str(&text, "nitro:pcr0=" H96);
    for (int i = 1; i < 32; i++) {
        tsec_buf_printf(&text, ",pcr%d=" H96, i);
    }
    CU_ASSERT_FALSE(tsec_failed(tsec_expr_parse(tsec_buf_span(&text), &expr, &err)));
    tsec_buf_put_str(&text, ",module_id=x");
    CU_ASSERT_EQUAL(tsec_expr_parse(tsec_buf_span(&text), &expr, &err).code, TSEC_E_CONFIG);
    CU_ASSERT_STRING_EQUAL(err.detail, "more than 32 parts");
}

static void
an_entry_that_admits_more_than_it_seems_is_warned_of(void)
{
    static const struct {
        const char *text;
        bool warns;
    } rows[] = {
        { H96, true },
        { H64, false },
        { "nitro:pcr0=" H96, true },
        { "nitro:pcr0=" H96 ",pcr1=" H96 ",pcr2=" H96, false },
        { "nitro-tpm:pcr4=" H96, true },
        { "nitro-tpm:pcr4=" H96 ",pcr12=" Z96, false },
        { "nitro-tpm:pcr7=" H96, false },
        { "sgx:mrenclave=" H64, false },
        { "sgx:mrsigner=" H64, true },
        { "sgx:mrsigner=" H64 ",prod_id=1", false },
        { "sgx:svn>=1", true },
        { "tdx:rtmr0=" H96, true },
        { "tdx:mrtd=" H96, false },
        { "snp:svn>=1", true },
        { "snp:id_key=" H96, false },
        { "azure-cvm:pcr4=" H64, true },
        { "azure-cvm:pcr4=" H64 ",id_key=" H96, false },
        { "sim:measurement=" H96, false },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        struct tsec_expr expr;

        CU_ASSERT_FALSE(tsec_failed(tsec_expr_parse(tsec_span_str(rows[i].text), &expr, NULL)));
        CU_ASSERT_EQUAL(tsec_expr_warning(&expr) != NULL, rows[i].warns);
    }
}

static const struct test_case cases[] = {
    { "every claim of every tee can be named", every_claim_of_every_tee_can_be_named },
    { "parts are read as they are written", parts_are_read_as_they_are_written },
    { "a slip of the pen is refused in words", a_slip_of_the_pen_is_refused_in_words },
    { "the number of parts is bounded", the_number_of_parts_is_bounded },
    { "an entry that admits more than it seems is warned of",
      an_entry_that_admits_more_than_it_seems_is_warned_of },
};

TEST_MAIN("appraisal/expr", cases)

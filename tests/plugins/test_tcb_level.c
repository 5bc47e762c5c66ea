/* SPDX-License-Identifier: Apache-2.0 */
/* Intel's evaluation of a TCB, with the cases of its own library's tests among them. */
#include "tcb_level.h"

#include <string.h>

#include "tests/mint/mint_sgx.h"
#include "tests/test.h"

static struct mint_sgx spec;
static struct tcb_result result;
static struct tsec_err err;
static const char *qe_status; /* NULL: not known */

static enum tsec_tcb_status
status_of(const char *name)
{
    struct tcb_verdict verdict = { 0 };
    TSEC_AUTO_BUF struct tsec_buf level = TSEC_BUF_INIT(256);

    tsec_buf_printf(&level, "{\"tcbStatus\":\"%s\",\"tcbDate\":\"2026-01-01T00:00:00Z\"}", name);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tcb_verdict_read(tsec_buf_span(&level), &verdict, NULL)));
    return verdict.status;
}

/* What `spec` comes to. */
static tsec_rc
evaluate(void)
{
    TSEC_AUTO(tcb_info_free) struct tcb_info *info = NULL;
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(MINT_SGX_MAX);
    struct quote quote = { .tdx = spec.tdx, .td15 = spec.body_type == 3 };
    struct pck_ext pck = { .pce_svn = (uint16_t)spec.platform.pce_svn };
    struct tcb_verdict qe = { .date = INT64_MAX };
    const struct tcb_input in = { NULL, &pck, &quote, qe_status == NULL ? NULL : &qe };
    struct tcb_input filled = in;

    memcpy(pck.components, spec.platform.components, sizeof(pck.components));
    quote.body = tsec_span(spec.body, sizeof(spec.body));
    qe.status = qe_status == NULL ? TSEC_TCB_UNKNOWN : status_of(qe_status);
    mint_sgx_tcb_info(&spec, &body);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tcb_info_parse(tsec_buf_span(&body), spec.tdx, &info, NULL)));
    filled.info = info;
    return tcb_evaluate(&filled, &result, &err);
}

static void
start(bool tdx)
{
    mint_sgx_genuine(&spec, tdx);
    qe_status = "UpToDate";
}

static void
comes_to(enum tsec_tcb_status status)
{
    CU_ASSERT_FALSE(tsec_failed(evaluate()));
    CU_ASSERT_EQUAL(result.status, status);
}

static void
the_first_level_that_every_component_reaches_counts(void)
{
    start(false);
    comes_to(TSEC_TCB_UP_TO_DATE);
    CU_ASSERT_EQUAL(result.level, 0);
    for (size_t i = 0; i < 16; i++) {
        start(false);
        memset(spec.platform.components, 0xff, 16);
        spec.platform.components[i] = 4;
        comes_to(TSEC_TCB_OUT_OF_DATE);
        CU_ASSERT_EQUAL(result.level, 1);
    }
    spec.platform.components[7] = 3;
    comes_to(TSEC_TCB_REVOKED);
}

static void
the_pce_counts_as_well(void)
{
    start(false);
    spec.levels[1].pce_svn = 10;
    spec.platform.pce_svn = 10;
    comes_to(TSEC_TCB_OUT_OF_DATE);
    spec.platform.pce_svn = 9;
    CU_ASSERT_EQUAL(evaluate().code, TSEC_E_DENIED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "no matching level"));
}

static void
the_cpu_svn_of_the_quote_does_not(void)
{
    start(false);
    memset(spec.body, 0, 16);
    comes_to(TSEC_TCB_UP_TO_DATE);
}

static void
date_and_advisories_are_of_all_that_counts(void)
{
    start(true);
    spec.levels[0].advisories = "[\"INTEL-SA-00001\",\"INTEL-SA-00002\"]";
    comes_to(TSEC_TCB_UP_TO_DATE);
    CU_ASSERT_STRING_EQUAL(result.advisories, "INTEL-SA-00001,INTEL-SA-00002");
    CU_ASSERT_EQUAL(result.date, 1794441600); /* 2026-11-12, the level's; the module's is later */
    spec.modules[0].levels[0].date = "2026-11-01";
    comes_to(TSEC_TCB_UP_TO_DATE);
    CU_ASSERT_EQUAL(result.date, 1793491200);
}

static void
without_a_verdict_on_the_qe_it_is_unknown_or_worse(void)
{
    start(false);
    qe_status = NULL;
    comes_to(TSEC_TCB_UNKNOWN);
    CU_ASSERT_TRUE(result.partly_unknown);
    spec.platform.components[0] = 4;
    comes_to(TSEC_TCB_OUT_OF_DATE);
    CU_ASSERT_TRUE(result.partly_unknown);
    spec.platform.components[0] = 3;
    comes_to(TSEC_TCB_REVOKED);
}

static void
the_qe_may_make_it_worse(void)
{
    start(false);
    qe_status = "OutOfDate";
    comes_to(TSEC_TCB_OUT_OF_DATE);
    spec.levels[0].status = "ConfigurationAndSWHardeningNeeded";
    comes_to(TSEC_TCB_OUT_OF_DATE_CONFIGURATION_NEEDED);
    qe_status = "Revoked";
    comes_to(TSEC_TCB_REVOKED);
}

/* ---- TDX ---- */

static void
tdx_components_count_but_for_those_of_a_module_with_an_identity(void)
{
    start(true);
    spec.body[2] = 4;
    comes_to(TSEC_TCB_OUT_OF_DATE);
    CU_ASSERT_EQUAL(result.level, 1);
    /* version 0: the module's SVN is a component like the others */
    start(true);
    spec.body[1] = 0;
    comes_to(TSEC_TCB_UP_TO_DATE);
    CU_ASSERT_EQUAL(result.module_status, TSEC_TCB_NONE);
    spec.body[0] = 3;
    CU_ASSERT_EQUAL(evaluate().code, TSEC_E_DENIED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "TEE TCB SVN"));
}

static void
a_module_is_judged_by_its_identity(void)
{
    start(true);
    comes_to(TSEC_TCB_UP_TO_DATE);
    CU_ASSERT_EQUAL(result.module_version, 1);
    CU_ASSERT_EQUAL(result.module_status, TSEC_TCB_UP_TO_DATE);
    spec.body[0] = 3;
    comes_to(TSEC_TCB_OUT_OF_DATE);
    CU_ASSERT_EQUAL(result.level, 0);
    spec.body[0] = 1;
    CU_ASSERT_EQUAL(evaluate().code, TSEC_E_DENIED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "TDX module"));
    start(true);
    spec.modules[0].levels[0].status = "Revoked";
    comes_to(TSEC_TCB_REVOKED);
    start(true);
    spec.modules[0].id = "TDX_02";
    CU_ASSERT_EQUAL(evaluate().code, TSEC_E_DENIED);
}

/* A TDX 1.5 body of a TD that was started under an old module, on a machine that runs a new one. */
static void
start_overtaken(void)
{
    start(true);
    spec.version = 5;
    spec.body_type = 3;
    spec.body[0] = 2; /* of the module then */
    spec.levels[0].status = "UpToDate";
}

static void
a_td_that_its_module_s_update_has_overtaken_is_to_be_relaunched(void)
{
    start_overtaken();
    comes_to(TSEC_TCB_TD_RELAUNCH_ADVISED);
    spec.levels[0].status = "SWHardeningNeeded";
    comes_to(TSEC_TCB_TD_RELAUNCH_ADVISED);
    spec.levels[0].status = "ConfigurationNeeded";
    comes_to(TSEC_TCB_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED);
}

static void
a_relaunch_is_not_enough_when_anything_else_is_old(void)
{
    start_overtaken();
    spec.body_type = 2; /* 1.0 says nothing of the module that runs now */
    comes_to(TSEC_TCB_OUT_OF_DATE);
    start_overtaken();
    spec.body[584] = 3; /* the module that runs now */
    comes_to(TSEC_TCB_OUT_OF_DATE);
    start_overtaken();
    spec.body[586] = 4; /* its microcode */
    comes_to(TSEC_TCB_OUT_OF_DATE);
    start_overtaken();
    spec.platform.components[0] = 4;
    comes_to(TSEC_TCB_OUT_OF_DATE);
    start_overtaken();
    qe_status = "OutOfDate";
    comes_to(TSEC_TCB_OUT_OF_DATE);
    start_overtaken();
    spec.body[585] = 9; /* of a version that Intel does not list */
    CU_ASSERT_EQUAL(evaluate().code, TSEC_E_DENIED);
}

static void
a_module_s_signer_and_attributes_must_be_intel_s(void)
{
    static const struct {
        size_t at;
        bool good;
    } rows[] = { { TD_MRTD, true },
                 { TD_MRSIGNERSEAM, false },
                 { TD_MRSIGNERSEAM + 47, false },
                 { TD_SEAM_ATTRIBUTES, false },
                 { TD_SEAM_ATTRIBUTES + 7, false } };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        TSEC_AUTO(tcb_info_free) struct tcb_info *info = NULL;
        TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(MINT_SGX_MAX);
        struct quote quote = { .tdx = true };

        start(true);
        mint_sgx_tcb_info(&spec, &body);
        CU_ASSERT_FALSE_FATAL(tsec_failed(tcb_info_parse(tsec_buf_span(&body), true, &info, NULL)));
        spec.body[rows[i].at] ^= 1;
        quote.body = tsec_span(spec.body, sizeof(spec.body));
        CU_ASSERT_EQUAL(!tsec_failed(tcb_module_match(info, &quote, NULL)), rows[i].good);
    }
}

static const struct test_case cases[] = {
    { "the first level that every component reaches counts",
      the_first_level_that_every_component_reaches_counts },
    { "the PCE counts as well", the_pce_counts_as_well },
    { "the CPU SVN of the quote does not", the_cpu_svn_of_the_quote_does_not },
    { "date and advisories are of all that counts", date_and_advisories_are_of_all_that_counts },
    { "without a verdict on the QE it is unknown or worse",
      without_a_verdict_on_the_qe_it_is_unknown_or_worse },
    { "the QE may make it worse", the_qe_may_make_it_worse },
    { "TDX components count, but for those of a module with an identity",
      tdx_components_count_but_for_those_of_a_module_with_an_identity },
    { "a module is judged by its identity", a_module_is_judged_by_its_identity },
    { "a TD that its module's update has overtaken is to be relaunched",
      a_td_that_its_module_s_update_has_overtaken_is_to_be_relaunched },
    { "a relaunch is not enough when anything else is old",
      a_relaunch_is_not_enough_when_anything_else_is_old },
    { "a module's signer and attributes must be Intel's",
      a_module_s_signer_and_attributes_must_be_intel_s },
};

TEST_MAIN("plugins/tcb_level", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "tcb_info.h"

#include <string.h>

#include "tests/mint/mint_sgx.h"
#include "tests/test.h"

#define BUF(name) TSEC_AUTO_BUF struct tsec_buf name = TSEC_BUF_INIT(MINT_SGX_MAX)

static struct mint_sgx spec;

static struct tcb_info *
parse_spec(void)
{
    struct tcb_info *info = NULL;
    BUF(body);

    mint_sgx_tcb_info(&spec, &body);
    (void)tsec_failed(tcb_info_parse(tsec_buf_span(&body), spec.tdx, &info, NULL));
    return info;
}

static void
levels_of_sgx_are_read_in_both_versions(void)
{
    for (unsigned version = 2; version <= 3; version++) {
        mint_sgx_genuine(&spec, false);
        spec.info_version = version;
        spec.info_id = version == 2 ? NULL : "SGX";
        spec.levels[0].sgx[15] = 0xff;
        spec.levels[0].pce_svn = 65535;

        TSEC_AUTO(tcb_info_free) struct tcb_info *info = parse_spec();

        CU_ASSERT_PTR_NOT_NULL_FATAL(info);
        CU_ASSERT_EQUAL(info->levels_len, 3);
        CU_ASSERT_EQUAL(memcmp(info->levels[0].sgx, spec.levels[0].sgx, 16), 0);
        CU_ASSERT_EQUAL(info->levels[0].pce_svn, 65535);
        CU_ASSERT_EQUAL(info->levels[0].verdict.status, TSEC_TCB_UP_TO_DATE);
        CU_ASSERT_STRING_EQUAL(info->levels[1].verdict.advisories, "INTEL-SA-00615,INTEL-SA-00657");
        CU_ASSERT_EQUAL(info->levels[2].verdict.status, TSEC_TCB_REVOKED);
        CU_ASSERT_EQUAL(info->modules_len, 0);
        CU_ASSERT_PTR_NULL(tcb_info_module(info, 0));
    }
}

static void
modules_of_tdx_are_found_by_version(void)
{
    mint_sgx_genuine(&spec, true);
    spec.module_signer = 0xaa;
    spec.modules[1] = (struct mint_sgx_module){ .id = "TDX_1f",
                                                .signer = 0xbb,
                                                .levels = { { 7, "UpToDate", "2026-01-01" } } };

    TSEC_AUTO(tcb_info_free) struct tcb_info *info = parse_spec();

    CU_ASSERT_PTR_NOT_NULL_FATAL(info);
    CU_ASSERT_EQUAL(info->modules_len, 3);
    CU_ASSERT_EQUAL(tcb_info_module(info, 0)->mrsigner[47], 0xaa);
    CU_ASSERT_EQUAL(tcb_info_module(info, 0)->levels.len, 0);
    CU_ASSERT_EQUAL(tcb_info_module(info, 1)->levels.len, 2);
    CU_ASSERT_EQUAL(tcb_info_module(info, 0x1f)->mrsigner[0], 0xbb);
    CU_ASSERT_PTR_NULL(tcb_info_module(info, 2));
    CU_ASSERT_EQUAL(memcmp(info->levels[0].tdx, spec.levels[0].tdx, 16), 0);
}

static void
a_module_s_id_must_be_proper(void)
{
    static const char *const ids[] = { "TDX_", "TDX_1", "TDX_001", "TDX_zz", "TDX_00", "SGX_01" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(ids); i++) {
        mint_sgx_genuine(&spec, true);
        spec.modules[0].id = ids[i];
        CU_ASSERT_PTR_NULL(parse_spec());
    }
}

static void
tcb_info_without_levels_or_with_an_unknown_status_is_refused(void)
{
    mint_sgx_genuine(&spec, false);
    spec.levels_len = 0;
    CU_ASSERT_PTR_NULL(parse_spec());
    mint_sgx_genuine(&spec, false);
    spec.levels[2].status = "Splendid";
    CU_ASSERT_PTR_NULL(parse_spec());
    mint_sgx_genuine(&spec, false);
    spec.levels[0].pce_svn = 65536;
    CU_ASSERT_PTR_NULL(parse_spec());
    mint_sgx_genuine(&spec, true);
    spec.modules[0].levels[0].status = NULL;
    CU_ASSERT_PTR_NULL(parse_spec());
}

/* In a genuine text, one thing changed. */
static void
a_member_that_is_wrong_is_refused(void)
{
    static const struct {
        const char *from;
        const char *to;
    } rows[] = {
        { "\"tcbType\":0", "\"tcbType\":1" },
        { "\"tcbType\":0", "\"tcbKind\":0" },
        { "\"version\":3", "\"version\":4" },
        { "\"sgxtcbcomponents\"", "\"sgxtcbcomponentz\"" },
        { "\"tdxtcbcomponents\"", "\"tdxtcbcomponentz\"" },
        { "\"pcesvn\"", "\"pcesvm\"" },
        { "{\"svn\":5}", "{\"svm\":5}" },
        { "{\"svn\":5},", "         " }, /* 15 components */
        { "\"tdxModule\"", "\"tdxModuls\"" },
        { "\"attributesMask\":\"FF", "\"attributesMask\":\"ZZ" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        TSEC_AUTO(tcb_info_free) struct tcb_info *info = NULL;
        BUF(body);
        uint8_t *at;

        mint_sgx_genuine(&spec, true);
        mint_sgx_tcb_info(&spec, &body);
        at = memmem(body.ptr, body.len, rows[i].from, strlen(rows[i].from));
        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        memcpy(at, rows[i].to, strlen(rows[i].to));
        CU_ASSERT_EQUAL(tcb_info_parse(tsec_buf_span(&body), true, &info, NULL).code,
                        TSEC_E_INVALID);
    }
}

static const struct test_case cases[] = {
    { "levels of SGX are read in both versions", levels_of_sgx_are_read_in_both_versions },
    { "modules of TDX are found by version", modules_of_tdx_are_found_by_version },
    { "a module's id must be proper", a_module_s_id_must_be_proper },
    { "TCB info without levels or with an unknown status is refused",
      tcb_info_without_levels_or_with_an_unknown_status_is_refused },
    { "a member that is wrong is refused", a_member_that_is_wrong_is_refused },
};

TEST_MAIN("plugins/tcb_info", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "client/cmd_evidence.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/client/run_cli.h"
#include "tests/mint/mint_maa.h"
#include "tests/mint/mint_sgx.h"
#include "tests/mint/mint_snp.h"
#include "tests/test.h"

#define AT       "--at 2027-01-15T08:00:00Z "
#define MINT_MAX (64 * 1024)

static struct cli_run run;
static char folder[64];

static void
set_up(void)
{
    (void)run_cli_home();
    (void)snprintf(folder, sizeof(folder), "/tmp/tee-secrets-evidence.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

static void
tear_down(void)
{
    (void)nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    run_cli_home_done();
}

static void
put_file(const char *name, struct tsec_span bytes)
{
    char path[128];
    FILE *f;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    CU_ASSERT_EQUAL(fwrite(bytes.ptr, 1, bytes.len, f), bytes.len);
    (void)fclose(f);
}

/** `evidence verify` with these flags, "@" standing for the folder, and its file `evidence`. */
static int
verify(const char *flags)
{
    char line[4096] = "evidence verify ";
    size_t at = strlen(line);

    for (; *flags != '\0' && at + sizeof(folder) < sizeof(line); flags++) {
        at += (size_t)snprintf(line + at, sizeof(line) - at, "%.*s", *flags == '@' ? 64 : 1,
                               *flags == '@' ? folder : flags);
    }
    /* Two spaces in a row would be an empty word between them. */
    (void)snprintf(line + at, sizeof(line) - at, "%s%s/evidence", line[at - 1] == ' ' ? "" : " ",
                   folder);
    run_cli(line, "", &run);
    return run.status;
}

static void
refused_as(const char *flags, const char *reason)
{
    char want[64];

    (void)snprintf(want, sizeof(want), "REFUSED  %s: ", reason);
    if (verify(flags) != EVIDENCE_REFUSED || strstr(run.out, want) != run.out) {
        (void)fprintf(stderr, "  %s: %d\n%s%s\n", flags, run.status, run.out, run.err);
        CU_FAIL("not refused for that reason");
    }
}

static void
genuine(const char *flags)
{
    if (verify(flags) != EVIDENCE_GENUINE || strstr(run.out, "GENUINE") != run.out) {
        (void)fprintf(stderr, "  %s: %d\n%s%s\n", flags, run.status, run.out, run.err);
        CU_FAIL("not genuine");
    }
}

/* ---- tokens: the one kind whose root of trust is given, and so can be minted ---- */

#define MAA    "--format maa " AT "--jwks @/jwks --issuer " MINT_MAA_ISSUER " "
#define SGX_32 "abababababababababababababababababababababababababababababababab"

/** The minted token's MRENCLAVE as hex. */
static const char *
mint_token(bool debug)
{
    static char mrenclave[65];
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(MINT_MAA_TOKEN_MAX);
    TSEC_AUTO_BUF struct tsec_buf jwks = TSEC_BUF_INIT(MINT_MAA_JWKS_MAX);
    const struct mint_maa_jwk key = mint_maa_jwk();
    struct mint_maa_spec spec;
    char line[128];

    mint_maa_genuine(MINT_MAA_SGX, &spec);
    spec.debug = debug;
    mint_maa(&spec, &token);
    mint_maa_jwks(&key, 1, &jwks);
    put_file("evidence", tsec_buf_span(&token));
    put_file("jwks", tsec_buf_span(&jwks));
    (void)snprintf(line, sizeof(line), "evidence show -field mrenclave %s/evidence", folder);
    run_cli(line, "", &run);
    CU_ASSERT_EQUAL_FATAL(strlen(run.out), 65);
    (void)snprintf(mrenclave, sizeof(mrenclave), "%.64s", run.out);
    return mrenclave;
}

static void
a_token_of_the_expected_issuer_is_genuine(void)
{
    char flags[512];
    const char *mrenclave = mint_token(false);

    genuine(MAA);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "which code it runs was not asked"));
    (void)snprintf(flags, sizeof(flags), MAA "--allow " SGX_32 " --allow sgx:mrenclave=%s",
                   mrenclave);
    genuine(flags);
    CU_ASSERT_EQUAL(verify(MAA "-format json"), EVIDENCE_GENUINE);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "\"verdict\": \"genuine\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "\"reason\": \"\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "\"format\": \"maa\""));
    CU_ASSERT_EQUAL(verify(MAA "--field verdict"), EVIDENCE_GENUINE);
    CU_ASSERT_STRING_EQUAL(run.out, "genuine\n");
}

static void
what_else_is_asked_of_a_token_decides(void)
{
    (void)mint_token(false);
    refused_as(MAA "--allow " SGX_32, "measurement");
    CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "mrenclave: allowed abababab"));
    refused_as(MAA "--allow sgx:svn>=60000 --allow snp:svn>=0", "measurement");
    refused_as(MAA "--nonce 00", "nonce");
    refused_as(MAA "--binding " SGX_32, "binding");
    refused_as("--format maa " AT "--jwks @/jwks --issuer https://other.example", "issuer");
    refused_as("--format maa " AT "--issuer " MINT_MAA_ISSUER, "no-endorsement");
    refused_as("--format maa " AT, "no-endorsement");
    refused_as("--format maa --at 2020-01-01T00:00:00Z --jwks @/jwks --issuer " MINT_MAA_ISSUER,
               "not-yet-valid");
    refused_as("--format maa --at 2040-01-01T00:00:00Z --jwks @/jwks --issuer " MINT_MAA_ISSUER,
               "expired");
    refused_as("--format snp " AT, "malformed");
    CU_ASSERT_EQUAL(verify(MAA "--field reason --nonce 00"), EVIDENCE_REFUSED);
    CU_ASSERT_STRING_EQUAL(run.out, "nonce\n");
}

static void
a_debuggable_token_passes_when_that_is_allowed(void)
{
    (void)mint_token(true);
    refused_as(MAA, "debug");
    genuine(MAA "--allow-debug");
    refused_as(MAA "--allow-debug=false", "debug");
}

/* ---- the others: their roots are pinned, and a minted one is none of them ---- */

static void
a_minted_quote_leads_to_no_root_that_is_pinned(void)
{
    TSEC_AUTO_BUF struct tsec_buf quote = TSEC_BUF_INIT(MINT_SGX_MAX);
    TSEC_AUTO_BUF struct tsec_buf chain = TSEC_BUF_INIT(MINT_SGX_MAX);
    struct mint_sgx spec;

    mint_sgx_genuine(&spec, false);
    mint_sgx_quote(&spec, &quote);
    mint_sgx_signing_chain(&spec, &chain);
    put_file("evidence", tsec_buf_span(&quote));
    put_file("chain.pem", tsec_buf_span(&chain));
    refused_as("--format sgx " AT "--collateral @/chain.pem --allow-tcb any --allow-debug",
               "chain");
    CU_ASSERT_EQUAL(verify("--format tdx " AT "--allow-tcb any"), EVIDENCE_REFUSED);
    mint_sgx_genuine(&spec, true);
    tsec_buf_reset(&quote);
    mint_sgx_quote(&spec, &quote);
    put_file("evidence", tsec_buf_span(&quote));
    refused_as("--format tdx " AT "--collateral @ --allow-tcb any", "chain");
}

static void
a_minted_report_leads_to_no_root_that_is_pinned(void)
{
    static uint8_t report[MINT_SNP_REPORT_LEN];
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(MINT_MAX);
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P384);
    struct mint_snp_vek vek;

    mint_snp_vek_init(&vek, "Milan", false);
    mint_snp_report(3, &vek, report);
    mint_snp_sign(key, report);
    put_file("evidence", tsec_span(report, sizeof(report)));
    mint_snp_vek_cert(&vek, key, &der);
    put_file("vek.der", tsec_buf_span(&der));
    for (int ca = MINT_SNP_ARK; ca <= MINT_SNP_ASVK; ca++) {
        static const char *const names[] = { "ark.der", "ask.der", "asvk.der" };

        tsec_buf_reset(&der);
        mint_snp_ca("Milan", (enum mint_snp_ca)ca, NULL, &der);
        put_file(names[ca], tsec_buf_span(&der));
    }
    CU_ASSERT_EQUAL(verify("--format snp " AT "--collateral @ --allow-tcb any"), EVIDENCE_REFUSED);
    CU_ASSERT_TRUE(strstr(run.out, "REFUSED  chain") == run.out
                   || strstr(run.out, "REFUSED  no-endorsement") == run.out);
    refused_as("--format snp " AT, "no-endorsement");
    refused_as("--format snp " AT "--collateral @/evidence", "no-endorsement");
}

static const struct test_case cases[] = {
    { "(set up)", set_up },
    { "a token of the expected issuer is genuine", a_token_of_the_expected_issuer_is_genuine },
    { "what else is asked of a token decides", what_else_is_asked_of_a_token_decides },
    { "a debuggable token passes when that is allowed",
      a_debuggable_token_passes_when_that_is_allowed },
    { "a minted quote leads to no root that is pinned",
      a_minted_quote_leads_to_no_root_that_is_pinned },
    { "a minted report leads to no root that is pinned",
      a_minted_report_leads_to_no_root_that_is_pinned },
    { "(tear down)", tear_down },
};

TEST_MAIN("client/cmd_evidence", cases)

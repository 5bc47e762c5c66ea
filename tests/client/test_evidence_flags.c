/* SPDX-License-Identifier: Apache-2.0 */
#include "client/evidence_flags.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hex.h"
#include "client/cmd_evidence.h"
#include "tests/client/evidence_double.h"
#include "tests/client/run_cli.h"
#include "tests/mint/mint_nitro.h"
#include "tests/test.h"

static struct cli_run run;
static char minted[] = "/tmp/tee-secrets-evidence.XXXXXX"; /* a minted document */
static char minted_hex[] = "/tmp/tee-secrets-evidence.XXXXXX";

static void
put_temporary(char *path, struct tsec_span bytes)
{
    const int fd = mkstemp(path);

    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(write(fd, bytes.ptr, bytes.len), (ssize_t)bytes.len);
    (void)close(fd);
}

static void
set_up(void)
{
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(MINT_NITRO_MAX);
    TSEC_AUTO_BUF struct tsec_buf digits = TSEC_BUF_INIT(2 * MINT_NITRO_MAX + 1);
    struct mint_nitro_spec spec;

    (void)run_cli_home();
    mint_nitro_genuine(&spec);
    mint_nitro(&spec, &document, NULL);
    put_temporary(minted, tsec_buf_span(&document));
    tsec_hex_append(&digits, tsec_buf_span(&document));
    tsec_buf_put_byte(&digits, '\n');
    put_temporary(minted_hex, tsec_buf_span(&digits));
}

static void
tear_down(void)
{
    (void)unlink(minted);
    (void)unlink(minted_hex);
    run_cli_home_done();
}

/** `evidence COMMAND`, with the minted document as the last word. */
static int
evidence(const char *command)
{
    char line[2048];

    (void)snprintf(line, sizeof(line), "evidence %s %s", command, minted);
    run_cli(line, "", &run);
    return run.status;
}

#define VERIFY "verify --format nitro --at 2027-01-15T08:00:00Z "
#define H48                                                                                        \
    "abababababababababababababababababababababababababababababababababababababababababababababab" \
    "abab"

static void
evidence_of_another_vendor_is_refused_as_chain(void)
{
    CU_ASSERT_EQUAL(evidence(VERIFY "-format json"), EVIDENCE_REFUSED);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "\"verdict\": \"refused\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "\"reason\": \"chain\""));
    CU_ASSERT_EQUAL(evidence(VERIFY "--allow-debug --allow-tcb any --allow " H48),
                    EVIDENCE_REFUSED);
    CU_ASSERT_PTR_EQUAL(strstr(run.out, "REFUSED  chain"), run.out);
}

static const char *const unusable[] = {
    "verify",
    "verify --format json",
    "verify --format jpeg",
    "verify --evidence-format json",
    VERIFY "--evidence-format cbor",
    VERIFY "--output nitro",
    VERIFY "--format-in pem",
    "verify --format nitro --at yesterday",
    "verify --format nitro --at 2027-01-15",
    VERIFY "--nonce 0x00",
    VERIFY "--nonce abc",
    VERIFY "--binding zz",
    VERIFY "--binding " H48 H48,
    VERIFY "--public-key /nonexistent/file",
    VERIFY "--allow nonsense",
    VERIFY "--allow nitro:pcr99=" H48,
    VERIFY "--allow " H48 " --allow sgx:",
    VERIFY "--allow-tcb sometimes",
    VERIFY "--allow-tcb outofdate",
    VERIFY "--allow-tcb OutOfDate,",
    VERIFY "--allow-tcb Revoked",
    VERIFY "--allow-tcb any,revoked",
    VERIFY "--max-age 0",
    VERIFY "--max-age -5",
    VERIFY "--max-age old",
    VERIFY "--collateral /nonexistent/file",
    VERIFY "--jwks /dev/null --issuer https://x",
    VERIFY "--issuer https://x",
    "verify --format maa --jwks /dev/null",
    "verify --format maa --jwks /nonexistent/file --issuer https://x",
    VERIFY "--unknown-flag",
    VERIFY "--address https://127.0.0.1",
    VERIFY "--field no_such_claim",
    VERIFY "/dev/null",
    VERIFY "/nonexistent/file --",
    "show --format jpeg",
    "show --nonce 00",
    "show --format-in latin1",
};

static void
arguments_that_cannot_be_used_are_status_2_and_say_why(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(unusable); i++) {
        if (evidence(unusable[i]) != EVIDENCE_UNUSABLE || run.err[0] == '\0'
            || strstr(run.out, "genuine") != NULL) {
            (void)fprintf(stderr, "  %s: %d %s\n", unusable[i], run.status, run.err);
            CU_FAIL("not status 2 with an explanation");
        }
    }
    run_cli("evidence verify --format nitro /nonexistent/file", "", &run);
    CU_ASSERT_EQUAL(run.status, EVIDENCE_UNUSABLE);
    run_cli("evidence verify --format nitro /tmp", "", &run);
    CU_ASSERT_EQUAL(run.status, EVIDENCE_UNUSABLE);
    run_cli("evidence verify --format nitro", "", &run);
    CU_ASSERT_EQUAL(run.status, EVIDENCE_UNUSABLE);
    run_cli("evidence verifiy --format nitro x", "", &run);
    CU_ASSERT_EQUAL(run.status, EVIDENCE_UNUSABLE);
    run_cli("evidence", "", &run);
    CU_ASSERT_EQUAL(run.status, EVIDENCE_UNUSABLE);
}

static void
bytes_that_are_no_evidence_are_malformed_and_not_a_mistake_of_the_caller(void)
{
    static const char *const formats[] = { "nitro", "snp", "sgx", "tdx", "az-snp-vtpm", "maa" };
    static const char *const inputs[] = { "", "\n", "not evidence", "eyJh.eyJh.AAAA" };

    for (size_t f = 0; f < TSEC_ARRAY_LEN(formats); f++) {
        for (size_t i = 0; i < TSEC_ARRAY_LEN(inputs); i++) {
            char line[128];

            (void)snprintf(line, sizeof(line), "evidence verify -format=%s -format=json %s-",
                           formats[f], strcmp(formats[f], "maa") == 0 ? "--issuer=https://x " : "");
            run_cli(line, inputs[i], &run);
            CU_ASSERT_EQUAL(run.status, EVIDENCE_REFUSED);
            CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "\"verdict\": \"refused\""));
            CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "\"reason\": \"malformed\""));
        }
    }
    run_cli("evidence verify -format=nitro -format-in=hex -", "8444zz", &run);
    CU_ASSERT_EQUAL(run.status, EVIDENCE_REFUSED);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "encoding: the evidence is not hex"));
    run_cli("evidence verify -format=nitro /dev/zero", "", &run);
    CU_ASSERT_EQUAL(run.status, EVIDENCE_REFUSED);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "longer than"));
}

static void
format_means_the_evidence_or_the_output_by_its_value(void)
{
    static const char *const lines[] = {
        "verify --format nitro --format json",          "verify -format=json -format=nitro",
        "verify --evidence-format nitro --output json", "verify --format=nitro --output=json",
        "verify --evidence-format=nitro -format json",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(lines); i++) {
        CU_ASSERT_EQUAL(evidence(lines[i]), EVIDENCE_REFUSED);
        CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "\"format\": \"nitro\""));
    }
    (void)setenv("TEE_SECRETS_FORMAT", "json", 1);
    CU_ASSERT_EQUAL(evidence("verify --format nitro"), EVIDENCE_REFUSED);
    CU_ASSERT_EQUAL(run.out[0], '{');
    CU_ASSERT_EQUAL(evidence("verify --format nitro -format table"), EVIDENCE_REFUSED);
    CU_ASSERT_EQUAL(run.out[0], 'R');
    (void)setenv("TEE_SECRETS_FORMAT", "xml", 1);
    CU_ASSERT_EQUAL(evidence("verify --format nitro"), EVIDENCE_UNUSABLE);
    (void)unsetenv("TEE_SECRETS_FORMAT");
}

static void
text_in_place_of_bytes_gets_a_hint(void)
{
    char line[256];

    (void)snprintf(line, sizeof(line), "evidence verify --format nitro %s", minted_hex);
    run_cli(line, "", &run);
    CU_ASSERT_EQUAL(run.status, EVIDENCE_REFUSED);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "REFUSED  malformed"));
    CU_ASSERT_PTR_NOT_NULL(strstr(run.err, "try -format-in=hex"));
    (void)snprintf(line, sizeof(line), "evidence " VERIFY "--format-in hex %s", minted_hex);
    run_cli(line, "", &run);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "REFUSED  chain"));
    CU_ASSERT_STRING_EQUAL(run.err, "");
}

static void
show_decodes_what_is_not_genuine_and_says_so(void)
{
    char line[256];

    CU_ASSERT_EQUAL(evidence("show"), 0);
    CU_ASSERT_PTR_EQUAL(strstr(run.out, "NOT VERIFIED  read as nitro"), run.out);
    CU_ASSERT_EQUAL(evidence("show -format json"), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.out, "\"verified\": false"));
    CU_ASSERT_EQUAL(evidence("show -field tee"), 0);
    CU_ASSERT_STRING_EQUAL(run.out, "nitro\n");
    CU_ASSERT_EQUAL(evidence("show -field pcr1"), 0);
    CU_ASSERT_EQUAL(strlen(run.out), 97);
    (void)snprintf(line, sizeof(line), "evidence show %s", minted_hex);
    run_cli(line, "", &run);
    CU_ASSERT_EQUAL(run.status, 0);
    run_cli("evidence show -", "nothing of the kind", &run);
    CU_ASSERT_EQUAL(run.status, EVIDENCE_REFUSED);
    run_cli("evidence show --format snp -", "nothing of the kind", &run);
    CU_ASSERT_EQUAL(run.status, EVIDENCE_REFUSED);
}

static void
neither_server_nor_token_is_asked_for(void)
{
    (void)setenv("TEE_SECRETS_ADDR", "nonsense", 1);
    (void)setenv("TEE_SECRETS_CACERT", "/nonexistent/file", 1);
    (void)setenv("TEE_SECRETS_TOKEN", "with space", 1);
    CU_ASSERT_EQUAL(evidence("show -field tee"), 0);
    CU_ASSERT_STRING_EQUAL(run.err, "");
    (void)unsetenv("TEE_SECRETS_ADDR");
    (void)unsetenv("TEE_SECRETS_CACERT");
    (void)unsetenv("TEE_SECRETS_TOKEN");
}

/* ---- what the flags become, with a verifier that tells ---- */

static struct evidence_case one;

/** The words as flags of `evidence verify`; what is read borrows from them until the next call. */
static int32_t
read_flags(const char *const *words, size_t n)
{
    static struct cli cli;
    static char texts[16][128];
    char *argv[TSEC_ARRAY_LEN(texts)];
    struct tsec_err err = { 0 };
    tsec_rc rc;

    cli = (struct cli){ .err_fd = STDERR_FILENO };
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(texts[i], sizeof(texts[i]), "%s", words[i]);
        argv[i] = texts[i];
    }
    CU_ASSERT_EQUAL_FATAL(
        cli_args_parse(argv, n, evidence_verify_flags, NULL, &cli.args, &err).code, 0);
    evidence_case_init(&one);
    rc = evidence_flags_formats(&cli, &one, &err);
    if (!tsec_failed(rc)) {
        rc = evidence_flags_expectation(&cli, evidence_double_plugins, &one, &err);
    }
    return rc.code;
}

static void
an_empty_nonce_is_asked_for_and_none_is_not(void)
{
    static const char *const words[] = { "-format=nitro", "-nonce=", "-binding=0aFF" };
    const struct tsec_expectation *expect = &one.ask.expect;

    CU_ASSERT_EQUAL(read_flags(words, 3), 0);
    CU_ASSERT_PTR_NOT_NULL(expect->nonce.ptr);
    CU_ASSERT_EQUAL(expect->nonce.len, 0);
    CU_ASSERT_TRUE(tsec_span_equal(expect->binding, tsec_span("\x0a\xff", 2)));
    evidence_case_done(&one);
    CU_ASSERT_EQUAL(read_flags(words, 1), 0);
    CU_ASSERT_PTR_NULL(expect->nonce.ptr);
    CU_ASSERT_PTR_NULL(expect->binding.ptr);
    CU_ASSERT_PTR_NULL(expect->public_key.ptr);
    CU_ASSERT_FALSE(expect->allow_debug);
    CU_ASSERT_FALSE(expect->require_revocation);
    CU_ASSERT_EQUAL(expect->max_age_s, 0);
    evidence_case_done(&one);
}

static void
statuses_come_on_top_of_up_to_date_and_never_hold_revoked(void)
{
    static const char *const none[] = { "-format=nitro" };
    static const char *const two[] = { "-format=nitro", "-allow-tcb=OutOfDate,SWHardeningNeeded",
                                       "-allow-tcb=ConfigurationNeeded" };
    static const char *const any[] = { "-format=nitro", "-allow-tcb=any" };
    const uint32_t always = TSEC_TCB_BIT(TSEC_TCB_UP_TO_DATE) | TSEC_TCB_BIT(TSEC_TCB_NONE);

    CU_ASSERT_EQUAL(read_flags(none, 1), 0);
    CU_ASSERT_EQUAL(one.ask.expect.allow_tcb, always);
    evidence_case_done(&one);
    CU_ASSERT_EQUAL(read_flags(two, 3), 0);
    CU_ASSERT_EQUAL(one.ask.expect.allow_tcb, always | TSEC_TCB_BIT(TSEC_TCB_OUT_OF_DATE)
                                                  | TSEC_TCB_BIT(TSEC_TCB_SW_HARDENING_NEEDED)
                                                  | TSEC_TCB_BIT(TSEC_TCB_CONFIGURATION_NEEDED));
    evidence_case_done(&one);
    CU_ASSERT_EQUAL(read_flags(any, 2), 0);
    CU_ASSERT_EQUAL(one.ask.expect.allow_tcb, always | TSEC_TCB_ANY);
    CU_ASSERT_EQUAL(one.ask.expect.allow_tcb & TSEC_TCB_BIT(TSEC_TCB_REVOKED), 0);
    evidence_case_done(&one);
}

static void
repeated_flags_add_up(void)
{
    static const char *const words[] = {
        "-format=nitro", "-allow=" H48,  "-allow=sgx:prod_id=1", "-allow=snp:svn>=2,vmpl=0",
        "-max-age=90",   "-allow-debug", "-require-revocation",
    };

    CU_ASSERT_EQUAL(read_flags(words, 7), 0);
    CU_ASSERT_EQUAL(one.ask.allowed_len, 3);
    CU_ASSERT_STRING_EQUAL(one.ask.allowed_text[2], "snp:svn>=2,vmpl=0");
    CU_ASSERT_EQUAL(one.ask.allowed[2].parts_len, 2);
    CU_ASSERT_EQUAL(one.ask.expect.max_age_s, 90);
    CU_ASSERT_TRUE(one.ask.expect.allow_debug);
    CU_ASSERT_TRUE(one.ask.expect.require_revocation);
    evidence_case_done(&one);
}

static void
a_public_key_is_taken_out_of_pem_and_otherwise_as_it_is(void)
{
    static const struct {
        const char *text;
        const char *want; /* NULL: refused */
    } files[] = {
        { "raw bytes", "raw bytes" },
        { "", "" },
        { "-----BEGIN PUBLIC KEY-----\nYWJj\n-----END PUBLIC KEY-----\n", "abc" },
        { "-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----\n", NULL },
        { "-----BEGIN PUBLIC KEY-----\nYWJj\n", NULL },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(files); i++) {
        char path[] = "/tmp/tee-secrets-key.XXXXXX";
        char flag[64];
        const char *const words[] = { "-format=nitro", flag };
        int32_t code;

        put_temporary(path, tsec_span_str(files[i].text));
        (void)snprintf(flag, sizeof(flag), "-public-key=%s", path);
        code = read_flags(words, 2);
        if (files[i].want == NULL) {
            CU_ASSERT_EQUAL(code, TSEC_E_INVALID);
        } else {
            CU_ASSERT_EQUAL(code, 0);
            CU_ASSERT_PTR_NOT_NULL(one.ask.expect.public_key.ptr);
            CU_ASSERT_TRUE(tsec_span_is(one.ask.expect.public_key, files[i].want));
        }
        evidence_case_done(&one);
        (void)unlink(path);
    }
}

static const struct test_case cases[] = {
    { "(set up)", set_up },
    { "evidence of another vendor is refused as chain",
      evidence_of_another_vendor_is_refused_as_chain },
    { "arguments that cannot be used are status 2 and say why",
      arguments_that_cannot_be_used_are_status_2_and_say_why },
    { "bytes that are no evidence are malformed, and not a mistake of the caller",
      bytes_that_are_no_evidence_are_malformed_and_not_a_mistake_of_the_caller },
    { "-format means the evidence or the output by its value",
      format_means_the_evidence_or_the_output_by_its_value },
    { "text in place of bytes gets a hint", text_in_place_of_bytes_gets_a_hint },
    { "show decodes what is not genuine, and says so",
      show_decodes_what_is_not_genuine_and_says_so },
    { "neither server nor token is asked for", neither_server_nor_token_is_asked_for },
    { "an empty nonce is asked for, and none is not", an_empty_nonce_is_asked_for_and_none_is_not },
    { "statuses come on top of UpToDate and never hold Revoked",
      statuses_come_on_top_of_up_to_date_and_never_hold_revoked },
    { "repeated flags add up", repeated_flags_add_up },
    { "a public key is taken out of PEM, and otherwise as it is",
      a_public_key_is_taken_out_of_pem_and_otherwise_as_it_is },
    { "(tear down)", tear_down },
};

TEST_MAIN("client/evidence_flags", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "client/input.h"
#include "client/settings.h"
#include "codec/pem.h"
#include "crypto/pair.h"
#include "tests/client/cmd_case.h"
#include "tests/client/run_cli.h"
#include "tests/double/temp_dir.h"
#include "tests/test.h"

enum { TEXT_MAX = 65536 };

static char line[4096];
static struct cli_run run;

static void
write_file(const char *name, struct tsec_span bytes, char path[256])
{
    temp_path(name, path, 256);
    CU_ASSERT_FALSE_FATAL(tsec_failed(cli_file_replace(path, bytes, NULL)));
}

/* A private key in PEM; the pair, to verify with. */
static struct tsec_pair *
make_key(enum tsec_pair_kind kind, const char *label, char path[256])
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TEXT_MAX);
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(TEXT_MAX);
    struct tsec_pair *pair = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(kind, &pair, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_pkcs8(pair, &der, NULL)));
    tsec_pem_append(&pem, label, tsec_buf_span(&der));
    write_file("operator.pem", tsec_buf_span(&pem), path);
    return pair;
}

static void
sign(const char *key, const char *rest)
{
    char out[256];

    temp_path("list.json", out, sizeof(out));
    (void)snprintf(line, sizeof(line), "measurements sign -key=%s -out=%s %s", key, out, rest);
    run_cli(line, "", &run);
}

static bool
is_signed_by(const struct tsec_pair *pair, struct tsec_buf *document)
{
    TSEC_AUTO_BUF struct tsec_buf signature = TSEC_BUF_INIT(TEXT_MAX);
    const struct tsec_signing how = {
        .hash = tsec_pair_kind_of(pair) == TSEC_PAIR_P256 ? TSEC_SHA256 : TSEC_SHA384,
    };
    char path[256];

    temp_path("list.json", path, sizeof(path));
    CU_ASSERT_FALSE(tsec_failed(cli_input_file(path, document, NULL)));
    temp_path("list.json.sig", path, sizeof(path));
    CU_ASSERT_FALSE(tsec_failed(cli_input_file(path, &signature, NULL)));
    return !tsec_failed(
        tsec_pair_verify(pair, &how, tsec_buf_span(document), tsec_buf_span(&signature), NULL));
}

static void
a_list_is_signed_by_each_kind_of_key(void)
{
    static const enum tsec_pair_kind kinds[] = { TSEC_PAIR_ED25519, TSEC_PAIR_P256,
                                                 TSEC_PAIR_P384 };
    char key[256];
    char list[256];

    write_file("more", tsec_span_str("# ours\n\n  sim:svn>=2 \r\nsim:svn>=3"), list);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(TEXT_MAX);
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = make_key(kinds[i], "PRIVATE KEY", key);
        char rest[512];

        (void)snprintf(rest, sizeof(rest), "-ledger=a.example/1 -sequence=7 -list=%s sim:svn>=1",
                       list);
        sign(key, rest);
        CU_ASSERT_EQUAL(run.status, 0);
        CU_ASSERT_TRUE(is_signed_by(pair, &document));
        CU_ASSERT_TRUE(tsec_span_equal(
            tsec_buf_span(&document),
            tsec_span_str("{\"type\":\"tee-secrets/measurements/1\",\"ledger\":\"a.example/1\","
                          "\"sequence\":7,\"measurements\":[\"sim:svn>=1\",\"sim:svn>=2\","
                          "\"sim:svn>=3\"]}")));
    }
}

static void
what_no_server_would_take_is_not_signed(void)
{
    static const char *const bad[] = {
        "-ledger=a -sequence=1 measurement1",
        "-ledger=a -sequence=1 sim:svn=",
        "-ledger=a -sequence=0 sim:svn>=1",
        "-ledger=a -sequence=-1 sim:svn>=1",
        "-ledger=a -sequence=1x sim:svn>=1",
        "-ledger=a -sequence=99999999999999999999 sim:svn>=1",
        "-ledger=a sim:svn>=1",
        "-sequence=1 sim:svn>=1",
        "-ledger=a -sequence=1 -list=/nonexistent",
    };
    char key[256];
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair =
        make_key(TSEC_PAIR_ED25519, "PRIVATE KEY", key);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        sign(key, bad[i]);
        CU_ASSERT_EQUAL(run.status, 1);
        CU_ASSERT_TRUE(run.err[0] != '\0');
    }
}

static void
another_kind_of_key_signs_nothing(void)
{
    char key[256];
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *p521 = make_key(TSEC_PAIR_P521, "PRIVATE KEY", key);

    sign(key, "-ledger=a -sequence=1 sim:svn>=1");
    CU_ASSERT_EQUAL(run.status, 1);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *mislabelled =
        make_key(TSEC_PAIR_P384, "PUBLIC KEY", key);

    sign(key, "-ledger=a -sequence=1 sim:svn>=1");
    CU_ASSERT_EQUAL(run.status, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(run.err, "PKCS #8"));
    sign("/nonexistent", "-ledger=a -sequence=1 sim:svn>=1");
    CU_ASSERT_EQUAL(run.status, 1);
}

static void
a_list_is_brought_and_shown(void)
{
    static char update[1024];
    static char elsewhere[1024];
    char document[256];
    char signature[256];

    write_file("doc", tsec_span_str("{}"), document);
    write_file("doc.sig", tsec_span_str("sig"), signature);
    (void)snprintf(update, sizeof(update), "measurements update %s", document);
    (void)snprintf(elsewhere, sizeof(elsewhere), "measurements update -signature=%s %s", document,
                   document);

    const struct cmd_case cases[] = {
        { "measurements show", "", "GET /v1/sys/measurements ", NULL, 200,
          "{\"data\":{\"sequence\":4}}", 0, "sequence    4" },
        { update, "", "POST /v1/sys/measurements ",
          "{\"document\":\"e30=\",\"signature\":\"c2ln\"}", 200,
          "{\"data\":{\"sequence\":5,\"added\":1}}", 0, "added       1" },
        { elsewhere, "", "POST /v1/sys/measurements ",
          "{\"document\":\"e30=\",\"signature\":\"e30=\"}", 403,
          "{\"errors\":[\"the document is not signed by an operator's key\"]}", 2, "not signed" },
        { update, "", "POST /v1/sys/measurements ",
          "{\"document\":\"e30=\",\"signature\":\"c2ln\"}", 409,
          "{\"errors\":[\"sequence 4 is not above the current one, 4\"]}", 2, "not above" },
        { "measurements update /nonexistent", "", NULL, NULL, 0, NULL, 1, "nonexistent" },
        { "measurements update", "", NULL, NULL, 0, NULL, 1, "Not enough arguments" },
    };

    cmd_cases_run(cases, TSEC_ARRAY_LEN(cases));
}

static const struct test_case cases[] = {
    { "a list is signed by each kind of key", a_list_is_signed_by_each_kind_of_key },
    { "what no server would take is not signed", what_no_server_would_take_is_not_signed },
    { "another kind of key signs nothing", another_kind_of_key_signs_nothing },
    { "a list is brought and shown", a_list_is_brought_and_shown },
};

TEST_MAIN("client/cmd_measurements", cases)

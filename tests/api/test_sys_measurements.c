/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "tests/double/api_bench.h"
#include "tests/double/attest_script.h"
#include "tests/double/channel_bench.h"
#include "tests/double/signed_list.h"
#include "tests/test.h"

#define LIST  "/v1/sys/measurements"
#define STORE "mem:measurements"
#define OTHER "nitro:pcr0=" ATTEST_SCRIPT_48("ee")

static struct api_bench b;
static struct signed_list_key operator_key;
static char ledger[128];

static void
trust(struct api_bench *server)
{
    const struct tsec_span spki = tsec_buf_span(&operator_key.spki);

    CU_ASSERT_FALSE_FATAL(tsec_failed(operators_set(server->operators, &spki, 1, NULL)));
}

static void
begin(void)
{
    struct node_info info = { 0 };

    api_bench_open(&b, STORE);
    signed_list_key_new(&operator_key, TSEC_KEY_ED25519);
    trust(&b);
    node_info(b.node.node, &info);
    (void)snprintf(ledger, sizeof(ledger), "%s", info.origin);
}

static void
end(void)
{
    signed_list_key_done(&operator_key);
    api_bench_close(&b);
}

static int
post(struct api_bench *server, const struct signed_list_key *key, const char *origin, long sequence,
     const char *measurements)
{
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(1024 * 1024);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(2 * 1024 * 1024);

    signed_list_document(origin, sequence, measurements, &document);
    signed_list_body(key, tsec_buf_span(&document), &body);
    tsec_buf_put_byte(&body, 0);
    return api_bench_root(server, API_POST, LIST, (const char *)body.ptr);
}

static int
update(long sequence, const char *measurements)
{
    return post(&b, &operator_key, ledger, sequence, measurements);
}

static bool
is_admitted(struct api_bench *server)
{
    const int status = api_bench_root(server, API_POST, "/v1/tee/verify",
                                      "{\"format\":\"script\",\"evidence\":\"ZXZpZGVuY2U=\"}");

    CU_ASSERT_EQUAL(status, 200);
    return strcmp(api_bench_str(server, "data.verdict"), "genuine") == 0;
}

static void
what_an_operator_signed_is_allowed_at_once(void)
{
    begin();
    CU_ASSERT_FALSE(is_admitted(&b));
    CU_ASSERT_EQUAL(update(1, "[\"" ATTEST_SCRIPT_PCRS "\"]"), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.sequence"), 1);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.added"), 1);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.removed"), 0);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.signer"), operator_key.id);
    CU_ASSERT_TRUE(is_admitted(&b));
    CU_ASSERT_EQUAL(update(2, "[\"" OTHER "\"]"), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.added"), 1);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.removed"), 1);
    CU_ASSERT_FALSE(is_admitted(&b));
    end();
}

static void
the_list_is_shown_with_what_was_signed(void)
{
    begin();
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, LIST, NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.ledger"), ledger);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.sequence"), 0);
    CU_ASSERT_FALSE(api_bench_has(&b, "data.signer"));
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.operator_keys.0"), operator_key.id);
    CU_ASSERT_EQUAL(update(5, "[\"" OTHER "\",\"" ATTEST_SCRIPT_PCRS "\"]"), 200);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, LIST, NULL), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.sequence"), 5);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.effective_sequence"), 5);
    CU_ASSERT_EQUAL(json_array_size(api_bench_at(&b, "data.signed")), 2);
    CU_ASSERT_EQUAL(json_array_size(api_bench_at(&b, "data.effective")), 2);
    CU_ASSERT_EQUAL(json_array_size(api_bench_at(&b, "data.configured")), 0);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.signer"), operator_key.id);
    CU_ASSERT_TRUE(strlen(api_bench_str(&b, "data.document")) > 100);
    CU_ASSERT_EQUAL(strlen(api_bench_str(&b, "data.signature")), 88);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.generation"), 2);
    end();
}

static void
an_older_list_cannot_come_back(void)
{
    begin();
    CU_ASSERT_EQUAL(update(7, "[]"), 200);
    CU_ASSERT_EQUAL(update(7, "[\"" ATTEST_SCRIPT_PCRS "\"]"), 409);
    CU_ASSERT_PTR_NOT_NULL(strstr(api_bench_error(&b), "7"));
    CU_ASSERT_EQUAL(update(6, "[\"" ATTEST_SCRIPT_PCRS "\"]"), 409);
    CU_ASSERT_FALSE(is_admitted(&b));
    CU_ASSERT_EQUAL(update(8, "[\"" ATTEST_SCRIPT_PCRS "\"]"), 200);
    end();
}

static void
only_an_operators_signature_counts(void)
{
    struct signed_list_key stranger;

    begin();
    signed_list_key_new(&stranger, TSEC_KEY_P384);
    CU_ASSERT_EQUAL(post(&b, &stranger, ledger, 1, "[\"" ATTEST_SCRIPT_PCRS "\"]"), 403);
    CU_ASSERT_EQUAL(post(&b, &operator_key, "other.example/ledger/1", 1, "[]"), 400);
    CU_ASSERT_EQUAL(update(1, "[\"measurement1\"]"), 400);
    CU_ASSERT_EQUAL(update(0, "[]"), 400);
    CU_ASSERT_FALSE(is_admitted(&b));
    CU_ASSERT_FALSE(tsec_failed(operators_set(b.operators, NULL, 0, NULL)));
    CU_ASSERT_EQUAL(update(1, "[]"), 403);
    signed_list_key_done(&stranger);
    end();
}

static void
the_signed_bytes_are_those_that_were_sent(void)
{
    TSEC_AUTO_BUF struct tsec_buf document = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(8192);

    begin();
    signed_list_document(ledger, 1, "[]", &document);
    signed_list_body(&operator_key, tsec_buf_span(&document), &body);
    tsec_buf_put_byte(&body, 0);
    body.ptr[13] = body.ptr[13] == 'e' ? 'f' : 'e'; /* the first digit of the document */
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, LIST, (const char *)body.ptr), 403);
    end();
}

static void
a_body_that_is_none_is_refused(void)
{
    static const char *const bad[] = {
        NULL,
        "{}",
        "{\"document\":\"e30=\"}",
        "{\"document\":\"!\",\"signature\":\"AA==\"}",
        "{\"document\":\"e30=\",\"signature\":\"!\"}",
        "{\"document\":\"\",\"signature\":\"AA==\"}",
        "{\"document\":\"e30=\",\"signature\":\"AA==\",\"force\":true}",
    };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, LIST, bad[i]), 400);
    }
    end();
}

static void
a_policy_decides_who_may_bring_it(void)
{
    char token[TOKEN_TEXT_MAX + 1];

    begin();
    api_bench_token(&b, "default", token);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, LIST, token, NULL), 403);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, LIST, token, "{}"), 403);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, LIST, NULL, "{}"), 403);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_POST, "/v1/sys/policies/acl/lists",
                                   "{\"policy\":\"path \\\"sys/measurements\\\" "
                                   "{ capabilities = [\\\"read\\\", \\\"update\\\"] }\"}"),
                    204);
    api_bench_token(&b, "lists", token);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, LIST, token, NULL), 200);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, LIST, token, "{}"), 400);
    end();
}

/* `n` entries, and the one that admits. */
static int
update_long(long sequence, int n)
{
    TSEC_AUTO_BUF struct tsec_buf list = TSEC_BUF_INIT(1024 * 1024);

    tsec_buf_put_str(&list, "[");
    for (int i = 0; i < n; i++) {
        tsec_buf_printf(&list, "\"nitro:pcr8=%096x\",", (unsigned)i + 1);
    }
    tsec_buf_put_str(&list, "\"" ATTEST_SCRIPT_PCRS "\"]");
    tsec_buf_put_byte(&list, 0);
    return update(sequence, (const char *)list.ptr);
}

static void
a_long_list_is_taken_whole_or_not_at_all(void)
{
    begin();
    CU_ASSERT_EQUAL(update_long(1, 4000), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.added"), 4001);
    CU_ASSERT_TRUE(is_admitted(&b));
    CU_ASSERT_EQUAL(update_long(2, 4096), 400);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, LIST, NULL), 200);
    CU_ASSERT_EQUAL(json_array_size(api_bench_at(&b, "data.signed")), 4001);
    end();
}

static void
every_server_of_the_cluster_has_one_sequence(void)
{
    struct api_bench other;

    begin();
    api_bench_join(&other, STORE, &b);
    trust(&other);
    CU_ASSERT_EQUAL(update(3, "[\"" OTHER "\"]"), 200);
    CU_ASSERT_EQUAL(post(&other, &operator_key, ledger, 3, "[]"), 409);
    CU_ASSERT_EQUAL(post(&other, &operator_key, ledger, 4, "[\"" ATTEST_SCRIPT_PCRS "\"]"), 200);
    CU_ASSERT_EQUAL(api_bench_int(&other, "data.removed"), 1);
    CU_ASSERT_EQUAL(update(4, "[]"), 409);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, LIST, NULL), 200);
    CU_ASSERT_EQUAL(api_bench_int(&b, "data.sequence"), 4);
    api_bench_leave(&other);
    end();
}

static void
a_channel_is_closed_with_the_entry_it_rests_on(void)
{
    const struct amc_evidence evidence = channel_bench_evidence("");
    struct channel_bench attested;
    struct channel_bench operators_own;

    begin();
    CU_ASSERT_EQUAL(update(1, "[\"" ATTEST_SCRIPT_PCRS "\",\"" OTHER "\"]"), 200);
    channel_bench_init(&attested, &b);
    channel_bench_init(&operators_own, &b);
    channel_bench_open(&attested, &evidence);
    channel_bench_open(&operators_own, NULL);
    CU_ASSERT_EQUAL(update(2, "[\"" ATTEST_SCRIPT_PCRS "\"]"), 200);
    CU_ASSERT_EQUAL(channels_counts(b.channels).open, 2);
    CU_ASSERT_EQUAL(update(3, "[\"" OTHER "\"]"), 200);
    CU_ASSERT_EQUAL(channels_counts(b.channels).open, 1);
    CU_ASSERT_EQUAL(channel_bench_call(&attested, "GET", "/v1/sys/version", NULL, NULL), -404);
    CU_ASSERT_EQUAL(channel_bench_call(&operators_own, "GET", "/v1/sys/version", NULL, NULL), 200);
    channel_bench_done(&attested);
    channel_bench_done(&operators_own);
    end();
}

static const struct test_case cases[] = {
    { "what an operator signed is allowed at once", what_an_operator_signed_is_allowed_at_once },
    { "the list is shown with what was signed", the_list_is_shown_with_what_was_signed },
    { "an older list cannot come back", an_older_list_cannot_come_back },
    { "only an operator's signature counts", only_an_operators_signature_counts },
    { "the signed bytes are those that were sent", the_signed_bytes_are_those_that_were_sent },
    { "a body that is none is refused", a_body_that_is_none_is_refused },
    { "a policy decides who may bring it", a_policy_decides_who_may_bring_it },
    { "a long list is taken whole or not at all", a_long_list_is_taken_whole_or_not_at_all },
    { "a channel is closed with the entry it rests on",
      a_channel_is_closed_with_the_entry_it_rests_on },
    { "every server of the cluster has one sequence",
      every_server_of_the_cluster_has_one_sequence },
};

TEST_MAIN("api/sys_measurements", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/api/data_bench.h"

#include <stdio.h>

static void
order_and_references_are_kept(void)
{
    tb_begin();
    data_key("k", NULL);
    data_rotate("k");
    EXPECT(200, tb_post("encrypt/k", "{\"batch_input\":["
                                     "{\"plaintext\":\"YQ==\",\"reference\":\"first \\\"1\\\"\"},"
                                     "{\"plaintext\":\"Yg==\",\"key_version\":1},"
                                     "{\"plaintext\":\"\",\"reference\":\"third\"}]}"));
    EXPECT_AT("data.batch_results.0.reference", "\"first \\\"1\\\"\"");
    EXPECT_AT("data.batch_results.1.reference", "\"\"");
    EXPECT_AT("data.batch_results.2.reference", "\"third\"");
    EXPECT_AT("data.batch_results.0.key_version", "2");
    EXPECT_AT("data.batch_results.1.key_version", "1");
    EXPECT_AT("data.batch_results.0.error", "(absent)");
    EXPECT(200, data_postf("decrypt/k",
                           "{\"batch_input\":[{\"ciphertext\":\"%s\",\"reference\":\"x\"},"
                           "{\"ciphertext\":\"%s\"},{\"ciphertext\":\"%s\"}]}",
                           data_keep(0, "batch_results.2.ciphertext"),
                           data_keep(1, "batch_results.0.ciphertext"),
                           data_keep(2, "batch_results.1.ciphertext")));
    EXPECT_AT("data.batch_results", "[{\"plaintext\":\"\",\"reference\":\"x\"},"
                                    "{\"plaintext\":\"YQ==\",\"reference\":\"\"},"
                                    "{\"plaintext\":\"Yg==\",\"reference\":\"\"}]");
    tb_end();
}

static void
one_that_fails_holds_up_no_other(void)
{
    const char *good;

    tb_begin();
    data_key("k", NULL);
    EXPECT(200, tb_post("encrypt/k", "{\"plaintext\":\"YQ==\"}"));
    good = data_keep(0, "ciphertext");
    EXPECT(400, data_postf("decrypt/k",
                           "{\"batch_input\":[{\"ciphertext\":\"vault:v7:AAAA\",\"reference\":"
                           "\"bad\"},{\"ciphertext\":\"%s\"},{}]}",
                           good));
    EXPECT_AT("data.batch_results",
              "[{\"error\":\"invalid ciphertext: version is too new\",\"reference\":\"bad\"},"
              "{\"plaintext\":\"YQ==\",\"reference\":\"\"},"
              "{\"error\":\"missing ciphertext to decrypt\",\"reference\":\"\"}]");
    EXPECT(400, tb_post("encrypt/k", "{\"batch_input\":[{\"plaintext\":\"?\"},"
                                     "{\"plaintext\":\"YQ==\"}]}"));
    EXPECT_AT("data.batch_results.0.error", "\"illegal base64 data in plaintext\"");
    EXPECT_AT("data.batch_results.1.key_version", "1");
    tb_end();
}

static void
the_caller_may_choose_the_status_of_partial_failure(void)
{
    static const char some[] = "{\"batch_input\":[{\"plaintext\":\"?\"},{\"plaintext\":\"YQ==\"}],"
                               "\"partial_failure_response_code\":%s}";
    static const char none[] = "{\"batch_input\":[{\"plaintext\":\"?\"}],"
                               "\"partial_failure_response_code\":200}";

    tb_begin();
    data_key("k", NULL);
    EXPECT(207, data_postf("encrypt/k", some, "207"));
    EXPECT_AT("data.batch_results.1.key_version", "1");
    EXPECT(200, data_postf("encrypt/k", some, "\"200\""));
    EXPECT(400, data_postf("encrypt/k", some, "0"));
    EXPECT(400, data_postf("encrypt/k", some, "700"));
    CU_ASSERT_TRUE(tb_says("invalid HTTP response code override"));
    EXPECT(400, tb_post("encrypt/k", none)); /* not partial */
    tb_end();
}

static void
signing_and_rewrapping_say_it_in_the_items_only(void)
{
    tb_begin();
    data_key("k", NULL);
    data_key("s", "{\"type\":\"ed25519\"}");
    EXPECT(200, tb_post("sign/s", "{\"batch_input\":[{\"input\":\"YQ==\",\"reference\":\"a\"},"
                                  "{\"input\":\"?\"},{\"reference\":\"c\"}]}"));
    EXPECT_AT("data.batch_results.0.key_version", "1");
    EXPECT_AT("data.batch_results.0.reference", "\"a\"");
    EXPECT_AT("data.batch_results.1",
              "{\"error\":\"unable to decode input as base64\",\"reference\":\"\"}");
    EXPECT_AT("data.batch_results.2", "{\"error\":\"missing input\",\"reference\":\"c\"}");
    EXPECT(200, tb_post("rewrap/k", "{\"batch_input\":[{\"ciphertext\":\"x\"}]}"));
    EXPECT_AT("data.batch_results.0",
              "{\"error\":\"invalid ciphertext: no prefix\",\"reference\":\"\"}");
    tb_end();
}

static void
what_is_no_batch_is_refused(void)
{
    static const struct {
        const char *input;
        const char *error;
    } table[] = {
        { "[]", "missing batch input to process" },
        { "{}", "failed to parse batch input: source data must be an array or slice" },
        { "\"x\"", "failed to parse batch input: source data must be an array or slice" },
        { "[{\"plaintext\":\"\"},5]", "failed to parse batch input: [1] expected a map" },
        { "[{\"plaintext\":\"\"},{}]",
          "failed to parse batch input: '[1].plaintext' missing plaintext to encrypt" },
        { "[{\"plaintext\":true}]",
          "failed to parse batch input: '[0].plaintext' expected a string" },
        { "[{\"plaintext\":\"\",\"key_version\":\"one\"}]",
          "failed to parse batch input: '[0].key_version' expected a whole number" },
        { "[{\"plaintext\":\"\",\"reference\":1}]",
          "failed to parse batch input: '[0].reference' expected a string" },
        { "[{\"plaintext\":\"\",\"context\":\"YQ==\"},{\"plaintext\":\"\"}]",
          "context should be set either in all the request blocks or in none" },
    };

    tb_begin();
    data_key("k", NULL);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(table); i++) {
        EXPECT_REFUSED(table[i].error,
                       data_postf("encrypt/k", "{\"batch_input\":%s}", table[i].input));
    }
    EXPECT(200, tb_post("encrypt/k", "{\"batch_input\":null,\"plaintext\":\"\"}"));
    EXPECT(400, tb_post("decrypt/k", "{\"batch_input\":[]}"));
    tb_end();
}

/* `n` items of the text. */
static int
post_many(const char *path, size_t n, const char *item)
{
    static char body[65536];
    size_t at = (size_t)snprintf(body, sizeof(body), "{\"batch_input\":[");

    for (size_t i = 0; i < n; i++) {
        at += (size_t)snprintf(body + at, sizeof(body) - at, "%s%s", i == 0 ? "" : ",", item);
    }
    (void)snprintf(body + at, sizeof(body) - at, "]}");
    return tb_post(path, body);
}

static void
a_thousand_items_are_the_limit(void)
{
    tb_begin();
    data_key("k", NULL);
    EXPECT(200, post_many("encrypt/k", 1000, "{\"plaintext\":\"YQ==\"}"));
    CU_ASSERT_EQUAL(json_array_size(api_bench_at(&tb, "data.batch_results")), 1000);
    CU_ASSERT_STRING_EQUAL(data_decrypted("k", data_keep(0, "batch_results.999.ciphertext")),
                           "YQ==");
    EXPECT_REFUSED("batch_input has more than 1000 items",
                   post_many("encrypt/k", 1001, "{\"plaintext\":\"YQ==\"}"));
    tb_end();
}

static void
a_batch_makes_one_key(void)
{
    tb_begin();
    EXPECT(200, tb_post("encrypt/new", "{\"batch_input\":[{\"plaintext\":\"YQ==\"},"
                                       "{\"plaintext\":\"Yg==\"}]}"));
    CU_ASSERT_STRING_EQUAL(data_decrypted("new", data_keep(0, "batch_results.1.ciphertext")),
                           "Yg==");
    EXPECT(200, post_many("encrypt/long", 900, "{\"plaintext\":\"YQ==\"}")); /* by a worker */
    CU_ASSERT_STRING_EQUAL(data_decrypted("long", data_keep(0, "batch_results.899.ciphertext")),
                           "YQ==");
    EXPECT(200, tb_post("encrypt/ctx", "{\"batch_input\":[{\"plaintext\":\"YQ==\","
                                       "\"context\":\"YQ==\"}]}"));
    EXPECT(200, api_bench_root(&tb, API_GET, "/v1/transit/keys/ctx", NULL));
    EXPECT_AT("data.derived", "true");
    tb_end();
}

static const struct test_case cases[] = {
    { "order and references are kept", order_and_references_are_kept },
    { "one that fails holds up no other", one_that_fails_holds_up_no_other },
    { "the caller may choose the status of partial failure",
      the_caller_may_choose_the_status_of_partial_failure },
    { "signing and rewrapping say it in the items only",
      signing_and_rewrapping_say_it_in_the_items_only },
    { "what is no batch is refused", what_is_no_batch_is_refused },
    { "a thousand items are the limit", a_thousand_items_are_the_limit },
    { "a batch makes one key", a_batch_makes_one_key },
};

TEST_MAIN("api/transit_batch", cases)

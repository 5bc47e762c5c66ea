/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"

#include <stdio.h>

#include "base/base64.h"
#include "crypto/age.h"
#include "tests/double/api_bench.h"
#include "tests/test.h"

static struct api_bench b;

static void
init_happens_once_and_returns_a_working_token(void)
{
    char root[TOKEN_TEXT_MAX + 1];

    api_bench_open_empty(&b, "mem:init");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/init", NULL, NULL), 200);
    CU_ASSERT_TRUE(json_is_false(api_bench_at(&b, "initialized")));
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/mounts", "x", NULL), 501);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "Vault is not initialized");
    CU_ASSERT_EQUAL(
        api_bench_call(&b, API_PUT, "/v1/sys/init", NULL, "{\"secret_shares\":\"many\"}"), 400);
    CU_ASSERT_EQUAL(api_bench_call(&b, API_PUT, "/v1/sys/init", NULL,
                                   "{\"secret_shares\":5,\"secret_threshold\":3}"),
                    200);
    CU_ASSERT_TRUE(b.reply.has_audit_index);
    CU_ASSERT_TRUE(json_is_array(api_bench_at(&b, "keys")));
    CU_ASSERT_TRUE(json_is_array(api_bench_at(&b, "keys_base64")));
    (void)snprintf(root, sizeof(root), "%s", api_bench_str(&b, "root_token"));
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/mounts", root, NULL), 200);
    CU_ASSERT_TRUE(api_bench_has(&b, "data.secret/"));
    CU_ASSERT_EQUAL(api_bench_call(&b, API_PUT, "/v1/sys/init", NULL, NULL), 400);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "Vault is already initialized");
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/init", NULL, NULL), 200);
    CU_ASSERT_TRUE(json_is_true(api_bench_at(&b, "initialized")));
    api_bench_close(&b);
}

/* What age_text holds, opened with the operator's identity. */
static void
open_as_operator(const char *identity, const char *age_text, char *token, size_t size)
{
    TSEC_AUTO_BUF struct tsec_buf file = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(4096);
    uint8_t key[32];

    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_base64_decode(&file, TSEC_BASE64_STD, tsec_span_str(age_text), NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_age_identity_parse(tsec_span_str(identity), key, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_age_decrypt(key, tsec_buf_span(&file), &plain, NULL)));
    (void)snprintf(token, size, "%.*s", (int)plain.len, (const char *)plain.ptr);
}

static void
with_an_operator_the_token_leaves_encrypted_to_him(void)
{
    char identity[TSEC_AGE_IDENTITY_LEN + 1];
    char recipient[TSEC_AGE_RECIPIENT_LEN + 1];
    char root[TOKEN_TEXT_MAX + 1];
    uint8_t key[32];

    api_bench_open_empty(&b, "mem:operator");
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_age_identity_new(identity, recipient, NULL)));
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_age_recipient_parse(tsec_span_str(recipient), key, NULL)));
    b.api->options.operator_recipient = key;
    CU_ASSERT_EQUAL(api_bench_call(&b, API_PUT, "/v1/sys/init", NULL, NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "root_token"), "");
    open_as_operator(identity, api_bench_str(&b, "root_token_age"), root, sizeof(root));
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/sys/mounts", root, NULL), 200);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "init happens once and returns a working token",
      init_happens_once_and_returns_a_working_token },
    { "with an operator the token leaves encrypted to him",
      with_an_operator_the_token_leaves_encrypted_to_him },
};

TEST_MAIN("api/sys_init", cases)

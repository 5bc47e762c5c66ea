/* SPDX-License-Identifier: Apache-2.0 */
#include "api/op.h"

#include <stdio.h>

#include "base/base64.h"
#include "core/challenge.h"
#include "tests/double/api_bench.h"
#include "tests/double/store_mem.h"
#include "tests/test.h"

#define CHALLENGE "/v1/tee/challenge"

static struct api_bench b;

static int
ask(const char *body)
{
    return api_bench_call(&b, API_POST, CHALLENGE, NULL, body);
}

static size_t
nonce_of(const struct api_bench *bench, uint8_t out[CHALLENGE_LEN])
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(256);

    CU_ASSERT_FALSE(tsec_failed(tsec_base64_decode(
        &bytes, TSEC_BASE64_URL, tsec_span_str(api_bench_str(bench, "data.nonce")), NULL)));
    if (bytes.len == CHALLENGE_LEN) {
        memcpy(out, bytes.ptr, CHALLENGE_LEN);
    }
    return bytes.len;
}

static int32_t
checks(const struct api_bench *bench, const uint8_t *nonce)
{
    return challenge_check(node_keys(bench->node.node),
                           tsec_clock_real_ns(&bench->node.clock.clock),
                           tsec_span(nonce, CHALLENGE_LEN), NULL)
        .code;
}

static void
anyone_is_given_a_nonce_that_this_cluster_knows_again(void)
{
    uint8_t nonce[CHALLENGE_LEN];
    int64_t expires = 0;

    api_bench_open(&b, "mem:challenge");
    CU_ASSERT_EQUAL(ask(NULL), 200);
    CU_ASSERT_EQUAL_FATAL(nonce_of(&b, nonce), CHALLENGE_LEN);
    CU_ASSERT_TRUE(
        tsec_rfc3339_parse(tsec_span_str(api_bench_str(&b, "data.expires_at")), &expires));
    CU_ASSERT_EQUAL(expires,
                    tsec_clock_real_ns(&b.node.clock.clock) + CHALLENGE_LIFE_S * TSEC_NS_PER_S);
    CU_ASSERT_FALSE(b.reply.has_audit_index);
    CU_ASSERT_EQUAL(checks(&b, nonce), 0);
    CU_ASSERT_EQUAL(ask("{}"), 200);
    tsec_clock_fake_advance(&b.node.clock, CHALLENGE_LIFE_S * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(checks(&b, nonce), TSEC_E_DENIED);
    api_bench_close(&b);
}

static void
every_server_of_the_cluster_knows_it_and_no_other_cluster(void)
{
    struct api_bench second;
    uint8_t nonce[CHALLENGE_LEN];

    api_bench_open(&b, "mem:challenge");
    api_bench_join(&second, "mem:challenge", &b);
    CU_ASSERT_EQUAL(ask(NULL), 200);
    CU_ASSERT_EQUAL_FATAL(nonce_of(&b, nonce), CHALLENGE_LEN);
    CU_ASSERT_EQUAL(checks(&second, nonce), 0);
    api_bench_leave(&second);
    api_bench_close(&b);
    api_bench_open(&b, "mem:another");
    CU_ASSERT_EQUAL(checks(&b, nonce), TSEC_E_DENIED);
    api_bench_close(&b);
}

static void
nothing_is_kept_of_it(void)
{
    api_bench_open(&b, "mem:challenge");
    for (int i = 0; i < 100; i++) {
        CU_ASSERT_EQUAL(ask(NULL), 200);
    }
    CU_ASSERT_EQUAL(node_bench_get(&b.node, "sys/challenge/", (char[8]){ 0 }, 8, NULL).code,
                    TSEC_E_NOT_FOUND);
    CU_ASSERT_FALSE(b.reply.has_audit_index);
    api_bench_close(&b);
}

static void
members_that_nobody_asked_for_are_refused(void)
{
    static const char *const bad[] = { "{\"nonce\":\"AA==\"}", "{\"ttl\":3600}", "[]", "x", "7" };

    api_bench_open(&b, "mem:challenge");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(ask(bad[i]), 400);
    }
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, CHALLENGE, NULL, NULL), 405);
    api_bench_close(&b);
}

static void
a_server_without_keys_makes_none(void)
{
    api_bench_open(&b, "mem:challenge");
    CU_ASSERT_EQUAL(node_seal(b.node.node, NULL).code, 0);
    CU_ASSERT_EQUAL(ask(NULL), 503);
    CU_ASSERT_FALSE(api_bench_has(&b, "data"));
    api_bench_close(&b);
    api_bench_open_empty(&b, "mem:empty");
    CU_ASSERT_EQUAL(ask(NULL), 501);
    api_bench_close(&b);
}

static const struct test_case cases[] = {
    { "anyone is given a nonce that this cluster knows again",
      anyone_is_given_a_nonce_that_this_cluster_knows_again },
    { "every server of the cluster knows it and no other cluster",
      every_server_of_the_cluster_knows_it_and_no_other_cluster },
    { "nothing is kept of it", nothing_is_kept_of_it },
    { "members that nobody asked for are refused", members_that_nobody_asked_for_are_refused },
    { "a server without keys makes none", a_server_without_keys_makes_none },
};

TEST_MAIN("api/tee_challenge", cases)

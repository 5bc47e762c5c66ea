/* SPDX-License-Identifier: Apache-2.0 */
/* Logins inside of an attested channel: its peer is the evidence. */
#include <stdio.h>

#include "tests/double/attest_script.h"
#include "tests/double/channel_bench.h"
#include "tests/test.h"

#define LOGIN   "/v1/auth/attest/login"
#define REFUSED "the evidence was not accepted"

static struct api_bench b;
static struct channel_bench c;

static void
allow(void)
{
    const struct admission_policy policy = { .require_revocation = true, .max_age_s = 3600 };
    const struct tsec_span span = tsec_span_str(ATTEST_SCRIPT_PCRS);
    TSEC_AUTO(allowlist_free) struct allowlist *list = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(allowlist_new(&span, 1, &list, NULL)));
    appraiser_set_policy(b.appraiser, &policy, list);
}

static void
write_role(const char *name, const char *json)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "/v1/auth/attest/role/%s", name);
    CU_ASSERT_TRUE(api_bench_root(&b, API_POST, path, json) < 300);
}

static void
begin(bool attested)
{
    const struct amc_evidence ei = channel_bench_evidence("");

    api_bench_open(&b, "mem:loginchannel");
    allow();
    write_role("worker", "{\"match\":[\"" ATTEST_SCRIPT_PCRS "\"],\"token_policies\":[\"app\"]}");
    write_role("other", "{\"match\":[\"nitro:pcr0=" ATTEST_SCRIPT_48("5e") "\"]}");
    channel_bench_init(&c, &b);
    channel_bench_open(&c, attested ? &ei : NULL);
}

static void
end(void)
{
    channel_bench_done(&c);
    api_bench_close(&b);
}

static bool
refused(int status)
{
    return status == 403 && strcmp(channel_bench_str(&c, "errors.0"), REFUSED) == 0;
}

static void
the_peer_of_a_channel_logs_in_by_its_role_alone(void)
{
    char token[TOKEN_TEXT_MAX + 1];

    begin(true);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", LOGIN, NULL, "{\"role\":\"worker\"}"), 200);
    (void)snprintf(token, sizeof(token), "%s", channel_bench_str(&c, "auth.client_token"));
    CU_ASSERT_TRUE(strncmp(token, "hvs.", 4) == 0);
    CU_ASSERT_EQUAL(attest_script.calls, 1); /* when the channel was opened */
    CU_ASSERT_EQUAL(api_bench_call(&b, API_GET, "/v1/auth/token/lookup-self", token, NULL), 200);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.attest.role"), "worker");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.attest.mode"), "fresh");
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.attest.entry"), ATTEST_SCRIPT_PCRS);
    CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "data.policies.0"), "app");
    end();
}

static void
a_role_that_is_not_the_peer_s_or_none_is_refused_alike(void)
{
    begin(true);
    CU_ASSERT_TRUE(refused(channel_bench_call(&c, "POST", LOGIN, NULL, "{\"role\":\"other\"}")));
    CU_ASSERT_TRUE(refused(channel_bench_call(&c, "POST", LOGIN, NULL, "{\"role\":\"none\"}")));
    write_role("worker", "{\"modes\":[\"identity\"]}");
    CU_ASSERT_TRUE(refused(channel_bench_call(&c, "POST", LOGIN, NULL, "{\"role\":\"worker\"}")));
    CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", LOGIN, NULL, "{}"), 400);
    end();
}

static void
what_was_proved_at_the_beginning_is_as_old_as_the_channel(void)
{
    begin(true);
    write_role("worker", "{\"max_evidence_age\":100}");
    CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", LOGIN, NULL, "{\"role\":\"worker\"}"), 200);
    tsec_clock_fake_advance(&b.node.clock, 101 * TSEC_NS_PER_S);
    CU_ASSERT_TRUE(refused(channel_bench_call(&c, "POST", LOGIN, NULL, "{\"role\":\"worker\"}")));
    end();
}

static void
an_operator_s_channel_proves_no_code(void)
{
    begin(false);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", LOGIN, NULL, "{\"role\":\"worker\"}"), 400);
    CU_ASSERT_STRING_EQUAL(channel_bench_str(&c, "errors.0"), "missing evidence");
    CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", LOGIN, b.root, "{\"role\":\"worker\"}"), 400);
    end();
}

/* It would be evidence of anybody, and the answer is the channel's: so it is wrapped, or nothing.
 */
static void
evidence_that_comes_through_a_channel_is_taken_whole_or_not_at_all(void)
{
    begin(true);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", LOGIN, NULL,
                                       "{\"role\":\"worker\",\"format\":\"script\","
                                       "\"evidence\":\"ZXZpZGVuY2U=\",\"nonce\":\"AA==\"}"),
                    400);
    CU_ASSERT_STRING_EQUAL(channel_bench_str(&c, "errors.0"), "missing recipient");
    CU_ASSERT_EQUAL(attest_script.calls, 1);
    end();
}

static const struct test_case cases[] = {
    { "the peer of a channel logs in by its role alone",
      the_peer_of_a_channel_logs_in_by_its_role_alone },
    { "a role that is not the peer's or none is refused alike",
      a_role_that_is_not_the_peer_s_or_none_is_refused_alike },
    { "what was proved at the beginning is as old as the channel",
      what_was_proved_at_the_beginning_is_as_old_as_the_channel },
    { "an operator's channel proves no code", an_operator_s_channel_proves_no_code },
    { "evidence that comes through a channel is taken whole or not at all",
      evidence_that_comes_through_a_channel_is_taken_whole_or_not_at_all },
};

TEST_MAIN("api/auth_attest_login_channel", cases)

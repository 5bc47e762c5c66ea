/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/double/attest_script.h"
#include "tests/double/channel_bench.h"
#include "tests/test.h"

#define OTHER_CODE                                                  \
    "nitro:pcr0=" ATTEST_SCRIPT_48("11") ",pcr1=" ATTEST_SCRIPT_48( \
        "bc") ",pcr2=" ATTEST_SCRIPT_48("cd")

static struct api_bench b;
static struct channel_bench c;

static void
begin(void)
{
    api_bench_open(&b, "mem:channel");
    channel_bench_init(&c, &b);
    attest_script_genuine(tsec_clock_real_ns(&b.node.clock.clock) / TSEC_NS_PER_S);
    channel_bench_allow(&c, ATTEST_SCRIPT_PCRS);
}

static void
end(void)
{
    channel_bench_done(&c);
    api_bench_close(&b);
}

static bool
s_has(const char *text)
{
    return memmem(c.s.ptr, c.s.len, text, strlen(text)) != NULL;
}

/* ---- accepted ---- */

static void
an_operator_opens_a_channel_without_evidence(void)
{
    begin();
    channel_bench_open(&c, NULL);
    CU_ASSERT_TRUE(s_has("\"rekey_after\":3600"));
    CU_ASSERT_TRUE(s_has("\"peer\":{}"));
    CU_ASSERT_TRUE(s_has("\"policies\":[]"));
    /* It gives nothing, so that no stranger makes the log grow by it. */
    CU_ASSERT_FALSE(b.reply.has_audit_index);
    CU_ASSERT_EQUAL(channels_counts(b.channels).open, 1);
    CU_ASSERT_EQUAL(channels_counts(b.channels).strangers, 1);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/auth/token/lookup-self", b.root, NULL), 200);
    CU_ASSERT_EQUAL(channels_counts(b.channels).strangers, 0);
    end();
}

static void
evidence_is_asked_for_with_the_binding_of_the_handshake(void)
{
    const struct amc_evidence ei = channel_bench_evidence("");
    uint8_t asked[64] = { 0 };

    begin();
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&c), 200);
    memcpy(asked, amc_initiator_binding(c.initiator), AMC_HASH_LEN);
    CU_ASSERT_EQUAL(channel_bench_finish(&c, &ei), 200);
    CU_ASSERT_EQUAL(attest_script.binding_len, sizeof(asked));
    CU_ASSERT_EQUAL(memcmp(attest_script.binding, asked, sizeof(asked)), 0);
    CU_ASSERT_TRUE(s_has("\"tee\":\"nitro\""));
    CU_ASSERT_EQUAL(channels_counts(b.channels).strangers, 0);
    end();
}

static void
a_role_in_the_evidence_logs_in(void)
{
    const struct amc_evidence ei = channel_bench_evidence("shop");

    begin();
    channel_bench_role(&c, ATTEST_SCRIPT_PCRS);
    channel_bench_open(&c, &ei);
    CU_ASSERT_TRUE(s_has("\"role\":\"shop\""));
    CU_ASSERT_TRUE(s_has("\"policies\":[\"default\",\"shop\"]"));
    CU_ASSERT_TRUE(b.reply.has_audit_index);
    CU_ASSERT_EQUAL(
        channel_bench_call(&c, "POST", "/v1/secret/data/shop/a", NULL, "{\"data\":{\"k\":\"1\"}}"),
        200);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/secret/data/other", NULL, NULL), 403);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/secret/data/other", b.root, NULL), 404);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/auth/token/lookup-self", NULL, NULL), 200);
    CU_ASSERT_TRUE(json_integer_value(json_object_get(json_object_get(c.json, "data"), "ttl"))
                   <= CHANNEL_TTL_S);
    end();
}

/* It would outlive a channel that an operator closes, and be of use without it. */
static void
the_roles_token_is_told_to_nobody(void)
{
    static const char *const paths[] = { "/v1/auth/token/lookup-self",
                                         "/v1/auth/token/renew-self" };
    const struct amc_evidence ei = channel_bench_evidence("shop");

    begin();
    channel_bench_role(&c, ATTEST_SCRIPT_PCRS);
    channel_bench_open(&c, &ei);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", paths[0], NULL, NULL), 200);
    CU_ASSERT_STRING_EQUAL(channel_bench_str(&c, "data.id"), "");
    CU_ASSERT_STRING_NOT_EQUAL(channel_bench_str(&c, "data.accessor"), "");
    CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", paths[1], NULL, "{}"), 200);
    CU_ASSERT_STRING_EQUAL(channel_bench_str(&c, "auth.client_token"), "");
    CU_ASSERT_STRING_NOT_EQUAL(channel_bench_str(&c, "auth.accessor"), "");
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", paths[0], b.root, NULL), 200);
    CU_ASSERT_STRING_EQUAL(channel_bench_str(&c, "data.id"), b.root);
    end();
}

/* ---- refused ---- */

static void
no_channel(int status)
{
    CU_ASSERT_EQUAL(status, 403);
    CU_ASSERT_STRING_EQUAL(api_bench_error(&b), "the evidence was not accepted");
    CU_ASSERT_EQUAL(channels_counts(b.channels).open, 0);
    CU_ASSERT_EQUAL(channels_counts(b.channels).half_open, 0);
    CU_ASSERT_EQUAL(channels_counts(b.channels).refused_total, 1);
}

static void
evidence_that_is_not_genuine_opens_nothing(void)
{
    const struct amc_evidence ei = channel_bench_evidence("");

    begin();
    attest_script.code = TSEC_E_DENIED;
    attest_script.reason = TSEC_REASON_SIGNATURE;
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&c), 200);
    no_channel(channel_bench_finish(&c, &ei));
    end();
}

static void
code_that_is_not_allowed_opens_nothing(void)
{
    const struct amc_evidence ei = channel_bench_evidence("");

    begin();
    channel_bench_allow(&c, OTHER_CODE);
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&c), 200);
    no_channel(channel_bench_finish(&c, &ei));
    end();
}

static void
a_role_of_other_code_or_of_no_name_is_refused_alike(void)
{
    const struct amc_evidence shop = channel_bench_evidence("shop");
    const struct amc_evidence none = channel_bench_evidence("nobody");

    begin();
    channel_bench_role(&c, OTHER_CODE);
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&c), 200);
    no_channel(channel_bench_finish(&c, &shop));
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&c), 200);
    CU_ASSERT_EQUAL(channel_bench_finish(&c, &none), 403);
    end();
}

static void
modes_that_prove_nothing_are_refused(void)
{
    struct amc_evidence resumed = { .format = "none", .mode = AMC_RESUMED };
    struct amc_evidence role_without = { .format = "none", .mode = AMC_NONE, .role = "shop" };
    struct amc_evidence identity = channel_bench_evidence("");

    begin();
    identity.mode = AMC_IDENTITY; /* and no identity key */
    identity.made_at_s = tsec_clock_real_ns(&b.node.clock.clock) / TSEC_NS_PER_S;
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&c), 200);
    no_channel(channel_bench_finish(&c, &resumed));
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&c), 200);
    CU_ASSERT_EQUAL(channel_bench_finish(&c, &role_without), 403);
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&c), 200);
    CU_ASSERT_EQUAL(channel_bench_finish(&c, &identity), 403);
    CU_ASSERT_EQUAL(channels_counts(b.channels).open, 0);
    end();
}

static void
there_is_one_attempt(void)
{
    const char *const bad[] = { "{}", "{\"evidence\":\"AAAA\",\"fin\":\"AAAA\"}", "[" };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        char path[128];

        CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&c), 200);
        (void)snprintf(path, sizeof(path), "/v1/tee/channel/%s/finish", c.cid);
        CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, path, NULL, bad[i]), 400);
        CU_ASSERT_EQUAL(channel_bench_finish(&c, NULL), 404);
        CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "code"), "channel_unknown");
    }
    CU_ASSERT_EQUAL(channels_counts(b.channels).open, 0);
    end();
}

static void
a_mac_that_is_wrong_ends_it_before_evidence_is_looked_at(void)
{
    static const char fin[] = "\"fin\":\"";
    const struct amc_evidence ei = channel_bench_evidence("");
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(65536);
    const unsigned before = attest_script.calls;
    char path[128];
    char *at;

    begin();
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&c), 200);
    amc_evidence_write(&ei, &text);
    CU_ASSERT_EQUAL_FATAL(amc_initiator_finish(c.initiator, tsec_buf_span(&text), &body, NULL).code,
                          0);
    tsec_buf_put_byte(&body, 0);
    at = strstr((char *)body.ptr, fin);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    at[sizeof(fin)] = at[sizeof(fin)] == 'A' ? 'B' : 'A';
    (void)snprintf(path, sizeof(path), "/v1/tee/channel/%s/finish", c.cid);
    no_channel(api_bench_call(&b, API_POST, path, NULL, (const char *)body.ptr));
    CU_ASSERT_EQUAL(attest_script.calls, before);
    end();
}

static void
what_is_half_open_ends_after_30_seconds(void)
{
    begin();
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&c), 200);
    tsec_clock_fake_advance(&b.node.clock, 31 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(channel_bench_finish(&c, NULL), 404);
    end();
}

static void
the_reply_is_not_wrapped(void)
{
    begin();
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&c), 200);
    b.wrap_ttl = "60";
    CU_ASSERT_EQUAL(channel_bench_finish(&c, NULL), 400);
    end();
}

static const struct test_case cases[] = {
    { "an operator opens a channel without evidence",
      an_operator_opens_a_channel_without_evidence },
    { "evidence is asked for with the binding of the handshake",
      evidence_is_asked_for_with_the_binding_of_the_handshake },
    { "a role in the evidence logs in", a_role_in_the_evidence_logs_in },
    { "the role's token is told to nobody", the_roles_token_is_told_to_nobody },
    { "evidence that is not genuine opens nothing", evidence_that_is_not_genuine_opens_nothing },
    { "code that is not allowed opens nothing", code_that_is_not_allowed_opens_nothing },
    { "a role of other code or of no name is refused alike",
      a_role_of_other_code_or_of_no_name_is_refused_alike },
    { "modes that prove nothing are refused", modes_that_prove_nothing_are_refused },
    { "there is one attempt", there_is_one_attempt },
    { "a MAC that is wrong ends it before evidence is looked at",
      a_mac_that_is_wrong_ends_it_before_evidence_is_looked_at },
    { "what is half open ends after 30 seconds", what_is_half_open_ends_after_30_seconds },
    { "the reply is not wrapped", the_reply_is_not_wrapped },
};

TEST_MAIN("api/tee_channel_finish", cases)

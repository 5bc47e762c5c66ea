/* SPDX-License-Identifier: Apache-2.0 */
#include "api/channel_review.h"

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

static void
a_channel_ends_with_the_measurement_it_rests_on(void)
{
    const struct amc_evidence ei = channel_bench_evidence("shop");

    begin();
    channel_bench_role(&c, ATTEST_SCRIPT_PCRS);
    channel_bench_open(&c, &ei);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/auth/token/lookup-self", NULL, NULL), 200);
    channel_bench_allow(&c, OTHER_CODE);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/sys/version", NULL, NULL), 403);
    CU_ASSERT_EQUAL(channels_counts(b.channels).open, 0);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/sys/version", NULL, NULL), -404);
    end();
}

static void
an_idle_channel_is_closed_by_the_review(void)
{
    const struct amc_evidence ei = channel_bench_evidence("");

    begin();
    channel_bench_open(&c, &ei);
    api_review_channels_if_due(b.api);
    CU_ASSERT_EQUAL(channels_counts(b.channels).open, 1);
    channel_bench_allow(&c, OTHER_CODE);
    api_review_channels_if_due(b.api);
    CU_ASSERT_EQUAL(channels_counts(b.channels).open, 0);
    end();
}

static void
a_channel_ends_with_the_role_it_rests_on(void)
{
    const struct amc_evidence ei = channel_bench_evidence("shop");

    begin();
    channel_bench_role(&c, ATTEST_SCRIPT_PCRS);
    channel_bench_open(&c, &ei);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, "/v1/auth/attest/role/shop", NULL), 204);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/auth/token/lookup-self", NULL, NULL), 403);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/sys/version", NULL, NULL), -404);
    end();
}

static void
a_policy_that_still_admits_closes_nothing(void)
{
    const struct amc_evidence ei = channel_bench_evidence("");

    begin();
    channel_bench_open(&c, &ei);
    tsec_clock_fake_advance(&b.node.clock, 1000 * TSEC_NS_PER_S); /* older than max_age */
    channel_bench_allow(&c, ATTEST_SCRIPT_PCRS);
    CU_ASSERT_EQUAL(api_review_channels(b.api), 0);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/sys/version", NULL, NULL), 200);
    end();
}

static void
a_role_that_goes_ends_what_is_idle_too(void)
{
    const struct amc_evidence ei = channel_bench_evidence("shop");

    begin();
    channel_bench_role(&c, ATTEST_SCRIPT_PCRS);
    channel_bench_open(&c, &ei);
    api_review_channels_if_due(b.api);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_DELETE, "/v1/auth/attest/role/shop", NULL), 204);
    api_review_channels_if_due(b.api);
    CU_ASSERT_EQUAL(channels_counts(b.channels).open, 1); /* a while has to pass */
    tsec_clock_fake_advance(&b.node.clock, 61 * TSEC_NS_PER_S);
    api_review_channels_if_due(b.api);
    CU_ASSERT_EQUAL(channels_counts(b.channels).open, 0);
    end();
}

static uint64_t
leaves(void)
{
    struct node_health h;

    node_health(b.node.node, &h);
    return h.ledger_size;
}

static void
that_channels_were_closed_is_written_down(void)
{
    const struct amc_evidence ei = channel_bench_evidence("");
    uint64_t before;

    begin();
    channel_bench_open(&c, &ei);
    channel_bench_allow(&c, OTHER_CODE);
    before = leaves();
    CU_ASSERT_EQUAL(api_review_channels(b.api), 1);
    CU_ASSERT_EQUAL(api_bench_root(&b, API_GET, "/v1/sys/mounts", NULL), 200);
    CU_ASSERT_EQUAL(leaves(), before + 2); /* that one, and this reading */
    CU_ASSERT_EQUAL(api_review_channels(b.api), 0);
    CU_ASSERT_EQUAL(leaves(), before + 2);
    end();
}

static void
an_operators_channel_stands_on_no_evidence(void)
{
    begin();
    channel_bench_open(&c, NULL);
    channel_bench_allow(&c, OTHER_CODE);
    CU_ASSERT_EQUAL(api_review_channels(b.api), 0);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/sys/version", NULL, NULL), 200);
    end();
}

static const struct test_case cases[] = {
    { "a channel ends with the measurement it rests on",
      a_channel_ends_with_the_measurement_it_rests_on },
    { "an idle channel is closed by the review", an_idle_channel_is_closed_by_the_review },
    { "a channel ends with the role it rests on", a_channel_ends_with_the_role_it_rests_on },
    { "a policy that still admits closes nothing", a_policy_that_still_admits_closes_nothing },
    { "a role that goes ends what is idle too", a_role_that_goes_ends_what_is_idle_too },
    { "that channels were closed is written down", that_channels_were_closed_is_written_down },
    { "an operator's channel stands on no evidence", an_operators_channel_stands_on_no_evidence },
};

TEST_MAIN("api/channel_review", cases)

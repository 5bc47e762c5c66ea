/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/channel.h"

#include "tests/channel/channel_rig.h"
#include "tests/test.h"

static struct channel_rig rig;
static struct channel *channel;

static void
begin(bool attested)
{
    channel_rig_open(&rig, 0, 0);
    channel = channel_rig_channel(&rig, 1, attested);
}

static void
end(void)
{
    channel_release(channel);
    channel_rig_close(&rig);
}

/* One that is committed: the other end's share is its own. */
static tsec_rc
rekey(void)
{
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *asked = NULL;
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *answered = NULL;
    TSEC_AUTO(amc_session_free) struct amc_session *other = NULL;
    TSEC_AUTO_BUF struct tsec_buf r1 = TSEC_BUF_INIT(AMC_HELLO_MAX);
    TSEC_AUTO_BUF struct tsec_buf r2 = TSEC_BUF_INIT(AMC_HELLO_MAX);
    const uint8_t master[AMC_HASH_LEN] = { 1, 2, 3 };

    CU_ASSERT_EQUAL_FATAL(
        amc_session_new(AMC_INITIATOR, channel_cid(channel), master, &other, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(amc_rekey_begin(other, &asked, &r1, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(
        amc_rekey_answer(channel_session(channel), tsec_buf_span(&r1), &answered, &r2, NULL).code,
        0);
    return channels_rekey(rig.channels, channel, &answered, NULL);
}

static struct channel_peer
renewed(void)
{
    return (struct channel_peer){
        .appraisal = rig.appraisal, .appraised_s = 99, .role = "other", .remote = "elsewhere"
    };
}

static void
renew(void)
{
    const struct channel_peer peer = renewed();

    amc_rekey_free(channel_take_rekey(channel));
    CU_ASSERT_EQUAL_FATAL(channels_renew(rig.channels, channel, &peer, NULL).code, 0);
}

static void
messages_and_their_time_are_counted(void)
{
    struct channel_account account;

    begin(true);
    tsec_clock_fake_advance(&rig.clock, 5 * TSEC_NS_PER_S);
    channel_message(rig.channels, channel, false);
    channel_message(rig.channels, channel, true);
    tsec_clock_fake_advance(&rig.clock, 2 * TSEC_NS_PER_S);
    channel_account(rig.channels, channel, &account);
    CU_ASSERT_EQUAL(account.messages, 1);
    CU_ASSERT_EQUAL(account.used_ns - account.opened_ns, 5 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(channels_counts(rig.channels).messages_total, 1);
    CU_ASSERT_EQUAL(channels_counts(rig.channels).message_refused_total, 1);
    end();
}

static void
after_a_rekey_new_evidence_is_awaited(void)
{
    begin(true);
    CU_ASSERT_FALSE(channel_awaits_evidence(channel, 0));
    CU_ASSERT_EQUAL_FATAL(rekey().code, 0);
    CU_ASSERT_TRUE(channel_awaits_evidence(channel, 1));
    CU_ASSERT_FALSE(channel_awaits_evidence(channel, 0)); /* what is under way goes on */
    CU_ASSERT_EQUAL(rekey().code, TSEC_E_CONFLICT);
    renew();
    CU_ASSERT_FALSE(channel_awaits_evidence(channel, 1));
    CU_ASSERT_EQUAL(rekey().code, 0);
    CU_ASSERT_TRUE(channel_awaits_evidence(channel, 2));
    end();
}

static void
evidence_is_awaited_once(void)
{
    struct amc_rekey *taken;

    begin(true);
    CU_ASSERT_PTR_NULL(channel_take_rekey(channel));
    CU_ASSERT_EQUAL_FATAL(rekey().code, 0);
    taken = channel_take_rekey(channel);
    CU_ASSERT_PTR_NOT_NULL(taken);
    CU_ASSERT_PTR_NULL(channel_take_rekey(channel));
    amc_rekey_free(taken);
    end();
}

static void
an_operator_is_asked_for_none(void)
{
    begin(false);
    CU_ASSERT_EQUAL_FATAL(rekey().code, 0);
    CU_ASSERT_FALSE(channel_awaits_evidence(channel, 1));
    end();
}

static void
new_evidence_changes_who_it_is_and_not_what_it_was_given(void)
{
    const struct channel_peer *was;
    const struct channel_peer *is;

    begin(true);
    was = channel_peer(channel);
    CU_ASSERT_EQUAL_FATAL(rekey().code, 0);
    renew();
    is = channel_peer(channel);
    CU_ASSERT_PTR_NOT_EQUAL(was, is);
    CU_ASSERT_EQUAL(is->appraised_s, 99);
    CU_ASSERT_STRING_EQUAL(is->role, "shop");
    CU_ASSERT_STRING_EQUAL(is->remote, "10.0.0.1");
    CU_ASSERT_TRUE(tsec_span_is(is->token, "token"));
    CU_ASSERT_STRING_EQUAL(was->role, "shop"); /* who reads it still may */
    end();
}

static void
the_interval_runs_from_the_evidence(void)
{
    begin(true);
    channels_set_rekey_after(rig.channels, 100);
    tsec_clock_fake_advance(&rig.clock, 99 * TSEC_NS_PER_S);
    CU_ASSERT_FALSE(channel_must_rekey(rig.channels, channel));
    tsec_clock_fake_advance(&rig.clock, TSEC_NS_PER_S);
    CU_ASSERT_TRUE(channel_must_rekey(rig.channels, channel));
    CU_ASSERT_EQUAL_FATAL(rekey().code, 0);
    CU_ASSERT_TRUE(channel_must_rekey(rig.channels, channel));
    renew();
    CU_ASSERT_FALSE(channel_must_rekey(rig.channels, channel));
    end();
}

static const struct test_case cases[] = {
    { "messages and their time are counted", messages_and_their_time_are_counted },
    { "after a rekey new evidence is awaited", after_a_rekey_new_evidence_is_awaited },
    { "evidence is awaited once", evidence_is_awaited_once },
    { "an operator is asked for none", an_operator_is_asked_for_none },
    { "new evidence changes who it is and not what it was given",
      new_evidence_changes_who_it_is_and_not_what_it_was_given },
    { "the interval runs from the evidence", the_interval_runs_from_the_evidence },
};

TEST_MAIN("channel/channel", cases)

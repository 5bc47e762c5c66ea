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

static tsec_rc
give(uint8_t ticket[AMC_TICKET_LEN], uint32_t *n)
{
    int64_t left = 0;

    return channels_ticket(rig.channels, channel, ticket, n, &left, NULL);
}

static bool
redeem(const uint8_t ticket[AMC_TICKET_LEN], uint8_t psk[AMC_HASH_LEN])
{
    struct channel *from = NULL;
    const bool taken = channels_redeem(rig.channels, ticket, psk, &from);

    CU_ASSERT_PTR_EQUAL(from, taken ? channel : NULL);
    channel_release(from);
    return taken;
}

static void
a_ticket_is_good_once_and_its_key_is_the_channels(void)
{
    uint8_t ticket[AMC_TICKET_LEN];
    uint8_t wanted[AMC_HASH_LEN];
    uint8_t psk[AMC_HASH_LEN];
    uint32_t n = 0;

    begin(true);
    CU_ASSERT_EQUAL_FATAL(give(ticket, &n).code, 0);
    CU_ASSERT_EQUAL_FATAL(give(ticket, &n).code, 0);
    CU_ASSERT_EQUAL(n, 1);
    CU_ASSERT_EQUAL_FATAL(amc_session_psk(channel_session(channel), n, wanted, NULL).code, 0);
    CU_ASSERT_TRUE(redeem(ticket, psk));
    CU_ASSERT_EQUAL(memcmp(psk, wanted, sizeof(psk)), 0);
    CU_ASSERT_FALSE(redeem(ticket, psk));
    CU_ASSERT_EQUAL(channels_counts(rig.channels).tickets, 1);
    end();
}

static void
what_is_no_ticket_is_good_for_nothing(void)
{
    uint8_t ticket[AMC_TICKET_LEN];
    uint8_t psk[AMC_HASH_LEN];
    uint32_t n = 0;

    begin(true);
    CU_ASSERT_EQUAL_FATAL(give(ticket, &n).code, 0);
    ticket[AMC_TICKET_LEN - 1] ^= 1;
    CU_ASSERT_FALSE(redeem(ticket, psk));
    ticket[AMC_TICKET_LEN - 1] ^= 1;
    CU_ASSERT_TRUE(redeem(ticket, psk)); /* and a guess used nothing up */
    end();
}

static void
a_ticket_ends_with_the_channel(void)
{
    uint8_t ticket[AMC_TICKET_LEN];
    uint8_t psk[AMC_HASH_LEN];
    uint32_t n = 0;

    begin(true);
    CU_ASSERT_EQUAL_FATAL(give(ticket, &n).code, 0);
    CU_ASSERT_TRUE(channels_close(rig.channels, channel, "test"));
    CU_ASSERT_FALSE(redeem(ticket, psk));
    CU_ASSERT_EQUAL(give(ticket, &n).code, TSEC_E_CONFLICT);
    CU_ASSERT_EQUAL(channels_counts(rig.channels).tickets, 0);
    end();
}

static void
a_ticket_ends_with_the_interval(void)
{
    uint8_t ticket[AMC_TICKET_LEN];
    uint8_t psk[AMC_HASH_LEN];
    int64_t left = 0;
    uint32_t n = 0;

    begin(true);
    tsec_clock_fake_advance(&rig.clock, 600 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL_FATAL(channels_ticket(rig.channels, channel, ticket, &n, &left, NULL).code, 0);
    CU_ASSERT_EQUAL(left, 3000);
    tsec_clock_fake_advance(&rig.clock, 3000 * TSEC_NS_PER_S);
    CU_ASSERT_FALSE(redeem(ticket, psk));
    end();
}

static void
all_can_be_forgotten(void)
{
    uint8_t ticket[AMC_TICKET_LEN];
    uint8_t psk[AMC_HASH_LEN];
    uint32_t n = 0;

    begin(true);
    CU_ASSERT_EQUAL_FATAL(give(ticket, &n).code, 0);
    channels_forget_tickets(rig.channels);
    CU_ASSERT_FALSE(redeem(ticket, psk));
    CU_ASSERT_TRUE(channel_is_open(channel));
    end();
}

static void
without_evidence_there_is_none_and_of_one_channel_not_many(void)
{
    uint8_t ticket[AMC_TICKET_LEN];
    uint32_t n = 0;

    begin(false);
    CU_ASSERT_EQUAL(give(ticket, &n).code, TSEC_E_DENIED);
    end();
    begin(true);
    for (int i = 0; i < CHANNEL_TICKETS_EACH; i++) {
        CU_ASSERT_EQUAL(give(ticket, &n).code, 0);
    }
    CU_ASSERT_EQUAL(give(ticket, &n).code, TSEC_E_BUSY);
    end();
}

static const struct test_case cases[] = {
    { "a ticket is good once and its key is the channel's",
      a_ticket_is_good_once_and_its_key_is_the_channels },
    { "what is no ticket is good for nothing", what_is_no_ticket_is_good_for_nothing },
    { "a ticket ends with the channel", a_ticket_ends_with_the_channel },
    { "a ticket ends with the interval", a_ticket_ends_with_the_interval },
    { "all can be forgotten", all_can_be_forgotten },
    { "without evidence there is none, and of one channel not many",
      without_evidence_there_is_none_and_of_one_channel_not_many },
};

TEST_MAIN("channel/tickets", cases)

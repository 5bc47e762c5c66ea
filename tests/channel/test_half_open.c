/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/channel.h"

#include <stdio.h>

#include "channel/channels_internal.h"
#include "tests/channel/channel_rig.h"
#include "tests/test.h"

static struct channel_rig rig;

static void
park(const char *remote, uint8_t cid[AMC_CID_LEN])
{
    struct channel_half half = channel_rig_half(cid);

    CU_ASSERT_EQUAL_FATAL(channels_park(rig.channels, &half, remote, NULL).code, 0);
    CU_ASSERT_PTR_NULL(half.responder);
}

static bool
unpark(const uint8_t cid[AMC_CID_LEN])
{
    struct channel_half half;
    const bool there = channels_unpark(rig.channels, cid, &half);

    CU_ASSERT_EQUAL(there, half.responder != NULL);
    if (there) {
        CU_ASSERT_EQUAL(memcmp(amc_responder_cid(half.responder), cid, AMC_CID_LEN), 0);
    }
    channel_half_done(&half);
    return there;
}

static void
it_is_given_out_once(void)
{
    const uint8_t unknown[AMC_CID_LEN] = { 0 };
    uint8_t cid[AMC_CID_LEN];

    channel_rig_open(&rig, 0, 0);
    park("10.0.0.1", cid);
    CU_ASSERT_FALSE(unpark(unknown));
    CU_ASSERT_TRUE(unpark(cid));
    CU_ASSERT_FALSE(unpark(cid));
    CU_ASSERT_EQUAL(channels_counts(rig.channels).half_open, 0);
    channel_rig_close(&rig);
}

static void
it_ends_after_30_seconds(void)
{
    uint8_t first[AMC_CID_LEN];
    uint8_t second[AMC_CID_LEN];

    channel_rig_open(&rig, 0, 0);
    park("10.0.0.1", first);
    tsec_clock_fake_advance(&rig.clock, 30 * TSEC_NS_PER_S);
    park("10.0.0.1", second);
    CU_ASSERT_TRUE(unpark(first));
    park("10.0.0.1", first);
    tsec_clock_fake_advance(&rig.clock, 30 * TSEC_NS_PER_S + 1);
    CU_ASSERT_FALSE(unpark(first));
    CU_ASSERT_EQUAL(channels_counts(rig.channels).half_open, 1);
    channels_sweep(rig.channels);
    CU_ASSERT_EQUAL(channels_counts(rig.channels).half_open, 0);
    channel_rig_close(&rig);
}

/* By a key at random, two places would be taken for one now and then. */
static void
fix_places(void)
{
    rig.channels->half.key[0] = 1;
    rig.channels->half.key[1] = 2;
}

static void
a_flood_from_one_place_crowds_out_itself_only(void)
{
    enum { MAX = 32 };
    uint8_t honest[4][AMC_CID_LEN];
    uint8_t flood[AMC_CID_LEN];
    uint8_t last[AMC_CID_LEN];
    char remote[32];

    channel_rig_open(&rig, MAX, 0);
    fix_places();
    for (unsigned i = 0; i < 4; i++) {
        (void)snprintf(remote, sizeof(remote), "10.0.0.%u", i);
        park(remote, honest[i]);
    }
    for (unsigned i = 0; i < 8 * MAX; i++) {
        park("10.9.9.9", i == 0 ? flood : last);
    }
    CU_ASSERT_EQUAL(channels_counts(rig.channels).half_open, MAX);
    CU_ASSERT_EQUAL(channels_counts(rig.channels).given_way_total, 7 * MAX + 4);
    CU_ASSERT_FALSE(unpark(flood));
    CU_ASSERT_TRUE(unpark(last));
    for (unsigned i = 0; i < 4; i++) {
        CU_ASSERT_TRUE(unpark(honest[i]));
    }
    channel_rig_close(&rig);
}

static void
a_flood_from_a_whole_network_of_ipv6_is_one_place(void)
{
    enum { MAX = 8 };
    uint8_t honest[AMC_CID_LEN];
    uint8_t flood[AMC_CID_LEN];
    char remote[64];

    channel_rig_open(&rig, MAX, 0);
    fix_places();
    park("2001:db8:0:1::1", honest);
    for (unsigned i = 1; i <= 8 * MAX; i++) {
        (void)snprintf(remote, sizeof(remote), "2001:db8:0:2:%x::1", i);
        park(remote, flood);
    }
    CU_ASSERT_TRUE(unpark(honest));
    CU_ASSERT_TRUE(unpark(flood));
    channel_rig_close(&rig);
}

static void
what_is_resumed_is_held_as_long(void)
{
    struct channel_half half;
    struct channel *channel;
    uint8_t cid[AMC_CID_LEN];

    channel_rig_open(&rig, 0, 0);
    channel = channel_rig_channel(&rig, 1, true);
    half = channel_rig_half(cid);
    half.resumes = channel;
    CU_ASSERT_EQUAL_FATAL(channels_park(rig.channels, &half, "10.0.0.1", NULL).code, 0);
    CU_ASSERT_TRUE(channels_close(rig.channels, channel, "test"));
    CU_ASSERT_TRUE_FATAL(channels_unpark(rig.channels, cid, &half));
    CU_ASSERT_PTR_EQUAL(half.resumes, channel);
    CU_ASSERT_FALSE(channel_is_open(half.resumes));
    channel_half_done(&half);
    channel_rig_close(&rig);
}

static const struct test_case cases[] = {
    { "it is given out once", it_is_given_out_once },
    { "it ends after 30 seconds", it_ends_after_30_seconds },
    { "a flood from one place crowds out itself only",
      a_flood_from_one_place_crowds_out_itself_only },
    { "a flood from a whole network of IPv6 is one place",
      a_flood_from_a_whole_network_of_ipv6_is_one_place },
    { "what is resumed is held as long", what_is_resumed_is_held_as_long },
};

TEST_MAIN("channel/half_open", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/channel.h"

#include <pthread.h>
#include <stdlib.h>

#include "tests/channel/channel_rig.h"
#include "tests/test.h"

static struct channel_rig rig;

static struct channel *
find(uint16_t number)
{
    const uint8_t cid[AMC_CID_LEN] = { (uint8_t)number, (uint8_t)(number >> 8), 1 };

    return channels_find(rig.channels, cid);
}

static bool
is_there(uint16_t number)
{
    struct channel *channel = find(number);

    channel_release(channel);
    return channel != NULL;
}

static void
open_many(uint16_t from, uint16_t n, bool attested)
{
    for (uint16_t i = 0; i < n; i++) {
        channel_release(channel_rig_channel(&rig, (uint16_t)(from + i), attested));
    }
}

static void
it_is_found_until_it_is_closed(void)
{
    struct channel *channel;

    channel_rig_open(&rig, 0, 0);
    channel = channel_rig_channel(&rig, 5, true);
    CU_ASSERT_TRUE(is_there(5));
    CU_ASSERT_FALSE(is_there(6));
    CU_ASSERT_TRUE(channels_close(rig.channels, channel, "test"));
    CU_ASSERT_FALSE(channels_close(rig.channels, channel, "test"));
    CU_ASSERT_FALSE(is_there(5));
    CU_ASSERT_FALSE(channel_is_open(channel));
    CU_ASSERT_EQUAL(channel_cid(channel)[0], 5); /* its holder has it still */
    channel_release(channel);
    CU_ASSERT_EQUAL(channels_counts(rig.channels).closed_total, 1);
    channel_rig_close(&rig);
}

static void
it_ends_with_its_time(void)
{
    channel_rig_open(&rig, 0, 0);
    open_many(1, 1, true);
    tsec_clock_fake_advance(&rig.clock, CHANNEL_TTL_S * TSEC_NS_PER_S - 1);
    CU_ASSERT_TRUE(is_there(1));
    tsec_clock_fake_advance(&rig.clock, 1);
    CU_ASSERT_FALSE(is_there(1));
    CU_ASSERT_EQUAL(channels_counts(rig.channels).open, 1);
    channels_sweep(rig.channels);
    CU_ASSERT_EQUAL(channels_counts(rig.channels).open, 0);
    channel_rig_close(&rig);
}

static void
a_strangers_ends_unless_somebody_shows_a_token(void)
{
    struct channel *channel;

    channel_rig_open(&rig, 0, 0);
    open_many(1, 2, false);
    channel = find(2);
    channel_prove(channel);
    channel_release(channel);
    CU_ASSERT_EQUAL(channels_counts(rig.channels).strangers, 1);
    tsec_clock_fake_advance(&rig.clock, CHANNEL_STRANGER_S * TSEC_NS_PER_S);
    channels_sweep(rig.channels);
    CU_ASSERT_FALSE(is_there(1));
    CU_ASSERT_TRUE(is_there(2));
    channel_rig_close(&rig);
}

static void
strangers_crowd_out_strangers_only(void)
{
    channel_rig_open(&rig, 0, 16);
    open_many(1, 4, true);
    open_many(100, 40, false);
    CU_ASSERT_EQUAL(channels_counts(rig.channels).strangers, 4);
    CU_ASSERT_EQUAL(channels_counts(rig.channels).open, 8);
    for (uint16_t i = 1; i <= 4; i++) {
        CU_ASSERT_TRUE(is_there(i));
    }
    CU_ASSERT_FALSE(is_there(135));
    CU_ASSERT_TRUE(is_there(136));
    channel_rig_close(&rig);
}

static void
those_who_proved_something_have_their_part_and_no_more(void)
{
    const struct channel_peer peer = { .appraisal = rig.appraisal, .role = "", .remote = "" };
    struct channel_peer known = peer;
    struct amc_session *session;
    struct channel *channel = NULL;

    channel_rig_open(&rig, 0, 16);
    known.appraisal = rig.appraisal;
    open_many(1, 12, true);
    open_many(100, 4, false);
    session = channel_rig_session(50);
    CU_ASSERT_EQUAL(channels_open(rig.channels, &session, &known, &channel, NULL).code,
                    TSEC_E_BUSY);
    CU_ASSERT_PTR_NULL(channel);
    CU_ASSERT_EQUAL(channels_counts(rig.channels).open, 16);
    channel = find(100);
    channel_prove(channel); /* there is no room: it stays where it is */
    channel_release(channel);
    CU_ASSERT_EQUAL(channels_counts(rig.channels).strangers, 4);
    amc_session_free(session);
    channel_rig_close(&rig);
}

static bool
odd_ones(void *ctx, struct channel *channel, const char **reason)
{
    *reason = "odd";
    (*(size_t *)ctx)++;
    return (channel_cid(channel)[0] & 1) == 0;
}

static void
a_review_closes_what_may_not_stay(void)
{
    size_t asked = 0;

    channel_rig_open(&rig, 0, 0);
    open_many(1, 6, true);
    open_many(7, 2, false);
    CU_ASSERT_EQUAL(channels_review(rig.channels, odd_ones, &asked), 4);
    CU_ASSERT_EQUAL(asked, 8);
    CU_ASSERT_TRUE(is_there(2));
    CU_ASSERT_FALSE(is_there(3));
    CU_ASSERT_FALSE(is_there(7));
    CU_ASSERT_EQUAL(channels_review(rig.channels, odd_ones, &asked), 0);
    channel_rig_close(&rig);
}

static void
a_list_holds_what_it_names(void)
{
    struct channel **list = NULL;
    size_t len = 0;

    channel_rig_open(&rig, 0, 0);
    open_many(1, 3, true);
    CU_ASSERT_EQUAL_FATAL(channels_list(rig.channels, &list, &len, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(len, 3);
    channels_close_all(rig.channels, "test");
    CU_ASSERT_EQUAL(channels_counts(rig.channels).open, 0);
    for (size_t i = 0; i < len; i++) {
        CU_ASSERT_EQUAL(channel_cid(list[i])[0], i + 1);
        channel_release(list[i]);
    }
    free(list);
    channel_rig_close(&rig);
}

/* ---- many at once ---- */

static void *
use_them(void *arg)
{
    (void)arg;
    for (int i = 0; i < 2000; i++) {
        struct channel *channel = find((uint16_t)(1 + i % 8));

        if (channel != NULL) {
            (void)channel_peer(channel)->role[0];
            channel_prove(channel);
            if (i % 50 == 0) {
                (void)channels_close(rig.channels, channel, "test");
            }
        }
        channel_release(channel);
    }
    return NULL;
}

static void
threads_find_and_close_as_they_like(void)
{
    pthread_t threads[4];

    channel_rig_open(&rig, 0, 0);
    open_many(1, 8, false);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(threads); i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, use_them, NULL), 0);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(threads); i++) {
        (void)pthread_join(threads[i], NULL);
    }
    CU_ASSERT_EQUAL(channels_counts(rig.channels).open + channels_counts(rig.channels).closed_total,
                    8);
    channel_rig_close(&rig);
}

static const struct test_case cases[] = {
    { "it is found until it is closed", it_is_found_until_it_is_closed },
    { "it ends with its time", it_ends_with_its_time },
    { "a stranger's ends unless somebody shows a token",
      a_strangers_ends_unless_somebody_shows_a_token },
    { "strangers crowd out strangers only", strangers_crowd_out_strangers_only },
    { "those who proved something have their part and no more",
      those_who_proved_something_have_their_part_and_no_more },
    { "a review closes what may not stay", a_review_closes_what_may_not_stay },
    { "a list holds what it names", a_list_holds_what_it_names },
    { "threads find and close as they like", threads_find_and_close_as_they_like },
};

TEST_MAIN("channel/channels", cases)

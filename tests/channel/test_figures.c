/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/channel.h"

#include "tests/channel/channel_rig.h"
#include "tests/test.h"

static void
handshakes_are_counted_by_how_long_they_took(void)
{
    struct channels_counts counts;
    struct channel_rig rig;

    channel_rig_open(&rig, 0, 0);
    channels_took(rig.channels, 5 * TSEC_NS_PER_MS);
    channels_took(rig.channels, 5 * TSEC_NS_PER_MS + 1);
    channels_took(rig.channels, 60 * TSEC_NS_PER_S);
    channels_refused(rig.channels);
    counts = channels_counts(rig.channels);
    CU_ASSERT_EQUAL(counts.handshakes[0], 1);
    CU_ASSERT_EQUAL(counts.handshakes[1], 1);
    CU_ASSERT_EQUAL(counts.handshakes[CHANNEL_SECONDS_LEN], 1);
    CU_ASSERT_EQUAL(counts.handshakes_ns, 60 * TSEC_NS_PER_S + 10 * TSEC_NS_PER_MS + 1);
    CU_ASSERT_EQUAL(counts.refused_total, 1);
    CU_ASSERT_EQUAL(counts.open + counts.half_open + counts.tickets, 0);
    channel_rig_close(&rig);
}

static void
bounds_grow(void)
{
    for (size_t i = 1; i < CHANNEL_SECONDS_LEN; i++) {
        CU_ASSERT_TRUE(channel_seconds_ms[i - 1] < channel_seconds_ms[i]);
    }
}

static const struct test_case cases[] = {
    { "handshakes are counted by how long they took",
      handshakes_are_counted_by_how_long_they_took },
    { "bounds grow", bounds_grow },
};

TEST_MAIN("channel/figures", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "channel/channels_internal.h"

#include <stdlib.h>

#include "tests/channel/channel_rig.h"
#include "tests/test.h"

static void
a_copy_needs_nothing_of_the_original(void)
{
    static const char *keys[] = { "a", "b" };
    char one[] = "1";
    char two[] = "2";
    const char *values[] = { one, two };
    char role[] = "shop";
    uint8_t token[] = { 't', 'o', 'k' };
    struct channel_rig rig;
    struct peer_copy *copy = NULL;
    struct channel_peer peer;

    channel_rig_open(&rig, 0, 0);
    peer = (struct channel_peer){ .appraisal = rig.appraisal,
                                  .attest = { keys, values, 2 },
                                  .role = role,
                                  .token = tsec_span(token, sizeof(token)) };
    CU_ASSERT_EQUAL_FATAL(peer_copy_new(&peer, &copy, NULL).code, 0);
    memset(one, 'x', 1);
    memset(role, 'x', 4);
    memset(token, 'x', 3);
    rig.appraisal->claims.tee[0] = 'x';
    CU_ASSERT_STRING_EQUAL(copy->peer.attest.values[0], "1");
    CU_ASSERT_STRING_EQUAL(copy->peer.attest.keys[1], "b");
    CU_ASSERT_STRING_EQUAL(copy->peer.role, "shop");
    CU_ASSERT_STRING_EQUAL(copy->peer.remote, "");
    CU_ASSERT_TRUE(tsec_span_is(copy->peer.token, "tok"));
    CU_ASSERT_STRING_EQUAL(copy->peer.appraisal->claims.tee, "sim");
    CU_ASSERT_STRING_EQUAL(copy->peer.appraisal->claims.entries[0].name, "svn");
    CU_ASSERT_STRING_EQUAL(copy->peer.appraisal->entry, "sim:svn=1");
    CU_ASSERT_EQUAL(copy->peer.appraisal->generation, 7);
    peer_copy_free(copy);
    channel_rig_close(&rig);
}

static void
an_operator_has_no_appraisal(void)
{
    const struct channel_peer peer = { .role = "", .remote = "unix" };
    struct peer_copy *copy = NULL;

    CU_ASSERT_EQUAL_FATAL(peer_copy_new(&peer, &copy, NULL).code, 0);
    CU_ASSERT_PTR_NULL(copy->peer.appraisal);
    CU_ASSERT_EQUAL(copy->peer.token.len, 0);
    CU_ASSERT_EQUAL(copy->peer.attest.len, 0);
    peer_copy_free(copy);
    peer_copy_free(NULL);
}

static const struct test_case cases[] = {
    { "a copy needs nothing of the original", a_copy_needs_nothing_of_the_original },
    { "an operator has no appraisal", an_operator_has_no_appraisal },
};

TEST_MAIN("channel/peer", cases)

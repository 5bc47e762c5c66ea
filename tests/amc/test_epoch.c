/* SPDX-License-Identifier: Apache-2.0 */
/* Limits and order of use are in test_session.c. */
#include "amc/epoch.h"

#include "tests/amc/kat.h"
#include "tests/amc/peers.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

static struct amc_epoch *
epoch(uint32_t number)
{
    TSEC_AUTO_BUF struct tsec_buf master = hex_bytes(KAT_MASTER);
    struct amc_epoch *e = NULL;

    OK(amc_epoch_new(master.ptr, number, &e, NULL));
    return e;
}

static void
what_awaits_a_reply_gets_one(void)
{
    TSEC_AUTO(amc_epoch_free) struct amc_epoch *e = epoch(0);

    for (uint64_t seq = 1; seq <= 100; seq++) {
        OK(amc_epoch_await(e, seq, NULL));
    }
    for (uint64_t seq = 100; seq >= 1; seq--) {
        CU_ASSERT_TRUE(amc_epoch_awaits(e, seq));
        CU_ASSERT_TRUE(amc_epoch_answer(e, seq));
        CU_ASSERT_FALSE(amc_epoch_awaits(e, seq));
        CU_ASSERT_FALSE(amc_epoch_answer(e, seq));
    }
    CU_ASSERT_EQUAL(e->pending_len, 0);
}

static void
room_is_kept_for_the_replies_that_are_due(void)
{
    TSEC_AUTO(amc_epoch_free) struct amc_epoch *e = epoch(0);
    const uint64_t longest = AMC_PLAIN_MAX + AMC_TAG_LEN;

    e->r2i.bytes = AMC_BYTES_MAX - (AMC_REKEY_RESERVE + 2) * longest;
    OK(amc_epoch_await(e, 1, NULL));
    CU_ASSERT_TRUE(amc_epoch_has_room(e, 2, 0, false));
    OK(amc_epoch_await(e, 2, NULL));
    CU_ASSERT_FALSE(amc_epoch_has_room(e, 3, 0, false));
    CU_ASSERT_TRUE(amc_epoch_has_room(e, 3, 0, true));
    CU_ASSERT_TRUE(amc_epoch_answer(e, 1));
    CU_ASSERT_TRUE(amc_epoch_has_room(e, 3, 0, false));
}

/* A direction has a key of its own, and an epoch others than the next. */
static void
keys_are_of_one_direction_and_epoch(void)
{
    static const uint8_t cid[AMC_CID_LEN] = { 1 };
    TSEC_AUTO(amc_epoch_free) struct amc_epoch *e = epoch(0);
    TSEC_AUTO(amc_epoch_free) struct amc_epoch *next = epoch(1);
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(64);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(64);
    const struct amc_envelope env = { .seq = 1, .method = "GET", .path = "/" };

    OK(amc_lane_seal(&e->i2r, cid, &env, AMC_INITIATOR, tsec_span_str("x"), &sealed, NULL));

    const struct tsec_span text = tsec_buf_span(&sealed);

    CU_ASSERT_TRUE(
        tsec_failed(amc_lane_open(&e->r2i, cid, &env, AMC_INITIATOR, text, &plain, NULL)));
    CU_ASSERT_TRUE(
        tsec_failed(amc_lane_open(&e->i2r, cid, &env, AMC_RESPONDER, text, &plain, NULL)));
    CU_ASSERT_TRUE(
        tsec_failed(amc_lane_open(&next->i2r, cid, &env, AMC_INITIATOR, text, &plain, NULL)));
    OK(amc_lane_open(&e->i2r, cid, &env, AMC_INITIATOR, text, &plain, NULL));
}

static void
what_does_not_fit_leaves_nothing_behind(void)
{
    static const uint8_t cid[AMC_CID_LEN] = { 1 };
    TSEC_AUTO(amc_epoch_free) struct amc_epoch *e = epoch(0);
    TSEC_AUTO_BUF struct tsec_buf small = TSEC_BUF_INIT(8);
    const struct amc_envelope env = { .seq = 1, .method = "GET", .path = "/" };

    CU_ASSERT_EQUAL(
        amc_lane_seal(&e->i2r, cid, &env, AMC_INITIATOR, tsec_span_str("x"), &small, NULL).code,
        TSEC_E_TOO_LARGE);
    CU_ASSERT_EQUAL(small.len, 0);
}

static const struct test_case cases[] = {
    { "what awaits a reply gets one", what_awaits_a_reply_gets_one },
    { "room is kept for the replies that are due", room_is_kept_for_the_replies_that_are_due },
    { "keys are of one direction and epoch", keys_are_of_one_direction_and_epoch },
    { "what does not fit leaves nothing behind", what_does_not_fit_leaves_nothing_behind },
};

TEST_MAIN("amc/epoch", cases)

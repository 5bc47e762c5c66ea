/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/amc/messages.h"

static struct amc_envelope
rekey(void)
{
    return (struct amc_envelope){ .method = "POST", .path = AMC_REKEY_PATH };
}

static void
after_so_many_messages_only_a_rekey_is_sealed_and_opened(void)
{
    PAIR p;
    struct amc_envelope env = get();

    pair_init(&p);
    p.i->current->window.highest = AMC_MESSAGES_MAX - AMC_REKEY_RESERVE - 1;
    OK(seal(&p, &env));
    OK(open_it(&p, &env));
    CU_ASSERT_EQUAL(seal(&p, &env).code, TSEC_E_CONFLICT);
    env = rekey();
    env.method = "GET";
    CU_ASSERT_EQUAL(seal(&p, &env).code, TSEC_E_CONFLICT);
    env = rekey();
    OK(seal(&p, &env));
    OK(open_it(&p, &env));
    p.i->current->window.highest = AMC_MESSAGES_MAX - 1;
    OK(seal(&p, &env));
    CU_ASSERT_EQUAL(env.seq, AMC_MESSAGES_MAX);
    OK(open_it(&p, &env));
    CU_ASSERT_EQUAL(seal(&p, &env).code, TSEC_E_CONFLICT);
}

static void
a_peer_that_goes_on_is_told_so(void)
{
    PAIR p;
    struct amc_envelope env = get();

    pair_init(&p);
    OK(seal(&p, &env));
    env.seq = AMC_MESSAGES_MAX - AMC_REKEY_RESERVE + 1;
    CU_ASSERT_EQUAL(open_it(&p, &env).code, TSEC_E_CONFLICT);
    env.seq = UINT64_MAX;
    CU_ASSERT_EQUAL(open_it(&p, &env).code, TSEC_E_CONFLICT);
    env.seq = 1;
    p.r->current->i2r.bytes = AMC_BYTES_MAX;
    CU_ASSERT_EQUAL(open_it(&p, &env).code, TSEC_E_CONFLICT);
    p.r->current->i2r.bytes = 0;
    OK(open_it(&p, &env));
}

static void
after_so_many_bytes_either_way_only_a_rekey_goes(void)
{
    const uint64_t left = AMC_REKEY_RESERVE * (uint64_t)(AMC_PLAIN_MAX + AMC_TAG_LEN);
    PAIR p;
    struct amc_envelope env = get();

    pair_init(&p);
    p.i->current->i2r.bytes = AMC_BYTES_MAX - left - 2 - AMC_TAG_LEN;
    OK(seal(&p, &env));
    CU_ASSERT_EQUAL(p.i->current->i2r.bytes, AMC_BYTES_MAX - left);
    CU_ASSERT_EQUAL(seal(&p, &env).code, TSEC_E_CONFLICT);
    env = rekey();
    OK(seal(&p, &env));
    p.i->current->i2r.bytes = 0;
    p.i->current->r2i.bytes = AMC_BYTES_MAX - left;
    env = get();
    CU_ASSERT_EQUAL(seal(&p, &env).code, TSEC_E_CONFLICT);
    env = rekey();
    OK(seal(&p, &env));
    p.i->current->r2i.bytes = AMC_BYTES_MAX;
    CU_ASSERT_EQUAL(seal(&p, &env).code, TSEC_E_CONFLICT);
}

static void
bytes_are_counted_on_both_ends_alike(void)
{
    PAIR p;
    struct amc_envelope env = get();

    pair_init(&p);
    OK(seal(&p, &env));
    OK(open_it(&p, &env));
    tsec_buf_reset(&p.sealed);
    tsec_buf_reset(&p.plain);
    OK(amc_seal_reply(p.r, &env, tsec_span_str("[1]"), &p.sealed, NULL));
    OK(amc_open_reply(p.i, &env, tsec_buf_span(&p.sealed), &p.plain, NULL));
    CU_ASSERT_EQUAL(p.i->current->i2r.bytes, 2 + AMC_TAG_LEN);
    CU_ASSERT_EQUAL(p.r->current->i2r.bytes, 2 + AMC_TAG_LEN);
    CU_ASSERT_EQUAL(p.i->current->r2i.bytes, 3 + AMC_TAG_LEN);
    CU_ASSERT_EQUAL(p.r->current->r2i.bytes, 3 + AMC_TAG_LEN);
}

static const struct test_case cases[] = {
    { "after so many messages only a rekey is sealed and opened",
      after_so_many_messages_only_a_rekey_is_sealed_and_opened },
    { "a peer that goes on is told so", a_peer_that_goes_on_is_told_so },
    { "after so many bytes either way only a rekey goes",
      after_so_many_bytes_either_way_only_a_rekey_goes },
    { "bytes are counted on both ends alike", bytes_are_counted_on_both_ends_alike },
};

TEST_MAIN("amc/session: limits", cases)

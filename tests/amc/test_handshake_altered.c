/* SPDX-License-Identifier: Apache-2.0 */
/* Every byte of every message of a handshake, altered on its way: the channel does not come to be.
 */
#include "crypto/crypto.h"
#include "tests/amc/peers.h"

/* Keys are drawn once: what is tried is what follows from them. */
static struct tsec_key *keys[3];

static struct peers *
fresh(bool with_id_i, int steps)
{
    struct peers *p = peers_new(false);
    const struct amc_drawn i = { .eph = keys[0] };
    const struct amc_drawn r = { .eph = keys[1] };

    if (with_id_i) {
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_share(keys[2], &p->id_i, NULL)));
    }
    for (int n = 0; n < steps; n++) {
        const tsec_rc rc = n == 0   ? peers_hello(p, &i)
                           : n == 1 ? peers_begin(p, &r)
                                    : peers_step(p, n);

        CU_ASSERT_FALSE_FATAL(tsec_failed(rc));
    }
    return p;
}

static void
set_up(void)
{
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_crypto_setup(NULL)));
    for (size_t n = 0; n < TSEC_ARRAY_LEN(keys); n++) {
        tsec_key_free(keys[n]);
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(TSEC_KEY_P384, &keys[n], NULL)));
    }
}

static void
tear_down(void)
{
    for (size_t n = 0; n < TSEC_ARRAY_LEN(keys); n++) {
        tsec_key_free(keys[n]);
        keys[n] = NULL;
    }
}

static bool
is_refusal(tsec_rc rc)
{
    return rc.code == TSEC_E_DENIED || rc.code == TSEC_E_INVALID;
}

/* Which bit of byte n. */
static uint8_t
bit(size_t n)
{
    return (uint8_t)(1U << (n % 8));
}

static void
a_first_hello(void)
{
    size_t len = 1;

    set_up();
    for (size_t n = 0; n < len; n++) {
        TSEC_AUTO(peers_free) struct peers *p = fresh(false, 1);
        const struct amc_drawn r = { .eph = keys[1] };

        len = p->b1.len;
        p->b1.ptr[n] ^= bit(n);

        const tsec_rc rc = peers_begin(p, &r);

        if (tsec_failed(rc)) {
            CU_ASSERT_TRUE(is_refusal(rc));
            continue;
        }
        CU_ASSERT_FALSE(tsec_failed(peers_reply(p)));
        CU_ASSERT_TRUE(is_refusal(peers_read_reply(p)));
        CU_ASSERT_EQUAL(p->er.len, 0);
        CU_ASSERT_EQUAL(peers_finish(p).code, TSEC_E_INTERNAL);
    }
    tear_down();
}

static void
a_reply(void)
{
    size_t len = 1;

    set_up();
    for (size_t n = 0; n < len; n++) {
        TSEC_AUTO(peers_free) struct peers *p = fresh(false, 3);

        len = p->reply.len;
        p->reply.ptr[n] ^= bit(n);
        CU_ASSERT_TRUE(is_refusal(peers_read_reply(p)));
        CU_ASSERT_EQUAL(p->er.len, 0);
        p->reply.ptr[n] ^= bit(n);
        CU_ASSERT_EQUAL(peers_read_reply(p).code, TSEC_E_INTERNAL); /* one attempt */
    }
    tear_down();
}

static void
a_finish(void)
{
    set_up();
    for (int with_id = 0; with_id < 2; with_id++) {
        size_t len = 1;

        for (size_t n = 0; n < len; n++) {
            TSEC_AUTO(peers_free) struct peers *p = fresh(with_id == 1, 5);

            len = p->finish.len;
            p->finish.ptr[n] ^= bit(n);
            CU_ASSERT_TRUE(is_refusal(peers_read_finish(p)));
            CU_ASSERT_EQUAL(p->ei.len, 0);
            p->finish.ptr[n] ^= bit(n);
            CU_ASSERT_EQUAL(peers_read_finish(p).code, TSEC_E_INTERNAL);
            CU_ASSERT_EQUAL(peers_accept(p).code, TSEC_E_INTERNAL);
            CU_ASSERT_PTR_NULL(p->at_r);
        }
    }
    tear_down();
}

static void
a_last_reply(void)
{
    size_t len = 1;

    set_up();
    for (size_t n = 0; n < len; n++) {
        TSEC_AUTO(peers_free) struct peers *p = fresh(false, 7);

        len = p->last.len;
        p->last.ptr[n] ^= bit(n);
        CU_ASSERT_TRUE(is_refusal(peers_done(p)));
        CU_ASSERT_TRUE(p->s.len == 0 && p->at_i == NULL);
        p->last.ptr[n] ^= bit(n);
        CU_ASSERT_EQUAL(peers_done(p).code, TSEC_E_INTERNAL);
    }
    tear_down();
}

/* Each message cut at each byte: what is left is no JSON. */
static void
every_cut(void)
{
    set_up();

    TSEC_AUTO(peers_free) struct peers *whole = fresh(false, PEERS_STEPS);
    struct amc_b1 b1;

    for (size_t len = 0; len < whole->b1.len; len++) {
        CU_ASSERT_TRUE(is_refusal(amc_b1_parse(tsec_span(whole->b1.ptr, len), &b1, NULL)));
    }
    for (size_t len = 0; len < whole->finish.len; len += 7) {
        TSEC_AUTO(peers_free) struct peers *p = fresh(false, 5);

        tsec_buf_truncate(&p->finish, len);
        CU_ASSERT_TRUE(is_refusal(peers_read_finish(p)));
    }
    tear_down();
}

static const struct test_case cases[] = {
    { "a first hello", a_first_hello }, { "a reply", a_reply },     { "a finish", a_finish },
    { "a last reply", a_last_reply },   { "every cut", every_cut },
};

TEST_MAIN("amc/handshake: altered", cases)

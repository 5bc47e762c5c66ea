/* SPDX-License-Identifier: Apache-2.0 */
/* Both roles against known answers, and against each other.  What is altered on the way is in
 * test_handshake_altered.c. */
#include "amc/handshake.h"

#include "amc/schedule.h"
#include "tests/amc/kat.h"
#include "tests/amc/peers.h"

static struct tsec_key *
key_of(const char *scalar)
{
    TSEC_AUTO_BUF struct tsec_buf raw = hex_bytes(scalar);
    struct tsec_key *key = NULL;

    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_key_from_private(TSEC_KEY_P384, tsec_buf_span(&raw), &key, NULL)));
    return key;
}

static void
counted(uint8_t *out, size_t len, uint8_t first)
{
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)(first + i);
    }
}

/* The identity key of the known answers in place of a random one. */
static struct peers *
known_peers(void)
{
    struct peers *p = peers_new(false);

    tsec_key_free(p->id_r);
    p->id_r = key_of(KAT_SCALAR_ID);
    tsec_buf_reset(&p->spki_r);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_spki(p->id_r, &p->spki_r, NULL)));
    return p;
}

static void
known_answers_come_out_of_both_roles(void)
{
    TSEC_AUTO(peers_free) struct peers *p = known_peers();
    TSEC_AUTO(tsec_key_free) struct tsec_key *eph_i = key_of(KAT_SCALAR_I);
    TSEC_AUTO(tsec_key_free) struct tsec_key *eph_r = key_of(KAT_SCALAR_R);
    uint8_t nonce_i[AMC_NONCE_LEN];
    uint8_t nonce_r[AMC_NONCE_LEN];
    uint8_t cid[AMC_CID_LEN];

    counted(nonce_i, sizeof(nonce_i), 0);
    counted(nonce_r, sizeof(nonce_r), 32);
    counted(cid, sizeof(cid), 64);

    const struct amc_drawn i = { .eph = eph_i, .nonce = nonce_i };
    const struct amc_drawn r = { .eph = eph_r, .nonce = nonce_r, .cid = cid };

    CU_ASSERT_FALSE_FATAL(tsec_failed(peers_hello(p, &i)));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&p->b1), KAT_B1));
    CU_ASSERT_FALSE_FATAL(tsec_failed(peers_begin(p, &r)));
    CU_ASSERT_TRUE(equals_hex(tsec_span(amc_responder_binding(p->r), AMC_HASH_LEN), KAT_BIND_R));
    CU_ASSERT_FALSE_FATAL(tsec_failed(peers_reply(p)));

    TSEC_AUTO_BUF struct tsec_buf hello = member_bytes(tsec_buf_span(&p->reply), "hello");
    TSEC_AUTO_BUF struct tsec_buf enc_r = member_bytes(tsec_buf_span(&p->reply), "evidence");

    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&hello), KAT_B2));
    CU_ASSERT_TRUE(equals_hex(tsec_buf_span(&enc_r), KAT_ENC_R));
    CU_ASSERT_FALSE_FATAL(tsec_failed(peers_read_reply(p)));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&p->er), KAT_ER));
    CU_ASSERT_TRUE(
        equals_hex(tsec_span(amc_initiator_peer_binding(p->i), AMC_HASH_LEN), KAT_BIND_R));
    CU_ASSERT_TRUE(equals_hex(tsec_span(amc_initiator_binding(p->i), AMC_HASH_LEN), KAT_BIND_I));
    CU_ASSERT_FALSE_FATAL(tsec_failed(peers_finish(p)));

    TSEC_AUTO_BUF struct tsec_buf enc_i = member_bytes(tsec_buf_span(&p->finish), "evidence");
    TSEC_AUTO_BUF struct tsec_buf fin_i = member_bytes(tsec_buf_span(&p->finish), "fin");

    CU_ASSERT_TRUE(equals_hex(tsec_buf_span(&enc_i), KAT_ENC_I));
    CU_ASSERT_TRUE(equals_hex(tsec_buf_span(&fin_i), KAT_FIN_I));
    CU_ASSERT_FALSE_FATAL(tsec_failed(peers_read_finish(p)));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&p->ei), KAT_EI));
    CU_ASSERT_TRUE(
        equals_hex(tsec_span(amc_responder_peer_binding(p->r), AMC_HASH_LEN), KAT_BIND_I));
    CU_ASSERT_FALSE_FATAL(tsec_failed(peers_accept(p)));

    TSEC_AUTO_BUF struct tsec_buf fin_r = member_bytes(tsec_buf_span(&p->last), "fin");

    CU_ASSERT_TRUE(equals_hex(tsec_buf_span(&fin_r), KAT_FIN_R));
    CU_ASSERT_FALSE_FATAL(tsec_failed(peers_done(p)));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&p->s), KAT_S));

    struct amc_envelope env = { .method = "GET", .path = "/v1/secret/data/a" };
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(64);

    CU_ASSERT_FALSE(
        tsec_failed(amc_seal_request(p->at_i, &env, tsec_span_str("{}"), &sealed, NULL)));
    CU_ASSERT_TRUE(equals_hex(tsec_buf_span(&sealed), KAT_CT));
    CU_ASSERT_TRUE(env.epoch == 0 && env.seq == 1);
}

static void
both_ends_come_to_one_session(void)
{
    for (int with_id = 0; with_id < 2; with_id++) {
        TSEC_AUTO(peers_free) struct peers *p = peers_new(with_id == 1);
        struct amc_envelope env = { .method = "POST", .path = "/v1/secret/data/a" };
        TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(64);
        TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(64);

        peers_run(p, PEERS_STEPS);
        CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&p->er), TEST_ER));
        CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&p->ei), TEST_EI));
        CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&p->s), TEST_S));
        CU_ASSERT_TRUE(tsec_span_equal(amc_responder_spki(p->r), amc_initiator_peer_spki(p->i)));
        CU_ASSERT_TRUE(tsec_span_equal(amc_initiator_spki(p->i), amc_responder_peer_spki(p->r)));
        CU_ASSERT_TRUE(tsec_span_equal(amc_responder_nonce(p->r), amc_initiator_peer_nonce(p->i)));
        CU_ASSERT_TRUE(tsec_span_equal(amc_initiator_nonce(p->i), amc_responder_peer_nonce(p->r)));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_span(amc_session_cid(p->at_i), AMC_CID_LEN),
                                       tsec_span(amc_responder_cid(p->r), AMC_CID_LEN)));
        CU_ASSERT_FALSE(
            tsec_failed(amc_seal_request(p->at_i, &env, tsec_span_str("a"), &sealed, NULL)));
        CU_ASSERT_FALSE(
            tsec_failed(amc_open_request(p->at_r, &env, tsec_buf_span(&sealed), 0, &plain, NULL)));
        CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&plain), "a"));
    }
}

/* The step that is a side's turn after so many have been taken. */
static int
turn(bool of_responder, int taken)
{
    static const bool is_responder[PEERS_STEPS] = {
        [1] = true, [2] = true, [5] = true, [6] = true
    };

    while (taken < PEERS_STEPS && is_responder[taken] != of_responder) {
        taken++;
    }
    return taken;
}

static void
a_step_out_of_order_ends_the_handshake(void)
{
    static const int of_initiator[] = { 3, 4, 7 };
    static const int of_responder[] = { 2, 5, 6 };

    for (int taken = 2; taken <= PEERS_STEPS; taken++) {
        for (size_t n = 0; n < 6; n++) {
            const bool r = n >= 3;
            const int step = r ? of_responder[n - 3] : of_initiator[n];
            TSEC_AUTO(peers_free) struct peers *p = peers_new(false);

            peers_run(p, taken);
            if (step == turn(r, taken)) {
                continue;
            }
            CU_ASSERT_EQUAL(peers_step(p, step).code, TSEC_E_INTERNAL);
            if (turn(r, taken) < PEERS_STEPS) {
                CU_ASSERT_EQUAL(peers_step(p, turn(r, taken)).code, TSEC_E_INTERNAL);
            }
        }
    }
}

static const struct test_case cases[] = {
    { "known answers come out of both roles", known_answers_come_out_of_both_roles },
    { "both ends come to one session", both_ends_come_to_one_session },
    { "a step out of order ends the handshake", a_step_out_of_order_ends_the_handshake },
};

TEST_MAIN("amc/handshake", cases)

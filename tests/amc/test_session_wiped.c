/* SPDX-License-Identifier: Apache-2.0 */
/* What a session and a handshake give back of their memory holds nothing of their secrets. */
#include "crypto/crypto.h"
#include "tests/amc/peers.h"
#include "tests/freed.h"

static const uint8_t cid[AMC_CID_LEN] = { 1 };

static void
the_master_secret_and_plaintext_are_wiped(void)
{
    uint8_t secret[AMC_HASH_LEN];
    struct amc_session *i = NULL;
    struct amc_session *r = NULL;
    struct amc_envelope env = { .method = "GET", .path = "/v1/secret/data/a" };
    struct tsec_buf sealed = TSEC_BUF_INIT(4096);
    struct tsec_buf plain = TSEC_BUF_INIT(4096);

    memset(secret, FREED_MARK, sizeof(secret));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_crypto_setup(NULL)));
    (void)freed_leaks();
    (void)freed_blocks();
    CU_ASSERT_FALSE_FATAL(tsec_failed(amc_session_new(AMC_INITIATOR, cid, secret, &i, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(amc_session_new(AMC_RESPONDER, cid, secret, &r, NULL)));
    CU_ASSERT_FALSE(
        tsec_failed(amc_seal_request(i, &env, tsec_span(secret, sizeof(secret)), &sealed, NULL)));
    CU_ASSERT_FALSE(
        tsec_failed(amc_open_request(r, &env, tsec_buf_span(&sealed), 0, &plain, NULL)));
    amc_session_free(i);
    amc_session_free(r);
    tsec_buf_done(&sealed);
    tsec_buf_done(&plain);
    CU_ASSERT_TRUE(freed_blocks() > 0);
    CU_ASSERT_EQUAL(freed_leaks(), 0);
}

static void
the_key_of_a_ticket_is_wiped(void)
{
    struct peers *p = peers_new(true);

    p->has_psk = true;
    memset(p->psk_i, FREED_MARK, sizeof(p->psk_i));
    memset(p->psk_r, FREED_MARK, sizeof(p->psk_r));
    (void)freed_leaks();
    (void)freed_blocks();
    peers_run(p, PEERS_STEPS);
    memset(p->psk_i, 0, sizeof(p->psk_i)); /* the test's own */
    memset(p->psk_r, 0, sizeof(p->psk_r));
    peers_free(p);
    CU_ASSERT_TRUE(freed_blocks() > 0);
    CU_ASSERT_EQUAL(freed_leaks(), 0);
}

static const struct test_case cases[] = {
    { "the master secret and plaintext are wiped", the_master_secret_and_plaintext_are_wiped },
    { "the key of a ticket is wiped", the_key_of_a_ticket_is_wiped },
};

TEST_MAIN("amc/session: wiped", cases)

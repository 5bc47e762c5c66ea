/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of a session: each opened once and by nobody else.  Threads are in
 * test_session_threads.c, limits in
 * test_session_limits.c. */
#include "amc/session.h"

#include "tests/amc/kat.h"
#include "tests/amc/messages.h"

static void
a_request_and_its_reply_are_known(void)
{
    PAIR p;
    struct amc_envelope env = get();

    pair_init(&p);
    OK(seal(&p, &env));
    CU_ASSERT_TRUE(equals_hex(tsec_buf_span(&p.sealed), KAT_CT));
    OK(open_it(&p, &env));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&p.plain), "{}"));
    tsec_buf_reset(&p.sealed);
    OK(amc_seal_reply(p.r, &env, tsec_span_str("[]"), &p.sealed, NULL));
    CU_ASSERT_TRUE(equals_hex(tsec_buf_span(&p.sealed), KAT_CT_REPLY));
    tsec_buf_reset(&p.plain);
    OK(amc_open_reply(p.i, &env, tsec_buf_span(&p.sealed), &p.plain, NULL));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&p.plain), "[]"));
}

static void
empty_and_long_messages_arrive(void)
{
    PAIR p;
    struct amc_envelope env = { .method = "GET" };
    static char path[2000];
    static const uint8_t zeroes[100000];

    memset(path, 'p', sizeof(path) - 1);
    env.path = path;
    pair_init(&p);
    OK(amc_seal_request(p.i, &env, tsec_span(NULL, 0), &p.sealed, NULL));
    OK(open_it(&p, &env));
    CU_ASSERT_EQUAL(p.plain.len, 0);
    tsec_buf_reset(&p.sealed);
    OK(amc_seal_request(p.i, &env, tsec_span(zeroes, sizeof(zeroes)), &p.sealed, NULL));
    OK(open_it(&p, &env));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&p.plain), tsec_span(zeroes, sizeof(zeroes))));
}

static void
the_key_of_a_ticket_is_known(void)
{
    PAIR p;
    uint8_t at_i[AMC_HASH_LEN];
    uint8_t at_r[AMC_HASH_LEN];

    pair_init(&p);
    OK(amc_session_psk(p.i, 3, at_i, NULL));
    OK(amc_session_psk(p.r, 3, at_r, NULL));
    CU_ASSERT_TRUE(equals_hex(tsec_span(at_i, sizeof(at_i)), KAT_PSK_3));
    CU_ASSERT_TRUE(equals_hex(tsec_span(at_r, sizeof(at_r)), KAT_PSK_3));
    OK(amc_session_psk(p.r, 4, at_r, NULL));
    CU_ASSERT_FALSE(equals_hex(tsec_span(at_r, sizeof(at_r)), KAT_PSK_3));
}

static void
every_altered_byte_is_refused_and_nothing_remembered(void)
{
    PAIR p;
    struct amc_envelope env = get();

    pair_init(&p);
    OK(seal(&p, &env));
    for (size_t i = 0; i < p.sealed.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            p.sealed.ptr[i] ^= (uint8_t)(1U << bit);
            DENIED(open_it(&p, &env), "message");
            p.sealed.ptr[i] ^= (uint8_t)(1U << bit);
        }
    }
    OK(open_it(&p, &env)); /* the true one is still taken */
}

static void
every_altered_byte_of_a_reply_is_refused(void)
{
    PAIR p;
    struct amc_envelope env = get();

    pair_init(&p);
    OK(seal(&p, &env));
    OK(open_it(&p, &env));
    tsec_buf_reset(&p.sealed);
    tsec_buf_reset(&p.plain);
    OK(amc_seal_reply(p.r, &env, tsec_span_str("[]"), &p.sealed, NULL));
    for (size_t i = 0; i < p.sealed.len; i++) {
        p.sealed.ptr[i] ^= 0x40;
        DENIED(amc_open_reply(p.i, &env, tsec_buf_span(&p.sealed), &p.plain, &p.err), "message");
        p.sealed.ptr[i] ^= 0x40;
    }
    OK(amc_open_reply(p.i, &env, tsec_buf_span(&p.sealed), &p.plain, NULL));
}

static void
another_envelope_is_refused(void)
{
    PAIR p;
    struct amc_envelope env = get();

    pair_init(&p);
    OK(seal(&p, &env));

    struct amc_envelope other = env;

    other.method = "PUT";
    DENIED(open_it(&p, &other), "message");
    other = env;
    other.path = "/v1/secret/data/b";
    DENIED(open_it(&p, &other), "message");
    other.path = "";
    DENIED(open_it(&p, &other), "message");
    other = env;
    other.method = "GET/";
    other.path = "v1/secret/data/a";
    DENIED(open_it(&p, &other), "message");
    other = env;
    other.seq = 2;
    DENIED(open_it(&p, &other), "message");
    other.seq = 0;
    DENIED(open_it(&p, &other), "replay");
    other = env;
    other.epoch = 1;
    DENIED(open_it(&p, &other), "epoch");
    other.epoch = UINT32_MAX;
    DENIED(open_it(&p, &other), "epoch");
    OK(open_it(&p, &env));
}

static void
another_channel_is_refused(void)
{
    static const uint8_t other_cid[AMC_CID_LEN] = { 1 };
    PAIR p;
    TSEC_AUTO_BUF struct tsec_buf master = hex_bytes(KAT_MASTER);
    TSEC_AUTO(amc_session_free) struct amc_session *other = NULL;
    struct amc_envelope env = get();

    pair_init(&p);
    OK(amc_session_new(AMC_RESPONDER, other_cid, master.ptr, &other, NULL));
    OK(seal(&p, &env));
    DENIED(amc_open_request(other, &env, tsec_buf_span(&p.sealed), 0, &p.plain, &p.err), "message");
}

static void
short_and_oversized_texts_are_refused(void)
{
    PAIR p;
    struct amc_envelope env = get();
    static uint8_t huge[AMC_PLAIN_MAX + AMC_TAG_LEN + 1];

    pair_init(&p);
    OK(seal(&p, &env));
    for (size_t len = 0; len < p.sealed.len; len++) {
        DENIED(amc_open_request(p.r, &env, tsec_span(p.sealed.ptr, len), 0, &p.plain, &p.err),
               "message");
    }
    DENIED(amc_open_request(p.r, &env, tsec_span(huge, sizeof(huge)), 0, &p.plain, &p.err),
           "message");
    CU_ASSERT_EQUAL(
        amc_seal_request(p.i, &env, tsec_span(huge, AMC_PLAIN_MAX + 1), &p.plain, NULL).code,
        TSEC_E_TOO_LARGE);
}

static void
what_a_side_sent_is_not_taken_back(void)
{
    PAIR p;
    struct amc_envelope env = get();

    pair_init(&p);
    OK(seal(&p, &env));
    DENIED(amc_open_reply(p.i, &env, tsec_buf_span(&p.sealed), &p.plain, &p.err), "message");
    OK(open_it(&p, &env));
    tsec_buf_reset(&p.sealed);
    tsec_buf_reset(&p.plain);
    OK(amc_seal_reply(p.r, &env, tsec_span_str("[]"), &p.sealed, NULL));

    struct amc_envelope next = env;

    next.seq++;
    DENIED(amc_open_request(p.r, &next, tsec_buf_span(&p.sealed), 0, &p.plain, &p.err), "message");
    DENIED(amc_open_request(p.r, &env, tsec_buf_span(&p.sealed), 0, &p.plain, &p.err), "replay");
}

static void
a_side_does_not_do_what_is_the_others(void)
{
    PAIR p;
    struct amc_envelope env = get();

    pair_init(&p);
    CU_ASSERT_EQUAL(amc_seal_request(p.r, &env, tsec_span_str(""), &p.plain, NULL).code,
                    TSEC_E_INTERNAL);
    CU_ASSERT_EQUAL(amc_seal_reply(p.i, &env, tsec_span_str(""), &p.plain, NULL).code,
                    TSEC_E_INTERNAL);
    CU_ASSERT_EQUAL(amc_open_reply(p.r, &env, tsec_span_str(""), &p.plain, NULL).code,
                    TSEC_E_INTERNAL);
    CU_ASSERT_EQUAL(amc_open_request(p.i, &env, tsec_span_str(""), 0, &p.plain, NULL).code,
                    TSEC_E_INTERNAL);
}

static void
a_request_is_opened_once(void)
{
    PAIR p;
    struct amc_envelope env = get();

    pair_init(&p);
    OK(seal(&p, &env));
    OK(open_it(&p, &env));
    DENIED(open_it(&p, &env), "replay");
    OK(amc_seal_reply(p.r, &env, tsec_span_str("[]"), &p.sealed, NULL));
    tsec_buf_reset(&p.sealed);
    DENIED(open_it(&p, &env), "message"); /* empty */
}

static void
a_reply_is_sealed_and_opened_once(void)
{
    PAIR p;
    struct amc_envelope env = get();
    struct amc_envelope never = { .seq = 9, .method = "GET", .path = "/" };

    pair_init(&p);
    OK(seal(&p, &env));
    CU_ASSERT_EQUAL(amc_seal_reply(p.r, &env, tsec_span_str("[]"), &p.plain, NULL).code,
                    TSEC_E_DENIED); /* before the request was opened */
    OK(open_it(&p, &env));
    tsec_buf_reset(&p.sealed);
    tsec_buf_reset(&p.plain);
    OK(amc_seal_reply(p.r, &env, tsec_span_str("[]"), &p.sealed, NULL));
    CU_ASSERT_EQUAL(amc_seal_reply(p.r, &env, tsec_span_str("{}"), &p.plain, NULL).code,
                    TSEC_E_DENIED);
    OK(amc_open_reply(p.i, &env, tsec_buf_span(&p.sealed), &p.plain, NULL));
    tsec_buf_reset(&p.plain);
    DENIED(amc_open_reply(p.i, &env, tsec_buf_span(&p.sealed), &p.plain, &p.err), "replay");
    DENIED(amc_open_reply(p.i, &never, tsec_buf_span(&p.sealed), &p.plain, &p.err), "replay");
}

static void
a_reply_answers_its_own_request_only(void)
{
    PAIR p;
    struct amc_envelope one = get();
    struct amc_envelope two = get();

    pair_init(&p);
    OK(seal(&p, &one));
    OK(open_it(&p, &one));
    OK(seal(&p, &two));
    OK(open_it(&p, &two));
    tsec_buf_reset(&p.sealed);
    tsec_buf_reset(&p.plain);
    OK(amc_seal_reply(p.r, &one, tsec_span_str("[]"), &p.sealed, NULL));
    DENIED(amc_open_reply(p.i, &two, tsec_buf_span(&p.sealed), &p.plain, &p.err), "message");
    OK(amc_open_reply(p.i, &one, tsec_buf_span(&p.sealed), &p.plain, NULL));
}

static void
requests_may_come_in_any_order_within_the_window(void)
{
    enum { N = AMC_WINDOW + 1 };
    static struct tsec_buf sealed[N];
    static struct amc_envelope env[N];
    PAIR p;

    pair_init(&p);
    for (int n = 0; n < N; n++) {
        env[n] = get();
        tsec_buf_init(&sealed[n], 64);
        OK(amc_seal_request(p.i, &env[n], tsec_span_str("{}"), &sealed[n], NULL));
    }
    for (int n = N - 1; n >= 0; n--) {
        const tsec_rc rc =
            amc_open_request(p.r, &env[n], tsec_buf_span(&sealed[n]), 0, &p.plain, &p.err);

        CU_ASSERT_EQUAL(tsec_failed(rc), n == 0); /* older than the window */
    }
    for (int n = 0; n < N; n++) {
        tsec_buf_reset(&p.plain);
        DENIED(amc_open_request(p.r, &env[n], tsec_buf_span(&sealed[n]), 0, &p.plain, &p.err),
               "replay");
        tsec_buf_done(&sealed[n]);
    }
}

static void
of_too_many_without_a_reply_the_oldest_gets_none(void)
{
    PAIR p;
    struct amc_envelope first = get();
    struct amc_envelope second = get();
    struct amc_envelope env;

    pair_init(&p);
    OK(seal(&p, &first));
    OK(open_it(&p, &first));
    OK(seal(&p, &second));
    OK(open_it(&p, &second));
    for (int n = 2; n < AMC_PENDING_MAX + 1; n++) {
        env = get();
        OK(seal(&p, &env));
        OK(open_it(&p, &env));
    }
    CU_ASSERT_EQUAL(amc_seal_reply(p.r, &first, tsec_span_str("[]"), &p.sealed, NULL).code,
                    TSEC_E_DENIED);
    OK(amc_seal_reply(p.r, &second, tsec_span_str("[]"), &p.sealed, NULL));
    OK(amc_seal_reply(p.r, &env, tsec_span_str("[]"), &p.sealed, NULL));
}

static const struct test_case cases[] = {
    { "a request and its reply are known", a_request_and_its_reply_are_known },
    { "empty and long messages arrive", empty_and_long_messages_arrive },
    { "the key of a ticket is known", the_key_of_a_ticket_is_known },
    { "every altered byte is refused, and nothing remembered",
      every_altered_byte_is_refused_and_nothing_remembered },
    { "every altered byte of a reply is refused", every_altered_byte_of_a_reply_is_refused },
    { "another envelope is refused", another_envelope_is_refused },
    { "another channel is refused", another_channel_is_refused },
    { "short and oversized texts are refused", short_and_oversized_texts_are_refused },
    { "what a side sent is not taken back", what_a_side_sent_is_not_taken_back },
    { "a side does not do what is the other's", a_side_does_not_do_what_is_the_others },
    { "a request is opened once", a_request_is_opened_once },
    { "a reply is sealed and opened once", a_reply_is_sealed_and_opened_once },
    { "a reply answers its own request only", a_reply_answers_its_own_request_only },
    { "requests may come in any order within the window",
      requests_may_come_in_any_order_within_the_window },
    { "of too many without a reply the oldest gets none",
      of_too_many_without_a_reply_the_oldest_gets_none },
};

TEST_MAIN("amc/session", cases)

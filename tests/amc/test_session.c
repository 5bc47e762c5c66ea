/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of a session: each opened once and by nobody else.  Threads are in
 * test_session_threads.c. */
#include "amc/session.h"

#include "amc/session_internal.h"
#include "crypto/crypto.h"
#include "tests/amc/kat.h"
#include "tests/amc/peers.h"

enum { NS = 1000000000 };

struct pair {
    struct amc_session *i;
    struct amc_session *r;
    struct tsec_buf sealed;
    struct tsec_buf plain;
    struct tsec_err err;
};

static const uint8_t cid[AMC_CID_LEN] = { 64, 65, 66, 67, 68, 69, 70, 71,
                                          72, 73, 74, 75, 76, 77, 78, 79 };

static void
pair_init(struct pair *p)
{
    TSEC_AUTO_BUF struct tsec_buf master = hex_bytes(KAT_MASTER);

    memset(p, 0, sizeof(*p));
    tsec_buf_init(&p->sealed, 1 << 20);
    tsec_buf_init(&p->plain, 1 << 20);
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(amc_session_new(AMC_INITIATOR, cid, master.ptr, &p->i, NULL)));
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(amc_session_new(AMC_RESPONDER, cid, master.ptr, &p->r, NULL)));
}

static void
pair_done(struct pair *p)
{
    amc_session_free(p->i);
    amc_session_free(p->r);
    tsec_buf_done(&p->sealed);
    tsec_buf_done(&p->plain);
}
#define PAIR __attribute__((cleanup(pair_done))) struct pair

static struct amc_envelope
get(void)
{
    return (struct amc_envelope){ .method = "GET", .path = "/v1/secret/data/a" };
}

static tsec_rc
seal(struct pair *p, struct amc_envelope *env)
{
    tsec_buf_reset(&p->sealed);
    return amc_seal_request(p->i, env, tsec_span_str("{}"), &p->sealed, &p->err);
}

static tsec_rc
open_at(struct pair *p, const struct amc_envelope *env, int64_t now)
{
    tsec_buf_reset(&p->plain);
    return amc_open_request(p->r, env, tsec_buf_span(&p->sealed), now, &p->plain, &p->err);
}

static tsec_rc
open_it(struct pair *p, const struct amc_envelope *env)
{
    return open_at(p, env, 0);
}

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))
#define DENIED(expr, why)                            \
    do {                                             \
        CU_ASSERT_EQUAL((expr).code, TSEC_E_DENIED); \
        CU_ASSERT_STRING_EQUAL(p.err.detail, (why)); \
        CU_ASSERT_EQUAL(p.plain.len, 0);             \
    } while (0)

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

/* ---- limits ---- */

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
    { "after so many messages only a rekey is sealed and opened",
      after_so_many_messages_only_a_rekey_is_sealed_and_opened },
    { "a peer that goes on is told so", a_peer_that_goes_on_is_told_so },
    { "after so many bytes either way only a rekey goes",
      after_so_many_bytes_either_way_only_a_rekey_goes },
    { "bytes are counted on both ends alike", bytes_are_counted_on_both_ends_alike },
};

TEST_MAIN("amc/session", cases)

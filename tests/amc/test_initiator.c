/* SPDX-License-Identifier: Apache-2.0 */
/* What an initiator does not go along with.  What goes well is in test_handshake.c. */
#include "amc/proof.h"
#include "crypto/crypto.h"
#include "tests/amc/peers.h"

static const char *const formats[] = { "nitro", NULL };

static tsec_rc
begin(const struct amc_initiator_options *options)
{
    TSEC_AUTO(amc_initiator_free) struct amc_initiator *i = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_crypto_setup(NULL)));
    return amc_initiator_begin(options, &i, NULL);
}

static void
options_that_no_hello_can_have_are_refused(void)
{
    static const char *const none[] = { NULL };
    static const char *const long_name[] = { "a-format-with-a-name-that-is-long", NULL };
    static char long_aud[AMC_NAME_MAX + 2];
    static const uint8_t ticket[AMC_TICKET_LEN] = { 1 };
    TSEC_AUTO(tsec_key_free) struct tsec_key *p256 = NULL;

    memset(long_aud, 'a', AMC_NAME_MAX + 1);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(TSEC_KEY_P256, &p256, NULL)));

    const struct amc_initiator_options rows[] = {
        { .accept = formats },
        { .accept = formats, .aud = "" },
        { .accept = formats, .aud = long_aud },
        { .aud = "a" },
        { .accept = none, .aud = "a" },
        { .accept = long_name, .aud = "a" },
        { .accept = formats, .aud = "a", .id = p256 },
        { .accept = formats, .aud = "a", .ticket = ticket },
        { .accept = formats, .aud = "a", .ticket = ticket, .psk = { ticket, 32 } },
    };

    for (size_t n = 0; n < TSEC_ARRAY_LEN(rows); n++) {
        CU_ASSERT_EQUAL(begin(&rows[n]).code, TSEC_E_INVALID);
    }
    CU_ASSERT_FALSE(
        tsec_failed(begin(&(struct amc_initiator_options){ .accept = formats, .aud = "a" })));
}

/* The initiator's own hello, sent back in the shape of a reply. */
static void
its_own_share_is_refused(void)
{
    for (int n = 0; n < 2; n++) {
        TSEC_AUTO(peers_free) struct peers *p = peers_new(false);

        peers_run(p, 3);

        TSEC_AUTO_BUF struct tsec_buf hello = member_bytes(tsec_buf_span(&p->reply), "hello");

        if (n == 0) {
            set_member_bytes(&hello, "eph", tsec_span(amc_responder_b1(p->r)->eph, AMC_POINT_LEN));
        } else {
            set_member_bytes(&hello, "nonce", amc_initiator_nonce(p->i));
        }
        set_member_bytes(&p->reply, "hello", tsec_buf_span(&hello));
        CU_ASSERT_EQUAL(peers_read_reply(p).code, TSEC_E_DENIED);
        CU_ASSERT_STRING_EQUAL(p->err.detail, "this side's own share came back");
    }
}

static void
another_identity_than_it_asked_for_is_refused(void)
{
    TSEC_AUTO(peers_free) struct peers *p = peers_new(false);
    TSEC_AUTO(peers_free) struct peers *q = peers_new(false);
    char aud[TSEC_BASE64_LEN(AMC_SPKI_LEN) + 1];

    tsec_base64_encode(TSEC_BASE64_URL, tsec_buf_span(&q->spki_r), aud);

    const struct amc_initiator_options options = { .accept = formats, .aud = aud };

    /* An honest responder would refuse such a hello, so that another one answers it. */
    CU_ASSERT_FALSE_FATAL(tsec_failed(amc_initiator_begin(&options, &p->i, NULL)));
    peers_run(q, 3);
    CU_ASSERT_EQUAL(amc_initiator_reply(p->i, tsec_buf_span(&q->reply), &p->er, &p->err).code,
                    TSEC_E_DENIED);
    CU_ASSERT_STRING_NOT_EQUAL(p->err.detail, "another identity answers");
    amc_initiator_free(p->i);
    p->i = NULL;
    CU_ASSERT_FALSE_FATAL(tsec_failed(amc_initiator_begin(&options, &p->i, NULL)));

    TSEC_AUTO(peers_free) struct peers *stranger = peers_new(false);

    peers_run(stranger, 3);
    CU_ASSERT_EQUAL(
        amc_initiator_reply(p->i, tsec_buf_span(&stranger->reply), &p->er, &p->err).code,
        TSEC_E_DENIED);
    CU_ASSERT_STRING_EQUAL(p->err.detail, "another identity answers");
}

/* In the middle: a reply with keys of its own, and the identity of the true responder. */
static void
an_identity_without_its_key_is_refused(void)
{
    TSEC_AUTO(peers_free) struct peers *p = peers_new(false);
    TSEC_AUTO(peers_free) struct peers *truly = peers_new(false);

    CU_ASSERT_FALSE_FATAL(tsec_failed(peers_hello(p, NULL)));
    tsec_buf_reset(&p->spki_r);
    tsec_buf_put_span(&p->spki_r, tsec_buf_span(&truly->spki_r));
    CU_ASSERT_FALSE_FATAL(tsec_failed(peers_begin(p, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(peers_reply(p)));
    CU_ASSERT_EQUAL(peers_read_reply(p).code, TSEC_E_DENIED);
    CU_ASSERT_STRING_EQUAL(p->err.detail, "signature does not hold");
    CU_ASSERT_EQUAL(p->er.len, 0);
}

static void
a_ticket_that_was_not_shown_is_not_taken(void)
{
    TSEC_AUTO(peers_free) struct peers *p = peers_new(false);
    TSEC_AUTO_BUF struct tsec_buf with = TSEC_BUF_INIT(AMC_HELLO_MAX);

    peers_run(p, 3);

    TSEC_AUTO_BUF struct tsec_buf hello = member_bytes(tsec_buf_span(&p->reply), "hello");

    tsec_buf_put(&with, hello.ptr, hello.len - 1);
    tsec_buf_put_str(&with, ",\"psk\":true}");
    set_member_bytes(&p->reply, "hello", tsec_buf_span(&with));
    CU_ASSERT_EQUAL(peers_read_reply(p).code, TSEC_E_DENIED);
    CU_ASSERT_STRING_EQUAL(p->err.detail, "a ticket was taken that was not shown");
}

static void
a_reply_to_another_hello_is_refused(void)
{
    TSEC_AUTO(peers_free) struct peers *p = peers_new(false);
    TSEC_AUTO(peers_free) struct peers *q = peers_new(false);

    peers_run(p, 3);
    peers_run(q, 3);
    tsec_buf_reset(&p->reply);
    tsec_buf_put_span(&p->reply, tsec_buf_span(&q->reply));
    CU_ASSERT_EQUAL(peers_read_reply(p).code, TSEC_E_DENIED);
}

static void
a_session_that_the_responder_did_not_send_is_refused(void)
{
    TSEC_AUTO(peers_free) struct peers *p = peers_new(false);

    peers_run(p, 7);
    set_member_bytes(&p->last, "session", tsec_span_str("{\"ttl\":99999999}"));
    CU_ASSERT_EQUAL(peers_done(p).code, TSEC_E_DENIED);
    CU_ASSERT_TRUE(p->at_i == NULL && p->s.len == 0);
}

static void
its_own_fin_is_not_the_responders(void)
{
    TSEC_AUTO(peers_free) struct peers *p = peers_new(false);

    peers_run(p, 7);

    TSEC_AUTO_BUF struct tsec_buf fin = member_bytes(tsec_buf_span(&p->finish), "fin");

    set_member_bytes(&p->last, "fin", tsec_buf_span(&fin));
    CU_ASSERT_EQUAL(peers_done(p).code, TSEC_E_DENIED);
}

static const struct test_case cases[] = {
    { "options that no hello can have are refused", options_that_no_hello_can_have_are_refused },
    { "its own share is refused", its_own_share_is_refused },
    { "another identity than it asked for is refused",
      another_identity_than_it_asked_for_is_refused },
    { "an identity without its key is refused", an_identity_without_its_key_is_refused },
    { "a ticket that was not shown is not taken", a_ticket_that_was_not_shown_is_not_taken },
    { "a reply to another hello is refused", a_reply_to_another_hello_is_refused },
    { "a session that the responder did not send is refused",
      a_session_that_the_responder_did_not_send_is_refused },
    { "its own fin is not the responder's", its_own_fin_is_not_the_responders },
};

TEST_MAIN("amc/initiator", cases)

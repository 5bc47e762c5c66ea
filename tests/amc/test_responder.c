/* SPDX-License-Identifier: Apache-2.0 */
/* What a responder does not go along with.  What goes well is in test_handshake.c. */
#include "amc/proof.h"
#include "crypto/crypto.h"
#include "tests/amc/peers.h"

static const uint8_t nonce[AMC_NONCE_LEN] = { 1, 2, 3 };

static struct tsec_key *
new_key(void)
{
    struct tsec_key *key = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_crypto_setup(NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(TSEC_KEY_P384, &key, NULL)));
    return key;
}

static void
its_own_point_or_nonce_is_refused(void)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *eph = new_key();
    const struct amc_drawn rows[] = { { .eph = eph }, { .nonce = nonce } };

    for (size_t n = 0; n < TSEC_ARRAY_LEN(rows); n++) {
        TSEC_AUTO(peers_free) struct peers *p = peers_new(false);

        CU_ASSERT_FALSE_FATAL(tsec_failed(peers_hello(p, &rows[n])));
        CU_ASSERT_EQUAL(peers_begin(p, &rows[n]).code, TSEC_E_DENIED);
        CU_ASSERT_PTR_NULL(p->r);
    }
}

static tsec_rc
begin_with(const struct peers *p, const struct amc_responder_options *options,
           struct amc_responder **out)
{
    struct amc_b1 b1;

    CU_ASSERT_FALSE_FATAL(tsec_failed(amc_b1_parse(tsec_buf_span(&p->b1), &b1, NULL)));
    return amc_responder_begin(options, &b1, tsec_buf_span(&p->b1), out, NULL);
}

static void
a_hello_for_another_identity_is_refused(void)
{
    static const char *const formats[] = { "nitro", NULL };
    TSEC_AUTO(peers_free) struct peers *p = peers_new(false);
    TSEC_AUTO(tsec_key_free) struct tsec_key *other = new_key();
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(AMC_SPKI_LEN);
    char aud[TSEC_BASE64_LEN(AMC_SPKI_LEN) + 1];
    TSEC_AUTO(amc_initiator_free) struct amc_initiator *i = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_spki(other, &spki, NULL)));
    tsec_base64_encode(TSEC_BASE64_URL, tsec_buf_span(&spki), aud);

    const struct amc_initiator_options options = { .accept = formats, .aud = aud };

    CU_ASSERT_FALSE_FATAL(tsec_failed(amc_initiator_begin(&options, &i, NULL)));
    tsec_buf_put_span(&p->b1, amc_initiator_b1(i));
    CU_ASSERT_EQUAL(peers_begin(p, NULL).code, TSEC_E_DENIED);
}

static void
options_that_cannot_be_are_an_error_of_the_caller(void)
{
    static const char *const long_name[] = { "a-format-with-a-name-that-is-long", NULL };
    static const char *const many[AMC_FORMATS_MAX + 2] = { "a", "a", "a", "a", "a", "a",
                                                           "a", "a", "a", "a", "a", "a",
                                                           "a", "a", "a", "a", "a", NULL };
    TSEC_AUTO(peers_free) struct peers *p = peers_new(false);
    const uint8_t psk[AMC_HASH_LEN] = { 0 };
    const struct tsec_span id = tsec_buf_span(&p->spki_r);
    const struct amc_responder_options rows[] = {
        { .id = { id.ptr, id.len - 1 }, .bind = AMC_RAW48 },
        { .id = id, .bind = AMC_RAW48, .accept = long_name },
        { .id = id, .bind = AMC_RAW48, .accept = many },
        { .id = id, .bind = AMC_RAW48, .psk = { psk, sizeof(psk) } }, /* no ticket in B1 */
    };

    CU_ASSERT_FALSE_FATAL(tsec_failed(peers_hello(p, NULL)));
    for (size_t n = 0; n < TSEC_ARRAY_LEN(rows); n++) {
        CU_ASSERT_EQUAL(begin_with(p, &rows[n], &p->r).code, TSEC_E_INTERNAL);
        CU_ASSERT_PTR_NULL(p->r);
    }
}

static tsec_rc
no_signature(void *ctx, struct tsec_span message, struct tsec_buf *sig, struct tsec_err *err)
{
    (void)message;
    tsec_buf_put_str(sig, "short");
    return ctx == NULL ? TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "no key") : TSEC_OK;
}

static void
without_a_signature_there_is_no_reply(void)
{
    int some = 0;
    void *const ctx[] = { NULL, &some };
    static const int codes[] = { TSEC_E_UNAVAILABLE, TSEC_E_INTERNAL };

    for (size_t n = 0; n < TSEC_ARRAY_LEN(ctx); n++) {
        TSEC_AUTO(peers_free) struct peers *p = peers_new(false);
        const struct amc_responder_options options = { .id = tsec_buf_span(&p->spki_r),
                                                       .sign = no_signature,
                                                       .sign_ctx = ctx[n],
                                                       .bind = AMC_RAW48 };

        CU_ASSERT_FALSE_FATAL(tsec_failed(peers_hello(p, NULL)));
        CU_ASSERT_FALSE_FATAL(tsec_failed(begin_with(p, &options, &p->r)));
        CU_ASSERT_EQUAL(peers_reply(p).code, codes[n]);
        CU_ASSERT_EQUAL(p->reply.len, 0);
        CU_ASSERT_EQUAL(peers_reply(p).code, TSEC_E_INTERNAL);
    }
}

static void
evidence_has_a_length(void)
{
    static uint8_t huge[AMC_EVIDENCE_MAX + 1];

    for (size_t len = 0; len <= sizeof(huge); len += sizeof(huge)) {
        TSEC_AUTO(peers_free) struct peers *p = peers_new(false);

        peers_run(p, 2);
        CU_ASSERT_EQUAL(amc_responder_reply(p->r, tsec_span(huge, len), &p->reply, NULL).code,
                        TSEC_E_TOO_LARGE);
    }
}

static void
a_signature_is_needed_where_a_key_was_named_and_only_there(void)
{
    static const uint8_t sig[AMC_SIG_LEN] = { 1 };
    TSEC_AUTO(peers_free) struct peers *with = peers_new(true);
    TSEC_AUTO(peers_free) struct peers *without = peers_new(false);

    peers_run(with, 5);
    peers_run(without, 5);

    TSEC_AUTO_BUF struct tsec_buf evidence = member_bytes(tsec_buf_span(&with->finish), "evidence");
    TSEC_AUTO_BUF struct tsec_buf fin = member_bytes(tsec_buf_span(&with->finish), "fin");

    tsec_buf_reset(&with->finish);
    amc_flight_put(&with->finish, true, "evidence", tsec_buf_span(&evidence));
    amc_flight_put(&with->finish, false, "fin", tsec_buf_span(&fin));
    tsec_buf_put_str(&with->finish, "}");
    CU_ASSERT_EQUAL(peers_read_finish(with).code, TSEC_E_INVALID);
    tsec_buf_truncate(&without->finish, without->finish.len - 1);
    amc_flight_put(&without->finish, false, "sig", tsec_span(sig, sizeof(sig)));
    tsec_buf_put_str(&without->finish, "}");
    CU_ASSERT_EQUAL(peers_read_finish(without).code, TSEC_E_INVALID);
}

/* fin is looked at before the signature: with both wrong it is fin that is told of. */
static void
fin_comes_before_the_signature_and_evidence_after_both(void)
{
    static const uint8_t sig[AMC_SIG_LEN] = { 1 };

    for (int n = 0; n < 2; n++) {
        TSEC_AUTO(peers_free) struct peers *p = peers_new(true);

        peers_run(p, 5);
        set_member_bytes(&p->finish, "sig", tsec_span(sig, sizeof(sig)));
        if (n == 1) {
            set_member_bytes(&p->finish, "fin", tsec_span(sig, AMC_HASH_LEN));
        }
        CU_ASSERT_EQUAL(peers_read_finish(p).code, TSEC_E_DENIED);
        CU_ASSERT_STRING_EQUAL(p->err.detail,
                               n == 1 ? "fin does not hold" : "signature does not hold");
        CU_ASSERT_EQUAL(p->ei.len, 0);
    }
}

static void
another_key_does_not_sign_for_the_initiator(void)
{
    TSEC_AUTO(peers_free) struct peers *p = peers_new(true);
    TSEC_AUTO(peers_free) struct peers *q = peers_new(true);

    peers_run(p, 5);
    peers_run(q, 5);

    TSEC_AUTO_BUF struct tsec_buf sig = member_bytes(tsec_buf_span(&q->finish), "sig");

    set_member_bytes(&p->finish, "sig", tsec_buf_span(&sig));
    CU_ASSERT_EQUAL(peers_read_finish(p).code, TSEC_E_DENIED);
}

static void
a_finish_of_another_handshake_is_refused(void)
{
    TSEC_AUTO(peers_free) struct peers *p = peers_new(false);
    TSEC_AUTO(peers_free) struct peers *q = peers_new(false);

    peers_run(p, 5);
    peers_run(q, 5);
    tsec_buf_reset(&p->finish);
    tsec_buf_put_span(&p->finish, tsec_buf_span(&q->finish));
    CU_ASSERT_EQUAL(peers_read_finish(p).code, TSEC_E_DENIED);
}

static void
a_session_has_a_length(void)
{
    static uint8_t huge[AMC_SESSION_MAX + 1];
    TSEC_AUTO(peers_free) struct peers *p = peers_new(false);

    peers_run(p, 6);
    CU_ASSERT_EQUAL(
        amc_responder_accept(p->r, tsec_span(huge, sizeof(huge)), &p->last, &p->at_r, NULL).code,
        TSEC_E_TOO_LARGE);
    CU_ASSERT_PTR_NULL(p->at_r);
}

static void
a_ticket_leads_to_one_session_when_both_have_its_key(void)
{
    for (int differ = 0; differ < 2; differ++) {
        TSEC_AUTO(peers_free) struct peers *p = peers_new(false);

        p->has_psk = true;
        memset(p->psk_i, 5, sizeof(p->psk_i));
        memset(p->psk_r, 5 + differ, sizeof(p->psk_r));
        peers_run(p, 3);
        CU_ASSERT_TRUE(amc_responder_resumed(p->r));
        CU_ASSERT_EQUAL(tsec_failed(peers_read_reply(p)), differ == 1);
        if (differ == 0) {
            CU_ASSERT_TRUE(amc_initiator_b2(p->i)->resumed);
            CU_ASSERT_FALSE(tsec_failed(peers_finish(p)));
            CU_ASSERT_FALSE(tsec_failed(peers_read_finish(p)));
        }
    }
}

static const struct test_case cases[] = {
    { "its own point or nonce is refused", its_own_point_or_nonce_is_refused },
    { "a hello for another identity is refused", a_hello_for_another_identity_is_refused },
    { "options that cannot be are an error of the caller",
      options_that_cannot_be_are_an_error_of_the_caller },
    { "without a signature there is no reply", without_a_signature_there_is_no_reply },
    { "evidence has a length", evidence_has_a_length },
    { "a signature is needed where a key was named, and only there",
      a_signature_is_needed_where_a_key_was_named_and_only_there },
    { "fin comes before the signature, and evidence after both",
      fin_comes_before_the_signature_and_evidence_after_both },
    { "another key does not sign for the initiator", another_key_does_not_sign_for_the_initiator },
    { "a finish of another handshake is refused", a_finish_of_another_handshake_is_refused },
    { "a session has a length", a_session_has_a_length },
    { "a ticket leads to one session when both have its key",
      a_ticket_leads_to_one_session_when_both_have_its_key },
};

TEST_MAIN("amc/responder", cases)

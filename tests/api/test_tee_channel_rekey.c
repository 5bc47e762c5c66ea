/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "tests/double/attest_script.h"
#include "tests/double/channel_bench.h"
#include "tests/test.h"

static struct api_bench b;
static struct channel_bench c;

static void
begin(bool attested)
{
    const struct amc_evidence ei = channel_bench_evidence("");

    api_bench_open(&b, "mem:channel");
    channel_bench_init(&c, &b);
    attest_script_genuine(tsec_clock_real_ns(&b.node.clock.clock) / TSEC_NS_PER_S);
    channel_bench_allow(&c, ATTEST_SCRIPT_PCRS);
    channel_bench_open(&c, attested ? &ei : NULL);
}

static void
end(void)
{
    channel_bench_done(&c);
    api_bench_close(&b);
}

static int64_t
mono(void)
{
    return tsec_clock_mono_ns(&b.node.clock.clock);
}

static int
version(void)
{
    return channel_bench_call(&c, "GET", "/v1/sys/version", NULL, NULL);
}

/* {"evidence":…} with what the scripted verifier takes. */
static int
reattest(enum amc_mode mode)
{
    struct amc_evidence ei = channel_bench_evidence("");
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(16384);

    ei.mode = mode;
    if (mode == AMC_RESUMED) {
        ei = (struct amc_evidence){ .format = "none", .mode = mode };
    }
    amc_evidence_write(&ei, &text);
    tsec_buf_put_str(&body, "{\"evidence\":\"");
    tsec_base64_append(&body, TSEC_BASE64_URL, tsec_buf_span(&text));
    tsec_buf_put_str(&body, "\"}");
    tsec_buf_put_byte(&body, 0);
    return channel_bench_call(&c, "POST", "/v1/tee/channel/reattest", NULL, (const char *)body.ptr);
}

static void
rekey(void)
{
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *rekey = NULL;

    CU_ASSERT_EQUAL_FATAL(channel_bench_rekey(&c, &rekey), 200);
    CU_ASSERT_EQUAL_FATAL(amc_rekey_commit(c.session, rekey, mono(), NULL).code, 0);
}

/* ---- taken ---- */

static void
an_operators_channel_goes_on_with_new_keys_at_once(void)
{
    begin(false);
    rekey();
    CU_ASSERT_EQUAL(amc_session_epoch(c.session), 1);
    CU_ASSERT_EQUAL(version(), 200);
    rekey();
    CU_ASSERT_EQUAL(version(), 200);
    CU_ASSERT_EQUAL(channels_counts(b.channels).rekeyed_total, 2);
    end();
}

static void
evidence_of_both_sides_is_bound_to_the_new_keys(void)
{
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *rekey = NULL;
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(4096);
    uint8_t binding[AMC_HASH_LEN];
    struct amc_evidence er;

    begin(true);
    CU_ASSERT_EQUAL_FATAL(channel_bench_rekey(&c, &rekey), 200);
    CU_ASSERT_EQUAL_FATAL(tsec_base64_decode(&text, TSEC_BASE64_URL,
                                             tsec_span_str(channel_bench_str(&c, "evidence")), NULL)
                              .code,
                          0);
    CU_ASSERT_EQUAL_FATAL(amc_evidence_parse(tsec_buf_span(&text), &bytes, &er, NULL).code, 0);
    amc_rekey_binding(rekey, AMC_RESPONDER, binding); /* attest_fixed's evidence is its binding */
    CU_ASSERT_EQUAL_FATAL(er.evidence.len, 64);
    CU_ASSERT_EQUAL(memcmp(er.evidence.ptr, binding, sizeof(binding)), 0);
    amc_rekey_binding(rekey, AMC_INITIATOR, binding);
    CU_ASSERT_EQUAL_FATAL(amc_rekey_commit(c.session, rekey, mono(), NULL).code, 0);
    CU_ASSERT_EQUAL(reattest(AMC_FRESH), 200);
    CU_ASSERT_EQUAL(memcmp(attest_script.binding, binding, sizeof(binding)), 0);
    CU_ASSERT_EQUAL(version(), 200);
    end();
}

static void
the_epoch_before_is_received_for_a_while(void)
{
    begin(true);
    CU_ASSERT_EQUAL(version(), 200);
    {
        TSEC_AUTO(amc_rekey_free) struct amc_rekey *rekey = NULL;

        CU_ASSERT_EQUAL_FATAL(channel_bench_rekey(&c, &rekey), 200);
        CU_ASSERT_EQUAL(version(), 200); /* the initiator did not go on yet */
        tsec_clock_fake_advance(&b.node.clock, 31 * TSEC_NS_PER_S);
        CU_ASSERT_EQUAL(version(), -403);
        CU_ASSERT_STRING_EQUAL(api_bench_str(&b, "code"), "channel_epoch");
    }
    end();
}

/* ---- asked for ---- */

static void
past_its_interval_only_a_rekey_is_taken(void)
{
    begin(true);
    tsec_clock_fake_advance(&b.node.clock, 3601 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(version(), 409);
    CU_ASSERT_STRING_EQUAL(channel_bench_str(&c, "code"), "rekey_required");
    CU_ASSERT_EQUAL(channel_bench_hidden(&c, "GET", "/v1/sys/version", NULL, NULL), 409);
    rekey();
    attest_script_genuine(tsec_clock_real_ns(&b.node.clock.clock) / TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(reattest(AMC_FRESH), 200);
    CU_ASSERT_EQUAL(version(), 200);
    end();
}

static void
the_interval_is_what_is_set(void)
{
    begin(false);
    channels_set_rekey_after(b.channels, 60);
    tsec_clock_fake_advance(&b.node.clock, 59 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(version(), 200);
    tsec_clock_fake_advance(&b.node.clock, TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(version(), 409);
    rekey();
    CU_ASSERT_EQUAL(version(), 200);
    end();
}

static void
until_the_evidence_is_there_nothing_else_is_taken(void)
{
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *second = NULL;

    begin(true);
    rekey();
    CU_ASSERT_EQUAL(version(), 409);
    CU_ASSERT_STRING_EQUAL(channel_bench_str(&c, "code"), "reattest_required");
    CU_ASSERT_EQUAL(channel_bench_rekey(&c, &second), 409);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", "/v1/tee/channel/ticket", NULL, NULL), 409);
    CU_ASSERT_EQUAL(reattest(AMC_FRESH), 200);
    CU_ASSERT_EQUAL(version(), 200);
    end();
}

static void
a_rekey_without_its_evidence_ends_the_channel(void)
{
    begin(true);
    rekey();
    channels_sweep(b.channels);
    CU_ASSERT_EQUAL(channels_counts(b.channels).open, 1);
    tsec_clock_fake_advance(&b.node.clock, 61 * TSEC_NS_PER_S);
    channels_sweep(b.channels);
    CU_ASSERT_EQUAL(channels_counts(b.channels).open, 0);
    end();
}

static void
a_flood_of_hellos_keeps_nobody_from_new_keys(void)
{
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *none = NULL;
    struct channel_bench d;

    begin(false);
    channel_bench_init(&d, &b);
    atomic_store(&b.api->devices, 1000); /* so many ask the TEE already */
    CU_ASSERT_EQUAL(channel_bench_hello(&d), 503);
    CU_ASSERT_EQUAL(channel_bench_rekey(&c, &none), 503); /* a stranger's channel is no way round */
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/auth/token/lookup-self", b.root, NULL), 200);
    rekey();
    CU_ASSERT_EQUAL(version(), 200);
    CU_ASSERT_EQUAL(atomic_load(&b.api->devices), 1000);
    atomic_store(&b.api->devices, 0);
    CU_ASSERT_EQUAL(channel_bench_hello(&d), 200);
    channel_bench_done(&d);
    end();
}

/* ---- refused ---- */

static void
evidence_that_is_refused_closes_the_channel(void)
{
    begin(true);
    rekey();
    attest_script.code = TSEC_E_DENIED;
    attest_script.reason = TSEC_REASON_SIGNATURE;
    CU_ASSERT_EQUAL(reattest(AMC_FRESH), 403);
    CU_ASSERT_EQUAL(version(), -404);
    end();
}

static void
only_fresh_evidence_completes_a_rekey(void)
{
    begin(true);
    rekey();
    CU_ASSERT_EQUAL(reattest(AMC_RESUMED), 403);
    CU_ASSERT_EQUAL(version(), -404);
    end();
}

static void
evidence_that_nobody_awaits_changes_nothing(void)
{
    begin(true);
    CU_ASSERT_EQUAL(reattest(AMC_FRESH), 409);
    CU_ASSERT_EQUAL(version(), 200);
    end();
}

static void
evidence_under_the_keys_before_completes_nothing(void)
{
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *rekey = NULL;

    begin(true);
    CU_ASSERT_EQUAL_FATAL(channel_bench_rekey(&c, &rekey), 200);
    attest_script.calls = 0;
    CU_ASSERT_EQUAL(reattest(AMC_FRESH), 409); /* the initiator did not go on yet */
    CU_ASSERT_EQUAL(attest_script.calls, 0);
    CU_ASSERT_EQUAL_FATAL(amc_rekey_commit(c.session, rekey, mono(), NULL).code, 0);
    CU_ASSERT_EQUAL(version(), 409);
    CU_ASSERT_STRING_EQUAL(channel_bench_str(&c, "code"), "reattest_required");
    CU_ASSERT_EQUAL(reattest(AMC_FRESH), 200);
    CU_ASSERT_EQUAL(version(), 200);
    end();
}

static void
the_keys_before_begin_no_rekey(void)
{
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *first = NULL;
    TSEC_AUTO(amc_rekey_free) struct amc_rekey *second = NULL;

    begin(false);
    CU_ASSERT_EQUAL_FATAL(channel_bench_rekey(&c, &first), 200);
    CU_ASSERT_EQUAL(channel_bench_rekey(&c, &second), 409);
    CU_ASSERT_EQUAL(channels_counts(b.channels).rekeyed_total, 1);
    CU_ASSERT_EQUAL_FATAL(amc_rekey_commit(c.session, first, mono(), NULL).code, 0);
    CU_ASSERT_EQUAL(version(), 200);
    end();
}

static void
what_is_no_share_changes_nothing(void)
{
    static const char *const bad[] = { "{}", "[]", "{\"eph\":\"AAAA\",\"nonce\":\"AAAA\"}" };

    begin(true);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", "/v1/tee/channel/rekey", NULL, bad[i]), 400);
    }
    CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", "/v1/tee/channel/rekey", NULL, NULL), 400);
    CU_ASSERT_EQUAL(version(), 200);
    CU_ASSERT_EQUAL(amc_session_epoch(c.session), 0);
    end();
}

/* ---- tickets ---- */

struct taken {
    uint8_t ticket[AMC_TICKET_LEN];
    uint8_t psk[AMC_HASH_LEN];
};

static void
take_ticket(struct taken *out)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(64);

    CU_ASSERT_EQUAL_FATAL(channel_bench_call(&c, "POST", "/v1/tee/channel/ticket", NULL, NULL),
                          200);
    CU_ASSERT_EQUAL_FATAL(tsec_base64_decode(&bytes, TSEC_BASE64_URL,
                                             tsec_span_str(channel_bench_str(&c, "ticket")), NULL)
                              .code,
                          0);
    CU_ASSERT_EQUAL_FATAL(bytes.len, sizeof(out->ticket));
    memcpy(out->ticket, bytes.ptr, sizeof(out->ticket));
    CU_ASSERT_EQUAL_FATAL(
        amc_session_psk(c.session, (uint32_t)json_integer_value(json_object_get(c.json, "n")),
                        out->psk, NULL)
            .code,
        0);
}

static void
a_ticket_opens_a_further_channel_without_evidence(void)
{
    const struct amc_evidence resumed = { .format = "none", .mode = AMC_RESUMED };
    struct channel_bench d;
    struct taken taken;

    begin(true);
    take_ticket(&taken);
    channel_bench_init(&d, &b);
    d.ticket = taken.ticket;
    d.psk = tsec_span(taken.psk, sizeof(taken.psk));
    attest_script.calls = 0;
    channel_bench_open(&d, &resumed);
    CU_ASSERT_TRUE(amc_initiator_b2(d.initiator)->resumed);
    CU_ASSERT_EQUAL(attest_script.calls, 0);
    CU_ASSERT_PTR_NOT_NULL(memmem(d.s.ptr, d.s.len, "\"tee\":\"nitro\"", 13));
    CU_ASSERT_EQUAL(channel_bench_call(&d, "GET", "/v1/sys/version", NULL, NULL), 200);
    CU_ASSERT_EQUAL(version(), 200);
    CU_ASSERT_EQUAL(channels_counts(b.channels).resumed_total, 1);

    /* the second time it is none, and a full handshake goes on */
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&d), 200);
    CU_ASSERT_FALSE(amc_initiator_b2(d.initiator)->resumed);
    CU_ASSERT_EQUAL(channel_bench_finish(&d, &resumed), 403);
    channel_bench_done(&d);
    end();
}

static void
a_resumed_channel_is_as_old_as_its_evidence(void)
{
    const struct amc_evidence resumed = { .format = "none", .mode = AMC_RESUMED };
    struct channel_bench d;
    struct taken taken;

    begin(true);
    take_ticket(&taken);
    tsec_clock_fake_advance(&b.node.clock, 3000 * TSEC_NS_PER_S);
    channel_bench_init(&d, &b);
    d.ticket = taken.ticket;
    d.psk = tsec_span(taken.psk, sizeof(taken.psk));
    channel_bench_open(&d, &resumed);
    tsec_clock_fake_advance(&b.node.clock, 601 * TSEC_NS_PER_S);
    CU_ASSERT_EQUAL(channel_bench_call(&d, "GET", "/v1/sys/version", NULL, NULL), 409);
    channel_bench_done(&d);
    end();
}

static void
a_ticket_ends_with_its_channel_and_its_epoch(void)
{
    struct channel_bench d;
    struct taken taken;

    begin(true);
    channel_bench_init(&d, &b);
    take_ticket(&taken);
    d.ticket = taken.ticket;
    d.psk = tsec_span(taken.psk, sizeof(taken.psk));
    rekey();
    CU_ASSERT_EQUAL(reattest(AMC_FRESH), 200);
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&d), 200);
    CU_ASSERT_FALSE(amc_initiator_b2(d.initiator)->resumed);
    take_ticket(&taken);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", "/v1/tee/channel/close", NULL, NULL), 204);
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&d), 200);
    CU_ASSERT_FALSE(amc_initiator_b2(d.initiator)->resumed);
    CU_ASSERT_EQUAL(channels_counts(b.channels).tickets, 0);
    channel_bench_done(&d);
    end();
}

static void
an_operator_gets_no_ticket(void)
{
    begin(false);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", "/v1/tee/channel/ticket", NULL, NULL), 400);
    end();
}

static void
there_are_tickets_enough(void)
{
    begin(true);
    for (int i = 0; i < CHANNEL_TICKETS_EACH; i++) {
        CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", "/v1/tee/channel/ticket", NULL, NULL), 200);
    }
    CU_ASSERT_EQUAL(channel_bench_call(&c, "POST", "/v1/tee/channel/ticket", NULL, NULL), 503);
    end();
}

static const struct test_case cases[] = {
    { "an operator's channel goes on with new keys at once",
      an_operators_channel_goes_on_with_new_keys_at_once },
    { "evidence of both sides is bound to the new keys",
      evidence_of_both_sides_is_bound_to_the_new_keys },
    { "the epoch before is received for a while", the_epoch_before_is_received_for_a_while },
    { "past its interval only a rekey is taken", past_its_interval_only_a_rekey_is_taken },
    { "the interval is what is set", the_interval_is_what_is_set },
    { "until the evidence is there nothing else is taken",
      until_the_evidence_is_there_nothing_else_is_taken },
    { "a rekey without its evidence ends the channel",
      a_rekey_without_its_evidence_ends_the_channel },
    { "a flood of hellos keeps nobody from new keys",
      a_flood_of_hellos_keeps_nobody_from_new_keys },
    { "evidence that is refused closes the channel", evidence_that_is_refused_closes_the_channel },
    { "only fresh evidence completes a rekey", only_fresh_evidence_completes_a_rekey },
    { "evidence that nobody awaits changes nothing", evidence_that_nobody_awaits_changes_nothing },
    { "evidence under the keys before completes nothing",
      evidence_under_the_keys_before_completes_nothing },
    { "the keys before begin no rekey", the_keys_before_begin_no_rekey },
    { "what is no share changes nothing", what_is_no_share_changes_nothing },
    { "a ticket opens a further channel without evidence",
      a_ticket_opens_a_further_channel_without_evidence },
    { "a resumed channel is as old as its evidence", a_resumed_channel_is_as_old_as_its_evidence },
    { "a ticket ends with its channel and its epoch",
      a_ticket_ends_with_its_channel_and_its_epoch },
    { "an operator gets no ticket", an_operator_gets_no_ticket },
    { "there are tickets enough", there_are_tickets_enough },
};

TEST_MAIN("api/tee_channel_rekey", cases)

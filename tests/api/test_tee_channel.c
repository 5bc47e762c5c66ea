/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/hello.h"

#include <stdio.h>

#include "crypto/rand.h"
#include "tests/double/channel_bench.h"
#include "tests/test.h"

static struct api_bench b;
static struct channel_bench c;

static void
begin(void)
{
    api_bench_open(&b, "mem:channel");
    channel_bench_init(&c, &b);
}

static void
end(void)
{
    channel_bench_done(&c);
    api_bench_close(&b);
}

static void
the_servers_evidence_is_bound_to_the_handshake(void)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(4096);
    struct amc_evidence er;

    begin();
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&c), 200);
    CU_ASSERT_EQUAL_FATAL(amc_evidence_parse(tsec_buf_span(&c.er), &bytes, &er, NULL).code, 0);
    CU_ASSERT_STRING_EQUAL(er.format, "fixed");
    CU_ASSERT_EQUAL(er.mode, AMC_FRESH);
    CU_ASSERT_EQUAL_FATAL(er.evidence.len, 64);
    CU_ASSERT_EQUAL(memcmp(er.evidence.ptr, amc_initiator_peer_binding(c.initiator), AMC_HASH_LEN),
                    0);
    CU_ASSERT_EQUAL(channels_counts(b.channels).half_open, 1);
    end();
}

static void
b2_says_what_is_taken_and_for_how_long(void)
{
    const struct amc_b2 *b2;

    begin();
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&c), 200);
    b2 = amc_initiator_b2(c.initiator);
    CU_ASSERT_EQUAL(b2->exp_s, 30);
    CU_ASSERT_EQUAL(b2->accept_len, 2);
    CU_ASSERT_STRING_EQUAL(b2->accept[0], "script");
    CU_ASSERT_EQUAL(b2->bind, AMC_RAW48);
    CU_ASSERT_FALSE(b2->resumed);
    end();
}

/* A hello of its own, with one member another. */
static int
hello(const char *accept, const char *aud)
{
    static const char *const none[] = { "none", NULL };
    const char *const takes[] = { accept, NULL };
    const struct amc_initiator_options options = { .accept = accept == NULL ? none : takes,
                                                   .aud = aud };
    TSEC_AUTO(amc_initiator_free) struct amc_initiator *i = NULL;
    TSEC_AUTO_BUF struct tsec_buf b1 = TSEC_BUF_INIT(AMC_HELLO_MAX);

    CU_ASSERT_EQUAL_FATAL(amc_initiator_begin(&options, &i, NULL).code, 0);
    tsec_buf_put_span(&b1, amc_initiator_b1(i));
    tsec_buf_put_byte(&b1, 0);
    return api_bench_call(&b, API_POST, "/v1/tee/channel", NULL, (const char *)b1.ptr);
}

static void
a_hello_names_this_server_and_its_format(void)
{
    char other[TSEC_BASE64_LEN(AMC_SPKI_LEN) + 1];
    uint8_t spki[AMC_SPKI_LEN];

    tsec_rand_bytes(spki, sizeof(spki));
    tsec_base64_encode(TSEC_BASE64_URL, tsec_span(spki, sizeof(spki)), other);
    begin();
    CU_ASSERT_EQUAL(hello("fixed", "test.example/ledger/1"), 200);
    CU_ASSERT_EQUAL(hello("fixed", "test.example/ledger/2"), 403);
    CU_ASSERT_EQUAL(hello("fixed", other), 403);
    CU_ASSERT_EQUAL(hello("nitro", "test.example/ledger/1"), 400);
    CU_ASSERT_EQUAL(hello(NULL, "test.example/ledger/1"), 400);
    CU_ASSERT_EQUAL(channels_counts(b.channels).half_open, 1);
    CU_ASSERT_EQUAL(channels_counts(b.channels).refused_total, 4);
    end();
}

static void
what_is_no_hello_is_refused(void)
{
    static const char *const bad[] = {
        NULL, "{}", "[]", "{\"v\":2}", "{\"v\":1,\"suite\":\"P384-A256GCM-SHA384\"}",
    };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/tee/channel", NULL, bad[i]), 400);
    }
    CU_ASSERT_EQUAL(channels_counts(b.channels).half_open, 0);
    end();
}

static void
a_sealed_server_begins_nothing_and_has_forgotten_all(void)
{
    begin();
    channel_bench_open(&c, NULL);
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&c), 200);
    CU_ASSERT_EQUAL(node_seal(b.node.node, NULL).code, 0);
    CU_ASSERT_EQUAL(hello("fixed", "test.example/ledger/1"), 503);
    channels_close_all(b.channels, "sealed");
    CU_ASSERT_EQUAL(channels_counts(b.channels).open + channels_counts(b.channels).half_open, 0);
    end();
}

/* ---- a flood ---- */

static void
a_flood_of_hellos_stops_no_channel_that_is_open(void)
{
    enum { FLOOD = CHANNEL_HALF_OPEN_MAX + 276 };
    TSEC_AUTO_BUF struct tsec_buf b1 = TSEC_BUF_INIT(AMC_HELLO_MAX);
    struct channel_bench d;

    begin();
    channel_bench_init(&d, &b);
    c.remote = "10.0.0.1";
    d.remote = "10.0.0.2";
    channel_bench_open(&c, NULL);
    CU_ASSERT_EQUAL_FATAL(channel_bench_hello(&d), 200); /* and one is on its way */
    tsec_buf_put_span(&b1, amc_initiator_b1(d.initiator));
    tsec_buf_put_byte(&b1, 0);
    for (int i = 0; i < FLOOD; i++) {
        b.remote = "10.9.9.9";
        CU_ASSERT_EQUAL(api_bench_call(&b, API_POST, "/v1/tee/channel", NULL, (const char *)b1.ptr),
                        200);
    }
    CU_ASSERT_EQUAL(channels_counts(b.channels).half_open, CHANNEL_HALF_OPEN_MAX);
    CU_ASSERT_TRUE(channels_counts(b.channels).given_way_total >= FLOOD - CHANNEL_HALF_OPEN_MAX);
    CU_ASSERT_EQUAL(channel_bench_call(&c, "GET", "/v1/sys/version", NULL, NULL), 200);
    CU_ASSERT_EQUAL(channel_bench_finish(&d, NULL), 200);
    CU_ASSERT_EQUAL(channel_bench_call(&d, "GET", "/v1/sys/version", NULL, NULL), 200);
    channel_bench_done(&d);
    end();
}

static const struct test_case cases[] = {
    { "the server's evidence is bound to the handshake",
      the_servers_evidence_is_bound_to_the_handshake },
    { "B2 says what is taken and for how long", b2_says_what_is_taken_and_for_how_long },
    { "a hello names this server and its format", a_hello_names_this_server_and_its_format },
    { "what is no hello is refused", what_is_no_hello_is_refused },
    { "a sealed server begins nothing and has forgotten all",
      a_sealed_server_begins_nothing_and_has_forgotten_all },
    { "a flood of hellos stops no channel that is open",
      a_flood_of_hellos_stops_no_channel_that_is_open },
};

TEST_MAIN("api/tee_channel", cases)

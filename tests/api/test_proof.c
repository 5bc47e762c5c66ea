/* SPDX-License-Identifier: Apache-2.0 */
#include "api/proof.h"

#include <pthread.h>

#include "base/base64.h"

#include "tests/api/login_bench.h"

/* ---- challenges ---- */

static void
a_challenge_serves_once(void)
{
    struct bench_challenge challenge;

    begin();
    bench_challenge(&b.api, &challenge);
    prove(&tee, &challenge);
    CU_ASSERT_EQUAL(login_on(&b.api, &challenge, WORKER), 200);
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
    prove(&tee, &challenge); /* new evidence for it */
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
    end();
}

static void
a_challenge_that_served_on_one_server_serves_on_no_other(void)
{
    struct bench_challenge challenge;
    struct api_bench second;

    begin();
    attest_bench_join(&second, "mem:login", &b);
    bench_challenge(&b.api, &challenge);
    prove(&tee, &challenge);
    CU_ASSERT_EQUAL(login_on(&second, &challenge, WORKER), 200);
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
    bench_challenge(&second, &challenge);
    prove(&tee, &challenge);
    CU_ASSERT_EQUAL(login_on(&b.api, &challenge, WORKER), 200);
    CU_ASSERT_EQUAL(login_on(&second, &challenge, WORKER), 403);
    api_bench_leave(&second);
    end();
}

/* ---- two servers at the same moment ---- */

struct racer {
    pthread_t thread;
    struct api_bench *server;
    const char *body;
    int status;
};

static void *
race(void *ctx)
{
    struct racer *racer = ctx;

    racer->status = api_bench_call(racer->server, API_POST, LOGIN, NULL, racer->body);
    return NULL;
}

static void
of_two_logins_at_once_one_is_given_a_token(void)
{
    struct bench_challenge challenge;
    struct api_bench second;

    begin();
    attest_bench_join(&second, "mem:login", &b);
    for (int i = 0; i < 20; i++) {
        struct racer racers[2] = { { .server = &b.api }, { .server = &second } };

        bench_challenge(&b.api, &challenge);
        prove(&tee, &challenge);
        bench_proof(&evidence, &challenge, tsec_buf_span(&spki), WORKER, &body);
        for (size_t r = 0; r < 2; r++) {
            racers[r].body = (const char *)body.ptr;
            CU_ASSERT_EQUAL_FATAL(pthread_create(&racers[r].thread, NULL, race, &racers[r]), 0);
        }
        for (size_t r = 0; r < 2; r++) {
            (void)pthread_join(racers[r].thread, NULL);
        }
        CU_ASSERT_EQUAL(racers[0].status + racers[1].status, 200 + 403);
    }
    api_bench_leave(&second);
    end();
}

static void
what_was_refused_did_not_use_the_challenge_up(void)
{
    struct bench_challenge challenge;

    begin();
    bench_challenge(&b.api, &challenge);
    prove(&tee, &challenge);
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, "\"role\":\"nobody\"")));
    CU_ASSERT_EQUAL(login_on(&b.api, &challenge, WORKER), 200);
    end();
}

static void
a_challenge_that_is_over_or_of_nobody_we_know_is_refused(void)
{
    struct bench_challenge challenge;

    begin();
    bench_challenge(&b.api, &challenge);
    prove(&tee, &challenge);
    tsec_clock_fake_advance(&b.api.node.clock, CHALLENGE_LIFE_S * TSEC_NS_PER_S);
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
    memset(challenge.nonce, 0x55, CHALLENGE_LEN); /* made up */
    tsec_base64_encode(TSEC_BASE64_URL, tsec_span(challenge.nonce, CHALLENGE_LEN), challenge.text);
    prove(&tee, &challenge);
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
    end();
}

static void
another_cluster_s_challenge_is_refused(void)
{
    struct bench_challenge challenge;
    struct api_bench other;

    begin();
    api_bench_open(&other, "mem:othercluster");
    bench_challenge(&other, &challenge);
    api_bench_leave(&other);
    prove(&tee, &challenge);
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
    end();
}

/* ---- evidence ---- */

static void
evidence_of_another_challenge_is_refused(void)
{
    struct bench_challenge one;
    struct bench_challenge two;

    begin();
    bench_challenge(&b.api, &one);
    bench_challenge(&b.api, &two);
    prove(&tee, &one);
    CU_ASSERT_TRUE(refused(login_on(&b.api, &two, WORKER)));
    CU_ASSERT_EQUAL(login_on(&b.api, &one, WORKER), 200);
    end();
}

/* Whoever hears a login cannot put his own key in its place. */
static void
a_recipient_that_the_evidence_does_not_vouch_for_is_refused(void)
{
    TSEC_AUTO(tsec_recipient_free) struct tsec_recipient *thief = NULL;
    TSEC_AUTO_BUF struct tsec_buf his = TSEC_BUF_INIT(4096);
    struct bench_challenge challenge;

    begin();
    CU_ASSERT_EQUAL_FATAL(tsec_recipient_generate(TSEC_RECIPIENT_P384, &thief, NULL).code, 0);
    CU_ASSERT_EQUAL_FATAL(tsec_recipient_spki(thief, &his, NULL).code, 0);
    bench_challenge(&b.api, &challenge);
    prove(&tee, &challenge);
    bench_proof(&evidence, &challenge, tsec_buf_span(&his), WORKER, &body);
    CU_ASSERT_TRUE(refused(api_bench_call(&b.api, API_POST, LOGIN, NULL, (const char *)body.ptr)));
    CU_ASSERT_EQUAL(login_on(&b.api, &challenge, WORKER), 200);
    CU_ASSERT_EQUAL(
        tsec_jwe_decrypt(thief, tsec_span_str(api_bench_str(&b.api, "data.wrapped")), &plain, NULL)
            .code,
        TSEC_E_DENIED);
    end();
}

static void
forged_and_debug_evidence_is_refused_alike(void)
{
    TSEC_AUTO_BUF struct tsec_buf raw = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX);
    struct bench_challenge challenge;
    struct sim_tee debug;

    begin();
    sim_tee_open(&debug, IMAGE_A, true, NULL);
    CU_ASSERT_TRUE(refused(login(&debug, WORKER)));
    bench_challenge(&b.api, &challenge);
    prove(&tee, &challenge);
    CU_ASSERT_EQUAL_FATAL(
        tsec_base64_decode(&raw, TSEC_BASE64_STD, tsec_buf_span(&evidence), NULL).code, 0);
    for (size_t i = 0; i < raw.len; i += raw.len / 16) {
        raw.ptr[i] ^= 1;
        tsec_buf_reset(&evidence);
        tsec_base64_append(&evidence, TSEC_BASE64_STD, tsec_buf_span(&raw));
        CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
        raw.ptr[i] ^= 1;
    }
    tsec_buf_reset(&evidence);
    tsec_base64_append(&evidence, TSEC_BASE64_STD, tsec_span_str("{}"));
    CU_ASSERT_TRUE(refused(login_on(&b.api, &challenge, WORKER)));
    sim_tee_close(&debug);
    end();
}

static void
the_server_s_list_decides_before_any_role_does(void)
{
    static const char *const entries[] = { "sim:measurement=" IMAGE_B };

    begin();
    attest_bench_allow(&b, entries, 1, false);
    CU_ASSERT_TRUE(refused(login(&tee, WORKER)));
    end();
}

/* ---- what is no login at all ---- */

static void
a_request_that_is_none_is_told_why(void)
{
    static const struct {
        const char *body;
        const char *says;
    } bad[] = {
        { "{}", "missing role" },
        { "{" WORKER "}", "missing evidence" },
        { "{" WORKER ",\"format\":\"sim-v1\"}", "missing evidence" },
        { "{" WORKER ",\"format\":\"sim-v1\",\"evidence\":\"AA==\"}", "missing nonce" },
        { "{" WORKER ",\"format\":\"sim-v1\",\"evidence\":\"AA==\",\"nonce\":\"AA\"}",
          "missing recipient" },
        { "{" WORKER ",\"format\":\"none\",\"evidence\":\"AA==\",\"nonce\":\"AA\","
          "\"recipient\":\"AA\"}",
          "no verifier here knows this format" },
        { "{" WORKER ",\"format\":\"sim-v1\",\"evidence\":\"%\",\"nonce\":\"AA\","
          "\"recipient\":\"AA\"}",
          "evidence must be base64" },
        { "{" WORKER ",\"format\":\"sim-v1\",\"evidence\":\"AA\",\"nonce\":\"%\","
          "\"recipient\":\"AA\"}",
          "nonce must be base64" },
        { "{" WORKER ",\"format\":\"sim-v1\",\"evidence\":\"AA\",\"nonce\":\"AA\","
          "\"recipient\":\"AA\"}",
          "recipient: " },
        { "{" WORKER ",\"format\":\"sim-v1\",\"evidence\":\"AA\",\"nonce\":\"AA\","
          "\"recipient\":7}",
          "recipient must be a key" },
        { "{" WORKER ",\"format\":\"sim-v1\",\"evidence\":\"AA\",\"nonce\":\"AA\","
          "\"recipient\":{\"kty\":\"oct\",\"k\":\"AA\"}}",
          "recipient: " },
        { "{" WORKER ",\"allow_debug\":true}", "" },
        { "[]", "" },
    };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_EQUAL(api_bench_call(&b.api, API_POST, LOGIN, NULL, bad[i].body), 400);
        if (strstr(api_bench_error(&b.api), bad[i].says) == NULL) {
            (void)printf("\n%s: %s\n", bad[i].body, api_bench_error(&b.api));
        }
        CU_ASSERT_PTR_NOT_NULL(strstr(api_bench_error(&b.api), bad[i].says));
    }
    end();
}

static const struct test_case cases[] = {
    { "a challenge serves once", a_challenge_serves_once },
    { "a challenge that served on one server serves on no other",
      a_challenge_that_served_on_one_server_serves_on_no_other },
    { "of two logins at once one is given a token", of_two_logins_at_once_one_is_given_a_token },
    { "what was refused did not use the challenge up",
      what_was_refused_did_not_use_the_challenge_up },
    { "a challenge that is over or of nobody we know is refused",
      a_challenge_that_is_over_or_of_nobody_we_know_is_refused },
    { "another cluster's challenge is refused", another_cluster_s_challenge_is_refused },
    { "evidence of another challenge is refused", evidence_of_another_challenge_is_refused },
    { "a recipient that the evidence does not vouch for is refused",
      a_recipient_that_the_evidence_does_not_vouch_for_is_refused },
    { "forged and debug evidence is refused alike", forged_and_debug_evidence_is_refused_alike },
    { "the server's list decides before any role does",
      the_server_s_list_decides_before_any_role_does },
    { "a request that is none is told why", a_request_that_is_none_is_told_why },
};

TEST_MAIN("api/proof", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "api/tee_channel_proof.h"

#include <stdlib.h>

#include "amc/schedule.h"
#include "tests/double/attest_script.h"
#include "tests/double/channel_bench.h"
#include "tests/test.h"

static struct api_bench b;
static struct channel_proof *proof;

static const uint8_t binding[AMC_HASH_LEN] = { 1, 2, 3 };
static const uint8_t id[AMC_SPKI_LEN] = { 0x30, 0x76 };

static int64_t
now_s(void)
{
    return tsec_clock_real_ns(&b.node.clock.clock) / TSEC_NS_PER_S;
}

static void
begin(void)
{
    const struct admission_policy policy = { .require_revocation = true, .max_age_s = 300 };
    const struct tsec_span item = tsec_span_str(ATTEST_SCRIPT_PCRS);
    TSEC_AUTO(allowlist_free) struct allowlist *list = NULL;

    api_bench_open(&b, "mem:channel");
    CU_ASSERT_EQUAL_FATAL(allowlist_new(&item, 1, &list, NULL).code, 0);
    appraiser_set_policy(b.appraiser, &policy, list);
    attest_script_genuine(now_s());
    proof = calloc(1, sizeof(*proof));
    CU_ASSERT_PTR_NOT_NULL_FATAL(proof);
    channel_proof_init(proof);
}

static void
end(void)
{
    channel_proof_done(proof);
    free(proof);
    api_bench_close(&b);
}

static void
read_evidence(const struct amc_evidence *evidence)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);

    amc_evidence_write(evidence, &text);
    channel_proof_read(proof, tsec_buf_span(&text));
}

static void
appraise(bool with_id)
{
    const struct channel_bound bound = { .binding = binding,
                                         .nonce = tsec_span_str("nonce"),
                                         .spki = tsec_span_str("spki"),
                                         .id = tsec_span(id, with_id ? sizeof(id) : 0) };

    channel_proof_appraise(proof, b.appraiser, &bound, now_s());
}

static void
fresh_evidence_is_held_against_the_binding(void)
{
    const struct amc_evidence ei = channel_bench_evidence("shop");

    begin();
    read_evidence(&ei);
    CU_ASSERT_PTR_NULL(proof->refused);
    CU_ASSERT_STRING_EQUAL(proof->evidence.role, "shop");
    appraise(false);
    CU_ASSERT_TRUE(proof->appraised && proof->appraisal.genuine);
    CU_ASSERT_EQUAL(attest_script.binding_len, 64); /* zeros behind it */
    CU_ASSERT_EQUAL(memcmp(attest_script.binding, binding, AMC_HASH_LEN), 0);
    end();
}

static void
what_does_not_say_when_it_was_made_was_made_now(void)
{
    const struct amc_evidence ei = channel_bench_evidence("");

    begin();
    attest_script.claims.has_issued_at = false;
    read_evidence(&ei);
    appraise(false);
    CU_ASSERT_TRUE(proof->appraisal.genuine);
    CU_ASSERT_EQUAL(proof->appraisal.claims.issued_at, now_s());
    end();
}

static void
identity_evidence_is_held_against_the_key_and_its_time(void)
{
    struct amc_evidence ei = channel_bench_evidence("");
    uint8_t wanted[AMC_HASH_LEN];

    begin();
    ei.mode = AMC_IDENTITY;
    ei.made_at_s = now_s() - 299;
    read_evidence(&ei);
    appraise(true);
    CU_ASSERT_PTR_NULL(proof->refused);
    CU_ASSERT_TRUE(proof->appraised);
    amc_identity_binding(AMC_INITIATOR, tsec_span(id, sizeof(id)), ei.made_at_s, wanted);
    CU_ASSERT_EQUAL(memcmp(attest_script.binding, wanted, AMC_HASH_LEN), 0);
    CU_ASSERT_PTR_NULL(attest_script.expect.nonce.ptr);
    end();
}

static void
identity_evidence_needs_a_key_that_signs_and_is_not_old(void)
{
    static const int64_t ages[] = { 301, -301, 86400 };
    struct amc_evidence ei = channel_bench_evidence("");

    begin();
    ei.mode = AMC_IDENTITY;
    ei.made_at_s = now_s();
    read_evidence(&ei);
    appraise(false);
    CU_ASSERT_STRING_EQUAL(proof->refused, "channel-identity");
    for (size_t i = 0; i < TSEC_ARRAY_LEN(ages); i++) {
        channel_proof_done(proof);
        channel_proof_init(proof);
        ei.made_at_s = now_s() - ages[i];
        read_evidence(&ei);
        appraise(true);
        CU_ASSERT_STRING_EQUAL(proof->refused, "channel-identity");
    }
    CU_ASSERT_EQUAL(attest_script.calls, 0);
    end();
}

static void
what_is_no_evidence_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "{}",
        "[]",
        "{\"format\":\"script\",\"mode\":\"fresh\"}",
        "{\"format\":\"none\",\"mode\":\"fresh\"}",
        "{\"format\":\"script\",\"mode\":\"best\",\"evidence\":\"AAAA\"}",
    };

    begin();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        channel_proof_done(proof);
        channel_proof_init(proof);
        channel_proof_read(proof, tsec_span_str(bad[i]));
        CU_ASSERT_STRING_EQUAL(proof->refused, "channel-evidence");
    }
    end();
}

static void
without_a_verifier_nothing_is_proved(void)
{
    const struct amc_evidence ei = channel_bench_evidence("");
    const struct channel_bound bound = { .binding = binding };

    begin();
    read_evidence(&ei);
    channel_proof_appraise(proof, NULL, &bound, now_s());
    CU_ASSERT_PTR_NOT_NULL(proof->refused);
    CU_ASSERT_FALSE(proof->appraised);
    end();
}

static const struct test_case cases[] = {
    { "fresh evidence is held against the binding", fresh_evidence_is_held_against_the_binding },
    { "what does not say when it was made was made now",
      what_does_not_say_when_it_was_made_was_made_now },
    { "identity evidence is held against the key and its time",
      identity_evidence_is_held_against_the_key_and_its_time },
    { "identity evidence needs a key that signs and is not old",
      identity_evidence_needs_a_key_that_signs_and_is_not_old },
    { "what is no evidence is refused", what_is_no_evidence_is_refused },
    { "without a verifier nothing is proved", without_a_verifier_nothing_is_proved },
};

TEST_MAIN("api/tee_channel_proof", cases)

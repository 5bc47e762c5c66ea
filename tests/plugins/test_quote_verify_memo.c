/* SPDX-License-Identifier: Apache-2.0 */
/* What is remembered changes no verdict. */
#include <string.h>

#include "tests/plugins/quote_rig.h"
#include "tests/test.h"

static struct quote_rig rig;
static struct verifier_cache cache;

#define VERDICT_IS(expected) CU_ASSERT_STRING_EQUAL(quote_rig_verdict(&rig), expected)
#define AGAIN_IS(expected)   CU_ASSERT_STRING_EQUAL(quote_rig_again(&rig), expected)

static void
start(bool tdx)
{
    quote_rig_done(&rig);
    quote_rig_init(&rig, tdx);
    tsec_memo_free(cache.quote);
    cache.quote = NULL;
    CU_ASSERT_FALSE_FATAL(tsec_failed(quote_memo_new(&cache.quote, NULL)));
    rig.cache = &cache;
}

static void
the_second_time_says_the_same(void)
{
    struct tsec_checks first;
    struct tsec_claims claims;
    size_t known;

    start(true);
    VERDICT_IS("genuine");
    first = rig.checks;
    claims = rig.claims;
    known = tsec_memo_len(cache.quote);
    CU_ASSERT_EQUAL(known, 6); /* the chain, the signer, two documents, two CRLs */
    AGAIN_IS("genuine");
    CU_ASSERT_EQUAL(memcmp(&first, &rig.checks, sizeof(first)), 0);
    CU_ASSERT_EQUAL(memcmp(&claims, &rig.claims, sizeof(claims)), 0);
    CU_ASSERT_EQUAL(tsec_memo_len(cache.quote), known);
}

static void
windows_are_checked_each_time(void)
{
    start(false);
    VERDICT_IS("genuine");
    rig.now = 1802131200; /* nextUpdate of both documents */
    AGAIN_IS("genuine");
    rig.now++;
    AGAIN_IS("expired tcb-info");
    rig.now = rig.spec.certs[MINT_SGX_PCK].not_after + 1;
    AGAIN_IS("expired chain");
    rig.now = rig.spec.certs[MINT_SGX_PCK].not_before - 1;
    AGAIN_IS("not-yet-valid chain");
    rig.now = MINT_SGX_NOW - 3601;
    AGAIN_IS("not-yet-valid revocation");
    rig.now = MINT_SGX_NOW;
    AGAIN_IS("genuine");
}

static void
a_remembered_chain_serves_no_other_root(void)
{
    start(false);
    VERDICT_IS("genuine");
    rig.anchors.intel_spki[0] ^= 1;
    AGAIN_IS("chain root");
}

static void
a_remembered_chain_vouches_for_no_other_quote(void)
{
    start(false);
    VERDICT_IS("genuine");
    rig.quote.ptr[48] ^= 1;
    AGAIN_IS("signature signature");
}

/* Another verification had the signer; this one has not. */
static void
a_remembered_document_needs_its_signer_and_signature_again(void)
{
    TSEC_AUTO_BUF struct tsec_buf info = TSEC_BUF_INIT(MINT_SGX_MAX);
    TSEC_AUTO_BUF struct tsec_buf wrapped = TSEC_BUF_INIT(MINT_SGX_MAX);

    start(false);
    mint_sgx_tcb_info(&rig.spec, &info);
    mint_sgx_wrap("tcbInfo", tsec_buf_span(&info), MINT_SGX_SIGNING, &wrapped);
    rig.tcb_info = tsec_buf_span(&wrapped);
    VERDICT_IS("genuine");
    rig.quote_ready = true;
    rig.no_signing_chain = true;
    VERDICT_IS("collateral tcb-info");
    rig.no_signing_chain = false;
    rig.tcb_info = tsec_buf_span(&info);
    VERDICT_IS("collateral tcb-info");
}

static void
what_did_not_hold_is_not_remembered(void)
{
    start(false);
    rig.info_signer = MINT_SGX_STRANGER;
    VERDICT_IS("collateral tcb-info");
    AGAIN_IS("collateral tcb-info");
    start(false);
    rig.spec.signers[MINT_SGX_CA] = MINT_SGX_STRANGER;
    VERDICT_IS("chain chain");
    CU_ASSERT_EQUAL(tsec_memo_len(cache.quote), 0);
}

static void
many_quotes_of_one_platform_share_what_is_remembered(void)
{
    start(false);
    VERDICT_IS("genuine");
    for (int i = 0; i < 3; i++) {
        rig.spec.body[64]++; /* another enclave, another signature; fresh certificates */
        VERDICT_IS("genuine");
    }
    CU_ASSERT_TRUE(tsec_memo_len(cache.quote) > 5);
    tsec_memo_free(cache.quote);
    cache.quote = NULL;
}

static const struct test_case cases[] = {
    { "the second time says the same", the_second_time_says_the_same },
    { "windows are checked each time", windows_are_checked_each_time },
    { "a remembered chain serves no other root", a_remembered_chain_serves_no_other_root },
    { "a remembered chain vouches for no other quote",
      a_remembered_chain_vouches_for_no_other_quote },
    { "a remembered document needs its signer and signature again",
      a_remembered_document_needs_its_signer_and_signature_again },
    { "what did not hold is not remembered", what_did_not_hold_is_not_remembered },
    { "many quotes of one platform share what is remembered",
      many_quotes_of_one_platform_share_what_is_remembered },
};

TEST_MAIN("plugins/quote_verify_memo", cases)

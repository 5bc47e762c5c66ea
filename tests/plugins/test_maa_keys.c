/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_keys.h"

#include <string.h>

#include "maa_jwks.h"
#include "tests/plugins/maa_trial.h"
#include "tests/test.h"

static struct maa_trial t;

static void
a_second_key_of_the_same_name_is_tried(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.keys[0].cert_rsa = 1;
    t.keys[1] = mint_maa_jwk();
    t.keys_len = 2;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    t.keys[1].cert_rsa = 2;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_SIGNATURE, "signature"));
}

static void
a_key_that_cannot_be_used_is_named(void)
{
    maa_trial_init(&t, MINT_MAA_SGX);
    t.keys[0].edit = (struct mint_maa_edit){ "use", "\"enc\"", false };
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NO_ENDORSEMENT, "key"));
    CU_ASSERT_TRUE(maa_trial_says(&t, "RS256"));
}

static void
bare_numbers_and_certificates_verify_alike(void)
{
    maa_trial_init(&t, MINT_MAA_SNP);
    t.keys[0].bare = true;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    t.keys[0].x5c = false;
    CU_ASSERT_TRUE(maa_trial_genuine(&t));
    CU_ASSERT_EQUAL(t.claims.not_after, t.spec.exp);
}

static void
a_broken_jwks_is_bad_collateral(void)
{
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(MINT_MAA_TOKEN_MAX);

    maa_trial_init(&t, MINT_MAA_SGX);
    mint_maa(&t.spec, &token);
    t.no_keys = true;
    t.expect.jwks = tsec_span_str("{\"keys\":");
    CU_ASSERT_TRUE(maa_trial_was_refused(&t, maa_trial_verify(&t, tsec_buf_span(&token)),
                                         TSEC_REASON_COLLATERAL, "jwks"));
}

/* The memo changes what a repeat costs and no verdict. */
static void
remembered_keys_give_the_same_verdicts(void)
{
    struct verifier_cache cache = { .snp = NULL };

    maa_trial_init(&t, MINT_MAA_SGX);
    t.cache = &cache;
    CU_ASSERT_EQUAL_FATAL(maa_memo_new(&cache.token_keys, NULL).code, TSEC_OK_CODE);
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_TRUE(maa_trial_genuine(&t));
    }
    CU_ASSERT_EQUAL(tsec_memo_len(cache.token_keys), 1);
    t.spec.rsa = 1;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_SIGNATURE, "signature"));
    t.spec.rsa = 0;
    t.keys[0].not_after = t.now - 1; /* another document */
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_EXPIRED, "key"));
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_EXPIRED, "key"));
    t.keys_len = 0;
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NO_ENDORSEMENT, "key"));
    CU_ASSERT_TRUE(maa_trial_refused(&t, TSEC_REASON_NO_ENDORSEMENT, "key"));
    tsec_memo_free(cache.token_keys);
}

static const struct test_case cases[] = {
    { "a second key of the same name is tried", a_second_key_of_the_same_name_is_tried },
    { "a key that cannot be used is named", a_key_that_cannot_be_used_is_named },
    { "bare numbers and certificates verify alike", bare_numbers_and_certificates_verify_alike },
    { "a broken JWKS is bad collateral", a_broken_jwks_is_bad_collateral },
    { "remembered keys give the same verdicts", remembered_keys_give_the_same_verdicts },
};

TEST_MAIN("maa-keys", cases)

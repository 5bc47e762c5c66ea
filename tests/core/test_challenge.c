/* SPDX-License-Identifier: Apache-2.0 */
#include "core/challenge.h"

#include "core/token.h"
#include "crypto/hash.h"
#include "tests/core/nouns.h"

#define NOW INT64_C(1790000000000000000)

static struct core_keys
keys_of(struct tsec_hmac_key **key, uint8_t fill)
{
    uint8_t bytes[32];

    memset(bytes, fill, sizeof(bytes));
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_hmac_key_new(tsec_span(bytes, sizeof(bytes)), key, NULL)));
    return (struct core_keys){ .token_tag = *key };
}

static const char *
check(const struct core_keys *keys, int64_t now_ns, const uint8_t *nonce, size_t len)
{
    static struct tsec_err err;
    const tsec_rc rc = challenge_check(keys, now_ns, tsec_span(nonce, len), &err);

    if (!tsec_failed(rc)) {
        return "good";
    }
    CU_ASSERT_EQUAL(rc.code, TSEC_E_DENIED);
    return err.detail;
}

static void
a_challenge_is_taken_for_a_minute_by_who_has_the_cluster_s_key(void)
{
    TSEC_AUTO(tsec_hmac_key_free) struct tsec_hmac_key *key = NULL;
    const struct core_keys keys = keys_of(&key, 7);
    uint8_t nonce[CHALLENGE_LEN];
    int64_t expires = 0;

    CU_ASSERT_FALSE(tsec_failed(challenge_make(&keys, NOW, nonce, &expires, NULL)));
    CU_ASSERT_EQUAL(expires, NOW + CHALLENGE_LIFE_S * TSEC_NS_PER_S);
    CU_ASSERT_STRING_EQUAL(check(&keys, NOW, nonce, sizeof(nonce)), "good");
    CU_ASSERT_STRING_EQUAL(check(&keys, expires - 1, nonce, sizeof(nonce)), "good");
    CU_ASSERT_STRING_EQUAL(check(&keys, expires, nonce, sizeof(nonce)), "challenge-expired");
    CU_ASSERT_STRING_EQUAL(check(&keys, expires + TSEC_NS_PER_S, nonce, sizeof(nonce)),
                           "challenge-expired");
}

static void
no_two_challenges_are_alike(void)
{
    TSEC_AUTO(tsec_hmac_key_free) struct tsec_hmac_key *key = NULL;
    const struct core_keys keys = keys_of(&key, 7);
    uint8_t a[CHALLENGE_LEN];
    uint8_t b[CHALLENGE_LEN];
    int64_t expires = 0;

    CU_ASSERT_FALSE(tsec_failed(challenge_make(&keys, NOW, a, &expires, NULL)));
    CU_ASSERT_FALSE(tsec_failed(challenge_make(&keys, NOW, b, &expires, NULL)));
    CU_ASSERT_NOT_EQUAL(memcmp(a, b, sizeof(a)), 0);
}

static void
every_altered_bit_and_every_other_length_is_refused(void)
{
    TSEC_AUTO(tsec_hmac_key_free) struct tsec_hmac_key *key = NULL;
    const struct core_keys keys = keys_of(&key, 7);
    uint8_t nonce[CHALLENGE_LEN + 1] = { 0 };
    int64_t expires = 0;

    CU_ASSERT_FALSE(tsec_failed(challenge_make(&keys, NOW, nonce, &expires, NULL)));
    for (size_t bit = 0; bit < (size_t)8 * CHALLENGE_LEN; bit++) {
        nonce[bit / 8] ^= (uint8_t)(1U << (bit % 8));
        CU_ASSERT_STRING_EQUAL(check(&keys, NOW, nonce, CHALLENGE_LEN), "challenge");
        nonce[bit / 8] ^= (uint8_t)(1U << (bit % 8));
    }
    for (size_t len = 0; len <= CHALLENGE_LEN + 1; len++) {
        CU_ASSERT_STRING_EQUAL(check(&keys, NOW, nonce, len),
                               len == CHALLENGE_LEN ? "good" : "challenge");
    }
}

static void
another_cluster_s_challenge_is_refused(void)
{
    TSEC_AUTO(tsec_hmac_key_free) struct tsec_hmac_key *key = NULL;
    TSEC_AUTO(tsec_hmac_key_free) struct tsec_hmac_key *other = NULL;
    const struct core_keys keys = keys_of(&key, 7);
    const struct core_keys others = keys_of(&other, 8);
    uint8_t nonce[CHALLENGE_LEN];
    int64_t expires = 0;

    CU_ASSERT_FALSE(tsec_failed(challenge_make(&others, NOW, nonce, &expires, NULL)));
    CU_ASSERT_STRING_EQUAL(check(&keys, NOW, nonce, sizeof(nonce)), "challenge");
}

/* Its maker's clock was wrong, or ours is: then how long it lives would be anybody's guess. */
static void
one_from_too_far_in_the_future_is_refused(void)
{
    TSEC_AUTO(tsec_hmac_key_free) struct tsec_hmac_key *key = NULL;
    const struct core_keys keys = keys_of(&key, 7);
    uint8_t nonce[CHALLENGE_LEN];
    int64_t expires = 0;

    CU_ASSERT_FALSE(tsec_failed(challenge_make(&keys, NOW, nonce, &expires, NULL)));
    CU_ASSERT_STRING_EQUAL(check(&keys, NOW - 60 * TSEC_NS_PER_S, nonce, sizeof(nonce)), "good");
    CU_ASSERT_STRING_EQUAL(check(&keys, NOW - 61 * TSEC_NS_PER_S, nonce, sizeof(nonce)),
                           "challenge-expired");
}

/* ---- used once ---- */

struct use {
    uint8_t nonce[CHALLENGE_LEN];
    size_t len;
    size_t swept;
    char detail[192];
};

static tsec_rc
make(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct use *use = ctx;
    int64_t expires = 0;

    use->len = CHALLENGE_LEN;
    return challenge_make(node_keys(nouns.node), txn_now(txn), use->nonce, &expires, err);
}

static tsec_rc
use_it(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct use *use = ctx;
    const tsec_rc rc = challenge_use(txn, tsec_span(use->nonce, use->len), err);

    if (tsec_failed(rc)) {
        (void)snprintf(use->detail, sizeof(use->detail), "%s", err->detail);
    }
    return rc;
}

static tsec_rc
use_and_fail(void *ctx, struct txn *txn, struct tsec_err *err)
{
    TSEC_TRY(use_it(ctx, txn, err));
    return TSEC_FAIL(err, TSEC_E_DENIED, "what it was for was refused");
}

static tsec_rc
sweep(void *ctx, struct txn *txn, struct tsec_err *err)
{
    struct use *use = ctx;

    return core_sweep_expired(txn, 100, &use->swept, err);
}

static void
what_served_serves_no_more(void)
{
    struct use use = { .len = 0 };

    nouns_open("mem:challenge");
    CU_ASSERT_EQUAL(nouns_do(make, &use), 0);
    CU_ASSERT_EQUAL(nouns_do(use_it, &use), 0);
    CU_ASSERT_EQUAL(nouns_do(use_it, &use), TSEC_E_DENIED);
    CU_ASSERT_STRING_EQUAL(use.detail, "challenge-used");
    use.len = CHALLENGE_LEN - 1;
    CU_ASSERT_EQUAL(nouns_do(use_it, &use), TSEC_E_DENIED);
    nouns_close();
}

static void
what_failed_did_not_use_it_up(void)
{
    struct use use = { .len = 0 };

    nouns_open("mem:challenge");
    CU_ASSERT_EQUAL(nouns_do(make, &use), 0);
    CU_ASSERT_EQUAL(nouns_do(use_and_fail, &use), TSEC_E_DENIED);
    CU_ASSERT_EQUAL(nouns_do(use_it, &use), 0);
    nouns_close();
}

static void
its_row_goes_only_when_no_clock_can_take_it_any_more(void)
{
    struct use use = { .len = 0 };

    nouns_open("mem:challenge");
    CU_ASSERT_EQUAL(nouns_do(make, &use), 0);
    CU_ASSERT_EQUAL(nouns_do(use_it, &use), 0);
    nouns_pass(CHALLENGE_LIFE_S + 239);
    CU_ASSERT_EQUAL(nouns_do(sweep, &use), 0);
    CU_ASSERT_EQUAL(use.swept, 0);
    CU_ASSERT_EQUAL(nouns_do(use_it, &use), TSEC_E_DENIED);
    CU_ASSERT_STRING_EQUAL(use.detail, "challenge-used");
    nouns_pass(62);
    CU_ASSERT_EQUAL(nouns_do(sweep, &use), 0);
    CU_ASSERT_TRUE(use.swept > 0);
    CU_ASSERT_EQUAL(nouns_do(use_it, &use), TSEC_E_DENIED); /* of a request that was on its way */
    CU_ASSERT_STRING_EQUAL(use.detail, "challenge-expired");
    nouns_close();
}

static const struct test_case cases[] = {
    { "a challenge is taken for a minute by who has the cluster's key",
      a_challenge_is_taken_for_a_minute_by_who_has_the_cluster_s_key },
    { "no two challenges are alike", no_two_challenges_are_alike },
    { "every altered bit and every other length is refused",
      every_altered_bit_and_every_other_length_is_refused },
    { "another cluster's challenge is refused", another_cluster_s_challenge_is_refused },
    { "one from too far in the future is refused", one_from_too_far_in_the_future_is_refused },
    { "what served serves no more", what_served_serves_no_more },
    { "what failed did not use it up", what_failed_did_not_use_it_up },
    { "its row goes only when no clock can take it any more",
      its_row_goes_only_when_no_clock_can_take_it_any_more },
};

TEST_MAIN("core/challenge", cases)

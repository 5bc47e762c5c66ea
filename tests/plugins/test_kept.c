/* SPDX-License-Identifier: Apache-2.0 */
#include "kept.h"

#include <pthread.h>
#include <stdatomic.h>

#include "crypto/crypto.h"
#include "tests/mint/mint_maa.h"
#include "tests/test.h"

static struct kept *kept;

static size_t
signatures(void)
{
    const struct kept_view *view = kept_hold(kept);
    const size_t n = collateral_signatures(view->collateral);

    kept_release(kept, view);
    return n;
}

static tsec_rc
give(uint8_t byte)
{
    uint8_t loose[64] = { (uint8_t)(byte | 0x80) }; /* no white space */

    return kept_give(kept, tsec_span(loose, sizeof(loose)), NULL);
}

static void
put_jwks(const char *kid, struct tsec_buf *out)
{
    struct mint_maa_jwk jwk = mint_maa_jwk();

    jwk.kid = kid;
    mint_maa_jwks(&jwk, 1, out);
}

static bool
has_key(const char *kid_raw)
{
    const struct kept_view *view = kept_hold(kept);
    size_t at = 0;
    const bool has = maa_jwks_next(view->keys, tsec_span_str(kid_raw), &at) != NULL;

    kept_release(kept, view);
    return has;
}

static void
a_view_does_not_change(void)
{
    const struct kept_view *before;

    CU_ASSERT_EQUAL_FATAL(kept_new(&kept, NULL).code, TSEC_OK_CODE);
    before = kept_hold(kept);
    CU_ASSERT_EQUAL(give(1).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(give(2).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(give(2).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(collateral_signatures(before->collateral), 0);
    CU_ASSERT_EQUAL(signatures(), 2);
    kept_release(kept, before);
    kept_free(kept);
}

static void
what_is_nothing_known_changes_nothing(void)
{
    CU_ASSERT_EQUAL_FATAL(kept_new(&kept, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(give(1).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(kept_give(kept, tsec_span_str("hello"), NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(kept_give_keys(kept, tsec_span_str("{\"keys\":[]}"), NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(signatures(), 1);
    CU_ASSERT_FALSE(has_key("\"a\""));
    kept_free(kept);
}

static void
fetched_keys_go_before_given_ones_and_stay(void)
{
    TSEC_AUTO_BUF struct tsec_buf given = TSEC_BUF_INIT(MINT_MAA_JWKS_MAX);
    TSEC_AUTO_BUF struct tsec_buf fetched = TSEC_BUF_INIT(MINT_MAA_JWKS_MAX);

    put_jwks("given", &given);
    put_jwks("fetched", &fetched);
    CU_ASSERT_EQUAL_FATAL(kept_new(&kept, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(kept_give_keys(kept, tsec_buf_span(&given), NULL).code, TSEC_OK_CODE);
    CU_ASSERT_TRUE(has_key("\"given\""));
    CU_ASSERT_EQUAL(kept_fetched(kept, NULL, tsec_buf_span(&fetched), NULL).code, TSEC_OK_CODE);
    CU_ASSERT_TRUE(has_key("\"fetched\""));
    CU_ASSERT_FALSE(has_key("\"given\""));
    CU_ASSERT_EQUAL(kept_fetched(kept, NULL, tsec_span(NULL, 0), NULL).code, TSEC_OK_CODE);
    CU_ASSERT_TRUE(has_key("\"fetched\""));
    CU_ASSERT_EQUAL(kept_fetched(kept, NULL, tsec_span_str("{}"), NULL).code, TSEC_E_INVALID);
    CU_ASSERT_TRUE(has_key("\"fetched\""));
    kept_free(kept);
}

static void
what_was_fetched_is_replaced_as_a_whole(void)
{
    TSEC_AUTO(collateral_free) struct collateral *set = NULL;
    static const uint8_t loose[64] = { 0xff };

    CU_ASSERT_EQUAL_FATAL(kept_new(&kept, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL_FATAL(collateral_new(&set, NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(collateral_add(set, tsec_span(loose, sizeof(loose)), NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(give(1).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(kept_fetched(kept, set, tsec_span(NULL, 0), NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(signatures(), 2);
    CU_ASSERT_EQUAL(kept_fetched(kept, NULL, tsec_span(NULL, 0), NULL).code, TSEC_OK_CODE);
    CU_ASSERT_EQUAL(signatures(), 1);
    kept_free(kept);
}

/* ---- threads ---- */

static atomic_bool stop;

static void *
look(void *ctx)
{
    size_t *looks = ctx;
    size_t last = 0;

    while (!atomic_load(&stop)) {
        const size_t n = signatures();

        if (n < last) { /* it only grows */
            *looks = 0;
            return NULL;
        }
        last = n;
        (*looks)++;
    }
    return NULL;
}

static void
views_are_held_while_others_add(void)
{
    enum { THREADS = 3, ADDED = 60 };
    pthread_t threads[THREADS];
    size_t looks[THREADS] = { 1, 1, 1 };

    CU_ASSERT_EQUAL_FATAL(kept_new(&kept, NULL).code, TSEC_OK_CODE);
    atomic_store(&stop, false);
    for (size_t i = 0; i < THREADS; i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, look, &looks[i]), 0);
    }
    for (uint8_t i = 1; i <= ADDED; i++) {
        CU_ASSERT_EQUAL(give(i).code, TSEC_OK_CODE);
    }
    atomic_store(&stop, true);
    for (size_t i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
        CU_ASSERT_TRUE(looks[i] > 0);
    }
    CU_ASSERT_EQUAL(signatures(), ADDED);
    kept_free(kept);
}

static const struct test_case cases[] = {
    { "a view does not change", a_view_does_not_change },
    { "what is nothing known changes nothing", what_is_nothing_known_changes_nothing },
    { "fetched keys go before given ones, and stay", fetched_keys_go_before_given_ones_and_stay },
    { "what was fetched is replaced as a whole", what_was_fetched_is_replaced_as_a_whole },
    { "views are held while others add", views_are_held_while_others_add },
};

int
main(void)
{
    if (tsec_failed(tsec_crypto_setup(NULL))) {
        return TEST_FAIL;
    }
    return test_main("kept", cases, TSEC_ARRAY_LEN(cases));
}

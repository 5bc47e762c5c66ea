/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/share.h"

#include "tests/amc/kat.h"
#include "tests/amc/peers.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

static struct tsec_key *
key_of(const char *scalar)
{
    TSEC_AUTO_BUF struct tsec_buf raw = hex_bytes(scalar);
    struct tsec_key *key = NULL;

    OK(tsec_key_from_private(TSEC_KEY_P384, tsec_buf_span(&raw), &key, NULL));
    return key;
}

static void
the_secret_of_two_shares_is_known(void)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *i = key_of(KAT_SCALAR_I);
    TSEC_AUTO_BUF struct tsec_buf peer = hex_bytes(KAT_POINT_R);
    TSEC_AUTO_BUF struct tsec_buf secret = TSEC_BUF_INIT(AMC_HASH_LEN);
    const uint8_t nonce[AMC_NONCE_LEN] = { 0 };
    struct amc_share_own own;

    OK(amc_share_own_draw(&own, i, NULL, NULL));
    CU_ASSERT_TRUE(equals_hex(tsec_span(own.eph, AMC_POINT_LEN), KAT_POINT_I));
    OK(amc_share_own_agree(&own, peer.ptr, nonce, &secret, NULL));
    CU_ASSERT_TRUE(equals_hex(tsec_buf_span(&secret), KAT_SS));
    amc_share_own_done(&own);
}

static void
a_key_is_used_once_whatever_comes_of_it(void)
{
    TSEC_AUTO_BUF struct tsec_buf secret = TSEC_BUF_INIT(AMC_HASH_LEN);
    TSEC_AUTO_BUF struct tsec_buf peer = hex_bytes(KAT_POINT_R);
    const uint8_t nonce[AMC_NONCE_LEN] = { 0 };
    struct amc_share_own own;

    OK(amc_share_own_draw(&own, NULL, NULL, NULL));
    CU_ASSERT_EQUAL(amc_share_own_agree(&own, own.eph, nonce, &secret, NULL).code, TSEC_E_DENIED);
    CU_ASSERT_PTR_NULL(own.key);
    CU_ASSERT_EQUAL(amc_share_own_agree(&own, peer.ptr, nonce, &secret, NULL).code,
                    TSEC_E_INTERNAL);
    CU_ASSERT_EQUAL(secret.len, 0);
}

/* -P is (x, p - y). */
static void
the_negative_of_its_own_point_is_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf p = hex_bytes("ffffffffffffffffffffffffffffffffffffffffffffffff"
                                                "fffffffffffffffeffffffff0000000000000000ffffffff");
    TSEC_AUTO_BUF struct tsec_buf secret = TSEC_BUF_INIT(AMC_HASH_LEN);
    const uint8_t nonce[AMC_NONCE_LEN] = { 0 };
    struct amc_share_own own;
    uint8_t negative[AMC_POINT_LEN];
    int borrow = 0;

    OK(amc_share_own_draw(&own, NULL, NULL, NULL));
    memcpy(negative, own.eph, sizeof(negative));
    for (int n = 47; n >= 0; n--) {
        const int digit = p.ptr[n] - own.eph[49 + n] - borrow;

        negative[49 + n] = (uint8_t)digit;
        borrow = digit < 0;
    }

    TSEC_AUTO(tsec_key_free) struct tsec_key *on_curve = NULL;

    OK(tsec_key_from_public(TSEC_KEY_P384, tsec_span(negative, sizeof(negative)), &on_curve, NULL));
    CU_ASSERT_EQUAL(amc_share_own_agree(&own, negative, nonce, &secret, NULL).code, TSEC_E_DENIED);
}

static void
points_that_are_none_are_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf secret = TSEC_BUF_INIT(AMC_HASH_LEN);
    const uint8_t nonce[AMC_NONCE_LEN] = { 0 };
    uint8_t point[AMC_POINT_LEN] = { 4 }; /* (0, 0) */

    for (int n = 0; n < 3; n++) {
        struct amc_share_own own;

        OK(amc_share_own_draw(&own, NULL, NULL, NULL));
        if (n == 1) {
            point[0] = 0; /* infinity, with something behind it */
        } else if (n == 2) {
            memset(point, 0xff, sizeof(point)); /* coordinates past the field */
            point[0] = 4;
        }
        CU_ASSERT_EQUAL(amc_share_own_agree(&own, point, nonce, &secret, NULL).code,
                        TSEC_E_INVALID);
    }
}

static void
shares_differ_and_have_their_spki(void)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(AMC_SPKI_LEN);
    struct amc_share_own a;
    struct amc_share_own b;

    OK(amc_share_own_draw(&a, NULL, NULL, NULL));
    OK(amc_share_own_draw(&b, NULL, NULL, NULL));
    OK(tsec_key_spki(a.key, &spki, NULL));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&spki), tsec_span(a.spki, AMC_SPKI_LEN)));
    CU_ASSERT_FALSE(
        tsec_span_equal(tsec_span(a.eph, AMC_POINT_LEN), tsec_span(b.eph, AMC_POINT_LEN)));
    CU_ASSERT_FALSE(
        tsec_span_equal(tsec_span(a.nonce, AMC_NONCE_LEN), tsec_span(b.nonce, AMC_NONCE_LEN)));
    amc_share_own_done(&a);
    amc_share_own_done(&b);
}

static const struct test_case cases[] = {
    { "the secret of two shares is known", the_secret_of_two_shares_is_known },
    { "a key is used once, whatever comes of it", a_key_is_used_once_whatever_comes_of_it },
    { "the negative of its own point is refused", the_negative_of_its_own_point_is_refused },
    { "points that are none are refused", points_that_are_none_are_refused },
    { "shares differ and have their SPKI", shares_differ_and_have_their_spki },
};

TEST_MAIN("amc/share", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "attest-sim/sim_seal.h"

#include <string.h>

#include "crypto/crypto.h"
#include "tests/test.h"

static struct tsec_secret *
seal_key(int fill)
{
    struct tsec_secret *key = NULL;

    CU_ASSERT_EQUAL_FATAL(tsec_secret_new(32, &key, NULL).code, 0);
    memset(tsec_secret_bytes(key), fill, 32);
    return key;
}

static void
it_opens_for_the_same_and_nothing_else(void)
{
    TSEC_AUTO(tsec_secret_free) struct tsec_secret *own = seal_key(1);
    TSEC_AUTO(tsec_secret_free) struct tsec_secret *other = seal_key(2);
    uint8_t measurement[SIM_MEASUREMENT_LEN] = { 5 };
    uint8_t key[32];
    uint8_t out[32];
    uint8_t blob[SIM_WRAPPING_LEN];
    const struct tsec_span wrapped = tsec_span(blob, sizeof(blob));

    memset(key, 0x77, sizeof(key));
    CU_ASSERT_EQUAL(sim_wrap(own, measurement, false, key, blob, NULL).code, 0);
    CU_ASSERT_EQUAL(sim_unwrap(own, measurement, false, wrapped, out, NULL).code, 0);
    CU_ASSERT_TRUE(tsec_ct_equal(tsec_span(key, 32), tsec_span(out, 32)));
    CU_ASSERT_EQUAL(sim_unwrap(other, measurement, false, wrapped, out, NULL).code, TSEC_E_DENIED);
    CU_ASSERT_EQUAL(sim_unwrap(own, measurement, true, wrapped, out, NULL).code, TSEC_E_DENIED);
    measurement[47] ^= 1;
    CU_ASSERT_EQUAL(sim_unwrap(own, measurement, false, wrapped, out, NULL).code, TSEC_E_DENIED);
}

static void
no_changed_byte_and_no_cut_opens(void)
{
    TSEC_AUTO(tsec_secret_free) struct tsec_secret *own = seal_key(1);
    static const uint8_t measurement[SIM_MEASUREMENT_LEN];
    uint8_t key[32] = { 1 };
    uint8_t out[32];
    uint8_t blob[SIM_WRAPPING_LEN + 1] = { 0 };

    CU_ASSERT_EQUAL(sim_wrap(own, measurement, false, key, blob, NULL).code, 0);
    for (size_t i = 0; i < SIM_WRAPPING_LEN; i++) {
        blob[i] ^= 0x10;
        CU_ASSERT_EQUAL(
            sim_unwrap(own, measurement, false, tsec_span(blob, SIM_WRAPPING_LEN), out, NULL).code,
            i < 4 ? TSEC_E_INVALID : TSEC_E_DENIED);
        blob[i] ^= 0x10;
        CU_ASSERT_EQUAL(sim_unwrap(own, measurement, false, tsec_span(blob, i), out, NULL).code,
                        TSEC_E_INVALID);
    }
    CU_ASSERT_EQUAL(
        sim_unwrap(own, measurement, false, tsec_span(blob, SIM_WRAPPING_LEN + 1), out, NULL).code,
        TSEC_E_INVALID);
}

static void
two_wrappings_of_one_key_differ(void)
{
    TSEC_AUTO(tsec_secret_free) struct tsec_secret *own = seal_key(1);
    static const uint8_t measurement[SIM_MEASUREMENT_LEN];
    const uint8_t key[32] = { 1 };
    uint8_t a[SIM_WRAPPING_LEN];
    uint8_t b[SIM_WRAPPING_LEN];

    CU_ASSERT_EQUAL(sim_wrap(own, measurement, false, key, a, NULL).code, 0);
    CU_ASSERT_EQUAL(sim_wrap(own, measurement, false, key, b, NULL).code, 0);
    CU_ASSERT_FALSE(tsec_span_equal(tsec_span(a + 4, 12), tsec_span(b + 4, 12)));
}

static const struct test_case cases[] = {
    { "it opens for the same and nothing else", it_opens_for_the_same_and_nothing_else },
    { "no changed byte and no cut opens", no_changed_byte_and_no_cut_opens },
    { "two wrappings of one key differ", two_wrappings_of_one_key_differ },
};

int
main(void)
{
    return tsec_failed(tsec_crypto_setup(NULL))
               ? TEST_FAIL
               : test_main("attest-sim/seal", cases, sizeof(cases) / sizeof(cases[0]));
}

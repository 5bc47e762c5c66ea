/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/locked.h"

#include <openssl/crypto.h>

#include "base/span.h"
#include "tests/freed_library.h"
#include "tests/test.h"

static const uint8_t secret[32] = "a secret of thirty-two bytes ...";

static void
the_bytes_are_zero_at_first(void)
{
    for (size_t len = 1; len <= 4096; len *= 8) {
        uint8_t *bytes = NULL;

        CU_ASSERT_EQUAL_FATAL(tsec_locked_new(len, &bytes, NULL).code, 0);
        CU_ASSERT_TRUE(tsec_span_zero(tsec_span(bytes, len)));
        memset(bytes, 0x5a, len);
        tsec_locked_free(bytes, len);
    }
}

static void
none_at_all_and_too_much_are_refused(void)
{
    struct tsec_err err = { 0 };
    uint8_t *bytes = NULL;

    CU_ASSERT_EQUAL(tsec_locked_new(0, &bytes, &err).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_locked_new(TSEC_LOCKED_MAX + 1, &bytes, &err).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_locked_new(SIZE_MAX, &bytes, &err).code, TSEC_E_INVALID);
    CU_ASSERT_PTR_NULL(bytes);
    tsec_locked_free(NULL, 0);
}

static void
what_is_given_back_is_wiped(void)
{
    uint8_t *bytes = NULL;
    uint8_t *careless = OPENSSL_malloc(sizeof(secret));

    CU_ASSERT_TRUE_FATAL(freed_library_watches());
    freed_library_seek(secret, sizeof(secret));
    memcpy(careless, secret, sizeof(secret));
    OPENSSL_free(careless);
    CU_ASSERT_EQUAL(freed_library_leaks(), 1); /* it does see what was not wiped */

    freed_library_seek(secret, sizeof(secret));
    CU_ASSERT_EQUAL_FATAL(tsec_locked_new(sizeof(secret), &bytes, NULL).code, 0);
    memcpy(bytes, secret, sizeof(secret));
    tsec_locked_free(bytes, sizeof(secret));
    CU_ASSERT_EQUAL(freed_library_leaks(), 0);
}

static const struct test_case cases[] = {
    { "the bytes are zero at first", the_bytes_are_zero_at_first },
    { "none at all and too much are refused", none_at_all_and_too_much_are_refused },
    { "what is given back is wiped", what_is_given_back_is_wiped },
};

TEST_MAIN("crypto/locked", cases)

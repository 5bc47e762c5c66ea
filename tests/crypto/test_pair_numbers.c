/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pair_numbers.h"

#include "tests/test.h"

#define OK(expr) CU_ASSERT_FALSE_FATAL(tsec_failed(expr))

static const enum tsec_pair_kind kinds[] = { TSEC_PAIR_ED25519,   TSEC_PAIR_P256,
                                             TSEC_PAIR_P384,      TSEC_PAIR_P521,
                                             TSEC_PAIR_SECP256K1, TSEC_PAIR_RSA2048 };

struct der {
    struct tsec_buf pkcs8;
    struct tsec_buf spki;
};

static struct der
make(enum tsec_pair_kind kind)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    struct der out = { TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX), TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX) };

    OK(tsec_pair_generate(kind, &pair, NULL));
    OK(tsec_pair_pkcs8(pair, &out.pkcs8, NULL));
    OK(tsec_pair_spki(pair, &out.spki, NULL));
    return out;
}

static void
done(struct der *der)
{
    tsec_buf_done(&der->pkcs8);
    tsec_buf_done(&der->spki);
}

static void
numbers_make_the_same_key_again(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
        TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
        struct der der = make(kinds[i]);
        struct tsec_pair_numbers numbers;

        OK(tsec_pair_numbers(kinds[i], tsec_buf_span(&der.pkcs8), tsec_buf_span(&der.spki),
                             &numbers, NULL));
        CU_ASSERT_TRUE(numbers.secret.len > 0);
        OK(tsec_pair_numbers_spki(kinds[i], &numbers, &spki, NULL));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&spki), tsec_buf_span(&der.spki)));
        OK(tsec_pair_numbers_pkcs8(kinds[i], &numbers, &pkcs8, NULL));
        OK(tsec_pair_import(kinds[i], tsec_buf_span(&pkcs8), &pair, NULL));
        OK(tsec_pair_pkcs8(pair, &again, NULL));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&again), tsec_buf_span(&der.pkcs8)));
        done(&der);
    }
}

static void
a_public_key_alone_has_no_secret(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
        struct der der = make(kinds[i]);
        struct tsec_pair_numbers numbers;

        OK(tsec_pair_numbers(kinds[i], tsec_span(NULL, 0), tsec_buf_span(&der.spki), &numbers,
                             NULL));
        CU_ASSERT_EQUAL(numbers.secret.len, 0);
        CU_ASSERT_EQUAL(tsec_pair_numbers_pkcs8(kinds[i], &numbers, &out, NULL).code,
                        TSEC_E_INVALID);
        CU_ASSERT_EQUAL(out.len, 0);
        OK(tsec_pair_numbers_spki(kinds[i], &numbers, &out, NULL));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&out), tsec_buf_span(&der.spki)));
        done(&der);
    }
}

/* As they come from decimal digits: without leading zeroes. */
static void
short_numbers_are_padded_and_long_ones_refused(void)
{
    static const uint8_t one = 1;
    static const uint8_t padded[40] = { [39] = 5 };
    static const uint8_t too_long[33] = { 1 };
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    struct tsec_pair_numbers numbers = { .secret = tsec_span(&one, 1),
                                         .x = tsec_span(padded, sizeof(padded)),
                                         .y = tsec_span(&one, 1) };
    struct tsec_pair_numbers read;

    OK(tsec_pair_numbers_spki(TSEC_PAIR_P256, &numbers, &out, NULL));
    OK(tsec_pair_numbers(TSEC_PAIR_P256, tsec_span(NULL, 0), tsec_buf_span(&out), &read, NULL));
    CU_ASSERT_EQUAL(read.x.len, 32);
    CU_ASSERT_EQUAL(read.x.ptr[31], 5);
    CU_ASSERT_EQUAL(read.y.ptr[31], 1);
    numbers.x = tsec_span(too_long, sizeof(too_long));
    CU_ASSERT_EQUAL(tsec_pair_numbers_spki(TSEC_PAIR_P256, &numbers, &out, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_pair_numbers_pkcs8(TSEC_PAIR_P256, &numbers, &out, NULL).code,
                    TSEC_E_INVALID);
    numbers.x = tsec_span(NULL, 0);
    CU_ASSERT_EQUAL(tsec_pair_numbers_spki(TSEC_PAIR_P256, &numbers, &out, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_pair_numbers_spki(TSEC_PAIR_RSA2048, &numbers, &out, NULL).code,
                    TSEC_E_INVALID);
    numbers.x = tsec_span(padded, 31);
    CU_ASSERT_EQUAL(tsec_pair_numbers_spki(TSEC_PAIR_ED25519, &numbers, &out, NULL).code,
                    TSEC_E_INVALID);
    numbers.x = tsec_span(padded, 33);
    CU_ASSERT_EQUAL(tsec_pair_numbers_spki(TSEC_PAIR_ED25519, &numbers, &out, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_pair_numbers_pkcs8(TSEC_PAIR_ED25519, &numbers, &out, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_pair_numbers_spki((enum tsec_pair_kind)0, &numbers, &out, NULL).code,
                    TSEC_E_INVALID);
}

/* Numbers of two keys make DER, which is not a key. */
static void
halves_of_two_keys_are_no_pair(void)
{
    for (size_t i = 1; i < TSEC_ARRAY_LEN(kinds); i++) {
        TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
        struct der a = make(kinds[i]);
        struct der b = make(kinds[i]);
        struct tsec_pair_numbers numbers;
        struct tsec_pair_numbers other;

        OK(tsec_pair_numbers(kinds[i], tsec_buf_span(&a.pkcs8), tsec_buf_span(&a.spki), &numbers,
                             NULL));
        OK(tsec_pair_numbers(kinds[i], tsec_buf_span(&b.pkcs8), tsec_buf_span(&b.spki), &other,
                             NULL));
        numbers.secret = other.secret;
        OK(tsec_pair_numbers_pkcs8(kinds[i], &numbers, &pkcs8, NULL));
        CU_ASSERT_EQUAL(tsec_pair_import(kinds[i], tsec_buf_span(&pkcs8), &pair, NULL).code,
                        TSEC_E_INVALID);
        done(&a);
        done(&b);
    }
}

static void
der_that_is_no_key_is_refused(void)
{
    struct der der = make(TSEC_PAIR_P256);
    struct tsec_pair_numbers numbers;

    CU_ASSERT_EQUAL(tsec_pair_numbers(TSEC_PAIR_P384, tsec_buf_span(&der.pkcs8),
                                      tsec_buf_span(&der.spki), &numbers, NULL)
                        .code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(
        tsec_pair_numbers(TSEC_PAIR_P256, tsec_span(NULL, 0), tsec_span(NULL, 0), &numbers, NULL)
            .code,
        TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_pair_numbers(TSEC_PAIR_P256, tsec_span(der.pkcs8.ptr, 20),
                                      tsec_buf_span(&der.spki), &numbers, NULL)
                        .code,
                    TSEC_E_INVALID);
    done(&der);
}

static const struct test_case cases[] = {
    { "numbers make the same key again", numbers_make_the_same_key_again },
    { "a public key alone has no secret", a_public_key_alone_has_no_secret },
    { "short numbers are padded and long ones refused",
      short_numbers_are_padded_and_long_ones_refused },
    { "halves of two keys are no pair", halves_of_two_keys_are_no_pair },
    { "DER that is no key is refused", der_that_is_no_key_is_refused },
};

TEST_MAIN("crypto/pair_numbers", cases)

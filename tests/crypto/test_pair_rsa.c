/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/asn1.h"
#include "tests/crypto/pair_key.h"

/* RSA keys whose numbers were altered, one at a time. */

enum { N, E, D, P, Q, DP, DQ, QI, NUMBERS };

struct numbers {
    struct vector v[NUMBERS];
};

static struct tsec_pair *made;
static struct numbers good;

static void
make_one(void)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    struct tsec_span rest = { NULL, 0 };
    struct tsec_span inside = { NULL, 0 };
    struct tsec_span number = { NULL, 0 };

    if (made != NULL) {
        return;
    }
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(TSEC_PAIR_RSA2048, &made, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_traditional(made, &der, NULL)));
    rest = tsec_buf_span(&der);
    CU_ASSERT_TRUE_FATAL(tsec_asn1_take(&rest, 0x30, &inside));
    CU_ASSERT_TRUE_FATAL(tsec_asn1_take_magnitude(&inside, &number));
    CU_ASSERT_EQUAL(number.len, 0);
    for (size_t i = 0; i < NUMBERS; i++) {
        CU_ASSERT_TRUE_FATAL(tsec_asn1_take_magnitude(&inside, &number));
        memcpy(good.v[i].bytes, number.ptr, number.len);
        good.v[i].len = number.len;
    }
    CU_ASSERT_EQUAL(inside.len, 0);
    CU_ASSERT_EQUAL(good.v[N].len, 256);
    CU_ASSERT_TRUE(vector_is(vector_span(&good.v[E]), "010001"));
}

static int
import_as(enum tsec_pair_kind kind, const struct numbers *numbers, const char *version,
          const char *behind)
{
    const struct vector first = vector(version);
    const struct vector last = vector(behind);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf inside = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    struct tsec_err err = { .code = 0 };

    tsec_asn1_put_magnitude(&inside, vector_span(&first));
    for (size_t i = 0; i < NUMBERS; i++) {
        tsec_asn1_put_magnitude(&inside, vector_span(&numbers->v[i]));
    }
    tsec_buf_put_span(&inside, vector_span(&last));
    tsec_asn1_put(&key, 0x30, tsec_buf_span(&inside));
    pkcs8_put(&pkcs8, tsec_pair_type(TSEC_PAIR_RSA2048)->algorithm, tsec_buf_span(&key));

    const tsec_rc rc = tsec_pair_import(kind, tsec_buf_span(&pkcs8), &pair, &err);

    CU_ASSERT_TRUE(!tsec_failed(rc) || strlen(err.detail) > 10);
    return rc.code;
}

static int
import(const struct numbers *numbers)
{
    return import_as(TSEC_PAIR_RSA2048, numbers, "", "");
}

static void
a_key_of_good_numbers_is_taken_for_its_own_size_only(void)
{
    make_one();
    CU_ASSERT_EQUAL(import(&good), TSEC_OK_CODE);
    CU_ASSERT_EQUAL(import_as(TSEC_PAIR_RSA3072, &good, "", ""), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(import_as(TSEC_PAIR_RSA4096, &good, "", ""), TSEC_E_INVALID);
}

static void
no_number_may_differ(void)
{
    make_one();
    for (size_t i = 0; i < NUMBERS; i++) {
        struct numbers bad = good;

        bad.v[i].bytes[bad.v[i].len - 1] ^= 2;
        CU_ASSERT_EQUAL(import(&bad), TSEC_E_INVALID);
        bad = good;
        bad.v[i].bytes[bad.v[i].len / 2] ^= 0x10;
        CU_ASSERT_EQUAL(import(&bad), TSEC_E_INVALID);
        bad = good;
        bad.v[i] = vector("");
        CU_ASSERT_EQUAL(import(&bad), TSEC_E_INVALID);
        bad.v[i] = vector("01");
        CU_ASSERT_EQUAL(import(&bad), TSEC_E_INVALID);
    }
}

static void
an_exponent_is_odd_and_65537_or_more(void)
{
    static const char *const exponents[] = { "03",   "11",     "010000",
                                             "ffff", "010002", "010000000000000001" };

    make_one();
    for (size_t i = 0; i < TSEC_ARRAY_LEN(exponents); i++) {
        struct numbers bad = good;

        bad.v[E] = vector(exponents[i]);
        CU_ASSERT_EQUAL(import(&bad), TSEC_E_INVALID);
    }
}

/* n = (p·q) of 1024 + 1024 bits must not become 2047 bits, nor 2049. */
static void
a_modulus_of_another_length_is_refused(void)
{
    struct numbers bad = good;

    make_one();
    bad = good;
    bad.v[N].bytes[0] &= 0x7f;
    CU_ASSERT_EQUAL(import(&bad), TSEC_E_INVALID);
    bad = good;
    memmove(bad.v[N].bytes + 1, bad.v[N].bytes, bad.v[N].len++);
    bad.v[N].bytes[0] = 1;
    CU_ASSERT_EQUAL(import(&bad), TSEC_E_INVALID);
}

static void
more_primes_or_more_behind_is_refused(void)
{
    make_one();
    CU_ASSERT_EQUAL(import_as(TSEC_PAIR_RSA2048, &good, "01", ""), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(import_as(TSEC_PAIR_RSA2048, &good, "", "3000"), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(import_as(TSEC_PAIR_RSA2048, &good, "", "020101"), TSEC_E_INVALID);
}

static int
from_public(const struct vector *n, const struct vector *e, const char *behind)
{
    const struct vector last = vector(behind);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
    TSEC_AUTO_BUF struct tsec_buf inside = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    TSEC_AUTO_BUF struct tsec_buf info = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);

    tsec_asn1_put_magnitude(&inside, vector_span(n));
    tsec_asn1_put_magnitude(&inside, vector_span(e));
    tsec_buf_put_span(&inside, vector_span(&last));
    tsec_asn1_put(&key, 0x30, tsec_buf_span(&inside));
    tsec_buf_put_span(&info, tsec_pair_type(TSEC_PAIR_RSA2048)->algorithm);
    tsec_asn1_put_bytes(&info, tsec_buf_span(&key));
    tsec_asn1_put(&spki, 0x30, tsec_buf_span(&info));
    return tsec_pair_from_spki(TSEC_PAIR_RSA2048, tsec_buf_span(&spki), &pair, NULL).code;
}

static void
a_public_key_is_checked_for_its_size_and_exponent(void)
{
    const struct vector three = vector("03");
    struct vector even;

    make_one();
    even = good.v[N];
    even.bytes[even.len - 1] ^= 1;
    CU_ASSERT_EQUAL(from_public(&good.v[N], &good.v[E], ""), TSEC_OK_CODE);
    CU_ASSERT_EQUAL(from_public(&good.v[N], &good.v[E], "0500"), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(from_public(&good.v[N], &three, ""), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(from_public(&even, &good.v[E], ""), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(from_public(&good.v[P], &good.v[E], ""), TSEC_E_INVALID);
    tsec_pair_free(made);
    made = NULL;
}

static const struct test_case cases[] = {
    { "a key of good numbers is taken, for its own size only",
      a_key_of_good_numbers_is_taken_for_its_own_size_only },
    { "no number may differ", no_number_may_differ },
    { "an exponent is odd and 65537 or more", an_exponent_is_odd_and_65537_or_more },
    { "a modulus of another length is refused", a_modulus_of_another_length_is_refused },
    { "more primes or more behind is refused", more_primes_or_more_behind_is_refused },
    { "a public key is checked for its size and exponent",
      a_public_key_is_checked_for_its_size_and_exponent },
};

TEST_MAIN("crypto/pair_rsa", cases)

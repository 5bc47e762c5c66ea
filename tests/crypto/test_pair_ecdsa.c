/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pair_ecdsa.h"

#include "tests/crypto/pair_key.h"

static const char scalar_hex[] = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
static const struct tsec_signing der_form = { .hash = TSEC_SHA256, .form = TSEC_FORM_DER };
static const struct tsec_signing raw_form = { .hash = TSEC_SHA256, .form = TSEC_FORM_RAW };
/* RFC 6979 appendix A.2.5: SHA-256, "sample". */
static const char rs_hex[] = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
                             "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
static const char der_hex[] =
    "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

static int
verdict(const struct tsec_signing *how, const char *sig_hex)
{
    const struct vector sig = vector(sig_hex);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = pair_of_scalar(TSEC_PAIR_P256, scalar_hex);

    return tsec_pair_verify(pair, how, tsec_span_str("sample"), vector_span(&sig), NULL).code;
}

static void
both_forms_of_a_signature_hold(void)
{
    CU_ASSERT_EQUAL(verdict(&der_form, der_hex), TSEC_OK_CODE);
    CU_ASSERT_EQUAL(verdict(&raw_form, rs_hex), TSEC_OK_CODE);
    CU_ASSERT_EQUAL(verdict(&der_form, rs_hex), TSEC_E_INVALID);
    CU_ASSERT_EQUAL(verdict(&raw_form, der_hex), TSEC_E_INVALID);
}

static void
bytes_that_are_not_strictly_der_are_no_signature(void)
{
    static const char *const none[] = {
        "",
        "30",
        "3000",
        "3003020101",
        "30050201010201",
        "0206020101020101",
        "31060201010201",
        /* something behind, inside and outside */
        "300602010102010100",
        "30070201010201010500",
        "3009020101020101020101",
        /* an empty number; numbers with needless bytes before them; a longer length */
        "30050200020101",
        "300702020001020101",
        "30070202ff80020101",
        "30810602010102 0101",
        "3006820101020101",
        /* indefinite length, other tags */
        "30800201010201010000",
        "3006030101020101",
        "300604010104 0101",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(none); i++) {
        char hex[64];
        size_t n = 0;

        for (const char *c = none[i]; *c != 0; c++) {
            if (*c != ' ') {
                hex[n++] = *c;
            }
        }
        hex[n] = 0;
        CU_ASSERT_EQUAL(verdict(&der_form, hex), TSEC_E_INVALID);
    }
    for (size_t len = 2; len < sizeof(der_hex) - 1; len += 2) {
        char hex[sizeof(der_hex)] = "";

        memcpy(hex, der_hex, len);
        CU_ASSERT_EQUAL(verdict(&der_form, hex), TSEC_E_INVALID);
    }
}

static void
numbers_out_of_range_do_not_hold(void)
{
    static const char *const out[] = {
        "3006020100020101", /* 0, and negative */
        "3006020101020100",
        "3006020180020101",
        "30060201010201ff",
        /* the order, and one byte more than it has */
        "3026022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551020101",
        "3026020101022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        "3027022201000000000000000000000000000000000000000000000000000000000000000001"
        "020101",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(out); i++) {
        CU_ASSERT_EQUAL(verdict(&der_form, out[i]), TSEC_E_DENIED);
    }
}

static void
raw_zeroes_and_orders_do_not_hold(void)
{
    struct vector v = vector_of(0, 64);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = pair_of_scalar(TSEC_PAIR_P256, scalar_hex);

    CU_ASSERT_EQUAL(
        tsec_pair_verify(pair, &raw_form, tsec_span_str("sample"), vector_span(&v), NULL).code,
        TSEC_E_DENIED);
    v = vector_of(0xff, 64);
    CU_ASSERT_EQUAL(
        tsec_pair_verify(pair, &raw_form, tsec_span_str("sample"), vector_span(&v), NULL).code,
        TSEC_E_DENIED);
    for (size_t len = 0; len < 140; len++) {
        if (len != 64) {
            v = vector_of(1, len);
            CU_ASSERT_EQUAL(
                tsec_pair_verify(pair, &raw_form, tsec_span_str("sample"), vector_span(&v), NULL)
                    .code,
                TSEC_E_INVALID);
        }
    }
}

static void
der_is_written_as_it_is_read(void)
{
    const struct vector rs = vector(rs_hex);
    const struct vector small =
        vector("0000000000000000000000000000000000000000000000000000000000000001"
               "0000000000000000000000000000000000000000000000000000000000000080");
    uint8_t back[PAIR_RAW_MAX];
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(256);

    CU_ASSERT_FALSE(tsec_failed(tsec_ecdsa_put_der(&out, rs.bytes, 32, NULL)));
    CU_ASSERT_TRUE(vector_is(tsec_buf_span(&out), der_hex));
    CU_ASSERT_EQUAL(tsec_ecdsa_take_der(tsec_buf_span(&out), back, 32), TSEC_ECDSA_DER_READ);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_span(back, 64), vector_span(&rs)));
    tsec_buf_reset(&out);
    CU_ASSERT_FALSE(tsec_failed(tsec_ecdsa_put_der(&out, small.bytes, 32, NULL)));
    CU_ASSERT_TRUE(vector_is(tsec_buf_span(&out), "300702010102020080"));
    CU_ASSERT_EQUAL(tsec_ecdsa_take_der(tsec_buf_span(&out), back, 32), TSEC_ECDSA_DER_READ);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_span(back, 64), vector_span(&small)));
}

static const enum tsec_pair_kind kinds[] = { TSEC_PAIR_P256, TSEC_PAIR_P384, TSEC_PAIR_P521,
                                             TSEC_PAIR_SECP256K1 };
static const size_t halves[] = { 32, 48, 66, 32 };

static void
every_hash_and_form_goes_with_every_curve(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(kinds); i++) {
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(kinds[i], &pair, NULL)));
        for (int round = 0; round < (TSEC_HASHES - 1) * 4; round++) {
            TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
            const struct tsec_signing how = {
                .hash = (enum tsec_hash)(1 + round / 4),
                .form = round % 2 == 0 ? TSEC_FORM_DER : TSEC_FORM_RAW,
                .nonce = round % 4 < 2 ? TSEC_NONCE_HEDGED : TSEC_NONCE_RFC6979,
            };

            CU_ASSERT_FALSE(
                tsec_failed(tsec_pair_sign(pair, &how, tsec_span_str("x"), &sig, NULL, NULL)));
            CU_ASSERT_TRUE(how.form == TSEC_FORM_DER || sig.len == 2 * halves[i]);
            CU_ASSERT_FALSE(tsec_failed(
                tsec_pair_verify(pair, &how, tsec_span_str("x"), tsec_buf_span(&sig), NULL)));
            CU_ASSERT_EQUAL(
                tsec_pair_verify(pair, &how, tsec_span_str("y"), tsec_buf_span(&sig), NULL).code,
                TSEC_E_DENIED);
        }
    }
}

static void
a_digest_must_have_its_hashs_length(void)
{
    const struct vector bytes = vector_of(0x5a, 70);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = pair_of_scalar(TSEC_PAIR_P256, scalar_hex);

    for (int hash = 1; hash < TSEC_HASHES; hash++) {
        const struct tsec_signing how = { .hash = (enum tsec_hash)hash, .prehashed = true };

        for (size_t len = 0; len <= bytes.len; len++) {
            TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
            const struct tsec_span digest = tsec_span(bytes.bytes, len);
            const bool fits = len == tsec_hash_len((enum tsec_hash)hash);

            CU_ASSERT_EQUAL(tsec_pair_sign(pair, &how, digest, &sig, NULL, NULL).code,
                            fits ? TSEC_OK_CODE : TSEC_E_INVALID);
            CU_ASSERT_EQUAL(sig.len == 0, !fits);
            CU_ASSERT_EQUAL(tsec_pair_verify(pair, &how, digest, tsec_buf_span(&sig), NULL).code,
                            fits ? TSEC_OK_CODE : TSEC_E_INVALID);
        }
    }
}

static void
without_a_hash_nothing_is_signed(void)
{
    const struct tsec_signing how = { .hash = (enum tsec_hash)TSEC_HASH_NONE, .prehashed = true };
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = pair_of_scalar(TSEC_PAIR_P256, scalar_hex);
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

    CU_ASSERT_EQUAL(tsec_pair_sign(pair, &how, tsec_span_str("x"), &sig, NULL, NULL).code,
                    TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_pair_verify(pair, &how, tsec_span_str("x"), tsec_span_str("y"), NULL).code,
                    TSEC_E_INVALID);
}

static void
low_s_is_always_low_where_it_is_asked_for(void)
{
    static const uint8_t half_order[3] = { 0x7f, 0x7f, 0x00 }; /* first byte of half the order */

    for (size_t i = 0; i < TSEC_ARRAY_LEN(half_order); i++) {
        const struct tsec_signing how = { .hash = TSEC_SHA256,
                                          .form = TSEC_FORM_RAW,
                                          .low_s = true };
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(kinds[i], &pair, NULL)));
        for (int n = 0; n < 16; n++) {
            tsec_buf_reset(&sig);
            CU_ASSERT_FALSE_FATAL(
                tsec_failed(tsec_pair_sign(pair, &how, tsec_span_str("x"), &sig, NULL, NULL)));
            CU_ASSERT_TRUE(sig.ptr[halves[i]] <= half_order[i]);
            CU_ASSERT_FALSE(tsec_failed(
                tsec_pair_verify(pair, &how, tsec_span_str("x"), tsec_buf_span(&sig), NULL)));
        }
    }
}

static const struct test_case cases[] = {
    { "both forms of a signature hold", both_forms_of_a_signature_hold },
    { "bytes that are not strictly DER are no signature",
      bytes_that_are_not_strictly_der_are_no_signature },
    { "numbers out of range do not hold", numbers_out_of_range_do_not_hold },
    { "raw zeroes and orders do not hold", raw_zeroes_and_orders_do_not_hold },
    { "DER is written as it is read", der_is_written_as_it_is_read },
    { "every hash and form goes with every curve", every_hash_and_form_goes_with_every_curve },
    { "a digest must have its hash's length", a_digest_must_have_its_hashs_length },
    { "without a hash nothing is signed", without_a_hash_nothing_is_signed },
    { "a low s is always low where it is asked for", low_s_is_always_low_where_it_is_asked_for },
};

TEST_MAIN("crypto/pair_ecdsa", cases)

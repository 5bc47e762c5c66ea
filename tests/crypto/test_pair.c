/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/pair.h"

#include <pthread.h>

#include "tests/crypto/vector.h"

/* Every kind goes through the same cases. */

static const enum tsec_pair_kind kinds[] = {
    TSEC_PAIR_ED25519,   TSEC_PAIR_P256,    TSEC_PAIR_P384,    TSEC_PAIR_P521,
    TSEC_PAIR_SECP256K1, TSEC_PAIR_RSA2048, TSEC_PAIR_RSA3072,
};
enum { KINDS = TSEC_ARRAY_LEN(kinds) };

static struct tsec_pair *made[KINDS];

static struct tsec_pair *
pair_of(size_t i)
{
    if (made[i] == NULL) {
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(kinds[i], &made[i], NULL)));
    }
    return made[i];
}

static const struct tsec_signing plain = { .hash = TSEC_SHA256, .salt_len = TSEC_SALT_AUTO };

static const struct tsec_signing repeatable = { .hash = TSEC_SHA512,
                                                .scheme = TSEC_SCHEME_PKCS1,
                                                .nonce = TSEC_NONCE_RFC6979 };

static bool
holds(const struct tsec_pair *pair, const struct tsec_buf *sig, const char *message)
{
    const tsec_rc rc =
        tsec_pair_verify(pair, &plain, tsec_span_str(message), tsec_buf_span(sig), NULL);

    CU_ASSERT_TRUE(rc.code == TSEC_OK_CODE || rc.code == TSEC_E_DENIED);
    return !tsec_failed(rc);
}

static void
a_kind_is_what_it_says(void)
{
    CU_ASSERT_TRUE(tsec_pair_kind_is_rsa(TSEC_PAIR_RSA2048));
    CU_ASSERT_TRUE(tsec_pair_kind_is_rsa(TSEC_PAIR_RSA4096));
    CU_ASSERT_FALSE(tsec_pair_kind_is_rsa(TSEC_PAIR_SECP256K1));
    CU_ASSERT_TRUE(tsec_pair_kind_is_ecdsa(TSEC_PAIR_P256));
    CU_ASSERT_TRUE(tsec_pair_kind_is_ecdsa(TSEC_PAIR_SECP256K1));
    CU_ASSERT_FALSE(tsec_pair_kind_is_ecdsa(TSEC_PAIR_ED25519));
    CU_ASSERT_FALSE(tsec_pair_kind_is_ecdsa(TSEC_PAIR_RSA2048));
}

static void
no_other_kind_is_made(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;

    CU_ASSERT_EQUAL(tsec_pair_generate((enum tsec_pair_kind)0, &pair, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_EQUAL(tsec_pair_generate((enum tsec_pair_kind)99, &pair, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_PTR_NULL(pair);
}

static void
what_a_pair_signs_it_verifies_and_nothing_else(void)
{
    for (size_t i = 0; i < KINDS; i++) {
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
        int recovery_id = 7;

        CU_ASSERT_FALSE_FATAL(tsec_failed(
            tsec_pair_sign(pair_of(i), &plain, tsec_span_str("text"), &sig, &recovery_id, NULL)));
        CU_ASSERT_TRUE(kinds[i] == TSEC_PAIR_SECP256K1 ? recovery_id >= 0 && recovery_id <= 3
                                                       : recovery_id == -1);
        CU_ASSERT_TRUE(holds(pair_of(i), &sig, "text"));
        CU_ASSERT_FALSE(holds(pair_of(i), &sig, "Text"));
        CU_ASSERT_FALSE(holds(pair_of(i), &sig, ""));
        sig.ptr[sig.len - 1] ^= 1;
        CU_ASSERT_FALSE(holds(pair_of(i), &sig, "text"));
    }
}

static void
a_pair_comes_back_from_its_pkcs8(void)
{
    for (size_t i = 0; i < KINDS; i++) {
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *opened = NULL;
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *imported = NULL;
        TSEC_AUTO_BUF struct tsec_buf first = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
        TSEC_AUTO_BUF struct tsec_buf second = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_pkcs8(pair_of(i), &first, NULL)));
        CU_ASSERT_FALSE_FATAL(
            tsec_failed(tsec_pair_open(kinds[i], tsec_buf_span(&first), &opened, NULL)));
        CU_ASSERT_FALSE_FATAL(
            tsec_failed(tsec_pair_import(kinds[i], tsec_buf_span(&first), &imported, NULL)));
        CU_ASSERT_TRUE(tsec_pair_is_private(opened));
        CU_ASSERT_EQUAL(tsec_pair_kind_of(opened), kinds[i]);
        CU_ASSERT_FALSE(tsec_failed(tsec_pair_pkcs8(opened, &second, NULL)));
        CU_ASSERT_TRUE(tsec_ct_equal(tsec_buf_span(&first), tsec_buf_span(&second)));
        tsec_buf_reset(&second);
        CU_ASSERT_FALSE(tsec_failed(tsec_pair_pkcs8(imported, &second, NULL)));
        CU_ASSERT_TRUE(tsec_ct_equal(tsec_buf_span(&first), tsec_buf_span(&second)));
        CU_ASSERT_FALSE(
            tsec_failed(tsec_pair_sign(opened, &plain, tsec_span_str("text"), &sig, NULL, NULL)));
        CU_ASSERT_TRUE(holds(pair_of(i), &sig, "text"));
        CU_ASSERT_TRUE(holds(imported, &sig, "text"));
    }
}

static void
a_public_key_alone_verifies_and_does_nothing_private(void)
{
    for (size_t i = 0; i < KINDS; i++) {
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *public = NULL;
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
        TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_spki(pair_of(i), &spki, NULL)));
        CU_ASSERT_FALSE_FATAL(
            tsec_failed(tsec_pair_from_spki(kinds[i], tsec_buf_span(&spki), &public, NULL)));
        CU_ASSERT_FALSE(tsec_pair_is_private(public));
        CU_ASSERT_FALSE(tsec_failed(tsec_pair_spki(public, &again, NULL)));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&spki), tsec_buf_span(&again)));
        CU_ASSERT_EQUAL(tsec_pair_pkcs8(public, &out, NULL).code, TSEC_E_INVALID);
        CU_ASSERT_EQUAL(tsec_pair_traditional(public, &out, NULL).code, TSEC_E_INVALID);
        CU_ASSERT_EQUAL(
            tsec_pair_sign(public, &plain, tsec_span_str("text"), &out, NULL, NULL).code,
            TSEC_E_INVALID);
        CU_ASSERT_EQUAL(out.len, 0);
        CU_ASSERT_FALSE_FATAL(tsec_failed(
            tsec_pair_sign(pair_of(i), &plain, tsec_span_str("text"), &out, NULL, NULL)));
        CU_ASSERT_TRUE(holds(public, &out, "text"));
    }
}

static void
a_key_of_another_kind_is_refused(void)
{
    for (size_t i = 0; i < KINDS; i++) {
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
        TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);
        const enum tsec_pair_kind other = kinds[(i + 1) % KINDS];

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_pkcs8(pair_of(i), &pkcs8, NULL)));
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_spki(pair_of(i), &spki, NULL)));
        CU_ASSERT_EQUAL(tsec_pair_open(other, tsec_buf_span(&pkcs8), &pair, NULL).code,
                        TSEC_E_INVALID);
        CU_ASSERT_EQUAL(tsec_pair_import(other, tsec_buf_span(&pkcs8), &pair, NULL).code,
                        TSEC_E_INVALID);
        CU_ASSERT_EQUAL(tsec_pair_from_spki(other, tsec_buf_span(&spki), &pair, NULL).code,
                        TSEC_E_INVALID);
        CU_ASSERT_EQUAL(tsec_pair_import(kinds[i], tsec_buf_span(&spki), &pair, NULL).code,
                        TSEC_E_INVALID);
        CU_ASSERT_EQUAL(tsec_pair_from_spki(kinds[i], tsec_buf_span(&pkcs8), &pair, NULL).code,
                        TSEC_E_INVALID);
        CU_ASSERT_PTR_NULL(pair);
    }
}

static void
a_key_cut_short_or_with_something_behind_it_is_refused(void)
{
    for (size_t i = 0; i < KINDS; i++) {
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;
        TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_pkcs8(pair_of(i), &pkcs8, NULL)));
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_spki(pair_of(i), &spki, NULL)));
        for (size_t len = 0; len < pkcs8.len; len++) {
            CU_ASSERT_EQUAL(tsec_pair_import(kinds[i], tsec_span(pkcs8.ptr, len), &pair, NULL).code,
                            TSEC_E_INVALID);
        }
        for (size_t len = 0; len < spki.len; len++) {
            CU_ASSERT_EQUAL(
                tsec_pair_from_spki(kinds[i], tsec_span(spki.ptr, len), &pair, NULL).code,
                TSEC_E_INVALID);
        }
        tsec_buf_put_byte(&pkcs8, 0);
        tsec_buf_put_byte(&spki, 0);
        CU_ASSERT_EQUAL(tsec_pair_import(kinds[i], tsec_buf_span(&pkcs8), &pair, NULL).code,
                        TSEC_E_INVALID);
        CU_ASSERT_EQUAL(tsec_pair_from_spki(kinds[i], tsec_buf_span(&spki), &pair, NULL).code,
                        TSEC_E_INVALID);
        CU_ASSERT_PTR_NULL(pair);
    }
}

static void
a_point_is_raw_and_rsa_has_none(void)
{
    static const size_t lens[KINDS] = { 32, 65, 97, 133, 65, 0, 0 };

    for (size_t i = 0; i < KINDS; i++) {
        TSEC_AUTO_BUF struct tsec_buf point = TSEC_BUF_INIT(256);
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(TSEC_PAIR_SPKI_MAX);

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_spki(pair_of(i), &spki, NULL)));
        CU_ASSERT_EQUAL(tsec_pair_point(pair_of(i), &point, NULL).code,
                        lens[i] == 0 ? TSEC_E_INVALID : TSEC_OK_CODE);
        CU_ASSERT_EQUAL(point.len, lens[i]);
        CU_ASSERT_TRUE(lens[i] <= 32 || point.ptr[0] == 0x04);
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&point),
                                       tsec_span(spki.ptr + spki.len - lens[i], lens[i])));
    }
}

static void *
sign_and_verify(void *arg)
{
    bool *ok = arg;

    *ok = true;
    for (int n = 0; n < 40; n++) {
        const size_t i = (size_t)n % KINDS;
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
        TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

        *ok = *ok
              && !tsec_failed(
                  tsec_pair_sign(made[i], &plain, tsec_span_str("text"), &sig, NULL, NULL))
              && !tsec_failed(tsec_pair_verify(made[i], &plain, tsec_span_str("text"),
                                               tsec_buf_span(&sig), NULL))
              && !tsec_failed(
                  tsec_pair_sign(made[i], &repeatable, tsec_span_str("text"), &again, NULL, NULL))
              && !tsec_failed(tsec_pair_verify(made[i], &repeatable, tsec_span_str("text"),
                                               tsec_buf_span(&again), NULL))
              && tsec_pair_verify(made[i], &plain, tsec_span_str("another"), tsec_buf_span(&sig),
                                  NULL)
                         .code
                     == TSEC_E_DENIED;
    }
    return NULL;
}

static void
many_threads_use_one_pair(void)
{
    pthread_t thread[12]; /* more than there are slots */
    bool ok[12] = { false };

    for (size_t i = 0; i < KINDS; i++) {
        (void)pair_of(i);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(thread); i++) {
        CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, sign_and_verify, &ok[i]), 0);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(thread); i++) {
        CU_ASSERT_EQUAL(pthread_join(thread[i], NULL), 0);
        CU_ASSERT_TRUE(ok[i]);
    }
}

static void
freeing_nothing_is_harmless(void)
{
    tsec_pair_free(NULL);
    for (size_t i = 0; i < KINDS; i++) {
        tsec_pair_free(made[i]);
        made[i] = NULL;
    }
}

static const struct test_case cases[] = {
    { "a kind is what it says", a_kind_is_what_it_says },
    { "no other kind is made", no_other_kind_is_made },
    { "what a pair signs it verifies, and nothing else",
      what_a_pair_signs_it_verifies_and_nothing_else },
    { "a pair comes back from its PKCS #8", a_pair_comes_back_from_its_pkcs8 },
    { "a public key alone verifies and does nothing private",
      a_public_key_alone_verifies_and_does_nothing_private },
    { "a key of another kind is refused", a_key_of_another_kind_is_refused },
    { "a key cut short or with something behind it is refused",
      a_key_cut_short_or_with_something_behind_it_is_refused },
    { "a point is raw, and RSA has none", a_point_is_raw_and_rsa_has_none },
    { "many threads use one pair", many_threads_use_one_pair },
    { "freeing nothing is harmless", freeing_nothing_is_harmless },
};

TEST_MAIN("crypto/pair", cases)

/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_jwks.h"

#include <stdio.h>
#include <string.h>

#include "crypto/crypto.h"
#include "tests/mint/mint_maa.h"
#include "tests/test.h"

static const char kid_raw[] = "\"" MINT_MAA_KID "\"";

static struct maa_jwks *
parse(const struct mint_maa_jwk *keys, size_t n)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(MINT_MAA_JWKS_MAX);
    struct maa_jwks *jwks = NULL;

    mint_maa_jwks(keys, n, &text);
    CU_ASSERT_EQUAL_FATAL(
        maa_jwks_parse(tsec_buf_span(&text), tsec_span(NULL, 0), &jwks, NULL).code, TSEC_OK_CODE);
    return jwks;
}

/* Why the only entry cannot be used; NULL when it can. */
static const char *
why_not(struct mint_maa_jwk key)
{
    TSEC_AUTO(maa_jwks_free) struct maa_jwks *jwks = parse(&key, 1);
    const struct maa_key *found;
    size_t at = 0;

    found = maa_jwks_next(jwks, tsec_span_str(kid_raw), &at);
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    CU_ASSERT_EQUAL(found->rsa == NULL, found->why != NULL);
    CU_ASSERT_EQUAL(maa_jwks_usable(jwks), found->rsa != NULL ? 1 : 0);
    return found->why;
}

static void
a_key_comes_as_certificate_or_numbers_or_both(void)
{
    struct mint_maa_jwk key = mint_maa_jwk();

    CU_ASSERT_PTR_NULL(why_not(key));
    key.bare = true;
    CU_ASSERT_PTR_NULL(why_not(key));
    key.x5c = false;
    CU_ASSERT_PTR_NULL(why_not(key));
}

static void
a_certificate_of_another_key_is_refused(void)
{
    struct mint_maa_jwk key = mint_maa_jwk();

    key.bare = true;
    key.cert_rsa = 1;
    CU_ASSERT_PTR_NOT_NULL(strstr(why_not(key), "another key"));
}

static void
an_entry_that_cannot_be_used_says_why(void)
{
    static const struct {
        struct mint_maa_edit edit;
        bool bare;
        const char *says;
    } bad[] = {
        { { "kty", "\"EC\"", false }, false, "no RSA" },
        { { "kty", NULL, false }, false, "no RSA" },
        { { "use", "\"enc\"", false }, false, "RS256" },
        { { "alg", "\"RS384\"", false }, false, "RS256" },
        { { "alg", "\"PS256\"", false }, true, "RS256" },
        { { "x5c", "[]", false }, false, "no list" },
        { { "x5c", "\"MII\"", false }, false, "no list" },
        { { "x5c", "[7]", false }, false, "no certificate" },
        { { "x5c", "[\"MIIB\"]", false }, false, "no certificate" },
        { { "x5c", "[\"----\"]", false }, false, "no certificate" },
        { { "n", "\"AQAB\"", false }, false, "n and e" }, /* beside x5c, without e */
        { { "n", "\"AQAB\"", false }, true, "n and e" },  /* of 17 bits */
        { { "e", "\"Ag\"", false }, true, "n and e" },    /* even */
        { { "x5c", NULL, false }, false, "n and e" },     /* nothing at all */
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        struct mint_maa_jwk key = mint_maa_jwk();
        const char *why;

        key.edit = bad[i].edit;
        key.bare = bad[i].bare;
        key.x5c = !bad[i].bare;
        why = why_not(key);
        CU_ASSERT_PTR_NOT_NULL_FATAL(why);
        CU_ASSERT_PTR_NOT_NULL(strstr(why, bad[i].says));
    }
}

static void
keys_of_one_name_come_one_after_the_other(void)
{
    const struct mint_maa_jwk keys[] = { mint_maa_jwk(), mint_maa_jwk() };
    TSEC_AUTO(maa_jwks_free) struct maa_jwks *jwks = parse(keys, 2);
    size_t at = 0;

    CU_ASSERT_PTR_NOT_NULL(maa_jwks_next(jwks, tsec_span_str(kid_raw), &at));
    CU_ASSERT_PTR_NOT_NULL(maa_jwks_next(jwks, tsec_span_str(kid_raw), &at));
    CU_ASSERT_PTR_NULL(maa_jwks_next(jwks, tsec_span_str(kid_raw), &at));
    at = 0;
    CU_ASSERT_PTR_NULL(maa_jwks_next(jwks, tsec_span_str("\"other\""), &at));
    at = 0;
    CU_ASSERT_PTR_NULL(maa_jwks_next(NULL, tsec_span_str(kid_raw), &at));
}

static void
only_the_asked_name_is_read(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(MINT_MAA_JWKS_MAX);
    TSEC_AUTO(maa_jwks_free) struct maa_jwks *jwks = NULL;
    struct mint_maa_jwk keys[] = { mint_maa_jwk(), mint_maa_jwk() };

    keys[1].kid = "other";
    mint_maa_jwks(keys, 2, &text);
    CU_ASSERT_EQUAL_FATAL(
        maa_jwks_parse(tsec_buf_span(&text), tsec_span_str("\"oth\\u0065r\""), &jwks, NULL).code,
        TSEC_OK_CODE);
    CU_ASSERT_EQUAL(maa_jwks_usable(jwks), 1);
}

static void
what_is_no_jwks_is_refused(void)
{
    static const char *const bad[] = { "",
                                       "[]",
                                       "{}",
                                       "{\"keys\":{}}",
                                       "{\"keys\":[]",
                                       "{\"keys\":[],\"keys\":[]}",
                                       "{\"keys\":[]}x",
                                       "{\"keys\":[{\"kid\":\"a\",\"kid\":\"b\"}]}" };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        struct maa_jwks *jwks = NULL;

        CU_ASSERT_EQUAL(maa_jwks_parse(tsec_span_str(bad[i]), tsec_span(NULL, 0), &jwks, NULL).code,
                        TSEC_E_INVALID);
        CU_ASSERT_PTR_NULL(jwks);
    }
}

static void
entries_without_a_name_are_passed_over(void)
{
    struct maa_jwks *jwks = NULL;

    CU_ASSERT_EQUAL_FATAL(maa_jwks_parse(tsec_span_str("{\"keys\":[7,{},{\"kid\":7}]}"),
                                         tsec_span(NULL, 0), &jwks, NULL)
                              .code,
                          TSEC_OK_CODE);
    CU_ASSERT_EQUAL(maa_jwks_usable(jwks), 0);
    maa_jwks_free(jwks);
}

static void
too_many_keys_are_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(MINT_MAA_JWKS_MAX);
    struct maa_jwks *jwks = NULL;

    tsec_buf_put_str(&text, "{\"keys\":[{\"kid\":\"a\"}");
    for (int i = 0; i < MAA_JWKS_KEYS; i++) {
        tsec_buf_put_str(&text, ",{\"kid\":\"a\"}");
    }
    tsec_buf_put_str(&text, "]}");
    CU_ASSERT_EQUAL(maa_jwks_parse(tsec_buf_span(&text), tsec_span(NULL, 0), &jwks, NULL).code,
                    TSEC_E_INVALID);
}

static const struct test_case cases[] = {
    { "a key comes as certificate, or numbers, or both",
      a_key_comes_as_certificate_or_numbers_or_both },
    { "a certificate of another key is refused", a_certificate_of_another_key_is_refused },
    { "an entry that cannot be used says why", an_entry_that_cannot_be_used_says_why },
    { "keys of one name come one after the other", keys_of_one_name_come_one_after_the_other },
    { "only the asked name is read", only_the_asked_name_is_read },
    { "what is no JWKS is refused", what_is_no_jwks_is_refused },
    { "entries without a name are passed over", entries_without_a_name_are_passed_over },
    { "too many keys are refused", too_many_keys_are_refused },
};

int
main(void)
{
    if (tsec_failed(tsec_crypto_setup(NULL))) {
        return TEST_FAIL;
    }
    return test_main("maa-jwks", cases, TSEC_ARRAY_LEN(cases));
}

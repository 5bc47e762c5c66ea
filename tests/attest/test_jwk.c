/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/jwk.h"

#include <string.h>

#include "base/base64.h"
#include "crypto/crypto.h"
#include "crypto/sign.h"
#include "tests/test.h"

/* The base point of P-384: the public key of d = 1. */
static const char spki_text[] =
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEqofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXj"
    "hydgq3NhfeSpYmLG9dnpi/kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f";

static void
decode(const char *text, struct tsec_buf *out)
{
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_base64_decode(out, TSEC_BASE64_STD, tsec_span_str(text), NULL)));
}

static void
the_coordinates_are_those_of_the_key(void)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(256);
    TSEC_AUTO_BUF struct tsec_buf x = TSEC_BUF_INIT(256);
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    TSEC_AUTO_BUF struct tsec_buf point = TSEC_BUF_INIT(256);
    struct jwk jwk;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(TSEC_KEY_P384, &key, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_spki(key, &spki, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_public(key, &point, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(jwk_from_spki(tsec_buf_span(&spki), &jwk, NULL)));
    CU_ASSERT_FALSE(
        tsec_failed(tsec_base64_decode(&x, TSEC_BASE64_URL, tsec_span_str(jwk.x), NULL)));
    CU_ASSERT_FALSE(
        tsec_failed(tsec_base64_decode(&x, TSEC_BASE64_URL, tsec_span_str(jwk.y), NULL)));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&x), tsec_span(point.ptr + 1, point.len - 1)));
}

/* Thumbprint computed by another implementation of RFC 7638. */
static void
the_key_id_is_its_thumbprint(void)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(256);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(1024);
    struct tsec_json_out out = tsec_json_out(&text);
    struct jwk jwk;

    decode(spki_text, &spki);
    CU_ASSERT_FALSE_FATAL(tsec_failed(jwk_from_spki(tsec_buf_span(&spki), &jwk, NULL)));
    CU_ASSERT_STRING_EQUAL(jwk.kid, "-W6Wzot_wuerYbKBVKfGEks3iY2EALna-hBqObnPuJE");
    jwk_json(&jwk, &out);
    CU_ASSERT_TRUE(
        tsec_span_is(tsec_buf_span(&text),
                     "{\"kty\":\"EC\",\"crv\":\"P-384\","
                     "\"x\":\"qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3\","
                     "\"y\":\"NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f\","
                     "\"kid\":\"-W6Wzot_wuerYbKBVKfGEks3iY2EALna-hBqObnPuJE\",\"alg\":\"ES384\","
                     "\"use\":\"sig\"}"));
}

static void
another_kind_of_key_is_none(void)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(256);
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    struct jwk jwk;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(TSEC_KEY_P256, &key, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_spki(key, &spki, NULL)));
    CU_ASSERT_EQUAL(jwk_from_spki(tsec_buf_span(&spki), &jwk, NULL).code, TSEC_E_INVALID);
    CU_ASSERT_TRUE(tsec_failed(jwk_from_spki(tsec_span_str("no key"), &jwk, NULL)));
}

static const struct test_case cases[] = {
    { "the coordinates are those of the key", the_coordinates_are_those_of_the_key },
    { "the key id is its thumbprint", the_key_id_is_its_thumbprint },
    { "another kind of key is none", another_kind_of_key_is_none },
};

TEST_MAIN("attest/jwk", cases)

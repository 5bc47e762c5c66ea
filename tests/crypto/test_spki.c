/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sign.h"
#include "tests/crypto/vector.h"

/* The example of RFC 8410 section 10.1; P-256 and P-384 keys of RFC 6979 appendix A.2 as openssl
 * writes them. */
static const struct {
    enum tsec_key_kind kind;
    const char *der;
} known[] = {
    { TSEC_KEY_ED25519,
      "302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1" },
    { TSEC_KEY_X25519,
      "302a300506032b656e0321008520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a" },
    { TSEC_KEY_P256, "3059301306072a8648ce3d020106082a8648ce3d030107034200"
                     "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                     "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299" },
    { TSEC_KEY_P384, "3076301006072a8648ce3d020106052b81040022036200"
                     "04ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64"
                     "def8f0ea9055866064a254515480bc13"
                     "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1"
                     "288b231c3ae0d4fe7344fd2533264720" },
};

static void
published_key_infos_go_in_and_out(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        const struct vector der = vector(known[i].der);
        TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
        TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(256);

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_from_spki(vector_span(&der), &key, NULL)));
        CU_ASSERT_EQUAL(tsec_key_kind_of(key), known[i].kind);
        CU_ASSERT_FALSE(tsec_failed(tsec_key_spki(key, &again, NULL)));
        CU_ASSERT_TRUE(vector_is(tsec_buf_span(&again), known[i].der));
    }
}

static bool
refused(struct tsec_span der)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;

    return tsec_key_from_spki(der, &key, NULL).code == TSEC_E_INVALID && key == NULL;
}

static void
an_altered_prefix_point_or_length_is_refused(void)
{
    for (size_t k = 0; k < TSEC_ARRAY_LEN(known); k++) {
        struct vector der = vector(known[k].der);
        const bool is_point = known[k].kind == TSEC_KEY_P256 || known[k].kind == TSEC_KEY_P384;

        for (size_t i = 0; i < der.len; i++) {
            CU_ASSERT_TRUE(refused(tsec_span(der.bytes, i)));
            der.bytes[i] ^= 0x80;
            CU_ASSERT_TRUE(!(i < 12 || is_point) || refused(vector_span(&der)));
            der.bytes[i] ^= 0x80;
        }
        CU_ASSERT_TRUE(refused(tsec_span(der.bytes, der.len + 1)));
    }
}

static const struct test_case cases[] = {
    { "published key infos go in and out", published_key_infos_go_in_and_out },
    { "an altered prefix, point or length is refused",
      an_altered_prefix_point_or_length_is_refused },
};

TEST_MAIN("crypto/spki", cases)

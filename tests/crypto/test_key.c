/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "crypto/sign.h"
#include "tests/crypto/vector.h"
#include "tests/freed_library.h"

static struct tsec_key *
private_key(enum tsec_key_kind kind, const char *hex)
{
    const struct vector raw = vector(hex);
    struct tsec_key *key = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_from_private(kind, vector_span(&raw), &key, NULL)));
    return key;
}

static bool
public_is(const struct tsec_key *key, const char *hex)
{
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(128);

    return !tsec_failed(tsec_key_public(key, &out, NULL)) && vector_is(tsec_buf_span(&out), hex);
}

/* RFC 8032 section 7.1 test 1, RFC 6979 appendices A.2.5 and A.2.6, RFC 7748 section 6.1. */
static const struct {
    enum tsec_key_kind kind;
    const char *private_key;
    const char *public_key;
} known[] = {
    { TSEC_KEY_ED25519, "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a" },
    { TSEC_KEY_P256, "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
      "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
      "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299" },
    { TSEC_KEY_P384,
      "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d8"
      "96d5724e4c70a825f872c9ea60d2edf5",
      "04ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64"
      "def8f0ea9055866064a254515480bc13"
      "8015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1"
      "288b231c3ae0d4fe7344fd2533264720" },
    { TSEC_KEY_X25519, "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
      "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a" },
};

static void
a_private_key_has_its_published_public_key(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        TSEC_AUTO(tsec_key_free) struct tsec_key *key =
            private_key(known[i].kind, known[i].private_key);
        TSEC_AUTO_BUF struct tsec_buf raw = TSEC_BUF_INIT(128);

        CU_ASSERT_EQUAL(tsec_key_kind_of(key), known[i].kind);
        CU_ASSERT_TRUE(public_is(key, known[i].public_key));
        CU_ASSERT_FALSE(tsec_failed(tsec_key_private(key, &raw, NULL)));
        CU_ASSERT_TRUE(vector_is(tsec_buf_span(&raw), known[i].private_key));
    }
}

static void
generated_keys_go_out_and_come_back_in_every_form(void)
{
    for (int kind = TSEC_KEY_ED25519; kind <= TSEC_KEY_X25519; kind++) {
        TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
        TSEC_AUTO(tsec_key_free) struct tsec_key *from_private = NULL;
        TSEC_AUTO(tsec_key_free) struct tsec_key *from_public = NULL;
        TSEC_AUTO(tsec_key_free) struct tsec_key *from_spki = NULL;
        TSEC_AUTO_BUF struct tsec_buf raw = TSEC_BUF_INIT(128);
        TSEC_AUTO_BUF struct tsec_buf pub = TSEC_BUF_INIT(128);
        TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(256);
        TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(256);

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate((enum tsec_key_kind)kind, &key, NULL)));
        CU_ASSERT_FALSE(tsec_failed(tsec_key_private(key, &raw, NULL)));
        CU_ASSERT_FALSE(tsec_failed(tsec_key_public(key, &pub, NULL)));
        CU_ASSERT_FALSE(tsec_failed(tsec_key_spki(key, &spki, NULL)));
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_from_private(
            (enum tsec_key_kind)kind, tsec_buf_span(&raw), &from_private, NULL)));
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_from_public(
            (enum tsec_key_kind)kind, tsec_buf_span(&pub), &from_public, NULL)));
        CU_ASSERT_FALSE_FATAL(
            tsec_failed(tsec_key_from_spki(tsec_buf_span(&spki), &from_spki, NULL)));
        CU_ASSERT_EQUAL(tsec_key_kind_of(from_spki), (enum tsec_key_kind)kind);
        CU_ASSERT_FALSE(tsec_failed(tsec_key_public(from_private, &again, NULL)));
        CU_ASSERT_FALSE(tsec_failed(tsec_key_public(from_spki, &again, NULL)));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_span(again.ptr, pub.len), tsec_buf_span(&pub)));
        CU_ASSERT_TRUE(
            tsec_span_equal(tsec_span(again.ptr + pub.len, pub.len), tsec_buf_span(&pub)));
        CU_ASSERT_EQUAL(tsec_key_private(from_public, &again, NULL).code, TSEC_E_INVALID);
        CU_ASSERT_EQUAL(tsec_key_pem(from_public, &again, NULL).code, TSEC_E_INVALID);
    }
}

/* RFC 8410 sections 10.1 and 10.3. */
static void
published_encodings(void)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    TSEC_AUTO(tsec_key_free) struct tsec_key *peer = NULL;
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(128);
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(512);

    key = private_key(TSEC_KEY_ED25519,
                      "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842");
    CU_ASSERT_FALSE(tsec_failed(tsec_key_pem(key, &pem, NULL)));
    CU_ASSERT_TRUE(tsec_span_is(tsec_buf_span(&pem),
                                "-----BEGIN PRIVATE KEY-----\n"
                                "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                                "-----END PRIVATE KEY-----\n"));
    CU_ASSERT_FALSE(tsec_failed(tsec_base64_decode(
        &der, TSEC_BASE64_STD,
        tsec_span_str("MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="), NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_from_spki(tsec_buf_span(&der), &peer, NULL)));
    CU_ASSERT_TRUE(
        public_is(peer, "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"));
    CU_ASSERT_TRUE(
        public_is(key, "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"));
}

static bool
private_refused(enum tsec_key_kind kind, const struct vector *raw)
{
    struct tsec_key *key = NULL;

    return tsec_key_from_private(kind, vector_span(raw), &key, NULL).code == TSEC_E_INVALID
           && key == NULL;
}

static void
scalars_out_of_range_are_refused(void)
{
    const struct vector zero = vector_of(0, 48);
    const struct vector ones = vector_of(0xff, 48);
    const struct vector order =
        vector("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    const struct vector short_one = vector_of(1, 31);
    struct vector zero32 = zero;

    zero32.len = 32;
    CU_ASSERT_TRUE(private_refused(TSEC_KEY_P384, &zero));
    CU_ASSERT_TRUE(private_refused(TSEC_KEY_P384, &ones));
    CU_ASSERT_TRUE(private_refused(TSEC_KEY_P256, &zero32));
    CU_ASSERT_TRUE(private_refused(TSEC_KEY_P256, &order));
    CU_ASSERT_TRUE(private_refused(TSEC_KEY_P256, &ones));
    CU_ASSERT_TRUE(private_refused(TSEC_KEY_ED25519, &short_one));
    CU_ASSERT_TRUE(private_refused((enum tsec_key_kind)9, &zero32));
}

static bool
public_refused(enum tsec_key_kind kind, struct tsec_span raw)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;

    return tsec_key_from_public(kind, raw, &key, NULL).code == TSEC_E_INVALID && key == NULL;
}

static void
points_off_the_curve_or_in_other_forms_are_refused(void)
{
    struct vector point = vector(known[1].public_key);
    const uint8_t infinity = 0;

    CU_ASSERT_FALSE(public_refused(TSEC_KEY_P256, vector_span(&point)));
    CU_ASSERT_TRUE(public_refused(TSEC_KEY_P256, tsec_span(NULL, 0)));
    CU_ASSERT_TRUE(public_refused(TSEC_KEY_P256, tsec_span(&infinity, 1)));
    CU_ASSERT_TRUE(public_refused(TSEC_KEY_P384, vector_span(&point)));
    point.bytes[64] ^= 1;
    CU_ASSERT_TRUE(public_refused(TSEC_KEY_P256, vector_span(&point)));
    point.bytes[64] ^= 1;
    point.bytes[0] = 0x06; /* hybrid */
    CU_ASSERT_TRUE(public_refused(TSEC_KEY_P256, vector_span(&point)));
    point.bytes[0] = 0x02; /* compressed */
    CU_ASSERT_TRUE(public_refused(TSEC_KEY_P256, tsec_span(point.bytes, 33)));
    point.bytes[0] = 0x04;
}

static void
a_shared_key_outlives_the_first(void)
{
    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        TSEC_AUTO(tsec_key_free) struct tsec_key *shared = NULL;
        TSEC_AUTO_BUF struct tsec_buf raw = TSEC_BUF_INIT(128);
        struct tsec_key *key = private_key(known[i].kind, known[i].private_key);

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_share(key, &shared, NULL)));
        tsec_key_free(key);
        CU_ASSERT_EQUAL(tsec_key_kind_of(shared), known[i].kind);
        CU_ASSERT_TRUE(public_is(shared, known[i].public_key));
        CU_ASSERT_FALSE(tsec_failed(tsec_key_private(shared, &raw, NULL)));
        CU_ASSERT_TRUE(vector_is(tsec_buf_span(&raw), known[i].private_key));
    }
}

static void
reading_a_private_key_leaves_nothing_behind(void)
{
    CU_ASSERT_TRUE_FATAL(freed_library_watches());
    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        const struct vector raw = vector(known[i].private_key);
        TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(4096);
        struct tsec_key *key = NULL;

        /* The ends of X25519's scalars are changed. */
        freed_library_seek(vector_span(&raw).ptr + 4, 24);
        key = private_key(known[i].kind, known[i].private_key);
        CU_ASSERT_EQUAL(tsec_key_private(key, &out, NULL).code, 0);
        if (known[i].kind == TSEC_KEY_ED25519 || known[i].kind == TSEC_KEY_X25519) {
            /* The library's writer of PEM does leave a copy of the other kinds. */
            CU_ASSERT_EQUAL(tsec_key_pem(key, &out, NULL).code, 0);
        }
        tsec_key_free(key);
        CU_ASSERT_EQUAL(freed_library_leaks(), 0);
    }
}

static const struct test_case cases[] = {
    { "a private key has its published public key", a_private_key_has_its_published_public_key },
    { "generated keys go out and come back in every form",
      generated_keys_go_out_and_come_back_in_every_form },
    { "a shared key outlives the first", a_shared_key_outlives_the_first },
    { "reading a private key leaves nothing behind", reading_a_private_key_leaves_nothing_behind },
    { "published encodings", published_encodings },
    { "scalars out of range are refused", scalars_out_of_range_are_refused },
    { "points off the curve or in other forms are refused",
      points_off_the_curve_or_in_other_forms_are_refused },
};

TEST_MAIN("crypto/key", cases)

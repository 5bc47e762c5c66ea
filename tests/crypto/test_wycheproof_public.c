/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/sign.h"
#include "tests/crypto/wycheproof.h"

static bool
verifies(enum tsec_key_kind kind, const struct vector *public_key, enum tsec_hash hash,
         const struct wycheproof *w)
{
    const struct vector msg = wycheproof_hex(w->test, "msg");
    const struct vector sig = wycheproof_hex(w->test, "sig");
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;

    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_key_from_public(kind, vector_span(public_key), &key, NULL)));
    return !tsec_failed(tsec_verify(key, hash, vector_span(&msg), vector_span(&sig), NULL));
}

static void
ed25519_test(const struct wycheproof *w)
{
    const struct vector pk = wycheproof_hex(json_object_get(w->group, "publicKey"), "pk");

    wycheproof_expect(w, verifies(TSEC_KEY_ED25519, &pk, TSEC_SHA512, w));
}

static void
p256_test(const struct wycheproof *w)
{
    const struct vector pk = wycheproof_hex(json_object_get(w->group, "publicKey"), "uncompressed");

    wycheproof_expect(w, verifies(TSEC_KEY_P256, &pk, TSEC_SHA256, w));
}

static void
p384_test(const struct wycheproof *w)
{
    const struct vector pk = wycheproof_hex(json_object_get(w->group, "publicKey"), "uncompressed");

    wycheproof_expect(w, verifies(TSEC_KEY_P384, &pk, TSEC_SHA384, w));
}

static void
ed25519(void)
{
    wycheproof_each("ed25519_test.json", ed25519_test);
}

static void
ecdsa_p256(void)
{
    wycheproof_each("ecdsa_secp256r1_sha256_p1363_test.json", p256_test);
}

static void
ecdsa_p384(void)
{
    wycheproof_each("ecdsa_secp384r1_sha384_p1363_test.json", p384_test);
}

/* Whether the shared secret came out; asserts that it is the right one. */
static bool
agrees(enum tsec_key_kind kind, size_t len, struct tsec_key *peer, const struct wycheproof *w)
{
    const struct vector raw = wycheproof_int(w->test, "private", len);
    const struct vector shared = wycheproof_hex(w->test, "shared");
    TSEC_AUTO(tsec_key_free) struct tsec_key *own = NULL;
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(64);

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_from_private(kind, vector_span(&raw), &own, NULL)));
    if (tsec_failed(tsec_key_agree(own, peer, &out, NULL))) {
        return false;
    }
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&out), vector_span(&shared)));
    return true;
}

/* Two point multiplications of OpenSSL's P-384 take milliseconds: of its many alike, every eighth.
 */
static bool
passed_over(const struct wycheproof *w)
{
    return w->valid && wycheproof_has_flag(w, "EdgeCaseDoubling") && w->id % 8 != 0;
}

static void
ecdh_point_test(const struct wycheproof *w)
{
    const struct vector point = wycheproof_hex(w->test, "public");
    TSEC_AUTO(tsec_key_free) struct tsec_key *peer = NULL;

    if (!passed_over(w)) {
        wycheproof_expect(
            w, !tsec_failed(tsec_key_from_public(TSEC_KEY_P384, vector_span(&point), &peer, NULL))
                   && agrees(TSEC_KEY_P384, 48, peer, w));
    }
}

static void
ecdh_spki_test(const struct wycheproof *w)
{
    const struct vector der = wycheproof_hex(w->test, "public");
    TSEC_AUTO(tsec_key_free) struct tsec_key *peer = NULL;

    if (!passed_over(w)) {
        const bool agreed = !tsec_failed(tsec_key_from_spki(vector_span(&der), &peer, NULL))
                            && agrees(TSEC_KEY_P384, 48, peer, w);

        CU_ASSERT_FALSE(agreed && !w->valid); /* not even what would be acceptable */
        wycheproof_expect(w, agreed);
    }
}

static void
ecdh_p384(void)
{
    wycheproof_each("ecdh_secp384r1_ecpoint_test.json", ecdh_point_test);
}

static void
ecdh_p384_with_encoded_keys(void)
{
    wycheproof_each("ecdh_secp384r1_test.json", ecdh_spki_test);
}

static void
x25519_test(const struct wycheproof *w)
{
    const struct vector pk = wycheproof_hex(w->test, "public");
    TSEC_AUTO(tsec_key_free) struct tsec_key *peer = NULL;

    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_key_from_public(TSEC_KEY_X25519, vector_span(&pk), &peer, NULL)));

    const bool agreed = agrees(TSEC_KEY_X25519, 32, peer, w);

    wycheproof_expect(w, agreed);
    CU_ASSERT_FALSE(agreed && wycheproof_has_flag(w, "ZeroSharedSecret"));
}

static void
x25519(void)
{
    wycheproof_each("x25519_test.json", x25519_test);
}

static const struct test_case cases[] = {
    { "Ed25519", ed25519 },
    { "ECDSA P-256", ecdsa_p256 },
    { "ECDSA P-384", ecdsa_p384 },
    { "ECDH P-384", ecdh_p384 },
    { "ECDH P-384 with encoded keys", ecdh_p384_with_encoded_keys },
    { "X25519", x25519 },
};

int
main(void)
{
    return wycheproof_present()
               ? test_main("crypto/wycheproof_public", cases, TSEC_ARRAY_LEN(cases))
               : TEST_SKIP;
}

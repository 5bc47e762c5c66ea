/* SPDX-License-Identifier: Apache-2.0 */
/* ECDH by key pairs of users.  Acceptable are peers in other encodings than a named curve with an
 * uncompressed point: whichever of them are taken, the secret must be right. */
#include "crypto/pair.h"
#include "tests/crypto/wycheproof.h"

static const struct curve {
    enum tsec_pair_kind kind;
    size_t half;
    const char *pkcs8; /* up to the scalar */
    const char *spki;  /* up to the point */
} curves[] = {
    { TSEC_PAIR_P256, 32, "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420",
      "3059301306072a8648ce3d020106082a8648ce3d030107034200" },
    { TSEC_PAIR_P384, 48, "304e020100301006072a8648ce3d020106052b81040022043730350201010430",
      "3076301006072a8648ce3d020106052b81040022036200" },
    { TSEC_PAIR_P521, 66, "3060020100301006072a8648ce3d020106052b81040023044930470201010442",
      "30819b301006072a8648ce3d020106052b8104002303818600" },
    { TSEC_PAIR_SECP256K1, 32, "303e020100301006072a8648ce3d020106052b8104000a042730250201010420",
      NULL },
};

static const struct curve *curve;

static struct vector
joined(const char *head, const struct vector *tail)
{
    struct vector v = vector(head);

    CU_ASSERT_FATAL(v.len + tail->len <= VECTOR_MAX);
    memcpy(v.bytes + v.len, tail->bytes, tail->len);
    v.len += tail->len;
    return v;
}

/* Whether the shared secret came out; asserts that it is the right one. */
static bool
agrees(const struct wycheproof *w, struct tsec_span spki)
{
    const struct vector scalar = wycheproof_int(w->test, "private", curve->half);
    const struct vector pkcs8 = joined(curve->pkcs8, &scalar);
    const struct vector shared = wycheproof_hex(w->test, "shared");
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *own = NULL;
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *peer = NULL;
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(curve->half);
    const int code = tsec_pair_from_spki(curve->kind, spki, &peer, NULL).code;

    CU_ASSERT_TRUE(code == TSEC_OK_CODE || code == TSEC_E_INVALID);
    if (code != TSEC_OK_CODE) {
        return false;
    }
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_pair_open(curve->kind, vector_span(&pkcs8), &own, NULL)));
    if (tsec_failed(tsec_pair_agree(own, peer, &out, NULL))) {
        return false;
    }
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&out), vector_span(&shared)));
    return true;
}

/* Point multiplications on P-384 and P-521 take a millisecond: of many alike, every eighth. */
static bool
passed_over(const struct wycheproof *w)
{
    return !wycheproof_thorough() && w->valid && wycheproof_has_flag(w, "EdgeCaseDoubling")
           && w->id % 8 != 0;
}

static void
spki_test(const struct wycheproof *w)
{
    const struct vector der = wycheproof_hex(w->test, "public");

    if (!passed_over(w)) {
        const bool agreed = agrees(w, vector_span(&der));

        wycheproof_count(w, w->acceptable ? agreed : w->valid, agreed);
    }
}

static void
point_test(const struct wycheproof *w)
{
    const struct vector point = wycheproof_hex(w->test, "public");

    if (point.len != 2 * curve->half + 1) { /* what our heads are not made for: compressed */
        CU_ASSERT_FALSE(w->valid);
        wycheproof_not_offered();
    } else if (!passed_over(w)) {
        const struct vector der = joined(curve->spki, &point);

        wycheproof_count(w, w->valid, agrees(w, vector_span(&der)));
    }
}

static void
p256(void)
{
    curve = &curves[0];
    wycheproof_file("ecdh_secp256r1_test.json", spki_test);
    wycheproof_file("ecdh_secp256r1_ecpoint_test.json", point_test);
}

static void
p384(void)
{
    curve = &curves[1];
    wycheproof_file("ecdh_secp384r1_test.json", spki_test);
    wycheproof_file("ecdh_secp384r1_ecpoint_test.json", point_test);
}

static void
p521(void)
{
    curve = &curves[2];
    wycheproof_file("ecdh_secp521r1_test.json", spki_test);
    wycheproof_file("ecdh_secp521r1_ecpoint_test.json", point_test);
}

static void
secp256k1(void)
{
    curve = &curves[3];
    wycheproof_file("ecdh_secp256k1_test.json", spki_test);
    wycheproof_summary();
}

static const struct test_case cases[] = {
    { "ECDH P-256", p256 },
    { "ECDH P-384", p384 },
    { "ECDH P-521", p521 },
    { "ECDH secp256k1", secp256k1 },
};

int
main(void)
{
    return wycheproof_present()
               ? test_main("crypto/wycheproof_pair_agree", cases, TSEC_ARRAY_LEN(cases))
               : TEST_SKIP;
}

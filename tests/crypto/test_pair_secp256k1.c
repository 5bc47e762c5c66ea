/* SPDX-License-Identifier: Apache-2.0 */
#include <secp256k1_recovery.h>

#include "tests/crypto/secp256k1.h"

static const char order_hex[] = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
static const char half_hex[] = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";
static const char turing_scalar[] =
    "f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181";
static const char turing_point[] =
    "0492df7b245b81aa637ab4e867c8d511008f79161a97d64f2ac709600352f7acbce9bfdf1b13fa0cb1de4521"
    "e5386cde3a1cd26c5ab584989d07bbed58a5419f62";

static const struct tsec_signing deterministic = { .hash = TSEC_SHA256,
                                                   .form = TSEC_FORM_RAW,
                                                   .nonce = TSEC_NONCE_RFC6979 };

/* PKCS #8 with the ECPrivateKey of RFC 5915 in it, with and without the public key. */
static struct vector
pkcs8_of(const char *scalar_hex, const char *point_hex)
{
    char hex[512];

    if (point_hex == NULL) {
        (void)snprintf(hex, sizeof(hex),
                       "303e020100301006072a8648ce3d020106052b8104000a042730250201010420%s",
                       scalar_hex);
    } else {
        (void)snprintf(
            hex, sizeof(hex),
            "308184020100301006072a8648ce3d020106052b8104000a046d306b0201010420%sa144034200%s",
            scalar_hex, point_hex);
    }
    return vector(hex);
}

static struct vector
spki_of(const char *point_hex)
{
    char hex[512];

    (void)snprintf(hex, sizeof(hex), "3056301006072a8648ce3d020106052b8104000a034200%s", point_hex);
    return vector(hex);
}

static struct tsec_pair *
imported(const char *scalar_hex)
{
    const struct vector der = pkcs8_of(scalar_hex, NULL);
    struct tsec_pair *pair = NULL;

    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_pair_import(TSEC_PAIR_SECP256K1, vector_span(&der), &pair, NULL)));
    return pair;
}

/* ---- known answers ---- */

/* Widely published for RFC 6979 on this curve (with SHA-256), and computed from the RFC by other
 * code (other hashes, recovery ids). */
static void
known_signatures(void)
{
    static const char one[] = "0000000000000000000000000000000000000000000000000000000000000001";
    static const char most[] = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";
    static const struct {
        const char *scalar;
        enum tsec_hash hash;
        const char *message;
        const char *rs;
        int id;
    } known[] = {
        { one, TSEC_SHA256, "Satoshi Nakamoto",
          "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
          "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5",
          1 },
        { one, TSEC_SHA256,
          "All those moments will be lost in time, like tears in rain. Time to die...",
          "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b"
          "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21",
          0 },
        { most, TSEC_SHA256, "Satoshi Nakamoto",
          "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0"
          "6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5",
          0 },
        { turing_scalar, TSEC_SHA256, "Alan Turing",
          "7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c"
          "58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea",
          0 },
        { turing_scalar, TSEC_SHA1, "Alan Turing",
          "fb019e3987e31e0499111d75f3f3122925a8bb31772ad270dfd7db0ddf4042ef"
          "601a32f8a152ac6dd2e0a66eb35c70e7879b8874163edf3843c7504d41d7fba8",
          1 },
        { turing_scalar, TSEC_SHA224, "Alan Turing",
          "ecb1f45b71b5ba9876a592fb733ff8978ae8344f12bd8ab0143617346adc6364"
          "3bf4031ab03c989bcd4339dad523c3d53956640e59799bb353e9d507d1d3295e",
          0 },
        { turing_scalar, TSEC_SHA384, "Alan Turing",
          "2b71c8ac5bace3793ac7fb30e731f83aaaa1cae11154015c94a2213eff6c6f59"
          "2d1fd52a7c54033ed4acd5f27bc897641003e872fa2bd424713854a860db3777",
          1 },
        { turing_scalar, TSEC_SHA512, "Alan Turing",
          "d913c1cb49b4207ad9a18b5bda651527a2286120b8bc93fb0adf31b536788ab3"
          "7e37a759b08464c23f7d348e36bbad5957218c3d3f19707a8347e217e66df613",
          0 },
        { turing_scalar, TSEC_SHA3_256, "Alan Turing",
          "6b1275f44171bef30a7d79645f0db3a574166b56c8fb94a0653d2b7204097057"
          "52f2187d579c20634010bda32f7ac424739ebb6627f55a67894148cbd3248e7e",
          0 },
        { turing_scalar, TSEC_SHA3_512, "Alan Turing",
          "9fcd9aa2690ce096bf89438315d2038be4228a943f92878477d453448058423d"
          "32fd4273b0038d7ca0918fc860bbf0e363c6d9194d5ea33cc2656e6365d9a8b8",
          1 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = imported(known[i].scalar);
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
        const struct tsec_span message = tsec_span_str(known[i].message);
        struct tsec_signing how = deterministic;
        int id = -1;

        how.hash = known[i].hash;
        CU_ASSERT_FALSE(tsec_failed(tsec_pair_sign(pair, &how, message, &sig, &id, NULL)));
        CU_ASSERT_TRUE(vector_is(tsec_buf_span(&sig), known[i].rs));
        CU_ASSERT_EQUAL(id, known[i].id);
        CU_ASSERT_EQUAL(verdict(pair, &how, message, tsec_buf_span(&sig)), TSEC_OK_CODE);
    }
}

static void
known_encodings(void)
{
    const struct vector whole = pkcs8_of(turing_scalar, turing_point);
    const struct vector spki = spki_of(turing_point);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = imported(turing_scalar);
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

    CU_ASSERT_EQUAL(tsec_pair_kind_of(pair), TSEC_PAIR_SECP256K1);
    CU_ASSERT_TRUE(tsec_pair_is_private(pair));
    CU_ASSERT_FALSE(tsec_failed(tsec_pair_pkcs8(pair, &out, NULL)));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&out), vector_span(&whole)));
    tsec_buf_reset(&out);
    CU_ASSERT_FALSE(tsec_failed(tsec_pair_spki(pair, &out, NULL)));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&out), vector_span(&spki)));
    tsec_buf_reset(&out);
    CU_ASSERT_FALSE(tsec_failed(tsec_pair_point(pair, &out, NULL)));
    CU_ASSERT_TRUE(vector_is(tsec_buf_span(&out), turing_point));
}

/* ---- what comes back ---- */

static void
opens_again(const struct tsec_pair *pair, struct tsec_span pkcs8)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *opened = NULL;
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *checked = NULL;
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
    const struct tsec_span message = tsec_span_str("message");

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_open(TSEC_PAIR_SECP256K1, pkcs8, &opened, NULL)));
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_pair_import(TSEC_PAIR_SECP256K1, pkcs8, &checked, NULL)));
    CU_ASSERT_FALSE(tsec_failed(tsec_pair_pkcs8(checked, &again, NULL)));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&again), pkcs8));
    CU_ASSERT_FALSE(tsec_failed(tsec_pair_sign(opened, &hedged, message, &sig, NULL, NULL)));
    CU_ASSERT_EQUAL(verdict(pair, &hedged, message, tsec_buf_span(&sig)), TSEC_OK_CODE);
    CU_ASSERT_EQUAL(verdict(checked, &hedged, message, tsec_buf_span(&sig)), TSEC_OK_CODE);
}

static void
a_generated_pair_comes_back_from_its_encoding(void)
{
    for (int i = 0; i < 20; i++) {
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = generated();
        TSEC_AUTO(tsec_pair_free) struct tsec_pair *other = generated();
        TSEC_AUTO_BUF struct tsec_buf pkcs8 = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);
        TSEC_AUTO_BUF struct tsec_buf others = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_pkcs8(pair, &pkcs8, NULL)));
        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_pkcs8(other, &others, NULL)));
        CU_ASSERT_FALSE(tsec_span_equal(tsec_buf_span(&pkcs8), tsec_buf_span(&others)));
        opens_again(pair, tsec_buf_span(&pkcs8));
    }
}

static bool
is_low(const uint8_t *rs)
{
    const struct vector half = vector(half_hex);

    return tsec_span_compare(tsec_span(rs + 32, 32), vector_span(&half)) <= 0;
}

/* The public key that a signature with its recovery id gives away, by the library itself. */
static bool
recovers(const struct tsec_pair *pair, const uint8_t *rs, int id, struct tsec_span message)
{
    TSEC_AUTO_BUF struct tsec_buf wanted = TSEC_BUF_INIT(POINT_LEN);
    secp256k1_ecdsa_recoverable_signature sig;
    secp256k1_pubkey key;
    uint8_t digest[TSEC_SHA256_LEN];
    uint8_t point[POINT_LEN];
    size_t len = sizeof(point);

    tsec_sha256(message, digest);
    CU_ASSERT_FALSE(tsec_failed(tsec_pair_point(pair, &wanted, NULL)));
    return secp256k1_ecdsa_recoverable_signature_parse_compact(secp256k1_context_static, &sig, rs,
                                                               id)
               == 1
           && secp256k1_ecdsa_recover(secp256k1_context_static, &key, &sig, digest) == 1
           && secp256k1_ec_pubkey_serialize(secp256k1_context_static, point, &len, &key,
                                            SECP256K1_EC_UNCOMPRESSED)
                  == 1
           && tsec_span_equal(tsec_span(point, len), tsec_buf_span(&wanted));
}

static void
hedged_signatures_differ_have_a_low_s_and_recover(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = generated();
    const struct tsec_span message = tsec_span_str("the same each time");
    uint8_t before[RAW_LEN] = { 0 };
    unsigned ids = 0;

    for (int i = 0; i < 64; i++) {
        TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(RAW_LEN);
        int id = -1;

        CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_sign(pair, &hedged, message, &sig, &id, NULL)));
        CU_ASSERT_EQUAL_FATAL(sig.len, RAW_LEN);
        CU_ASSERT_NOT_EQUAL(memcmp(before, sig.ptr, 32), 0); /* another nonce */
        CU_ASSERT_TRUE(is_low(sig.ptr));
        CU_ASSERT_TRUE(id >= 0 && id <= 3);
        CU_ASSERT_TRUE(recovers(pair, sig.ptr, id, message));
        CU_ASSERT_FALSE(recovers(pair, sig.ptr, id ^ 1, message));
        memcpy(before, sig.ptr, RAW_LEN);
        ids |= 1u << id;
    }
    CU_ASSERT_EQUAL(ids & 3, 3);
}

static void
prehashed_signs_the_same(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = imported(turing_scalar);
    TSEC_AUTO_BUF struct tsec_buf whole = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
    TSEC_AUTO_BUF struct tsec_buf digested = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
    struct tsec_signing how = deterministic;
    uint8_t digest[TSEC_SHA256_LEN];

    tsec_sha256(tsec_span_str("message"), digest);
    CU_ASSERT_FALSE(
        tsec_failed(tsec_pair_sign(pair, &how, tsec_span_str("message"), &whole, NULL, NULL)));
    how.prehashed = true;
    CU_ASSERT_FALSE(tsec_failed(
        tsec_pair_sign(pair, &how, tsec_span(digest, sizeof(digest)), &digested, NULL, NULL)));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&whole), tsec_buf_span(&digested)));
    CU_ASSERT_EQUAL(verdict(pair, &how, tsec_span(digest, sizeof(digest)), tsec_buf_span(&whole)),
                    TSEC_OK_CODE);
    for (size_t len = 0; len < sizeof(digest); len++) {
        CU_ASSERT_EQUAL(tsec_pair_sign(pair, &how, tsec_span(digest, len), &whole, NULL, NULL).code,
                        TSEC_E_INVALID);
    }
}

/* ---- refusals ---- */

/* n - s in place of s. */
static void
flip_s(uint8_t *rs)
{
    const struct vector order = vector(order_hex);
    unsigned borrow = 0;

    for (size_t i = 32; i-- > 0;) {
        const unsigned difference = 0x100u + order.bytes[i] - rs[32 + i] - borrow;

        rs[32 + i] = (uint8_t)difference;
        borrow = 1 - (difference >> 8);
    }
}

static void
a_high_s_is_accepted_unless_a_low_one_is_asked_for(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = generated();
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *theirs = public_of(pair);
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(RAW_LEN);
    const struct tsec_span message = tsec_span_str("message");
    struct tsec_signing strict = hedged;

    strict.low_s = true;
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_sign(pair, &hedged, message, &sig, NULL, NULL)));
    CU_ASSERT_EQUAL(verdict(theirs, &strict, message, tsec_buf_span(&sig)), TSEC_OK_CODE);
    flip_s(sig.ptr);
    CU_ASSERT_FALSE(is_low(sig.ptr));
    CU_ASSERT_EQUAL(verdict(theirs, &hedged, message, tsec_buf_span(&sig)), TSEC_OK_CODE);
    CU_ASSERT_EQUAL(verdict(theirs, &strict, message, tsec_buf_span(&sig)), TSEC_E_DENIED);
}

static void
other_signatures_are_denied(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = generated();
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *other = generated();
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(RAW_LEN);
    const struct tsec_span message = tsec_span_str("message");

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_sign(pair, &hedged, message, &sig, NULL, NULL)));
    CU_ASSERT_EQUAL(verdict(other, &hedged, message, tsec_buf_span(&sig)), TSEC_E_DENIED);
    CU_ASSERT_EQUAL(verdict(pair, &hedged, tsec_span_str("messagf"), tsec_buf_span(&sig)),
                    TSEC_E_DENIED);
    for (size_t bit = 0; bit < sig.len * 8; bit++) {
        sig.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CU_ASSERT_EQUAL(verdict(pair, &hedged, message, tsec_buf_span(&sig)), TSEC_E_DENIED);
        sig.ptr[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t len = 0; len < sig.len; len++) {
        CU_ASSERT_EQUAL(verdict(pair, &hedged, message, tsec_span(sig.ptr, len)), TSEC_E_INVALID);
    }
    CU_ASSERT_EQUAL(verdict(pair, &hedged, message, tsec_buf_span(&sig)), TSEC_OK_CODE);
}

static void
numbers_out_of_range_are_denied(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = generated();
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(RAW_LEN);
    const struct vector order = vector(order_hex);
    const struct tsec_span message = tsec_span_str("message");
    uint8_t rs[RAW_LEN];

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_sign(pair, &hedged, message, &sig, NULL, NULL)));
    for (size_t at = 0; at < RAW_LEN; at += 32) {
        memcpy(rs, sig.ptr, sizeof(rs));
        memset(rs + at, 0, 32);
        CU_ASSERT_EQUAL(verdict(pair, &hedged, message, tsec_span(rs, sizeof(rs))), TSEC_E_DENIED);
        memcpy(rs + at, order.bytes, 32);
        CU_ASSERT_EQUAL(verdict(pair, &hedged, message, tsec_span(rs, sizeof(rs))), TSEC_E_DENIED);
        memset(rs + at, 0xff, 32);
        CU_ASSERT_EQUAL(verdict(pair, &hedged, message, tsec_span(rs, sizeof(rs))), TSEC_E_DENIED);
    }
    memset(rs, 0, sizeof(rs));
    CU_ASSERT_EQUAL(verdict(pair, &hedged, message, tsec_span(rs, sizeof(rs))), TSEC_E_DENIED);
}

static bool
import_refused(const char *scalar, const char *point)
{
    const struct vector der = pkcs8_of(scalar, point);
    struct tsec_pair *pair = NULL;

    const int code = tsec_pair_import(TSEC_PAIR_SECP256K1, vector_span(&der), &pair, NULL).code;

    CU_ASSERT_TRUE((code == TSEC_OK_CODE) == (pair != NULL));
    tsec_pair_free(pair);
    return code == TSEC_E_INVALID;
}

static void
private_keys_out_of_range_are_refused(void)
{
    static const char *const scalars[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        order_hex,
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(scalars); i++) {
        CU_ASSERT_TRUE(import_refused(scalars[i], NULL));
        CU_ASSERT_TRUE(import_refused(scalars[i], turing_point));
    }
}

static void
a_public_key_of_another_private_key_is_refused(void)
{
    static const char scalar[] = "0000000000000000000000000000000000000000000000000000000000000002";

    CU_ASSERT_FALSE(import_refused(turing_scalar, turing_point));
    CU_ASSERT_TRUE(import_refused(scalar, turing_point));
}

static bool
spki_refused(const char *point)
{
    const struct vector der = spki_of(point);
    struct tsec_pair *pair = NULL;

    const int code = tsec_pair_from_spki(TSEC_PAIR_SECP256K1, vector_span(&der), &pair, NULL).code;

    CU_ASSERT_TRUE((code == TSEC_OK_CODE) == (pair != NULL));
    tsec_pair_free(pair);
    return code == TSEC_E_INVALID;
}

static void
what_is_no_point_is_refused(void)
{
    char point[2 * POINT_LEN + 1];

    CU_ASSERT_FALSE(spki_refused(turing_point));
    (void)snprintf(point, sizeof(point), "%s", turing_point);
    point[129] = '3'; /* y + 1 */
    CU_ASSERT_TRUE(spki_refused(point));
    (void)snprintf(point, sizeof(point), "%s", turing_point);
    point[1] = '6'; /* the hybrid form of an even y */
    CU_ASSERT_TRUE(spki_refused(point));
    point[1] = '5';
    CU_ASSERT_TRUE(spki_refused(point));
    (void)snprintf(point, sizeof(point), "04%0128d", 0);
    CU_ASSERT_TRUE(spki_refused(point));
    memset(point + 2, 'f', 128); /* not below the field's prime */
    CU_ASSERT_TRUE(spki_refused(point));
}

static void
a_public_key_does_nothing_private(void)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = generated();
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *theirs = public_of(pair);
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(TSEC_PAIR_PKCS8_MAX);

    CU_ASSERT_TRUE(
        tsec_failed(tsec_pair_sign(theirs, &hedged, tsec_span_str("message"), &out, NULL, NULL)));
    CU_ASSERT_TRUE(tsec_failed(tsec_pair_pkcs8(theirs, &out, NULL)));
    CU_ASSERT_TRUE(tsec_failed(tsec_pair_agree(theirs, pair, &out, NULL)));
    CU_ASSERT_EQUAL(out.len, 0);
}

static const struct test_case cases[] = {
    { "known signatures", known_signatures },
    { "known encodings", known_encodings },
    { "a generated pair comes back from its encoding",
      a_generated_pair_comes_back_from_its_encoding },
    { "hedged signatures differ, have a low s, and recover",
      hedged_signatures_differ_have_a_low_s_and_recover },
    { "prehashed signs the same", prehashed_signs_the_same },
    { "a high s is accepted unless a low one is asked for",
      a_high_s_is_accepted_unless_a_low_one_is_asked_for },
    { "other signatures are denied", other_signatures_are_denied },
    { "numbers out of range are denied", numbers_out_of_range_are_denied },
    { "private keys out of range are refused", private_keys_out_of_range_are_refused },
    { "a public key of another private key is refused",
      a_public_key_of_another_private_key_is_refused },
    { "what is no point is refused", what_is_no_point_is_refused },
    { "a public key does nothing private", a_public_key_does_nothing_private },
};

TEST_MAIN("crypto/pair_secp256k1", cases)

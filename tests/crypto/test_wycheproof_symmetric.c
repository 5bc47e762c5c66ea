/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/keywrap.h"
#include "tests/crypto/wycheproof.h"

static enum tsec_hash now_testing;

static bool
is(const json_t *group, const char *key, int value)
{
    return json_integer_value(json_object_get(group, key)) == value;
}

static void
aead_test(const struct wycheproof *w, enum tsec_aead alg)
{
    if (!is(w->group, "ivSize", 96) || !is(w->group, "tagSize", 128)) {
        wycheproof_not_offered();
        return;
    }

    const struct vector raw = wycheproof_hex(w->test, "key");
    const struct vector iv = wycheproof_hex(w->test, "iv");
    const struct vector aad = wycheproof_hex(w->test, "aad");
    const struct vector msg = wycheproof_hex(w->test, "msg");
    const struct vector tag = wycheproof_hex(w->test, "tag");
    struct vector sealed = wycheproof_hex(w->test, "ct");
    uint8_t out[VECTOR_MAX];
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *key = NULL;

    memcpy(sealed.bytes + sealed.len, tag.bytes, tag.len);
    sealed.len += tag.len;
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_aead_key_new(alg, raw.bytes, &key, NULL)));

    const bool opened = !tsec_failed(
        tsec_aead_open(key, iv.bytes, vector_span(&aad), vector_span(&sealed), out, NULL));

    wycheproof_count(w, w->valid, opened);
    CU_ASSERT_TRUE(!opened || tsec_span_equal(tsec_span(out, msg.len), vector_span(&msg)));
    if (w->valid) {
        CU_ASSERT_FALSE(tsec_failed(
            tsec_aead_seal(key, iv.bytes, vector_span(&aad), vector_span(&msg), out, NULL)));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_span(out, sealed.len), vector_span(&sealed)));
    }
}

static void
gcm_test(const struct wycheproof *w)
{
    if (is(w->group, "keySize", 192)) {
        wycheproof_not_offered();
    } else {
        aead_test(w, is(w->group, "keySize", 256) ? TSEC_AES_256_GCM : TSEC_AES_128_GCM);
    }
}

static void
aes_gcm(void)
{
    wycheproof_file("aes_gcm_test.json", gcm_test);
}

static void
chacha20_poly1305_test(const struct wycheproof *w)
{
    aead_test(w, TSEC_CHACHA20_POLY1305);
}

static void
chacha20_poly1305(void)
{
    wycheproof_file("chacha20_poly1305_test.json", chacha20_poly1305_test);
}

static void
kwp_test(const struct wycheproof *w)
{
    if (!is(w->group, "keySize", 256)) {
        wycheproof_not_offered();
        return;
    }

    const struct vector key = wycheproof_hex(w->test, "key");
    const struct vector msg = wycheproof_hex(w->test, "msg");
    const struct vector wrapped = wycheproof_hex(w->test, "ct");
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(VECTOR_MAX);

    const bool unwrapped =
        !tsec_failed(tsec_kwp_unwrap(key.bytes, vector_span(&wrapped), &out, NULL));

    wycheproof_count(w, w->valid, unwrapped);
    CU_ASSERT_TRUE(!unwrapped || tsec_span_equal(tsec_buf_span(&out), vector_span(&msg)));
    if (w->valid) {
        tsec_buf_reset(&out);
        CU_ASSERT_FALSE(tsec_failed(tsec_kwp_wrap(key.bytes, vector_span(&msg), &out, NULL)));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&out), vector_span(&wrapped)));
    }
}

static void
aes_kwp(void)
{
    wycheproof_file("aes_kwp_test.json", kwp_test);
}

/* A prepared key is of SHA-256 alone. */
static void
prepared_test(const struct vector *key, struct tsec_span msg, const uint8_t *wanted)
{
    TSEC_AUTO(tsec_hmac_key_free) struct tsec_hmac_key *prepared = NULL;
    uint8_t out[TSEC_SHA256_LEN];

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_hmac_key_new(vector_span(key), &prepared, NULL)));
    tsec_hmac_parts(prepared, &msg, 1, out);
    CU_ASSERT_EQUAL(memcmp(out, wanted, sizeof(out)), 0);
}

static void
hmac_test(const struct wycheproof *w)
{
    const struct vector raw = wycheproof_hex(w->test, "key");
    const struct vector msg = wycheproof_hex(w->test, "msg");
    const struct vector tag = wycheproof_hex(w->test, "tag");
    uint8_t out[TSEC_SHA512_LEN];

    CU_ASSERT_FALSE(
        tsec_failed(tsec_hmac(now_testing, vector_span(&raw), vector_span(&msg), out, NULL)));
    if (now_testing == TSEC_SHA256) {
        prepared_test(&raw, vector_span(&msg), out);
    }
    /* some groups cut the tag short */
    wycheproof_count(w, w->valid, tsec_ct_equal(tsec_span(out, tag.len), vector_span(&tag)));
}

static void
hmac(void)
{
    static const struct {
        enum tsec_hash hash;
        const char *file;
    } all[] = {
        { TSEC_SHA1, "hmac_sha1_test.json" },         { TSEC_SHA224, "hmac_sha224_test.json" },
        { TSEC_SHA256, "hmac_sha256_test.json" },     { TSEC_SHA384, "hmac_sha384_test.json" },
        { TSEC_SHA512, "hmac_sha512_test.json" },     { TSEC_SHA3_224, "hmac_sha3_224_test.json" },
        { TSEC_SHA3_256, "hmac_sha3_256_test.json" }, { TSEC_SHA3_384, "hmac_sha3_384_test.json" },
        { TSEC_SHA3_512, "hmac_sha3_512_test.json" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(all); i++) {
        now_testing = all[i].hash;
        wycheproof_file(all[i].file, hmac_test);
    }
}

static void
hkdf_test(const struct wycheproof *w)
{
    const struct vector ikm = wycheproof_hex(w->test, "ikm");
    const struct vector salt = wycheproof_hex(w->test, "salt");
    const struct vector info = wycheproof_hex(w->test, "info");
    const struct vector okm = wycheproof_hex(w->test, "okm");
    const size_t size = (size_t)json_integer_value(json_object_get(w->test, "size"));
    static uint8_t out[255 * TSEC_SHA512_LEN + 1024];

    CU_ASSERT_FATAL(size <= sizeof(out));

    const bool derived = !tsec_failed(tsec_hkdf(now_testing, vector_span(&ikm), vector_span(&salt),
                                                vector_span(&info), out, size, NULL));

    wycheproof_count(w, w->valid,
                     derived && tsec_span_equal(tsec_span(out, size), vector_span(&okm)));
}

static void
hkdf(void)
{
    static const struct {
        enum tsec_hash hash;
        const char *file;
    } all[] = {
        { TSEC_SHA1, "hkdf_sha1_test.json" },
        { TSEC_SHA256, "hkdf_sha256_test.json" },
        { TSEC_SHA384, "hkdf_sha384_test.json" },
        { TSEC_SHA512, "hkdf_sha512_test.json" },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(all); i++) {
        now_testing = all[i].hash;
        wycheproof_file(all[i].file, hkdf_test);
    }
    wycheproof_summary();
}

static const struct test_case cases[] = {
    { "AES-GCM", aes_gcm },
    { "ChaCha20-Poly1305", chacha20_poly1305 },
    { "AES key wrap with padding", aes_kwp },
    { "HMAC", hmac },
    { "HKDF", hkdf },
};

int
main(void)
{
    return wycheproof_present()
               ? test_main("crypto/wycheproof_symmetric", cases, TSEC_ARRAY_LEN(cases))
               : TEST_SKIP;
}

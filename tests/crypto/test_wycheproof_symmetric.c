/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/aead.h"
#include "crypto/hash.h"
#include "tests/crypto/wycheproof.h"

static unsigned ran;

static bool
is(const json_t *group, const char *key, int value)
{
    return json_integer_value(json_object_get(group, key)) == value;
}

static void
gcm_test(const struct wycheproof *w)
{
    if (!is(w->group, "keySize", 256) || !is(w->group, "ivSize", 96)
        || !is(w->group, "tagSize", 128)) {
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
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_aead_key_new(TSEC_AES_256_GCM, raw.bytes, &key, NULL)));

    const bool opened = !tsec_failed(
        tsec_aead_open(key, iv.bytes, vector_span(&aad), vector_span(&sealed), out, NULL));

    wycheproof_expect(w, opened);
    CU_ASSERT_TRUE(!opened || tsec_span_equal(tsec_span(out, msg.len), vector_span(&msg)));
    if (w->valid) {
        CU_ASSERT_FALSE(tsec_failed(
            tsec_aead_seal(key, iv.bytes, vector_span(&aad), vector_span(&msg), out, NULL)));
        CU_ASSERT_TRUE(tsec_span_equal(tsec_span(out, sealed.len), vector_span(&sealed)));
    }
    ran++;
}

static void
aes_256_gcm(void)
{
    ran = 0;
    wycheproof_each("aes_gcm_test.json", gcm_test);
    CU_ASSERT_TRUE(ran > 50);
}

static void
hmac_test(const struct wycheproof *w)
{
    const struct vector raw = wycheproof_hex(w->test, "key");
    const struct vector msg = wycheproof_hex(w->test, "msg");
    const struct vector tag = wycheproof_hex(w->test, "tag");
    const struct tsec_span span = vector_span(&msg);
    uint8_t prepared[TSEC_SHA256_LEN];
    uint8_t out[TSEC_SHA256_LEN];
    TSEC_AUTO(tsec_hmac_key_free) struct tsec_hmac_key *key = NULL;

    CU_ASSERT_FALSE(tsec_failed(tsec_hmac(TSEC_SHA256, vector_span(&raw), span, out, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_hmac_key_new(vector_span(&raw), &key, NULL)));
    tsec_hmac_parts(key, &span, 1, prepared);
    CU_ASSERT_EQUAL(memcmp(out, prepared, sizeof(out)), 0);
    /* some groups cut the tag short */
    wycheproof_expect(w, tsec_ct_equal(tsec_span(out, tag.len), vector_span(&tag)));
}

static void
hmac_sha256(void)
{
    wycheproof_each("hmac_sha256_test.json", hmac_test);
}

static void
hkdf_test(const struct wycheproof *w, enum tsec_hash hash)
{
    const struct vector ikm = wycheproof_hex(w->test, "ikm");
    const struct vector salt = wycheproof_hex(w->test, "salt");
    const struct vector info = wycheproof_hex(w->test, "info");
    const struct vector okm = wycheproof_hex(w->test, "okm");
    const size_t size = (size_t)json_integer_value(json_object_get(w->test, "size"));
    static uint8_t out[255 * TSEC_SHA512_LEN + 1024];

    CU_ASSERT_FATAL(size <= sizeof(out));

    const bool derived = !tsec_failed(tsec_hkdf(hash, vector_span(&ikm), vector_span(&salt),
                                                vector_span(&info), out, size, NULL));

    wycheproof_expect(w, derived && tsec_span_equal(tsec_span(out, size), vector_span(&okm)));
}

static void
hkdf_256_test(const struct wycheproof *w)
{
    hkdf_test(w, TSEC_SHA256);
}

static void
hkdf_384_test(const struct wycheproof *w)
{
    hkdf_test(w, TSEC_SHA384);
}

static void
hkdf(void)
{
    wycheproof_each("hkdf_sha256_test.json", hkdf_256_test);
    wycheproof_each("hkdf_sha384_test.json", hkdf_384_test);
}

static const struct test_case cases[] = {
    { "AES-256-GCM", aes_256_gcm },
    { "HMAC-SHA-256", hmac_sha256 },
    { "HKDF", hkdf },
};

int
main(void)
{
    return wycheproof_present()
               ? test_main("crypto/wycheproof_symmetric", cases, TSEC_ARRAY_LEN(cases))
               : TEST_SKIP;
}

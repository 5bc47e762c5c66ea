/* SPDX-License-Identifier: Apache-2.0 */
/* RSA by key pairs of users: what is valid is accepted, all else refused.  Acceptable are a
 * DigestInfo without its NULL parameters (MissingNull), which is refused; signatures over SHA-1,
 * which are made; and ciphertexts that are small numbers, which decrypt.  A hash with another one
 * in MGF1 is not offered. */
#include "crypto/pair.h"
#include "tests/crypto/wycheproof.h"

static struct tsec_signing how;

static bool
group_kind(const struct wycheproof *w, enum tsec_pair_kind *out)
{
    switch (json_integer_value(json_object_get(w->group, "keySize"))) {
    case 2048:
        *out = TSEC_PAIR_RSA2048;
        return true;
    case 3072:
        *out = TSEC_PAIR_RSA3072;
        return true;
    case 4096:
        *out = TSEC_PAIR_RSA4096;
        return true;
    default:
        return false;
    }
}

/* The public exponent 3 (SmallPublicKey): refused as a key. */
static bool
is_small(const json_t *key)
{
    return strcmp(json_string_value(json_object_get(key, "publicExponent")), "03") == 0;
}

/* NULL: of a length or exponent that is not offered. */
static struct tsec_pair *
public_key(const struct wycheproof *w)
{
    const struct vector der = wycheproof_hex(w->group, "publicKeyDer");
    const bool small = is_small(json_object_get(w->group, "publicKey"));
    enum tsec_pair_kind kind = TSEC_PAIR_RSA2048;
    struct tsec_pair *pair = NULL;

    if (group_kind(w, &kind)) {
        CU_ASSERT_EQUAL_FATAL(tsec_pair_from_spki(kind, vector_span(&der), &pair, NULL).code,
                              small ? TSEC_E_INVALID : TSEC_OK_CODE);
    }
    return pair;
}

/* Checking a private key takes long, and a group's tests stand together. */
static struct {
    const json_t *group;
    struct tsec_pair *pair;
} last;

static const struct tsec_pair *
private_key(const struct wycheproof *w)
{
    if (last.group == w->group) {
        return last.pair;
    }

    const struct vector der = wycheproof_hex(w->group, "privateKeyPkcs8");
    const bool small = is_small(json_object_get(w->group, "privateKey"));
    enum tsec_pair_kind kind = TSEC_PAIR_RSA2048;

    tsec_pair_free(TSEC_TAKE(last.pair));
    last.group = w->group;
    if (group_kind(w, &kind)) {
        const tsec_rc rc = small || wycheproof_thorough()
                               ? tsec_pair_import(kind, vector_span(&der), &last.pair, NULL)
                               : tsec_pair_open(kind, vector_span(&der), &last.pair, NULL);

        CU_ASSERT_EQUAL_FATAL(rc.code, small ? TSEC_E_INVALID : TSEC_OK_CODE);
    }
    return last.pair;
}

/* ---- signatures ---- */

static bool
verifies(const struct wycheproof *w, const struct tsec_pair *pair)
{
    const struct vector msg = wycheproof_hex(w->test, "msg");
    const struct vector sig = wycheproof_hex(w->test, "sig");
    const int code = tsec_pair_verify(pair, &how, vector_span(&msg), vector_span(&sig), NULL).code;

    CU_ASSERT_TRUE(code == TSEC_OK_CODE || code == TSEC_E_DENIED || code == TSEC_E_INVALID);
    return code == TSEC_OK_CODE;
}

static void
pkcs1_test(const struct wycheproof *w)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = public_key(w);

    how = (struct tsec_signing){ .scheme = TSEC_SCHEME_PKCS1 };
    if (pair == NULL || !wycheproof_hash(w->group, "sha", &how.hash)) {
        wycheproof_not_offered();
        return;
    }
    wycheproof_count(w, w->valid, verifies(w, pair));
}

static void
pkcs1_verify(void)
{
    static const char *const files[] = {
        "rsa_signature_2048_sha224_test.json",   "rsa_signature_2048_sha256_test.json",
        "rsa_signature_2048_sha384_test.json",   "rsa_signature_2048_sha512_test.json",
        "rsa_signature_2048_sha3_224_test.json", "rsa_signature_2048_sha3_256_test.json",
        "rsa_signature_2048_sha3_384_test.json", "rsa_signature_2048_sha3_512_test.json",
        "rsa_signature_3072_sha256_test.json",   "rsa_signature_3072_sha384_test.json",
        "rsa_signature_3072_sha512_test.json",   "rsa_signature_3072_sha3_256_test.json",
        "rsa_signature_3072_sha3_384_test.json", "rsa_signature_3072_sha3_512_test.json",
        "rsa_signature_4096_sha256_test.json",   "rsa_signature_4096_sha384_test.json",
        "rsa_signature_4096_sha512_test.json",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(files); i++) {
        wycheproof_file(files[i], pkcs1_test);
    }
}

/* The one signature that PKCS #1 v1.5 has for a message. */
static void
pkcs1_make_test(const struct wycheproof *w)
{
    const struct tsec_pair *pair = private_key(w);
    const struct vector msg = wycheproof_hex(w->test, "msg");
    const struct vector sig = wycheproof_hex(w->test, "sig");
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

    how = (struct tsec_signing){ .scheme = TSEC_SCHEME_PKCS1 };
    if (pair == NULL || !wycheproof_hash(w->group, "sha", &how.hash)) {
        wycheproof_not_offered();
        return;
    }
    CU_ASSERT_FALSE(tsec_failed(tsec_pair_sign(pair, &how, vector_span(&msg), &out, NULL, NULL)));
    wycheproof_count(w, true, tsec_span_equal(tsec_buf_span(&out), vector_span(&sig)));
}

static void
pkcs1_sign(void)
{
    wycheproof_file("rsa_pkcs1_2048_sig_gen_test.json", pkcs1_make_test);
    wycheproof_file("rsa_pkcs1_3072_sig_gen_test.json", pkcs1_make_test);
    wycheproof_file("rsa_pkcs1_4096_sig_gen_test.json", pkcs1_make_test);
}

/* With the salt's length asked for; what is valid is so with any, too. */
static void
pss_test(const struct wycheproof *w)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = public_key(w);
    enum tsec_hash mgf = TSEC_SHA256;

    how = (struct tsec_signing){ .scheme = TSEC_SCHEME_PSS };
    if (pair == NULL || !wycheproof_hash(w->group, "sha", &how.hash)
        || !wycheproof_hash(w->group, "mgfSha", &mgf) || mgf != how.hash) {
        wycheproof_not_offered();
        return;
    }
    how.salt_len = (int)json_integer_value(json_object_get(w->group, "sLen"));

    const bool accepted = verifies(w, pair);

    wycheproof_count(w, w->valid, accepted);
    if ((size_t)how.salt_len == tsec_hash_len(how.hash)) {
        how.salt_len = TSEC_SALT_HASH;
        CU_ASSERT_EQUAL(verifies(w, pair), accepted);
    }
    how.salt_len = TSEC_SALT_AUTO;
    CU_ASSERT_TRUE(verifies(w, pair) || !accepted);
}

static void
pss(void)
{
    static const char *const files[] = {
        "rsa_pss_2048_sha1_mgf1_20_test.json",   "rsa_pss_2048_sha256_mgf1_0_test.json",
        "rsa_pss_2048_sha256_mgf1_32_test.json", "rsa_pss_2048_sha384_mgf1_48_test.json",
        "rsa_pss_3072_sha256_mgf1_32_test.json", "rsa_pss_4096_sha256_mgf1_32_test.json",
        "rsa_pss_4096_sha384_mgf1_48_test.json", "rsa_pss_4096_sha512_mgf1_32_test.json",
        "rsa_pss_4096_sha512_mgf1_64_test.json", "rsa_pss_misc_test.json",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(files); i++) {
        wycheproof_file(files[i], pss_test);
    }
}

/* ---- encryption ---- */

static void
there_and_back(const struct tsec_pair *pair, enum tsec_hash hash, struct tsec_span label,
               struct tsec_span msg)
{
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

    CU_ASSERT_FALSE(tsec_failed(tsec_pair_encrypt(pair, hash, label, msg, &sealed, NULL)));
    CU_ASSERT_FALSE(
        tsec_failed(tsec_pair_decrypt(pair, hash, label, tsec_buf_span(&sealed), &out, NULL)));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&out), msg));
}

static void
oaep_test(const struct wycheproof *w)
{
    const struct tsec_pair *pair = private_key(w);
    enum tsec_hash hash = TSEC_SHA256;
    enum tsec_hash mgf = TSEC_SHA256;

    if (pair == NULL || !wycheproof_hash(w->group, "sha", &hash)
        || !wycheproof_hash(w->group, "mgfSha", &mgf) || mgf != hash) {
        wycheproof_not_offered();
        return;
    }

    const struct vector msg = wycheproof_hex(w->test, "msg");
    const struct vector sealed = wycheproof_hex(w->test, "ct");
    const struct vector label = wycheproof_hex(w->test, "label");
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
    const int code =
        tsec_pair_decrypt(pair, hash, vector_span(&label), vector_span(&sealed), &out, NULL).code;

    CU_ASSERT_TRUE(code == TSEC_OK_CODE || (code == TSEC_E_TAMPERED && out.len == 0));
    CU_ASSERT_TRUE(code != TSEC_OK_CODE || tsec_span_equal(tsec_buf_span(&out), vector_span(&msg)));
    wycheproof_count(w, w->valid || w->acceptable, code == TSEC_OK_CODE);
    if (w->valid && w->id % 8 == 0) {
        there_and_back(pair, hash, vector_span(&label), vector_span(&msg));
    }
}

static void
oaep(void)
{
    static const char *const files[] = {
        "rsa_oaep_2048_sha1_mgf1sha1_test.json",     "rsa_oaep_2048_sha224_mgf1sha224_test.json",
        "rsa_oaep_2048_sha256_mgf1sha256_test.json", "rsa_oaep_2048_sha384_mgf1sha384_test.json",
        "rsa_oaep_2048_sha512_mgf1sha512_test.json", "rsa_oaep_3072_sha256_mgf1sha256_test.json",
        "rsa_oaep_3072_sha512_mgf1sha512_test.json", "rsa_oaep_4096_sha256_mgf1sha256_test.json",
        "rsa_oaep_4096_sha512_mgf1sha512_test.json", "rsa_oaep_misc_test.json",
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(files); i++) {
        wycheproof_file(files[i], oaep_test);
    }
    tsec_pair_free(TSEC_TAKE(last.pair));
}

/* RSA keys of three primes: rare, and refused as keys. */
static void
three_primes_test(const struct wycheproof *w)
{
    const struct vector der = wycheproof_hex(w->group, "privateKeyPkcs8");
    struct tsec_pair *pair = NULL;
    enum tsec_pair_kind kind = TSEC_PAIR_RSA2048;

    CU_ASSERT_TRUE_FATAL(group_kind(w, &kind));

    const int code = tsec_pair_import(kind, vector_span(&der), &pair, NULL).code;

    wycheproof_count(w, false, code != TSEC_E_INVALID);
    tsec_pair_free(pair);
}

static void
three_primes(void)
{
    wycheproof_file("rsa_three_primes_oaep_2048_sha1_mgf1sha1_test.json", three_primes_test);
    wycheproof_summary();
}

static const struct test_case cases[] = {
    { "RSASSA-PKCS1-v1_5", pkcs1_verify },
    { "RSASSA-PKCS1-v1_5, making", pkcs1_sign },
    { "RSASSA-PSS", pss },
    { "RSAES-OAEP", oaep },
    { "keys of three primes", three_primes },
};

int
main(void)
{
    return wycheproof_present()
               ? test_main("crypto/wycheproof_pair_rsa", cases, TSEC_ARRAY_LEN(cases))
               : TEST_SKIP;
}

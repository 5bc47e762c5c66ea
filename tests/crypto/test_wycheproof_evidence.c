/* SPDX-License-Identifier: Apache-2.0 */
/* Signatures of the kinds that evidence carries: what is valid is accepted, all else refused.  The
 * one acceptable case, a DigestInfo without its NULL parameters (MissingNull), is refused too: RFC
 * 8017 appendix A.2.4 has signers write them. */
#include <stdio.h>

#include "crypto/pubkey.h"
#include "tests/crypto/wycheproof.h"

static struct {
    size_t accepted;
    size_t refused;
    size_t wrong;
} seen;

static enum tsec_sigalg now_testing;

static struct tsec_pubkey *
group_key(const struct wycheproof *w)
{
    const struct vector der = wycheproof_hex(w->group, "publicKeyDer");
    struct tsec_pubkey *key = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pubkey_from_spki(vector_span(&der), &key, NULL)));
    return key;
}

static bool
verifies(const struct wycheproof *w, const struct tsec_pubkey *key, enum tsec_sigalg alg)
{
    const struct vector msg = wycheproof_hex(w->test, "msg");
    const struct vector sig = wycheproof_hex(w->test, "sig");

    return !tsec_failed(tsec_pubkey_verify(key, alg, vector_span(&msg), vector_span(&sig), NULL));
}

static void
expect(const struct wycheproof *w, bool wanted, bool accepted)
{
    seen.accepted += accepted ? 1 : 0;
    seen.refused += accepted ? 0 : 1;
    if (accepted != wanted) {
        (void)printf("test %d was %s\n", w->id, accepted ? "accepted" : "refused");
        seen.wrong++;
    }
}

static void
encoded_key(const struct wycheproof *w)
{
    TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *key = group_key(w);

    expect(w, w->valid, verifies(w, key, now_testing));
}

/* Keys as evidence has them: a bare point. */
static void
raw_point(const struct wycheproof *w)
{
    const struct vector point =
        wycheproof_hex(json_object_get(w->group, "publicKey"), "uncompressed");
    const enum tsec_pubkey_kind kind =
        now_testing == TSEC_SIG_ES256 ? TSEC_PUBKEY_P256 : TSEC_PUBKEY_P384;
    TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *key = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(
        tsec_pubkey_from_point(kind, tsec_span(point.bytes + 1, point.len - 1), &key, NULL)));
    expect(w, w->valid, verifies(w, key, now_testing));
}

/* Valid signatures with every combination of hashes and salts: those of one hash throughout and a
 * salt of its length are ours, by their algorithm, and no other is. */
static void
pss_parameters(const struct wycheproof *w)
{
    static const struct {
        enum tsec_sigalg alg;
        const char *hash;
        int salt;
    } ours[] = { { TSEC_SIG_PS256, "SHA-256", 32 },
                 { TSEC_SIG_PS384, "SHA-384", 48 },
                 { TSEC_SIG_PS512, "SHA-512", 64 } };
    const char *hash = json_string_value(json_object_get(w->group, "sha"));
    const char *mgf = json_string_value(json_object_get(w->group, "mgfSha"));
    const json_int_t salt = json_integer_value(json_object_get(w->group, "sLen"));
    TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *key = group_key(w);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(ours); i++) {
        const bool mine = strcmp(hash, ours[i].hash) == 0 && strcmp(mgf, ours[i].hash) == 0
                          && salt == ours[i].salt;

        expect(w, w->valid && mine, verifies(w, key, ours[i].alg));
    }
}

static void
run_file(const char *file, enum tsec_sigalg alg, void (*run)(const struct wycheproof *w),
         size_t accepted, size_t refused)
{
    memset(&seen, 0, sizeof(seen));
    now_testing = alg;
    wycheproof_each(file, run);
    (void)printf("\n    %s: %zu accepted, %zu refused, %zu wrong ", file, seen.accepted,
                 seen.refused, seen.wrong);
    CU_ASSERT_EQUAL(seen.wrong, 0);
    CU_ASSERT_TRUE(seen.accepted >= accepted); /* as many as there were when this was written */
    CU_ASSERT_TRUE(seen.refused >= refused);
}

static void
ecdsa_p256(void)
{
    run_file("ecdsa_secp256r1_sha256_test.json", TSEC_SIG_ES256_DER, encoded_key, 174, 310);
    run_file("ecdsa_secp256r1_sha256_p1363_test.json", TSEC_SIG_ES256, raw_point, 173, 89);
}

static void
ecdsa_p384(void)
{
    run_file("ecdsa_secp384r1_sha384_test.json", TSEC_SIG_ES384_DER, encoded_key, 194, 310);
    run_file("ecdsa_secp384r1_sha384_p1363_test.json", TSEC_SIG_ES384, raw_point, 193, 87);
}

static void
rsa_pss(void)
{
    run_file("rsa_pss_2048_sha256_mgf1_32_test.json", TSEC_SIG_PS256, encoded_key, 63, 45);
    run_file("rsa_pss_3072_sha256_mgf1_32_test.json", TSEC_SIG_PS256, encoded_key, 63, 45);
    run_file("rsa_pss_4096_sha256_mgf1_32_test.json", TSEC_SIG_PS256, encoded_key, 63, 45);
    run_file("rsa_pss_2048_sha384_mgf1_48_test.json", TSEC_SIG_PS384, encoded_key, 95, 46);
    run_file("rsa_pss_4096_sha384_mgf1_48_test.json", TSEC_SIG_PS384, encoded_key, 95, 46);
}

static void
rsa_pss_of_other_parameters(void)
{
    run_file("rsa_pss_misc_test.json", 0, pss_parameters, 3, 447);
}

static void
rsa_pkcs1(void)
{
    run_file("rsa_signature_2048_sha256_test.json", TSEC_SIG_RS256, encoded_key, 9, 250);
    run_file("rsa_signature_3072_sha256_test.json", TSEC_SIG_RS256, encoded_key, 8, 251);
    run_file("rsa_signature_4096_sha256_test.json", TSEC_SIG_RS256, encoded_key, 7, 251);
}

static const struct test_case cases[] = {
    { "ECDSA P-256", ecdsa_p256 },
    { "ECDSA P-384", ecdsa_p384 },
    { "RSASSA-PSS", rsa_pss },
    { "RSASSA-PSS of other parameters", rsa_pss_of_other_parameters },
    { "RSASSA-PKCS1-v1_5", rsa_pkcs1 },
};

int
main(void)
{
    return wycheproof_present()
               ? test_main("crypto/wycheproof_evidence", cases, TSEC_ARRAY_LEN(cases))
               : TEST_SKIP;
}

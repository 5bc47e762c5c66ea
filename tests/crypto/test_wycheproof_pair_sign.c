/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 and ECDSA by key pairs of users: what is valid is accepted, all else refused. */
#include "crypto/pair.h"
#include "tests/crypto/wycheproof.h"

static struct tsec_signing how;
static enum tsec_pair_kind kind;

static struct tsec_pair *
group_key(const struct wycheproof *w)
{
    const struct vector der = wycheproof_hex(w->group, "publicKeyDer");
    struct tsec_pair *pair = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_from_spki(kind, vector_span(&der), &pair, NULL)));
    return pair;
}

/* Whatever is wrong with a signature, it is one of two things, and nothing of ours. */
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
with_group_key(const struct wycheproof *w)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = group_key(w);

    wycheproof_count(w, w->valid, verifies(w, pair));
}

static void
ed25519(void)
{
    kind = TSEC_PAIR_ED25519;
    memset(&how, 0, sizeof(how));
    wycheproof_file("ed25519_test.json", with_group_key);
}

static void
ecdsa(enum tsec_pair_kind on, enum tsec_hash hash, enum tsec_pair_form form, const char *file)
{
    kind = on;
    how = (struct tsec_signing){ .hash = hash, .form = form };
    wycheproof_file(file, with_group_key);
}

static void
ecdsa_p256(void)
{
    ecdsa(TSEC_PAIR_P256, TSEC_SHA256, TSEC_FORM_DER, "ecdsa_secp256r1_sha256_test.json");
    ecdsa(TSEC_PAIR_P256, TSEC_SHA256, TSEC_FORM_RAW, "ecdsa_secp256r1_sha256_p1363_test.json");
    ecdsa(TSEC_PAIR_P256, TSEC_SHA512, TSEC_FORM_DER, "ecdsa_secp256r1_sha512_test.json");
    ecdsa(TSEC_PAIR_P256, TSEC_SHA512, TSEC_FORM_RAW, "ecdsa_secp256r1_sha512_p1363_test.json");
    ecdsa(TSEC_PAIR_P256, TSEC_SHA3_256, TSEC_FORM_DER, "ecdsa_secp256r1_sha3_256_test.json");
    ecdsa(TSEC_PAIR_P256, TSEC_SHA3_512, TSEC_FORM_DER, "ecdsa_secp256r1_sha3_512_test.json");
}

static void
ecdsa_p384(void)
{
    ecdsa(TSEC_PAIR_P384, TSEC_SHA256, TSEC_FORM_DER, "ecdsa_secp384r1_sha256_test.json");
    ecdsa(TSEC_PAIR_P384, TSEC_SHA384, TSEC_FORM_DER, "ecdsa_secp384r1_sha384_test.json");
    ecdsa(TSEC_PAIR_P384, TSEC_SHA384, TSEC_FORM_RAW, "ecdsa_secp384r1_sha384_p1363_test.json");
    ecdsa(TSEC_PAIR_P384, TSEC_SHA512, TSEC_FORM_DER, "ecdsa_secp384r1_sha512_test.json");
    ecdsa(TSEC_PAIR_P384, TSEC_SHA512, TSEC_FORM_RAW, "ecdsa_secp384r1_sha512_p1363_test.json");
    ecdsa(TSEC_PAIR_P384, TSEC_SHA3_384, TSEC_FORM_DER, "ecdsa_secp384r1_sha3_384_test.json");
    ecdsa(TSEC_PAIR_P384, TSEC_SHA3_512, TSEC_FORM_DER, "ecdsa_secp384r1_sha3_512_test.json");
}

static void
ecdsa_p521(void)
{
    ecdsa(TSEC_PAIR_P521, TSEC_SHA512, TSEC_FORM_DER, "ecdsa_secp521r1_sha512_test.json");
    ecdsa(TSEC_PAIR_P521, TSEC_SHA512, TSEC_FORM_RAW, "ecdsa_secp521r1_sha512_p1363_test.json");
    ecdsa(TSEC_PAIR_P521, TSEC_SHA3_512, TSEC_FORM_DER, "ecdsa_secp521r1_sha3_512_test.json");
}

static void
ecdsa_secp256k1(void)
{
    const enum tsec_pair_kind k1 = TSEC_PAIR_SECP256K1;

    ecdsa(k1, TSEC_SHA256, TSEC_FORM_DER, "ecdsa_secp256k1_sha256_test.json");
    ecdsa(k1, TSEC_SHA256, TSEC_FORM_RAW, "ecdsa_secp256k1_sha256_p1363_test.json");
    ecdsa(k1, TSEC_SHA512, TSEC_FORM_DER, "ecdsa_secp256k1_sha512_test.json");
    ecdsa(k1, TSEC_SHA512, TSEC_FORM_RAW, "ecdsa_secp256k1_sha512_p1363_test.json");
    ecdsa(k1, TSEC_SHA3_256, TSEC_FORM_DER, "ecdsa_secp256k1_sha3_256_test.json");
    ecdsa(k1, TSEC_SHA3_512, TSEC_FORM_DER, "ecdsa_secp256k1_sha3_512_test.json");
}

/* Where s must be low. */
static void
ecdsa_bitcoin(void)
{
    kind = TSEC_PAIR_SECP256K1;
    how = (struct tsec_signing){ .hash = TSEC_SHA256, .low_s = true };
    wycheproof_file("ecdsa_secp256k1_sha256_bitcoin_test.json", with_group_key);
    wycheproof_summary();
}

static const struct test_case cases[] = {
    { "Ed25519", ed25519 },
    { "ECDSA P-256", ecdsa_p256 },
    { "ECDSA P-384", ecdsa_p384 },
    { "ECDSA P-521", ecdsa_p521 },
    { "ECDSA secp256k1", ecdsa_secp256k1 },
    { "ECDSA secp256k1 of Bitcoin", ecdsa_bitcoin },
};

int
main(void)
{
    return wycheproof_present()
               ? test_main("crypto/wycheproof_pair_sign", cases, TSEC_ARRAY_LEN(cases))
               : TEST_SKIP;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/x509_internal.h"
#include "tests/crypto/pki.h"

static struct tsec_cert *
signed_with(struct mint_key *issuer, const char *md, bool pss)
{
    struct mint_cert_spec spec = pki_ca("a CA", NULL);

    spec.md = md;
    spec.pss = pss;
    return pki_mint(&spec, issuer, issuer);
}

static void
each_algorithm_of_the_vendors_is_recognised_and_holds(void)
{
    TSEC_AUTO(mint_key_free) struct mint_key *p256 = mint_key(TSEC_PUBKEY_P256);
    TSEC_AUTO(mint_key_free) struct mint_key *p384 = mint_key(TSEC_PUBKEY_P384);
    const struct {
        struct mint_key *key;
        const char *md;
        bool pss;
        enum tsec_cert_alg alg;
    } known[] = {
        { p256, "SHA256", false, TSEC_CERT_ECDSA_SHA256 },
        { p384, "SHA384", false, TSEC_CERT_ECDSA_SHA384 },
        { mint_rsa(2048, 0), "SHA256", false, TSEC_CERT_RSA_SHA256 },
        { mint_rsa(2048, 0), "SHA384", false, TSEC_CERT_RSA_SHA384 },
        { mint_rsa(2048, 0), "SHA384", true, TSEC_CERT_PSS_SHA384 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        TSEC_AUTO(tsec_cert_free)
        struct tsec_cert *cert = signed_with(known[i].key, known[i].md, known[i].pss);

        CU_ASSERT_EQUAL(tsec_cert_alg(cert), known[i].alg);
        CU_ASSERT_FALSE(tsec_failed(tsec_cert_signed_by(cert, cert, NULL)));
    }
}

/* Hash and curve go together: P-384 with SHA-256 is nobody's. */
static void
other_algorithms_hold_nothing(void)
{
    TSEC_AUTO(mint_key_free) struct mint_key *p256 = mint_key(TSEC_PUBKEY_P256);
    TSEC_AUTO(mint_key_free) struct mint_key *p384 = mint_key(TSEC_PUBKEY_P384);
    TSEC_AUTO(mint_key_free) struct mint_key *edwards = mint_key(TSEC_PUBKEY_ED25519);
    const struct {
        struct mint_key *key;
        const char *md;
        bool pss;
        bool other;
    } bad[] = {
        { p256, "SHA384", false, false },
        { p384, "SHA256", false, false },
        { p256, "SHA1", false, true },
        { p256, "SHA512", false, true },
        { mint_rsa(2048, 0), "SHA1", false, true },
        { mint_rsa(2048, 0), "SHA256", true, true },
        { mint_rsa(2048, 0), "SHA512", true, true },
        { edwards, NULL, false, true },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        TSEC_AUTO(tsec_cert_free)
        struct tsec_cert *cert = signed_with(bad[i].key, bad[i].md, bad[i].pss);

        CU_ASSERT_EQUAL(tsec_cert_alg(cert) == TSEC_CERT_OTHER, bad[i].other);
        CU_ASSERT_EQUAL(tsec_cert_signed_by(cert, cert, NULL).code, TSEC_E_DENIED);
    }
}

/* The outer form of a certificate whose algorithm is that one. */
static enum tsec_cert_alg
alg_of(const uint8_t *algorithm, size_t len)
{
    uint8_t der[256] = { 0x30, 0x81 };
    size_t at = 3;
    struct tsec_x509_signed outer = { .alg = TSEC_CERT_OTHER };
    struct tsec_span body = { NULL, 0 };

    memcpy(der + at, "\x30\x00", 2);
    memcpy(der + at + 2, algorithm, len);
    at += 2 + len;
    memset(der + at, 0, 130); /* a bit string of 128 bytes, so that lengths take two bytes */
    memcpy(der + at, "\x03\x7f\x00", 3);
    at += 2 + 0x7f;
    der[2] = (uint8_t)(at - 3);
    CU_ASSERT_TRUE(tsec_x509_open(tsec_span(der, at), &outer, &body));
    return outer.alg;
}

/* AMD writes out the trailer field, which has its default. */
static void
pss_parameters_must_all_be_of_sha_384(void)
{
    static const uint8_t amd[] = { 0x30, 0x46, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01,
                                   0x01, 0x0a, 0x30, 0x39, 0xa0, 0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60,
                                   0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0xa1,
                                   0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
                                   0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                   0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01,
                                   0x30, 0xa3, 0x03, 0x02, 0x01, 0x01 };
    uint8_t other[sizeof(amd)];

    CU_ASSERT_EQUAL(alg_of(amd, sizeof(amd)), TSEC_CERT_PSS_SHA384);
    for (size_t at = 15; at < sizeof(amd); at++) {
        memcpy(other, amd, sizeof(amd));
        other[at] ^= 1;
        CU_ASSERT_EQUAL(alg_of(other, sizeof(other)), TSEC_CERT_OTHER);
    }
    memcpy(other, amd, sizeof(amd)); /* without the trailer field */
    other[1] -= 5;
    other[14] -= 5;
    CU_ASSERT_EQUAL(alg_of(other, sizeof(other) - 5), TSEC_CERT_PSS_SHA384);
    other[1] -= 5;
    other[14] -= 5;
    CU_ASSERT_EQUAL(alg_of(other, sizeof(other) - 10), TSEC_CERT_OTHER); /* salt of 20 */
}

static void
the_outer_form_is_three_elements(void)
{
    static const char *const bad[] = {
        "",                                     /* nothing */
        "\x30\x00",                             /* empty */
        "\x30\x04\x30\x00\x30\x00",             /* no signature */
        "\x31\x07\x30\x00\x30\x00\x03\x01\x00", /* a SET */
    };
    static const size_t len[] = { 0, 2, 6, 9 };
    static const uint8_t good[] = { 0x30, 0x07, 0x30, 0x00, 0x30, 0x00, 0x03, 0x01, 0x00 };
    static const uint8_t unused_bits[] = { 0x30, 0x08, 0x30, 0x00, 0x30,
                                           0x00, 0x03, 0x02, 0x01, 0x80 };
    static const uint8_t four[] = {
        0x30, 0x09, 0x30, 0x00, 0x30, 0x00, 0x03, 0x01, 0x00, 0x05, 0x00
    };
    struct tsec_x509_signed outer;
    struct tsec_span body = { NULL, 0 };

    CU_ASSERT_TRUE(tsec_x509_open(tsec_span(good, sizeof(good)), &outer, &body));
    CU_ASSERT_FALSE(tsec_x509_open(tsec_span(unused_bits, sizeof(unused_bits)), &outer, &body));
    CU_ASSERT_FALSE(tsec_x509_open(tsec_span(four, sizeof(four)), &outer, &body));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(bad); i++) {
        CU_ASSERT_FALSE(tsec_x509_open(tsec_span(bad[i], len[i]), &outer, &body));
    }
}

static bool
common_name_is(const uint8_t *name, size_t len, const char *wanted)
{
    char cn[X509_CN_MAX + 1] = "left over";

    return tsec_x509_read_name(tsec_span(name, len), cn) && strcmp(cn, wanted) == 0;
}

static void
a_common_name_is_text_or_nothing(void)
{
    uint8_t name[] = { 0x30, 0x0e, 0x31, 0x0c, 0x30, 0x0a, 0x06, 0x03,
                       0x55, 0x04, 0x03, 0x0c, 0x03, 'a',  'b',  'c' };

    CU_ASSERT_TRUE(common_name_is(name, sizeof(name), "abc"));
    name[13] = 0x00;
    CU_ASSERT_TRUE(common_name_is(name, sizeof(name), ""));
    name[13] = 0xff;
    CU_ASSERT_TRUE(common_name_is(name, sizeof(name), ""));
    name[13] = '\n';
    CU_ASSERT_TRUE(common_name_is(name, sizeof(name), ""));
    name[13] = 'a';
    name[11] = 0x13;
    CU_ASSERT_TRUE(common_name_is(name, sizeof(name), "abc"));
    name[11] = 0x1e; /* BMPString */
    CU_ASSERT_TRUE(common_name_is(name, sizeof(name), ""));
    name[11] = 0x0c;
    name[10] = 0x0a; /* organizationName */
    CU_ASSERT_TRUE(common_name_is(name, sizeof(name), ""));
}

static void
a_name_is_made_of_sets_of_attributes(void)
{
    static const uint8_t empty[] = { 0x30, 0x00 };
    const uint8_t name[] = { 0x30, 0x0e, 0x31, 0x0c, 0x30, 0x0a, 0x06, 0x03,
                             0x55, 0x04, 0x03, 0x0c, 0x03, 'a',  'b',  'c' };
    /* where, and what cannot stand there: no sequence, no set, no attribute, no OID, too long, too
     * short */
    static const uint8_t wrong[][2] = { { 0, 0x31 }, { 2, 0x39 }, { 4, 0x31 },  { 6, 0x0c },
                                        { 7, 0x04 }, { 7, 0x08 }, { 12, 0x04 }, { 12, 0x02 } };
    char cn[X509_CN_MAX + 1];

    CU_ASSERT_TRUE(common_name_is(empty, sizeof(empty), ""));
    CU_ASSERT_TRUE(common_name_is(name, sizeof(name), "abc"));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(wrong); i++) {
        uint8_t bad[sizeof(name)];

        memcpy(bad, name, sizeof(name));
        bad[wrong[i][0]] = wrong[i][1];
        CU_ASSERT_FALSE(tsec_x509_read_name(tsec_span(bad, sizeof(bad)), cn));
    }
    for (size_t len = 0; len < sizeof(name); len++) {
        CU_ASSERT_FALSE(tsec_x509_read_name(tsec_span(name, len), cn));
    }
}

static const struct test_case cases[] = {
    { "each algorithm of the vendors is recognised and holds",
      each_algorithm_of_the_vendors_is_recognised_and_holds },
    { "other algorithms hold nothing", other_algorithms_hold_nothing },
    { "PSS parameters must all be of SHA-384", pss_parameters_must_all_be_of_sha_384 },
    { "the outer form is three elements", the_outer_form_is_three_elements },
    { "a common name is text or nothing", a_common_name_is_text_or_nothing },
    { "a name is made of sets of attributes", a_name_is_made_of_sets_of_attributes },
};

TEST_MAIN("crypto/x509_read", cases)

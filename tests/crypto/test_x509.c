/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/x509.h"

#include "tests/crypto/pki.h"

static void
what_a_certificate_says(void)
{
    TSEC_AUTO(mint_key_free) struct mint_key *ca = mint_key(TSEC_PUBKEY_P256);
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P384);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(4096);
    const struct mint_cert_spec spec = pki_leaf("a leaf", "a CA");
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = pki_mint(&spec, key, ca);
    uint8_t digest[TSEC_SHA256_LEN];

    CU_ASSERT_STRING_EQUAL(tsec_cert_subject_cn(cert), "a leaf");
    CU_ASSERT_STRING_EQUAL(tsec_cert_issuer_cn(cert), "a CA");
    CU_ASSERT_EQUAL(tsec_cert_not_before(cert), PKI_NOT_BEFORE);
    CU_ASSERT_EQUAL(tsec_cert_not_after(cert), PKI_NOT_AFTER);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_cert_serial(cert), tsec_span("\x12\x34", 2)));
    CU_ASSERT_EQUAL(tsec_cert_alg(cert), TSEC_CERT_ECDSA_SHA256);
    CU_ASSERT_FALSE(tsec_cert_is_ca(cert));
    CU_ASSERT_TRUE(tsec_cert_has_key_usage(cert));
    CU_ASSERT_FALSE(tsec_cert_may_sign_certs(cert));
    CU_ASSERT_EQUAL(tsec_cert_path_len(cert), -1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tsec_cert_key(cert));
    CU_ASSERT_EQUAL(tsec_pubkey_kind_of(tsec_cert_key(cert)), TSEC_PUBKEY_P384);

    mint_key_spki(key, &spki);
    tsec_sha256(tsec_buf_span(&spki), digest);
    CU_ASSERT_EQUAL(memcmp(tsec_cert_spki_sha256(cert), digest, sizeof(digest)), 0);
    tsec_sha256(tsec_cert_der(cert), digest);
    CU_ASSERT_EQUAL(memcmp(tsec_cert_sha256(cert), digest, sizeof(digest)), 0);
}

static void
names_are_compared_as_they_are_encoded(void)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P256);
    const struct mint_cert_spec self = pki_ca("a CA", NULL);
    const struct mint_cert_spec below = pki_leaf("a leaf", "a CA");
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *ca = pki_mint(&self, key, key);
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *leaf = pki_mint(&below, key, key);

    CU_ASSERT_TRUE(tsec_span_equal(tsec_cert_subject(ca), tsec_cert_issuer(ca)));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_cert_subject(ca), tsec_cert_issuer(leaf)));
    CU_ASSERT_FALSE(tsec_span_equal(tsec_cert_subject(leaf), tsec_cert_issuer(leaf)));
    CU_ASSERT_EQUAL(tsec_cert_subject(ca).ptr[0], 0x30); /* with its head */
}

static void
a_serial_of_zero_is_an_empty_magnitude(void)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P256);
    struct mint_cert_spec spec = pki_leaf("SEV-VCEK", "SEV-Milan");

    spec.serial = 0;

    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = pki_mint(&spec, key, key);

    CU_ASSERT_EQUAL(tsec_cert_serial(cert).len, 0);
}

static void
years_past_2049(void)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P256);
    struct mint_cert_spec spec = pki_leaf("a leaf", "a CA");

    spec.not_after = INT64_C(253402300799); /* 99991231235959Z: no end (RFC 5280) */

    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = pki_mint(&spec, key, key);

    CU_ASSERT_EQUAL(tsec_cert_not_after(cert), INT64_C(253402300799));
}

static void
a_key_of_an_unknown_kind_is_no_fault_of_the_certificate(void)
{
    struct mint_key *small = mint_rsa(1024, 0);
    const struct mint_cert_spec spec = pki_leaf("a leaf", "a CA");
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = pki_mint(&spec, small, small);

    CU_ASSERT_PTR_NULL(tsec_cert_key(cert));
    CU_ASSERT_EQUAL(tsec_cert_signed_by(cert, cert, NULL).code, TSEC_E_DENIED);
}

static tsec_rc
parse(struct tsec_span der)
{
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = NULL;

    return tsec_cert_parse(der, &cert, NULL);
}

static void
exactly_one_certificate_and_nothing_else(void)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P256);
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(2 * TSEC_CERT_MAX);
    const struct mint_cert_spec spec = pki_leaf("a leaf", "a CA");

    mint_cert(&spec, key, key, &der);

    const size_t len = der.len;

    for (size_t cut = 0; cut < len; cut++) {
        CU_ASSERT_EQUAL(parse(tsec_span(der.ptr, cut)).code, TSEC_E_INVALID);
    }
    CU_ASSERT_FALSE(tsec_failed(parse(tsec_buf_span(&der))));
    tsec_buf_put_byte(&der, 0);
    CU_ASSERT_EQUAL(parse(tsec_buf_span(&der)).code, TSEC_E_INVALID);
    der.len = len;
    mint_cert(&spec, key, key, &der);
    CU_ASSERT_EQUAL(parse(tsec_buf_span(&der)).code, TSEC_E_INVALID);
    (void)tsec_buf_extend(&der, TSEC_CERT_MAX);
    CU_ASSERT_EQUAL(parse(tsec_buf_span(&der)).code, TSEC_E_INVALID);
}

/* Whatever a changed byte does to the structure, the signature never holds. */
static void
no_changed_bit_goes_unnoticed(void)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P256);
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TSEC_CERT_MAX);
    const struct mint_cert_spec spec = pki_ca("a CA", NULL);
    size_t parsed = 0;

    mint_cert(&spec, key, key, &der);

    TSEC_AUTO(tsec_cert_free) struct tsec_cert *whole = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_cert_parse(tsec_buf_span(&der), &whole, NULL)));
    CU_ASSERT_FALSE(tsec_failed(tsec_cert_signed_by(whole, whole, NULL)));
    for (size_t at = 0; at < der.len; at++) {
        TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = NULL;

        der.ptr[at] ^= (uint8_t)(1U << at % 8);
        if (!tsec_failed(tsec_cert_parse(tsec_buf_span(&der), &cert, NULL))) {
            CU_ASSERT_TRUE(tsec_failed(tsec_cert_signed_by(cert, whole, NULL)));
            parsed++;
        }
        der.ptr[at] ^= (uint8_t)(1U << at % 8);
    }
    CU_ASSERT_TRUE(parsed > der.len / 4);
}

static void
the_last_holder_frees(void)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P256);
    const struct mint_cert_spec spec = pki_leaf("a leaf", "a CA");
    struct tsec_cert *cert = pki_mint(&spec, key, key);
    struct tsec_cert *second = tsec_cert_hold(cert);

    CU_ASSERT_PTR_EQUAL(second, cert);
    tsec_cert_free(cert);
    CU_ASSERT_STRING_EQUAL(tsec_cert_subject_cn(second), "a leaf");
    tsec_cert_free(second);
    tsec_cert_free(NULL);
}

static const struct test_case cases[] = {
    { "what a certificate says", what_a_certificate_says },
    { "names are compared as they are encoded", names_are_compared_as_they_are_encoded },
    { "a serial of zero is an empty magnitude", a_serial_of_zero_is_an_empty_magnitude },
    { "years past 2049", years_past_2049 },
    { "a key of an unknown kind is no fault of the certificate",
      a_key_of_an_unknown_kind_is_no_fault_of_the_certificate },
    { "exactly one certificate and nothing else", exactly_one_certificate_and_nothing_else },
    { "no changed bit goes unnoticed", no_changed_bit_goes_unnoticed },
    { "the last holder frees", the_last_holder_frees },
};

TEST_MAIN("crypto/x509", cases)

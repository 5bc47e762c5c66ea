/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crypto/pki.h"

static const uint64_t revoked[] = { 7, 0x1234, UINT64_C(0xfedcba9876543210) };

static struct mint_crl_spec
list(void)
{
    return (struct mint_crl_spec){
        .issuer_cn = "a CA",
        .this_update = PKI_NOT_BEFORE,
        .next_update = PKI_NOT_AFTER,
        .revoked = revoked,
        .revoked_len = TSEC_ARRAY_LEN(revoked),
        .md = "SHA256",
    };
}

static tsec_rc
parse(const struct mint_crl_spec *spec, const struct mint_key *issuer, struct tsec_crl **out)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TSEC_CRL_MAX);

    mint_crl(spec, issuer, &der);
    return tsec_crl_parse(tsec_buf_span(&der), out, NULL);
}

static void
what_a_list_says(void)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P256);
    const struct mint_crl_spec spec = list();
    const struct mint_cert_spec ca_spec = pki_ca("a CA", NULL);
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *ca = pki_mint(&ca_spec, key, key);
    TSEC_AUTO(tsec_crl_free) struct tsec_crl *crl = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(parse(&spec, key, &crl)));
    CU_ASSERT_EQUAL(tsec_crl_this_update(crl), PKI_NOT_BEFORE);
    CU_ASSERT_EQUAL(tsec_crl_next_update(crl), PKI_NOT_AFTER);
    CU_ASSERT_EQUAL(tsec_crl_entries(crl), 3);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_crl_issuer(crl), tsec_cert_subject(ca)));
}

static bool
has_serial(const struct tsec_crl *crl, uint64_t serial)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P256);
    struct mint_cert_spec spec = pki_leaf("a leaf", "a CA");

    spec.serial = serial;

    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = pki_mint(&spec, key, key);

    return tsec_crl_has(crl, cert);
}

static void
a_certificate_is_found_by_its_serial(void)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P256);
    const struct mint_crl_spec spec = list();
    TSEC_AUTO(tsec_crl_free) struct tsec_crl *crl = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(parse(&spec, key, &crl)));
    CU_ASSERT_TRUE(has_serial(crl, 7));
    CU_ASSERT_TRUE(has_serial(crl, 0x1234));
    CU_ASSERT_TRUE(has_serial(crl, UINT64_C(0xfedcba9876543210)));
    CU_ASSERT_FALSE(has_serial(crl, 0));
    CU_ASSERT_FALSE(has_serial(crl, 0x34));
    CU_ASSERT_FALSE(has_serial(crl, 0x123400));
}

static void
an_empty_list_and_one_without_an_end(void)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P256);
    struct mint_crl_spec spec = list();
    TSEC_AUTO(tsec_crl_free) struct tsec_crl *crl = NULL;

    spec.revoked_len = 0;
    spec.next_update = 0;
    CU_ASSERT_FALSE_FATAL(tsec_failed(parse(&spec, key, &crl)));
    CU_ASSERT_EQUAL(tsec_crl_entries(crl), 0);
    CU_ASSERT_EQUAL(tsec_crl_next_update(crl), INT64_MAX);
    CU_ASSERT_FALSE(has_serial(crl, 7));
}

static tsec_rc
signed_by(const struct mint_crl_spec *spec, const struct mint_key *signer,
          const struct mint_cert_spec *issuer, const struct mint_key *issuer_key)
{
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *ca = pki_mint(issuer, issuer_key, issuer_key);
    TSEC_AUTO(tsec_crl_free) struct tsec_crl *crl = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(parse(spec, signer, &crl)));
    return tsec_crl_signed_by(crl, ca, NULL);
}

static void
its_issuer_must_have_signed_it(void)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P256);
    TSEC_AUTO(mint_key_free) struct mint_key *other = mint_key(TSEC_PUBKEY_P256);
    const struct mint_cert_spec ca = pki_ca("a CA", NULL);
    const struct mint_cert_spec namesake = pki_ca("another CA", NULL);
    const struct mint_crl_spec spec = list();
    struct mint_crl_spec weak = list();

    weak.md = "SHA1";
    CU_ASSERT_FALSE(tsec_failed(signed_by(&spec, key, &ca, key)));
    CU_ASSERT_EQUAL(signed_by(&spec, other, &ca, key).code, TSEC_E_DENIED);
    CU_ASSERT_EQUAL(signed_by(&spec, key, &namesake, key).code, TSEC_E_DENIED);
    CU_ASSERT_EQUAL(signed_by(&weak, key, &ca, key).code, TSEC_E_DENIED);
}

static void
a_list_signed_as_amd_does(void)
{
    struct mint_cert_spec ca = pki_ca("a CA", NULL);
    struct mint_crl_spec spec = list();

    spec.md = ca.md = "SHA384";
    spec.pss = ca.pss = true;
    CU_ASSERT_FALSE(tsec_failed(signed_by(&spec, mint_rsa(2048, 0), &ca, mint_rsa(2048, 0))));
    CU_ASSERT_EQUAL(signed_by(&spec, mint_rsa(2048, 1), &ca, mint_rsa(2048, 0)).code,
                    TSEC_E_DENIED);
}

static void
key_usage_must_allow_lists(void)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P256);
    struct mint_cert_spec ca = pki_ca("a CA", NULL);
    const struct mint_crl_spec spec = list();

    ca.key_usage = MINT_KU_CERT_SIGN;
    CU_ASSERT_EQUAL(signed_by(&spec, key, &ca, key).code, TSEC_E_DENIED);
    ca.key_usage = MINT_KU_CRL_SIGN;
    CU_ASSERT_FALSE(tsec_failed(signed_by(&spec, key, &ca, key)));
    ca.key_usage = 0; /* says nothing of it */
    CU_ASSERT_FALSE(tsec_failed(signed_by(&spec, key, &ca, key)));
}

/* That a certificate is not in such a list does not mean that it is not revoked. */
static void
lists_of_another_meaning_are_not_read(void)
{
    static const struct {
        const char *oid;
        bool critical;
        bool taken;
    } known[] = {
        { "2.5.29.20", false, true },                                /* cRLNumber */
        { "2.5.29.35", false, true },                                /* authorityKeyIdentifier */
        { "2.5.29.27", true, false },                                /* deltaCRLIndicator */
        { "2.5.29.27", false, false }, { "2.5.29.28", true, false }, /* issuingDistributionPoint */
        { "2.5.29.28", false, false }, { "1.2.3.4", true, false },   { "1.2.3.4", false, true },
    };
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P256);

    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        const struct mint_extension one[] = {
            { known[i].oid, known[i].critical, tsec_span("\x02\x01\x01", 3) }, { .oid = NULL }
        };
        struct mint_crl_spec spec = list();
        TSEC_AUTO(tsec_crl_free) struct tsec_crl *crl = NULL;

        spec.extensions = one;
        CU_ASSERT_EQUAL(parse(&spec, key, &crl).code,
                        known[i].taken ? TSEC_OK_CODE : TSEC_E_INVALID);
    }
}

static tsec_rc
parse_span(struct tsec_span der)
{
    TSEC_AUTO(tsec_crl_free) struct tsec_crl *crl = NULL;

    return tsec_crl_parse(der, &crl, NULL);
}

static void
exactly_one_list_and_no_changed_bit(void)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P256);
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TSEC_CRL_MAX + 1);
    const struct mint_cert_spec ca_spec = pki_ca("a CA", NULL);
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *ca = pki_mint(&ca_spec, key, key);
    const struct mint_crl_spec spec = list();

    mint_crl(&spec, key, &der);
    for (size_t at = 0; at < der.len; at++) {
        TSEC_AUTO(tsec_crl_free) struct tsec_crl *crl = NULL;

        CU_ASSERT_EQUAL(parse_span(tsec_span(der.ptr, at)).code, TSEC_E_INVALID);
        der.ptr[at] ^= (uint8_t)(1U << at % 8);
        if (!tsec_failed(tsec_crl_parse(tsec_buf_span(&der), &crl, NULL))) {
            CU_ASSERT_TRUE(tsec_failed(tsec_crl_signed_by(crl, ca, NULL)));
        }
        der.ptr[at] ^= (uint8_t)(1U << at % 8);
    }
    CU_ASSERT_FALSE(tsec_failed(parse_span(tsec_buf_span(&der))));
    tsec_buf_put_byte(&der, 0);
    CU_ASSERT_EQUAL(parse_span(tsec_buf_span(&der)).code, TSEC_E_INVALID);
    (void)tsec_buf_extend(&der, TSEC_CRL_MAX + 1 - der.len);
    CU_ASSERT_EQUAL(parse_span(tsec_buf_span(&der)).code, TSEC_E_INVALID);
}

static void
a_certificate_is_no_list(void)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P256);
    const struct mint_cert_spec spec = pki_ca("a CA", NULL);
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = pki_mint(&spec, key, key);

    CU_ASSERT_EQUAL(parse_span(tsec_cert_der(cert)).code, TSEC_E_INVALID);
}

static const struct test_case cases[] = {
    { "what a list says", what_a_list_says },
    { "a certificate is found by its serial", a_certificate_is_found_by_its_serial },
    { "an empty list and one without an end", an_empty_list_and_one_without_an_end },
    { "its issuer must have signed it", its_issuer_must_have_signed_it },
    { "a list signed as AMD does", a_list_signed_as_amd_does },
    { "key usage must allow lists", key_usage_must_allow_lists },
    { "lists of another meaning are not read", lists_of_another_meaning_are_not_read },
    { "exactly one list and no changed bit", exactly_one_list_and_no_changed_bit },
    { "a certificate is no list", a_certificate_is_no_list },
};

TEST_MAIN("crypto/x509_crl", cases)

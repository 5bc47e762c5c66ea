/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal/ra_tls.h"

#include "codec/pem.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "crypto/x509.h"
#include "tests/test.h"

enum { BYTES_MAX = 8192 };

/* {"pubkey-hash": h'82 01 5820 SHA-256("key")'}, put together by hand. */
static void
expected_claims(struct tsec_buf *out)
{
    uint8_t digest[TSEC_SHA256_LEN];

    tsec_sha256(tsec_span_str("key"), digest);
    tsec_buf_put(out, "\xa1\x6bpubkey-hash\x58\x24\x82\x01\x58\x20", 19);
    tsec_buf_put(out, digest, sizeof(digest));
}

static void
claims_are_a_map_with_the_keys_hash(void)
{
    TSEC_AUTO_BUF struct tsec_buf claims = TSEC_BUF_INIT(BYTES_MAX);
    TSEC_AUTO_BUF struct tsec_buf expected = TSEC_BUF_INIT(BYTES_MAX);
    uint8_t digest[TSEC_SHA256_LEN];
    uint8_t binding[64];

    tsec_ra_tls_claims(tsec_span_str("key"), tsec_span(NULL, 0), &claims);
    expected_claims(&expected);
    CU_ASSERT_TRUE(tsec_span_equal(tsec_buf_span(&claims), tsec_buf_span(&expected)));
    tsec_ra_tls_binding(tsec_buf_span(&claims), binding);
    tsec_sha256(tsec_buf_span(&expected), digest);
    CU_ASSERT_EQUAL(memcmp(binding, digest, sizeof(digest)), 0);
    CU_ASSERT_TRUE(tsec_span_zero(tsec_span(binding + 32, 32)));
}

static void
extension_of(const char *format, struct tsec_span evidence, const char *nonce, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf claims = TSEC_BUF_INIT(BYTES_MAX);

    tsec_ra_tls_claims(tsec_span_str("key"), tsec_span_str(nonce), &claims);
    CU_ASSERT_FALSE_FATAL(
        tsec_failed(tsec_ra_tls_extension(format, evidence, tsec_buf_span(&claims), out, NULL)));
}

static void
what_is_written_is_read(void)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(BYTES_MAX);
    struct tsec_ra_tls read;
    uint8_t binding[64];

    extension_of("sim-v1", tsec_span_str("evidence"), "a nonce", &bytes);
    CU_ASSERT_EQUAL(tsec_ra_tls_read(tsec_buf_span(&bytes), tsec_span_str("key"), &read, NULL).code,
                    0);
    CU_ASSERT_STRING_EQUAL(read.format, "sim-v1");
    CU_ASSERT_TRUE(tsec_span_equal(read.evidence, tsec_span_str("evidence")));
    CU_ASSERT_TRUE(tsec_span_equal(read.nonce, tsec_span_str("a nonce")));
    tsec_ra_tls_binding(read.claims, binding);
    CU_ASSERT_EQUAL(memcmp(binding, read.binding, sizeof(binding)), 0);
}

static void
quotes_have_the_registered_tag(void)
{
    static const struct {
        const char *format;
        uint8_t version;
        uint8_t tee;
    } quotes[] = { { "sgx", 3, 7 }, { "sgx", 4, 0 }, { "tdx", 4, 0x81 }, { "tdx", 5, 0x81 } };
    struct tsec_ra_tls read;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(quotes); i++) {
        TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(BYTES_MAX);
        uint8_t quote[700] = { quotes[i].version, 0, 2, 0, quotes[i].tee };

        extension_of(quotes[i].format, tsec_span(quote, sizeof(quote)), NULL, &bytes);
        CU_ASSERT_EQUAL(memcmp(bytes.ptr, "\xd9\xea\x60\x82\x59\x02\xbc", 7), 0);
        CU_ASSERT_EQUAL(
            tsec_ra_tls_read(tsec_buf_span(&bytes), tsec_span_str("key"), &read, NULL).code, 0);
        CU_ASSERT_STRING_EQUAL(read.format, quotes[i].format);
        CU_ASSERT_EQUAL(read.nonce.len, 0);
    }
}

static void
evidence_about_another_key_is_refused(void)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(BYTES_MAX);
    struct tsec_ra_tls read;

    extension_of("sim-v1", tsec_span_str("evidence"), NULL, &bytes);
    CU_ASSERT_EQUAL(tsec_ra_tls_read(tsec_buf_span(&bytes), tsec_span_str("kez"), &read, NULL).code,
                    TSEC_E_DENIED);
}

/* Cut anywhere, or with one byte changed, it is refused or says something else. */
static void
nothing_but_the_form_is_read(void)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(BYTES_MAX);
    struct tsec_ra_tls whole;
    struct tsec_ra_tls read;

    extension_of("sim-v1", tsec_span_str("evidence"), NULL, &bytes);
    CU_ASSERT_EQUAL(
        tsec_ra_tls_read(tsec_buf_span(&bytes), tsec_span_str("key"), &whole, NULL).code, 0);
    for (size_t i = 0; i < bytes.len; i++) {
        CU_ASSERT_TRUE(tsec_failed(
            tsec_ra_tls_read(tsec_span(bytes.ptr, i), tsec_span_str("key"), &read, NULL)));
        bytes.ptr[i] ^= 0x01;
        CU_ASSERT_TRUE(
            tsec_failed(tsec_ra_tls_read(tsec_buf_span(&bytes), tsec_span_str("key"), &read, NULL))
            || strcmp(read.format, "sim-v1") != 0
            || !tsec_span_equal(read.evidence, tsec_span_str("evidence")));
        bytes.ptr[i] ^= 0x01;
    }
    tsec_buf_put_byte(&bytes, 0);
    CU_ASSERT_TRUE(
        tsec_failed(tsec_ra_tls_read(tsec_buf_span(&bytes), tsec_span_str("key"), &read, NULL)));
}

static void
what_does_not_fit_is_not_written(void)
{
    static uint8_t large[TSEC_RA_TLS_MAX + 1];
    TSEC_AUTO_BUF struct tsec_buf out = TSEC_BUF_INIT(TSEC_RA_TLS_MAX);

    CU_ASSERT_TRUE(tsec_failed(tsec_ra_tls_extension("sim-v1", tsec_span(large, sizeof(large)),
                                                     tsec_span_str("c"), &out, NULL)));
    CU_ASSERT_EQUAL(tsec_ra_tls_extension("a-format-whose-name-is-longer-than-31",
                                          tsec_span_str(""), tsec_span_str("c"), &out, NULL)
                        .code,
                    TSEC_E_INVALID);
}

static struct tsec_cert *
certificate(const struct tsec_cert_spec *spec, const struct tsec_key *key)
{
    TSEC_AUTO_BUF struct tsec_buf pem = TSEC_BUF_INIT(BYTES_MAX);
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(BYTES_MAX);
    struct tsec_cert *cert = NULL;
    struct tsec_span label;
    struct tsec_span text;
    bool found = false;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_self_signed_of(key, spec, &pem, NULL)));
    text = tsec_buf_span(&pem);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pem_next(&text, &label, &der, &found, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_cert_parse(tsec_buf_span(&der), &cert, NULL)));
    return cert;
}

static void
a_certificate_carries_it(void)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(256);
    TSEC_AUTO_BUF struct tsec_buf claims = TSEC_BUF_INIT(256);
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(BYTES_MAX);
    struct tsec_cert_spec spec = { .name = "localhost", .not_before = 1750000000, .days = 30 };
    struct tsec_ra_tls read;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(TSEC_KEY_P384, &key, NULL)));
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_spki(key, &spki, NULL)));
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *plain = certificate(&spec, key);

    CU_ASSERT_EQUAL(tsec_ra_tls_of(plain, &read, NULL).code, TSEC_E_NOT_FOUND);
    tsec_ra_tls_claims(tsec_buf_span(&spki), tsec_span(NULL, 0), &claims);
    CU_ASSERT_FALSE(tsec_failed(tsec_ra_tls_extension("sim-v1", tsec_span_str("evidence"),
                                                      tsec_buf_span(&claims), &bytes, NULL)));
    spec.extension_oid = TSEC_RA_TLS_OID;
    spec.extension = tsec_buf_span(&bytes);
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *attested = certificate(&spec, key);

    CU_ASSERT_EQUAL(tsec_ra_tls_of(attested, &read, NULL).code, 0);
    CU_ASSERT_TRUE(tsec_span_equal(read.evidence, tsec_span_str("evidence")));
    CU_ASSERT_FALSE(tsec_cert_has_unknown_critical(attested));
    CU_ASSERT_TRUE(tsec_span_equal(tsec_cert_spki(attested), tsec_buf_span(&spki)));
}

/* Somebody else's evidence in a certificate of one's own. */
static void
a_certificate_with_evidence_about_another_key_is_refused(void)
{
    TSEC_AUTO(tsec_key_free) struct tsec_key *key = NULL;
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(BYTES_MAX);
    struct tsec_cert_spec spec = { .name = "localhost", .not_before = 1750000000, .days = 30 };
    struct tsec_ra_tls read;

    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_key_generate(TSEC_KEY_P256, &key, NULL)));
    extension_of("sim-v1", tsec_span_str("evidence"), NULL, &bytes);
    spec.extension_oid = TSEC_RA_TLS_OID;
    spec.extension = tsec_buf_span(&bytes);
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = certificate(&spec, key);

    CU_ASSERT_EQUAL(tsec_ra_tls_of(cert, &read, NULL).code, TSEC_E_DENIED);
}

static const struct test_case cases[] = {
    { "claims are a map with the key's hash", claims_are_a_map_with_the_keys_hash },
    { "what is written is read", what_is_written_is_read },
    { "quotes have the registered tag", quotes_have_the_registered_tag },
    { "evidence about another key is refused", evidence_about_another_key_is_refused },
    { "nothing but the form is read", nothing_but_the_form_is_read },
    { "what does not fit is not written", what_does_not_fit_is_not_written },
    { "a certificate carries it", a_certificate_carries_it },
    { "a certificate with evidence about another key is refused",
      a_certificate_with_evidence_about_another_key_is_refused },
};

TEST_MAIN("appraisal/ra_tls", cases)

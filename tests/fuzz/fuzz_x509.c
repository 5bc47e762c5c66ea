/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates, CRLs and public keys.  What is read lies within the input and is all of it;
 * OpenSSL, where it reads the same certificate, finds the same in it and verifies what we verify; a
 * key that is taken is one for OpenSSL too. */
#include <openssl/err.h>
#include <openssl/x509.h>

#include "crypto/x509.h"
#include "tests/fuzz/fuzz.h"

#define YEAR_1    INT64_C(-62135596800)
#define YEAR_9999 INT64_C(253402300799)

static bool
is_within(struct tsec_span part, struct tsec_span whole)
{
    return part.len == 0
           || (part.ptr >= whole.ptr && part.len <= whole.len
               && (size_t)(part.ptr - whole.ptr) <= whole.len - part.len);
}

static bool
is_time(int64_t seconds)
{
    return seconds >= YEAR_1 && seconds <= YEAR_9999;
}

static int64_t
seconds_of(const ASN1_TIME *time)
{
    int days = 0;
    int seconds = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    const bool ok = ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;

    ASN1_TIME_free(epoch);
    return ok ? (int64_t)days * 86400 + seconds : INT64_MIN;
}

static void
openssl_reads_the_same(const struct tsec_cert *ours)
{
    const struct tsec_span der = tsec_cert_der(ours);
    const unsigned char *at = der.ptr;
    X509 *theirs = d2i_X509(NULL, &at, (long)der.len);
    uint8_t *spki = NULL;

    if (theirs != NULL) {
        uint8_t digest[TSEC_SHA256_LEN];
        const int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(theirs), &spki);

        tsec_sha256(tsec_span(spki, (size_t)len), digest);
        FUZZ_ASSERT(at == der.ptr + der.len);
        /* a key that is taken has one encoding */
        FUZZ_ASSERT(tsec_cert_key(ours) == NULL
                    || memcmp(digest, tsec_cert_spki_sha256(ours), sizeof(digest)) == 0);
        FUZZ_ASSERT(seconds_of(X509_get0_notBefore(theirs)) == tsec_cert_not_before(ours));
        FUZZ_ASSERT(seconds_of(X509_get0_notAfter(theirs)) == tsec_cert_not_after(ours));
        FUZZ_ASSERT(tsec_failed(tsec_cert_signed_by(ours, ours, NULL))
                    || X509_verify(theirs, X509_get0_pubkey(theirs)) == 1);
    }
    OPENSSL_free(spki);
    X509_free(theirs);
    ERR_clear_error();
}

static void
certificate(struct tsec_span input)
{
    static const struct tsec_chain_rules any = { .algs = UINT32_MAX, .leaf_is_ca = true };
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = NULL;
    struct tsec_chain_result result;
    const tsec_rc rc = tsec_cert_parse(input, &cert, NULL);

    FUZZ_ASSERT(!tsec_failed(rc) || (rc.code == TSEC_E_INVALID && cert == NULL));
    if (cert == NULL) {
        return;
    }

    const struct tsec_span der = tsec_cert_der(cert);
    const struct tsec_cert *const twice[] = { cert, cert };

    FUZZ_ASSERT(tsec_span_equal(der, input) && der.ptr != input.ptr);
    FUZZ_ASSERT(is_within(tsec_cert_subject(cert), der) && is_within(tsec_cert_issuer(cert), der));
    FUZZ_ASSERT(is_within(tsec_cert_serial(cert), der));
    FUZZ_ASSERT(is_within(tsec_cert_extension(cert, "2.5.29.15"), der));
    FUZZ_ASSERT(tsec_utf8_valid(tsec_span_str(tsec_cert_subject_cn(cert))));
    FUZZ_ASSERT(is_time(tsec_cert_not_before(cert)) && is_time(tsec_cert_not_after(cert)));
    FUZZ_ASSERT(tsec_cert_path_len(cert) == -1 || tsec_cert_is_ca(cert));
    if (!tsec_failed(
            tsec_chain_verify(twice, 2, &any, tsec_cert_not_before(cert), &result, NULL))) {
        FUZZ_ASSERT(tsec_cert_is_ca(cert) && !tsec_cert_has_unknown_critical(cert));
        FUZZ_ASSERT(tsec_span_equal(tsec_cert_subject(cert), tsec_cert_issuer(cert)));
        FUZZ_ASSERT(!tsec_failed(tsec_cert_signed_by(cert, cert, NULL)));
    }
    openssl_reads_the_same(cert);
}

static void
list(struct tsec_span input)
{
    TSEC_AUTO(tsec_crl_free) struct tsec_crl *crl = NULL;
    const tsec_rc rc = tsec_crl_parse(input, &crl, NULL);
    const unsigned char *at = input.ptr;

    FUZZ_ASSERT(!tsec_failed(rc) || (rc.code == TSEC_E_INVALID && crl == NULL));
    if (crl == NULL) {
        return;
    }

    X509_CRL *theirs = d2i_X509_CRL(NULL, &at, (long)input.len);

    FUZZ_ASSERT(is_time(tsec_crl_this_update(crl)));
    FUZZ_ASSERT(is_time(tsec_crl_next_update(crl)) || tsec_crl_next_update(crl) == INT64_MAX);
    FUZZ_ASSERT(tsec_crl_entries(crl) <= input.len);
    if (theirs != NULL) {
        const STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(theirs);
        const int n = entries == NULL ? 0 : sk_X509_REVOKED_num(entries);

        FUZZ_ASSERT(at == input.ptr + input.len && (size_t)n == tsec_crl_entries(crl));
    }
    X509_CRL_free(theirs);
    ERR_clear_error();
}

static void
key(struct tsec_span input)
{
    TSEC_AUTO(tsec_pubkey_free) struct tsec_pubkey *ours = NULL;
    const tsec_rc rc = tsec_pubkey_from_spki(input, &ours, NULL);
    const unsigned char *at = input.ptr;

    FUZZ_ASSERT(!tsec_failed(rc) || (rc.code == TSEC_E_INVALID && ours == NULL));
    if (ours == NULL) {
        return;
    }

    EVP_PKEY *theirs = d2i_PUBKEY(NULL, &at, (long)input.len);

    FUZZ_ASSERT(theirs != NULL && at == input.ptr + input.len);
    FUZZ_ASSERT(tsec_pubkey_bits(ours) == 256
                || (int)tsec_pubkey_bits(ours) == EVP_PKEY_bits(theirs));
    EVP_PKEY_free(theirs);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct tsec_span input = tsec_span(data, size);

    certificate(input);
    list(input);
    key(input);
    return 0;
}

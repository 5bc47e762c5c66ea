/* SPDX-License-Identifier: Apache-2.0 */
/* What OpenSSL's reader of certificates finds in the same bytes: minted ones, each of them with
 * every byte changed, and the vendors' own where somebody put them ($TSEC_VECTORS). */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/x509v3.h>

#include "tests/crypto/pki.h"

enum { DEPTH_MAX = 5 };

static size_t compared;

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

static bool
same_serial(const struct tsec_cert *ours, const X509 *theirs)
{
    const ASN1_INTEGER *serial = X509_get0_serialNumber(theirs);
    BIGNUM *number = ASN1_INTEGER_to_BN(serial, NULL);
    uint8_t raw[TSEC_CERT_MAX];
    const size_t len = (size_t)BN_bn2bin(number, raw);

    BN_free(number);
    return tsec_span_equal(tsec_cert_serial(ours), tsec_span(raw, len));
}

static bool
same_name(struct tsec_span ours, const X509_NAME *theirs)
{
    const unsigned char *der = NULL;
    size_t len = 0;

    return X509_NAME_get0_der(theirs, &der, &len) == 1
           && tsec_span_equal(ours, tsec_span(der, len));
}

static bool
same_extensions(const struct tsec_cert *ours, const X509 *theirs)
{
    for (int i = 0; i < X509_get_ext_count(theirs); i++) {
        X509_EXTENSION *e = X509_get_ext(theirs, i);
        const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(e);
        char oid[256];

        (void)OBJ_obj2txt(oid, sizeof(oid), X509_EXTENSION_get_object(e), 1);
        if (!tsec_span_equal(
                tsec_cert_extension(ours, oid),
                tsec_span(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)))) {
            return false;
        }
    }
    return true;
}

static bool
same_constraints(const struct tsec_cert *ours, X509 *theirs)
{
    BASIC_CONSTRAINTS *basic = X509_get_ext_d2i(theirs, NID_basic_constraints, NULL, NULL);
    const bool ca = basic != NULL && basic->ca != 0;
    const long path_len =
        basic != NULL && basic->pathlen != NULL ? ASN1_INTEGER_get(basic->pathlen) : -1;
    const uint32_t usage = X509_get_key_usage(theirs); /* all ones without the extension */

    BASIC_CONSTRAINTS_free(basic);
    return ca == tsec_cert_is_ca(ours)
           && (path_len > 127 ? 127 : path_len) == tsec_cert_path_len(ours)
           && ((usage & KU_KEY_CERT_SIGN) != 0) == tsec_cert_may_sign_certs(ours);
}

static bool
same(const struct tsec_cert *ours, X509 *theirs)
{
    const X509_PUBKEY *key = X509_get_X509_PUBKEY(theirs);
    uint8_t *spki = NULL;
    uint8_t digest[TSEC_SHA256_LEN];
    const int len = i2d_X509_PUBKEY(key, &spki);

    tsec_sha256(tsec_span(spki, (size_t)len), digest);
    OPENSSL_free(spki);
    return tsec_cert_not_before(ours) == seconds_of(X509_get0_notBefore(theirs))
           && tsec_cert_not_after(ours) == seconds_of(X509_get0_notAfter(theirs))
           && same_serial(ours, theirs)
           && same_name(tsec_cert_subject(ours), X509_get_subject_name(theirs))
           && same_name(tsec_cert_issuer(ours), X509_get_issuer_name(theirs))
           && same_extensions(ours, theirs) && same_constraints(ours, theirs)
           && memcmp(digest, tsec_cert_spki_sha256(ours), sizeof(digest)) == 0;
}

/* Whether both read it; asserts that they then read the same. */
static bool
both_read(struct tsec_span der)
{
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *ours = NULL;
    const unsigned char *at = der.ptr;
    X509 *theirs = d2i_X509(NULL, &at, (long)der.len);
    const bool both = theirs != NULL && !tsec_failed(tsec_cert_parse(der, &ours, NULL));

    if (both) {
        CU_ASSERT_PTR_EQUAL(at, der.ptr + der.len);
        CU_ASSERT_TRUE(same(ours, theirs));
        compared++;
    }
    X509_free(theirs);
    return both;
}

static void
change_every_byte(struct tsec_buf *der)
{
    CU_ASSERT_TRUE(both_read(tsec_buf_span(der)));
    for (size_t at = 0; at < der->len; at++) {
        der->ptr[at] ^= (uint8_t)(1U << at % 8);
        (void)both_read(tsec_buf_span(der));
        der->ptr[at] ^= (uint8_t)(1U << at % 8);
    }
}

static void
minted_certificates_and_near_them(void)
{
    TSEC_AUTO(mint_key_free) struct mint_key *p256 = mint_key(TSEC_PUBKEY_P256);
    struct mint_cert_spec ca = pki_ca("a CA", NULL);
    struct mint_cert_spec leaf = pki_leaf("a leaf", "a CA");
    TSEC_AUTO_BUF struct tsec_buf one = TSEC_BUF_INIT(TSEC_CERT_MAX);
    TSEC_AUTO_BUF struct tsec_buf two = TSEC_BUF_INIT(TSEC_CERT_MAX);

    ca.path_len = 3;
    ca.pss = true;
    ca.md = "SHA384";
    mint_cert(&ca, mint_rsa(2048, 0), mint_rsa(2048, 0), &one);
    leaf.not_after = INT64_C(253402300799);
    mint_cert(&leaf, p256, p256, &two);
    compared = 0;
    change_every_byte(&one);
    change_every_byte(&two);
    CU_ASSERT_TRUE(compared > (one.len + two.len) / 4);
}

static void
read_file(const char *path)
{
    uint8_t bytes[TSEC_CERT_MAX];
    FILE *in = fopen(path, "rb");

    CU_ASSERT_PTR_NOT_NULL_FATAL(in);

    const size_t len = fread(bytes, 1, sizeof(bytes), in);

    (void)fclose(in);
    if (strstr(path, "crl") == NULL && !both_read(tsec_span(bytes, len))) {
        (void)printf("%s is not read\n", path);
        CU_FAIL("a certificate is not read");
    }
}

static void
read_folder(const char *path, int depth)
{
    DIR *dir = depth < DEPTH_MAX ? opendir(path) : NULL;
    struct dirent *entry = NULL;
    char below[4096];

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        const size_t len = strlen(entry->d_name);

        (void)snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
        if (len > 4 && strcmp(entry->d_name + len - 4, ".der") == 0) {
            read_file(below);
        } else if (strchr(entry->d_name, '.') == NULL || strstr(entry->d_name, ".coll") != NULL) {
            read_folder(below, depth + 1);
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
}

static void
certificates_of_the_vendors(void)
{
    const char *base = getenv("TSEC_VECTORS");

    compared = 0;
    read_folder(base != NULL ? base : "../shared/vectors", 0);
    if (compared > 0) {
        (void)printf("(%zu) ", compared);
    } else {
        (void)printf("skipped: none in $TSEC_VECTORS ");
    }
}

static const struct test_case cases[] = {
    { "minted certificates and near them", minted_certificates_and_near_them },
    { "certificates of the vendors", certificates_of_the_vendors },
};

TEST_MAIN("crypto/x509_openssl", cases)

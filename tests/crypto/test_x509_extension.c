/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crypto/pki.h"
#include "tests/crypto/vector.h"

/* A leaf with these extensions and nothing else, not signed by anybody in particular. */
static tsec_rc
cert_with(const struct mint_extension *extensions, struct tsec_cert **out)
{
    TSEC_AUTO(mint_key_free) struct mint_key *key = mint_key(TSEC_PUBKEY_P256);
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TSEC_CERT_MAX);
    struct mint_cert_spec spec = pki_leaf("a leaf", "a CA");

    spec.basic_constraints = false;
    spec.key_usage = 0;
    spec.extensions = extensions;
    mint_cert(&spec, key, key, &der);
    return tsec_cert_parse(tsec_buf_span(&der), out, NULL);
}

static void
extensions_are_found_by_their_identifier(void)
{
    const struct mint_extension two[] = {
        { "1.2.840.113741.1.13.1", false, tsec_span_str("one") },
        { "1.3.6.1.4.1.3704.1.3.1", false, tsec_span("", 0) },
        { .oid = NULL },
    };
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(cert_with(two, &cert)));
    CU_ASSERT_TRUE(tsec_span_is(tsec_cert_extension(cert, "1.2.840.113741.1.13.1"), "one"));
    CU_ASSERT_PTR_NOT_NULL(tsec_cert_extension(cert, "1.3.6.1.4.1.3704.1.3.1").ptr);
    CU_ASSERT_EQUAL(tsec_cert_extension(cert, "1.3.6.1.4.1.3704.1.3.1").len, 0);
    CU_ASSERT_PTR_NULL(tsec_cert_extension(cert, "1.3.6.1.4.1.3704.1.3.2").ptr);
    CU_ASSERT_PTR_NULL(tsec_cert_extension(cert, "1.2.840.113741.1.13").ptr);
    CU_ASSERT_FALSE(tsec_cert_has_unknown_critical(cert));
}

static void
no_extension_comes_twice(void)
{
    const struct mint_extension twice[] = {
        { "1.2.3.4", false, tsec_span_str("one") },
        { "1.2.3.5", false, tsec_span_str("two") },
        { "1.2.3.4", false, tsec_span_str("one") },
        { .oid = NULL },
    };
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = NULL;

    CU_ASSERT_EQUAL(cert_with(twice, &cert).code, TSEC_E_INVALID);
}

static void
there_is_an_end_to_extensions(void)
{
    struct mint_extension many[34] = { { .oid = NULL } };
    char oids[33][16];
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *most = NULL;
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *more = NULL;

    for (size_t i = 0; i < 33; i++) {
        (void)snprintf(oids[i], sizeof(oids[i]), "1.2.3.%zu", i);
        many[i] = (struct mint_extension){ oids[i], false, tsec_span("x", 1) };
    }
    CU_ASSERT_EQUAL(cert_with(many, &more).code, TSEC_E_INVALID);
    many[32].oid = NULL;
    CU_ASSERT_FALSE(tsec_failed(cert_with(many, &most)));
}

static void
an_unknown_critical_extension_is_told_of(void)
{
    static const struct {
        const char *oid;
        bool unknown;
    } known[] = {
        { "2.5.29.37", false }, { "2.5.29.17", false }, { "2.5.29.18", false },
        { "2.5.29.30", true }, /* nameConstraints: nobody here applies them */
        { "2.5.29.36", true },  { "1.2.3.4", true },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        const struct mint_extension one[] = { { known[i].oid, true, tsec_span_str("x") },
                                              { .oid = NULL } };
        TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = NULL;

        CU_ASSERT_FALSE_FATAL(tsec_failed(cert_with(one, &cert)));
        CU_ASSERT_EQUAL(tsec_cert_has_unknown_critical(cert), known[i].unknown);
    }
}

/* TSEC_E_INVALID, or what the certificate then is. */
static tsec_rc
with_value(const char *oid, const char *hex, struct tsec_cert **out)
{
    const struct vector v = vector(hex);
    const struct mint_extension one[] = { { oid, false, vector_span(&v) }, { .oid = NULL } };

    return cert_with(one, out);
}

static void
basic_constraints(void)
{
    static const struct {
        const char *value;
        bool valid;
        bool ca;
        int path_len;
    } known[] = {
        { "3000", true, false, -1 },
        { "3003010100", true, false, -1 },
        { "30030101ff", true, true, -1 },
        { "30060101ff020100", true, true, 0 },
        { "30060101ff020103", true, true, 3 },
        { "30070101ff02020400", true, true, 127 },
        { "3003020100", false, false, 0 },       /* a path length and no CA */
        { "30060101ff0201ff", false, false, 0 }, /* negative */
        { "3003010101", false, false, 0 },
        { "30060101ff0500", false, false, 0 },
        { "30080101ff0201000500", false, false, 0 },
        { "30030101ff00", false, false, 0 },
        { "0101ff", false, false, 0 },
        { "", false, false, 0 },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = NULL;
        const tsec_rc rc = with_value("2.5.29.19", known[i].value, &cert);

        CU_ASSERT_EQUAL(rc.code, known[i].valid ? TSEC_OK_CODE : TSEC_E_INVALID);
        if (cert != NULL) {
            CU_ASSERT_EQUAL(tsec_cert_is_ca(cert), known[i].ca);
            CU_ASSERT_EQUAL(tsec_cert_path_len(cert), known[i].path_len);
        }
    }
}

static void
key_usage(void)
{
    static const struct {
        const char *value;
        bool valid;
        bool signs;
    } known[] = {
        { "03020780", true, false },  { "03020204", true, true },
        { "03020106", true, true },   { "0303070006", true, false },
        { "0303070486", true, true }, { "030100", false, false },
        { "03020880", false, false }, { "030400000000", false, false },
        { "04020780", false, false }, { "0302078000", false, false },
        { "", false, false },
    };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(known); i++) {
        TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = NULL;
        const tsec_rc rc = with_value("2.5.29.15", known[i].value, &cert);

        CU_ASSERT_EQUAL(rc.code, known[i].valid ? TSEC_OK_CODE : TSEC_E_INVALID);
        if (cert != NULL) {
            CU_ASSERT_TRUE(tsec_cert_has_key_usage(cert));
            CU_ASSERT_EQUAL(tsec_cert_may_sign_certs(cert), known[i].signs);
        }
    }
}

static void
without_them_nothing_is_a_ca_and_any_use_goes(void)
{
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = NULL;

    CU_ASSERT_FALSE_FATAL(tsec_failed(cert_with(NULL, &cert)));
    CU_ASSERT_FALSE(tsec_cert_is_ca(cert));
    CU_ASSERT_EQUAL(tsec_cert_path_len(cert), -1);
    CU_ASSERT_FALSE(tsec_cert_has_key_usage(cert));
    CU_ASSERT_TRUE(tsec_cert_may_sign_certs(cert));
}

static const struct test_case cases[] = {
    { "extensions are found by their identifier", extensions_are_found_by_their_identifier },
    { "no extension comes twice", no_extension_comes_twice },
    { "there is an end to extensions", there_is_an_end_to_extensions },
    { "an unknown critical extension is told of", an_unknown_critical_extension_is_told_of },
    { "basic constraints", basic_constraints },
    { "key usage", key_usage },
    { "without them nothing is a CA and any use goes",
      without_them_nothing_is_a_ca_and_any_use_goes },
};

TEST_MAIN("crypto/x509_extension", cases)

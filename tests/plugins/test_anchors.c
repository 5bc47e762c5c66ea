/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "crypto/crypto.h"
#include "crypto/x509.h"
#include "tests/test.h"
#include "verifier.h"

enum { PATH_LEN = 512, FILE_LEN = 8192 };

static const char *vectors;

static bool
is_zero(const uint8_t digest[TSEC_SHA256_LEN])
{
    static const uint8_t zero[TSEC_SHA256_LEN];

    return tsec_span_equal(tsec_span(digest, TSEC_SHA256_LEN), tsec_span(zero, sizeof(zero)));
}

static void
nothing_is_left_open(void)
{
    const struct verifier_anchors *a = &verifier_anchors_pinned;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(a->amd); i++) {
        CU_ASSERT_PTR_NOT_NULL(a->amd[i].product);
        CU_ASSERT_FALSE(is_zero(a->amd[i].ark) || is_zero(a->amd[i].ask)
                        || is_zero(a->amd[i].asvk));
    }
    CU_ASSERT_FALSE(is_zero(a->intel_spki));
    CU_ASSERT_FALSE(is_zero(a->azure_tpm[0]) || is_zero(a->azure_tpm[1]));
}

static struct tsec_cert *
genuine(const char *name)
{
    uint8_t bytes[FILE_LEN];
    char path[PATH_LEN];
    struct tsec_cert *cert = NULL;
    size_t len = 0;
    FILE *file = NULL;

    (void)snprintf(path, sizeof(path), "%s/%s", vectors, name);
    file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    len = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    CU_ASSERT_EQUAL_FATAL(tsec_cert_parse(tsec_span(bytes, len), &cert, NULL).code, 0);
    return cert;
}

static bool
is_pinned(const char *product, const char *role, const uint8_t pinned[TSEC_SHA256_LEN])
{
    char name[PATH_LEN];

    (void)snprintf(name, sizeof(name), "sev-snp/amd-roots/%s-%s.der", product, role);
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = genuine(name);

    return tsec_span_equal(tsec_span(tsec_cert_sha256(cert), TSEC_SHA256_LEN),
                           tsec_span(pinned, TSEC_SHA256_LEN));
}

static void
amds_roots_are_the_genuine_ones(void)
{
    static const char *const names[] = { "milan", "genoa", "turin" };
    const struct verifier_anchors *a = &verifier_anchors_pinned;

    for (size_t i = 0; i < TSEC_ARRAY_LEN(a->amd) && vectors != NULL; i++) {
        CU_ASSERT_EQUAL(a->amd[i].product[1], names[i][1]);
        CU_ASSERT_TRUE(is_pinned(names[i], "ark", a->amd[i].ark));
        CU_ASSERT_TRUE(is_pinned(names[i], "ask", a->amd[i].ask));
        CU_ASSERT_TRUE(is_pinned(names[i], "asvk", a->amd[i].asvk));
    }
}

static void
intels_key_is_the_genuine_one(void)
{
    if (vectors == NULL) {
        return;
    }
    TSEC_AUTO(tsec_cert_free) struct tsec_cert *cert = genuine("sgx/intel-sgx-root-ca.der");

    CU_ASSERT_TRUE(tsec_span_equal(tsec_span(tsec_cert_spki_sha256(cert), TSEC_SHA256_LEN),
                                   tsec_span(verifier_anchors_pinned.intel_spki, TSEC_SHA256_LEN)));
}

/* The vectors are not part of the tree: TSEC_VECTORS says where they are. */
static void
find_vectors(void)
{
    static char path[PATH_LEN];
    const char *given = getenv("TSEC_VECTORS");
    FILE *file = NULL;

    (void)snprintf(path, sizeof(path), "%s/manifest.json", given != NULL ? given : "");
    file = fopen(path, "rb");
    if (file != NULL) {
        (void)fclose(file);
        *strrchr(path, '/') = '\0';
        vectors = path;
    }
}

static const struct test_case cases[] = {
    { "nothing is left open", nothing_is_left_open },
    { "AMD's roots are the genuine ones", amds_roots_are_the_genuine_ones },
    { "Intel's key is the genuine one", intels_key_is_the_genuine_one },
};

int
main(void)
{
    int status = TEST_FAIL;

    if (tsec_failed(tsec_crypto_setup(NULL))) {
        return TEST_FAIL;
    }
    find_vectors();
    status = test_main("anchors", cases, TSEC_ARRAY_LEN(cases));
    if (status == TEST_PASS && vectors == NULL) {
        (void)puts("no vectors of genuine certificates (TSEC_VECTORS): not compared with them");
        return TEST_SKIP;
    }
    return status;
}

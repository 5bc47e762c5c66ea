/* SPDX-License-Identifier: Apache-2.0 */
/* Which CRL counts when there are several. */
#include "revocation.h"

#include "tests/mint/mint_sgx.h"
#include "tests/test.h"

#define BUF(name) TSEC_AUTO_BUF struct tsec_buf name = TSEC_BUF_INIT(MINT_SGX_MAX)

enum { SERIAL = 102 }; /* of the PCK that mint makes */

static struct collateral *set;
static struct tsec_cert *ca;
static struct tsec_cert *pck;
static struct quote_window window;

static struct tsec_cert *
cert(enum mint_sgx_key which)
{
    struct mint_sgx spec;
    struct tsec_cert *made = NULL;
    BUF(der);

    mint_sgx_genuine(&spec, false);
    mint_sgx_cert(&spec, which, &der);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_cert_parse(tsec_buf_span(&der), &made, NULL)));
    return made;
}

static void
start(void)
{
    collateral_free(set);
    set = NULL;
    CU_ASSERT_FALSE_FATAL(tsec_failed(collateral_new(&set, NULL)));
    if (ca == NULL) {
        ca = cert(MINT_SGX_CA);
        pck = cert(MINT_SGX_PCK);
    }
}

/* A CRL that names the CA, good for so many seconds before and after now. */
static void
add_crl(enum mint_sgx_key signer, int64_t before, int64_t after, uint64_t revoked)
{
    const struct mint_crl_spec spec = {
        .issuer_cn = "Intel SGX PCK Platform CA",
        .this_update = MINT_SGX_NOW - before,
        .next_update = MINT_SGX_NOW + after,
        .revoked = &revoked,
        .revoked_len = revoked == 0 ? 0 : 1,
        .md = "SHA256",
    };
    BUF(der);

    mint_crl(&spec, mint_sgx_key(signer), &der);
    CU_ASSERT_FALSE(tsec_failed(collateral_add(set, tsec_buf_span(&der), NULL)));
}

static enum revocation
found(void)
{
    const struct verifier_input in = { .collateral = set, .now = MINT_SGX_NOW };

    window = quote_window_always();
    return revocation_of(&in, ca, pck, &window);
}

static void
without_a_crl_of_the_issuer_nothing_is_known(void)
{
    BUF(other);

    start();
    CU_ASSERT_EQUAL(found(), REVOCATION_UNKNOWN);
    mint_sgx_crl(MINT_SGX_ROOT, SERIAL, &other);
    CU_ASSERT_FALSE(tsec_failed(collateral_add(set, tsec_buf_span(&other), NULL)));
    CU_ASSERT_EQUAL(found(), REVOCATION_UNKNOWN);
}

static void
the_window_of_a_crl_has_both_its_ends(void)
{
    start();
    add_crl(MINT_SGX_CA, 0, 0, 0);
    CU_ASSERT_EQUAL(found(), REVOCATION_GOOD);
    CU_ASSERT_EQUAL(window.not_after, MINT_SGX_NOW);
    start();
    add_crl(MINT_SGX_CA, 10, -1, 0);
    CU_ASSERT_EQUAL(found(), REVOCATION_EXPIRED);
    start();
    add_crl(MINT_SGX_CA, -1, 10, 0);
    CU_ASSERT_EQUAL(found(), REVOCATION_NOT_YET_VALID);
}

static void
of_several_the_one_that_lasts_longest_decides(void)
{
    start();
    add_crl(MINT_SGX_CA, 100, -1, 0);
    add_crl(MINT_SGX_CA, 10, 50, 0);
    add_crl(MINT_SGX_CA, 10, 90, 0);
    add_crl(MINT_SGX_CA, 10, 70, SERIAL + 1);
    CU_ASSERT_EQUAL(found(), REVOCATION_GOOD);
    CU_ASSERT_EQUAL(window.not_after, MINT_SGX_NOW + 90);
}

static void
revoked_on_any_of_them_is_revoked(void)
{
    start();
    add_crl(MINT_SGX_CA, 10, 50, 0);
    add_crl(MINT_SGX_CA, 100, -1, SERIAL); /* an old one */
    CU_ASSERT_EQUAL(found(), REVOCATION_REVOKED);
}

static void
a_crl_that_the_issuer_did_not_sign_counts_for_nothing(void)
{
    start();
    add_crl(MINT_SGX_STRANGER, 10, 50, SERIAL);
    CU_ASSERT_EQUAL(found(), REVOCATION_FORGED);
    add_crl(MINT_SGX_CA, 10, 50, 0);
    CU_ASSERT_EQUAL(found(), REVOCATION_GOOD);
}

static void
looking_at_forged_ones_ends(void)
{
    start();
    for (int i = 0; i < 20; i++) {
        add_crl(MINT_SGX_STRANGER, 10 + i, 50, 0);
    }
    add_crl(MINT_SGX_CA, 10, 50, 0);
    /* a refusal, and not an hour of arithmetic */
    CU_ASSERT_EQUAL(found(), REVOCATION_FORGED);
    collateral_free(set);
    set = NULL;
    tsec_cert_free(ca);
    tsec_cert_free(pck);
}

static const struct test_case cases[] = {
    { "without a CRL of the issuer nothing is known",
      without_a_crl_of_the_issuer_nothing_is_known },
    { "the window of a CRL has both its ends", the_window_of_a_crl_has_both_its_ends },
    { "of several, the one that lasts longest decides",
      of_several_the_one_that_lasts_longest_decides },
    { "revoked on any of them is revoked", revoked_on_any_of_them_is_revoked },
    { "a CRL that the issuer did not sign counts for nothing",
      a_crl_that_the_issuer_did_not_sign_counts_for_nothing },
    { "looking at forged ones ends", looking_at_forged_ones_ends },
};

TEST_MAIN("plugins/revocation", cases)

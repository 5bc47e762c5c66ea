/* SPDX-License-Identifier: Apache-2.0 */
/* The chain as a piece of text; what its certificates must be is in test_quote_verify.c. */
#include "pck_chain.h"

#include <string.h>

#include "tests/mint/mint_sgx.h"
#include "tests/plugins/quote_rig.h"
#include "tests/test.h"

#define BUF(name) TSEC_AUTO_BUF struct tsec_buf name = TSEC_BUF_INIT((size_t)1 << 20)

static struct quote_rig rig;

static struct verifier_input
input(void)
{
    quote_rig_done(&rig);
    quote_rig_init(&rig, false);
    return (struct verifier_input){
        .anchors = &rig.anchors, .expect = &rig.expect, .now = rig.now, .claims = &rig.claims
    };
}

static void
put(enum mint_sgx_key which, struct tsec_buf *pem)
{
    BUF(der);

    mint_sgx_cert(&rig.spec, which, &der);
    mint_pem("CERTIFICATE", tsec_buf_span(&der), pem);
}

static enum tsec_reason
reason_of(const struct verifier_input *in, const struct tsec_buf *pem)
{
    const struct pck_chain *chain = NULL;

    memset(&rig.checks, 0, sizeof(rig.checks));
    CU_ASSERT_EQUAL(tsec_failed(pck_chain_get(in, tsec_buf_span(pem), &chain, NULL)),
                    rig.checks.reason != TSEC_REASON_NONE);
    pck_chain_release(in, chain);
    return (enum tsec_reason)rig.checks.reason;
}

static void
it_gives_certificates_platform_and_window(void)
{
    const struct verifier_input in = input();
    const struct pck_chain *chain = NULL;
    BUF(pem);

    mint_sgx_chain(&rig.spec, &pem);
    CU_ASSERT_FALSE_FATAL(tsec_failed(pck_chain_get(&in, tsec_buf_span(&pem), &chain, NULL)));
    CU_ASSERT_STRING_EQUAL(tsec_cert_subject_cn(chain->pck), "Intel SGX PCK Certificate");
    CU_ASSERT_STRING_EQUAL(tsec_cert_subject_cn(chain->ca), "Intel SGX PCK Platform CA");
    CU_ASSERT_STRING_EQUAL(tsec_cert_subject_cn(chain->root), "Intel SGX Root CA");
    CU_ASSERT_EQUAL(chain->ext.pce_svn, 11);
    CU_ASSERT_EQUAL(chain->window.not_after, rig.spec.certs[MINT_SGX_PCK].not_after);
    CU_ASSERT_TRUE(quote_rig_noted(&rig, "root", "the pinned one"));
    pck_chain_release(&in, chain);
    pck_chain_release(&in, NULL);
}

static void
three_certificates_in_their_order_and_nothing_else(void)
{
    static const enum mint_sgx_key rows[][4] = {
        { MINT_SGX_PCK, MINT_SGX_CA, MINT_SGX_KEYS, MINT_SGX_KEYS },
        { MINT_SGX_ROOT, MINT_SGX_CA, MINT_SGX_PCK, MINT_SGX_KEYS },
        { MINT_SGX_PCK, MINT_SGX_ROOT, MINT_SGX_CA, MINT_SGX_KEYS },
        { MINT_SGX_PCK, MINT_SGX_CA, MINT_SGX_ROOT, MINT_SGX_ROOT },
        { MINT_SGX_PCK, MINT_SGX_ROOT, MINT_SGX_ROOT, MINT_SGX_KEYS },
        { MINT_SGX_KEYS, MINT_SGX_KEYS, MINT_SGX_KEYS, MINT_SGX_KEYS },
    };
    const struct verifier_input in = input();

    for (size_t i = 0; i < TSEC_ARRAY_LEN(rows); i++) {
        BUF(pem);

        for (size_t k = 0; k < 4 && rows[i][k] != MINT_SGX_KEYS; k++) {
            put(rows[i][k], &pem);
        }
        CU_ASSERT_EQUAL(reason_of(&in, &pem), TSEC_REASON_CHAIN);
    }
}

static void
a_block_of_another_kind_is_refused(void)
{
    const struct verifier_input in = input();
    BUF(pem);

    mint_sgx_chain(&rig.spec, &pem);
    CU_ASSERT_EQUAL(reason_of(&in, &pem), TSEC_REASON_NONE);
    mint_pem("X509 CRL", tsec_span_str("x"), &pem);
    CU_ASSERT_EQUAL(reason_of(&in, &pem), TSEC_REASON_CHAIN);
}

static void
a_chain_past_any_real_length_is_refused_unread(void)
{
    const struct verifier_input in = input();
    BUF(pem);

    mint_sgx_chain(&rig.spec, &pem);
    (void)tsec_buf_extend(&pem, 100000);
    CU_ASSERT_EQUAL(reason_of(&in, &pem), TSEC_REASON_CHAIN);
}

static void
peeking_takes_what_is_read_and_believes_nothing(void)
{
    struct pck_ext ext;
    BUF(pem);

    (void)input();
    rig.spec.signers[MINT_SGX_ROOT] = MINT_SGX_STRANGER;
    mint_sgx_chain(&rig.spec, &pem);
    CU_ASSERT_TRUE(pck_chain_peek(tsec_buf_span(&pem), &ext));
    CU_ASSERT_EQUAL(ext.pce_svn, 11);
    CU_ASSERT_FALSE(pck_chain_peek(tsec_span(pem.ptr, pem.len / 2), &ext));
    CU_ASSERT_FALSE(pck_chain_peek(tsec_span(NULL, 0), &ext));
}

static const struct test_case cases[] = {
    { "it gives certificates, platform and window", it_gives_certificates_platform_and_window },
    { "three certificates in their order, and nothing else",
      three_certificates_in_their_order_and_nothing_else },
    { "a block of another kind is refused", a_block_of_another_kind_is_refused },
    { "a chain past any real length is refused unread",
      a_chain_past_any_real_length_is_refused_unread },
    { "peeking takes what is read and believes nothing",
      peeking_takes_what_is_read_and_believes_nothing },
};

TEST_MAIN("plugins/pck_chain", cases)

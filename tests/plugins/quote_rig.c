/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/quote_rig.h"

#include <stdio.h>
#include <string.h>

#include "appraisal/report.h"
#include "base/hex.h"
#include "tests/test.h"

#define BUF(name) TSEC_AUTO_BUF struct tsec_buf name = TSEC_BUF_INIT((size_t)4 << 20)

void
quote_rig_init(struct quote_rig *rig, bool tdx)
{
    memset(rig, 0, sizeof(*rig));
    mint_sgx_genuine(&rig->spec, tdx);
    rig->info_signer = MINT_SGX_SIGNING;
    mint_sgx_anchor(rig->anchors.intel_spki);
    rig->expect.struct_size = (uint32_t)sizeof(rig->expect);
    rig->expect.checks = &rig->checks;
    rig->now = MINT_SGX_NOW;
    rig->as_tdx = tdx;
    tsec_buf_init(&rig->quote, MINT_SGX_MAX);
}

void
quote_rig_done(struct quote_rig *rig)
{
    tsec_buf_done(&rig->quote);
    collateral_free(rig->set);
    rig->set = NULL;
}

/* ---- collateral ---- */

static void
add(struct quote_rig *rig, struct tsec_span item)
{
    CU_ASSERT_FALSE(tsec_failed(collateral_add(rig->set, item, &rig->err)));
}

static void
add_loose(struct quote_rig *rig, struct tsec_span body, enum mint_sgx_key signer)
{
    BUF(signature);

    mint_sign(mint_sgx_key(signer), TSEC_SIG_ES256, body, &signature);
    add(rig, body);
    if (!rig->no_signatures) {
        add(rig, tsec_buf_span(&signature));
    }
}

static void
add_doc(struct quote_rig *rig, const char *name, struct tsec_span body, enum mint_sgx_key signer)
{
    BUF(wrapped);

    if (rig->loose || rig->no_signatures) {
        add_loose(rig, body, signer);
    } else {
        mint_sgx_wrap(name, body, signer, &wrapped);
        add(rig, tsec_buf_span(&wrapped));
    }
}

static void
add_docs(struct quote_rig *rig)
{
    BUF(info);
    BUF(identity);

    if (rig->tcb_info.ptr != NULL) {
        add(rig, rig->tcb_info);
    } else if (!rig->no_tcb_info) {
        mint_sgx_tcb_info(&rig->spec, &info);
        add_doc(rig, "tcbInfo", tsec_buf_span(&info), rig->info_signer);
    }
    if (!rig->no_identity) {
        mint_sgx_identity(&rig->spec, &identity);
        add_doc(rig, "enclaveIdentity", tsec_buf_span(&identity), MINT_SGX_SIGNING);
    }
}

static void
add_crls(struct quote_rig *rig)
{
    BUF(root);
    BUF(pck);

    if (!rig->no_root_crl) {
        mint_sgx_crl(MINT_SGX_ROOT, rig->root_revokes, &root);
        add(rig, tsec_buf_span(&root));
    }
    if (!rig->no_pck_crl) {
        mint_sgx_crl(MINT_SGX_CA, rig->pck_revokes, &pck);
        add(rig, tsec_buf_span(&pck));
    }
}

static void
make_collateral(struct quote_rig *rig)
{
    BUF(chain);

    collateral_free(rig->set);
    rig->set = NULL;
    CU_ASSERT_FALSE_FATAL(tsec_failed(collateral_new(&rig->set, NULL)));
    for (size_t i = 0; i < rig->more_len; i++) {
        add(rig, rig->more[i]);
    }
    add_docs(rig);
    add_crls(rig);
    if (!rig->no_signing_chain) {
        mint_sgx_signing_chain(&rig->spec, &chain);
        add(rig, tsec_buf_span(&chain));
    }
}

/* ---- the verdict ---- */

const char *
quote_rig_again(struct quote_rig *rig)
{
    const struct verifier_input in = {
        .anchors = &rig->anchors,
        .cache = rig->cache,
        .collateral = rig->set,
        .evidence = tsec_buf_span(&rig->quote),
        .expect = &rig->expect,
        .now = rig->now,
        .claims = &rig->claims,
    };

    memset(&rig->checks, 0, sizeof(rig->checks));
    rig->checks.struct_size = (uint32_t)sizeof(rig->checks);
    rig->rc = quote_verify(&in, rig->as_tdx, &rig->err);
    if (!tsec_failed(rig->rc)) {
        CU_ASSERT_EQUAL(rig->checks.reason, TSEC_REASON_NONE);
        return "genuine";
    }
    CU_ASSERT_FATAL(rig->checks.len > 0);

    const struct tsec_check *last = &rig->checks.items[rig->checks.len - 1];

    CU_ASSERT_FALSE(last->ok);
    CU_ASSERT_TRUE(
        rig->rc.code
        == (rig->checks.reason == TSEC_REASON_MALFORMED ? TSEC_E_INVALID : TSEC_E_DENIED));
    (void)snprintf(rig->verdict, sizeof(rig->verdict), "%s %s",
                   tsec_reason_info(rig->checks.reason)->slug, last->name);
    return rig->verdict;
}

const char *
quote_rig_verdict(struct quote_rig *rig)
{
    if (!rig->quote_ready) {
        tsec_buf_reset(&rig->quote);
        mint_sgx_quote(&rig->spec, &rig->quote);
    }
    make_collateral(rig);
    return quote_rig_again(rig);
}

bool
quote_rig_noted(const struct quote_rig *rig, const char *name, const char *text)
{
    for (size_t i = 0; i < rig->checks.len; i++) {
        const struct tsec_check *check = &rig->checks.items[i];

        if (check->ok && strcmp(check->name, name) == 0 && strstr(check->detail, text) != NULL) {
            return true;
        }
    }
    return false;
}

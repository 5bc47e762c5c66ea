/* SPDX-License-Identifier: Apache-2.0 */
#include "pck_chain.h"

#include <stdlib.h>

#include "appraisal/report.h"
#include "base/hex.h"
#include "codec/pem.h"

enum { CHAIN_LEN = 3, PCK = 0, CA, ROOT };

/* Of three certificates, far more than they take. */
#define PEM_MAX ((size_t)(3 * TSEC_CERT_MAX))

const struct tsec_chain_rules pck_chain_rules = {
    .algs = UINT32_C(1) << TSEC_CERT_ECDSA_SHA256,
    .key_kinds = UINT32_C(1) << TSEC_PUBKEY_P256,
    .ca_needs_key_usage = true,
};

/* ---- the fact ---- */

static void
chain_free(struct quote_fact *fact)
{
    struct pck_chain *chain = (struct pck_chain *)fact;

    tsec_cert_free(chain->root);
    tsec_cert_free(chain->ca);
    tsec_cert_free(chain->pck);
    free(chain);
}

static void
pck_chain_free(struct pck_chain *chain)
{
    if (chain != NULL) {
        chain_free(&chain->fact);
    }
}
TSEC_DEFINE_AUTO(struct pck_chain, pck_chain_free)

/* ---- reading ---- */

static tsec_rc
read_certs(struct tsec_span pem, struct tsec_cert *certs[CHAIN_LEN], struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TSEC_CERT_MAX);
    size_t n = 0;

    if (pem.len > PEM_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "PCK chain of %zu bytes", pem.len);
    }
    for (;;) {
        struct tsec_span label;
        bool found = false;

        TSEC_TRY(tsec_pem_next(&pem, &label, &der, &found, err));
        if (!found && n == CHAIN_LEN) {
            return TSEC_OK;
        }
        if (!found || n == CHAIN_LEN || !tsec_span_is(label, "CERTIFICATE")) {
            return TSEC_FAIL(err, TSEC_E_INVALID,
                             "PCK chain: three certificates are expected, and nothing else");
        }
        TSEC_TRY(tsec_cert_parse(tsec_buf_span(&der), &certs[n], err));
        n++;
    }
}

static tsec_rc
read_chain(struct tsec_span pem, struct pck_chain *chain, struct tsec_err *err)
{
    struct tsec_cert *certs[CHAIN_LEN] = { NULL, NULL, NULL };
    const tsec_rc rc = read_certs(pem, certs, err);

    chain->pck = certs[PCK];
    chain->ca = certs[CA];
    chain->root = certs[ROOT];
    return rc;
}

static tsec_rc
chain_new(struct pck_chain **out, struct tsec_err *err)
{
    *out = calloc(1, sizeof(**out));
    if (*out == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for a PCK chain");
    }
    (*out)->fact.free = chain_free;
    return TSEC_OK;
}

bool
pck_chain_peek(struct tsec_span pem, struct pck_ext *out)
{
    TSEC_AUTO(pck_chain_free) struct pck_chain *chain = NULL;

    return !tsec_failed(chain_new(&chain, NULL)) && !tsec_failed(read_chain(pem, chain, NULL))
           && !tsec_failed(pck_ext_read(chain->pck, out, NULL));
}

/* ---- checking ---- */

tsec_rc
pck_chain_fault(const struct verifier_input *in, enum tsec_chain_fault fault, const char *name,
                struct tsec_err *err)
{
    static const enum tsec_reason reasons[] = {
        [TSEC_CHAIN_OK] = TSEC_REASON_INTERNAL,
        [TSEC_CHAIN_BROKEN] = TSEC_REASON_CHAIN,
        [TSEC_CHAIN_ALG] = TSEC_REASON_ALGORITHM,
        [TSEC_CHAIN_SIGNATURE] = TSEC_REASON_CHAIN,
        [TSEC_CHAIN_EXPIRED] = TSEC_REASON_EXPIRED,
        [TSEC_CHAIN_NOT_YET_VALID] = TSEC_REASON_NOT_YET_VALID,
    };

    return tsec_check_passed_on(in->expect->checks, reasons[fault], name, err);
}

static bool
is_pinned(const struct verifier_input *in, const struct tsec_cert *root)
{
    return tsec_span_equal(tsec_span(tsec_cert_spki_sha256(root), TSEC_SHA256_LEN),
                           tsec_span(in->anchors->intel_spki, TSEC_SHA256_LEN));
}

static tsec_rc
check_root(const struct verifier_input *in, const struct tsec_cert *root, struct tsec_err *err)
{
    char seen[2 * TSEC_SHA256_LEN + 1];
    char pinned[2 * TSEC_SHA256_LEN + 1];

    tsec_hex_encode(tsec_span(tsec_cert_spki_sha256(root), TSEC_SHA256_LEN), seen);
    tsec_hex_encode(tsec_span(in->anchors->intel_spki, TSEC_SHA256_LEN), pinned);
    if (!is_pinned(in, root)) {
        return tsec_check_failed(in->expect->checks, TSEC_REASON_CHAIN, "root", err,
                                 "\"%.40s\" has a key with digest %.16s..., pinned is %.16s...",
                                 tsec_cert_subject_cn(root), seen, pinned);
    }
    /* the key is pinned and not the certificate: what else it says must be signed */
    if (tsec_failed(tsec_cert_signed_by(root, root, NULL))) {
        return tsec_check_failed(in->expect->checks, TSEC_REASON_CHAIN, "root", err,
                                 "\"%.40s\" is not signed by its own key",
                                 tsec_cert_subject_cn(root));
    }
    return TSEC_OK;
}

static bool
names_are_intel_s(const struct pck_chain *chain)
{
    const char *ca = tsec_cert_subject_cn(chain->ca);

    return strcmp(tsec_cert_subject_cn(chain->pck), "Intel SGX PCK Certificate") == 0
           && (strcmp(ca, "Intel SGX PCK Platform CA") == 0
               || strcmp(ca, "Intel SGX PCK Processor CA") == 0)
           && strcmp(tsec_cert_subject_cn(chain->root), "Intel SGX Root CA") == 0;
}

static tsec_rc
check_chain(const struct verifier_input *in, struct pck_chain *chain, struct tsec_err *err)
{
    const struct tsec_cert *const certs[CHAIN_LEN] = { chain->root, chain->ca, chain->pck };
    struct tsec_chain_result result;

    if (!names_are_intel_s(chain)) {
        return tsec_check_failed(in->expect->checks, TSEC_REASON_CHAIN, "chain", err,
                                 "\"%.40s\" under \"%.40s\" is no PCK under a Platform or "
                                 "Processor CA",
                                 tsec_cert_subject_cn(chain->pck), tsec_cert_subject_cn(chain->ca));
    }
    if (tsec_failed(tsec_chain_verify(certs, CHAIN_LEN, &pck_chain_rules, in->now, &result, err))) {
        return pck_chain_fault(in, result.fault, "chain", err);
    }
    chain->window = (struct quote_window){ result.not_before, result.not_after };
    if (tsec_failed(pck_ext_read(chain->pck, &chain->ext, err))) {
        return tsec_check_passed_on(in->expect->checks, TSEC_REASON_CHAIN, "chain", err);
    }
    return TSEC_OK;
}

static tsec_rc
check_afresh(const struct verifier_input *in, struct tsec_span pem, struct pck_chain **out,
             struct tsec_err *err)
{
    TSEC_AUTO(pck_chain_free) struct pck_chain *chain = NULL;

    TSEC_TRY(chain_new(&chain, err));
    if (tsec_failed(read_chain(pem, chain, err))) {
        return tsec_check_passed_on(in->expect->checks, TSEC_REASON_CHAIN, "chain", err);
    }
    TSEC_TRY(check_root(in, chain->root, err));
    TSEC_TRY(check_chain(in, chain, err));
    *out = TSEC_TAKE(chain);
    return TSEC_OK;
}

static struct tsec_memo *
memo_of(const struct verifier_input *in)
{
    return in->cache == NULL ? NULL : in->cache->quote;
}

void
pck_chain_release(const struct verifier_input *in, const struct pck_chain *chain)
{
    if (chain != NULL) {
        quote_memo_release(memo_of(in), &chain->fact);
    }
}

static tsec_rc
get(const struct verifier_input *in, struct tsec_span pem, const struct pck_chain **out,
    struct tsec_err *err)
{
    const struct tsec_span parts[] = { tsec_span(in->anchors->intel_spki, TSEC_SHA256_LEN), pem };
    uint8_t key[TSEC_MEMO_KEY_LEN];
    struct pck_chain *fresh = NULL;

    quote_memo_key("pck chain", parts, TSEC_ARRAY_LEN(parts), key);
    *out = (const struct pck_chain *)quote_memo_get(memo_of(in), key);
    if (*out == NULL) {
        TSEC_TRY(check_afresh(in, pem, &fresh, err));
        *out = (const struct pck_chain *)quote_memo_put(memo_of(in), key, &fresh->fact);
    }
    return TSEC_OK;
}

tsec_rc
pck_chain_get(const struct verifier_input *in, struct tsec_span pem, const struct pck_chain **out,
              struct tsec_err *err)
{
    char from[TSEC_RFC3339_LEN];
    char to[TSEC_RFC3339_LEN];

    TSEC_TRY(get(in, pem, out, err));
    tsec_check_ok(in->expect->checks, "root", "%s, its key is the pinned one",
                  tsec_cert_subject_cn((*out)->root));
    TSEC_TRY(quote_window_check(in, (*out)->window, "chain", "PCK chain", err));
    tsec_check_ok(in->expect->checks, "chain", "%s under %s, valid %s to %s",
                  tsec_cert_subject_cn((*out)->pck), tsec_cert_subject_cn((*out)->ca),
                  quote_time_text((*out)->window.not_before, from),
                  quote_time_text((*out)->window.not_after, to));
    return TSEC_OK;
}

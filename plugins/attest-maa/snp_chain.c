/* SPDX-License-Identifier: Apache-2.0 */
#include "snp_chain.h"

#include <stdlib.h>

#include "appraisal/report.h"
#include "base/clock.h"

#define MEMO_MAX ((size_t)1024)

/* What is remembered of a chain or a list whose signatures hold. */
struct window {
    int64_t not_before;
    int64_t not_after;
};

/* The certificates of one VEK. */
struct links {
    const struct tsec_cert *ark;
    const struct tsec_cert *signer; /* ASK or ASVK */
    const struct tsec_cert *vek;
};

tsec_rc
snp_memo_new(struct tsec_memo **out, struct tsec_err *err)
{
    return tsec_memo_new(MEMO_MAX, free, out, err);
}

static const struct tsec_cert *
find_cert(const struct collateral *set, const uint8_t sha256[TSEC_SHA256_LEN])
{
    const struct tsec_span wanted = tsec_span(sha256, TSEC_SHA256_LEN);

    for (size_t i = 0; i < collateral_certs(set); i++) {
        const struct tsec_cert *cert = collateral_cert(set, i);

        if (tsec_span_equal(tsec_span(tsec_cert_sha256(cert), TSEC_SHA256_LEN), wanted)) {
            return cert;
        }
    }
    return NULL;
}

static tsec_rc
find_links(const struct verifier_input *in, const struct snp_vek *vek, struct links *out,
           struct tsec_err *err)
{
    const bool vlek = vek->kind == SNP_KEY_VLEK;
    const char *name = snp_product_name(vek->product);

    *out = (struct links){ .vek = vek->cert };
    for (size_t i = 0; i < TSEC_ARRAY_LEN(in->anchors->amd); i++) {
        if (strcmp(in->anchors->amd[i].product, name) == 0) {
            const uint8_t *signer = vlek ? in->anchors->amd[i].asvk : in->anchors->amd[i].ask;

            out->ark = find_cert(in->collateral, in->anchors->amd[i].ark);
            out->signer = find_cert(in->collateral, signer);
        }
    }
    if (out->ark == NULL || out->signer == NULL) {
        return tsec_check_failed(
            in->expect->checks, TSEC_REASON_NO_ENDORSEMENT, "chain", err,
            "AMD's %s of %s is missing: give the file of https://kdsintf.amd.com/%s/v1/%s/"
            "cert_chain as collateral",
            out->ark == NULL ? "ARK" : (vlek ? "ASVK" : "ASK"), name, vlek ? "vlek" : "vcek", name);
    }
    return TSEC_OK;
}

static enum tsec_reason
reason_of(enum tsec_chain_fault fault)
{
    switch (fault) {
    case TSEC_CHAIN_ALG:
        return TSEC_REASON_ALGORITHM;
    case TSEC_CHAIN_EXPIRED:
        return TSEC_REASON_EXPIRED;
    case TSEC_CHAIN_NOT_YET_VALID:
        return TSEC_REASON_NOT_YET_VALID;
    case TSEC_CHAIN_OK:
    case TSEC_CHAIN_BROKEN:
    case TSEC_CHAIN_SIGNATURE:
        break;
    }
    return TSEC_REASON_CHAIN;
}

static void
memo_key(const struct links *links, uint8_t out[TSEC_MEMO_KEY_LEN])
{
    const struct tsec_span parts[] = {
        tsec_span_str("snp chain"),
        tsec_span(tsec_cert_sha256(links->ark), TSEC_SHA256_LEN),
        tsec_span(tsec_cert_sha256(links->signer), TSEC_SHA256_LEN),
        tsec_span(tsec_cert_sha256(links->vek), TSEC_SHA256_LEN),
    };

    tsec_hash_parts(TSEC_SHA256, parts, TSEC_ARRAY_LEN(parts), out);
}

static bool
remembered(struct tsec_memo *memo, const uint8_t key[TSEC_MEMO_KEY_LEN], int64_t now,
           struct window *out)
{
    const struct window *known = tsec_memo_get(memo, key);

    if (known == NULL) {
        return false;
    }
    *out = *known;
    tsec_memo_release(memo, known);
    /* Outside the window the chain is checked again, which then says what has expired. */
    return out->not_before <= now && now <= out->not_after;
}

static void
remember(struct tsec_memo *memo, const uint8_t key[TSEC_MEMO_KEY_LEN], const struct window *window)
{
    struct window *copy = memo == NULL ? NULL : malloc(sizeof(*copy));

    if (copy != NULL) {
        *copy = *window;
        tsec_memo_release(memo, tsec_memo_put(memo, key, copy));
    }
}

static tsec_rc
check_signatures(const struct verifier_input *in, const struct links *links, struct window *out,
                 struct tsec_err *err)
{
    static const struct tsec_chain_rules rules = {
        .algs = UINT32_C(1) << TSEC_CERT_PSS_SHA384,
        .key_kinds = UINT32_C(1) << TSEC_PUBKEY_RSA | UINT32_C(1) << TSEC_PUBKEY_P384,
        .ca_needs_key_usage = true,
    };
    const struct tsec_cert *chain[] = { links->ark, links->signer, links->vek };
    struct tsec_memo *memo = in->cache == NULL ? NULL : in->cache->snp;
    const struct tsec_pubkey *key = tsec_cert_key(links->vek);
    struct tsec_chain_result result = { .fault = TSEC_CHAIN_OK };
    uint8_t digest[TSEC_MEMO_KEY_LEN];

    if (key == NULL || tsec_pubkey_kind_of(key) != TSEC_PUBKEY_P384) {
        return tsec_check_failed(in->expect->checks, TSEC_REASON_ALGORITHM, "chain", err,
                                 "the certificate's key is not on P-384");
    }
    memo_key(links, digest);
    if (remembered(memo, digest, in->now, out)) {
        return TSEC_OK;
    }
    if (tsec_failed(
            tsec_chain_verify(chain, TSEC_ARRAY_LEN(chain), &rules, in->now, &result, err))) {
        return tsec_check_passed_on(in->expect->checks, reason_of(result.fault), "chain", err);
    }
    *out = (struct window){ result.not_before, result.not_after };
    remember(memo, digest, out);
    return TSEC_OK;
}

static void
narrow(struct snp_chain *chain, const struct tsec_crl *crl)
{
    if (tsec_crl_this_update(crl) > chain->not_before) {
        chain->not_before = tsec_crl_this_update(crl);
    }
    if (tsec_crl_next_update(crl) < chain->not_after) {
        chain->not_after = tsec_crl_next_update(crl);
    }
}

/* The ARK's signature on a list, or the memory of it. */
static bool
is_the_arks(const struct verifier_input *in, size_t at, const struct links *links)
{
    const struct tsec_crl *crl = collateral_crl(in->collateral, at);
    struct tsec_memo *memo = in->cache == NULL ? NULL : in->cache->snp;
    const struct tsec_span parts[] = {
        tsec_span_str("snp list"),
        tsec_span(tsec_cert_sha256(links->ark), TSEC_SHA256_LEN),
        tsec_span(collateral_crl_sha256(in->collateral, at), TSEC_SHA256_LEN),
    };
    const struct window window = { tsec_crl_this_update(crl), tsec_crl_next_update(crl) };
    uint8_t key[TSEC_MEMO_KEY_LEN];
    struct window known;

    if (!tsec_span_equal(tsec_crl_issuer(crl), tsec_cert_subject(links->ark))) {
        return false;
    }
    tsec_hash_parts(TSEC_SHA256, parts, TSEC_ARRAY_LEN(parts), key);
    if (remembered(memo, key, window.not_before, &known)) {
        return true;
    }
    if (tsec_failed(tsec_crl_signed_by(crl, links->ark, NULL))) {
        return false;
    }
    remember(memo, key, &window);
    return true;
}

/* A list that names the signer counts for as long as anyone has it; to have been asked counts only
 * a list that is current. */
static tsec_rc
ask_list(const struct verifier_input *in, size_t at, const struct links *links,
         struct snp_chain *out, struct tsec_err *err)
{
    const struct tsec_crl *crl = collateral_crl(in->collateral, at);

    if (!is_the_arks(in, at, links)) {
        return TSEC_OK;
    }
    if (tsec_crl_has(crl, links->signer)) {
        return tsec_check_failed(in->expect->checks, TSEC_REASON_REVOKED, "revocation", err,
                                 "AMD has revoked %s", tsec_cert_subject_cn(links->signer));
    }
    if (tsec_crl_this_update(crl) <= in->now && in->now <= tsec_crl_next_update(crl)) {
        out->revocation_checked = true;
        narrow(out, crl);
    }
    return TSEC_OK;
}

static tsec_rc
check_revocation(const struct verifier_input *in, const struct links *links, const char *product,
                 struct snp_chain *out, struct tsec_err *err)
{
    for (size_t i = 0; i < collateral_crls(in->collateral); i++) {
        TSEC_TRY(ask_list(in, i, links, out, err));
    }
    if (out->revocation_checked) {
        tsec_check_ok(in->expect->checks, "revocation", "%s is not on the ARK's list",
                      tsec_cert_subject_cn(links->signer));
        return TSEC_OK;
    }
    if (in->expect->require_revocation) {
        return tsec_check_failed(in->expect->checks, TSEC_REASON_COLLATERAL, "revocation", err,
                                 "no current revocation list of the %s ARK: give the file of "
                                 "https://kdsintf.amd.com/vcek/v1/%s/crl as collateral",
                                 product, product);
    }
    tsec_check_ok(in->expect->checks, "revocation",
                  "not checked: no current revocation list of the %s ARK", product);
    return TSEC_OK;
}

static void
note_chain(const struct verifier_input *in, const struct links *links, const struct window *window)
{
    char from[TSEC_RFC3339_LEN] = "";
    char to[TSEC_RFC3339_LEN] = "";

    tsec_rfc3339(window->not_before * TSEC_NS_PER_S, from);
    tsec_rfc3339(window->not_after * TSEC_NS_PER_S, to);
    tsec_check_ok(in->expect->checks, "chain", "%s by %s by %s, valid %s to %s",
                  tsec_cert_subject_cn(links->vek), tsec_cert_subject_cn(links->signer),
                  tsec_cert_subject_cn(links->ark), from, to);
}

tsec_rc
snp_chain_check(const struct verifier_input *in, const struct snp_vek *vek, struct snp_chain *out,
                struct tsec_err *err)
{
    struct links links;
    struct window window = { 0, 0 };

    *out = (struct snp_chain){ 0 };
    TSEC_TRY(find_links(in, vek, &links, err));
    TSEC_TRY(check_signatures(in, &links, &window, err));
    note_chain(in, &links, &window);
    out->not_before = window.not_before;
    out->not_after = window.not_after;
    return check_revocation(in, &links, snp_product_name(vek->product), out, err);
}

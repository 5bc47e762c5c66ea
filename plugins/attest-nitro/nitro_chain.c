/* SPDX-License-Identifier: Apache-2.0 */
#include "nitro_chain.h"

#include <stdlib.h>

#include "appraisal/report.h"
#include "nitro_text.h"

/* Each instance that runs enclaves makes a leaf every three hours; a chain takes about 6 KiB. */
enum { MEMO_MAX = 4096 };

_Static_assert(1 + NITRO_CABUNDLE_MAX + 1 <= TSEC_CHAIN_MAX, "every chain of a document fits");

/* What the genuine chains are: the root, its zones and the instance all sign so. */
static const struct tsec_chain_rules rules = {
    .algs = UINT32_C(1) << TSEC_CERT_ECDSA_SHA384,
    .key_kinds = UINT32_C(1) << TSEC_PUBKEY_P384,
    .leaf_is_ca = false,
    .ca_needs_key_usage = true,
};

/* The certificates as they stand: root first, leaf last. */
struct ders {
    struct tsec_span items[TSEC_CHAIN_MAX];
    size_t len;
};

static void
chain_free(void *value)
{
    struct nitro_chain *chain = value;

    if (chain != NULL) {
        tsec_cert_free(chain->leaf);
        free(chain);
    }
}

tsec_rc
nitro_memo_new(struct tsec_memo **out, struct tsec_err *err)
{
    return tsec_memo_new(MEMO_MAX, chain_free, out, err);
}

void
nitro_chain_release(struct tsec_memo *memo, const struct nitro_chain *chain)
{
    if (chain == NULL) {
        return;
    }
    if (memo == NULL) {
        tsec_cert_free(chain->leaf);
        free((void *)(uintptr_t)chain);
        return;
    }
    tsec_memo_release(memo, chain);
}

/* ---- the root ---- */

static bool
find_beside(const struct nitro_input *in, struct tsec_buf *der)
{
    for (size_t i = 0; i < in->expect->collateral_len; i++) {
        if (nitro_root_find(in->expect->collateral[i], in->root, der)) {
            return true;
        }
    }
    return nitro_root_find(in->kept_root, in->root, der);
}

/* The root is what has the pinned digest, wherever it comes from; that a bundle begins with a
 * certificate makes it nothing. */
static tsec_rc
gather(const struct nitro_input *in, const struct nitro_doc *doc, struct tsec_buf *beside,
       struct ders *out, struct tsec_err *err)
{
    struct tsec_checks *checks = in->expect->checks;
    const struct nitro_text want = nitro_text_bytes(tsec_span(in->root, TSEC_SHA256_LEN));
    uint8_t first[TSEC_SHA256_LEN];
    size_t from = 0;

    out->len = 0;
    if (nitro_root_is(doc->cabundle[0], in->root)) {
        out->items[out->len++] = doc->cabundle[0];
        from = 1;
        tsec_check_ok(checks, "root", "cabundle begins with the pinned root, SHA-256 %s", want.s);
    } else if (find_beside(in, beside)) {
        out->items[out->len++] = tsec_buf_span(beside);
        tsec_check_ok(checks, "root", "the pinned root is in the collateral, SHA-256 %s", want.s);
    } else {
        tsec_sha256(doc->cabundle[0], first);
        return tsec_check_failed(checks, TSEC_REASON_CHAIN, "root", err,
                                 "expected AWS Nitro Enclaves Root-G1, SHA-256 %s; cabundle begins "
                                 "with SHA-256 %s",
                                 want.s, nitro_text_bytes(tsec_span(first, sizeof(first))).s);
    }
    for (size_t i = from; i < doc->cabundle_len; i++) {
        out->items[out->len++] = doc->cabundle[i];
    }
    out->items[out->len++] = doc->certificate;
    return TSEC_OK;
}

static void
digest(const struct ders *ders, uint8_t key[TSEC_MEMO_KEY_LEN])
{
    struct tsec_span parts[2 * TSEC_CHAIN_MAX];
    uint32_t lens[TSEC_CHAIN_MAX];

    for (size_t i = 0; i < ders->len; i++) {
        lens[i] = (uint32_t)ders->items[i].len; /* no byte may change sides between two of them */
        parts[2 * i] = tsec_span(&lens[i], sizeof(lens[i]));
        parts[2 * i + 1] = ders->items[i];
    }
    tsec_hash_parts(TSEC_SHA256, parts, 2 * ders->len, key);
}

/* ---- the links ---- */

static enum tsec_reason
reason_of(enum tsec_chain_fault fault)
{
    switch (fault) {
    case TSEC_CHAIN_ALG:
        return TSEC_REASON_ALGORITHM;
    case TSEC_CHAIN_SIGNATURE:
        return TSEC_REASON_SIGNATURE;
    case TSEC_CHAIN_EXPIRED:
        return TSEC_REASON_EXPIRED;
    case TSEC_CHAIN_NOT_YET_VALID:
        return TSEC_REASON_NOT_YET_VALID;
    case TSEC_CHAIN_OK:
    case TSEC_CHAIN_BROKEN:
        break;
    }
    return TSEC_REASON_CHAIN;
}

struct certs {
    struct tsec_cert *items[TSEC_CHAIN_MAX];
    size_t len;
};

static void
certs_done(struct certs *certs)
{
    for (size_t i = 0; i < certs->len; i++) {
        tsec_cert_free(certs->items[i]);
    }
}

static tsec_rc
parse_all(const struct ders *ders, struct certs *out, struct tsec_checks *checks,
          struct tsec_err *err)
{
    struct tsec_err why = { .code = 0 };

    for (size_t i = 0; i < ders->len; i++) {
        if (tsec_failed(tsec_cert_parse(ders->items[i], &out->items[i], &why))) {
            return tsec_check_failed(checks, TSEC_REASON_CHAIN, "chain", err,
                                     "certificate %zu of %zu cannot be read: %s", i + 1, ders->len,
                                     why.detail);
        }
        out->len++;
    }
    return TSEC_OK;
}

static tsec_rc
check_links(const struct nitro_input *in, const struct certs *certs,
            struct tsec_chain_result *result, struct tsec_err *err)
{
    const struct tsec_cert *chain[TSEC_CHAIN_MAX];
    struct tsec_err why = { .code = 0 };
    tsec_rc rc;

    for (size_t i = 0; i < certs->len; i++) {
        chain[i] = certs->items[i];
    }
    rc = tsec_chain_verify(chain, certs->len, &rules, in->now, result, &why);
    in->claims->not_before = result->not_before;
    in->claims->not_after = result->not_after;
    if (tsec_failed(rc)) {
        return tsec_check_failed(in->expect->checks, reason_of(result->fault), "chain", err,
                                 "certificate %zu of %zu: %s", result->at + 1, certs->len,
                                 why.detail);
    }
    return TSEC_OK;
}

static tsec_rc
build(const struct nitro_input *in, const struct ders *ders, struct nitro_chain **out,
      struct tsec_err *err)
{
    __attribute__((cleanup(certs_done))) struct certs certs = { .len = 0 };
    struct tsec_chain_result result = { .fault = TSEC_CHAIN_BROKEN };
    struct nitro_chain *chain;

    TSEC_TRY(parse_all(ders, &certs, in->expect->checks, err));
    TSEC_TRY(check_links(in, &certs, &result, err));
    chain = malloc(sizeof(*chain));
    if (chain == NULL) {
        return tsec_check_failed(in->expect->checks, TSEC_REASON_INTERNAL, "chain", err,
                                 "no memory");
    }
    chain->leaf = tsec_cert_hold(certs.items[certs.len - 1]);
    chain->len = certs.len;
    chain->not_before = result.not_before;
    chain->not_after = result.not_after;
    *out = chain;
    return TSEC_OK;
}

/* Held; NULL when it is not remembered, or does not hold at `now`: then checking all of it again
 * finds the certificate to blame. */
static const struct nitro_chain *
recall(const struct nitro_input *in, const uint8_t key[TSEC_MEMO_KEY_LEN])
{
    const struct nitro_chain *chain = tsec_memo_get(in->chains, key);

    if (chain != NULL && (in->now < chain->not_before || in->now > chain->not_after)) {
        tsec_memo_release(in->chains, chain);
        return NULL;
    }
    return chain;
}

static void
account(const struct nitro_input *in, const struct nitro_chain *chain)
{
    in->claims->not_before = chain->not_before;
    in->claims->not_after = chain->not_after;
    tsec_check_ok(in->expect->checks, "chain",
                  "%zu certificates, P-384 with SHA-384, down to %.64s; valid %s to %s", chain->len,
                  tsec_cert_subject_cn(chain->leaf), nitro_text_time(chain->not_before).s,
                  nitro_text_time(chain->not_after).s);
    tsec_check_ok(
        in->expect->checks, "revocation",
        "not checked: AWS has these chains verified without CRLs, and they are short-lived");
}

tsec_rc
nitro_chain_verify(const struct nitro_input *in, const struct nitro_doc *doc,
                   const struct nitro_chain **out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf beside = TSEC_BUF_INIT(TSEC_CERT_MAX);
    uint8_t key[TSEC_MEMO_KEY_LEN];
    struct nitro_chain *made = NULL;
    struct ders ders;

    TSEC_TRY(gather(in, doc, &beside, &ders, err));
    digest(&ders, key);
    *out = recall(in, key);
    if (*out == NULL) {
        TSEC_TRY(build(in, &ders, &made, err));
        *out = in->chains == NULL ? made : tsec_memo_put(in->chains, key, made);
    }
    account(in, *out);
    return TSEC_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "intel_doc.h"

#include <stdlib.h>

#include "appraisal/report.h"

#define SIGNER_CN "Intel SGX TCB Signing"

/* Documents come from peers as well: how many signatures that do not hold are looked at, and how
 * often the memo is asked. */
enum { FORGERIES_MAX = 32, LOOKS_MAX = 256, ROOT_AND_SIGNER = 2 };

struct search {
    const struct verifier_input *in;
    const struct pck_chain *chain;
    enum collateral_doc_kind kind;
    bool tdx;
    size_t forgeries;
    size_t looks;
    size_t fitting;
    bool signer_current; /* which signers are tried */
    const struct intel_doc *best;
};

/* ---- the fact ---- */

static void
doc_free(struct quote_fact *fact)
{
    struct intel_doc *doc = (struct intel_doc *)fact;

    tsec_cert_free(doc->signer);
    tcb_info_free(doc->tcb);
    qe_identity_free(doc->identity);
    free(doc);
}

static void
intel_doc_free(struct intel_doc *doc)
{
    if (doc != NULL) {
        doc_free(&doc->fact);
    }
}
TSEC_DEFINE_AUTO(struct intel_doc, intel_doc_free)

static struct tsec_memo *
memo_of(const struct verifier_input *in)
{
    return in->cache == NULL ? NULL : in->cache->quote;
}

void
intel_doc_release(const struct verifier_input *in, const struct intel_doc *doc)
{
    if (doc != NULL) {
        quote_memo_release(memo_of(in), &doc->fact);
    }
}

const char *
intel_doc_check(enum collateral_doc_kind kind)
{
    return kind == COLLATERAL_TCB_INFO ? "tcb-info" : "qe-identity";
}

/* ---- one document ---- */

static bool
is_signed_by(const struct collateral_doc *doc, struct tsec_span signature,
             const struct tsec_cert *signer)
{
    return tsec_cert_key(signer) != NULL
           && !tsec_failed(tsec_pubkey_verify(tsec_cert_key(signer), TSEC_SIG_ES256, doc->body,
                                              signature, NULL));
}

static tsec_rc
parse_body(const struct collateral_doc *doc, struct intel_doc *out, struct tsec_err *err)
{
    return doc->kind == COLLATERAL_TCB_INFO ? tcb_info_parse(doc->body, doc->tdx, &out->tcb, err)
                                            : qe_identity_parse(doc->body, &out->identity, err);
}

/* The signer under the root, remembered: both documents mostly have one. */
struct signer_fact {
    struct quote_fact fact;
    struct quote_window window;
};

static void
signer_free(struct quote_fact *fact)
{
    free(fact);
}

static void
remember_signer(const struct search *s, const uint8_t key[TSEC_MEMO_KEY_LEN],
                struct quote_window window)
{
    struct signer_fact *fact = memo_of(s->in) == NULL ? NULL : calloc(1, sizeof(*fact));

    if (fact != NULL) {
        fact->fact.free = signer_free;
        fact->window = window;
        quote_memo_release(memo_of(s->in), quote_memo_put(memo_of(s->in), key, &fact->fact));
    }
}

/* Valid at no time in particular: the window is the caller's business. */
static tsec_rc
check_signer(const struct search *s, const struct tsec_cert *signer, struct quote_window *window,
             struct tsec_err *err)
{
    const struct tsec_cert *const certs[ROOT_AND_SIGNER] = { s->chain->root, signer };
    const struct tsec_span parts[] = {
        tsec_span(tsec_cert_sha256(s->chain->root), TSEC_SHA256_LEN),
        tsec_span(tsec_cert_sha256(signer), TSEC_SHA256_LEN),
    };
    struct tsec_chain_result result;
    uint8_t key[TSEC_MEMO_KEY_LEN];
    const struct signer_fact *known;

    quote_memo_key("signer", parts, TSEC_ARRAY_LEN(parts), key);
    known = (const struct signer_fact *)quote_memo_get(memo_of(s->in), key);
    if (known != NULL) {
        *window = known->window;
        quote_memo_release(memo_of(s->in), &known->fact);
        return TSEC_OK;
    }
    if (tsec_failed(
            tsec_chain_verify(certs, ROOT_AND_SIGNER, &pck_chain_rules, s->in->now, &result, err))
        && result.fault != TSEC_CHAIN_EXPIRED && result.fault != TSEC_CHAIN_NOT_YET_VALID) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "its signer is not under the pinned root");
    }
    *window = (struct quote_window){ result.not_before, result.not_after };
    remember_signer(s, key, *window);
    return TSEC_OK;
}

static tsec_rc
check_afresh(const struct search *s, const struct collateral_doc *doc, struct tsec_span signature,
             const struct tsec_cert *signer, struct intel_doc **out, struct tsec_err *err)
{
    TSEC_AUTO(intel_doc_free) struct intel_doc *fresh = calloc(1, sizeof(*fresh));
    struct quote_window signer_window = quote_window_always();

    if (fresh == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "no memory for collateral");
    }
    fresh->fact.free = doc_free;
    TSEC_TRY(check_signer(s, signer, &signer_window, err));
    if (!is_signed_by(doc, signature, signer)) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "its signature does not hold");
    }
    TSEC_TRY(parse_body(doc, fresh, err));
    fresh->kind = doc->kind;
    fresh->evaluation = doc->evaluation;
    fresh->signer = tsec_cert_hold(signer);
    fresh->window = (struct quote_window){ doc->issued_at, doc->next_update };
    quote_window_narrow(&fresh->window, signer_window);
    *out = TSEC_TAKE(fresh);
    return TSEC_OK;
}

/* One way in which a document may be signed. */
struct way {
    const struct collateral_doc *doc;
    struct tsec_span signature;
    const struct tsec_cert *signer;
};

static void
way_key(const struct search *s, const struct way *way, uint8_t key[TSEC_MEMO_KEY_LEN])
{
    const struct tsec_span parts[] = {
        tsec_span(tsec_cert_sha256(s->chain->root), TSEC_SHA256_LEN),
        tsec_span(tsec_cert_sha256(way->signer), TSEC_SHA256_LEN),
        tsec_span(way->doc->sha256, TSEC_SHA256_LEN),
        way->signature,
    };

    quote_memo_key("document", parts, TSEC_ARRAY_LEN(parts), key);
}

static const struct intel_doc *
look_up(struct search *s, const struct way *way)
{
    uint8_t key[TSEC_MEMO_KEY_LEN];

    if (memo_of(s->in) == NULL || s->looks >= LOOKS_MAX) {
        return NULL;
    }
    s->looks++;
    way_key(s, way, key);
    return (const struct intel_doc *)quote_memo_get(memo_of(s->in), key);
}

static const struct intel_doc *
check(struct search *s, const struct way *way)
{
    uint8_t key[TSEC_MEMO_KEY_LEN];
    struct intel_doc *fresh = NULL;

    if (s->forgeries >= FORGERIES_MAX) {
        return NULL;
    }
    if (tsec_failed(check_afresh(s, way->doc, way->signature, way->signer, &fresh, NULL))) {
        s->forgeries++;
        return NULL;
    }
    way_key(s, way, key);
    return (const struct intel_doc *)quote_memo_put(memo_of(s->in), key, &fresh->fact);
}

/* ---- which signature and which signer ---- */

typedef const struct intel_doc *(*try_fn)(struct search *s, const struct way *way);

static bool
is_tried(const struct search *s, const struct tsec_cert *signer)
{
    const struct quote_window w = { tsec_cert_not_before(signer), tsec_cert_not_after(signer) };

    return strcmp(tsec_cert_subject_cn(signer), SIGNER_CN) == 0
           && quote_window_holds(w, s->in->now) == s->signer_current;
}

static const struct intel_doc *
try_signers(struct search *s, struct way way, try_fn try)
{
    const struct collateral *set = s->in->collateral;
    const struct intel_doc *found = NULL;

    for (size_t i = 0; i < collateral_certs(set) && found == NULL; i++) {
        way.signer = collateral_cert(set, i);
        if (is_tried(s, way.signer)) {
            found = try(s, &way);
        }
    }
    return found;
}

static const struct intel_doc *
try_signatures(struct search *s, const struct collateral_doc *doc, try_fn try)
{
    const struct collateral *set = s->in->collateral;
    const struct intel_doc *found = NULL;
    struct way way = { .doc = doc, .signature = doc->signature };

    if (doc->signature.len > 0) {
        return try_signers(s, way, try);
    }
    for (size_t i = 0; i < collateral_signatures(set) && found == NULL; i++) {
        way.signature = collateral_signature(set, i);
        found = try_signers(s, way, try);
    }
    return found;
}

/* ---- which document ---- */

static bool
fits(const struct search *s, const struct collateral_doc *doc)
{
    const struct pck_ext *ext = &s->chain->ext;

    if (doc->kind != s->kind || doc->tdx != s->tdx) {
        return false;
    }
    return doc->kind != COLLATERAL_TCB_INFO
           || (tsec_span_equal(tsec_span(doc->fmspc, sizeof(doc->fmspc)),
                               tsec_span(ext->fmspc, sizeof(ext->fmspc)))
               && tsec_span_equal(tsec_span(doc->pce_id, sizeof(doc->pce_id)),
                                  tsec_span(ext->pce_id, sizeof(ext->pce_id))));
}

static bool
is_better(const struct search *s, const struct intel_doc *doc)
{
    const int64_t now = s->in->now;

    if (s->best == NULL) {
        return true;
    }
    if (quote_window_holds(doc->window, now) != quote_window_holds(s->best->window, now)) {
        return quote_window_holds(doc->window, now);
    }
    if (doc->evaluation != s->best->evaluation) {
        return doc->evaluation > s->best->evaluation;
    }
    return doc->window.not_after > s->best->window.not_after;
}

/* Certificates are renewed and the signer keeps its key: those that are current go first, so that
 * one that has expired is asked only when no other will do. */
static const struct intel_doc *
find_way(struct search *s, const struct collateral_doc *doc)
{
    const struct intel_doc *found = NULL;

    for (int pass = 0; pass < 2 && found == NULL; pass++) {
        s->signer_current = pass == 0;
        found = try_signatures(s, doc, look_up);
        /* the ways that do not lead anywhere are not remembered: they are tried last */
        if (found == NULL) {
            found = try_signatures(s, doc, check);
        }
    }
    return found;
}

static void
consider(struct search *s, const struct collateral_doc *doc)
{
    const struct intel_doc *found = find_way(s, doc);

    if (found != NULL && is_better(s, found)) {
        intel_doc_release(s->in, s->best);
        s->best = found;
    } else {
        intel_doc_release(s->in, found);
    }
}

/* First those that are current by their own dates, and the others only when none of these is
 * genuine: then they tell the reason. */
static void
look_through(struct search *s, bool current)
{
    for (size_t i = 0; i < collateral_docs(s->in->collateral); i++) {
        const struct collateral_doc *doc = collateral_doc(s->in->collateral, i);
        const struct quote_window w = { doc->issued_at, doc->next_update };

        if (fits(s, doc) && quote_window_holds(w, s->in->now) == current) {
            s->fitting++;
            consider(s, doc);
        }
    }
}

static bool
has_signer(const struct search *s)
{
    for (size_t i = 0; i < collateral_certs(s->in->collateral); i++) {
        if (strcmp(tsec_cert_subject_cn(collateral_cert(s->in->collateral, i)), SIGNER_CN) == 0) {
            return true;
        }
    }
    return false;
}

static tsec_rc
none_genuine(const struct search *s, struct tsec_err *err)
{
    const char *what = "not signed by the \"" SIGNER_CN "\" certificate that came with it";

    if (!has_signer(s)) {
        what = "its issuer chain is missing: the certificate \"" SIGNER_CN "\"";
    } else if (s->forgeries == 0) {
        what = "its signature is missing";
    }
    return tsec_check_failed(s->in->expect->checks, TSEC_REASON_COLLATERAL,
                             intel_doc_check(s->kind), err, "%s", what);
}

static tsec_rc
settle(struct search *s, struct tsec_err *err)
{
    if (s->fitting == 0) {
        return TSEC_OK;
    }
    if (s->best == NULL) {
        return none_genuine(s, err);
    }
    return quote_window_check(s->in, s->best->window, intel_doc_check(s->kind),
                              s->kind == COLLATERAL_TCB_INFO ? "TCB info" : "QE identity", err);
}

tsec_rc
intel_doc_find(const struct verifier_input *in, const struct pck_chain *chain,
               enum collateral_doc_kind kind, bool tdx, const struct intel_doc **out,
               struct tsec_err *err)
{
    struct search s = { .in = in, .chain = chain, .kind = kind, .tdx = tdx };
    tsec_rc rc;

    look_through(&s, true);
    if (s.best == NULL) {
        look_through(&s, false);
    }
    rc = settle(&s, err);
    if (tsec_failed(rc)) {
        intel_doc_release(in, s.best);
        s.best = NULL;
    }
    *out = s.best;
    return rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "revocation.h"

#include <stdlib.h>

#include "appraisal/report.h"
#include "quote_memo.h"

/* How many signatures that do not hold are looked at: CRLs come from peers as well. */
enum { FORGERIES_MAX = 8 };

static void
signed_free(struct quote_fact *fact)
{
    free(fact);
}

/* Whether the issuer signed it; remembered by what both are. */
static bool
is_signed(const struct verifier_input *in, size_t i, const struct tsec_cert *issuer)
{
    struct tsec_memo *memo = in->cache == NULL ? NULL : in->cache->quote;
    const struct tsec_span parts[] = {
        tsec_span(collateral_crl_sha256(in->collateral, i), TSEC_SHA256_LEN),
        tsec_span(tsec_cert_sha256(issuer), TSEC_SHA256_LEN),
    };
    uint8_t key[TSEC_MEMO_KEY_LEN];
    const struct quote_fact *known;
    struct quote_fact *fact;

    quote_memo_key("crl", parts, TSEC_ARRAY_LEN(parts), key);
    known = quote_memo_get(memo, key);
    if (known == NULL) {
        if (tsec_failed(tsec_crl_signed_by(collateral_crl(in->collateral, i), issuer, NULL))) {
            return false;
        }
        fact = calloc(1, sizeof(*fact));
        if (fact != NULL) {
            fact->free = signed_free;
            known = quote_memo_put(memo, key, fact);
        }
    }
    quote_memo_release(memo, known);
    return true;
}

/* Of two findings that are neither good nor revoked, the one that says more. */
static enum revocation
worse_than_none(enum revocation found, int64_t now, struct quote_window w)
{
    if (now > w.not_after) {
        return REVOCATION_EXPIRED;
    }
    return found == REVOCATION_EXPIRED ? found : REVOCATION_NOT_YET_VALID;
}

enum revocation
revocation_of(const struct verifier_input *in, const struct tsec_cert *issuer,
              const struct tsec_cert *cert, struct quote_window *window)
{
    enum revocation found = REVOCATION_UNKNOWN;
    size_t forged = 0;

    for (size_t i = 0; i < collateral_crls(in->collateral) && forged < FORGERIES_MAX; i++) {
        const struct tsec_crl *crl = collateral_crl(in->collateral, i);
        const struct quote_window w = { tsec_crl_this_update(crl), tsec_crl_next_update(crl) };

        if (!tsec_span_equal(tsec_crl_issuer(crl), tsec_cert_subject(issuer))) {
            continue;
        }
        if (!is_signed(in, i, issuer)) {
            found = found == REVOCATION_UNKNOWN ? REVOCATION_FORGED : found;
            forged++;
        } else if (tsec_crl_has(crl, cert)) {
            *window = w;
            return REVOCATION_REVOKED;
        } else if (quote_window_holds(w, in->now)) {
            /* of several, the one that is good for longest */
            *window = found == REVOCATION_GOOD && window->not_after > w.not_after ? *window : w;
            found = REVOCATION_GOOD;
        } else if (found != REVOCATION_GOOD) {
            *window = w;
            found = worse_than_none(found, in->now, w);
        }
    }
    return found;
}

static tsec_rc
refuse(const struct verifier_input *in, enum tsec_reason reason, const struct tsec_cert *issuer,
       const struct tsec_cert *cert, const char *what, struct tsec_err *err)
{
    return tsec_check_failed(in->expect->checks, reason, "revocation", err, "%s: %s (CRL of %s)",
                             tsec_cert_subject_cn(cert), what, tsec_cert_subject_cn(issuer));
}

static tsec_rc
not_known(const struct verifier_input *in, const struct tsec_cert *issuer,
          const struct tsec_cert *cert, bool *checked, struct tsec_err *err)
{
    if (in->expect->require_revocation) {
        return refuse(in, TSEC_REASON_COLLATERAL, issuer, cert,
                      "whether it is revoked must be known, and no such CRL is in the collateral",
                      err);
    }
    *checked = false;
    tsec_check_ok(in->expect->checks, "revocation", "%s: not checked, there is no CRL of %s",
                  tsec_cert_subject_cn(cert), tsec_cert_subject_cn(issuer));
    return TSEC_OK;
}

tsec_rc
revocation_check(const struct verifier_input *in, const struct tsec_cert *issuer,
                 const struct tsec_cert *cert, bool *checked, struct quote_window *window,
                 struct tsec_err *err)
{
    struct quote_window w = quote_window_always();
    char text[TSEC_RFC3339_LEN];

    switch (revocation_of(in, issuer, cert, &w)) {
    case REVOCATION_GOOD:
        quote_window_narrow(window, w);
        tsec_check_ok(in->expect->checks, "revocation", "%s: not revoked, by a CRL good to %s",
                      tsec_cert_subject_cn(cert), quote_time_text(w.not_after, text));
        return TSEC_OK;
    case REVOCATION_REVOKED:
        return refuse(in, TSEC_REASON_REVOKED, issuer, cert, "revoked", err);
    case REVOCATION_FORGED:
        return refuse(in, TSEC_REASON_COLLATERAL, issuer, cert,
                      "the CRL is not signed by its issuer", err);
    case REVOCATION_EXPIRED:
    case REVOCATION_NOT_YET_VALID:
        return quote_window_check(in, w, "revocation", "CRL", err);
    case REVOCATION_UNKNOWN:
    default:
        return not_known(in, issuer, cert, checked, err);
    }
}

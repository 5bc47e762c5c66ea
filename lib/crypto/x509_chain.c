/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/x509_internal.h"

struct walk {
    const struct tsec_cert *const *chain;
    size_t len;
    const struct tsec_chain_rules *rules;
    struct tsec_chain_result *out;
};

static tsec_rc
broken(const struct walk *w, size_t at, struct tsec_err *err, const char *what)
{
    w->out->fault = TSEC_CHAIN_BROKEN;
    w->out->at = at;
    return TSEC_FAIL(err, TSEC_E_DENIED, "certificate %zu of %zu (%s) %s", at, w->len,
                     w->chain[at]->subject_cn, what);
}

static bool
is_self_issued(const struct tsec_cert *cert)
{
    return tsec_span_equal(cert->subject, cert->issuer);
}

/* RFC 5280 section 4.2.1.9: the intermediate certificates below, the self-issued ones and the last
 * one not counted. */
static bool
path_len_holds(const struct walk *w, size_t at)
{
    int below = 0;

    for (size_t i = at + 1; i + 1 < w->len; i++) {
        below += is_self_issued(w->chain[i]) ? 0 : 1;
    }
    return w->chain[at]->path_len < 0 || below <= w->chain[at]->path_len;
}

static tsec_rc
check_issuer(const struct walk *w, size_t at, struct tsec_err *err)
{
    const struct tsec_cert *cert = w->chain[at];

    if (!cert->ca) {
        return broken(w, at, err, "issues and is no CA");
    }
    if (!tsec_cert_may_sign_certs(cert)) {
        return broken(w, at, err, "issues and its key usage does not allow it");
    }
    if (w->rules->ca_needs_key_usage && !cert->has_key_usage) {
        return broken(w, at, err, "issues and has no key usage");
    }
    if (!path_len_holds(w, at)) {
        return broken(w, at, err, "has more CAs below it than its path length allows");
    }
    return TSEC_OK;
}

static tsec_rc
check_algorithms(const struct walk *w, size_t at, struct tsec_err *err)
{
    const struct tsec_cert *cert = w->chain[at];
    const uint32_t kinds = w->rules->key_kinds;
    const uint32_t kind = cert->key == NULL ? 0 : UINT32_C(1) << tsec_pubkey_kind_of(cert->key);

    w->out->at = at;
    w->out->fault = TSEC_CHAIN_ALG;
    if (cert->key == NULL || (kinds != 0 && (kinds & kind) == 0)) {
        return TSEC_FAIL(err, TSEC_E_DENIED,
                         "certificate %zu of %zu (%s): a key of its kind is "
                         "not taken",
                         at, w->len, cert->subject_cn);
    }
    /* What stands on top is trusted by its digest, not by its signature. */
    if (at > 0 && (w->rules->algs & UINT32_C(1) << cert->outer.alg) == 0) {
        return TSEC_FAIL(err, TSEC_E_DENIED,
                         "certificate %zu of %zu (%s) is signed with an "
                         "algorithm that is not taken",
                         at, w->len, cert->subject_cn);
    }
    w->out->fault = TSEC_CHAIN_OK;
    return TSEC_OK;
}

static tsec_rc
check_link(const struct walk *w, size_t at, struct tsec_err *err)
{
    const struct tsec_cert *cert = w->chain[at];
    const bool last = at + 1 == w->len;

    if (at > 0 && !tsec_span_equal(cert->issuer, w->chain[at - 1]->subject)) {
        return broken(w, at, err, "names another issuer than the certificate above it");
    }
    if (tsec_cert_has_unknown_critical(cert)) {
        return broken(w, at, err, "has a critical extension that is not known");
    }
    if (last && cert->ca && !w->rules->leaf_is_ca) {
        return broken(w, at, err, "is a CA where none may be");
    }
    if (!last) {
        TSEC_TRY(check_issuer(w, at, err));
    }
    return check_algorithms(w, at, err);
}

static tsec_rc
check_signatures(const struct walk *w, struct tsec_err *err)
{
    for (size_t i = 1; i < w->len; i++) {
        if (tsec_failed(tsec_cert_signed_by(w->chain[i], w->chain[i - 1], NULL))) {
            w->out->fault = TSEC_CHAIN_SIGNATURE;
            w->out->at = i;
            return TSEC_FAIL(err, TSEC_E_DENIED, "certificate %zu of %zu (%s) is not signed by %s",
                             i, w->len, w->chain[i]->subject_cn, w->chain[i - 1]->subject_cn);
        }
    }
    return TSEC_OK;
}

static tsec_rc
check_time(const struct walk *w, int64_t now, struct tsec_err *err)
{
    for (size_t i = 0; i < w->len; i++) {
        const struct tsec_cert *cert = w->chain[i];
        const bool early = now < cert->not_before;

        if (early || now > cert->not_after) {
            w->out->fault = early ? TSEC_CHAIN_NOT_YET_VALID : TSEC_CHAIN_EXPIRED;
            w->out->at = i;
            return TSEC_FAIL(err, TSEC_E_DENIED, "certificate %zu of %zu (%s) %s", i, w->len,
                             cert->subject_cn, early ? "is not valid yet" : "has expired");
        }
    }
    return TSEC_OK;
}

static void
find_window(const struct walk *w)
{
    w->out->not_before = INT64_MIN;
    w->out->not_after = INT64_MAX;
    for (size_t i = 0; i < w->len; i++) {
        const struct tsec_cert *cert = w->chain[i];

        if (cert->not_before > w->out->not_before) {
            w->out->not_before = cert->not_before;
        }
        if (cert->not_after < w->out->not_after) {
            w->out->not_after = cert->not_after;
        }
    }
}

tsec_rc
tsec_chain_verify(const struct tsec_cert *const *chain, size_t len,
                  const struct tsec_chain_rules *rules, int64_t now, struct tsec_chain_result *out,
                  struct tsec_err *err)
{
    const struct walk w = { chain, len, rules, out };

    *out = (struct tsec_chain_result){ .fault = TSEC_CHAIN_BROKEN };
    if (len == 0 || len > TSEC_CHAIN_MAX) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "a chain of %zu certificates is not taken", len);
    }
    out->fault = TSEC_CHAIN_OK;
    find_window(&w);
    for (size_t i = 0; i < len; i++) {
        TSEC_TRY(check_link(&w, i, err));
    }
    TSEC_TRY(check_signatures(&w, err));
    return check_time(&w, now, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "client/evidence_judge.h"

#include <stdlib.h>

enum { WHY_MAX = 1024, DIFFERENCES_MAX = 256 * 1024 };

/** What the verifier says, and what holds whichever verifier it was. */
static tsec_rc
verify(const struct evidence_verifier *verifier, const struct evidence_ask *ask,
       struct evidence_verdict *verdict, struct tsec_err *err)
{
    struct tsec_expectation expect = ask->expect;
    struct tsec_checks *checks = &verdict->checks;

    expect.struct_size = (uint32_t)sizeof(expect);
    expect.checks = checks;
    TSEC_TRY(verifier->ops->verify(verifier->attest, ask->format, ask->evidence, &expect, ask->at,
                                   &verdict->claims, err));
    if (checks->reason != TSEC_REASON_NONE) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "the verifier failed a check and passed the whole");
    }
    if (verdict->claims.debug && !expect.allow_debug) {
        return tsec_check_failed(checks, TSEC_REASON_DEBUG, "debug", err,
                                 "the TEE is in debug mode");
    }
    if (verdict->claims.simulated && !ask->allow_simulated) {
        return tsec_check_failed(checks, TSEC_REASON_SIMULATED, "simulated", err,
                                 "no hardware stands behind this evidence");
    }
    return TSEC_OK;
}

static tsec_rc
check_collateral(const struct evidence_ask *ask, struct tsec_checks *checks, struct tsec_err *err)
{
    if (ask->collateral_unknown != NULL) {
        return tsec_check_failed(checks, TSEC_REASON_COLLATERAL, "collateral", err,
                                 "no collateral: %s", ask->collateral_unknown);
    }
    return TSEC_OK;
}

/** What differs from an expression goes on record, for all of them. */
static void
put_difference(struct evidence_verdict *verdict, const char *text, struct tsec_span why)
{
    tsec_buf_printf(&verdict->differences, "  %s\n      ", text);
    for (size_t i = 0; i < why.len; i++) {
        /* A claim's own newline must not begin a line of ours. */
        tsec_buf_put_byte(&verdict->differences, why.ptr[i] < ' ' ? ' ' : why.ptr[i]);
    }
    tsec_buf_put_byte(&verdict->differences, '\n');
}

/** The detail is what differs from the expression that comes nearest. */
static tsec_rc
none_allowed(const struct evidence_ask *ask, size_t nearest, struct evidence_verdict *verdict,
             struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf why = TSEC_BUF_INIT(WHY_MAX);

    (void)tsec_expr_match(&ask->allowed[nearest], &verdict->claims, &why);
    if (ask->allowed_len > 1) {
        tsec_buf_printf(&why, " (the nearest of %zu)", ask->allowed_len);
    }
    tsec_buf_put_byte(&why, '\0');
    return tsec_check_failed(&verdict->checks, TSEC_REASON_MEASUREMENT, "allowed", err, "%s",
                             why.failed ? "nothing that is allowed" : (const char *)why.ptr);
}

static tsec_rc
check_allowed(const struct evidence_ask *ask, struct evidence_verdict *verdict,
              struct tsec_err *err)
{
    size_t nearest = 0;
    size_t best = 0;

    for (size_t i = 0; i < ask->allowed_len; i++) {
        TSEC_AUTO_BUF struct tsec_buf why = TSEC_BUF_INIT(WHY_MAX);
        const size_t near = tsec_expr_nearness(&ask->allowed[i], &verdict->claims);

        if (tsec_expr_match(&ask->allowed[i], &verdict->claims, &why)) {
            verdict->allowed_by = i;
            tsec_check_ok(&verdict->checks, "allowed", "%.200s", ask->allowed_text[i]);
            return TSEC_OK;
        }
        put_difference(verdict, ask->allowed_text[i], tsec_buf_span(&why));
        nearest = near > best ? i : nearest;
        best = near > best ? near : best;
    }
    return ask->allowed_len == 0 ? TSEC_OK : none_allowed(ask, nearest, verdict, err);
}

static tsec_rc
judge(const struct evidence_verifier *verifier, const struct evidence_ask *ask,
      struct evidence_verdict *verdict, struct tsec_err *err)
{
    if (ask->undecodable != NULL) {
        return tsec_check_failed(&verdict->checks, TSEC_REASON_MALFORMED, "encoding", err, "%s",
                                 ask->undecodable);
    }
    TSEC_TRY(verify(verifier, ask, verdict, err));
    TSEC_TRY(check_collateral(ask, &verdict->checks, err));
    TSEC_TRY(check_allowed(ask, verdict, err));
    return ask->statement == NULL ? TSEC_OK
                                  : evidence_statement_check(ask->statement, &verdict->checks, err);
}

/** Every refusal has a reason and a check that failed, whatever a plugin left out. */
static void
account_for(struct tsec_checks *checks, struct tsec_err *err)
{
    const enum tsec_reason reason =
        err->code == TSEC_E_INVALID ? TSEC_REASON_MALFORMED : TSEC_REASON_INTERNAL;
    tsec_rc rc;

    if (checks->reason == TSEC_REASON_NONE) {
        rc = tsec_check_passed_on(checks, reason, "verifier", err);
        (void)rc;
    }
}

/** A verifier that stopped before the claims left the reader without; decoding proves nothing, and
 * a refusal says so. */
static void
read_claims(const struct evidence_verifier *verifier, const struct evidence_ask *ask,
            struct tsec_claims *claims)
{
    struct tsec_err err = { 0 };

    if (claims->tee[0] == '\0' && ask->undecodable == NULL && TSEC_HAS(verifier->ops, decode)
        && tsec_failed(
            verifier->ops->decode(verifier->attest, ask->format, ask->evidence, claims, &err))) {
        *claims = (struct tsec_claims){ .struct_size = (uint32_t)sizeof(*claims) };
    }
}

struct evidence_verdict *
evidence_judge(const struct evidence_verifier *verifier, const struct evidence_ask *ask)
{
    struct evidence_verdict *verdict = calloc(1, sizeof(*verdict));
    struct tsec_err err = { 0 };

    if (verdict == NULL) {
        return NULL;
    }
    verdict->claims.struct_size = (uint32_t)sizeof(verdict->claims);
    verdict->checks.struct_size = (uint32_t)sizeof(verdict->checks);
    tsec_buf_init(&verdict->differences, DIFFERENCES_MAX);
    if (tsec_failed(judge(verifier, ask, verdict, &err))) {
        account_for(&verdict->checks, &err);
        read_claims(verifier, ask, &verdict->claims);
    } else {
        verdict->genuine = true;
    }
    verdict->reason = tsec_reason_info(verdict->checks.reason);
    return verdict;
}

void
evidence_verdict_free(struct evidence_verdict *verdict)
{
    if (verdict != NULL) {
        tsec_buf_done(&verdict->differences);
        free(verdict);
    }
}

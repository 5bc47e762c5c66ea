/* SPDX-License-Identifier: Apache-2.0 */
#include "api/tee_channel_proof.h"

#include <stdio.h>

#include "amc/schedule.h"
#include "api/ahead.h"
#include "api/api.h"
#include "api/envelope.h"
#include "audit/entry.h"

enum { IDENTITY_AGE_S = 300 };

void
channel_proof_init(struct channel_proof *proof)
{
    tsec_buf_init(&proof->bytes, AMC_EVIDENCE_MAX);
    proof->refused = NULL;
    proof->detail[0] = '\0';
    proof->appraised = false;
}

void
channel_proof_done(struct channel_proof *proof)
{
    tsec_buf_done(&proof->bytes);
}

static void
refuse(struct channel_proof *proof, const char *reason, const char *detail)
{
    proof->refused = reason;
    (void)snprintf(proof->detail, sizeof(proof->detail), "%.127s", detail);
}

void
channel_proof_read(struct channel_proof *proof, struct tsec_span text)
{
    struct tsec_err err = { 0 };

    if (tsec_failed(amc_evidence_parse(text, &proof->bytes, &proof->evidence, &err))) {
        refuse(proof, "channel-evidence", err.detail);
    }
}

/* ---- appraised ---- */

/* An identity key that was attested a while ago, and has signed this transcript. */
static bool
identity_binding(struct channel_proof *proof, const struct channel_bound *bound, int64_t now_s,
                 uint8_t out[AMC_HASH_LEN])
{
    const int64_t made = proof->evidence.made_at_s;

    if (bound->id.len == 0) {
        refuse(proof, "channel-identity", "no identity key signed");
        return false;
    }
    if (made > now_s + IDENTITY_AGE_S || made < now_s - IDENTITY_AGE_S) {
        refuse(proof, "channel-identity", "the identity was attested too long ago");
        return false;
    }
    amc_identity_binding(AMC_INITIATOR, bound->id, made, out);
    return true;
}

static void
appraise(struct channel_proof *proof, struct appraiser *appraiser, const struct amc_expect *expect,
         int64_t now_s)
{
    struct appraisal *a = &proof->appraisal;
    const struct appraiser_request request = {
        .format = proof->evidence.format,
        .evidence = proof->evidence.evidence,
        .nonce = expect->nonce,
        .binding = expect->binding,
        .public_key = expect->public_key,
        .collateral = proof->evidence.collateral,
        .collateral_len = proof->evidence.collateral_len,
    };

    appraiser_appraise(appraiser, &request, now_s, a);
    proof->appraised = true;
    if (a->genuine && !a->claims.has_issued_at) { /* bound to what was made just now */
        a->claims.has_issued_at = true;
        a->claims.issued_at =
            proof->evidence.mode == AMC_IDENTITY ? proof->evidence.made_at_s : now_s;
    }
}

void
channel_proof_appraise(struct channel_proof *proof, struct appraiser *appraiser,
                       const struct channel_bound *bound, int64_t now_s)
{
    const struct amc_evidence *e = &proof->evidence;
    uint8_t binding[AMC_HASH_LEN];
    struct amc_expect expect;

    if (appraiser == NULL) {
        refuse(proof, "channel-evidence", "no verifier is loaded");
        return;
    }
    if (e->mode == AMC_IDENTITY) {
        if (!identity_binding(proof, bound, now_s, binding)) {
            return;
        }
        amc_expect(e->format, e->layout, binding, tsec_span(NULL, 0), tsec_span(NULL, 0), &expect);
    } else {
        amc_expect(e->format, e->layout, bound->binding, bound->nonce, bound->spki, &expect);
    }
    appraise(proof, appraiser, &expect, now_s);
}

/* ---- decided ---- */

tsec_rc
api_channel_unproven(struct api_call *call, const char *reason, const char *detail)
{
    return api_refuse_evidence(call, reason,
                               tsec_arena_dup(api_arena(call), tsec_span_str(detail)));
}

tsec_rc
api_channel_admit(struct api_call *call, const struct appraisal *appraisal, const char *mode,
                  const char *role, struct api_admitted *out, struct tsec_err *err)
{
    struct api_admit_ask ask = {
        .evidence = { .format = appraisal->claims.format },
        .mode = mode,
        .role = role,
    };

    TSEC_TRY(api_admit_mount(call, NULL, &ask.mount, err));
    return api_admit_claims(call, appraisal, &ask, out, err);
}

tsec_rc
api_channel_gone(struct api_call *call)
{
    struct audit_evidence *note = tsec_arena_alloc(api_arena(call), sizeof(*note));

    if (note == NULL) {
        return tsec_rc_of(TSEC_E_NO_MEMORY);
    }
    note->reason = "channel-unknown";
    call->evidence = note;
    return api_refuse(call, TSEC_E_CHANNEL_UNKNOWN, NULL);
}

void
api_channel_count_refusal(struct api_call *call)
{
    const char *reason = call->evidence == NULL ? NULL : call->evidence->reason;

    if (call->reply->status >= 400 && api_first_time(call)) {
        channels_refused(call->api->options.channels);
        grants_refuse(&call->api->grants, GRANT_CHANNEL, reason == NULL ? "malformed" : reason);
    }
}

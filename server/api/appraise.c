/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence appraised, for whatever purpose: by a worker, once in the life of a request, and told to
 * operators. */
#include <stdio.h>

#include "api/admit.h"
#include "api/ahead.h"
#include "api/api.h"
#include "api/envelope.h"
#include "appraisal/report.h"
#include "audit/entry.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/log.h"

enum {
    FORMATS_TEXT_MAX = 400,
    APPRAISAL_US = 2000, /* a chain and a few signatures; never done where a lock is held */
};

tsec_rc
api_known_format(struct api_call *call, const char *format)
{
    TSEC_AUTO_BUF struct tsec_buf known = TSEC_BUF_INIT(FORMATS_TEXT_MAX);
    const struct verifiers *set;

    if (call->api->options.appraiser == NULL) {
        return api_refuse(call, TSEC_E_UNAVAILABLE, "no verifier is loaded");
    }
    set = appraiser_verifiers(call->api->options.appraiser);
    if (verifiers_find(set, format, NULL, NULL)) {
        return TSEC_OK;
    }
    for (size_t i = 0; i < verifiers_formats_len(set); i++) {
        tsec_buf_printf(&known, "%s%s", i == 0 ? "" : ", ", verifiers_formats(set)[i]);
    }
    return api_refusef(call, TSEC_E_INVALID, "no verifier here knows this format; known are: %.*s",
                       (int)known.len, known.len == 0 ? "" : (const char *)known.ptr);
}

tsec_rc
api_base64(struct api_call *call, const char *name, const char *text, size_t max,
           enum api_base64 kind, struct tsec_span *out)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(TSEC_BASE64_LEN(max));
    const struct tsec_span digits = tsec_span_str(text);
    const char *copy;

    *out = tsec_span(NULL, 0);
    if (text == NULL) {
        return TSEC_OK;
    }
    if ((tsec_failed(tsec_base64_decode(&bytes, TSEC_BASE64_STD, digits, NULL))
         && (kind == API_BASE64_STD
             || tsec_failed(tsec_base64_decode(&bytes, TSEC_BASE64_URL, digits, NULL))))
        || bytes.len > max) {
        return api_refusef(call, TSEC_E_INVALID, "%s must be base64 of at most %zu bytes", name,
                           max);
    }
    copy = tsec_arena_dup(api_arena(call), tsec_buf_span(&bytes));
    *out = tsec_span(copy, bytes.len);
    return copy == NULL ? tsec_rc_of(TSEC_E_NO_MEMORY) : TSEC_OK;
}

struct appraising {
    struct api_work work; /* first */
    struct appraiser *appraiser;
    struct appraiser_request request;
    int64_t now;
    bool fresh;
    struct appraisal appraisal;
};

static void
run_appraisal(struct api_work *work)
{
    struct appraising *a = (struct appraising *)(void *)work;
    struct tsec_claims *claims = &a->appraisal.claims;

    appraiser_appraise(a->appraiser, &a->request, a->now, &a->appraisal);
    if (a->fresh && a->appraisal.genuine && !claims->has_issued_at) {
        claims->has_issued_at = true;
        claims->issued_at = a->now;
    }
}

tsec_rc
api_appraise(struct api_call *call, const struct appraiser_request *request, bool fresh,
             const struct appraisal **out, struct tsec_err *err)
{
    struct appraising *a;
    struct api_work *work;

    *out = *call->appraised;
    if (*out != NULL) {
        return TSEC_OK;
    }
    if (call->api->options.appraiser == NULL) {
        return api_refuse(call, TSEC_E_UNAVAILABLE, "no verifier is loaded");
    }
    a = tsec_arena_alloc(api_arena(call), sizeof(*a));
    if (a == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "an appraisal");
    }
    a->work.identity = tsec_span_str("appraisal"); /* the evidence of a request does not change */
    a->work.cost_us = APPRAISAL_US;
    a->work.run = run_appraisal;
    a->appraiser = call->api->options.appraiser;
    a->request = *request;
    a->now = call->req->received_ns / TSEC_NS_PER_S;
    a->fresh = fresh && (request->nonce.ptr != NULL || request->binding.ptr != NULL);
    work = &a->work;
    TSEC_TRY(api_work(call, &work, err));
    *call->appraised = &((struct appraising *)(void *)work)->appraisal;
    *out = *call->appraised;
    return TSEC_OK;
}

/* ---- what operators hear ---- */

/* "pcr1: allowed ab12…, evidence has cd34…"; in the arena. */
static const char *
failure_of(struct api_call *call, const struct appraisal *a)
{
    const struct tsec_check *last = a->checks.len == 0 ? NULL : &a->checks.items[a->checks.len - 1];
    char text[sizeof(last->name) + sizeof(last->detail) + 4];

    if (last == NULL || last->ok) {
        return "";
    }
    (void)snprintf(text, sizeof(text), "%s: %s", last->name, last->detail);
    return tsec_arena_dup(api_arena(call), tsec_span_str(text));
}

static void
log_once(struct api_call *call, const struct audit_evidence *note)
{
    if (call->ahead->told) {
        return;
    }
    call->ahead->told = true;
    tsec_log(TSEC_LOG_INFO, "evidence refused", TSEC_F_STR("request_id", call->req->id),
             TSEC_F_STR("format", note->format == NULL ? "" : note->format),
             TSEC_F_STR("reason", note->reason),
             TSEC_F_STR("detail", note->detail == NULL ? "" : note->detail));
}

tsec_rc
api_tell_verdict(struct api_call *call, const struct appraisal *a, const char *format,
                 struct tsec_err *err)
{
    struct audit_evidence *note = tsec_arena_alloc(api_arena(call), sizeof(*note));
    const char *detail = a->genuine ? NULL : failure_of(call, a);

    if (note == NULL || (!a->genuine && detail == NULL)) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "the account of a verdict");
    }
    *note =
        (struct audit_evidence){ .format = format,
                                 .tee = a->genuine ? a->claims.tee : NULL,
                                 .verdict = a->genuine ? "genuine" : "refused",
                                 .reason = a->genuine ? NULL : tsec_reason_info(a->reason)->slug,
                                 .detail = detail };
    call->evidence = note;
    if (!a->genuine) {
        log_once(call, note);
    }
    return TSEC_OK;
}

static const char REFUSED[] = "the evidence was not accepted";

tsec_rc
api_refuse_evidence(struct api_call *call, const char *reason, const char *detail)
{
    struct audit_evidence *note = tsec_arena_alloc(api_arena(call), sizeof(*note));

    if (note == NULL) {
        return tsec_rc_of(TSEC_E_NO_MEMORY);
    }
    *note =
        (struct audit_evidence){ .format = call->evidence == NULL ? NULL : call->evidence->format,
                                 .verdict = "refused",
                                 .reason = reason,
                                 .detail = detail };
    call->evidence = note;
    log_once(call, note);
    return api_refuse(call, TSEC_E_DENIED, REFUSED);
}

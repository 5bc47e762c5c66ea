/* SPDX-License-Identifier: Apache-2.0 */
#include "api/transit_gate.h"

#include "api/api.h"
#include "base/clock.h"
#include "core/mount.h"
#include "core/token.h"

static tsec_rc
refuse_rate(struct api_call *call)
{
    const char *path =
        tsec_arena_printf(call->req->arena, "request path \"%s\": rate limit quota exceeded",
                          call->req->path + strlen("/v1/"));

    api_reply_reset(call->reply);
    call->reply->retry_after_s = call->ahead->retry_after_s;
    api_problem(call->reply, call->req->id, TSEC_E_RATE_LIMITED, path);
    return tsec_rc_of(TSEC_E_RATE_LIMITED);
}

/* A request is charged once, and what was said then is said again when it runs again. */
static tsec_rc
check_rate(struct api_call *call, const struct transit_key *key, int64_t n)
{
    struct api *api = call->api;
    int64_t wait_ns = 0;

    if (key->rate > 0 && api_first_time(call)
        && !transit_meter_take(&api->meter, key->id, key->rate, n,
                               tsec_clock_mono_ns(api->options.clock), &wait_ns)) {
        call->ahead->retry_after_s = (unsigned)((wait_ns + TSEC_NS_PER_S - 1) / TSEC_NS_PER_S);
    }
    return call->ahead->retry_after_s > 0 ? refuse_rate(call) : TSEC_OK;
}

tsec_rc
transit_gate(struct api_call *call, const struct transit_key *key, int64_t n, bool uses,
             struct tsec_err *err)
{
    tsec_rc rc;

    if (key->attested_only && (call->token == NULL || call->token->attest.len == 0)) {
        return api_refuse(call, TSEC_E_DENIED,
                          "this key serves only callers whose login proved what they run");
    }
    TSEC_TRY(check_rate(call, key, n));
    if (!uses) {
        return TSEC_OK;
    }
    rc = transit_key_use(call->txn, call->mount->id, key, n, err);
    if (rc.code == TSEC_E_DENIED) {
        return api_refuse(call, TSEC_E_DENIED, err == NULL ? NULL : err->detail);
    }
    return rc;
}

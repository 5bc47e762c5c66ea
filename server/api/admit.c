/* SPDX-License-Identifier: Apache-2.0 */
/* Whether evidence leads to anything: the server's policy, and then the role's. */
#include "api/admit.h"

#include "api/envelope.h"
#include "appraisal/report.h"
#include "audit/entry.h"
#include "base/clock.h"
#include "base/hex.h"
#include "core/cidr.h"
#include "core/mount.h"

enum { WHY_MAX = 512, ATTEST_KEYS = 10 /* as many as fill_attest() puts */ };

tsec_rc
api_admit_mount(struct api_call *call, const char *path, const struct mount **out,
                struct tsec_err *err)
{
    const struct tsec_span asked = tsec_span_str(path);
    const char *at =
        mount_path(api_arena(call), MOUNT_AUTH, asked.len == 0 ? tsec_span_str("attest") : asked);
    tsec_rc rc;

    *out = NULL;
    if (at == NULL) {
        return TSEC_OK;
    }
    rc = mount_at(call->txn, MOUNT_AUTH, at, out, err);
    if (rc.code == TSEC_E_NOT_FOUND) {
        return TSEC_OK;
    }
    TSEC_TRY(rc);
    if (strcmp((*out)->type, "attest") != 0) {
        *out = NULL;
    }
    return TSEC_OK;
}

static bool
asks_for_role(const struct api_admit_ask *ask)
{
    return ask->role != NULL && *ask->role != '\0';
}

/* NULL when there is no such role: who asks hears of that no sooner than of anything else. */
static tsec_rc
find_role(struct api_call *call, const struct api_admit_ask *ask, const struct attest_role **out,
          struct tsec_err *err)
{
    const char *name;
    tsec_rc rc;

    *out = NULL;
    if (!asks_for_role(ask) || ask->mount == NULL) {
        return TSEC_OK;
    }
    name = attest_role_name(api_arena(call), tsec_span_str(ask->role));
    if (name == NULL) {
        return TSEC_OK;
    }
    rc = attest_role_find(call->txn, ask->mount->id, name, out, err);
    return rc.code == TSEC_E_NOT_FOUND ? TSEC_OK : rc;
}

/* ---- what a token rests on ---- */

struct pairs {
    const char *keys[ATTEST_KEYS];
    const char *values[ATTEST_KEYS];
};

static bool
put(struct api_call *call, struct pairs *pairs, size_t *n, const char *key, const char *value)
{
    pairs->keys[*n] = key;
    pairs->values[*n] = tsec_arena_dup(api_arena(call), tsec_span_str(value));
    return pairs->values[(*n)++] != NULL;
}

/* In the order of the keys. */
static tsec_rc
fill_attest(struct api_call *call, const char *mode, struct api_admitted *out, struct tsec_err *err)
{
    const struct tsec_claims *claims = &out->appraisal->claims;
    struct pairs *pairs = tsec_arena_alloc(api_arena(call), sizeof(*pairs));
    char hex[2 * sizeof(claims->measurement) + 1];
    size_t n = 0;
    bool ok = pairs != NULL;

    tsec_hex_encode(tsec_span(claims->measurement, claims->measurement_len), hex);
    if (claims->debug) {
        ok = ok && put(call, pairs, &n, "debug", "true");
    }
    ok = ok && put(call, pairs, &n, "entry", out->appraisal->entry);
    ok = ok && put(call, pairs, &n, "format", claims->format);
    ok = ok && put(call, pairs, &n, "instance", claims->instance);
    if (out->role != NULL) {
        ok = ok && put(call, pairs, &n, "match", out->match);
    }
    ok = ok && put(call, pairs, &n, "measurement", hex);
    ok = ok && put(call, pairs, &n, "mode", mode);
    if (out->role != NULL) {
        ok = ok && put(call, pairs, &n, "mount", out->mount->id);
        ok = ok && put(call, pairs, &n, "role", out->role->name);
    }
    ok = ok && put(call, pairs, &n, "tee", claims->tee);
    if (!ok) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "what evidence proved");
    }
    out->attest = (struct tsec_string_map){ pairs->keys, pairs->values, n };
    return TSEC_OK;
}

/* ---- the decision ---- */

static const char *
detail_of(struct api_call *call, const struct tsec_buf *why)
{
    return tsec_arena_dup(api_arena(call), tsec_buf_span(why));
}

static tsec_rc
check_role(struct api_call *call, const struct api_admit_ask *ask, struct api_admitted *out)
{
    TSEC_AUTO_BUF struct tsec_buf why = TSEC_BUF_INIT(WHY_MAX);
    const int64_t now_s = call->req->received_ns / TSEC_NS_PER_S;
    const char *reason = NULL;
    size_t match = 0;

    if (out->role == NULL) {
        return api_refuse_evidence(call, "role-unknown", "there is no such role");
    }
    if (!attest_role_admits(out->role, &out->appraisal->claims, ask->mode, now_s, &match, &reason,
                            &why)) {
        return api_refuse_evidence(call, reason, detail_of(call, &why));
    }
    if (!cidr_admits(out->role->token_bound_cidrs, call->req->remote)) {
        return api_refuse_evidence(call, "role-address", call->req->remote);
    }
    out->match = out->role->match.items[match];
    out->mount = ask->mount;
    return TSEC_OK;
}

/* The appraiser of this server may be a moment behind what an operator signed at another: the row
 * is not. */
static tsec_rc
check_standing(struct api_call *call, const struct api_admitted *who, struct tsec_err *err)
{
    const char *reason = NULL;
    bool stands = false;

    TSEC_TRY(api_stands(call, &who->attest, &stands, &reason, err));
    return stands ? TSEC_OK
                  : api_refuse_evidence(call, reason, "what admitted it was taken off the list");
}

static tsec_rc
decide(struct api_call *call, const struct api_admit_ask *ask, const char *format,
       struct api_admitted *out, struct tsec_err *err)
{
    const struct appraisal *a = out->appraisal;

    TSEC_TRY(api_tell_verdict(call, a, format, err));
    if (!a->genuine) {
        return api_refuse_evidence(call, call->evidence->reason, call->evidence->detail);
    }
    if (asks_for_role(ask)) {
        TSEC_TRY(check_role(call, ask, out));
    }
    TSEC_TRY(fill_attest(call, ask->mode, out, err));
    return check_standing(call, out, err);
}

tsec_rc
api_admit(struct api_call *call, const struct api_admit_ask *ask, struct api_admitted *out,
          struct tsec_err *err)
{
    *out = (struct api_admitted){ .role = NULL };
    TSEC_TRY(find_role(call, ask, &out->role, err));
    TSEC_TRY(
        api_appraise(call, &ask->evidence, strcmp(ask->mode, "fresh") == 0, &out->appraisal, err));
    return decide(call, ask, ask->evidence.format, out, err);
}

tsec_rc
api_admit_claims(struct api_call *call, const struct appraisal *appraisal,
                 const struct api_admit_ask *ask, struct api_admitted *out, struct tsec_err *err)
{
    const char *format = tsec_arena_dup(api_arena(call), tsec_span_str(appraisal->claims.format));

    if (format == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a format's name");
    }
    *out = (struct api_admitted){ .appraisal = appraisal };
    TSEC_TRY(find_role(call, ask, &out->role, err));
    return decide(call, ask, format, out, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Evidence appraised for others.  Who asks hears the verdict, never what would have been allowed:
 * that is for the log and the audit entry, which an operator finds by the request's id. */
#include <stdio.h>

#include "api/admit.h"
#include "api/api.h"
#include "api/envelope.h"
#include "appraisal/report.h"
#include "attest/ear.h"
#include "attest/jwk.h"
#include "base/base64.h"
#include "base/clock.h"

enum {
    COLLATERAL_ITEMS_MAX = 32,
    DECODED_MAX = 1024 * 1024,
    FIELD_MAX = 1024, /* nonce, public key */
    BINDING_MAX = 64,
};

/* The body as it comes. */
struct text {
    const char *format;
    const char *evidence;
    const char *nonce;
    const char *binding;
    const char *public_key;
    const char *profile;
    struct tsec_strings collateral;
};

/* And as bytes, in the arena. */
struct input {
    struct tsec_span spans[4 + COLLATERAL_ITEMS_MAX];
    enum ear_profile profile;
};

enum { EVIDENCE = 0, NONCE, BINDING, PUBLIC_KEY, COLLATERAL };

static tsec_rc
read_text(struct api_call *call, struct text *out, struct tsec_err *err)
{
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR_REQ("format", &out->format, VERIFIERS_FORMAT_LEN),
        TSEC_JSON_STR_REQ("evidence", &out->evidence, TSEC_BASE64_LEN(TSEC_EVIDENCE_MAX)),
        TSEC_JSON_STR("nonce", &out->nonce, NULL, TSEC_BASE64_LEN(FIELD_MAX)),
        TSEC_JSON_STR("binding", &out->binding, NULL, TSEC_BASE64_LEN(BINDING_MAX)),
        TSEC_JSON_STR("public_key", &out->public_key, NULL, TSEC_BASE64_LEN(FIELD_MAX)),
        TSEC_JSON_STR("profile", &out->profile, NULL, 64),
        TSEC_JSON_LIST("collateral", &out->collateral, NULL, COLLATERAL_ITEMS_MAX),
    };

    return api_fields_strictly(call, fields, TSEC_ARRAY_LEN(fields), err);
}

/* NULL leaves the span NULL: not checked. */
static tsec_rc
decode(struct api_call *call, const char *name, const char *text, size_t slot, size_t max,
       struct input *in)
{
    return api_base64(call, name, text, max, API_BASE64_STD, &in->spans[slot]);
}

static tsec_rc
decode_all(struct api_call *call, const struct text *text, struct input *in)
{
    TSEC_TRY(decode(call, "evidence", text->evidence, EVIDENCE, TSEC_EVIDENCE_MAX, in));
    TSEC_TRY(decode(call, "nonce", text->nonce, NONCE, FIELD_MAX, in));
    TSEC_TRY(decode(call, "binding", text->binding, BINDING, BINDING_MAX, in));
    TSEC_TRY(decode(call, "public_key", text->public_key, PUBLIC_KEY, FIELD_MAX, in));
    for (size_t i = 0; i < text->collateral.len; i++) {
        TSEC_TRY(decode(call, "each item of collateral", text->collateral.items[i], COLLATERAL + i,
                        DECODED_MAX, in));
    }
    if (text->profile != NULL && !ear_profile_parse(text->profile, &in->profile)) {
        return api_refuse(call, TSEC_E_INVALID,
                          "profile must be \"tag:ietf.org,2026:rats/ear#04\" or "
                          "\"tag:github.com,2023:veraison/ear\"");
    }
    return TSEC_OK;
}

/* ---- what the caller hears ---- */

static tsec_rc
sign(void *ctx, struct tsec_span message, struct tsec_buf *sig, struct tsec_err *err)
{
    return node_identity_sign(ctx, message, sig, err);
}

static tsec_rc
identity_jwk(struct node *node, struct jwk *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(4096);

    TSEC_TRY(node_identity(node, &spki, err));
    return jwk_from_spki(tsec_buf_span(&spki), out, err);
}

static tsec_rc
make_token(struct api_call *call, const struct appraisal *a, const struct input *in, int64_t now,
           struct tsec_buf *out, struct tsec_err *err)
{
    struct node *node = call->api->options.node;
    struct node_info info = { 0 };
    struct jwk jwk;
    char build[64];

    node_info(node, &info);
    TSEC_TRY(identity_jwk(node, &jwk, err));
    (void)snprintf(build, sizeof(build), "tee-secrets %s", call->api->options.version);

    const struct ear_options options = {
        .profile = in->profile,
        .issuer = info.origin,
        .build = build,
        .id = call->req->id,
        .nonce = in->spans[NONCE],
        .policy = info.config_digest,
        .kid = jwk.kid,
        .sign = sign,
        .ctx = node,
    };

    return ear_token(a, &options, now, out, err);
}

static tsec_rc
answer(struct api_call *call, const struct appraisal *a, const struct text *text,
       struct tsec_span token, int64_t now, struct tsec_err *err)
{
    struct tsec_json_out out = api_data(call);

    tsec_json_object(&out);
    tsec_json_put_str(&out, "verdict", a->genuine ? "genuine" : "refused");
    tsec_json_put_str(&out, "format", text->format);
    if (a->genuine) {
        tsec_json_put_str(&out, "tee", a->claims.tee);
    } else {
        tsec_json_put_str(&out, "reason", tsec_reason_info(a->reason)->slug);
        tsec_json_put_str(&out, "message", tsec_reason_info(a->reason)->title);
    }
    tsec_json_put_str(&out, "status", trust_tier_name(a->tier));
    tsec_json_key(&out, "trust_vector");
    trust_vector_json(&a->vector, &out);
    tsec_json_put_span(&out, "token", token);
    tsec_json_put_time(&out, "expires_at", (now + EAR_LIFETIME_S) * TSEC_NS_PER_S);
    tsec_json_object_end(&out);
    return api_data_end(call, &out, err);
}

static tsec_rc
appraise(struct api_call *call, const struct text *text, const struct input *in,
         struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT((size_t)2 * EAR_MAX);
    const int64_t now = call->req->received_ns / TSEC_NS_PER_S;
    const struct appraiser_request request = {
        .format = text->format,
        .evidence = in->spans[EVIDENCE],
        .nonce = in->spans[NONCE],
        .binding = in->spans[BINDING],
        .public_key = in->spans[PUBLIC_KEY],
        .collateral = in->spans + COLLATERAL,
        .collateral_len = text->collateral.len,
    };

    const struct appraisal *a = NULL;

    TSEC_TRY(api_appraise(call, &request, false, &a, err));
    TSEC_TRY(api_tell_verdict(call, a, text->format, err));
    TSEC_TRY(make_token(call, a, in, now, &token, err));
    return answer(call, a, text, tsec_buf_span(&token), now, err);
}

tsec_rc
api_op_teeVerify(struct api_call *call, struct tsec_err *err)
{
    struct text text = { .format = NULL };
    struct input *in = tsec_arena_alloc(api_arena(call), sizeof(*in));

    if (in == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "evidence");
    }

    TSEC_TRY(read_text(call, &text, err));
    TSEC_TRY(api_known_format(call, text.format));
    TSEC_TRY(decode_all(call, &text, in));
    return appraise(call, &text, in, err);
}

tsec_rc
api_op_teeJwks(struct api_call *call, struct tsec_err *err)
{
    struct tsec_json_out out;
    struct jwk jwk;

    TSEC_TRY(identity_jwk(call->api->options.node, &jwk, err));
    out = api_bare(call);
    tsec_json_key(&out, "keys");
    tsec_json_array(&out);
    jwk_json(&jwk, &out);
    tsec_json_array_end(&out);
    return api_bare_end(call, &out, 200, err);
}

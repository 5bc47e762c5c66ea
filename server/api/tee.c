/* SPDX-License-Identifier: Apache-2.0 */
#include "amc/amc.h"
#include "api/api.h"
#include "api/evidence.h"
#include "appraisal/binding.h"
#include "base/base64.h"
#include "core/challenge.h"
#include "crypto/hash.h"

static void
put_formats(struct tsec_json_out *out, const char *key, const char *const *formats)
{
    tsec_json_key(out, key);
    tsec_json_array(out);
    for (size_t i = 0; formats != NULL && formats[i] != NULL; i++) {
        tsec_json_str(out, formats[i]);
    }
    tsec_json_array_end(out);
}

/* SPKI of the key that the TLS listeners answer with; nothing without TLS. */
static void
put_tls_key(struct tsec_json_out *out, struct api_call *call)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(4096);

    if (call->api->options.tls_spki.len > 0) {
        tsec_base64_append(&text, TSEC_BASE64_STD, call->api->options.tls_spki);
        tsec_json_put_span(out, "tls_key", tsec_buf_span(&text));
    }
}

static void
put_channel(struct tsec_json_out *out, struct api_call *call)
{
    struct channels *channels = call->api->options.channels;

    tsec_json_key(out, "channel");
    tsec_json_object(out);
    tsec_json_put_bool(out, "supported", channels != NULL);
    tsec_json_key(out, "suites");
    tsec_json_array(out);
    if (channels != NULL) {
        tsec_json_str(out, AMC_SUITE);
    }
    tsec_json_array_end(out);
    tsec_json_object_end(out);
}

tsec_rc
api_op_teeInfo(struct api_call *call, struct tsec_err *err)
{
    struct node *node = call->api->options.node;
    struct appraiser *appraiser = call->api->options.appraiser;
    struct node_info info = { 0 };
    struct tsec_json_out out = api_bare(call);

    node_info(node, &info);
    tsec_json_put_str(&out, "provider", call->api->options.provider);
    tsec_json_put_str(&out, "tee", info.tee.tee);
    tsec_json_put_bool(&out, "simulated", info.tee.simulated);
    tsec_json_put_bool(&out, "debug", info.tee.debug);
    tsec_json_put_int(&out, "svn", (int64_t)info.tee.svn);
    tsec_json_key(&out, "measurements");
    tsec_json_object(&out);
    api_put_hex(&out, "measurement", tsec_span(info.tee.measurement, info.tee.measurement_len));
    tsec_json_object_end(&out);
    api_put_hex(&out, "config_digest", tsec_span(info.config_digest, TSEC_SHA384_LEN));
    put_formats(&out, "formats", info.tee.makes);
    put_formats(&out, "accepts",
                appraiser == NULL ? info.tee.accepts
                                  : verifiers_formats(appraiser_verifiers(appraiser)));
    tsec_json_put_int(&out, "challenge_lifetime", CHALLENGE_LIFE_S);
    put_channel(&out, call);
    tsec_json_put_str(&out, "ledger_origin", info.origin);
    put_tls_key(&out, call);
    api_put_log_and_identity(node, &out);
    return api_bare_end(call, &out, 200, err);
}

/* What evidence is bound to, so that whoever appraises it knows all of it at once. */
static tsec_rc
binding_of(struct api_call *call, struct tsec_span nonce, uint8_t out[64], struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf vkey = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(4096);
    struct node *node = call->api->options.node;
    struct tsec_server_binding parts = { .nonce = nonce, .tls = call->api->options.tls_spki };
    struct node_info info = { 0 };

    node_info(node, &info);
    TSEC_TRY(node_vkey(node, &vkey, err));
    TSEC_TRY(node_identity(node, &spki, err));
    parts.config_digest = tsec_span(info.config_digest, TSEC_SHA384_LEN);
    parts.vkey = tsec_buf_span(&vkey);
    parts.identity = tsec_buf_span(&spki);
    tsec_binding_server(&parts, out);
    return TSEC_OK;
}

static tsec_rc
attest(struct api_call *call, const char *text, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf nonce = TSEC_BUF_INIT(API_NONCE_TEXT_MAX);
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(API_EVIDENCE_MAX);
    struct node *node = call->api->options.node;
    struct tsec_evidence_request request = { .struct_size = sizeof(request) };
    struct node_info info = { 0 };
    const char *format = NULL;
    struct tsec_json_out out;

    TSEC_TRY(api_nonce(call, text, &nonce, err));
    request.nonce = tsec_buf_span(&nonce);
    TSEC_TRY(binding_of(call, request.nonce, request.binding, err));
    TSEC_TRY(api_evidence(node, &request, &format, &evidence, err));
    node_info(node, &info);
    out = api_bare(call);
    TSEC_TRY(api_put_evidence(&out, format, tsec_buf_span(&evidence),
                              tsec_span(request.binding, sizeof(request.binding)), err));
    tsec_json_put_bool(&out, "simulated", info.tee.simulated);
    api_put_hex(&out, "config_digest", tsec_span(info.config_digest, TSEC_SHA384_LEN));
    put_tls_key(&out, call);
    api_put_log_and_identity(node, &out);
    return api_bare_end(call, &out, 200, err);
}

tsec_rc
api_op_teeAttestation(struct api_call *call, struct tsec_err *err)
{
    const char *text = NULL;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR_REQ("nonce", &text, API_NONCE_TEXT_MAX),
    };

    TSEC_TRY(API_FIELDS(call, fields, err));
    return attest(call, text, err);
}

tsec_rc
api_op_teeAttestationGet(struct api_call *call, struct tsec_err *err)
{
    return attest(call, api_query(call->req, "nonce"), err);
}

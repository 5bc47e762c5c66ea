/* SPDX-License-Identifier: Apache-2.0 */
#include "api/api.h"
#include "api/evidence.h"
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
    tsec_json_put_str(&out, "ledger_origin", info.origin);
    api_put_log_and_identity(node, &out);
    return api_bare_end(call, &out, 200, err);
}

/* What evidence is bound to: nonce, configuration, ledger key and identity key, so that whoever
 * appraises it knows all of them at once. */
static tsec_rc
binding_of(struct node *node, struct tsec_span nonce, uint8_t out[TSEC_SHA512_LEN],
           struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf vkey = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(4096);
    static const char label[] = "tee-secrets/evidence/1";
    struct node_info info = { 0 };

    node_info(node, &info);
    TSEC_TRY(node_vkey(node, &vkey, err));
    TSEC_TRY(node_identity(node, &spki, err));

    uint8_t digests[3][TSEC_SHA512_LEN];
    const struct tsec_span inputs[] = { nonce, tsec_buf_span(&vkey), tsec_buf_span(&spki) };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(inputs); i++) {
        tsec_hash_parts(TSEC_SHA512, &inputs[i], 1, digests[i]);
    }

    const struct tsec_span parts[] = {
        tsec_span(label, sizeof(label)),
        tsec_span(info.config_digest, TSEC_SHA384_LEN),
        tsec_span(digests, sizeof(digests)),
    };

    tsec_hash_parts(TSEC_SHA512, parts, TSEC_ARRAY_LEN(parts), out);
    return TSEC_OK;
}

tsec_rc
api_op_teeAttestation(struct api_call *call, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf nonce = TSEC_BUF_INIT(API_NONCE_TEXT_MAX);
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(API_EVIDENCE_MAX);
    struct node *node = call->api->options.node;
    struct tsec_evidence_request request = { .struct_size = sizeof(request) };
    const char *text = NULL;
    const char *format = NULL;
    const struct tsec_json_field fields[] = {
        TSEC_JSON_STR_REQ("nonce", &text, API_NONCE_TEXT_MAX),
    };
    struct tsec_json_out out;

    TSEC_TRY(API_FIELDS(call, fields, err));
    TSEC_TRY(api_nonce(call, text, &nonce, err));
    request.nonce = tsec_buf_span(&nonce);
    TSEC_TRY(binding_of(node, request.nonce, request.binding, err));
    TSEC_TRY(api_evidence(node, &request, &format, &evidence, err));
    out = api_bare(call);
    TSEC_TRY(api_put_evidence(&out, format, tsec_buf_span(&evidence),
                              tsec_span(request.binding, sizeof(request.binding)), err));
    api_put_log_and_identity(node, &out);
    return api_bare_end(call, &out, 200, err);
}

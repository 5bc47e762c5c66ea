/* SPDX-License-Identifier: Apache-2.0 */
#include "api/evidence.h"

#include "base/base64.h"
#include "base/hex.h"

/* In either alphabet: who puts it into a URL has no use for '+' and '/'. */
static bool
decode(struct tsec_span digits, struct tsec_buf *out)
{
    return !tsec_failed(tsec_base64_decode(out, TSEC_BASE64_STD, digits, NULL))
           || !tsec_failed(tsec_base64_decode(out, TSEC_BASE64_URL, digits, NULL));
}

tsec_rc
api_nonce(struct api_call *call, const char *text, struct tsec_buf *out, struct tsec_err *err)
{
    const struct tsec_span digits = tsec_span_str(text);

    (void)err;
    if (digits.len > API_NONCE_TEXT_MAX || !decode(digits, out) || out->len < API_NONCE_MIN) {
        return api_refuse(call, TSEC_E_INVALID, "nonce must be base64 of at least 8 bytes");
    }
    return TSEC_OK;
}

tsec_rc
api_evidence(struct node *node, const struct tsec_evidence_request *request, const char **format,
             struct tsec_buf *out, struct tsec_err *err)
{
    const struct node_options *options = node_options(node);
    const struct tsec_sink sink = tsec_buf_sink(out);

    *format = "";
    TSEC_TRY(options->attest_ops->evidence(options->attest, request, format, &sink, err));
    return tsec_buf_check(out, err);
}

tsec_rc
api_put_evidence(struct tsec_json_out *out, const char *format, struct tsec_span evidence,
                 struct tsec_span binding, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT((size_t)2 * API_EVIDENCE_MAX);

    tsec_base64_append(&text, TSEC_BASE64_STD, evidence);
    TSEC_TRY(tsec_buf_check(&text, err));
    tsec_json_put_str(out, "format", format);
    tsec_json_put_span(out, "evidence", tsec_buf_span(&text));
    api_put_hex(out, "binding", binding);
    return TSEC_OK;
}

void
api_put_log_and_identity(struct node *node, struct tsec_json_out *out)
{
    TSEC_AUTO_BUF struct tsec_buf vkey = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(4096);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(4096);

    if (!tsec_failed(node_vkey(node, &vkey, NULL))) {
        tsec_json_put_span(out, "ledger_vkey", tsec_buf_span(&vkey));
    }
    if (!tsec_failed(node_identity(node, &spki, NULL))) {
        tsec_base64_append(&text, TSEC_BASE64_STD, tsec_buf_span(&spki));
        tsec_json_put_span(out, "identity_key", tsec_buf_span(&text));
    }
}

void
api_put_hex(struct tsec_json_out *out, const char *key, struct tsec_span bytes)
{
    char hex[2 * 64 + 1];

    tsec_hex_encode(tsec_span(bytes.ptr, bytes.len > 64 ? 64 : bytes.len), hex);
    tsec_json_put_str(out, key, hex);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/base64.h"
#include "base/clock.h"
#include "client/lib/channel.h"

enum { KEY_MAX = 1024 };

/** Not proven yet: whoever answers says whom to ask for, and must then prove to be that. */
static enum tees_result
ask_identity(struct tees *tees, struct tsec_buf *spki, struct tees_error *error)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    enum tees_result result;

    cli_reply_init(&reply);
    result = tees_ask(tees, "GET", "tee/info", tsec_span(NULL, 0), &reply, error);
    return result == TEES_OK ? tees_base64(tees_reply_object(&reply), "identity_key", spki, error)
                             : result;
}

enum tees_result
tees_channel_aud(struct tees *tees, struct tsec_buf *out, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(KEY_MAX);
    enum tees_result result = TEES_OK;

    if (tees->config.identity.len > 0) {
        tsec_buf_put_span(&spki, tees->config.identity);
    } else {
        result = ask_identity(tees, &spki, error);
    }
    if (result != TEES_OK) {
        return result;
    }
    if (spki.len != AMC_SPKI_LEN) {
        return tees_fail(error, TEES_UNTRUSTED, "identity",
                         "the identity key is not one of a server: %d bytes of P-384 in DER",
                         AMC_SPKI_LEN);
    }
    tsec_base64_append(out, TSEC_BASE64_URL, tsec_buf_span(&spki));
    tsec_buf_put_byte(out, '\0');
    return out->failed ? tees_fail(error, TEES_NO_MEMORY, NULL, "no memory") : TEES_OK;
}

static bool
is_accepted(const struct tees *tees, const char *format)
{
    for (const char *const *f = tees->formats; *f != NULL; f++) {
        if (strcmp(*f, format) == 0) {
            return true;
        }
    }
    return false;
}

enum tees_result
tees_channel_appraise(struct tees *tees, struct tsec_span er, const uint8_t binding[AMC_HASH_LEN],
                      struct tsec_span nonce, struct tsec_span spki, struct tees_server *server,
                      struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(AMC_EVIDENCE_MAX);
    struct tsec_err err = { 0 };
    struct amc_evidence evidence;
    struct amc_expect expect;

    if (tsec_failed(amc_evidence_parse(er, &bytes, &evidence, &err))) {
        return tees_fail_err(error, TEES_PROTOCOL, NULL, &err);
    }
    if (evidence.mode != AMC_FRESH) {
        return tees_fail(error, TEES_UNTRUSTED, "mode",
                         "the server's evidence was not made for this channel: its mode is %s",
                         amc_mode_name(evidence.mode));
    }
    if (!is_accepted(tees, evidence.format)) {
        return tees_fail(error, TEES_UNTRUSTED, "format", "no verifier here knows the format %s",
                         evidence.format);
    }
    amc_expect(evidence.format, evidence.layout, binding, nonce, spki, &expect);

    const struct tees_proof proof = {
        .format = evidence.format,
        .evidence = evidence.evidence,
        .binding = expect.binding,
        .nonce = expect.nonce,
        .public_key = expect.public_key,
        .collateral = evidence.collateral,
        .collateral_len = evidence.collateral_len,
    };

    return tees_peer_appraise(&tees->config, &proof, server, error);
}

static enum tees_result
make(struct tees *tees, const uint8_t binding[AMC_HASH_LEN], struct tsec_span nonce,
     struct tsec_span spki, struct tsec_buf *bytes, struct amc_evidence *out,
     struct tees_error *error)
{
    struct tsec_evidence_request request = {
        .struct_size = (uint32_t)sizeof(request),
        .nonce = nonce,
        .public_key = spki,
    };
    const char *format = "";
    enum tees_result result;

    out->layout = amc_layout_of(tees_own_format(tees->own));
    amc_request_binding(out->layout, binding, request.binding);
    result = tees_own_evidence(tees->own, &request, &format, bytes, error);
    if (result != TEES_OK) {
        return result;
    }
    if (strlen(format) > AMC_FORMAT_LEN || amc_layout_of(format) != out->layout) {
        return tees_fail(error, TEES_EVIDENCE, NULL, "the TEE made evidence of another format");
    }
    (void)snprintf(out->format, sizeof(out->format), "%s", format);
    out->mode = AMC_FRESH;
    out->made_at_s = tsec_clock_real_ns(&tsec_clock_system) / TSEC_NS_PER_S;
    out->evidence = tsec_buf_span(bytes);
    return TEES_OK;
}

enum tees_result
tees_channel_attest(struct tees *tees, const char *role, const uint8_t binding[AMC_HASH_LEN],
                    struct tsec_span nonce, struct tsec_span spki, struct tsec_buf *ei,
                    struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX);
    struct amc_evidence evidence = { .format = "none", .mode = AMC_NONE };
    enum tees_result result = TEES_OK;

    if (tees->own != NULL) {
        result = make(tees, binding, nonce, spki, &bytes, &evidence, error);
    }
    if (result != TEES_OK) {
        return result;
    }
    if (role != NULL) {
        (void)snprintf(evidence.role, sizeof(evidence.role), "%s", role);
    }
    amc_evidence_write(&evidence, ei);
    return ei->failed ? tees_fail(error, TEES_EVIDENCE, NULL, "the evidence is too large")
                      : TEES_OK;
}

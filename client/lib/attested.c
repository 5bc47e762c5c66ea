/* SPDX-License-Identifier: Apache-2.0 */
#include "client/lib/attested.h"

#include "appraisal/binding.h"
#include "base/base64.h"
#include "codec/json_out.h"

enum { KEY_MAX = 1024, NONCE_MAX = 512, BODY_MAX = 1024 * 1024 };

void
tees_attested_done(struct tees_attested *attested)
{
    tsec_recipient_free(attested->recipient);
    attested->recipient = NULL;
}

static void
put_base64(struct tsec_json_out *json, const char *key, enum tsec_base64_kind kind,
           struct tsec_span bytes, struct tsec_buf *scratch)
{
    tsec_buf_reset(scratch);
    tsec_base64_append(scratch, kind, bytes);
    tsec_json_put_span(json, key, tsec_buf_span(scratch));
}

static enum tees_result
make_key(struct tees_attested *attested, struct tsec_buf *spki, struct tees_error *error)
{
    struct tsec_err err = { 0 };

    if (tsec_failed(tsec_recipient_generate(TSEC_RECIPIENT_P384, &attested->recipient, &err))
        || tsec_failed(tsec_recipient_spki(attested->recipient, spki, &err))) {
        return tees_fail_err(error, TEES_INTERNAL, NULL, &err);
    }
    return TEES_OK;
}

static enum tees_result
get_challenge(struct tees *tees, struct tsec_buf *nonce, struct tees_error *error)
{
    CLI_AUTO_REPLY struct cli_reply reply;
    enum tees_result result;

    cli_reply_init(&reply);
    result = tees_ask(tees, "POST", "tee/challenge", tsec_span_str("{}"), &reply, error);
    return result == TEES_OK ? tees_base64(tees_reply_data(&reply), "nonce", nonce, error) : result;
}

/** The body; the nonce goes back as the server writes it, in base64url. */
static enum tees_result
put_body(struct tees *tees, const struct tees_attested *attested, struct tsec_span nonce,
         struct tsec_span spki, struct tsec_json_out *json, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf evidence = TSEC_BUF_INIT(TSEC_EVIDENCE_MAX);
    TSEC_AUTO_BUF struct tsec_buf scratch = TSEC_BUF_INIT(BODY_MAX);
    struct tsec_evidence_request request;
    const char *format = "";
    enum tees_result result;

    tsec_binding_release_request(tees_own_tee(tees->own), nonce, spki, &request);
    result = tees_own_evidence(tees->own, &request, &format, &evidence, error);
    if (result != TEES_OK) {
        return result;
    }
    tsec_json_put_str(json, "role", attested->role);
    tsec_json_put_str(json, "format", format);
    put_base64(json, "evidence", TSEC_BASE64_STD, tsec_buf_span(&evidence), &scratch);
    put_base64(json, "nonce", TSEC_BASE64_URL, nonce, &scratch);
    put_base64(json, "recipient", TSEC_BASE64_STD, spki, &scratch);
    return TEES_OK;
}

static void
put_paths(struct tsec_json_out *json, const char *const *paths, size_t n)
{
    tsec_json_put_str(json, "wrap", "jwe");
    tsec_json_key(json, "paths");
    tsec_json_array(json);
    for (size_t i = 0; i < n; i++) {
        tsec_json_str(json, paths[i]);
    }
    tsec_json_array_end(json);
}

static enum tees_result
check(const struct tees *tees, const struct tees_attested *attested, struct tees_error *error)
{
    if (attested->role == NULL || attested->role[0] == '\0') {
        return tees_fail(error, TEES_INVALID, NULL, "say which role");
    }
    return tees->own != NULL
               ? TEES_OK
               : tees_fail(error, TEES_INVALID, NULL,
                           "this needs an own TEE: set the plugin that makes its evidence");
}

enum tees_result
tees_attested_ask(struct tees *tees, struct tees_attested *attested, const char *path,
                  const char *const *paths, size_t paths_len, struct cli_reply *reply,
                  struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf nonce = TSEC_BUF_INIT(NONCE_MAX);
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(KEY_MAX);
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    struct tsec_json_out json = tsec_json_out(&body);
    enum tees_result result = check(tees, attested, error);

    result = result == TEES_OK ? tees_need_proven(tees, error) : result;
    result = result == TEES_OK ? make_key(attested, &spki, error) : result;
    result = result == TEES_OK ? get_challenge(tees, &nonce, error) : result;
    if (result != TEES_OK) {
        return result;
    }
    tsec_json_object(&json);
    result = put_body(tees, attested, tsec_buf_span(&nonce), tsec_buf_span(&spki), &json, error);
    if (result != TEES_OK) {
        return result;
    }
    if (paths_len > 0) {
        put_paths(&json, paths, paths_len);
    }
    tsec_json_object_end(&json);
    if (body.failed) {
        return tees_fail(error, TEES_INVALID, NULL, "the request is too large");
    }
    return tees_ask(tees, "POST", path, tsec_buf_span(&body), reply, error);
}

enum tees_result
tees_attested_open(const struct tees_attested *attested, struct tsec_span wrapped,
                   struct tsec_buf *plain, struct tees_error *error)
{
    TSEC_AUTO_BUF struct tsec_buf token = TSEC_BUF_INIT(TSEC_JWE_MAX);
    struct tsec_err err = { 0 };

    if (tsec_json_type_of(wrapped) != TSEC_JSON_STRING) {
        return tees_fail(error, TEES_PROTOCOL, NULL, "the server's answer has no \"wrapped\"");
    }
    tsec_json_unescape(&token, wrapped);
    if (tsec_failed(tsec_buf_check(&token, &err))
        || tsec_failed(tsec_jwe_decrypt(attested->recipient, tsec_buf_span(&token), plain, &err))) {
        return tees_fail_err(error, TEES_PROTOCOL, NULL, &err);
    }
    return TEES_OK;
}

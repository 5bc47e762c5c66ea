/* SPDX-License-Identifier: Apache-2.0 */
#include "hcl_runtime.h"

#include "appraisal/claims.h"
#include "base/base64.h"
#include "base/hex.h"
#include "codec/json_scan.h"

enum { MEMBERS_MAX = 512, KEYS_MAX = 16, TEXT_MAX = 2048, AK_MAX = 1024 };

static tsec_rc
read_base64url(struct tsec_span key, const char *name, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TEXT_MAX);
    struct tsec_span raw;

    if (tsec_json_member(key, name, &raw) != TSEC_JSON_STRING) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "HCLAkPub without \"%s\"", name);
    }
    tsec_json_unescape(&text, raw);
    TSEC_TRY(tsec_buf_check(&text, err));
    return tsec_base64_decode(out, TSEC_BASE64_URL, tsec_buf_span(&text), err);
}

static tsec_rc
read_ak(struct tsec_span key, struct hcl_runtime *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf n = TSEC_BUF_INIT(AK_MAX);
    TSEC_AUTO_BUF struct tsec_buf e = TSEC_BUF_INIT(16);
    struct tsec_span kty;

    if (out->ak != NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "runtime data with two keys HCLAkPub");
    }
    if (tsec_json_member(key, "kty", &kty) != TSEC_JSON_STRING
        || !tsec_json_string_is(kty, tsec_span_str("RSA"))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "HCLAkPub is no RSA key");
    }
    TSEC_TRY(read_base64url(key, "n", &n, err));
    TSEC_TRY(read_base64url(key, "e", &e, err));
    TSEC_TRY(tsec_pubkey_from_rsa(tsec_buf_span(&n), tsec_buf_span(&e), &out->ak, err));
    out->ak_len = (tsec_pubkey_bits(out->ak) + 7) / 8;
    return TSEC_OK;
}

static tsec_rc
read_keys(struct tsec_span json, struct hcl_runtime *out, struct tsec_err *err)
{
    struct tsec_json_member key;
    struct tsec_json_walk walk;
    struct tsec_span keys;
    struct tsec_span kid;
    size_t seen = 0;

    if (tsec_json_member(json, "keys", &keys) != TSEC_JSON_ARRAY) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "runtime data without \"keys\"");
    }
    walk = tsec_json_walk(keys);
    while (tsec_json_next(&walk, &key)) {
        if (++seen > KEYS_MAX || tsec_json_type_of(key.value) != TSEC_JSON_OBJECT) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "runtime data: its keys are malformed");
        }
        if (tsec_json_member(key.value, "kid", &kid) == TSEC_JSON_STRING
            && tsec_json_string_is(kid, tsec_span_str("HCLAkPub"))) {
            TSEC_TRY(read_ak(key.value, out, err));
        }
    }
    if (out->ak == NULL) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "runtime data without the key HCLAkPub");
    }
    return TSEC_OK;
}

/* 128 digits, upper case as the paravisor writes them. */
static tsec_rc
read_user_data(struct tsec_span json, struct hcl_runtime *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TEXT_MAX);
    struct tsec_span raw;
    const enum tsec_json_type type = tsec_json_member(json, "user-data", &raw);

    if (type == TSEC_JSON_NONE) {
        return TSEC_OK;
    }
    if (type == TSEC_JSON_STRING) {
        tsec_json_unescape(&text, raw);
    }
    if (text.failed || !tsec_hex_decode(tsec_buf_span(&text), out->user_data, HCL_USER_DATA_LEN)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "runtime data: \"user-data\" is not 64 bytes in hex");
    }
    out->has_user_data = true;
    return TSEC_OK;
}

tsec_rc
hcl_runtime_parse(struct tsec_span json, struct hcl_runtime *out, struct tsec_err *err)
{
    const struct tsec_json_limits limits = { .depth_max = 8, .members_max = MEMBERS_MAX };

    *out = (struct hcl_runtime){ .ak = NULL };
    TSEC_TRY(tsec_json_check(json, &limits, err));
    if (tsec_json_type_of(tsec_json_trim(json)) != TSEC_JSON_OBJECT) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "runtime data is no JSON object");
    }
    TSEC_TRY(read_keys(tsec_json_trim(json), out, err));
    TSEC_TRY(read_user_data(tsec_json_trim(json), out, err));
    if (tsec_json_member(tsec_json_trim(json), "vm-configuration", &out->config)
        != TSEC_JSON_OBJECT) {
        out->config = tsec_span(NULL, 0);
    }
    return TSEC_OK;
}

void
hcl_runtime_done(struct hcl_runtime *runtime)
{
    tsec_pubkey_free(runtime->ak);
    runtime->ak = NULL;
}

static void
claim_bool(const struct hcl_runtime *runtime, const char *member, const char *name,
           struct tsec_claims *claims)
{
    struct tsec_span value;
    const enum tsec_json_type type = tsec_json_member(runtime->config, member, &value);

    if (type == TSEC_JSON_TRUE || type == TSEC_JSON_FALSE) {
        tsec_claims_add_bool(claims, name, type == TSEC_JSON_TRUE);
    }
}

static void
claim_vm_id(const struct hcl_runtime *runtime, struct tsec_claims *claims)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TSEC_CLAIM_VALUE_MAX);
    struct tsec_span raw;

    if (tsec_json_member(runtime->config, "vmUniqueId", &raw) == TSEC_JSON_STRING) {
        tsec_json_unescape(&text, raw);
        if (!text.failed) {
            tsec_claims_add_text(claims, "vm_id", tsec_buf_span(&text));
        }
    }
}

void
hcl_runtime_claims(const struct hcl_runtime *runtime, struct tsec_claims *claims)
{
    if (runtime->config.ptr != NULL) {
        claim_vm_id(runtime, claims);
        claim_bool(runtime, "secure-boot", "secure_boot", claims);
        claim_bool(runtime, "tpm-enabled", "tpm_enabled", claims);
        claim_bool(runtime, "tpm-persisted", "tpm_persisted", claims);
        claim_bool(runtime, "console-enabled", "console_enabled", claims);
    }
    if (runtime->has_user_data) {
        memcpy(claims->user_data, runtime->user_data, HCL_USER_DATA_LEN);
        claims->user_data_len = HCL_USER_DATA_LEN;
    }
}

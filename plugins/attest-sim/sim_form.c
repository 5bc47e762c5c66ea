/* SPDX-License-Identifier: Apache-2.0 */
#include "sim_form.h"

#include <string.h>

#include "base/base64.h"
#include "base/hex.h"
#include "codec/json_out.h"
#include "codec/json_scan.h"

/* A label, its NUL included, keeps one kind of signature from passing for another. */
static const char endorsed_label[] = "tee-secrets/simulated/endorsement/1";
static const char signed_label[] = "tee-secrets/simulated/evidence/1";

/* ---- writing ---- */

static void
put_hex(struct tsec_json_out *json, const char *name, const uint8_t *bytes, size_t len)
{
    char digits[2 * SIM_BINDING_LEN + 1];

    tsec_hex_encode(tsec_span(bytes, len), digits);
    tsec_json_put_str(json, name, digits);
}

static void
put_base64(struct tsec_json_out *json, const char *name, const uint8_t *bytes, size_t len)
{
    char text[TSEC_BASE64_LEN(SIM_KEY_MAX) + 1];

    tsec_base64_encode(TSEC_BASE64_STD, tsec_span(bytes, len), text);
    tsec_json_put_str(json, name, text);
}

static void
put_claims(const struct sim_evidence *e, struct tsec_buf *out)
{
    struct tsec_json_out json = tsec_json_out(out);

    tsec_json_object(&json);
    put_hex(&json, "measurement", e->measurement, sizeof(e->measurement));
    tsec_json_put_int(&json, "svn", e->svn);
    tsec_json_put_bool(&json, "debug", e->debug);
    tsec_json_put_int(&json, "issued_at", e->issued_at);
    put_hex(&json, "binding", e->binding, sizeof(e->binding));
    put_base64(&json, "nonce", e->nonce, e->nonce_len);
    put_base64(&json, "public_key", e->public_key, e->public_key_len);
    tsec_json_object_end(&json);
}

void
sim_endorsed_bytes(const struct sim_evidence *evidence, struct tsec_buf *out)
{
    const uint64_t until = (uint64_t)evidence->not_after;

    tsec_buf_put(out, endorsed_label, sizeof(endorsed_label));
    tsec_buf_put(out, evidence->measurement, sizeof(evidence->measurement));
    for (unsigned shift = 64; shift > 0; shift -= 8) {
        tsec_buf_put_byte(out, (uint8_t)(until >> (shift - 8)));
    }
    tsec_buf_put(out, evidence->leaf, evidence->leaf_len);
}

void
sim_signed_bytes(const struct sim_evidence *evidence, struct tsec_buf *out)
{
    tsec_buf_put(out, signed_label, sizeof(signed_label));
    put_claims(evidence, out);
}

void
sim_encode(const struct sim_evidence *e, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf claims = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);
    struct tsec_json_out json = tsec_json_out(out);

    put_claims(e, &claims);
    tsec_json_object(&json);
    tsec_json_put_str(&json, "format", SIM_FORMAT);
    tsec_json_put_bool(&json, "simulated", true);
    tsec_json_put_raw(&json, "claims", tsec_buf_span(&claims));
    tsec_json_key(&json, "endorsement");
    tsec_json_object(&json);
    put_hex(&json, "root", e->root, sizeof(e->root));
    put_base64(&json, "key", e->leaf, e->leaf_len);
    tsec_json_put_int(&json, "not_after", e->not_after);
    put_base64(&json, "signature", e->endorsement, sizeof(e->endorsement));
    tsec_json_object_end(&json);
    put_base64(&json, "signature", e->signature, sizeof(e->signature));
    tsec_json_object_end(&json);
}

/* ---- reading ---- */

/* A member that is a string, without its quotes; what escapes it has cannot be hex or base64. */
static bool
take_text(struct tsec_span object, const char *name, struct tsec_span *out)
{
    struct tsec_span raw;

    if (tsec_json_member(object, name, &raw) != TSEC_JSON_STRING) {
        return false;
    }
    *out = tsec_span(raw.ptr + 1, raw.len - 2);
    return true;
}

static bool
take_hex(struct tsec_span object, const char *name, uint8_t *out, size_t len)
{
    struct tsec_span text;

    return take_text(object, name, &text) && tsec_hex_decode(text, out, len);
}

static bool
take_base64(struct tsec_span object, const char *name, uint8_t *out, size_t max, size_t *len)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(max);
    struct tsec_span text;

    if (!take_text(object, name, &text)
        || tsec_failed(tsec_base64_decode(&bytes, TSEC_BASE64_STD, text, NULL))
        || bytes.len > max) {
        return false;
    }
    if (bytes.len > 0) {
        memcpy(out, bytes.ptr, bytes.len);
    }
    *len = bytes.len;
    return true;
}

static bool
take_signature(struct tsec_span object, uint8_t out[SIM_SIG_LEN])
{
    size_t len = 0;

    return take_base64(object, "signature", out, SIM_SIG_LEN, &len) && len == SIM_SIG_LEN;
}

static bool
take_int(struct tsec_span object, const char *name, int64_t *out)
{
    struct tsec_span value;

    return tsec_json_member(object, name, &value) == TSEC_JSON_NUMBER
           && tsec_json_to_i64(value, out) && *out >= 0;
}

static bool
take_bool(struct tsec_span object, const char *name, bool *out)
{
    struct tsec_span value;
    const enum tsec_json_type type = tsec_json_member(object, name, &value);

    *out = type == TSEC_JSON_TRUE;
    return type == TSEC_JSON_TRUE || type == TSEC_JSON_FALSE;
}

static bool
take_claims(struct tsec_span claims, struct sim_evidence *e)
{
    return take_hex(claims, "measurement", e->measurement, sizeof(e->measurement))
           && take_int(claims, "svn", &e->svn) && take_bool(claims, "debug", &e->debug)
           && take_int(claims, "issued_at", &e->issued_at)
           && take_hex(claims, "binding", e->binding, sizeof(e->binding))
           && take_base64(claims, "nonce", e->nonce, sizeof(e->nonce), &e->nonce_len)
           && take_base64(claims, "public_key", e->public_key, sizeof(e->public_key),
                          &e->public_key_len);
}

static bool
take_endorsement(struct tsec_span endorsement, struct sim_evidence *e)
{
    return take_hex(endorsement, "root", e->root, sizeof(e->root))
           && take_base64(endorsement, "key", e->leaf, sizeof(e->leaf), &e->leaf_len)
           && take_int(endorsement, "not_after", &e->not_after)
           && take_signature(endorsement, e->endorsement);
}

static bool
take_all(struct tsec_span text, struct sim_evidence *e)
{
    struct tsec_span claims;
    struct tsec_span endorsement;

    return tsec_json_type_of(text) == TSEC_JSON_OBJECT
           && tsec_json_member(text, "claims", &claims) == TSEC_JSON_OBJECT
           && tsec_json_member(text, "endorsement", &endorsement) == TSEC_JSON_OBJECT
           && take_claims(claims, e) && take_endorsement(endorsement, e)
           && take_signature(text, e->signature);
}

tsec_rc
sim_parse(struct tsec_span text, struct sim_evidence *out, struct tsec_err *err)
{
    static const struct tsec_json_limits limits = { .depth_max = 3, .members_max = 32 };
    TSEC_AUTO_BUF struct tsec_buf again = TSEC_BUF_INIT(SIM_EVIDENCE_MAX);

    *out = (struct sim_evidence){ .svn = 0 };
    if (text.len > SIM_EVIDENCE_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "simulated evidence of %zu bytes, %d are allowed",
                         text.len, (int)SIM_EVIDENCE_MAX);
    }
    TSEC_TRY(tsec_json_check(text, &limits, err));
    if (!take_all(text, out)) {
        return TSEC_FAIL(err, TSEC_E_INVALID,
                         "simulated evidence lacks a member, or has one of another type");
    }
    sim_encode(out, &again);
    TSEC_TRY(tsec_buf_check(&again, err));
    if (!tsec_span_equal(tsec_buf_span(&again), text)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "simulated evidence is not in its one form");
    }
    return TSEC_OK;
}

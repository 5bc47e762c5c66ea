/* SPDX-License-Identifier: Apache-2.0 */
#include "api/transit_signing.h"

#include <limits.h>

static const char DEFAULT_HASH[] = "sha2-256";
/* Longer names than any are not repeated in full. */
enum { NAME_SHOWN = 32 };

static int
shown(struct tsec_span name)
{
    return (int)(name.len < NAME_SHOWN ? name.len : NAME_SHOWN);
}

tsec_rc
transit_hash_name(struct transit_plan *plan, const struct transit_body *body,
                  struct tsec_span url_hash, struct tsec_span *out, struct tsec_err *err)
{
    *out = url_hash;
    if (out->len == 0) {
        TSEC_TRY(transit_text(body, TRANSIT_IN_HASH, plan->arena, out, err));
    }
    if (out->len == 0) {
        TSEC_TRY(transit_text(body, TRANSIT_IN_ALGORITHM, plan->arena, out, err));
    }
    if (out->len == 0) {
        *out = tsec_span_str(DEFAULT_HASH);
    }
    return TSEC_OK;
}

static tsec_rc
read_hash(struct transit_plan *plan, const struct transit_body *body, struct tsec_span url_hash,
          struct tsec_err *err)
{
    struct tsec_span name;

    TSEC_TRY(transit_hash_name(plan, body, url_hash, &name, err));
    if (tsec_span_is(name, "none")) {
        plan->how.hash = (enum tsec_hash)TSEC_HASH_NONE;
        return TSEC_OK;
    }
    if (!tsec_hash_named(name, &plan->how.hash)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "invalid hash algorithm \"%.*s\"", shown(name),
                         (const char *)name.ptr);
    }
    return TSEC_OK;
}

static tsec_rc
read_marshaling(struct transit_plan *plan, const struct transit_body *body, struct tsec_err *err)
{
    static const char *const names[] = {
        [TRANSIT_ASN1] = "asn1",
        [TRANSIT_JWS] = "jws",
        [TRANSIT_RAW] = "raw",
        [TRANSIT_ETHEREUM] = "ethereum",
    };
    struct tsec_span name = tsec_span_str(names[TRANSIT_ASN1]);
    bool ethereum = false;
    size_t i = 0;

    TSEC_TRY(transit_text(body, TRANSIT_IN_MARSHALING, plan->arena, &name, err));
    TSEC_TRY(transit_flag(body, TRANSIT_IN_ETHEREUM, &ethereum, err));
    while (i < TSEC_ARRAY_LEN(names) && !tsec_span_is(name, names[i])) {
        i++;
    }
    if (i == TSEC_ARRAY_LEN(names)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "invalid marshaling type \"%.*s\"", shown(name),
                         (const char *)name.ptr);
    }
    plan->marshaling = ethereum ? TRANSIT_ETHEREUM : (enum transit_marshaling)i;
    plan->how.form = plan->marshaling == TRANSIT_ASN1 ? TSEC_FORM_DER : TSEC_FORM_RAW;
    return TSEC_OK;
}

/* A number of bytes, also as a JSON number: so it is read as it stands. */
static tsec_rc
read_salt(struct transit_plan *plan, const struct transit_body *body, struct tsec_err *err)
{
    const struct transit_value *value = &body->values[TRANSIT_IN_SALT];
    int64_t n = 0;

    plan->how.salt_len = TSEC_SALT_AUTO;
    if (value->type == TSEC_JSON_NONE || tsec_span_is(value->raw, "\"auto\"")) {
        return TSEC_OK;
    }
    if (tsec_span_is(value->raw, "\"hash\"")) {
        plan->how.salt_len = TSEC_SALT_HASH;
        return TSEC_OK;
    }
    if (!tsec_json_to_i64(value->raw, &n)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "salt length neither 'auto', 'hash', nor an int");
    }
    if (n < 0 || n > INT_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "salt length is invalid: %lld", (long long)n);
    }
    plan->how.salt_len = (int)n;
    return TSEC_OK;
}

static tsec_rc
read_scheme(struct transit_plan *plan, const struct transit_body *body, struct tsec_err *err)
{
    struct tsec_span name = tsec_span_str("pss");

    TSEC_TRY(transit_text(body, TRANSIT_IN_SCHEME, plan->arena, &name, err));
    plan->how.scheme = TSEC_SCHEME_PSS;
    if (tsec_span_is(name, "pkcs1v15")) {
        plan->how.scheme = TSEC_SCHEME_PKCS1;
    } else if (name.len > 0 && !tsec_span_is(name, "pss")) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "unsupported rsa signature algorithm %.*s",
                         shown(name), (const char *)name.ptr);
    }
    return TSEC_OK;
}

tsec_rc
transit_signing_read(struct transit_plan *plan, const struct transit_body *body,
                     struct tsec_span url_hash, struct tsec_err *err)
{
    bool deterministic = false;

    TSEC_TRY(read_hash(plan, body, url_hash, err));
    TSEC_TRY(read_marshaling(plan, body, err));
    TSEC_TRY(read_salt(plan, body, err));
    TSEC_TRY(read_scheme(plan, body, err));
    TSEC_TRY(transit_flag(body, TRANSIT_IN_PREHASHED, &plan->how.prehashed, err));
    TSEC_TRY(transit_flag(body, TRANSIT_IN_LOW_S, &plan->how.low_s, err));
    TSEC_TRY(transit_flag(body, TRANSIT_IN_DETERMINISTIC, &deterministic, err));
    plan->how.nonce = deterministic ? TSEC_NONCE_RFC6979 : TSEC_NONCE_HEDGED;
    return TSEC_OK;
}

tsec_rc
transit_signing_suits(struct api_call *call, const struct transit_plan *plan)
{
    const bool bare = plan->how.hash == (enum tsec_hash)TSEC_HASH_NONE;

    if (bare && (!plan->how.prehashed || plan->how.scheme != TSEC_SCHEME_PKCS1)) {
        return api_refuse(call, TSEC_E_INVALID,
                          "hash_algorithm=none requires both prehashed=true and "
                          "signature_algorithm=pkcs1v15");
    }
    if (plan->marshaling == TRANSIT_ETHEREUM && plan->type != TRANSIT_ECDSA_SECP256K1) {
        return api_refuse(call, TSEC_E_INVALID,
                          "marshaling type ethereum requires a key of type ecdsa-secp256k1");
    }
    return TSEC_OK;
}

enum tsec_base64_kind
transit_signing_base64(const struct transit_plan *plan)
{
    return plan->marshaling == TRANSIT_JWS ? TSEC_BASE64_URL : TSEC_BASE64_STD;
}

/* RSA verifies much faster than it signs; on the curves of which one signature is cheap, verifying
 * takes about three times as long. */
unsigned
transit_verify_us(const struct transit_plan *plan, const struct transit_item *item)
{
    const struct transit_traits *traits = transit_traits(plan->type);
    const unsigned key_us =
        tsec_pair_kind_is_rsa(traits->pair) ? 5 + traits->sign_us / 25 : 3 * traits->sign_us;

    return key_us + transit_bytes_us(item->data.len);
}

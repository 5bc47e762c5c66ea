/* SPDX-License-Identifier: Apache-2.0 */
#include "maa_runtime.h"

#include "base/hex.h"
#include "crypto/hash.h"
#include "maa_json.h"
#include "maa_jwk.h"

enum { HALF = 32, FULL = 64, CHANNEL_BINDING = 48 };

enum { RT_NONCE, RT_PAYLOAD, RT_KEYS, RT_JWK, RT_COUNT };

static const struct tsec_span runtime_names[RT_COUNT] = {
    [RT_NONCE] = MAA_NAME("nonce"),
    [RT_PAYLOAD] = MAA_NAME("client-payload"),
    [RT_KEYS] = MAA_NAME("keys"),
    [RT_JWK] = MAA_NAME("jwk"),
};

/* A member of the client payload, which the guest attestation library writes in base64. */
static bool
payload_member(struct tsec_span payload, const char *name, struct tsec_buf *out)
{
    struct tsec_span value;

    return tsec_json_member(payload, name, &value) == TSEC_JSON_STRING
           && maa_base64(value, TSEC_BASE64_STD, out);
}

/* ---- nonce ---- */

static bool
keep_nonce(struct tsec_span bytes, struct tsec_claims *claims)
{
    if (bytes.len > sizeof(claims->nonce)) {
        return false;
    }
    if (bytes.len > 0) {
        memcpy(claims->nonce, bytes.ptr, bytes.len);
    }
    claims->nonce_len = bytes.len;
    return true;
}

static bool
read_payload_nonce(struct tsec_span value, struct tsec_claims *claims)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(MAA_STRING_MAX);

    return maa_base64(value, TSEC_BASE64_STD, &bytes) && keep_nonce(tsec_buf_span(&bytes), claims);
}

static bool
read_text_nonce(struct tsec_span value, struct tsec_claims *claims)
{
    TSEC_AUTO_BUF struct tsec_buf copy = TSEC_BUF_INIT(MAA_STRING_MAX);
    struct tsec_span text;

    return maa_string(value, &copy, &text) && keep_nonce(text, claims);
}

static tsec_rc
read_nonce(const struct maa_token *token, const struct tsec_span *runtime,
           struct tsec_claims *claims, struct tsec_err *err)
{
    struct tsec_span in_payload;

    (void)tsec_json_member(runtime[RT_PAYLOAD], "nonce", &in_payload);
    if (maa_has(in_payload)) {
        return read_payload_nonce(in_payload, claims)
                   ? TSEC_OK
                   : TSEC_FAIL(err, TSEC_E_INVALID,
                               "client-payload: its nonce is no base64 of at most %zu bytes",
                               sizeof(claims->nonce));
    }
    if (maa_has(runtime[RT_NONCE]) || maa_has(token->outer[MAA_NONCE])) {
        return read_text_nonce(
                   maa_has(runtime[RT_NONCE]) ? runtime[RT_NONCE] : token->outer[MAA_NONCE], claims)
                   ? TSEC_OK
                   : TSEC_FAIL(err, TSEC_E_INVALID, "nonce: no text of at most %zu bytes",
                               sizeof(claims->nonce));
    }
    return TSEC_OK;
}

bool
maa_runtime_has_nonce(const struct maa_token *token)
{
    struct tsec_span runtime[RT_COUNT];
    struct tsec_span in_payload;

    maa_pick(token->outer[MAA_RUNTIME], runtime_names, RT_COUNT, runtime);
    (void)tsec_json_member(runtime[RT_PAYLOAD], "nonce", &in_payload);
    return maa_has(in_payload) || maa_has(runtime[RT_NONCE]);
}

/* ---- keys ---- */

/* The keys in order: those of "keys", then "jwk". */
struct key_walk {
    struct tsec_json_walk keys;
    struct tsec_span jwk;
};

static struct key_walk
walk_keys(const struct tsec_span *runtime)
{
    struct key_walk walk = { .jwk = runtime[RT_JWK] };

    if (tsec_json_type_of(runtime[RT_KEYS]) == TSEC_JSON_ARRAY) {
        walk.keys = tsec_json_walk(runtime[RT_KEYS]);
    }
    return walk;
}

static bool
next_key(struct key_walk *walk, struct tsec_buf *spki)
{
    struct tsec_json_member m;

    while (tsec_json_next(&walk->keys, &m)) {
        tsec_buf_reset(spki);
        if (maa_jwk_spki(m.value, spki)) {
            return true;
        }
    }
    tsec_buf_reset(spki);

    const struct tsec_span last = walk->jwk;

    walk->jwk = tsec_span(NULL, 0);
    return maa_has(last) && maa_jwk_spki(last, spki);
}

static void
read_key(const struct tsec_span *runtime, struct tsec_claims *claims)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(MAA_SPKI_MAX);
    struct key_walk walk = walk_keys(runtime);

    if (next_key(&walk, &spki) && spki.len <= sizeof(claims->public_key)) {
        memcpy(claims->public_key, spki.ptr, spki.len);
        claims->public_key_len = spki.len;
    }
}

/* ---- runtime data in binary ---- */

static tsec_rc
read_held_data(const struct maa_token *token, struct tsec_claims *claims, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf data = TSEC_BUF_INIT(MAA_STRING_MAX);
    const struct tsec_span ehd = token->outer[MAA_SGX_EHD];

    if (token->nested || !maa_has(ehd)) {
        return TSEC_OK;
    }
    if (!maa_base64(ehd, TSEC_BASE64_URL, &data)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "x-ms-sgx-ehd: no base64url");
    }
    /* What is too long for the claim is not cut: its digest, below, stands for all of it. */
    if (data.len <= sizeof(claims->user_data) && data.len > 0) {
        memcpy(claims->user_data, data.ptr, data.len);
        claims->user_data_len = data.len;
    }

    uint8_t digest[TSEC_SHA256_LEN];

    tsec_sha256(tsec_buf_span(&data), digest);
    if (claims->report_data_len == 0) {
        memcpy(claims->report_data, digest, sizeof(digest));
        claims->report_data_len = sizeof(digest);
    } else if (!tsec_span_equal(tsec_span(digest, HALF), tsec_span(claims->report_data, HALF))) {
        return TSEC_FAIL(err, TSEC_E_DENIED,
                         "x-ms-sgx-ehd: report data do not begin with its SHA-256");
    }
    return TSEC_OK;
}

tsec_rc
maa_runtime_read(const struct maa_token *token, struct tsec_claims *claims, struct tsec_err *err)
{
    struct tsec_span runtime[RT_COUNT];

    maa_pick(token->outer[MAA_RUNTIME], runtime_names, RT_COUNT, runtime);
    read_key(runtime, claims);
    TSEC_TRY(read_nonce(token, runtime, claims, err));
    return read_held_data(token, claims, err);
}

/* ---- comparing ---- */

static bool
is_base64(enum tsec_base64_kind kind, struct tsec_span text, struct tsec_span expected)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(MAA_STRING_MAX);

    return !tsec_failed(tsec_base64_decode(&bytes, kind, text, NULL))
           && tsec_ct_equal(tsec_buf_span(&bytes), expected);
}

static bool
is_hex(struct tsec_span text, struct tsec_span expected)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(MAA_STRING_MAX);
    uint8_t *room = tsec_buf_extend(&bytes, expected.len);

    return expected.len > 0 && text.len == 2 * expected.len && room != NULL
           && tsec_hex_decode(text, room, expected.len)
           && tsec_ct_equal(tsec_buf_span(&bytes), expected);
}

bool
maa_runtime_says(struct tsec_span said, struct tsec_span expected)
{
    return tsec_ct_equal(said, expected) || is_hex(said, expected)
           || (expected.len > 0
               && (is_base64(TSEC_BASE64_STD, said, expected)
                   || is_base64(TSEC_BASE64_URL, said, expected)));
}

static bool
vm_bound(const struct maa_token *token, struct tsec_span binding)
{
    TSEC_AUTO_BUF struct tsec_buf said = TSEC_BUF_INIT(MAA_STRING_MAX);
    struct tsec_span payload;

    return tsec_json_member(token->outer[MAA_RUNTIME], "client-payload", &payload)
               == TSEC_JSON_OBJECT
           && payload_member(payload, "binding", &said)
           && maa_runtime_says(tsec_buf_span(&said), binding);
}

/* {"amc":b64u(binding),...}: what evidence for a channel is bound to has no room in the half of
 * report data that the runtime data leave, so that it is in these. */
static bool
channel_bound(const struct maa_token *token, struct tsec_span binding)
{
    struct tsec_span value;

    return binding.len == CHANNEL_BINDING
           && tsec_json_member(token->outer[MAA_RUNTIME], "amc", &value) == TSEC_JSON_STRING
           && is_base64(TSEC_BASE64_URL, tsec_span(value.ptr + 1, value.len - 2), binding);
}

bool
maa_runtime_bound(const struct maa_token *token, const struct tsec_claims *claims,
                  struct tsec_span binding)
{
    uint8_t padded[FULL] = { 0 };

    if (token->nested) {
        return vm_bound(token, binding);
    }
    if (channel_bound(token, binding)) {
        return true;
    }
    if (claims->report_data_len == 0 || binding.len > claims->report_data_len) {
        return false;
    }
    if (binding.len > 0) {
        memcpy(padded, binding.ptr, binding.len);
    }
    return tsec_ct_equal(tsec_span(padded, claims->report_data_len),
                         tsec_span(claims->report_data, claims->report_data_len));
}

bool
maa_runtime_has_key(const struct maa_token *token, const struct tsec_claims *claims,
                    struct tsec_span spki)
{
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(MAA_SPKI_MAX);
    struct tsec_span runtime[RT_COUNT];
    struct key_walk walk;

    maa_pick(token->outer[MAA_RUNTIME], runtime_names, RT_COUNT, runtime);
    walk = walk_keys(runtime);
    while (next_key(&walk, &key)) {
        if (tsec_span_equal(tsec_buf_span(&key), spki)) {
            return true;
        }
    }
    return claims->user_data_len > 0
           && tsec_span_equal(tsec_span(claims->user_data, claims->user_data_len), spki);
}

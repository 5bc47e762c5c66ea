/* SPDX-License-Identifier: Apache-2.0 */
#include "client/pkcs11/p11_transit.h"

#include <stdio.h>

#include "base/base64.h"
#include "client/pkcs11/p11_say.h"
#include "codec/json_out.h"
#include "codec/json_scan.h"

enum { PATH_BYTES_MAX = 4096, BODY_MAX = 2 * 1024 * 1024, RANDOM_STEP = 32 * 1024 };

static void
put_base64(struct tsec_json_out *json, const char *key, struct tsec_span bytes)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(BODY_MAX);

    tsec_base64_append(&text, TSEC_BASE64_STD, bytes);
    if (text.failed) {
        json->buf->failed = true;
    }
    tsec_json_put_span(json, key, tsec_buf_span(&text));
}

/** POST <mount>/<what>/<name>, and the reply's data as an object. */
static ck_rv_t
post(const struct p11_transit *transit, const char *what, struct tsec_span name,
     const struct tsec_buf *body, struct cli_reply *reply, struct tsec_span *data)
{
    TSEC_AUTO_BUF struct tsec_buf path = TSEC_BUF_INIT(PATH_BYTES_MAX);

    tsec_buf_put_str(&path, transit->mount);
    tsec_buf_put_byte(&path, '/');
    tsec_buf_put_str(&path, what);
    if (name.len > 0) {
        tsec_buf_put_byte(&path, '/');
        tsec_buf_put_span(&path, name);
    }
    tsec_buf_put_byte(&path, '\0');
    if (path.failed || body->failed) {
        return CKR_HOST_MEMORY;
    }
    const ck_rv_t rv =
        p11_server_ask(transit->server, "POST", (const char *)path.ptr, tsec_buf_span(body), reply);

    *data = tsec_span(NULL, 0);
    if (rv != CKR_OK) {
        return rv;
    }
    if (reply->body.len > 0) {
        if (tsec_failed(
                tsec_json_check(tsec_buf_span(&reply->body), &TSEC_JSON_LIMITS_DEFAULT, NULL))) {
            p11_say("the server's reply is no JSON");
            return CKR_DEVICE_ERROR;
        }
        (void)tsec_json_member(tsec_buf_span(&reply->body), "data", data);
    }
    return CKR_OK;
}

/** The base64 of a member of the data, past the last colon of "vault:v1:...". */
static ck_rv_t
take_base64(struct tsec_span data, const char *name, enum tsec_base64_kind kind,
            struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(BODY_MAX);
    struct tsec_span raw;

    if (tsec_json_type_of(data) != TSEC_JSON_OBJECT
        || tsec_json_member(data, name, &raw) != TSEC_JSON_STRING) {
        p11_say("the server's reply has no %s", name);
        return CKR_DEVICE_ERROR;
    }
    tsec_json_unescape(&text, raw);
    const uint8_t *colon = text.len == 0 ? NULL : memrchr(text.ptr, ':', text.len);
    const size_t from = colon == NULL ? 0 : (size_t)(colon - text.ptr) + 1;

    if (text.failed) {
        return CKR_HOST_MEMORY;
    }
    if (text.len > from
        && tsec_failed(
            tsec_base64_decode(out, kind, tsec_span(text.ptr + from, text.len - from), NULL))) {
        p11_say("the server's %s cannot be read", name);
        return CKR_DEVICE_ERROR;
    }
    return CKR_OK;
}

static void
put_how(struct tsec_json_out *json, const struct p11_object *key, const struct p11_scheme *scheme,
        size_t input_len)
{
    char salt[16];

    if (key->public.type == CKK_EC_EDWARDS) {
        return;
    }
    tsec_json_put_bool(json, "prehashed", true);
    if (key->public.type == CKK_EC) {
        tsec_json_put_str(json, "hash_algorithm", p11_hash_name(p11_hash_of_len(input_len)));
        tsec_json_put_str(json, "marshaling_algorithm", "jws");
        return;
    }
    tsec_json_put_str(json, "hash_algorithm", p11_hash_name(scheme->hash));
    if (scheme->mechanism->padding == P11_PKCS1) {
        tsec_json_put_str(json, "signature_algorithm", "pkcs1v15");
        return;
    }
    (void)snprintf(salt, sizeof(salt), "%d", scheme->salt_len);
    tsec_json_put_str(json, "signature_algorithm", "pss");
    tsec_json_put_str(json, "salt_length", salt);
}

ck_rv_t
p11_transit_sign(const struct p11_transit *transit, const struct p11_object *key,
                 const struct p11_scheme *scheme, struct tsec_span input, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    struct tsec_json_out json = tsec_json_out(&body);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_span data;

    cli_reply_init(&reply);
    tsec_json_object(&json);
    put_base64(&json, "input", input);
    tsec_json_put_int(&json, "key_version", key->version);
    put_how(&json, key, scheme, input.len);
    tsec_json_object_end(&json);
    ck_rv_t rv = post(transit, "sign", tsec_span_str(key->name), &body, &reply, &data);

    if (rv == CKR_OK) {
        rv = take_base64(data, "signature",
                         key->public.type == CKK_EC ? TSEC_BASE64_URL : TSEC_BASE64_STD, out);
    }
    if (rv == CKR_OK && out->len != key->public.signature_len) {
        p11_say("the server's signature has %zu bytes", out->len);
        return CKR_DEVICE_ERROR;
    }
    return rv;
}

ck_rv_t
p11_transit_decrypt(const struct p11_transit *transit, const struct p11_object *key,
                    struct tsec_span sealed, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(BODY_MAX);
    struct tsec_json_out json = tsec_json_out(&body);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_span data;

    cli_reply_init(&reply);
    tsec_buf_printf(&text, "vault:v%lld:", (long long)key->version);
    tsec_base64_append(&text, TSEC_BASE64_STD, sealed);
    if (text.failed) {
        return CKR_HOST_MEMORY;
    }
    tsec_json_object(&json);
    tsec_json_put_span(&json, "ciphertext", tsec_buf_span(&text));
    tsec_json_object_end(&json);
    const ck_rv_t rv = post(transit, "decrypt", tsec_span_str(key->name), &body, &reply, &data);

    if (rv == CKR_FUNCTION_FAILED) {
        return CKR_ENCRYPTED_DATA_INVALID;
    }
    return rv == CKR_OK ? take_base64(data, "plaintext", TSEC_BASE64_STD, out) : rv;
}

static ck_rv_t
draw(const struct p11_transit *transit, unsigned char *out, unsigned long len)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    TSEC_AUTO_BUF struct tsec_buf drawn = TSEC_BUF_INIT(RANDOM_STEP);
    struct tsec_json_out json = tsec_json_out(&body);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_span data;

    cli_reply_init(&reply);
    tsec_json_object(&json);
    tsec_json_put_int(&json, "bytes", (int64_t)len);
    tsec_json_object_end(&json);
    ck_rv_t rv = post(transit, "random", tsec_span(NULL, 0), &body, &reply, &data);

    if (rv == CKR_OK) {
        rv = take_base64(data, "random_bytes", TSEC_BASE64_STD, &drawn);
    }
    if (rv == CKR_OK && drawn.len != len) {
        p11_say("the server drew %zu bytes, not %lu", drawn.len, len);
        rv = CKR_DEVICE_ERROR;
    }
    if (rv == CKR_OK) {
        memcpy(out, drawn.ptr, len);
    }
    return rv;
}

ck_rv_t
p11_transit_random(const struct p11_transit *transit, unsigned char *out, unsigned long len)
{
    ck_rv_t rv = CKR_OK;

    while (rv == CKR_OK && len > 0) {
        const unsigned long step = len < RANDOM_STEP ? len : RANDOM_STEP;

        rv = draw(transit, out, step);
        out += step;
        len -= step;
    }
    return rv;
}

/** Creating what is there already succeeds, with a warning. */
static bool
has_warnings(struct tsec_span reply)
{
    struct tsec_span warnings;
    struct tsec_json_member first;

    if (reply.len == 0 || tsec_json_member(reply, "warnings", &warnings) != TSEC_JSON_ARRAY) {
        return false;
    }
    struct tsec_json_walk walk = tsec_json_walk(warnings);

    return tsec_json_next(&walk, &first);
}

ck_rv_t
p11_transit_create(const struct p11_transit *transit, struct tsec_span name, const char *type)
{
    TSEC_AUTO_BUF struct tsec_buf body = TSEC_BUF_INIT(BODY_MAX);
    struct tsec_json_out json = tsec_json_out(&body);
    CLI_AUTO_REPLY struct cli_reply reply;
    struct tsec_span data;

    cli_reply_init(&reply);
    tsec_json_object(&json);
    tsec_json_put_str(&json, "type", type);
    tsec_json_object_end(&json);
    const ck_rv_t rv = post(transit, "keys", name, &body, &reply, &data);

    if (rv == CKR_OK && has_warnings(tsec_buf_span(&reply.body))) {
        p11_say("there is a key %.*s already", (int)name.len, (const char *)name.ptr);
        return CKR_TEMPLATE_INCONSISTENT;
    }
    return rv;
}

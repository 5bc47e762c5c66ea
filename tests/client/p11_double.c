/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/client/p11_double.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "client/pkcs11/p11_mechanism.h"
#include "codec/json_out.h"
#include "codec/json_scan.h"
#include "crypto/crypto.h"
#include "tests/client/run_cli.h"
#include "tests/test.h"

enum { TEXT_MAX = 1024 * 1024 };

static struct p11_double_key *
find_key(struct p11_double *d, const char *name)
{
    for (size_t i = 0; i < P11_DOUBLE_KEYS; i++) {
        if (d->keys[i].name != NULL && strcmp(d->keys[i].name, name) == 0) {
            return &d->keys[i];
        }
    }
    return NULL;
}

static void
put_base64(struct tsec_buf *out, struct tsec_span bytes, enum tsec_base64_kind kind)
{
    tsec_base64_append(out, kind, bytes);
}

static void
put_public(struct tsec_json_out *json, const struct tsec_pair *pair)
{
    TSEC_AUTO_BUF struct tsec_buf der = TSEC_BUF_INIT(TEXT_MAX);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TEXT_MAX);

    if (tsec_pair_kind_of(pair) == TSEC_PAIR_ED25519) {
        CU_ASSERT_FALSE(tsec_failed(tsec_pair_point(pair, &der, NULL)));
        put_base64(&text, tsec_buf_span(&der), TSEC_BASE64_STD);
    } else {
        CU_ASSERT_FALSE(tsec_failed(tsec_pair_spki(pair, &der, NULL)));
        tsec_buf_put_str(&text, "-----BEGIN PUBLIC KEY-----\n");
        put_base64(&text, tsec_buf_span(&der), TSEC_BASE64_STD);
        tsec_buf_put_str(&text, "\n-----END PUBLIC KEY-----\n");
    }
    tsec_json_put_span(json, "public_key", tsec_buf_span(&text));
}

static void
tell_key(struct tsec_json_out *json, const struct p11_double_key *key)
{
    tsec_json_put_int(json, "latest_version", key->latest);
    tsec_json_put_bool(json, "exportable", key->exportable);
    tsec_json_key(json, "keys");
    tsec_json_object(json);
    for (int n = 1; n <= key->latest; n++) {
        char digits[12];

        (void)snprintf(digits, sizeof(digits), "%d", n);
        tsec_json_key(json, digits);
        tsec_json_object(json);
        put_public(json, key->versions[n - 1]);
        tsec_json_put_str(json, "certificate_chain", key->chain == NULL ? "" : key->chain);
        tsec_json_object_end(json);
    }
    tsec_json_object_end(json);
}

static void
text_of(struct tsec_span object, const char *name, struct tsec_buf *out)
{
    struct tsec_span raw;

    if (tsec_json_member(object, name, &raw) == TSEC_JSON_STRING) {
        tsec_json_unescape(out, raw);
    }
}

static bool
text_is(struct tsec_span object, const char *name, const char *want)
{
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TEXT_MAX);

    text_of(object, name, &text);
    return tsec_span_is(tsec_buf_span(&text), want);
}

static struct tsec_signing
read_how(struct tsec_span body)
{
    TSEC_AUTO_BUF struct tsec_buf hash = TSEC_BUF_INIT(TEXT_MAX);
    TSEC_AUTO_BUF struct tsec_buf salt = TSEC_BUF_INIT(TEXT_MAX);
    struct tsec_signing how = { .form = TSEC_FORM_RAW, .prehashed = true };

    text_of(body, "hash_algorithm", &hash);
    (void)tsec_hash_named(tsec_buf_span(&hash), &how.hash);
    how.scheme =
        text_is(body, "signature_algorithm", "pkcs1v15") ? TSEC_SCHEME_PKCS1 : TSEC_SCHEME_PSS;
    text_of(body, "salt_length", &salt);
    for (size_t i = 0; i < salt.len; i++) {
        how.salt_len = how.salt_len * 10 + (salt.ptr[i] - '0');
    }
    return how;
}

static const struct tsec_pair *
pair_of(const struct p11_double_key *key, struct tsec_span body)
{
    struct tsec_span raw;
    int64_t n = key->latest;

    if (tsec_json_member(body, "key_version", &raw) != TSEC_JSON_NONE) {
        CU_ASSERT_TRUE(tsec_json_to_i64(raw, &n));
    }
    return n >= 1 && n <= key->latest ? key->versions[n - 1] : NULL;
}

static bool
sign(struct tsec_json_out *json, const struct p11_double_key *key, struct tsec_span body)
{
    TSEC_AUTO_BUF struct tsec_buf input = TSEC_BUF_INIT(TEXT_MAX);
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(TEXT_MAX);
    TSEC_AUTO_BUF struct tsec_buf sig = TSEC_BUF_INIT(TEXT_MAX);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TEXT_MAX);
    const struct tsec_signing how = read_how(body);
    const struct tsec_pair *pair = pair_of(key, body);

    text_of(body, "input", &input);
    if (pair == NULL
        || tsec_failed(tsec_base64_decode(&bytes, TSEC_BASE64_STD, tsec_buf_span(&input), NULL))
        || tsec_failed(tsec_pair_sign(pair, &how, tsec_buf_span(&bytes), &sig, NULL, NULL))) {
        return false;
    }
    tsec_buf_put_str(&text, "vault:v1:");
    put_base64(&text, tsec_buf_span(&sig),
               text_is(body, "marshaling_algorithm", "jws") ? TSEC_BASE64_URL : TSEC_BASE64_STD);
    tsec_json_put_span(json, "signature", tsec_buf_span(&text));
    return true;
}

static bool
decrypt(struct tsec_json_out *json, const struct p11_double_key *key, struct tsec_span body)
{
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(TEXT_MAX);
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(TEXT_MAX);
    TSEC_AUTO_BUF struct tsec_buf plain = TSEC_BUF_INIT(TEXT_MAX);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TEXT_MAX);

    text_of(body, "ciphertext", &sealed);
    if (sealed.len < 10
        || tsec_failed(tsec_base64_decode(&bytes, TSEC_BASE64_STD,
                                          tsec_span(sealed.ptr + 9, sealed.len - 9), NULL))
        || tsec_failed(tsec_pair_decrypt(key->versions[0], TSEC_SHA256, tsec_span(NULL, 0),
                                         tsec_buf_span(&bytes), &plain, NULL))) {
        return false;
    }
    put_base64(&text, tsec_buf_span(&plain), TSEC_BASE64_STD);
    tsec_json_put_span(json, "plaintext", tsec_buf_span(&text));
    return true;
}

static bool
random_bytes(struct tsec_json_out *json, struct tsec_span body)
{
    TSEC_AUTO_BUF struct tsec_buf bytes = TSEC_BUF_INIT(TEXT_MAX);
    TSEC_AUTO_BUF struct tsec_buf text = TSEC_BUF_INIT(TEXT_MAX);
    struct tsec_span raw;
    int64_t n = 0;

    if (tsec_json_member(body, "bytes", &raw) == TSEC_JSON_NONE || !tsec_json_to_i64(raw, &n)) {
        return false;
    }
    memset(tsec_buf_extend(&bytes, (size_t)n), 0x5a, (size_t)n);
    put_base64(&text, tsec_buf_span(&bytes), TSEC_BASE64_STD);
    tsec_json_put_span(json, "random_bytes", tsec_buf_span(&text));
    return true;
}

static void
create(struct p11_double *d, const char *name, struct tsec_span body)
{
    const char *kept = strdup(name); /* as long as the test */

    p11_double_key(d, kept,
                   text_is(body, "type", "ed25519")      ? TSEC_PAIR_ED25519
                   : text_is(body, "type", "ecdsa-p384") ? TSEC_PAIR_P384
                   : text_is(body, "type", "rsa-2048")   ? TSEC_PAIR_RSA2048
                                                         : TSEC_PAIR_P256);
}

/** The status; the data goes to json. */
static int
serve(struct p11_double *d, const char *method, const char *path, struct tsec_span body,
      struct tsec_json_out *json)
{
    const char *name = strrchr(path, '/') + 1;
    const bool post = strcmp(method, "POST") == 0;
    struct p11_double_key *key = find_key(d, name);

    if (strcmp(path, "/v1/transit/keys") == 0 && strcmp(method, "LIST") == 0) {
        tsec_json_key(json, "keys");
        tsec_json_array(json);
        for (size_t i = 0; i < P11_DOUBLE_KEYS; i++) {
            if (d->keys[i].name != NULL) {
                tsec_json_str(json, d->keys[i].name);
            }
        }
        tsec_json_array_end(json);
        return 200;
    }
    if (strcmp(path, "/v1/transit/random") == 0 && post) {
        return random_bytes(json, body) ? 200 : 400;
    }
    if (strncmp(path, "/v1/transit/keys/", 17) == 0 && post && key == NULL) {
        create(d, name, body);
        return 200;
    }
    if (key == NULL) {
        return 404;
    }
    if (strncmp(path, "/v1/transit/keys/", 17) == 0) {
        tell_key(json, key);
        return post ? 299 : 200; /* 299: with a warning */
    }
    if (d->fail_with != 0) {
        return d->fail_with;
    }
    return (strncmp(path, "/v1/transit/sign/", 17) == 0 ? sign : decrypt)(json, key, body) ? 200
                                                                                           : 400;
}

static bool
is_allowed(const struct p11_double *d, const char *request)
{
    char line[128];

    (void)snprintf(line, sizeof(line), "\r\nX-Vault-Token: %s\r\n", d->token);
    return strstr(request, line) != NULL;
}

static bool
answer(void *ctx, const char *path, struct double_reply *out)
{
    struct p11_double *d = ctx;
    const char *request = d->server->requests[0];
    const char *end = strstr(request, "\r\n\r\n");
    const char *body = end == NULL ? "" : end + 4;
    const struct tsec_span text = tsec_span_str(body);
    struct tsec_json_out json = tsec_json_out(&d->reply);
    char method[8] = { 0 };

    d->server->requests_len = 0; /* the next is kept in its place */
    d->asked++;
    (void)snprintf(d->last_body, sizeof(d->last_body), "%s", body);
    (void)sscanf(request, "%7[A-Z]", method);
    if (!is_allowed(d, request)) {
        *out = (struct double_reply){ 403, NULL, "{\"errors\":[\"permission denied\"]}", 0 };
        return true;
    }
    if (text.len > 0 && tsec_failed(tsec_json_check(text, &TSEC_JSON_LIMITS_DEFAULT, NULL))) {
        *out = (struct double_reply){ 400, NULL, "{\"errors\":[\"no JSON\"]}", 0 };
        return true;
    }
    tsec_buf_reset(&d->reply);
    tsec_json_object(&json);
    tsec_json_key(&json, "data");
    tsec_json_object(&json);
    const int status = serve(d, method, path, text, &json);

    tsec_json_object_end(&json);
    if (status == 299) {
        tsec_json_key(&json, "warnings");
        tsec_json_array(&json);
        tsec_json_str(&json, "key already existed");
        tsec_json_array_end(&json);
    }
    tsec_json_object_end(&json);
    tsec_buf_put_byte(&d->reply, '\0');
    *out =
        (struct double_reply){ status == 299 ? 200 : status, NULL,
                               status < 300 ? (const char *)d->reply.ptr : "{\"errors\":[\"no\"]}",
                               0 };
    return true;
}

void
p11_double_key(struct p11_double *d, const char *name, enum tsec_pair_kind kind)
{
    struct p11_double_key *key = find_key(d, name);

    for (size_t i = 0; key == NULL && i < P11_DOUBLE_KEYS; i++) {
        key = d->keys[i].name == NULL ? &d->keys[i] : NULL;
    }
    CU_ASSERT_FATAL(key != NULL && key->latest < P11_DOUBLE_VERSIONS);
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_pair_generate(kind, &key->versions[key->latest], NULL)));
    key->name = name;
    key->latest++;
}

void
p11_double_start(struct p11_double *d)
{
    (void)run_cli_home();
    CU_ASSERT_FALSE_FATAL(tsec_failed(tsec_crypto_setup(NULL)));
    *d = (struct p11_double){ .token = "t.good" };
    tsec_buf_init(&d->reply, TEXT_MAX);
    d->server = server_double_answering(answer, d);
    (void)setenv("TEE_SECRETS_ADDR", d->server->address, 1);
    (void)setenv("TEE_SECRETS_TOKEN", d->token, 1);
    (void)setenv("TEE_SECRETS_MAX_RETRIES", "0", 1);
    (void)setenv("TEE_SECRETS_PKCS11_KEYS", "*", 1);
}

void
p11_double_stop(struct p11_double *d)
{
    static const char *const names[] = { "ADDR",        "TOKEN",           "MAX_RETRIES",
                                         "PKCS11_KEYS", "PKCS11_VERSIONS", "PKCS11_TOKEN_FILE" };

    server_double_free(d->server);
    for (size_t i = 0; i < P11_DOUBLE_KEYS; i++) {
        tsec_pair_free(d->keys[i].versions[0]);
        tsec_pair_free(d->keys[i].versions[1]);
    }
    tsec_buf_done(&d->reply);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(names); i++) {
        char full[64];

        (void)snprintf(full, sizeof(full), "TEE_SECRETS_%s", names[i]);
        (void)unsetenv(full);
    }
    run_cli_home_done();
}

const struct ck_function_list *
p11_calls(void)
{
    struct ck_function_list *list = NULL;

    CU_ASSERT_EQUAL_FATAL(C_GetFunctionList(&list), CKR_OK);
    return list;
}

ck_session_handle_t
p11_start(void)
{
    ck_session_handle_t session = 0;

    CU_ASSERT_EQUAL_FATAL(p11_calls()->C_Initialize(NULL), CKR_OK);
    CU_ASSERT_EQUAL_FATAL(
        p11_calls()->C_OpenSession(0, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session),
        CKR_OK);
    return session;
}

void
p11_stop(void)
{
    CU_ASSERT_EQUAL(p11_calls()->C_Finalize(NULL), CKR_OK);
}

ck_object_handle_t
p11_find(ck_session_handle_t session, ck_object_class_t kind, const char *label)
{
    struct ck_attribute templ[] = {
        { CKA_CLASS, &kind, sizeof(kind) },
        { CKA_LABEL, (void *)(uintptr_t)label, strlen(label) },
    };
    ck_object_handle_t found[2] = { 0 };
    unsigned long n = 0;

    CU_ASSERT_EQUAL_FATAL(p11_calls()->C_FindObjectsInit(session, templ, 2), CKR_OK);
    CU_ASSERT_EQUAL_FATAL(p11_calls()->C_FindObjects(session, found, 2, &n), CKR_OK);
    CU_ASSERT_EQUAL_FATAL(p11_calls()->C_FindObjectsFinal(session), CKR_OK);
    CU_ASSERT_TRUE_FATAL(n <= 1);
    return found[0];
}

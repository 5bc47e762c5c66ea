/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/jwe.h"

#include <stdlib.h>

#include "base/base64.h"
#include "codec/json_out.h"
#include "crypto/aead.h"
#include "crypto/jwe_internal.h"
#include "crypto/rand.h"

enum { COORDINATE_MAX = 48 };

tsec_rc
tsec_jwe_recipient_check(struct tsec_span spki, struct tsec_err *err)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *pair = NULL;

    return tsec_jwe_public(spki, &pair, err);
}

/* ---- header ---- */

static void
put_coordinate(struct tsec_json_out *out, const char *name, struct tsec_span bytes)
{
    char text[TSEC_BASE64_LEN(COORDINATE_MAX) + 1];

    tsec_base64_encode(TSEC_BASE64_URL, bytes, text);
    tsec_json_put_str(out, name, text);
}

/* RFC 7518 section 4.6.1.1 */
static tsec_rc
put_epk(struct tsec_json_out *out, const struct tsec_pair *ephemeral, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf point = TSEC_BUF_INIT(1 + 2 * COORDINATE_MAX);
    size_t half;

    TSEC_TRY(tsec_pair_point(ephemeral, &point, err));
    half = (point.len - 1) / 2;
    tsec_json_key(out, "epk");
    tsec_json_object(out);
    tsec_json_put_str(out, "kty", "EC");
    tsec_json_put_str(out, "crv",
                      tsec_pair_kind_of(ephemeral) == TSEC_PAIR_P384 ? "P-384" : "P-256");
    put_coordinate(out, "x", tsec_span(point.ptr + 1, half));
    put_coordinate(out, "y", tsec_span(point.ptr + 1 + half, half));
    tsec_json_object_end(out);
    return TSEC_OK;
}

struct header {
    struct tsec_span kid;
    const char *typ;
    const struct tsec_pair *ephemeral; /* NULL: RSA */
};

/* base64url of the JSON: what is authenticated beside the ciphertext */
static tsec_rc
put_header(const struct header *header, struct tsec_buf *encoded, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf json = TSEC_BUF_INIT(JWE_HEADER_MAX);
    struct tsec_json_out out = tsec_json_out(&json);

    tsec_json_object(&out);
    tsec_json_put_str(&out, "alg", header->ephemeral == NULL ? JWE_RSA : JWE_ECDH);
    tsec_json_put_str(&out, "enc", JWE_ENC);
    if (header->kid.len > 0) {
        tsec_json_put_span(&out, "kid", header->kid);
    }
    if (header->typ != NULL) {
        tsec_json_put_str(&out, "typ", header->typ);
    }
    if (header->ephemeral != NULL) {
        TSEC_TRY(put_epk(&out, header->ephemeral, err));
    }
    tsec_json_object_end(&out);
    TSEC_TRY(tsec_buf_check(&json, err));
    tsec_base64_append(encoded, TSEC_BASE64_URL, tsec_buf_span(&json));
    return tsec_buf_check(encoded, err);
}

/* ---- the costly half: the key ---- */

struct tsec_jwe {
    struct tsec_buf header;  /* encoded */
    struct tsec_buf wrapped; /* the content key */
    uint8_t cek[JWE_CEK_LEN];
};

static tsec_rc
wrap_key(struct tsec_jwe *jwe, const struct tsec_pair *to, struct header *header,
         struct tsec_err *err)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *ephemeral = NULL;
    const struct tsec_span cek = tsec_span(jwe->cek, sizeof(jwe->cek));
    tsec_rc rc;

    tsec_rand_bytes(jwe->cek, sizeof(jwe->cek));
    rc = tsec_pair_kind_is_rsa(tsec_pair_kind_of(to))
             ? tsec_pair_encrypt(to, TSEC_SHA256, tsec_span(NULL, 0), cek, &jwe->wrapped, err)
             : tsec_jwe_wrap_ecdh(to, jwe->cek, &ephemeral, &jwe->wrapped, err);
    TSEC_TRY(rc);
    header->ephemeral = ephemeral;
    return put_header(header, &jwe->header, err);
}

tsec_rc
tsec_jwe_begin(struct tsec_span spki, struct tsec_span kid, const char *typ, struct tsec_jwe **out,
               struct tsec_err *err)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *to = NULL;
    TSEC_AUTO(tsec_jwe_free) struct tsec_jwe *jwe = calloc(1, sizeof(*jwe));
    struct header header = { .kid = kid, .typ = typ };

    if (jwe == NULL) {
        return TSEC_FAIL(err, TSEC_E_NO_MEMORY, "a JWE");
    }
    tsec_buf_init(&jwe->header, (size_t)2 * JWE_HEADER_MAX);
    tsec_buf_init(&jwe->wrapped, JWE_WRAPPED_MAX);
    TSEC_TRY(tsec_jwe_public(spki, &to, err));
    TSEC_TRY(wrap_key(jwe, to, &header, err));
    *out = TSEC_TAKE(jwe);
    return TSEC_OK;
}

void
tsec_jwe_free(struct tsec_jwe *jwe)
{
    if (jwe != NULL) {
        tsec_buf_done(&jwe->header);
        tsec_buf_done(&jwe->wrapped);
        explicit_bzero(jwe->cek, sizeof(jwe->cek));
        free(jwe);
    }
}

/* ---- content ---- */

static tsec_rc
seal(const struct tsec_jwe *jwe, struct tsec_span plain, uint8_t nonce[TSEC_GCM_NONCE_LEN],
     struct tsec_buf *sealed, struct tsec_err *err)
{
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *key = NULL;
    uint8_t *at = tsec_buf_extend(sealed, plain.len + TSEC_AEAD_TAG_LEN);

    TSEC_TRY(tsec_buf_check(sealed, err));
    TSEC_TRY(tsec_aead_key_new(TSEC_AES_256_GCM, jwe->cek, &key, err));
    tsec_rand_nonce(nonce, TSEC_GCM_NONCE_LEN);
    return tsec_aead_seal(key, nonce, tsec_buf_span(&jwe->header), plain, at, err);
}

/* RFC 7516 section 7.1 */
static tsec_rc
put_compact(const struct tsec_jwe *jwe, const uint8_t nonce[TSEC_GCM_NONCE_LEN],
            struct tsec_span sealed, struct tsec_buf *out, struct tsec_err *err)
{
    const size_t len = sealed.len - TSEC_AEAD_TAG_LEN;
    const struct tsec_span parts[] = {
        tsec_buf_span(&jwe->wrapped),
        tsec_span(nonce, TSEC_GCM_NONCE_LEN),
        tsec_span(sealed.ptr, len),
        tsec_span(sealed.ptr + len, TSEC_AEAD_TAG_LEN),
    };
    const size_t start = out->len;

    tsec_buf_put_span(out, tsec_buf_span(&jwe->header));
    for (size_t i = 0; i < TSEC_ARRAY_LEN(parts); i++) {
        tsec_buf_put_byte(out, '.');
        tsec_base64_append(out, TSEC_BASE64_URL, parts[i]);
    }
    if (out->failed) {
        tsec_buf_truncate(out, start);
    }
    return tsec_buf_check(out, err);
}

tsec_rc
tsec_jwe_finish(const struct tsec_jwe *jwe, struct tsec_span plain, struct tsec_buf *out,
                struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(TSEC_JWE_MAX + TSEC_AEAD_TAG_LEN);
    uint8_t nonce[TSEC_GCM_NONCE_LEN];

    if (plain.len > TSEC_JWE_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "%zu bytes for a JWE", plain.len);
    }
    TSEC_TRY(seal(jwe, plain, nonce, &sealed, err));
    return put_compact(jwe, nonce, tsec_buf_span(&sealed), out, err);
}

tsec_rc
tsec_jwe_encrypt(struct tsec_span spki, struct tsec_span kid, const char *typ,
                 struct tsec_span plain, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO(tsec_jwe_free) struct tsec_jwe *jwe = NULL;

    if (plain.len > TSEC_JWE_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "%zu bytes for a JWE", plain.len);
    }
    TSEC_TRY(tsec_jwe_begin(spki, kid, typ, &jwe, err));
    return tsec_jwe_finish(jwe, plain, out, err);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base64.h"
#include "codec/json_scan.h"
#include "crypto/aead.h"
#include "crypto/cut.h"
#include "crypto/jwe_internal.h"
#include "crypto/recipient_internal.h"

enum { TOKEN_MAX = TSEC_JWE_MAX / 3 * 4 + 64 * 1024, EPK_MAX = 256 };

/* A token taken apart (RFC 7516 section 7.1). */
struct parts {
    struct tsec_span encoded; /* the header as it stands: it is authenticated so */
    struct tsec_buf header;
    struct tsec_buf wrapped;
    struct tsec_buf nonce;
    struct tsec_buf sealed; /* ciphertext ‖ tag */
};

static void
parts_done(struct parts *p)
{
    tsec_buf_done(&p->header);
    tsec_buf_done(&p->wrapped);
    tsec_buf_done(&p->nonce);
    tsec_buf_done(&p->sealed);
}

static tsec_rc
decode(struct tsec_span text, struct tsec_buf *out, struct tsec_err *err)
{
    return tsec_failed(tsec_base64_decode(out, TSEC_BASE64_URL, text, NULL))
               ? TSEC_FAIL(err, TSEC_E_INVALID, "a part of the JWE is no base64url of its length")
               : TSEC_OK;
}

static tsec_rc
take_apart(struct tsec_span token, struct parts *p, struct tsec_err *err)
{
    struct tsec_span text[4] = { { NULL, 0 } };

    if (token.len > TOKEN_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a JWE of %zu bytes", token.len);
    }
    for (size_t i = 0; i < TSEC_ARRAY_LEN(text); i++) {
        if (!tsec_cut(&token, '.', &text[i])) {
            return TSEC_FAIL(err, TSEC_E_INVALID, "a compact JWE has five parts");
        }
    }
    p->encoded = text[0];
    TSEC_TRY(decode(text[0], &p->header, err));
    TSEC_TRY(decode(text[1], &p->wrapped, err));
    TSEC_TRY(decode(text[2], &p->nonce, err));
    TSEC_TRY(decode(text[3], &p->sealed, err));

    const size_t ciphertext_len = p->sealed.len;

    TSEC_TRY(decode(token, &p->sealed, err)); /* a further dot is no base64url */
    if (p->nonce.len != TSEC_GCM_NONCE_LEN || p->sealed.len - ciphertext_len != TSEC_AEAD_TAG_LEN) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "nonce or tag of the JWE are not " JWE_ENC "'s");
    }
    return TSEC_OK;
}

/* ---- header ---- */

static bool
says(struct tsec_span header, const char *name, const char *text)
{
    struct tsec_span value = { NULL, 0 };

    return tsec_json_member(header, name, &value) == TSEC_JSON_STRING
           && tsec_json_string_is(value, tsec_span_str(text));
}

/* What would change how the rest is to be read, and is not made here. */
static bool
has_foreign(struct tsec_span header)
{
    static const char *const foreign[] = { "crit", "zip", "apu", "apv", "b64" };
    struct tsec_span value = { NULL, 0 };

    for (size_t i = 0; i < TSEC_ARRAY_LEN(foreign); i++) {
        if (tsec_json_member(header, foreign[i], &value) != TSEC_JSON_NONE) {
            return true;
        }
    }
    return false;
}

static tsec_rc
check_header(struct tsec_span header, bool *rsa, struct tsec_err *err)
{
    const struct tsec_json_limits limits = { .depth_max = 8, .members_max = 64 };

    TSEC_TRY(tsec_json_check(header, &limits, err));
    if (tsec_json_type_of(tsec_json_trim(header)) != TSEC_JSON_OBJECT) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the JWE's header is no JSON object");
    }
    header = tsec_json_trim(header);
    *rsa = says(header, "alg", JWE_RSA);
    if (!*rsa && !says(header, "alg", JWE_ECDH)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the JWE's alg is neither " JWE_ECDH " nor " JWE_RSA);
    }
    if (!says(header, "enc", JWE_ENC) || has_foreign(header)) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the JWE is not plain " JWE_ENC);
    }
    return TSEC_OK;
}

/* ---- content key ---- */

static tsec_rc
unwrap_ecdh(const struct tsec_pair *own, const struct parts *p, uint8_t cek[JWE_CEK_LEN],
            struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf spki = TSEC_BUF_INIT(EPK_MAX);
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *ephemeral = NULL;
    struct tsec_span epk = { NULL, 0 };

    if (tsec_json_member(tsec_json_trim(tsec_buf_span(&p->header)), "epk", &epk)
        != TSEC_JSON_OBJECT) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "the JWE has no epk");
    }
    TSEC_TRY(tsec_jwk_to_spki(epk, &spki, err));
    TSEC_TRY(tsec_jwe_public(tsec_buf_span(&spki), &ephemeral, err));
    if (tsec_pair_kind_of(ephemeral) != tsec_pair_kind_of(own)) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "the JWE is for a key on another curve");
    }
    return tsec_jwe_unwrap_ecdh(own, ephemeral, tsec_buf_span(&p->wrapped), cek, err);
}

static tsec_rc
unwrap(const struct tsec_recipient *recipient, const struct parts *p, uint8_t cek[JWE_CEK_LEN],
       struct tsec_err *err)
{
    bool rsa = false;

    TSEC_TRY(check_header(tsec_buf_span(&p->header), &rsa, err));
    if (rsa != tsec_pair_kind_is_rsa(tsec_pair_kind_of(recipient->pair))) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "the JWE is for a key of another type");
    }
    return rsa ? tsec_jwe_unwrap_rsa(recipient->pair, tsec_buf_span(&p->wrapped), cek, err)
               : unwrap_ecdh(recipient->pair, p, cek, err);
}

static tsec_rc
open_content(const uint8_t cek[JWE_CEK_LEN], const struct parts *p, struct tsec_buf *plain,
             struct tsec_err *err)
{
    TSEC_AUTO(tsec_aead_key_free) struct tsec_aead_key *key = NULL;
    const size_t start = plain->len;
    const size_t len = p->sealed.len - TSEC_AEAD_TAG_LEN;
    uint8_t none[1];
    tsec_rc rc;

    TSEC_TRY(tsec_aead_key_new(TSEC_AES_256_GCM, cek, &key, err));

    uint8_t *out = len == 0 ? none : tsec_buf_extend(plain, len);

    TSEC_TRY(tsec_buf_check(plain, err));
    rc = tsec_aead_open(key, p->nonce.ptr, p->encoded, tsec_buf_span(&p->sealed), out, err);
    if (tsec_failed(rc)) {
        tsec_buf_truncate(plain, start);
    }
    return rc;
}

tsec_rc
tsec_jwe_decrypt(const struct tsec_recipient *recipient, struct tsec_span token,
                 struct tsec_buf *plain, struct tsec_err *err)
{
    struct parts p = {
        .header = TSEC_BUF_INIT(JWE_HEADER_MAX),
        .wrapped = TSEC_BUF_INIT(JWE_WRAPPED_MAX),
        .nonce = TSEC_BUF_INIT(TSEC_GCM_NONCE_LEN),
        .sealed = TSEC_BUF_INIT(TSEC_JWE_MAX + TSEC_AEAD_TAG_LEN),
    };
    uint8_t cek[JWE_CEK_LEN] = { 0 };
    tsec_rc rc = take_apart(token, &p, err);

    if (!tsec_failed(rc)) {
        rc = unwrap(recipient, &p, cek, err);
    }
    if (!tsec_failed(rc)) {
        rc = open_content(cek, &p, plain, err);
    }
    explicit_bzero(cek, sizeof(cek));
    parts_done(&p);
    return rc.code == TSEC_E_TAMPERED
               ? TSEC_FAIL(err, TSEC_E_DENIED, "the JWE is not for this key, or was altered")
               : rc;
}

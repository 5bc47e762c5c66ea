/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/asn1.h"
#include "crypto/cms.h"
#include "crypto/cms_internal.h"
#include "crypto/recipient_internal.h"

/* BER is read here, and not by the library's coders, which leave copies of what they decrypt.  AWS
 * writes lengths that are open (0x80, up to two zero bytes) and content in pieces; OpenSSL does so
 * when it streams. */

enum { RECIPIENTS_MAX = 8, CMS_MAX = TSEC_JWE_MAX + 64 * 1024, OPEN_LENGTH = 0x80 };

/* What stands in an element; `open`: it ends where two zero bytes say so. */
struct inside {
    struct tsec_span rest;
    bool open;
};

static bool
take_length(struct tsec_span *in, size_t *len, bool *open)
{
    size_t n = 0;

    *len = 0;
    *open = false;
    if (in->len == 0) {
        return false;
    }
    n = *in->ptr;
    *in = tsec_span(in->ptr + 1, in->len - 1);
    if (n < 0x80) {
        *len = n;
        return true;
    }
    *open = n == OPEN_LENGTH;
    n &= 0x7f;
    if (n > 4 || n > in->len) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        *len = *len << 8 | in->ptr[i];
    }
    *in = tsec_span(in->ptr + n, in->len - n);
    return true;
}

static bool
enter(struct inside *in, uint8_t tag, struct inside *out)
{
    struct tsec_span rest = in->rest;
    size_t len = 0;

    if (!tsec_asn1_at(rest, tag)) {
        return false;
    }
    rest = tsec_span(rest.ptr + 1, rest.len - 1);
    if (!take_length(&rest, &len, &out->open) || len > rest.len
        || (out->open && (tag & 0x20) == 0)) {
        return false;
    }
    out->rest = out->open ? rest : tsec_span(rest.ptr, len);
    in->rest = tsec_span(rest.ptr + len, rest.len - len);
    return true;
}

/* Nothing may be left in it. */
static bool
leave(struct inside *in, const struct inside *out)
{
    if (!out->open) {
        return out->rest.len == 0;
    }
    if (out->rest.len < 2 || out->rest.ptr[0] != 0 || out->rest.ptr[1] != 0) {
        return false;
    }
    in->rest = tsec_span(out->rest.ptr + 2, out->rest.len - 2);
    return true;
}

static bool
at_end(const struct inside *in)
{
    return in->rest.len == 0 || (in->open && in->rest.ptr[0] == 0);
}

static bool
take(struct inside *in, uint8_t tag, struct tsec_span *value)
{
    struct inside out;

    if (!enter(in, tag, &out) || out.open) {
        return false;
    }
    *value = out.rest;
    return true;
}

/* ---- the message ---- */

struct message {
    struct tsec_span keys[RECIPIENTS_MAX]; /* encrypted */
    size_t keys_len;
    struct tsec_span iv;
    struct tsec_buf sealed;
};

static bool
is_version(struct inside *in)
{
    struct tsec_span version = { NULL, 0 };

    return take(in, ASN1_TAG_INTEGER, &version) && version.len == 1
           && version.ptr[0] == CMS_VERSION;
}

static bool
is_oid(struct inside *in, struct tsec_span wanted)
{
    struct tsec_span oid = { NULL, 0 };

    return take(in, ASN1_TAG_OID, &oid) && tsec_span_equal(oid, wanted);
}

static bool
skip(struct inside *in, struct tsec_span bytes)
{
    if (!tsec_span_starts(in->rest, bytes)) {
        return false;
    }
    in->rest = tsec_span(in->rest.ptr + bytes.len, in->rest.len - bytes.len);
    return true;
}

static bool
read_recipient(struct inside *in, struct message *m)
{
    struct inside info;
    struct tsec_span ski = { NULL, 0 };

    return m->keys_len < RECIPIENTS_MAX && enter(in, ASN1_TAG_SEQUENCE, &info) && is_version(&info)
           && take(&info, CMS_TAG_SKI, &ski)
           && (skip(&info, cms_oaep_sha256) || skip(&info, cms_oaep_sha256_bare))
           && take(&info, ASN1_TAG_OCTETS, &m->keys[m->keys_len++]) && leave(in, &info);
}

static bool
read_recipients(struct inside *in, struct message *m)
{
    struct inside set;

    if (!enter(in, ASN1_TAG_SET, &set)) {
        return false;
    }
    while (!at_end(&set)) {
        if (!read_recipient(&set, m)) {
            return false;
        }
    }
    return m->keys_len > 0 && leave(in, &set);
}

static bool
read_cipher(struct inside *in, struct message *m)
{
    struct inside algorithm;

    return enter(in, ASN1_TAG_SEQUENCE, &algorithm) && is_oid(&algorithm, cms_aes_256_cbc)
           && take(&algorithm, ASN1_TAG_OCTETS, &m->iv) && m->iv.len == CMS_BLOCK
           && leave(in, &algorithm);
}

static bool
read_content(struct inside *in, struct message *m)
{
    struct inside pieces;
    struct tsec_span piece = { NULL, 0 };

    if (take(in, CMS_TAG_CONTENT, &piece)) {
        tsec_buf_put_span(&m->sealed, piece);
        return true;
    }
    if (!enter(in, CMS_TAG_PIECES, &pieces)) {
        return false;
    }
    while (!at_end(&pieces)) {
        if (!take(&pieces, ASN1_TAG_OCTETS, &piece)) {
            return false;
        }
        tsec_buf_put_span(&m->sealed, piece);
    }
    return leave(in, &pieces);
}

static bool
read_message(struct tsec_span cms, struct message *m)
{
    struct inside all = { .rest = cms };
    struct inside info;
    struct inside field;
    struct inside enveloped;
    struct inside content;

    return enter(&all, ASN1_TAG_SEQUENCE, &info) && is_oid(&info, cms_enveloped_data)
           && enter(&info, ASN1_TAG_FIELD, &field) && enter(&field, ASN1_TAG_SEQUENCE, &enveloped)
           && is_version(&enveloped) && read_recipients(&enveloped, m)
           && enter(&enveloped, ASN1_TAG_SEQUENCE, &content) && is_oid(&content, cms_data)
           && read_cipher(&content, m) && read_content(&content, m) && leave(&enveloped, &content)
           && leave(&field, &enveloped) && leave(&info, &field) && leave(&all, &info)
           && all.rest.len == 0;
}

/* ---- decrypting ---- */

static tsec_rc
open_key(const struct tsec_recipient *recipient, const struct message *m, struct tsec_buf *key,
         struct tsec_err *err)
{
    for (size_t i = 0; i < m->keys_len; i++) {
        const tsec_rc rc = tsec_pair_decrypt(recipient->pair, TSEC_SHA256, tsec_span(NULL, 0),
                                             m->keys[i], key, err);

        if (!tsec_failed(rc) && key->len == CMS_CEK_LEN) {
            return TSEC_OK;
        }
        if (tsec_failed(rc) && rc.code != TSEC_E_TAMPERED) {
            return rc;
        }
        tsec_buf_reset(key);
    }
    return TSEC_FAIL(err, TSEC_E_TAMPERED, "for another key");
}

static tsec_rc
open_message(const struct tsec_recipient *recipient, const struct message *m,
             struct tsec_buf *plain, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);

    TSEC_TRY(tsec_buf_check(&m->sealed, err));
    TSEC_TRY(open_key(recipient, m, &key, err));
    return tsec_cms_cbc_decrypt(key.ptr, m->iv.ptr, tsec_buf_span(&m->sealed), plain, err);
}

tsec_rc
tsec_cms_decrypt(const struct tsec_recipient *recipient, struct tsec_span cms,
                 struct tsec_buf *plain, struct tsec_err *err)
{
    struct message m = { .sealed = TSEC_BUF_INIT(CMS_MAX) };
    tsec_rc rc;

    if (!tsec_pair_kind_is_rsa(tsec_pair_kind_of(recipient->pair))) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "CMS is for RSA keys only");
    }
    rc = cms.len <= CMS_MAX && read_message(cms, &m)
             ? open_message(recipient, &m, plain, err)
             : TSEC_FAIL(err, TSEC_E_INVALID, "not EnvelopedData of this profile");
    tsec_buf_done(&m.sealed);
    return rc.code == TSEC_E_TAMPERED
               ? TSEC_FAIL(err, TSEC_E_DENIED, "the CMS is not for this key, or was altered")
               : rc;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/cms.h"

#include "crypto/asn1.h"
#include "crypto/asn1_put.h"
#include "crypto/cms_internal.h"
#include "crypto/jwe_internal.h"
#include "crypto/rand.h"

/* 1.2.840.113549.1.7.3, 1.2.840.113549.1.7.1, 2.16.840.1.101.3.4.1.42 */
static const uint8_t enveloped_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03 };
static const uint8_t data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01 };
static const uint8_t aes_256_cbc[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a };
/* RFC 4055 section 4.1: id-RSAES-OAEP with SHA-256, and MGF1 with SHA-256; no label. */
static const uint8_t oaep_sha256[] = {
    0x30, 0x3c, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x07, 0x30, 0x2f, 0xa0,
    0x0f, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
    0xa1, 0x1c, 0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30,
    0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
};

/* RFC 4055 section 2.1: both forms are to be taken. */
static const uint8_t oaep_sha256_bare[] = {
    0x30, 0x38, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x07, 0x30, 0x2b,
    0xa0, 0x0d, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
    0xa1, 0x1a, 0x30, 0x18, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08,
    0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
};

const struct tsec_span cms_enveloped_data = { enveloped_data, sizeof(enveloped_data) };
const struct tsec_span cms_data = { data, sizeof(data) };
const struct tsec_span cms_oaep_sha256 = { oaep_sha256, sizeof(oaep_sha256) };
const struct tsec_span cms_oaep_sha256_bare = { oaep_sha256_bare, sizeof(oaep_sha256_bare) };
const struct tsec_span cms_aes_256_cbc = { aes_256_cbc, sizeof(aes_256_cbc) };

enum { HEAD_MAX = 8, SMALL_MAX = 2048 };

static void
put_version(struct tsec_buf *out)
{
    static const uint8_t version[] = { CMS_VERSION };

    tsec_asn1_put_magnitude(out, tsec_span(version, sizeof(version)));
}

/* RFC 5652 section 6.2.1.  Which key it is for says SHA-256 of its SubjectPublicKeyInfo. */
static tsec_rc
put_recipients(const struct tsec_pair *to, struct tsec_span spki, const uint8_t cek[CMS_CEK_LEN],
               struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf key = TSEC_BUF_INIT(TSEC_PAIR_SIG_MAX);
    TSEC_AUTO_BUF struct tsec_buf info = TSEC_BUF_INIT(SMALL_MAX);
    TSEC_AUTO_BUF struct tsec_buf whole = TSEC_BUF_INIT(SMALL_MAX);
    uint8_t ski[TSEC_SHA256_LEN];

    TSEC_TRY(tsec_pair_encrypt(to, TSEC_SHA256, tsec_span(NULL, 0), tsec_span(cek, CMS_CEK_LEN),
                               &key, err));
    tsec_sha256(spki, ski);
    put_version(&info);
    tsec_asn1_put(&info, CMS_TAG_SKI, tsec_span(ski, sizeof(ski)));
    tsec_buf_put_span(&info, cms_oaep_sha256);
    tsec_asn1_put(&info, ASN1_TAG_OCTETS, tsec_buf_span(&key));
    TSEC_TRY(tsec_buf_check(&info, err));
    tsec_asn1_put(&whole, ASN1_TAG_SEQUENCE, tsec_buf_span(&info));
    TSEC_TRY(tsec_buf_check(&whole, err));
    tsec_asn1_put(out, ASN1_TAG_SET, tsec_buf_span(&whole));
    return tsec_buf_check(out, err);
}

/* RFC 3565 section 4.1 */
static void
put_cipher(const uint8_t iv[CMS_BLOCK], struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf inside = TSEC_BUF_INIT(SMALL_MAX);

    tsec_asn1_put(&inside, ASN1_TAG_OID, cms_aes_256_cbc);
    tsec_asn1_put(&inside, ASN1_TAG_OCTETS, tsec_span(iv, CMS_BLOCK));
    tsec_asn1_put(out, ASN1_TAG_OID, cms_data);
    tsec_asn1_put(out, ASN1_TAG_SEQUENCE, tsec_buf_span(&inside));
}

/* ---- elements that are too long for asn1_put.h ---- */

static size_t
head(uint8_t tag, size_t len, uint8_t out[HEAD_MAX])
{
    size_t bytes = 0;
    size_t at = 0;

    out[at++] = tag;
    if (len < 0x80) {
        out[at++] = (uint8_t)len;
        return at;
    }
    for (size_t left = len; left > 0; left >>= 8) {
        bytes++;
    }
    out[at++] = (uint8_t)(0x80 | bytes);
    while (bytes-- > 0) {
        out[at++] = (uint8_t)(len >> (8 * bytes));
    }
    return at;
}

static size_t
with_head(size_t len)
{
    uint8_t bytes[HEAD_MAX];

    return head(0, len, bytes) + len;
}

static void
put_head(struct tsec_buf *out, uint8_t tag, size_t len)
{
    uint8_t bytes[HEAD_MAX];

    tsec_buf_put(out, bytes, head(tag, len, bytes));
}

/* `first`: version and recipients; `cipher`: what stands before the content. */
static tsec_rc
put_whole(struct tsec_span first, struct tsec_span cipher, struct tsec_span sealed,
          struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf type = TSEC_BUF_INIT(SMALL_MAX);
    const size_t content = cipher.len + with_head(sealed.len);
    const size_t enveloped = first.len + with_head(content);
    const size_t start = out->len;

    tsec_asn1_put(&type, ASN1_TAG_OID, cms_enveloped_data);
    put_head(out, ASN1_TAG_SEQUENCE, type.len + with_head(with_head(enveloped)));
    tsec_buf_put_span(out, tsec_buf_span(&type));
    put_head(out, ASN1_TAG_FIELD, with_head(enveloped));
    put_head(out, ASN1_TAG_SEQUENCE, enveloped);
    tsec_buf_put_span(out, first);
    put_head(out, ASN1_TAG_SEQUENCE, content);
    tsec_buf_put_span(out, cipher);
    put_head(out, CMS_TAG_CONTENT, sealed.len);
    tsec_buf_put_span(out, sealed);
    if (out->failed) {
        tsec_buf_truncate(out, start);
    }
    return tsec_buf_check(out, err);
}

static tsec_rc
write_to(const struct tsec_pair *to, struct tsec_span spki, const uint8_t cek[CMS_CEK_LEN],
         struct tsec_span plain, struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf first = TSEC_BUF_INIT(SMALL_MAX);
    TSEC_AUTO_BUF struct tsec_buf cipher = TSEC_BUF_INIT(SMALL_MAX);
    TSEC_AUTO_BUF struct tsec_buf sealed = TSEC_BUF_INIT(TSEC_JWE_MAX + CMS_BLOCK);
    uint8_t iv[CMS_BLOCK];

    tsec_rand_bytes(iv, sizeof(iv));
    put_version(&first);
    TSEC_TRY(put_recipients(to, spki, cek, &first, err));
    put_cipher(iv, &cipher);
    TSEC_TRY(tsec_buf_check(&cipher, err));
    TSEC_TRY(tsec_cms_cbc_encrypt(cek, iv, plain, &sealed, err));
    return put_whole(tsec_buf_span(&first), tsec_buf_span(&cipher), tsec_buf_span(&sealed), out,
                     err);
}

tsec_rc
tsec_cms_encrypt(struct tsec_span spki, struct tsec_span plain, struct tsec_buf *out,
                 struct tsec_err *err)
{
    TSEC_AUTO(tsec_pair_free) struct tsec_pair *to = NULL;
    uint8_t cek[CMS_CEK_LEN];
    tsec_rc rc;

    if (plain.len > TSEC_JWE_MAX) {
        return TSEC_FAIL(err, TSEC_E_TOO_LARGE, "%zu bytes for CMS", plain.len);
    }
    TSEC_TRY(tsec_jwe_public(spki, &to, err));
    if (!tsec_pair_kind_is_rsa(tsec_pair_kind_of(to))) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "CMS is written to RSA keys only");
    }
    tsec_rand_bytes(cek, sizeof(cek));
    rc = write_to(to, spki, cek, plain, out, err);
    explicit_bzero(cek, sizeof(cek));
    return rc;
}

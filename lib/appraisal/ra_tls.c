/* SPDX-License-Identifier: Apache-2.0 */
#include "appraisal/ra_tls.h"

#include <string.h>

#include "codec/cbor.h"
#include "crypto/hash.h"
#include "crypto/x509.h"

enum { MAJOR_UINT = 0, MAJOR_BYTES = 2, MAJOR_TEXT = 3, MAJOR_ARRAY = 4, MAJOR_MAP = 5 };
enum { TAG_INTEL_QUOTE = 60000, IS_EVIDENCE = 4, CLAIMS_MAX = 8 };
enum { NI_SHA256 = 1, NI_SHA384 = 7, NI_SHA512 = 8 }; /* IANA's named information */

static const char MEDIA_TYPE[] = "application/vnd.tee-secrets.evidence; format=";

/* ---- writing ---- */

static void
put_head(struct tsec_buf *out, uint8_t major, size_t value)
{
    const uint8_t top = (uint8_t)(major << 5);

    if (value < 24) {
        tsec_buf_put_byte(out, (uint8_t)(top | value));
    } else if (value < 0x100) {
        tsec_buf_put_byte(out, top | 24);
    } else {
        tsec_buf_put_byte(out, top | (value < 0x10000 ? 25 : 26));
        if (value >= 0x10000) {
            tsec_buf_put_byte(out, (uint8_t)(value >> 24));
            tsec_buf_put_byte(out, (uint8_t)(value >> 16));
        }
        tsec_buf_put_byte(out, (uint8_t)(value >> 8));
    }
    if (value >= 24) {
        tsec_buf_put_byte(out, (uint8_t)value);
    }
}

static void
put_bytes(struct tsec_buf *out, struct tsec_span bytes)
{
    put_head(out, MAJOR_BYTES, bytes.len);
    tsec_buf_put_span(out, bytes);
}

static void
put_text(struct tsec_buf *out, const char *text)
{
    put_head(out, MAJOR_TEXT, strlen(text));
    tsec_buf_put_str(out, text);
}

void
tsec_ra_tls_claims(struct tsec_span spki, struct tsec_span nonce, struct tsec_buf *out)
{
    TSEC_AUTO_BUF struct tsec_buf entry = TSEC_BUF_INIT(64);
    uint8_t digest[TSEC_SHA256_LEN];

    tsec_sha256(spki, digest);
    put_head(&entry, MAJOR_ARRAY, 2);
    put_head(&entry, MAJOR_UINT, NI_SHA256);
    put_bytes(&entry, tsec_span(digest, sizeof(digest)));
    put_head(out, MAJOR_MAP, nonce.len == 0 ? 1 : 2);
    put_text(out, "pubkey-hash");
    put_bytes(out, tsec_buf_span(&entry));
    if (nonce.len > 0) {
        put_text(out, "nonce");
        put_bytes(out, nonce);
    }
}

void
tsec_ra_tls_binding(struct tsec_span claims, uint8_t out[64])
{
    memset(out, 0, 64);
    tsec_sha256(claims, out);
}

static bool
is_intel_quote(const char *format)
{
    return strcmp(format, "sgx") == 0 || strcmp(format, "tdx") == 0;
}

tsec_rc
tsec_ra_tls_extension(const char *format, struct tsec_span evidence, struct tsec_span claims,
                      struct tsec_buf *out, struct tsec_err *err)
{
    TSEC_AUTO_BUF struct tsec_buf pair = TSEC_BUF_INIT(TSEC_RA_TLS_MAX);
    char type[sizeof(MEDIA_TYPE) + TSEC_RA_TLS_FORMAT_MAX] = "";

    if (strlen(format) > TSEC_RA_TLS_FORMAT_MAX) {
        return TSEC_FAIL(err, TSEC_E_INVALID, "a format's name is too long");
    }
    put_head(&pair, MAJOR_ARRAY, 2);
    put_bytes(&pair, evidence);
    put_bytes(&pair, claims);
    TSEC_TRY(tsec_buf_check(&pair, err));
    if (is_intel_quote(format)) {
        static const uint8_t tag[] = { 0xd9, TAG_INTEL_QUOTE >> 8, TAG_INTEL_QUOTE & 0xff };

        tsec_buf_put(out, tag, sizeof(tag));
        tsec_buf_put_span(out, tsec_buf_span(&pair));
        return tsec_buf_check(out, err);
    }
    memcpy(type, MEDIA_TYPE, sizeof(MEDIA_TYPE));
    memcpy(type + sizeof(MEDIA_TYPE) - 1, format, strlen(format) + 1);
    put_head(out, MAJOR_ARRAY, 3);
    put_text(out, type);
    put_bytes(out, tsec_buf_span(&pair));
    put_head(out, MAJOR_UINT, IS_EVIDENCE);
    return tsec_buf_check(out, err);
}

/* ---- reading ---- */

static tsec_rc
wrong(struct tsec_err *err, const char *what)
{
    return TSEC_FAIL(err, TSEC_E_INVALID, "the certificate's evidence: %s", what);
}

/* Quotes of version 3 are of SGX; later ones name their TEE. */
static tsec_rc
format_of_quote(struct tsec_span quote, char out[TSEC_RA_TLS_FORMAT_MAX + 1], struct tsec_err *err)
{
    static const uint8_t tdx[] = { 0x81, 0, 0, 0 };
    static const uint8_t sgx[] = { 0, 0, 0, 0 };
    const char *name = NULL;

    if (quote.len < 48 || quote.ptr[1] != 0) {
        return wrong(err, "no quote");
    }
    if (quote.ptr[0] == 3 || tsec_span_equal(tsec_span(quote.ptr + 4, 4), tsec_span(sgx, 4))) {
        name = "sgx";
    } else if (tsec_span_equal(tsec_span(quote.ptr + 4, 4), tsec_span(tdx, 4))) {
        name = "tdx";
    } else {
        return wrong(err, "a quote of no TEE that is known");
    }
    memcpy(out, name, strlen(name) + 1);
    return TSEC_OK;
}

/* Through to the end of what was given. */
static tsec_rc
read_pair(struct tsec_cbor *in, struct tsec_ra_tls *out, struct tsec_err *err)
{
    size_t n = 0;

    TSEC_TRY(tsec_cbor_array(in, 2, &n, err));
    if (n != 2) {
        return wrong(err, "not evidence and claims");
    }
    TSEC_TRY(tsec_cbor_bytes(in, &out->evidence, err));
    TSEC_TRY(tsec_cbor_bytes(in, &out->claims, err));
    return tsec_cbor_end(in, err);
}

static tsec_rc
read_type(struct tsec_span type, char out[TSEC_RA_TLS_FORMAT_MAX + 1], struct tsec_err *err)
{
    const size_t head = sizeof(MEDIA_TYPE) - 1;

    if (!tsec_span_starts(type, tsec_span_str(MEDIA_TYPE)) || type.len == head
        || type.len - head > TSEC_RA_TLS_FORMAT_MAX || memchr(type.ptr, '\0', type.len) != NULL) {
        return wrong(err, "of a type that is not known");
    }
    memcpy(out, type.ptr + head, type.len - head);
    out[type.len - head] = '\0';
    return is_intel_quote(out) ? wrong(err, "a quote has a tag of its own") : TSEC_OK;
}

static tsec_rc
read_wrapper(struct tsec_cbor *in, struct tsec_ra_tls *out, struct tsec_err *err)
{
    struct tsec_span type;
    struct tsec_span value;
    struct tsec_cbor inner;
    uint64_t kind = 0;
    size_t n = 0;

    TSEC_TRY(tsec_cbor_array(in, 3, &n, err));
    if (n != 3) {
        return wrong(err, "not a wrapped message");
    }
    TSEC_TRY(tsec_cbor_text(in, &type, err));
    TSEC_TRY(tsec_cbor_bytes(in, &value, err));
    TSEC_TRY(tsec_cbor_uint(in, &kind, err));
    TSEC_TRY(tsec_cbor_end(in, err));
    if (kind != IS_EVIDENCE) {
        return wrong(err, "it is none");
    }
    TSEC_TRY(read_type(type, out->format, err));
    inner = tsec_cbor(value);
    return read_pair(&inner, out, err);
}

/* Whether the hash is that of the key. */
static tsec_rc
check_key(struct tsec_span entry, struct tsec_span spki, struct tsec_err *err)
{
    struct tsec_cbor in = tsec_cbor(entry);
    uint8_t digest[TSEC_SHA512_LEN];
    struct tsec_span hash;
    enum tsec_hash kind;
    uint64_t alg = 0;
    size_t n = 0;

    TSEC_TRY(tsec_cbor_array(&in, 2, &n, err));
    if (n != 2) {
        return wrong(err, "no hash of a key");
    }
    TSEC_TRY(tsec_cbor_uint(&in, &alg, err));
    TSEC_TRY(tsec_cbor_bytes(&in, &hash, err));
    TSEC_TRY(tsec_cbor_end(&in, err));
    if (alg != NI_SHA256 && alg != NI_SHA384 && alg != NI_SHA512) {
        return wrong(err, "a hash of a kind that is not known");
    }
    kind = alg == NI_SHA256 ? TSEC_SHA256 : alg == NI_SHA384 ? TSEC_SHA384 : TSEC_SHA512;
    tsec_hash_parts(kind, &spki, 1, digest);
    return tsec_span_equal(hash, tsec_span(digest, tsec_hash_len(kind)))
               ? TSEC_OK
               : TSEC_FAIL(err, TSEC_E_DENIED, "the certificate's evidence is about another key");
}

/* Claims that are not known are passed over, as the form has it. */
static tsec_rc
read_claim(struct tsec_cbor *in, struct tsec_span *entry, struct tsec_span *nonce,
           struct tsec_err *err)
{
    struct tsec_span *into = NULL;
    struct tsec_span name;
    struct tsec_span value;

    TSEC_TRY(tsec_cbor_text(in, &name, err));
    TSEC_TRY(tsec_cbor_bytes(in, &value, err));
    if (tsec_span_equal(name, tsec_span_str("pubkey-hash"))) {
        into = entry;
    } else if (tsec_span_equal(name, tsec_span_str("nonce"))) {
        into = nonce;
    }
    if (into == NULL) {
        return TSEC_OK;
    }
    if (into->ptr != NULL) {
        return wrong(err, "a claim that comes twice");
    }
    *into = value;
    return TSEC_OK;
}

static tsec_rc
read_claims(struct tsec_span spki, struct tsec_ra_tls *out, struct tsec_err *err)
{
    struct tsec_cbor in = tsec_cbor(out->claims);
    struct tsec_span entry = { NULL, 0 };
    struct tsec_cbor_map map;
    bool more = false;

    TSEC_TRY(tsec_cbor_map(&in, CLAIMS_MAX, false, &map, err));
    TSEC_TRY(tsec_cbor_map_next(&in, &map, &more, err));
    while (more) {
        TSEC_TRY(read_claim(&in, &entry, &out->nonce, err));
        TSEC_TRY(tsec_cbor_map_next(&in, &map, &more, err));
    }
    TSEC_TRY(tsec_cbor_end(&in, err));
    return entry.ptr == NULL ? wrong(err, "no hash of a key") : check_key(entry, spki, err);
}

tsec_rc
tsec_ra_tls_read(struct tsec_span extension, struct tsec_span spki, struct tsec_ra_tls *out,
                 struct tsec_err *err)
{
    struct tsec_cbor in = tsec_cbor(extension);

    *out = (struct tsec_ra_tls){ .format = "" };
    if (tsec_cbor_tag(&in, TAG_INTEL_QUOTE)) {
        TSEC_TRY(read_pair(&in, out, err));
        TSEC_TRY(format_of_quote(out->evidence, out->format, err));
    } else {
        TSEC_TRY(read_wrapper(&in, out, err));
    }
    TSEC_TRY(read_claims(spki, out, err));
    tsec_ra_tls_binding(out->claims, out->binding);
    return TSEC_OK;
}

tsec_rc
tsec_ra_tls_of(const struct tsec_cert *cert, struct tsec_ra_tls *out, struct tsec_err *err)
{
    const struct tsec_span extension = tsec_cert_extension(cert, TSEC_RA_TLS_OID);

    *out = (struct tsec_ra_tls){ .format = "" };
    if (extension.ptr == NULL) {
        return TSEC_FAIL(err, TSEC_E_NOT_FOUND, "the certificate carries no evidence");
    }
    return tsec_ra_tls_read(extension, tsec_cert_spki(cert), out, err);
}

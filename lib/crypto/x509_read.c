/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/x509_internal.h"

/* Contents of the AlgorithmIdentifiers (RFC 4055, RFC 5758). */
static const uint8_t ecdsa_sha256[] = {
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02
};
static const uint8_t ecdsa_sha384[] = {
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03
};
static const uint8_t rsa_sha256[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                                      0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00 };
static const uint8_t rsa_sha384[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                                      0x0d, 0x01, 0x01, 0x0c, 0x05, 0x00 };
/* The OIDs only. */
static const uint8_t pss[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a };
static const uint8_t mgf1[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08 };
static const uint8_t sha384[] = {
    0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02
};
static const uint8_t null[] = { 0x05, 0x00 };

static const struct {
    struct tsec_span contents;
    enum tsec_cert_alg alg;
} algorithms[] = {
    { { ecdsa_sha256, sizeof(ecdsa_sha256) }, TSEC_CERT_ECDSA_SHA256 },
    { { ecdsa_sha384, sizeof(ecdsa_sha384) }, TSEC_CERT_ECDSA_SHA384 },
    { { rsa_sha256, sizeof(rsa_sha256) }, TSEC_CERT_RSA_SHA256 },
    { { rsa_sha384, sizeof(rsa_sha384) }, TSEC_CERT_RSA_SHA384 },
};

static bool
skip(struct tsec_span *bytes, const uint8_t *prefix, size_t len)
{
    if (!tsec_span_starts(*bytes, tsec_span(prefix, len))) {
        return false;
    }
    *bytes = tsec_span(bytes->ptr + len, bytes->len - len);
    return true;
}

/* An AlgorithmIdentifier of SHA-384 and nothing behind it; its parameters are NULL or absent
 * (RFC 4055 section 2.1: both must be taken). */
static bool
is_sha384(struct tsec_span field)
{
    struct tsec_span id = { NULL, 0 };

    if (!tsec_asn1_take(&field, ASN1_TAG_SEQUENCE, &id) || field.len != 0
        || !skip(&id, sha384, sizeof(sha384))) {
        return false;
    }
    return id.len == 0 || tsec_span_equal(id, tsec_span(null, sizeof(null)));
}

static bool
is_mgf1_sha384(struct tsec_span field)
{
    struct tsec_span id = { NULL, 0 };

    return tsec_asn1_take(&field, ASN1_TAG_SEQUENCE, &id) && field.len == 0
           && skip(&id, mgf1, sizeof(mgf1)) && is_sha384(id);
}

static bool
is_number(struct tsec_span field, uint8_t number)
{
    struct tsec_span n = { NULL, 0 };

    return tsec_asn1_take_magnitude(&field, &n) && field.len == 0 && n.len == 1
           && n.ptr[0] == number;
}

/* RSASSA-PSS-params (RFC 4055 section 3.1).  The trailer field has one value, which is its default;
 * AMD writes it all the same. */
static bool
is_pss_sha384(struct tsec_span params)
{
    struct tsec_span p = { NULL, 0 };
    struct tsec_span field[4] = { { NULL, 0 } };

    if (!tsec_asn1_take(&params, ASN1_TAG_SEQUENCE, &p) || params.len != 0) {
        return false;
    }
    for (size_t i = 0; i < 3; i++) {
        if (!tsec_asn1_take(&p, (uint8_t)(ASN1_TAG_FIELD + i), &field[i])) {
            return false;
        }
    }
    if (p.len != 0
        && !(tsec_asn1_take(&p, ASN1_TAG_FIELD + 3, &field[3]) && p.len == 0
             && is_number(field[3], 1))) {
        return false;
    }
    return is_sha384(field[0]) && is_mgf1_sha384(field[1]) && is_number(field[2], TSEC_SHA384_LEN);
}

static enum tsec_cert_alg
read_alg(struct tsec_span algorithm)
{
    struct tsec_span contents = { NULL, 0 };

    (void)tsec_asn1_take(&algorithm, ASN1_TAG_SEQUENCE, &contents);
    for (size_t i = 0; i < TSEC_ARRAY_LEN(algorithms); i++) {
        if (tsec_span_equal(contents, algorithms[i].contents)) {
            return algorithms[i].alg;
        }
    }
    return skip(&contents, pss, sizeof(pss)) && is_pss_sha384(contents) ? TSEC_CERT_PSS_SHA384
                                                                        : TSEC_CERT_OTHER;
}

bool
tsec_x509_open(struct tsec_span der, struct tsec_x509_signed *out, struct tsec_span *body)
{
    struct tsec_span whole = { NULL, 0 };

    if (!tsec_asn1_take(&der, ASN1_TAG_SEQUENCE, &whole) || der.len != 0
        || !tsec_asn1_take_whole(&whole, ASN1_TAG_SEQUENCE, &out->tbs)
        || !tsec_asn1_take_whole(&whole, ASN1_TAG_SEQUENCE, &out->algorithm)
        || !tsec_asn1_take_bytes(&whole, &out->signature) || whole.len != 0) {
        return false;
    }
    out->alg = read_alg(out->algorithm);

    struct tsec_span tbs = out->tbs;

    return tsec_asn1_take(&tbs, ASN1_TAG_SEQUENCE, body);
}

bool
tsec_x509_take_algorithm(struct tsec_span *body, const struct tsec_x509_signed *outer)
{
    struct tsec_span inner = { NULL, 0 };

    return tsec_asn1_take_whole(body, ASN1_TAG_SEQUENCE, &inner)
           && tsec_span_equal(inner, outer->algorithm);
}

tsec_rc
tsec_x509_holds(const struct tsec_x509_signed *outer, const struct tsec_pubkey *key,
                struct tsec_err *err)
{
    static const enum tsec_sigalg sigalgs[] = {
        [TSEC_CERT_ECDSA_SHA256] = TSEC_SIG_ES256_DER,
        [TSEC_CERT_ECDSA_SHA384] = TSEC_SIG_ES384_DER,
        [TSEC_CERT_RSA_SHA256] = TSEC_SIG_RS256,
        [TSEC_CERT_RSA_SHA384] = TSEC_SIG_RS384,
        [TSEC_CERT_PSS_SHA384] = TSEC_SIG_PS384,
    };

    if (outer->alg == TSEC_CERT_OTHER) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "signed with an algorithm that is not taken");
    }
    if (key == NULL) {
        return TSEC_FAIL(err, TSEC_E_DENIED, "the issuer's key is of no kind that is taken");
    }
    return tsec_pubkey_verify(key, sigalgs[outer->alg], outer->tbs, outer->signature, err);
}

/* ---- names ---- */

/* UTF8String, PrintableString or IA5String, without control characters. */
static bool
is_text(uint8_t tag, struct tsec_span text)
{
    return (tag == 0x0c || tag == 0x13 || tag == 0x16) && text.len <= X509_CN_MAX
           && tsec_text_plain(text);
}

/* AttributeTypeAndValue: an OID and one value of any type. */
static bool
read_attribute(struct tsec_span attribute, char cn[X509_CN_MAX + 1])
{
    static const uint8_t common_name[] = { 0x55, 0x04, 0x03 };
    struct tsec_span oid = { NULL, 0 };
    struct tsec_span value = { NULL, 0 };

    if (!tsec_asn1_take(&attribute, ASN1_TAG_OID, &oid) || attribute.len == 0) {
        return false;
    }

    const uint8_t tag = attribute.ptr[0];

    if (!tsec_asn1_next(&attribute, &value, NULL) || attribute.len != 0) {
        return false;
    }
    if (tsec_span_equal(oid, tsec_span(common_name, sizeof(common_name))) && is_text(tag, value)) {
        memcpy(cn, value.ptr, value.len);
        cn[value.len] = '\0';
    }
    return true;
}

static bool
read_attributes(struct tsec_span set, char cn[X509_CN_MAX + 1])
{
    struct tsec_span attribute = { NULL, 0 };

    while (set.len > 0) {
        if (!tsec_asn1_take(&set, ASN1_TAG_SEQUENCE, &attribute)
            || !read_attribute(attribute, cn)) {
            return false;
        }
    }
    return true;
}

bool
tsec_x509_read_name(struct tsec_span name, char cn[X509_CN_MAX + 1])
{
    struct tsec_span sets = { NULL, 0 };
    struct tsec_span set = { NULL, 0 };

    cn[0] = '\0';
    if (!tsec_asn1_take(&name, ASN1_TAG_SEQUENCE, &sets)) {
        return false;
    }
    while (sets.len > 0) {
        if (!tsec_asn1_take(&sets, ASN1_TAG_SET, &set) || set.len == 0
            || !read_attributes(set, cn)) {
            return false;
        }
    }
    return true;
}
